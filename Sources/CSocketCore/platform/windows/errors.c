// SPDX-License-Identifier: MIT
//
// The codes of Windows ("Windows Sockets Error Codes", "System Error Codes").
#ifdef _WIN32

#include "platform/windows/windows.h"

static spsi_code code_of(DWORD error) {
    switch (error) {
    case WSAEWOULDBLOCK:
    case WSA_IO_PENDING:
    case WAIT_TIMEOUT:
        return SPSI_AGAIN;
    case WSAECONNREFUSED:
    case ERROR_CONNECTION_REFUSED:
    case ERROR_FILE_NOT_FOUND:
        return SPSI_REFUSED;
    case WSAECONNRESET:
    case WSAECONNABORTED:
    case WSAESHUTDOWN:
    case WSAEDISCON:
    case ERROR_NETNAME_DELETED:
    case ERROR_CONNECTION_ABORTED:
        return SPSI_RESET;
    case WSAENETUNREACH:
    case WSAEHOSTUNREACH:
    case WSAENETDOWN:
    case WSAEHOSTDOWN:
    case ERROR_NETWORK_UNREACHABLE:
    case ERROR_HOST_UNREACHABLE:
        return SPSI_UNREACHABLE;
    case WSAETIMEDOUT:
    case ERROR_SEM_TIMEOUT:
        return SPSI_TIMED_OUT;
    case WSAENETRESET: // recv: keepalive has found a failure
        return SPSI_NO_ANSWER;
    case WSAEADDRINUSE:
        return SPSI_ADDRESS_IN_USE;
    case WSAEADDRNOTAVAIL:
    case WSAEAFNOSUPPORT:
    case WSAEINVAL:
    case WSAEFAULT:
    case WSAENAMETOOLONG:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_DIRECTORY:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
    case ERROR_INVALID_PARAMETER:
    case ERROR_FILENAME_EXCED_RANGE:
    case ERROR_NO_UNICODE_TRANSLATION:
        return SPSI_ADDRESS_INVALID;
    case WSAEACCES:
    case ERROR_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD:
    case ERROR_WRITE_PROTECT:
        return SPSI_DENIED;
    case WSAEMFILE:
    case ERROR_TOO_MANY_OPEN_FILES:
        return SPSI_NO_HANDLES;
    case WSAENOBUFS:
    case ERROR_NOT_ENOUGH_MEMORY: // WSA_NOT_ENOUGH_MEMORY
    case ERROR_OUTOFMEMORY:
    case ERROR_NO_SYSTEM_RESOURCES:
    case ERROR_WORKING_SET_QUOTA:
    case ERROR_NOT_ENOUGH_QUOTA:
        return SPSI_NO_MEMORY;
    case WSAENOPROTOOPT:
    case WSAEOPNOTSUPP:
    case WSAEPROTONOSUPPORT:
    case WSAESOCKTNOSUPPORT:
    case ERROR_NOT_SUPPORTED:
        return SPSI_UNSUPPORTED;
    default:
        return SPSI_FAILED;
    }
}

spsi_result spsi_windows_failure(DWORD error) {
    return (spsi_result){code_of(error), (int32_t)error};
}

spsi_result spsi_windows_result(int returned) {
    return returned == SOCKET_ERROR ? spsi_windows_failure((DWORD)WSAGetLastError())
                                    : spsi_windows_done();
}

#else
typedef int spsi_windows_errors_is_elsewhere; // ISO C wants a declaration in each file
#endif

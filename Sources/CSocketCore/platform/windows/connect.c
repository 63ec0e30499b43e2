// SPDX-License-Identifier: MIT
#ifdef _WIN32

#include "platform/windows/readiness.h"

#include <string.h>
#include <winternl.h>

#include <mstcpip.h>

// Windows 10 1709. An ICMP error ends the connect, as on other systems, in place of the deadline.
#ifndef TCP_FAIL_CONNECT_ON_ICMP_ERROR
#define TCP_FAIL_CONNECT_ON_ICMP_ERROR 18
#endif

static bool is_any(const spsi_address *address) {
    static const uint8_t zeros[16];
    return memcmp(address->ip, zeros, sizeof zeros) == 0;
}

static bool is_loopback(const spsi_address *address) {
    static const uint8_t ipv6[16] = {[15] = 1};
    static const uint8_t mapped[13] = {[10] = 0xff, [11] = 0xff, [12] = 127};
    return address->family == SPSI_FAMILY_IPV4
               ? address->ip[0] == 127
               : memcmp(address->ip, ipv6, sizeof ipv6) == 0 ||
                     memcmp(address->ip, mapped, sizeof mapped) == 0;
}

// Other systems connect to this machine if the address is "any". Windows refuses it.
static spsi_address with_loopback(const spsi_address *address) {
    spsi_address chosen = *address;
    if (address->family == SPSI_FAMILY_IPV4 && is_any(address)) {
        chosen.ip[0] = 127;
        chosen.ip[3] = 1;
    } else if (address->family == SPSI_FAMILY_IPV6 && is_any(address)) {
        chosen.ip[15] = 1;
    }
    return chosen;
}

// After a refusal Windows sends the SYN again, for two seconds. On loopback nothing is lost, so the
// first refusal counts (SIO_TCP_INITIAL_RTO). Both are hints, and may fail.
static void set_up_refusals(SOCKET socket, const spsi_address *address) {
    const DWORD on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_FAIL_CONNECT_ON_ICMP_ERROR, (const char *)&on, sizeof on);
    if (is_loopback(address)) {
        struct {
            USHORT round_trip_ms; // -1: leave it
            UCHAR most_retries;   // -2: none
        } parameters = {(USHORT)-1, (UCHAR)-2};
        DWORD size;
        WSAIoctl(socket, SIO_TCP_INITIAL_RTO, &parameters, sizeof parameters, NULL, 0, &size, NULL,
                 NULL);
    }
}

// WSAEADDRNOTAVAIL: the remote address is of no use, or no local port is free. bind() tells which.
static spsi_result no_address(SOCKET socket, const spsi_address *address) {
    const spsi_address any = {.family = address->family};
    SOCKADDR_STORAGE storage;
    const int size = spsi_windows_from_address(&any, &storage);
    const bool no_port = bind(socket, (const struct sockaddr *)&storage, size) == SOCKET_ERROR &&
                         WSAGetLastError() == WSAEADDRINUSE;
    return (spsi_result){no_port ? SPSI_FAILED : SPSI_UNREACHABLE, WSAEADDRNOTAVAIL};
}

spsi_result spsi_windows_connect(const sps_platform *platform, spsi_handle handle,
                                 const spsi_address *address) {
    (void)platform;
    const SOCKET socket = (SOCKET)handle;
    const bool is_ip = address->family != SPSI_FAMILY_UNIX;
    const spsi_address chosen = with_loopback(address);
    if (is_ip) {
        set_up_refusals(socket, &chosen);
    } else {
        const spsi_result checked = spsi_windows_check_path(address->path);
        if (checked.code != SPSI_DONE) {
            return checked;
        }
    }
    SOCKADDR_STORAGE storage;
    const int size = spsi_windows_from_address(&chosen, &storage);
    if (connect(socket, (const struct sockaddr *)&storage, size) == 0) {
        return spsi_windows_done();
    }
    const int error = WSAGetLastError();
    switch (error) {
    case WSAEISCONN:
        return spsi_windows_done();
    case WSAEWOULDBLOCK:
    case WSAEALREADY:
    case WSAEINPROGRESS:
        return (spsi_result){SPSI_AGAIN, 0};
    case WSAEADDRNOTAVAIL:
        return is_ip ? no_address(socket, address) : spsi_windows_failure((DWORD)error);
    default:
        return spsi_windows_failure((DWORD)error);
    }
}

// Why a connect failed. SO_ERROR says it, at times a moment too late; the driver's own status is
// there with the event.
static spsi_result connect_failure(SOCKET socket, LONG status) {
    int error = 0, size = sizeof error;
    getsockopt(socket, SOL_SOCKET, SO_ERROR, (char *)&error, &size);
    if (error == 0 && status < 0) {
        error = (int)RtlNtStatusToDosError(status);
    }
    const spsi_result result = spsi_windows_failure((DWORD)error);
    return result.code == SPSI_AGAIN ? (spsi_result){SPSI_FAILED, error} : result;
}

spsi_result spsi_windows_connect_result(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    ULONG events;
    LONG status;
    const spsi_result ready =
        spsi_afd_wait((SOCKET)handle, SPSI_AFD_SEND | SPSI_AFD_FAILURES, 0, &events, &status);
    if (ready.code != SPSI_DONE) {
        return ready;
    }
    if ((events & SPSI_AFD_CONNECT_FAIL) || !(events & SPSI_AFD_SEND)) {
        return connect_failure((SOCKET)handle, status);
    }
    return spsi_windows_done();
}

#else
typedef int spsi_windows_connect_is_elsewhere; // ISO C wants a declaration in each file
#endif

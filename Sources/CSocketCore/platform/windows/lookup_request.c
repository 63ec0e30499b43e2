// SPDX-License-Identifier: MIT
#ifdef _WIN32

#include "platform/windows/lookup_request.h"

#include <stdlib.h>
#include <string.h>

#include "platform/windows/wide_text.h"

// Older headers of MinGW-w64 lack them (ws2tcpip.h).
INT WSAAPI GetAddrInfoExCancel(LPHANDLE handle);
INT WSAAPI GetAddrInfoExOverlappedResult(LPOVERLAPPED overlapped);

// ---- Creating

// A name of ASCII that is not too long for any name server (RFC 1035, 2.3.4). Windows would encode
// other names (IDN), which the other systems do not do.
static bool is_askable(const char *name) {
    enum { MOST_BYTES = 255 };
    size_t length = 0;
    while (length <= MOST_BYTES && name[length] != '\0' && (name[length] & 0x80) == 0) {
        length++;
    }
    return length > 0 && length <= MOST_BYTES && name[length] == '\0';
}

// "invalid", and every name under it, is no name (RFC 6761, 6.4): no name server need say so.
static bool is_known_to_be_none(const char *name) {
    static const char none[] = "invalid";
    const size_t size = sizeof none - 1;
    size_t length = strlen(name);
    length -= name[length - 1] == '.';
    return length >= size && _strnicmp(name + length - size, none, size) == 0 &&
           (length == size || name[length - size - 1] == '.');
}

static VOID CALLBACK on_event(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_WAIT wait,
                              TP_WAIT_RESULT result) {
    (void)instance;
    (void)wait;
    (void)result;
    spsi_lookup_request *request = context;
    request->answered(request);
}

// The library or program that this code is a part of.
static HMODULE own_module(void) {
    static const char here;
    HMODULE module = NULL;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                           GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                       (LPCWSTR)(const void *)&here, &module);
    return module;
}

static bool prepare(spsi_lookup_request *request) {
    TP_CALLBACK_ENVIRON environment;
    TpInitializeCallbackEnviron(&environment);
    TpSetCallbackRaceWithDll(&environment, own_module());
    request->overlapped.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (request->overlapped.hEvent != NULL) {
        request->wait = CreateThreadpoolWait(on_event, request, &environment);
    }
    return request->wait != NULL;
}

spsi_lookup_request *spsi_lookup_request_create(spsi_lookup *lookup,
                                                void (*answered)(spsi_lookup_request *request)) {
    if (!is_askable(lookup->name) || is_known_to_be_none(lookup->name)) {
        lookup->result = (spsi_result){SPSI_NAME_UNKNOWN, WSAHOST_NOT_FOUND};
        return NULL;
    }
    const size_t units = strlen(lookup->name) + 1;
    spsi_lookup_request *request = calloc(1, sizeof *request + units * sizeof request->name[0]);
    if (request == NULL) {
        lookup->result = (spsi_result){SPSI_NO_MEMORY, ERROR_NOT_ENOUGH_MEMORY};
        return NULL;
    }
    request->lookup = lookup;
    request->left = lookup->families;
    request->answered = answered;
    spsi_wide_from_utf8(lookup->name, request->name, units); // ASCII always fits
    if (!prepare(request)) {
        lookup->result = spsi_windows_failure(GetLastError());
        spsi_lookup_request_destroy(request);
        return NULL;
    }
    return request;
}

static void free_answer(spsi_lookup_request *request) {
    if (request->answer != NULL) {
        FreeAddrInfoExW(request->answer);
        request->answer = NULL;
    }
}

void spsi_lookup_request_destroy(spsi_lookup_request *request) {
    if (request == NULL) {
        return;
    }
    free_answer(request);
    if (request->wait != NULL) {
        CloseThreadpoolWait(request->wait); // at the end of on_event(), if that runs
    }
    if (request->overlapped.hEvent != NULL) {
        CloseHandle(request->overlapped.hEvent);
    }
    free(request);
}

// ---- Asking

static int family_of(unsigned families) {
    switch (families) {
    case SPSI_IPV4:
        return AF_INET;
    case SPSI_IPV6:
        return AF_INET6;
    default:
        return AF_UNSPEC;
    }
}

bool spsi_lookup_request_ask(spsi_lookup_request *request, unsigned families) {
    HANDLE event = request->overlapped.hEvent;
    ADDRINFOEXW hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = family_of(families);
    hints.ai_socktype = SOCK_STREAM; // else each address comes once for each kind of socket
    free_answer(request);
    memset(&request->overlapped, 0, sizeof request->overlapped);
    request->overlapped.hEvent = event;
    request->families = families;
    request->left &= ~families;
    request->cancel = NULL;
    ResetEvent(event);
    request->code = GetAddrInfoExW(request->name, NULL, NS_ALL, NULL, &hints, &request->answer,
                                   NULL, &request->overlapped, NULL, &request->cancel);
    if (request->code == WSA_IO_PENDING) {
        SetThreadpoolWait(request->wait, event, NULL);
    }
    return request->code == WSA_IO_PENDING;
}

void spsi_lookup_request_cancel(spsi_lookup_request *request) {
    const bool has_ended = WaitForSingleObject(request->overlapped.hEvent, 0) == WAIT_OBJECT_0;
    if (request->cancel != NULL && !has_ended) {
        GetAddrInfoExCancel(&request->cancel);
    }
}

// ---- The answer

// Few codes prove that the name has no address; after the others it may have one.
static spsi_result failure_of(int code) {
    const spsi_result result = spsi_windows_failure((DWORD)code);
    if (result.code == SPSI_NO_MEMORY || result.code == SPSI_NO_HANDLES) {
        return result;
    }
    const bool is_proof = code == WSAHOST_NOT_FOUND || code == WSANO_DATA;
    return (spsi_result){is_proof ? SPSI_NAME_UNKNOWN : SPSI_NAME_UNANSWERED, code};
}

static bool read_row(const ADDRINFOEXW *row, spsi_address *out) {
    SOCKADDR_STORAGE storage;
    if ((row->ai_family != AF_INET && row->ai_family != AF_INET6) ||
        row->ai_addrlen > sizeof storage) {
        return false;
    }
    memset(&storage, 0, sizeof storage);
    memcpy(&storage, row->ai_addr, row->ai_addrlen);
    spsi_windows_to_address(&storage, (int)row->ai_addrlen, out);
    return true;
}

static const ADDRINFOEXW *next_row(const ADDRINFOEXW *row) {
    return (const void *)row->ai_next; // older headers of MinGW-w64 misspell its type
}

// Copies in the order of the list. Leaves out the end of either family, never all of one (RFC 8305,
// section 4).
static size_t copy_addresses(const ADDRINFOEXW *list, spsi_address *out) {
    size_t counts[2] = {0, 0}, left[2], count = 0;
    spsi_address address;
    for (const ADDRINFOEXW *row = list; row != NULL; row = next_row(row)) {
        counts[row->ai_family == AF_INET6] += read_row(row, &address);
    }
    left[0] = spsi_lookup_share(counts[0], counts[1]);
    left[1] = spsi_lookup_share(counts[1], counts[0]);
    for (const ADDRINFOEXW *row = list; row != NULL; row = next_row(row)) {
        size_t *own = &left[row->ai_family == AF_INET6];
        if (*own > 0 && read_row(row, &address)) {
            out[count++] = address;
            (*own)--;
        }
    }
    return count;
}

int spsi_lookup_request_read(spsi_lookup_request *request) {
    spsi_lookup *lookup = request->lookup;
    int code = request->code;
    if (code == WSA_IO_PENDING) {
        code = GetAddrInfoExOverlappedResult(&request->overlapped);
    }
    lookup->count = code == NO_ERROR ? copy_addresses(request->answer, lookup->addresses) : 0;
    if (code == NO_ERROR && lookup->count == 0) {
        code = WSANO_DATA;
    }
    lookup->result = lookup->count > 0 ? spsi_windows_done() : failure_of(code);
    return code;
}

#else
typedef int spsi_windows_lookup_request_is_elsewhere; // ISO C wants a declaration in each file
#endif

// SPDX-License-Identifier: MIT
//
// A request to the OS for the addresses of a name. GetAddrInfoExW() runs on its own and signals an
// event. A thread of the OS's pool waits for the event, and then calls a function of lookup.c. The
// pool keeps the library loaded meanwhile (SetThreadpoolCallbackLibrary()), which no other way of
// GetAddrInfoExW() to report its end does.
#ifndef SPSI_PLATFORM_WINDOWS_LOOKUP_REQUEST_H
#define SPSI_PLATFORM_WINDOWS_LOOKUP_REQUEST_H

#include "platform/windows/windows.h"

#include "platform/lookup_queue.h"

typedef struct spsi_lookup_request {
    struct spsi_lookup_request *next; // in the list of lookup.c
    spsi_lookup *lookup;
    unsigned families; // that it asks for
    unsigned left;     // that it has not asked for yet
    void (*answered)(struct spsi_lookup_request *request);
    PTP_WAIT wait;
    OVERLAPPED overlapped; // with the event
    HANDLE cancel;         // for GetAddrInfoExCancel(), or NULL
    int code;              // WSA_IO_PENDING, or that of a request that has ended at once
    PADDRINFOEXW answer;
    WCHAR name[]; // NUL-terminated
} spsi_lookup_request;

// A request that asks for nothing yet. NULL: the look-up's result says why.
spsi_lookup_request *spsi_lookup_request_create(spsi_lookup *lookup,
                                                void (*answered)(spsi_lookup_request *request));

// Asks for the addresses of these families. True: answered() will be called, without a lock. False:
// it has ended at once.
bool spsi_lookup_request_ask(spsi_lookup_request *request, unsigned families);

// Lets it end now, with WSA_E_CANCELLED, if the OS can and it has not ended already.
void spsi_lookup_request_cancel(spsi_lookup_request *request);

// After its end: writes the addresses or the failure into the look-up. Returns the OS's code.
int spsi_lookup_request_read(spsi_lookup_request *request);

// Frees a request that has ended; answered() may do it. NULL is allowed.
void spsi_lookup_request_destroy(spsi_lookup_request *request);

#endif

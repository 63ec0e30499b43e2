// SPDX-License-Identifier: MIT
//
// Signals: tests connect functions of their own.
#ifndef HOST_SIGNALS_H
#define HOST_SIGNALS_H

#include "host/objects.h"

// Receives the Variants of a signal.
typedef void (*host_receiver)(void *context, const void *const *arguments, size_t count);

typedef struct host_connection {
    struct host_connection *next;
    char signal[64];
    host_receiver receiver;
    void *context;
} host_connection;

void host_connect(host_object *object, const char *signal, host_receiver receiver, void *context);
void host_disconnect_all(host_object *object);

// Sends a signal to what is connected. Its arguments must be those that the class registered.
void host_emit(host_object *object, const char *signal, const void *const *arguments, size_t count);

#endif

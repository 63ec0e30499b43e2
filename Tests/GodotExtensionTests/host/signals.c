// SPDX-License-Identifier: MIT
#include "host/signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/calls.h"
#include "host/classes.h"
#include "host/report.h"

void host_connect(host_object *object, const char *signal, host_receiver receiver, void *context) {
    if (host_find_signal(object->class, signal) == NULL) {
        host_fail("a %s has no signal \"%s\"", object->class->name, signal);
    }
    host_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        abort();
    }
    snprintf(connection->signal, sizeof connection->signal, "%s", signal);
    connection->receiver = receiver;
    connection->context = context;
    connection->next = object->connections;
    object->connections = connection;
}

void host_disconnect_all(host_object *object) {
    while (object->connections != NULL) {
        host_connection *connection = object->connections;
        object->connections = connection->next;
        free(connection);
    }
}

static void check_arguments(const host_signal *signal, const void *const *arguments, size_t count) {
    if (count != signal->argument_count) {
        host_fail("the signal \"%s\" has %zu arguments, not %zu", signal->name,
                  signal->argument_count, count);
    }
    for (size_t i = 0; i < count; i++) {
        host_check_value(signal->name, &signal->arguments[i], arguments[i]);
    }
}

// A receiver may disconnect all, so Godot copies the list first; and it holds the object.
void host_emit(host_object *object, const char *name, const void *const *arguments, size_t count) {
    enum { MOST = 16 };
    host_connection list[MOST];
    size_t found = 0;
    const host_signal *signal = host_find_signal(object->class, name);
    if (signal == NULL) {
        host_fail("a %s has no signal \"%s\"", object->class->name, name);
    }
    check_arguments(signal, arguments, count);
    for (host_connection *each = object->connections; each != NULL; each = each->next) {
        if (strcmp(each->signal, name) == 0 && found < MOST) {
            list[found++] = *each;
        }
    }
    const bool is_counted = host_inherits(object->native, "RefCounted");
    if (is_counted) {
        object->references++;
    }
    for (size_t i = 0; i < found; i++) {
        list[i].receiver(list[i].context, arguments, count);
    }
    if (is_counted) {
        host_unreference(object);
    }
}

// SPDX-License-Identifier: MIT
#include "host/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void (*host_failed)(const char *message);

static _Thread_local const char *the_function = "the host";
static _Thread_local int depth; // of calls into the extension

_Noreturn void host_fail(const char *format, ...) {
    static _Thread_local char text[1024];
    const int length = snprintf(text, sizeof text, "%s: ", the_function);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, sizeof text - (size_t)length, format, arguments);
    va_end(arguments);
    if (host_failed != NULL) {
        host_failed(text);
    }
    fprintf(stderr, "%s\n", text);
    abort();
}

void host_enter(const char *function) {
    the_function = function + (strncmp(function, "host_", 5) == 0 ? 5 : 0);
    if (depth == 0) {
        host_fail("called from a thread that Godot did not call, or before it did");
    }
}

const char *host_function(void) {
    return the_function;
}

void host_begin_call(void) {
    depth++;
}

void host_end_call(void) {
    depth--;
    the_function = "the host";
}

// ---- Messages

enum { MOST_MESSAGES = 256 };

static char *messages[MOST_MESSAGES];
static size_t message_count;

void host_print(const char *description, const char *message) {
    if (description == NULL || message == NULL) {
        host_fail("a text is NULL");
    }
    const size_t size = strlen(description) + strlen(message) + 3;
    char *text = malloc(size);
    if (text == NULL || message_count == MOST_MESSAGES) {
        host_fail("more than %d messages: %s", MOST_MESSAGES, description);
    }
    snprintf(text, size, "%s: %s", description, message);
    messages[message_count++] = text;
}

static void remove_message(size_t nth) {
    free(messages[nth]);
    message_count--;
    memmove(messages + nth, messages + nth + 1, (message_count - nth) * sizeof messages[0]);
}

bool host_take_message(const char *part) {
    for (size_t i = 0; i < message_count; i++) {
        if (strstr(messages[i], part) != NULL) {
            remove_message(i);
            return true;
        }
    }
    return false;
}

size_t host_count_messages(void) {
    return message_count;
}

const char *host_message(size_t nth) {
    return messages[nth];
}

void host_forget_messages(void) {
    while (message_count > 0) {
        remove_message(message_count - 1);
    }
}

// SPDX-License-Identifier: MIT
//
// Reports of the stand-in for Godot. A broken rule ends the test at once. The host keeps the errors
// that the extension prints, and the test takes them.
#ifndef HOST_REPORT_H
#define HOST_REPORT_H

#include <stdbool.h>
#include <stddef.h>

// Receives each broken rule, and must not return. NULL: the message is printed, and the process
// aborts.
extern void (*host_failed)(const char *message);

// Reports a broken rule. It names the function of the interface that runs.
_Noreturn void host_fail(const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 1, 2)))
#endif
    ;

// Each function of the interface begins with this. Only a thread that Godot called may call it.
void host_enter(const char *function);
#define ENTER() host_enter(__func__)

// The function of the interface that runs on this thread, or ran last.
const char *host_function(void);

// Every call of the extension stands between these two. Calls may be nested.
void host_begin_call(void);
void host_end_call(void);

// ---- Messages

// Keeps a message that was printed, by Godot or by the extension.
void host_print(const char *description, const char *message);

// Removes the first message that contains this text. False: there is none.
bool host_take_message(const char *part);

size_t host_count_messages(void);
const char *host_message(size_t nth);
void host_forget_messages(void);

#endif

// SPDX-License-Identifier: MIT
//
// The part of kqueue(2) that the library uses, for tests on an OS without it. The numbers are those
// of macOS and FreeBSD. EV_OOBAND is macOS's alone. scripted_kqueue.c defines the two functions.
#ifndef SCRIPTED_SYS_EVENT_H
#define SCRIPTED_SYS_EVENT_H

#include <stdint.h>
#include <time.h>

#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)

#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_CLEAR 0x0020
#define EV_OOBAND 0x2000
#define EV_ERROR 0x4000
#define EV_EOF 0x8000

#define NOTE_LOWAT 0x0001

struct kevent {
    uintptr_t ident;
    short filter;
    unsigned short flags;
    unsigned fflags;
    intptr_t data;
    void *udata;
};

#define EV_SET(event, a, b, c, d, e, f) (*(event) = (struct kevent){a, b, c, d, e, f})

int kqueue(void);
int kevent(int fd, const struct kevent *changes, int change_count, struct kevent *events,
           int event_count, const struct timespec *timeout);

#endif

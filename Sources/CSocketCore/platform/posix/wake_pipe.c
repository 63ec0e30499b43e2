// SPDX-License-Identifier: MIT
#ifndef _WIN32

#include "platform/posix/unix.h"

#include <errno.h>
#include <unistd.h>

spsi_result spsi_wake_pipe_open(spsi_wake_pipe *out_pipe) {
    int fds[2];
    if (pipe(fds) == -1) {
        return spsi_posix_failure(errno);
    }
    *out_pipe = (spsi_wake_pipe){fds[0], fds[1]};
    if (!spsi_posix_set_flags(fds[0]) || !spsi_posix_set_flags(fds[1])) {
        const spsi_result result = spsi_posix_failure(errno);
        spsi_wake_pipe_close(out_pipe);
        return result;
    }
    return spsi_posix_done();
}

void spsi_wake_pipe_close(const spsi_wake_pipe *pipe) {
    close(pipe->read_fd);
    close(pipe->write_fd);
}

// A pipe that is full (EAGAIN) wakes already.
void spsi_wake_pipe_wake(const spsi_wake_pipe *pipe, spsi_waker waker) {
    const int saved = errno;
    const char byte = (char)waker;
    while (write(pipe->write_fd, &byte, 1) == -1 && errno == EINTR) {
    }
    errno = saved;
}

bool spsi_wake_pipe_drain(const spsi_wake_pipe *pipe) {
    bool by_caller = false;
    for (;;) {
        char bytes[64];
        const ssize_t count = read(pipe->read_fd, bytes, sizeof bytes);
        if (count == -1 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return by_caller;
        }
        for (ssize_t i = 0; i < count; i++) {
            by_caller = by_caller || bytes[i] == SPSI_WAKER_CALLER;
        }
    }
}

#else
typedef int spsi_posix_wake_pipe_is_elsewhere; // ISO C wants a declaration in each file
#endif

// SPDX-License-Identifier: MIT
//
// echo_libuv [PORT]: the poller in libuv's loop. A prepare handle runs before each wait, and sets
// the timer.
#include <stdlib.h>

#include <uv.h>

#include "echo.h"

typedef struct embedded {
    echo server;
    uv_poll_t descriptor;
    uv_timer_t timer;
    uv_prepare_t before_wait;
} embedded;

// The loop ends when all its handles are closed.
static void turn(embedded *in) {
    if (!echo_turn(&in->server)) {
        uv_close((uv_handle_t *)&in->descriptor, NULL);
        uv_close((uv_handle_t *)&in->timer, NULL);
        uv_close((uv_handle_t *)&in->before_wait, NULL);
    }
}

static void on_readable(uv_poll_t *handle, int status, int events) {
    (void)status;
    (void)events;
    turn(handle->data);
}

static void on_time(uv_timer_t *handle) {
    turn(handle->data);
}

static void before_wait(uv_prepare_t *handle) {
    embedded *in = handle->data;
    const int timeout_ms = echo_timeout_ms(&in->server);
    if (timeout_ms < 0) {
        uv_timer_stop(&in->timer);
    } else {
        uv_timer_start(&in->timer, on_time, (uint64_t)timeout_ms, 0);
    }
}

int main(int argc, char **argv) {
    static embedded in;
    if (!echo_open(&in.server, argc > 1 ? atoi(argv[1]) : 7777)) {
        return EXIT_FAILURE;
    }
    uv_loop_t *loop = uv_default_loop();
    uv_poll_init(loop, &in.descriptor, echo_descriptor(&in.server));
    uv_timer_init(loop, &in.timer);
    uv_prepare_init(loop, &in.before_wait);
    in.descriptor.data = in.timer.data = in.before_wait.data = &in;
    uv_poll_start(&in.descriptor, UV_READABLE, on_readable);
    uv_prepare_start(&in.before_wait, before_wait);
    uv_run(loop, UV_RUN_DEFAULT);
    uv_loop_close(loop);
    echo_close(&in.server);
    return EXIT_SUCCESS;
}

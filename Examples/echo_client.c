// SPDX-License-Identifier: MIT
//
// echo_client HOST PORT TEXT: sends TEXT and a newline to an echo server, reads the same bytes back
// and prints them. It runs like a game. Every frame it polls, writes and reads the bytes that can
// move, and never waits inside a call.
#define _POSIX_C_SOURCE 199309L // nanosleep, where -std=c99 hides it
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <streampeersocket/streampeersocket.h>

enum {
    FRAME_NS = 1000000000 / 60,
    PATIENCE_FRAMES = 10 * 60, // that the server may be silent
};

typedef struct exchange {
    sps_stream *peer;
    char *text; // the text to send
    char *echo; // the received part of it
    size_t size;
    size_t sent;
    size_t received;
} exchange;

static int fail(const char *what, sps_error error) {
    fprintf(stderr, "echo_client: %s: %s\n", what, sps_error_message(error));
    return EXIT_FAILURE;
}

// Sleeps for the rest of the frame. A game would play here.
static void sleep_a_frame(void) {
    const struct timespec frame = {0, FRAME_NS};
    nanosleep(&frame, NULL);
}

// Polls until the connection is established. The library gives up after 30 seconds, or after the
// time of sps_socket_set_connect_timeout().
static sps_error finish_connecting(sps_stream *peer) {
    for (;;) {
        sps_status status;
        sps_error error = sps_socket_poll(peer);
        if (error == SPS_OK) {
            error = sps_socket_get_status(peer, &status);
        }
        if (error != SPS_OK || status == SPS_STATUS_CONNECTED) {
            return error;
        }
        sleep_a_frame();
    }
}

// Runs one frame. The partial calls move the bytes that can move, and return OK with 0 if there are
// none.
static sps_error run_frame(exchange *e) {
    sps_status status;
    sps_error error = sps_socket_poll(e->peer);
    if (error != SPS_OK) {
        return error;
    }
    sps_socket_get_status(e->peer, &status);
    if (status == SPS_STATUS_NONE) {
        return SPS_ERR_FILE_EOF; // the server has finished, and every byte was read
    }
    size_t count;
    if (e->sent < e->size) {
        error = sps_stream_put_partial_data(e->peer, e->text + e->sent, e->size - e->sent, &count);
        e->sent += count;
    }
    if (error != SPS_OK) {
        return error;
    }
    error =
        sps_stream_get_partial_data(e->peer, e->echo + e->received, e->size - e->received, &count);
    e->received += count;
    return error;
}

static sps_error run(exchange *e) {
    int silent_frames = 0;
    while (e->received < e->size) {
        const size_t before = e->sent + e->received;
        const sps_error error = run_frame(e);
        if (error != SPS_OK) {
            return error;
        }
        if (e->sent + e->received > before) {
            silent_frames = 0; // go on at once: there may be more
        } else if (++silent_frames == PATIENCE_FRAMES) {
            return SPS_ERR_TIMEOUT;
        } else {
            sleep_a_frame();
        }
    }
    return memcmp(e->text, e->echo, e->size) == 0 ? SPS_OK : SPS_ERR_INVALID_DATA;
}

static int talk(exchange *e, const char *host, int32_t port) {
    sps_error error = sps_tcp_connect(e->peer, host, port);
    if (error == SPS_OK) {
        error = finish_connecting(e->peer);
    }
    if (error != SPS_OK) {
        return fail("cannot connect", error);
    }
    error = run(e);
    if (error != SPS_OK) {
        return fail("no echo", error);
    }
    const size_t printed = fwrite(e->echo, 1, e->size, stdout);
    return printed == e->size && fflush(stdout) == 0 ? EXIT_SUCCESS
                                                     : fail("cannot print", SPS_FAILED);
}

int main(int argc, char **argv) {
    char *end = NULL;
    const long port = argc == 4 ? strtol(argv[2], &end, 10) : 0;
    if (argc != 4 || *end != '\0' || port < 1 || port > 65535) {
        fprintf(stderr, "usage: echo_client HOST PORT TEXT\n");
        return 2;
    }
    exchange e = {0};
    e.size = strlen(argv[3]) + 1;
    e.text = malloc(e.size);
    e.echo = malloc(e.size);
    int result;
    if (e.text == NULL || e.echo == NULL || sps_tcp_create(NULL, &e.peer) != SPS_OK) {
        result = fail("cannot start", SPS_ERR_OUT_OF_MEMORY);
    } else {
        memcpy(e.text, argv[3], e.size - 1);
        e.text[e.size - 1] = '\n';
        result = talk(&e, argv[1], (int32_t)port);
    }
    sps_stream_destroy(e.peer); // NULL is allowed
    free(e.text);
    free(e.echo);
    return result;
}

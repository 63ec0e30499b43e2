// SPDX-License-Identifier: MIT
//
// echo_glib [PORT]: the poller in GLib's main loop, as in a program with GTK. A source of its own
// asks for the time before each wait.
#include <stdlib.h>

#include <glib-unix.h>

#include "echo.h"

typedef struct echo_source {
    GSource source; // first: GLib casts
    echo *server;
    gpointer tag; // of the descriptor
    GMainLoop *loop;
} echo_source;

// Before a wait: how long it may last.
static gboolean prepare(GSource *source, gint *timeout_ms) {
    *timeout_ms = echo_timeout_ms(((echo_source *)source)->server);
    return *timeout_ms == 0;
}

// After it: whether there is something to do.
static gboolean check(GSource *source) {
    const echo_source *of = (echo_source *)source;
    return g_source_query_unix_fd(source, of->tag) != 0 || echo_timeout_ms(of->server) == 0;
}

static gboolean dispatch(GSource *source, GSourceFunc callback, gpointer user_data) {
    (void)callback;
    (void)user_data;
    const echo_source *of = (echo_source *)source;
    if (echo_turn(of->server)) {
        return G_SOURCE_CONTINUE;
    }
    g_main_loop_quit(of->loop);
    return G_SOURCE_REMOVE;
}

int main(int argc, char **argv) {
    static GSourceFuncs functions = {.prepare = prepare, .check = check, .dispatch = dispatch};
    echo server;
    if (!echo_open(&server, argc > 1 ? atoi(argv[1]) : 7777)) {
        return EXIT_FAILURE;
    }
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    GSource *source = g_source_new(&functions, sizeof(echo_source));
    echo_source *of = (echo_source *)source;
    of->server = &server;
    of->tag = g_source_add_unix_fd(source, echo_descriptor(&server), G_IO_IN);
    of->loop = loop;
    g_source_attach(source, NULL);
    g_main_loop_run(loop);
    g_source_unref(source);
    g_main_loop_unref(loop);
    echo_close(&server);
    return EXIT_SUCCESS;
}

// SPDX-License-Identifier: MIT
#include "support/links.h"

#include <string.h>

// ---- Making

tls_link make_link(base_kind kind) {
    tls_link link = {.kind = kind};
    if (kind == OVER_TCP || kind == OVER_UDS) {
        link.sockets = connect_pair(kind == OVER_TCP ? TCP : UDS);
        link.client_base = link.sockets.client;
        link.server_base = link.sockets.peer;
    } else {
        link.pipe = make_pipe();
        set_piece(link.pipe, kind == OVER_BYTES ? 1 : SIZE_MAX);
        link.client_base = link.pipe->streams[0];
        link.server_base = link.pipe->streams[1];
    }
    OK(sps_tls_create(NULL, &link.client));
    OK(sps_tls_create(NULL, &link.server));
    return link;
}

void drop_link(tls_link *link) {
    sps_stream_destroy(link->client);
    sps_stream_destroy(link->server);
    if (link->pipe != NULL) {
        drop_pipe(link->pipe);
    } else {
        close_pair(&link->sockets);
    }
}

sps_tls_options *client_options(const sps_tls_settings *settings) {
    sps_tls_options *options;
    OK(sps_tls_options_create_client(authority.certificate, NULL, settings, &options));
    return options;
}

sps_tls_options *server_options(const sps_tls_settings *settings) {
    sps_tls_options *options;
    OK(sps_tls_options_create_server(game.key, game.certificate, settings, &options));
    return options;
}

void begin_link(tls_link *link, sps_tls_options *client, const char *name,
                sps_tls_options *server) {
    OK(sps_tls_connect_to_stream(link->client, link->client_base, name, client));
    // A server that has read the first message may have failed already.
    const sps_error accepted = sps_tls_accept_stream(link->server, link->server_base, server);
    ck_assert(accepted == SPS_OK || accepted == SPS_ERR_CONNECTION_ERROR);
}

void drive(tls_link *link) {
    sps_tls_poll(link->client);
    sps_tls_poll(link->server);
    if (link->pipe == NULL) {
        pause_briefly();
    }
}

void finish_handshakes(tls_link *link) {
    DRIVE_UNTIL(link, tls_status(link->client) != SPS_TLS_STATUS_HANDSHAKING &&
                          tls_status(link->server) != SPS_TLS_STATUS_HANDSHAKING);
}

tls_link connect_link(base_kind kind, const sps_tls_settings *client,
                      const sps_tls_settings *server) {
    tls_link link = make_link(kind);
    sps_tls_options *of_client = client_options(client), *of_server = server_options(server);
    begin_link(&link, of_client, "game.test", of_server);
    sps_tls_options_destroy(of_client); // the streams keep them
    sps_tls_options_destroy(of_server);
    finish_handshakes(&link);
    const char *message;
    OK(sps_tls_get_message(link.client, &message));
    ck_assert_msg(tls_status(link.client) == SPS_TLS_STATUS_CONNECTED, "%s", message);
    OK(sps_tls_get_message(link.server, &message));
    ck_assert_msg(tls_status(link.server) == SPS_TLS_STATUS_CONNECTED, "%s", message);
    return link;
}

// ---- Asking

sps_tls_status tls_status(const sps_stream *tls) {
    sps_tls_status status = -1;
    OK(sps_tls_get_status(tls, &status));
    return status;
}

sps_tls_info tls_info(const sps_stream *tls) {
    sps_tls_info info = {.struct_size = sizeof info};
    OK(sps_tls_get_info(tls, &info));
    return info;
}

void expect_failure(const sps_stream *tls, sps_tls_failure failure, const char *first,
                    const char *second) {
    sps_tls_failure found;
    const char *message;
    OK(sps_tls_get_failure(tls, &found));
    OK(sps_tls_get_message(tls, &message));
    ck_assert_msg(found == failure, "%s: %s, not %s", sps_tls_failure_name(found), message,
                  sps_tls_failure_name(failure));
    ck_assert_msg(strlen(message) > 10 && message[strlen(message) - 1] == '.', "is no sentence: %s",
                  message);
    ck_assert_msg(first == NULL || strstr(message, first) != NULL, "without \"%s\": %s", first,
                  message);
    ck_assert_msg(second == NULL || strstr(message, second) != NULL, "without \"%s\": %s", second,
                  message);
}

void expect_client_failure(sps_tls_options *client, const char *name, sps_tls_options *server,
                           sps_tls_failure failure, const char *first, const char *second) {
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, client, name, server);
    finish_handshakes(&link);
    const bool is_name = failure == SPS_TLS_FAILURE_WRONG_NAME;
    ck_assert_int_eq(tls_status(link.client),
                     is_name ? SPS_TLS_STATUS_ERROR_HOSTNAME_MISMATCH : SPS_TLS_STATUS_ERROR);
    expect_failure(link.client, failure, first, second);
    drop_link(&link);
}

void expect_delivery(tls_link *link, sps_stream *from, sps_stream *to, const char *text) {
    const size_t size = strlen(text);
    size_t sent = 0;
    while (sent < size) {
        size_t count;
        OK(sps_stream_put_partial_data(from, text + sent, size - sent, &count));
        sent += count;
        drive(link);
    }
    char got[256];
    size_t received = 0;
    while (received < size) {
        size_t count;
        OK(sps_stream_get_partial_data(to, got + received, size - received, &count));
        received += count;
        drive(link);
    }
    ck_assert_mem_eq(got, text, size);
}

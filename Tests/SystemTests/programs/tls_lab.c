// SPDX-License-Identifier: MIT
//
// tls_lab serve CERTIFICATE KEY [CLIENTS_CA]: an echo server on a free port of 127.0.0.1. It prints
// the port, and a line for the end of each connection.
//
// tls_lab connect PORT NAME CA VERSION [CERTIFICATE KEY]: sends stdin to a server, finishes, and
// prints what comes back. VERSION is 0, 2 or 3: TLS 1.2 or 1.3 only, or any. Its last line on
// stderr says what was negotiated and how it ended. With CONNECTIONS in the environment it connects
// so often, one after the other.
#include <string.h>

#include <streampeersocket/tls.h>

#include "lab.h"

static const char *message_of(const sps_stream *tls) {
    const char *message;
    EXPECT_OK(sps_tls_get_message(tls, &message));
    return message;
}

static sps_tls_status tls_status_of(const sps_stream *tls) {
    sps_tls_status status;
    EXPECT_OK(sps_tls_get_status(tls, &status));
    return status;
}

static sps_x509_certificate *load_certificate(const char *path) {
    sps_x509_certificate *certificate;
    EXPECT_OK(sps_x509_certificate_create(&certificate));
    EXPECT_OK(sps_x509_certificate_load(certificate, path));
    return certificate;
}

static sps_crypto_key *load_key(const char *path) {
    sps_crypto_key *key;
    EXPECT_OK(sps_crypto_key_create(&key));
    EXPECT_OK(sps_crypto_key_load(key, path, false));
    return key;
}

// ---- The server

typedef struct peer {
    sps_stream *tcp, *tls;
    uint8_t bytes[65536];
    size_t held; // of the bytes, which the stream has refused
} peer;

// Sends back what has come, until the stream takes no more.
static void echo(peer *peer) {
    for (;;) {
        if (peer->held == 0) {
            sps_stream_get_partial_data(peer->tls, peer->bytes, sizeof peer->bytes, &peer->held);
        }
        if (peer->held == 0) {
            return;
        }
        size_t sent = 0;
        sps_stream_put_partial_data(peer->tls, peer->bytes, peer->held, &sent);
        memmove(peer->bytes, peer->bytes + sent, peer->held - sent);
        peer->held -= sent;
        if (sent == 0) {
            return;
        }
    }
}

static void accept_peers(sps_poller *poller, sps_server *server, sps_tls_options *options) {
    sps_stream *tcp;
    while (sps_server_take_connection(server, &tcp) == SPS_OK) {
        peer *made = calloc(1, sizeof *made);
        EXPECT(made != NULL, "no memory");
        made->tcp = tcp;
        EXPECT_OK(sps_tls_create(NULL, &made->tls));
        EXPECT_OK(sps_poller_add(poller, made->tls, made));
        sps_tls_accept_stream(made->tls, tcp, options); // a failure is an event
    }
}

static void end_peer(peer *peer) {
    const bool is_orderly = tls_status_of(peer->tls) == SPS_TLS_STATUS_DISCONNECTED;
    printf("%s %s\n", is_orderly ? "finished" : "failed:", message_of(peer->tls));
    fflush(stdout);
    sps_stream_destroy(peer->tls);
    sps_stream_destroy(peer->tcp);
    free(peer);
}

static int serve(int count, char **values) {
    const sps_tls_settings settings = {
        .struct_size = sizeof settings,
        .client_certificates = count > 2 ? SPS_TLS_CLIENT_CERTIFICATE_REQUIRED : 0,
        .client_trusted_chain = count > 2 ? load_certificate(values[2]) : NULL,
    };
    sps_tls_options *options;
    EXPECT_OK(sps_tls_options_create_server(load_key(values[1]), load_certificate(values[0]),
                                            &settings, &options));
    sps_poller *poller;
    sps_server *server;
    int32_t port;
    EXPECT_OK(sps_poller_create(NULL, &poller));
    EXPECT_OK(sps_tcp_server_create(NULL, &server));
    EXPECT_OK(sps_tcp_server_listen(server, 0, "127.0.0.1"));
    EXPECT_OK(sps_tcp_server_get_local_port(server, &port));
    EXPECT_OK(sps_poller_add_server(poller, server, NULL));
    printf("%d\n", (int)port);
    fflush(stdout);
    for (;;) {
        EXPECT_OK(sps_poller_wait(poller, -1, NULL));
        sps_event event = {.struct_size = sizeof event};
        while (sps_poller_next_event(poller, &event) == SPS_OK) {
            if (event.server != NULL) {
                accept_peers(poller, server, options);
                continue;
            }
            echo(event.user_data);
            if ((event.kinds & SPS_EVENT_CLOSED) != 0) {
                end_peer(event.user_data);
            }
        }
    }
}

// ---- The client

static uint8_t *read_input(size_t *out_size) {
    uint8_t *input = malloc(16 * 1024 * 1024);
    EXPECT(input != NULL, "no memory");
    *out_size = fread(input, 1, 16 * 1024 * 1024, stdin);
    return input;
}

static bool is_open(const sps_stream *tls) {
    const sps_tls_status status = tls_status_of(tls);
    return status == SPS_TLS_STATUS_HANDSHAKING || status == SPS_TLS_STATUS_CONNECTED;
}

// Sends the input and prints the answer until the server finishes.
static void talk(sps_stream *tls, sps_poller *poller, const uint8_t *input, size_t size,
                 sps_tls_info *out_info) {
    const uint64_t end = now_us() + PATIENCE_US;
    size_t sent = 0, received = 0;
    bool has_finished = false;
    static uint8_t bytes[65536];
    while (is_open(tls)) {
        EXPECT(now_us() < end, "%zu bytes sent, %zu received", sent, received);
        EXPECT_OK(sps_poller_wait(poller, 100, NULL));
        sps_event event = {.struct_size = sizeof event};
        while (sps_poller_next_event(poller, &event) == SPS_OK) {
        }
        if (tls_status_of(tls) != SPS_TLS_STATUS_CONNECTED) {
            continue;
        }
        sps_tls_get_info(tls, out_info);
        size_t count = 0;
        sps_stream_put_partial_data(tls, input + sent, size - sent, &count);
        sent += count;
        do {
            sps_stream_get_partial_data(tls, bytes, sizeof bytes, &count);
            fwrite(bytes, 1, count, stdout);
            received += count;
        } while (count > 0);
        if (received >= size && !has_finished) { // with TLS 1.2 the end goes for both directions
            has_finished = sps_tls_shutdown_write(tls) == SPS_OK;
        }
    }
}

static bool connect_once(int32_t port, const char *name, sps_tls_options *options,
                         const uint8_t *input, size_t size) {
    sps_poller *poller;
    sps_stream *tcp, *tls;
    EXPECT_OK(sps_poller_create(NULL, &poller));
    EXPECT_OK(sps_tcp_create(NULL, &tcp));
    EXPECT_OK(sps_tls_create(NULL, &tls));
    EXPECT_OK(sps_poller_add(poller, tls, NULL));
    EXPECT_OK(sps_tcp_connect(tcp, "127.0.0.1", port));
    EXPECT_OK(sps_tls_connect_to_stream(tls, tcp, name, options));
    sps_tls_info info = {.struct_size = sizeof info, .cipher = ""};
    talk(tls, poller, input, size, &info);
    const bool is_orderly = tls_status_of(tls) == SPS_TLS_STATUS_DISCONNECTED;
    fprintf(stderr, "TLS 1.%d resumed=%u %s %s\n", info.version - 0x301, (unsigned)info.is_resumed,
            is_orderly ? "finished" : "failed:", message_of(tls));
    sps_stream_destroy(tls);
    sps_stream_destroy(tcp);
    sps_poller_destroy(poller);
    return is_orderly;
}

static int connect_to(int count, char **values) {
    const uint32_t minor = number(values[3]);
    const sps_tls_version version = minor == 0 ? 0 : (sps_tls_version)(0x301 + minor);
    const sps_tls_settings settings = {
        .struct_size = sizeof settings,
        .min_version = version,
        .max_version = version,
        .certificate = count > 5 ? load_certificate(values[4]) : NULL,
        .key = count > 5 ? load_key(values[5]) : NULL,
    };
    sps_tls_options *options;
    EXPECT_OK(
        sps_tls_options_create_client(load_certificate(values[2]), NULL, &settings, &options));
    size_t size;
    uint8_t *input = read_input(&size);
    const char *repeat = getenv("CONNECTIONS");
    bool is_orderly = true;
    for (uint32_t i = repeat != NULL ? number(repeat) : 1; i > 0; i--) {
        is_orderly =
            connect_once((int32_t)number(values[0]), values[1], options, input, size) && is_orderly;
    }
    free(input);
    sps_tls_options_destroy(options);
    return is_orderly ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    if (argc >= 4 && strcmp(argv[1], "serve") == 0) {
        return serve(argc - 2, argv + 2);
    }
    EXPECT(argc >= 6 && strcmp(argv[1], "connect") == 0, "see the head of the source");
    return connect_to(argc - 2, argv + 2);
}

// SPDX-License-Identifier: MIT
//
// tls_lab serve CERTIFICATE KEY [CLIENTS_CA]: an echo server on a free port of 127.0.0.1. It prints
// the port, and a line for the end of each connection.
//
// tls_lab answer CERTIFICATE KEY [CLIENTS_CA]: the same for requests of HTTP. The body of an answer
// is the version, the protocol (ALPN) and the request's first line. Then the server finishes.
//
// tls_lab connect PORT NAME CA VERSION [CERTIFICATE KEY]: sends stdin to a server, finishes, and
// prints what comes back. PORT may also be the path of a Unix socket. VERSION is 0, 2 or 3: TLS 1.2
// or 1.3 only, or any. Its last line on stderr says what was negotiated and how it ended.
// CONNECTIONS in the environment is how many times it connects, one after the other.
//
// PROTOCOL in the environment is the protocol (ALPN) that either side offers.
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

typedef void (*peer_service)(peer *);

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

// Answers once the head of the request is complete. Only close_notify ends the body.
static void answer(peer *peer) {
    size_t count;
    do {
        sps_stream_get_partial_data(peer->tls, peer->bytes + peer->held,
                                    sizeof peer->bytes - 1 - peer->held, &count);
        peer->held += count;
    } while (count > 0);
    peer->bytes[peer->held] = '\0';
    const char *request = (const char *)peer->bytes;
    if (strstr(request, "\r\n\r\n") == NULL) {
        return;
    }
    sps_tls_info info = {.struct_size = sizeof info};
    EXPECT_OK(sps_tls_get_info(peer->tls, &info));
    char reply[512];
    const int size = snprintf(
        reply, sizeof reply, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nTLS 1.%d %s %.*s\n",
        info.version - 0x301, info.protocol, (int)strcspn(request, "\r"), request);
    peer->held = 0;
    sps_stream_put_data(peer->tls, reply, (size_t)size, NULL);
    sps_tls_shutdown_write(peer->tls);
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

static int serve(int count, char **values, peer_service service) {
    const char *protocol = getenv("PROTOCOL");
    const sps_tls_settings settings = {
        .struct_size = sizeof settings,
        .protocols = &protocol,
        .protocol_count = protocol != NULL,
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
            service(event.user_data);
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

typedef struct negotiated {
    int version; // the 3 of TLS 1.3
    unsigned is_resumed;
    char protocol[32];
} negotiated;

static void read_negotiated(const sps_stream *tls, negotiated *out) {
    sps_tls_info info = {.struct_size = sizeof info};
    if (sps_tls_get_info(tls, &info) == SPS_OK) {
        out->version = info.version - 0x301;
        out->is_resumed = info.is_resumed;
        snprintf(out->protocol, sizeof out->protocol, "%s", info.protocol);
    }
}

// Sends the input and prints the answer until the server finishes.
static void talk(sps_stream *tls, sps_poller *poller, const uint8_t *input, size_t size,
                 negotiated *out) {
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
        read_negotiated(tls, out);
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

static sps_stream *connect_below(const char *place) {
    sps_stream *stream;
    if (place[0] == '/') {
        EXPECT_OK(sps_uds_create(NULL, &stream));
        EXPECT_OK(sps_uds_connect(stream, place));
    } else {
        EXPECT_OK(sps_tcp_create(NULL, &stream));
        EXPECT_OK(sps_tcp_connect(stream, "127.0.0.1", (int32_t)number(place)));
    }
    return stream;
}

static bool connect_once(const char *place, const char *name, sps_tls_options *options,
                         const uint8_t *input, size_t size) {
    sps_poller *poller;
    sps_stream *tls;
    EXPECT_OK(sps_poller_create(NULL, &poller));
    EXPECT_OK(sps_tls_create(NULL, &tls));
    EXPECT_OK(sps_poller_add(poller, tls, NULL));
    sps_stream *below = connect_below(place);
    EXPECT_OK(sps_tls_connect_to_stream(tls, below, name, options));
    negotiated result = {0};
    talk(tls, poller, input, size, &result);
    const bool is_orderly = tls_status_of(tls) == SPS_TLS_STATUS_DISCONNECTED;
    fprintf(stderr, "TLS 1.%d resumed=%u protocol=%s %s %s\n", result.version, result.is_resumed,
            result.protocol, is_orderly ? "finished" : "failed:", message_of(tls));
    sps_stream_destroy(tls);
    sps_stream_destroy(below);
    sps_poller_destroy(poller);
    return is_orderly;
}

static int connect_to(int count, char **values) {
    const char *protocol = getenv("PROTOCOL");
    const uint32_t minor = number(values[3]);
    const sps_tls_version version = minor == 0 ? 0 : (sps_tls_version)(0x301 + minor);
    const sps_tls_settings settings = {
        .struct_size = sizeof settings,
        .min_version = version,
        .max_version = version,
        .protocols = &protocol,
        .protocol_count = protocol != NULL,
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
        is_orderly = connect_once(values[0], values[1], options, input, size) && is_orderly;
    }
    free(input);
    sps_tls_options_destroy(options);
    return is_orderly ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    if (argc >= 4 && strcmp(argv[1], "serve") == 0) {
        return serve(argc - 2, argv + 2, echo);
    }
    if (argc >= 4 && strcmp(argv[1], "answer") == 0) {
        return serve(argc - 2, argv + 2, answer);
    }
    EXPECT(argc >= 6 && strcmp(argv[1], "connect") == 0, "see the head of the source");
    return connect_to(argc - 2, argv + 2);
}

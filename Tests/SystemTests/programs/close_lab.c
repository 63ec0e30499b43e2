// SPDX-License-Identifier: MIT
//
// close_lab tcp|uds SEED COUNT: makes COUNT connections in this process. Both ends send, and one
// ends the connection at a random point in one of the ways below. The other end must read every
// byte that its OS has, in order, and then get the right status and reason. Prints the numbers of
// each ending as JSON.
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"

// The way in which the first side ends the connection.
typedef enum ending {
    HALF_CLOSE, // shuts down writing, and reads on
    DISCONNECT, // has read everything, and closes
    GRACEFUL,   // sps_socket_close_gracefully()
    RESET,      // a reset by sps_tcp_close_reset(); on UDS as UNREAD
    UNREAD,     // closes with unread bytes; the OS reports a reset to the peer
    WRITE_ON,   // closes, and the other side continues to write
    ENDINGS
} ending;

static const char *const ending_names[ENDINGS] = {"half_close", "disconnect", "graceful",
                                                  "reset",      "unread",     "write_on"};

typedef struct side {
    sps_stream *stream;
    uint32_t key; // of the bytes that it puts
    uint64_t sent;
    uint64_t received;
} side;

typedef enum stage { TALKING, ENDING, ENDED } stage;

typedef struct pair {
    side first;  // ends the connection
    side second; // sees the end
    ending ending;
    stage stage;
    uint32_t steps;       // before the end
    uint64_t delivered;   // to the second, at least, at the end
    bool everything;      // all bytes were delivered
    bool put_failed;      // of the second
    uint64_t deadline_us; // far more than it needs
} pair;

static chance dice;
static bool is_tcp;
static sps_server *server;
static int32_t port;
static char path[64];
static uint32_t made;
static struct {
    uint32_t endings[ENDINGS];
    uint32_t exact[ENDINGS]; // the second read every byte that was put
    uint64_t bytes;
} totals;

// ---- The bytes

enum { PATTERN = 65536 };
static uint8_t pattern[2 * PATTERN];

static void make_pattern(void) {
    for (size_t i = 0; i < PATTERN; i++) {
        pattern[i] = pattern[i + PATTERN] = (uint8_t)mix(i);
    }
}

// PATTERN bytes from `offset` on, of the bytes that belong to the key.
static const uint8_t *pattern_at(uint32_t key, uint64_t offset) {
    return pattern + (key * 31 + offset) % PATTERN;
}

static uint32_t random_size(void) {
    const uint32_t kind = pick(&dice, 100);
    return 1 + pick(&dice, kind < 60 ? 64 : kind < 90 ? 2000 : kind < 98 ? 30000 : 400000);
}

// ---- Talking

static void make_pair(pair *pair) {
    sps_stream *client, *accepted;
    char host[SPS_HOST_TEXT_BYTES];
    snprintf(host, sizeof host, "127.0.0.%u", 1 + made % 16); // each host has its own ports
    EXPECT_OK(is_tcp ? sps_tcp_create(NULL, &client) : sps_uds_create(NULL, &client));
    EXPECT_OK(is_tcp ? sps_tcp_connect(client, host, port) : sps_uds_connect(client, path));
    while (status_of(client) == SPS_STATUS_CONNECTING) {
        EXPECT_OK(sps_socket_poll(client));
    }
    sps_error error;
    while ((error = sps_server_take_connection(server, &accepted)) == SPS_ERR_BUSY) {
    }
    EXPECT_OK(error);
    if (is_tcp) { // on loopback, bytes arrive at once
        EXPECT_OK(sps_tcp_set_no_delay(client, true));
        EXPECT_OK(sps_tcp_set_no_delay(accepted, true));
    }
    const bool client_first = pick(&dice, 2) == 0;
    *pair = (struct pair){
        .first = {.stream = client_first ? client : accepted, .key = mix(2 * made) & 0xFFFF},
        .second = {.stream = client_first ? accepted : client, .key = mix(2 * made + 1) & 0xFFFF},
        .ending = (ending)pick(&dice, ENDINGS),
        .steps = pick(&dice, 8),
        .deadline_us = now_us() + PATIENCE_US,
    };
    EXPECT_OK(sps_stream_set_write_batching(pair->first.stream, pick(&dice, 4) == 0));
    EXPECT_OK(sps_stream_set_write_batching(pair->second.stream, pick(&dice, 4) == 0));
    made++;
}

// Returns false if the connection is broken for writing.
static bool put(side *side, uint32_t bytes) {
    size_t sent = 1;
    sps_error error = SPS_OK;
    for (uint32_t left = bytes; left > 0 && sent > 0 && error == SPS_OK; left -= (uint32_t)sent) {
        error = sps_stream_put_partial_data(side->stream, pattern_at(side->key, side->sent),
                                            left < PATTERN ? left : PATTERN, &sent);
        side->sent += sent;
    }
    EXPECT(error == SPS_OK || error == SPS_FAILED || error == SPS_ERR_BUSY, "put: %s",
           sps_error_name(error));
    return error != SPS_FAILED;
}

static void check_bytes(side *reader, const side *writer, const uint8_t *data, size_t count) {
    while (count > 0) {
        const size_t part = count < PATTERN ? count : PATTERN;
        EXPECT(memcmp(data, pattern_at(writer->key, reader->received), part) == 0,
               "other bytes than were sent, after %" PRIu64, reader->received);
        reader->received += part;
        data += part;
        count -= part;
    }
    EXPECT(reader->received <= writer->sent, "more than was sent");
}

static sps_error poll_and_peek(side *reader, const side *writer) {
    const sps_error error = sps_socket_poll(reader->stream);
    const uint8_t *data;
    size_t count;
    if (sps_stream_peek(reader->stream, 0, &data, &count) == SPS_OK && count > 0) {
        count = 1 + pick(&dice, (uint32_t)count);
        check_bytes(reader, writer, data, count);
        EXPECT_OK(sps_stream_consume(reader->stream, count));
    }
    return error;
}

static sps_error get_partial(side *reader, const side *writer) {
    static uint8_t buffer[2 * PATTERN];
    size_t count;
    const sps_error error =
        sps_stream_get_partial_data(reader->stream, buffer, 1 + pick(&dice, sizeof buffer), &count);
    check_bytes(reader, writer, buffer, count);
    return error;
}

static sps_error get_available(side *reader, const side *writer) {
    static uint8_t buffer[2 * PATTERN];
    size_t count;
    sps_error error = sps_stream_get_available_bytes(reader->stream, &count);
    if (error != SPS_OK || count == 0) {
        return get_partial(reader, writer); // the result also reports the end
    }
    count = count < sizeof buffer ? count : sizeof buffer;
    error = sps_stream_get_data(reader->stream, buffer, count, &count);
    check_bytes(reader, writer, buffer, count);
    return error;
}

static sps_error get_values(side *reader, const side *writer) {
    sps_error error = SPS_OK;
    for (uint32_t left = 1 + pick(&dice, 100); left > 0 && error == SPS_OK; left--) {
        uint8_t value;
        error = sps_stream_try_get_u8(reader->stream, &value);
        check_bytes(reader, writer, &value, error == SPS_OK);
    }
    return error == SPS_ERR_BUSY ? SPS_OK : error;
}

// Reads some bytes in a random way. `out_polled` reports whether it was a poll.
static sps_error read_some(side *reader, const side *writer, bool *out_polled) {
    const uint32_t way = pick(&dice, 4);
    *out_polled = way == 0;
    return way == 0   ? poll_and_peek(reader, writer)
           : way == 1 ? get_partial(reader, writer)
           : way == 2 ? get_available(reader, writer)
                      : get_values(reader, writer);
}

static void read_while_open(side *reader, const side *writer) {
    bool polled;
    EXPECT_OK(read_some(reader, writer, &polled));
}

static void talk(pair *pair) {
    side *a = pick(&dice, 2) == 0 ? &pair->first : &pair->second;
    side *b = a == &pair->first ? &pair->second : &pair->first;
    if (pick(&dice, 2) == 0) {
        EXPECT(put(a, random_size()), "put");
    } else {
        read_while_open(a, b);
    }
}

// ---- The end, seen by the second

// The result at the second side. After one put to a closed TCP socket, both results are possible.
// If the orderly end came first, a read does not see the reset behind it. Otherwise it does.
static bool is_reset(const pair *pair) {
    switch (pair->ending) {
    case RESET:
    case UNREAD:
        return true;
    case WRITE_ON:
        return pair->put_failed || reason_of(pair->second.stream) == SPS_CLOSE_RESET;
    default:
        return false;
    }
}

// The second side has closed, and `error` reported it. After a get the status is NONE. After a poll
// it is NONE for an orderly end, and ERROR for a failure.
static void check_end(pair *pair, sps_error error, bool polled) {
    const side *first = &pair->first, *second = &pair->second;
    const bool reset = is_reset(pair);
    const bool exact = second->received == first->sent;
    const sps_close_reason reason = reason_of(second->stream);
    const sps_status status = status_of(second->stream);
    char what[200];
    snprintf(what, sizeof what, "%s: %s, status %d, %s by %s, OS error %d, %" PRIu64 " of %" PRIu64,
             ending_names[pair->ending], sps_close_reason_name(reason), status,
             sps_error_name(error), polled ? "poll" : "a get", os_error_of(second->stream),
             second->received, first->sent);
    EXPECT(second->received >= pair->delivered, "%s: %" PRIu64 " were there", what,
           pair->delivered);
    EXPECT(exact || (reset && !pair->everything), "%s", what);
    EXPECT(reason == (reset ? SPS_CLOSE_RESET : SPS_CLOSE_PEER_FINISHED), "%s", what);
    EXPECT(status == (reset && polled ? SPS_STATUS_ERROR : SPS_STATUS_NONE), "%s", what);
    EXPECT(error == (reset ? SPS_FAILED : polled ? SPS_OK : SPS_ERR_FILE_EOF), "%s", what);
    totals.exact[pair->ending] += exact;
}

// ---- Ending

static bool is_flushed(side *side) {
    const sps_error error = sps_stream_flush(side->stream);
    EXPECT(error == SPS_OK || error == SPS_ERR_BUSY, "flush: %s", sps_error_name(error));
    return error == SPS_OK;
}

// Whether all pending bytes are sent, and the first side has read everything.
static bool is_quiet(pair *pair) {
    const bool first_flushed = is_flushed(&pair->first);
    const bool second_flushed = is_flushed(&pair->second);
    return first_flushed && second_flushed && pair->first.received == pair->second.sent;
}

static uint64_t delivered_to(side *side) {
    size_t available;
    EXPECT_OK(sps_stream_get_available_bytes(side->stream, &available));
    return side->received + available;
}

static void leave_unread(pair *pair) {
    EXPECT(put(&pair->second, 1), "put");
    is_flushed(&pair->second); // if the OS refuses more, it has some
    EXPECT_OK(sps_socket_disconnect(pair->first.stream));
}

// A closed TCP socket answers the first put with a reset, and the next put fails. On a Unix socket
// the first put fails.
static void write_on(pair *pair) {
    side *second = &pair->second;
    EXPECT_OK(sps_socket_disconnect(pair->first.stream));
    for (uint32_t i = 1 + pick(&dice, 3); i > 0 && !pair->put_failed; i--) {
        pair->put_failed =
            !put(second, 1 + pick(&dice, 100)) || sps_stream_flush(second->stream) == SPS_FAILED;
    }
    if (status_of(second->stream) != SPS_STATUS_CONNECTED) { // nothing was left to read
        check_end(pair, SPS_FAILED, false);
    }
}

// Ends the connection, unless it must wait for more reads. After the count of delivered bytes the
// OS cannot deliver more: everything is in this thread, on loopback.
static bool end_it(pair *pair) {
    side *first = &pair->first;
    if (pair->ending == HALF_CLOSE) {
        const sps_error error = sps_socket_shutdown_write(first->stream);
        EXPECT(error == SPS_OK || error == SPS_ERR_BUSY, "shutdown: %s", sps_error_name(error));
        return error == SPS_OK;
    }
    if (pair->ending == GRACEFUL) {
        EXPECT_OK(sps_socket_close_gracefully(first->stream, 0));
        return true;
    }
    const bool flushed = is_flushed(first);
    if ((pair->ending == DISCONNECT || pair->ending == WRITE_ON) && !is_quiet(pair)) {
        return false;
    }
    pair->delivered = delivered_to(&pair->second);
    pair->everything = pair->delivered == first->sent || (!is_tcp && flushed);
    if (pair->ending == DISCONNECT) {
        EXPECT_OK(sps_socket_disconnect(first->stream));
    } else if (pair->ending == WRITE_ON) {
        write_on(pair);
    } else if (pair->ending == RESET && is_tcp) {
        EXPECT_OK(sps_tcp_close_reset(first->stream));
    } else {
        leave_unread(pair);
    }
    return true;
}

// ---- Afterwards

static void advance_second(pair *pair) {
    side *second = &pair->second;
    if (status_of(second->stream) != SPS_STATUS_CONNECTED) {
        return;
    }
    if (pair->ending == HALF_CLOSE && pick(&dice, 4) == 0) {
        EXPECT(put(second, 1 + pick(&dice, 1000)), "put");
    }
    // Pending bytes go first, because the end closes both directions.
    bool polled = false;
    sps_error error = sps_stream_flush(second->stream);
    if (error == SPS_ERR_BUSY) {
        return;
    }
    if (status_of(second->stream) == SPS_STATUS_CONNECTED) {
        error = read_some(second, &pair->first, &polled);
    }
    if (status_of(second->stream) != SPS_STATUS_CONNECTED) {
        check_end(pair, error, polled);
    } else {
        EXPECT(error == SPS_OK, "%s: open, and %s", ending_names[pair->ending],
               sps_error_name(error));
    }
}

// After a half-close the first side reads on, and sees that the second closes.
static void advance_first(pair *pair) {
    side *first = &pair->first;
    if (status_of(first->stream) != SPS_STATUS_CONNECTED) {
        return;
    }
    if (pair->ending == GRACEFUL) {
        EXPECT_OK(sps_socket_poll(first->stream));
        return;
    }
    bool polled;
    read_some(first, &pair->second, &polled);
    if (status_of(first->stream) != SPS_STATUS_CONNECTED) {
        EXPECT(first->received == pair->second.sent, "half-closed: %" PRIu64 " of %" PRIu64,
               first->received, pair->second.sent);
    }
}

static void finish(pair *pair) {
    const sps_close_reason reason = reason_of(pair->first.stream);
    const sps_close_reason right =
        pair->ending == HALF_CLOSE ? SPS_CLOSE_PEER_FINISHED : SPS_CLOSE_LOCAL;
    EXPECT(reason == right, "%s: %s on this side", ending_names[pair->ending],
           sps_close_reason_name(reason));
    totals.endings[pair->ending]++;
    totals.bytes += pair->first.received + pair->second.received;
    sps_stream_destroy(pair->first.stream);
    sps_stream_destroy(pair->second.stream);
    pair->first.stream = NULL;
}

static bool is_over(const pair *pair) {
    return status_of(pair->first.stream) != SPS_STATUS_CONNECTED &&
           status_of(pair->second.stream) != SPS_STATUS_CONNECTED;
}

static void advance(pair *pair) {
    EXPECT(now_us() < pair->deadline_us, "%s, stage %d: hangs", ending_names[pair->ending],
           pair->stage);
    if (pair->stage == TALKING && pair->steps > 0) {
        pair->steps--;
        talk(pair);
    } else if (pair->stage != ENDED && end_it(pair)) {
        pair->stage = ENDED;
    } else if (pair->stage != ENDED) {
        pair->stage = ENDING;
        read_while_open(&pair->first, &pair->second);
        read_while_open(&pair->second, &pair->first);
    } else {
        advance_second(pair);
        advance_first(pair);
        if (is_over(pair)) {
            finish(pair);
        }
    }
}

static void print_counts(const char *name, const uint32_t *counts) {
    printf("\"%s\": {", name);
    for (int i = 0; i < ENDINGS; i++) {
        printf("%s\"%s\": %u", i > 0 ? ", " : "", ending_names[i], counts[i]);
    }
    printf("}, ");
}

static void listen_here(void) {
    if (is_tcp) {
        EXPECT_OK(sps_tcp_server_create(NULL, &server));
        EXPECT_OK(sps_tcp_server_listen(server, 0, "*"));
        EXPECT_OK(sps_tcp_server_get_local_port(server, &port));
    } else {
        snprintf(path, sizeof path, "@sps-close-lab-%d", (int)getpid());
        EXPECT_OK(sps_uds_server_create(NULL, &server));
        EXPECT_OK(sps_uds_server_listen(server, path));
    }
}

int main(int argc, char **argv) {
    enum { AT_A_TIME = 64 };
    static pair pairs[AT_A_TIME];
    if (argc != 4 || (strcmp(argv[1], "tcp") != 0 && strcmp(argv[1], "uds") != 0)) {
        fputs("usage: close_lab tcp|uds SEED COUNT\n", stderr);
        return 64; // EX_USAGE
    }
    is_tcp = strcmp(argv[1], "tcp") == 0;
    dice.state = (uint64_t)number(argv[2]) << 32;
    const uint32_t count = number(argv[3]);
    const uint64_t begin = now_us();
    make_pattern();
    listen_here();
    for (bool busy = true; busy;) {
        busy = false;
        for (uint32_t i = 0; i < AT_A_TIME; i++) {
            if (pairs[i].first.stream == NULL && made < count) {
                make_pair(&pairs[i]);
            }
            if (pairs[i].first.stream != NULL) {
                busy = true;
                advance(&pairs[i]);
            }
        }
    }
    sps_server_destroy(server);
    printf("{");
    print_counts("closes", totals.endings);
    print_counts("exact", totals.exact);
    printf("\"bytes\": %" PRIu64 ", \"took\": %" PRIu64 "}\n", totals.bytes, now_us() - begin);
    return EXIT_SUCCESS;
}

// SPDX-License-Identifier: MIT
//
// Fuzzes TLS streams. The input's bytes go to the library as they are. Or OpenSSL is the peer, and
// the input changes single records on the wire, in both directions, before and after the handshake.
// For every input:
//
// - The bytes that come out are a prefix of those that the peer put. Nothing comes after a change
//   that the library must notice.
// - An orderly end comes only after every byte of the peer.
// - A stream that failed stays failed, and says why in a sentence.
// - A connection that nobody disturbs ends in order. Each ends after a bounded number of calls.
// - No memory of the library's streams is left.
//
//     input: count of choices, the choices (settings, the pieces, the actions of both sides), then
//            the bytes of the peer, or the script of the wire (wire.c)
//
// SPS_FUZZ_TRACE=1 in the environment prints each record before its change.
#include "tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "pipe.h"

enum {
    WIRE_BYTES = 1 << 20,
    MOST_ACTIVE_TURNS = 64,
    IDLE_UNTIL_CLOSE = 8, // turns in which no byte moves, until the peer closes
    IDLE_UNTIL_CUT = 24,
    MOST_TURNS = 1 << 14,
    FIRST_OWN_REASON = 1000,
};

typedef struct run {
    plan plan;
    choices choices;
    script script;
    sps_tls_options *options;
    SSL_CTX *context;
    sps_stream *tls;
    // Of one connection.
    pipe_end end;
    sps_stream *base;
    size_t carried; // of end.out, by the wire
    lane to_library, to_peer;
    peer peer;
    size_t sent, received;
    sps_tls_status seen;
    bool has_left; // the library's side has disconnected
} run;

static uint8_t in[WIRE_BYTES], out[WIRE_BYTES], scratch[MOST_PLAIN_BYTES];

bool is_traced(void) {
    static int traced = -1;
    traced = traced < 0 ? getenv("SPS_FUZZ_TRACE") != NULL : traced;
    return traced == 1;
}

uint8_t pattern_at(size_t offset, bool is_of_library) {
    return (uint8_t)(offset * 7 + offset / 251 + (is_of_library ? 31 : 0));
}

void fill_pattern(uint8_t *bytes, size_t size, size_t offset, bool is_of_library) {
    for (size_t i = 0; i < size; i++) {
        bytes[i] = pattern_at(offset + i, is_of_library);
    }
}

// The account of the memory of the library's streams.
static size_t allocated;

static void *account(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    allocated += new_bytes - old_bytes;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}

// ---- What must hold

// The library's side receives nothing after a change that it must notice.
static size_t limit_of(const run *run) {
    if (run->plan.is_raw) {
        return MOST_PLAIN_BYTES;
    }
    const size_t intact = run->to_library.intact_bytes;
    return run->peer.sent < intact ? run->peer.sent : intact;
}

static void take_plain(run *run, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        FUZZ_ASSERT(bytes[i] == pattern_at(run->received + i, false));
    }
    run->received += size;
    FUZZ_ASSERT(run->received <= limit_of(run));
}

static bool may_follow(sps_tls_status before, sps_tls_status after) {
    switch (before) {
    case SPS_TLS_STATUS_HANDSHAKING:
        return true;
    case SPS_TLS_STATUS_CONNECTED:
        return after != SPS_TLS_STATUS_HANDSHAKING &&
               after != SPS_TLS_STATUS_ERROR_HOSTNAME_MISMATCH;
    default:
        return after == before;
    }
}

static bool is_open(const run *run) {
    return run->seen == SPS_TLS_STATUS_HANDSHAKING || run->seen == SPS_TLS_STATUS_CONNECTED;
}

static bool has_failed(const run *run) {
    return run->seen == SPS_TLS_STATUS_ERROR || run->seen == SPS_TLS_STATUS_ERROR_HOSTNAME_MISMATCH;
}

static void look(run *run) {
    sps_tls_status status = -1;
    FUZZ_ASSERT(sps_tls_get_status(run->tls, &status) == SPS_OK);
    FUZZ_ASSERT(may_follow(run->seen, status));
    run->seen = status;
    run->to_library.rejects_more = status == SPS_TLS_STATUS_CONNECTED;
}

static const char *message_of(const run *run) {
    const char *message = NULL;
    FUZZ_ASSERT(sps_tls_get_message(run->tls, &message) == SPS_OK && message != NULL);
    return message;
}

static sps_tls_failure failure_of(const run *run) {
    sps_tls_failure failure = -1;
    FUZZ_ASSERT(sps_tls_get_failure(run->tls, &failure) == SPS_OK);
    return failure;
}

static bool is_sentence(const char *text) {
    const size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            return false;
        }
    }
    return length > 10 && text[length - 1] == '.';
}

static void expect_reason(const run *run) {
    sps_close_reason reason = SPS_CLOSE_NONE;
    const char *message;
    const sps_tls_failure failure = failure_of(run);
    FUZZ_ASSERT(failure > SPS_TLS_FAILURE_NONE && failure < SPS_TLS_FAILURE_OTHER);
    FUZZ_ASSERT(failure != SPS_TLS_FAILURE_NOT_TLS || run->sent + run->received == 0);
    FUZZ_ASSERT((failure == SPS_TLS_FAILURE_WRONG_NAME) ==
                (run->seen == SPS_TLS_STATUS_ERROR_HOSTNAME_MISMATCH));
    FUZZ_ASSERT(is_sentence(message_of(run)));
    FUZZ_ASSERT(sps_socket_get_close_reason(run->tls, &reason) == SPS_OK &&
                reason != SPS_CLOSE_NONE && reason < FIRST_OWN_REASON);
    FUZZ_ASSERT(sps_socket_get_close_message(run->tls, &message) == SPS_OK &&
                strcmp(message, message_of(run)) == 0);
}

// A closed stream stays closed, says the same, and puts nothing more on the wire.
static void expect_closed(run *run) {
    const sps_tls_failure failure = failure_of(run);
    const size_t written = run->end.out_bytes;
    for (int i = 0; i < 3; i++) {
        size_t count = 1;
        FUZZ_ASSERT(sps_tls_poll(run->tls) == SPS_OK);
        FUZZ_ASSERT(sps_stream_get_partial_data(run->tls, scratch, 10, &count) == SPS_FAILED &&
                    count == 0);
        FUZZ_ASSERT(sps_stream_put_partial_data(run->tls, scratch, 10, &count) == SPS_FAILED &&
                    count == 0);
        FUZZ_ASSERT(sps_tls_shutdown_write(run->tls) == SPS_FAILED);
        look(run);
        FUZZ_ASSERT(!is_open(run) && failure_of(run) == failure);
    }
    FUZZ_ASSERT(run->end.out_bytes == written);
}

static bool is_undisturbed(const run *run) {
    return !run->plan.is_raw && !run->to_library.has_change && !run->to_peer.has_change &&
           !run->plan.has_wrong_name && !run->peer.has_renegotiated;
}

static void trace_end(const run *run) {
    sps_close_reason reason = SPS_CLOSE_NONE;
    const char *message = "";
    sps_socket_get_close_reason(run->tls, &reason);
    sps_socket_get_close_message(run->tls, &message);
    fprintf(stderr, "status %d, %zu of %zu bytes, %s: \"%s\", %s: \"%s\"\n", (int)run->seen,
            run->received, run->peer.sent, sps_tls_failure_name(failure_of(run)), message_of(run),
            sps_close_reason_name(reason), message);
}

static void expect_end(run *run, bool is_cut) {
    if (is_traced()) {
        trace_end(run);
    }
    if (has_failed(run)) {
        expect_reason(run);
        FUZZ_ASSERT(is_cut || !is_undisturbed(run));
    } else if (!run->has_left) {
        FUZZ_ASSERT(failure_of(run) == SPS_TLS_FAILURE_NONE && message_of(run)[0] == '\0');
        FUZZ_ASSERT(run->plan.is_raw || run->received == run->peer.sent);
    }
    expect_closed(run);
}

// ---- The library's side

static void poll_library(run *run) {
    const sps_tls_status before = run->seen;
    const sps_error error = sps_tls_poll(run->tls);
    look(run);
    if (is_traced() && error != SPS_OK) {
        fprintf(stderr, "poll: %s, status %d\n", sps_error_name(error), (int)run->seen);
    }
    FUZZ_ASSERT((error == SPS_OK) == !has_failed(run) || before == run->seen);
    FUZZ_ASSERT(error == SPS_OK || error == SPS_FAILED ||
                (error == SPS_ERR_CONNECTION_ERROR && before == SPS_TLS_STATUS_HANDSHAKING));
}

static void put(run *run, size_t size) {
    size = size < MOST_PLAIN_BYTES - run->sent ? size : MOST_PLAIN_BYTES - run->sent;
    size_t count = 0;
    fill_pattern(scratch, size, run->sent, true);
    const bool may_put = run->seen == SPS_TLS_STATUS_CONNECTED;
    const sps_error error = sps_stream_put_partial_data(run->tls, scratch, size, &count);
    FUZZ_ASSERT(error == SPS_OK || (error == SPS_FAILED && count == 0));
    FUZZ_ASSERT(may_put || count == 0);
    run->sent += count;
    look(run);
}

static void get(run *run, size_t most) {
    size_t count = 1;
    const bool may_get = run->seen == SPS_TLS_STATUS_CONNECTED;
    const sps_error error = sps_stream_get_partial_data(run->tls, scratch, most, &count);
    FUZZ_ASSERT(error == SPS_OK || error == SPS_ERR_FILE_EOF || error == SPS_FAILED);
    FUZZ_ASSERT(error == SPS_OK ? may_get : true);
    take_plain(run, scratch, count);
    look(run);
    FUZZ_ASSERT(error != SPS_ERR_FILE_EOF || run->seen == SPS_TLS_STATUS_DISCONNECTED);
}

static void peek(run *run, size_t most) {
    const uint8_t *bytes;
    size_t available = 0, count = 0;
    sps_stream_get_available_bytes(run->tls, &available);
    look(run);
    if (sps_stream_peek(run->tls, most, &bytes, &count) == SPS_OK) {
        count = count < most ? count : most;
        take_plain(run, bytes, count);
        FUZZ_ASSERT(sps_stream_consume(run->tls, count) == SPS_OK);
    }
    look(run);
}

static void get_value(run *run) {
    uint16_t value;
    if (sps_stream_try_get_u16(run->tls, &value) == SPS_OK) {
        const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8)};
        take_plain(run, bytes, sizeof bytes);
    }
    look(run);
}

static void act(run *run, uint8_t chosen) {
    const size_t size = (size_t)choose(&run->choices) * (chosen & 8 ? 60 : 1) + 1;
    switch (chosen % 8) {
    case 0:
    case 1:
        put(run, size);
        break;
    case 2:
        peek(run, size);
        break;
    case 3:
        get_value(run);
        break;
    case 4:
        break;
    default:
        get(run, size);
        break;
    }
}

static void act_as_peer(run *run, uint8_t chosen) {
    const size_t size = (size_t)choose(&run->choices) * (chosen & 8 ? 60 : 1) + 1;
    switch (chosen % 8) {
    case 0:
    case 1:
    case 2:
        peer_write(&run->peer, size);
        break;
    case 3:
        if (chosen & 16) {
            peer_add_extra(&run->peer, chosen & 32);
        }
        break;
    case 4:
        break;
    default:
        peer_read(&run->peer, size, run->sent);
        break;
    }
}

// ---- The wire

static void deliver_to_library(void *context, const uint8_t *bytes, size_t size) {
    run *run = context;
    FUZZ_ASSERT(sizeof in - run->end.in_bytes >= size);
    memcpy(in + run->end.in_bytes, bytes, size);
    run->end.in_bytes += size;
}

static void deliver_to_peer(void *context, const uint8_t *bytes, size_t size) {
    peer_take(context, bytes, size);
}

static void carry(run *run) {
    const size_t size = run->end.out_bytes - run->carried;
    if (!run->plan.is_raw) {
        run->to_peer.is_1_2 = run->peer.lane->is_1_2;
        lane_carry(&run->to_peer, out + run->carried, size, 0, 0);
        peer_advance(&run->peer);
        run->end.ends |= run->to_library.is_cut;
    }
    run->carried += size;
}

// ---- A connection

static void connect_library(run *run) {
    const char *name = run->plan.has_wrong_name ? "other.test" : "game.test";
    const sps_error error =
        run->plan.is_server ? sps_tls_accept_stream(run->tls, run->base, run->options)
                            : sps_tls_connect_to_stream(run->tls, run->base, name, run->options);
    run->seen = SPS_TLS_STATUS_HANDSHAKING;
    look(run);
    FUZZ_ASSERT(error == (has_failed(run) ? SPS_ERR_CONNECTION_ERROR : SPS_OK));
}

static void begin_connection(run *run, const uint8_t *data, size_t bytes) {
    run->end = (pipe_end){.pieces = &run->choices,
                          .in = in,
                          .out = out,
                          .out_capacity = sizeof out,
                          .ends = run->plan.is_raw};
    lane_begin(&run->to_library);
    lane_begin(&run->to_peer);
    run->carried = run->sent = run->received = 0;
    run->has_left = false;
    const sps_stream_options options = {.struct_size = sizeof options};
    run->base = open_pipe(&run->end, &options);
    if (run->plan.is_raw) {
        deliver_to_library(run, data, bytes);
    } else {
        peer_begin(&run->peer, run->context, &run->plan, &run->to_library);
    }
    connect_library(run);
}

static void turn(run *run) {
    const uint8_t chosen = choose(&run->choices);
    poll_library(run);
    act(run, chosen);
    carry(run);
    if (!run->plan.is_raw) {
        act_as_peer(run, choose(&run->choices));
        carry(run);
    }
}

static void begin_closing(run *run, uint8_t way) {
    switch (way % 6) {
    case 0:
    case 1:
        if (!run->plan.is_raw) {
            peer_close(&run->peer);
        }
        break;
    case 2: {
        const sps_error error = sps_tls_shutdown_write(run->tls);
        FUZZ_ASSERT(error == SPS_OK || error == SPS_ERR_BUSY || error == SPS_FAILED);
        break;
    }
    case 3:
        run->has_left |= sps_tls_close_gracefully(run->tls, 0) == SPS_OK;
        break;
    case 4:
        FUZZ_ASSERT(sps_tls_disconnect_from_stream(run->tls) == SPS_OK);
        run->has_left = true;
        run->seen = SPS_TLS_STATUS_DISCONNECTED;
        break;
    default:
        run->end.ends = true;
        break;
    }
    look(run);
}

// The library's side reads on. The peer closes after the library's side, or if nothing moves.
static void close_turn(run *run, int idle_turns) {
    poll_library(run);
    if (is_open(run)) {
        get(run, sizeof scratch);
    }
    carry(run);
    if (!run->plan.is_raw) {
        peer_read(&run->peer, sizeof scratch, run->sent);
        if (run->peer.has_ended || idle_turns >= IDLE_UNTIL_CLOSE) {
            peer_close(&run->peer);
        }
        carry(run);
    }
}

// Goes on until the library's side has closed. Returns whether the stream below ended first.
static bool finish_connection(run *run) {
    int idle_turns = 0;
    for (int i = 0; is_open(run); i++) {
        FUZZ_ASSERT(i < MOST_TURNS);
        const size_t moved = run->end.in_bytes + run->end.in_at + run->end.out_bytes;
        close_turn(run, idle_turns);
        const bool is_idle = moved == run->end.in_bytes + run->end.in_at + run->end.out_bytes;
        idle_turns = is_idle ? idle_turns + 1 : 0;
        run->end.ends |= idle_turns == IDLE_UNTIL_CUT;
    }
    return run->end.ends;
}

static void run_connection(run *run, const uint8_t *data, size_t bytes) {
    const unsigned turns = choose(&run->choices) % MOST_ACTIVE_TURNS;
    const uint8_t way = choose(&run->choices);
    begin_connection(run, data, bytes);
    for (unsigned i = 0; i < turns; i++) {
        turn(run);
    }
    begin_closing(run, way);
    const bool is_cut = finish_connection(run);
    expect_end(run, is_cut);
    if (!run->plan.is_raw) {
        peer_end(&run->peer);
    }
}

// ---- An input

static plan read_plan(uint8_t setting) {
    return (plan){.is_server = setting & 1,
                  .is_raw = setting & 2,
                  .is_1_2 = setting & 4,
                  .has_client_certificate = setting & 8,
                  .has_protocol = setting & 16,
                  .has_wrong_name = (setting & 32) && !(setting & 1),
                  .resumes = (setting & 64) && !(setting & 2),
                  .has_retry = setting & 128};
}

static void make_options(run *run) {
    static const char *const protocols[] = {"game"};
    const plan *plan = &run->plan;
    sps_tls_settings settings = {.struct_size = sizeof settings,
                                 .max_version = plan->is_1_2 ? SPS_TLS_VERSION_1_2 : 0,
                                 .protocols = protocols,
                                 .protocol_count = plan->has_protocol ? 1 : 0,
                                 .verify_time_s = valid_time_s,
                                 .no_resumption = !plan->resumes};
    if (plan->is_server) {
        if (plan->has_client_certificate) {
            settings.client_certificates = SPS_TLS_CLIENT_CERTIFICATE_REQUIRED;
            settings.client_trusted_chain = own_certificate;
        }
        FUZZ_ASSERT(sps_tls_options_create_server(own_key, own_certificate, &settings,
                                                  &run->options) == SPS_OK);
        return;
    }
    if (plan->has_client_certificate) {
        settings.certificate = own_certificate;
        settings.key = own_key;
    }
    FUZZ_ASSERT(sps_tls_options_create_client(own_certificate, NULL, &settings, &run->options) ==
                SPS_OK);
}

// The contexts of both sides. Runs share them, unless they hold tickets, which would lead from one
// run to another.
static void take_contexts(run *run, uint8_t setting) {
    static struct {
        sps_tls_options *options;
        SSL_CTX *context;
    } kept[UINT8_MAX + 1];
    restart_random();
    if (run->plan.resumes || kept[setting].options == NULL) {
        make_options(run);
        run->context = run->plan.is_raw ? NULL : peer_context(&run->plan);
    } else {
        run->options = kept[setting].options;
        run->context = kept[setting].context;
    }
    if (!run->plan.resumes) {
        kept[setting].options = run->options;
        kept[setting].context = run->context;
    }
    restart_random();
}

static void drop_contexts(run *run) {
    if (run->plan.resumes) {
        sps_tls_options_destroy(run->options);
        SSL_CTX_free(run->context);
    }
}

// Reads the first part of the input, and leaves the second one.
static void begin_run(run *run, const uint8_t **io_data, size_t *io_bytes) {
    run->choices = take_choices(io_data, io_bytes);
    const uint8_t setting = choose(&run->choices);
    run->plan = read_plan(setting);
    run->script = (script){.bytes = *io_data, .size = run->plan.is_raw ? 0 : *io_bytes};
    run->to_library.name = "to the library";
    run->to_library.deliver = deliver_to_library;
    run->to_library.context = run;
    run->to_peer.name = "to the peer";
    run->to_peer.deliver = deliver_to_peer;
    run->to_peer.context = &run->peer;
    run->to_library.script = run->to_peer.script = &run->script;
    take_contexts(run, setting);
    const sps_allocator allocator = {sizeof allocator, account, NULL};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    FUZZ_ASSERT(sps_tls_create(&options, &run->tls) == SPS_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    static run run;
    if (bytes > WIRE_BYTES / 2) {
        return 0;
    }
    make_identity();
    begin_run(&run, &data, &bytes);
    for (int left = run.plan.resumes ? 2 : 1; left > 0; left--) {
        run_connection(&run, data, bytes);
        if (left == 1) {
            sps_stream_destroy(run.tls);
        }
        sps_stream_destroy(run.base);
        FUZZ_ASSERT(run.end.allocated == 0);
    }
    FUZZ_ASSERT(allocated == 0);
    drop_contexts(&run);
    return 0;
}

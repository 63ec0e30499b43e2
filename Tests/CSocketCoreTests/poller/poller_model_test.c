// SPDX-License-Identifier: MIT
//
// A poller loses no event and invents none. Random operations on a few peers are compared with a
// model of the allowed and the required events. SPS_SEED=n in the environment chooses the first
// seed; the default is 0.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/sockets.h"
#include "support/support.h"

enum { SLOTS = 6, STEPS = 1500, MOST_BYTES = 40000 };

// One connection: the tested stream, and the test's own descriptor as its peer.
typedef struct slot {
    sps_stream *stream; // NULL: the slot is free
    intptr_t other;     // -1: closed
    bool in_poller;
    bool expects_connected;
    bool expects_closed; // the poller has not reported its close
    bool half_open;      // the peer's end closes nothing
    bool shut_down;      // this side has sent its end
    bool finished;       // the peer has sent its end
    bool was_reset;      // the peer has reset, so bytes may be lost
    int reported_end;    // 0: no end was reported, 1: an orderly end, 2: a failure
    uint32_t refused;    // bytes of a refused put; 0: none
    size_t wanted;       // bytes that a peek did not find; 0: none
    uint64_t sent, received, reported;
    uint64_t put, arrived;
} slot;

typedef struct model {
    sps_poller *poller;
    sps_server *servers[MOST_TRANSPORTS];
    place places[MOST_TRANSPORTS];
    slot slots[SLOTS];
    uint64_t random;
} model;

static uint8_t scratch[MOST_BYTES];

static uint32_t draw(model *model, uint32_t below) {
    model->random = model->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(model->random >> 33) % below;
}

static size_t buffered(const slot *slot) {
    const uint8_t *span;
    size_t count;
    sps_stream_peek(slot->stream, 0, &span, &count);
    return count;
}

static size_t pending(const slot *slot) {
    size_t bytes;
    OK(sps_stream_get_pending_write_bytes(slot->stream, &bytes));
    return bytes;
}

static bool is_connected(const slot *slot) {
    return status_of(slot->stream) == SPS_STATUS_CONNECTED;
}

// ---- The test's actions

static void add(model *model, slot *slot) {
    OK(sps_poller_add(model->poller, slot->stream, slot));
    slot->in_poller = true;
    slot->expects_closed = status_of(slot->stream) == SPS_STATUS_CONNECTED;
    slot->reported = slot->received; // the poller will report the buffered bytes once more
    slot->reported_end = 0;
}

static void open_slot(model *model, slot *slot) {
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .read_buffer_bytes = 1000 + draw(model, 30000),
                                        .write_buffer_bytes = 1000 + draw(model, 30000),
                                        .half_open = draw(model, 2)};
    const transport transport = (enum transport)draw(model, TRANSPORTS);
    memset(slot, 0, sizeof *slot);
    slot->stream = make_stream(transport, &options);
    slot->half_open = options.half_open != 0;
    const bool early = draw(model, 2) == 0;
    if (early) {
        add(model, slot);
    }
    OK(connect_to(slot->stream, &model->places[transport]));
    slot->expects_connected = slot->expects_closed = early;
    sps_stream *peer = take_from(model->servers[transport]);
    intptr_t fd;
    OK(transport == TCP ? sps_tcp_release_fd(peer, &fd) : sps_uds_release_fd(peer, &fd));
    sps_stream_destroy(peer);
    slot->other = fd;
    if (!early) {
        WAIT_UNTIL(polled_status(slot->stream) == SPS_STATUS_CONNECTED);
    }
}

static void close_slot(slot *slot) {
    sps_stream_destroy(slot->stream);
    if (slot->other != -1) {
        close_socket(slot->other);
    }
    memset(slot, 0, sizeof *slot);
}

static void peer_sends(model *model, slot *slot) {
    const size_t wanted = 1 + draw(model, draw(model, 4) == 0 ? MOST_BYTES : 100);
    if (slot->other == -1 || slot->finished) {
        return;
    }
    fill_pattern(scratch, wanted, slot->sent);
    const ptrdiff_t sent = send_now(slot->other, scratch, wanted);
    slot->sent += sent > 0 ? (uint64_t)sent : 0;
}

static void peer_reads(model *model, slot *slot) {
    if (slot->other == -1) {
        return;
    }
    const ptrdiff_t count = receive_now(slot->other, scratch, 1 + draw(model, MOST_BYTES));
    if (count > 0) {
        ck_assert(is_pattern(scratch, (size_t)count, slot->arrived));
        slot->arrived += (uint64_t)count;
    }
}

// Ends the peer in order, or by a reset. Closing with unread bytes also resets a TCP connection.
static void peer_ends(model *model, slot *slot) {
    if (slot->other == -1) {
        return;
    }
    const uint32_t way = draw(model, 3);
    slot->finished = true;
    if (way == 0) {
        shutdown(slot->other, SHUT_WR);
        return;
    }
    slot->was_reset = true;
    if (way == 1) {
        reset_at_close(slot->other);
    }
    close_socket(slot->other);
    slot->other = -1;
}

// Writes into the write buffer itself, and sometimes changes its mind.
static sps_error put_in_place(model *model, const slot *slot, size_t wanted, size_t *out_sent) {
    void *memory;
    size_t bytes;
    *out_sent = 0;
    sps_error error = sps_stream_reserve(slot->stream, wanted, &memory, &bytes);
    if (error == SPS_OK) {
        memset(memory, 0, bytes);
        memcpy(memory, scratch, wanted);
        const size_t count = draw(model, 4) == 0 ? 0 : wanted;
        error = sps_stream_commit(slot->stream, count);
        *out_sent = error == SPS_OK ? count : 0;
    }
    return error;
}

static void puts_some(model *model, slot *slot) {
    const size_t wanted = 1 + draw(model, draw(model, 3) == 0 ? MOST_BYTES : 2000);
    const uint32_t way = draw(model, 3);
    if (!slot->in_poller) {
        return; // it would block
    }
    fill_pattern(scratch, wanted, slot->put);
    size_t sent;
    const sps_error error = way == 0
                                ? sps_stream_put_partial_data(slot->stream, scratch, wanted, &sent)
                            : way == 1 ? sps_stream_put_data(slot->stream, scratch, wanted, &sent)
                                       : put_in_place(model, slot, wanted, &sent);
    slot->put += sent;
    if (error == SPS_ERR_BUSY || (error == SPS_OK && way == 0 && sent < wanted)) {
        slot->refused = (uint32_t)(wanted - sent);
    }
}

static void gets_some(model *model, slot *slot) {
    const uint32_t way = draw(model, 3);
    size_t count = 0;
    if (way == 0) {
        sps_stream_get_partial_data(slot->stream, scratch, 1 + draw(model, MOST_BYTES), &count);
    } else if (way == 1) {
        const uint8_t *span;
        const size_t wanted = draw(model, 3) == 0 ? draw(model, MOST_BYTES) : draw(model, 2);
        const sps_error error = sps_stream_peek(slot->stream, wanted, &span, &count);
        if (wanted > 0) {
            slot->wanted = error == SPS_ERR_BUSY ? wanted : 0;
        }
        if (error == SPS_ERR_BUSY) {
            return; // it waits for the rest
        }
        count = count > 0 ? 1 + draw(model, (uint32_t)count) : 0;
        memcpy(scratch, span != NULL ? span : scratch, count);
        OK(sps_stream_consume(slot->stream, count));
    } else {
        const uint32_t most = draw(model, 50);
        while (count < most && sps_stream_try_get_u8(slot->stream, &scratch[count]) == SPS_OK) {
            count++;
        }
    }
    ck_assert(is_pattern(scratch, count, slot->received));
    slot->received += count;
    slot->wanted = way == 1 ? slot->wanted : 0; // the last request counts
}

static void leaves_or_comes(model *model, slot *slot) {
    if (!slot->in_poller) {
        add(model, slot);
    } else if (pending(slot) == 0 && !slot->expects_connected) {
        OK(sps_poller_remove(model->poller, slot->stream));
        slot->in_poller =
            false; // a refused put stays refused, and the next poller reports its room
    }
}

// This side replies no more. A refused put stays refused for ever.
static void finishes(slot *slot) {
    if (!slot->in_poller || slot->refused != 0 || !is_connected(slot)) {
        return;
    }
    const sps_error error = sps_socket_shutdown_write(slot->stream);
    if (error == SPS_ERR_BUSY) {
        slot->refused = 1; // the poller reports when to call again
    }
    slot->shut_down = error == SPS_OK;
}

static void disconnects(slot *slot) {
    OK(sps_socket_disconnect(slot->stream));
    close_slot(slot);
}

// ---- The poller's events

static void check_event(model *model, const sps_event *event) {
    slot *slot = event->user_data;
    ck_assert(slot >= model->slots && slot < model->slots + SLOTS);
    ck_assert_ptr_eq(slot->stream, event->stream);
    ck_assert(slot->in_poller);
    ck_assert_uint_ne(event->kinds, 0);
    if (event->kinds & SPS_EVENT_CONNECTED) {
        ck_assert(slot->expects_connected);
        slot->expects_connected = false;
    }
    if (event->kinds & SPS_EVENT_READABLE) {
        const size_t there = buffered(slot);
        ck_assert_uint_gt(there, 0);
        ck_assert_uint_gt(slot->received + there, slot->reported); // there are new bytes
        slot->reported = slot->received + there;
    }
    if (event->kinds & SPS_EVENT_WRITABLE) {
        ck_assert_uint_ne(slot->refused, 0);
        slot->refused = 0;
    }
    if (event->kinds & SPS_EVENT_FINISHED) {
        const int end = event->close_reason == SPS_CLOSE_PEER_FINISHED ? 1 : 2;
        ck_assert(slot->finished && slot->reported_end < end);
        slot->reported_end = end;
    }
    if (event->kinds & SPS_EVENT_CLOSED) {
        ck_assert(slot->expects_closed && slot->finished);
        ck_assert(!is_connected(slot));
        slot->expects_closed = false;
    }
    const bool is_end = (event->kinds & (SPS_EVENT_FINISHED | SPS_EVENT_CLOSED)) != 0;
    ck_assert_int_eq(event->close_reason != SPS_CLOSE_NONE, is_end);
}

static void wait_and_take(model *model, int32_t timeout_ms, uint32_t most) {
    size_t count;
    OK(sps_poller_wait(model->poller, timeout_ms, &count));
    sps_event event = {.struct_size = sizeof event};
    while (most-- > 0 && sps_poller_next_event(model->poller, &event) == SPS_OK) {
        check_event(model, &event);
    }
}

// ---- The events that must have come once everything has settled

static bool is_settled(const slot *slot) {
    if (!slot->in_poller) {
        return true;
    }
    if (!is_connected(slot)) {
        return !slot->expects_closed;
    }
    const size_t there = buffered(slot);
    const bool all_reported = there == 0 || slot->reported == slot->received + there;
    const bool all_there = slot->was_reset || slot->received + there == slot->sent;
    const bool is_full = there >= 1000 && there >= slot->wanted; // the smallest read buffer
    const bool may_reply = slot->half_open && !slot->shut_down;
    const bool open_still = !slot->finished || there > 0 || pending(slot) > 0 || may_reply;
    const bool written = slot->other == -1 || pending(slot) > 0 || slot->refused == 0;
    return !slot->expects_connected && all_reported && (all_there || is_full) && open_still &&
           written;
}

static const char *describe(const slot *slot) {
    static char text[256];
    snprintf(
        text, sizeof text,
        "status %d, in poller %d, connected %d, closed %d; peer %s%s%s; sent %ju, received %ju, "
        "buffered %zu, reported %ju; put %ju, pending %zu, arrived %ju, refused %u",
        status_of(slot->stream), slot->in_poller, slot->expects_connected, slot->expects_closed,
        slot->other != -1 ? "open" : "closed", slot->finished ? " finished" : "",
        slot->was_reset ? " reset" : "", (uintmax_t)slot->sent, (uintmax_t)slot->received,
        buffered(slot), (uintmax_t)slot->reported, (uintmax_t)slot->put, pending(slot),
        (uintmax_t)slot->arrived, slot->refused);
    return text;
}

static void expect_settled(model *model) {
    for (slot *slot = model->slots; slot < model->slots + SLOTS; slot++) {
        if (slot->stream != NULL) {
            for (uint64_t end = now_ms() + 10000; !is_settled(slot);) {
                ck_assert_msg(now_ms() < end, "not settled: %s", describe(slot));
                wait_and_take(model, 0, UINT32_MAX);
            }
        }
    }
}

// ---- The run

static void step(model *model) {
    slot *slot = &model->slots[draw(model, SLOTS)];
    const uint32_t choice = draw(model, 100);
    if (slot->stream == NULL) {
        open_slot(model, slot);
    } else if (choice < 25) {
        peer_sends(model, slot);
    } else if (choice < 40) {
        gets_some(model, slot);
    } else if (choice < 55) {
        puts_some(model, slot);
    } else if (choice < 67) {
        peer_reads(model, slot);
    } else if (choice < 70) {
        leaves_or_comes(model, slot);
    } else if (choice < 73) {
        sps_socket_poll(slot->stream);
    } else if (choice < 75) {
        peer_ends(model, slot);
    } else if (choice < 76) {
        close_slot(slot);
    } else if (choice < 77) {
        disconnects(slot);
    } else if (choice < 78) {
        finishes(slot);
    } else {
        wait_and_take(model, 0, draw(model, 3) == 0 ? draw(model, 3) : UINT32_MAX);
    }
}

// The peers read all bytes that were put, and every byte arrives.
static void expect_all_arrived(model *model) {
    for (slot *slot = model->slots; slot < model->slots + SLOTS; slot++) {
        if (slot->stream != NULL && slot->other != -1 && is_connected(slot)) {
            WAIT_UNTIL((peer_reads(model, slot), wait_and_take(model, 0, UINT32_MAX),
                        slot->arrived == slot->put || !is_connected(slot)));
            WAIT_UNTIL((wait_and_take(model, 0, UINT32_MAX),
                        slot->refused == 0 || !slot->in_poller || !is_connected(slot)));
        }
    }
}

START_TEST(random_operations) {
    const char *first = getenv("SPS_SEED");
    const uint64_t seed = (first != NULL ? strtoull(first, NULL, 10) : 0) + (uint64_t)_i;
    model model = {.random = seed};
    const sps_poller_options options = {.struct_size = sizeof options,
                                        .max_events = seed % 3 == 0 ? 2 : 0,
                                        .max_read_bytes = seed % 4 == 0 ? 500 : 0};
    OK(sps_poller_create(&options, &model.poller));
    for (int i = 0; i < TRANSPORTS; i++) {
        model.servers[i] = make_server((transport)i, NULL);
        model.places[i] = listen_somewhere(model.servers[i], (transport)i);
    }
    for (int i = 0; i < STEPS; i++) {
        step(&model);
        if (i % 100 == 99) {
            expect_settled(&model);
        }
    }
    expect_settled(&model);
    expect_all_arrived(&model);
    for (int i = 0; i < SLOTS; i++) {
        if (model.slots[i].stream != NULL) {
            close_slot(&model.slots[i]);
        }
    }
    for (int i = 0; i < TRANSPORTS; i++) {
        sps_server_destroy(model.servers[i]);
    }
    sps_poller_destroy(model.poller);
}
END_TEST

Suite *poller_model_suite(void) {
    Suite *suite = suite_create("poller_model");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, random_operations, 0, 60);
    return suite;
}

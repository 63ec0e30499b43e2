// SPDX-License-Identifier: MIT
#include <time.h>

#include "support/pollers.h"

#include <string.h>

sps_poller *make_poller(const sps_poller_options *options) {
    sps_poller *poller = NULL;
    OK(sps_poller_create(options, &poller));
    return poller;
}

void watch_pair(pair *pair, const sps_poller_options *options) {
    pair->poller = make_poller(options);
    OK(sps_poller_add(pair->poller, pair->client, NULL));
}

void unwatch_pair(pair *pair) {
    OK(sps_poller_remove(pair->poller, pair->client));
    sps_poller_destroy(pair->poller);
    pair->poller = NULL;
}

pair connect_watched_with(transport transport, const sps_stream_options *options) {
    pair pair = connect_pair_with(transport, options);
    watch_pair(&pair, NULL);
    return pair;
}

pair connect_watched(transport transport) {
    return connect_watched_with(transport, NULL);
}

size_t wait_once(sps_poller *poller, int32_t timeout_ms) {
    size_t count = 99;
    OK(sps_poller_wait(poller, timeout_ms, &count));
    return count;
}

bool next_event(sps_poller *poller, sps_event *event) {
    *event = (sps_event){.struct_size = sizeof *event};
    const sps_error error = sps_poller_next_event(poller, event);
    ck_assert(error == SPS_OK || error == SPS_ERR_BUSY);
    return error == SPS_OK;
}

sps_event wait_for_event(sps_poller *poller) {
    sps_event event;
    if (!next_event(poller, &event)) {
        wait_once(poller, 20000);
        ck_assert_msg(next_event(poller, &event), "no event came");
    }
    return event;
}

static void check_event(const sps_event *event, const sps_stream *stream, uint32_t kinds) {
    ck_assert_ptr_eq(event->stream, stream);
    ck_assert_ptr_null(event->server);
    ck_assert_uint_eq(event->kinds, kinds);
}

void expect_event(sps_poller *poller, const sps_stream *stream, uint32_t kinds) {
    const sps_event event = wait_for_event(poller);
    check_event(&event, stream, kinds);
}

void expect_event_now(sps_poller *poller, const sps_stream *stream, uint32_t kinds) {
    sps_event event;
    ck_assert_msg(next_event(poller, &event), "no event is there");
    check_event(&event, stream, kinds);
}

void expect_closed(sps_poller *poller, const sps_stream *stream, sps_close_reason reason) {
    const sps_event event = wait_for_event(poller);
    check_event(&event, stream, SPS_EVENT_CLOSED);
    ck_assert_str_eq(sps_close_reason_name(event.close_reason), sps_close_reason_name(reason));
}

void expect_nothing(sps_poller *poller) {
    for (int i = 0; i < 5; i++) {
        ck_assert_uint_eq(wait_once(poller, 2), 0);
    }
    sps_event event;
    ck_assert(!next_event(poller, &event));
}

// The processor time that this process has used.
static int64_t processor_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void expect_rest(sps_poller *poller, int32_t duration_ms) {
    const int64_t before = processor_ms();
    ck_assert_uint_eq(wait_once(poller, duration_ms), 0);
    ck_assert_int_lt(processor_ms() - before, 100);
}

size_t take_events(sps_poller *poller, uint32_t kinds) {
    size_t count = 0;
    for (sps_event event; next_event(poller, &event); count++) {
        ck_assert_uint_ne(event.kinds, 0);
        ck_assert_uint_eq(event.kinds & ~kinds, 0);
    }
    return count;
}

void gather_events(sps_poller *poller, const sps_stream *stream, uint32_t kinds) {
    uint32_t reported = 0;
    while ((reported & kinds) != kinds) {
        const sps_event event = wait_for_event(poller);
        ck_assert_ptr_eq(event.stream, stream);
        ck_assert_uint_eq(event.kinds & ~kinds, 0);
        reported |= event.kinds;
    }
}

void gather_until(sps_poller *poller, uint32_t kind) {
    while (!(wait_for_event(poller).kinds & kind)) {
    }
}

size_t pending(const sps_stream *stream) {
    size_t bytes = 99;
    OK(sps_stream_get_pending_write_bytes(stream, &bytes));
    return bytes;
}

size_t buffered(sps_stream *stream) {
    const uint8_t *span;
    size_t count = 0;
    OK(sps_stream_peek(stream, 0, &span, &count));
    return count;
}

void expect_portions(pair *pair, size_t bytes, size_t most_at_once) {
    static const uint8_t zeros[4096];
    for (int round = 0; round < 3; round++) {
        expect_nothing(pair->poller); // it is at rest
        OK(sps_stream_put_data(pair->peer, zeros, bytes, NULL));
        for (size_t received = 0; received < bytes;) {
            expect_event(pair->poller, pair->client, SPS_EVENT_READABLE);
            const size_t count = buffered(pair->client);
            ck_assert_uint_le(count, most_at_once);
            OK(sps_stream_consume(pair->client, count));
            received += count;
        }
    }
}

uint64_t put_until_busy(sps_stream *stream, size_t piece, uint64_t offset) {
    static uint8_t bytes[65536];
    for (;;) {
        fill_pattern(bytes, piece, offset);
        const sps_error error = sps_stream_put_data(stream, bytes, piece, NULL);
        if (error == SPS_ERR_BUSY) {
            return offset;
        }
        OK(error);
        offset += piece;
    }
}

uint64_t fill(sps_poller *poller, sps_stream *stream, size_t piece, uint64_t offset) {
    for (int refused = 0; refused < 25;) {
        const uint64_t before = offset;
        offset = put_until_busy(stream, piece, offset);
        wait_once(poller, 10);
        const bool is_reported = take_events(poller, SPS_EVENT_WRITABLE) > 0;
        refused = is_reported || offset > before ? 0 : refused + 1;
    }
    return offset;
}

uint64_t drain(sps_stream *stream, uint64_t offset) {
    uint8_t bytes[4096];
    size_t count = 1;
    while (count > 0) {
        OK(sps_stream_get_partial_data(stream, bytes, sizeof bytes, &count));
        ck_assert(is_pattern(bytes, count, offset));
        offset += count;
    }
    return offset;
}

uint64_t drain_until_reported(pair *pair, uint64_t offset) {
    WAIT_UNTIL((offset = drain(pair->peer, offset), wait_once(pair->poller, 0)) > 0);
    return offset;
}

void expect_watched_text(pair *pair, const char *text) {
    char got[16] = "";
    for (size_t received = 0; received < strlen(text);) {
        expect_event(pair->poller, pair->client, SPS_EVENT_READABLE);
        size_t count;
        OK(sps_stream_get_partial_data(pair->client, got + received, strlen(text) - received,
                                       &count));
        received += count;
    }
    ck_assert_str_eq(got, text);
}

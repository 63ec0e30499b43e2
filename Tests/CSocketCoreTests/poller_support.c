// SPDX-License-Identifier: MIT
#include <time.h>

#include "poller_support.h"

sps_poller *make_poller(const sps_poller_options *options) {
    sps_poller *poller = NULL;
    OK(sps_poller_create(options, &poller));
    return poller;
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

void expect_event(sps_poller *poller, const sps_stream *stream, uint32_t kinds) {
    const sps_event event = wait_for_event(poller);
    ck_assert_ptr_eq(event.stream, stream);
    ck_assert_ptr_null(event.server);
    ck_assert_uint_eq(event.kinds, kinds);
}

void expect_nothing(sps_poller *poller) {
    for (int i = 0; i < 5; i++) {
        ck_assert_uint_eq(wait_once(poller, 2), 0);
    }
    sps_event event;
    ck_assert(!next_event(poller, &event));
}

void gather_events(sps_poller *poller, const sps_stream *stream, uint32_t kinds) {
    uint32_t told = 0;
    while ((told & kinds) != kinds) {
        const sps_event event = wait_for_event(poller);
        ck_assert_ptr_eq(event.stream, stream);
        ck_assert_uint_eq(event.kinds & ~kinds, 0);
        told |= event.kinds;
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

uint64_t fill(sps_poller *poller, sps_stream *stream, size_t piece, uint64_t offset) {
    uint8_t bytes[70000];
    for (int refused = 0; refused < 25;) {
        fill_pattern(bytes, piece, offset);
        const sps_error error = sps_stream_put_data(stream, bytes, piece, NULL);
        if (error == SPS_OK) {
            refused = 0;
            offset += piece;
            continue;
        }
        IS(error, SPS_ERR_BUSY);
        refused++;
        sps_event event;
        wait_once(poller, 10);
        while (next_event(poller, &event)) {
            ck_assert_uint_eq(event.kinds, SPS_EVENT_WRITABLE);
            refused = 0;
        }
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

int64_t processor_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// SPDX-License-Identifier: MIT
//
// The layout of a stream's fields. A get or put of a typed value touches one cache line.
#include "base/memory.h"
#include "stream/stream.h"
#include "streampeersocket/streampeersocket.h"

#include "support/support.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static size_t line_of(size_t offset) {
    return offset / SPSI_CACHE_LINE_BYTES;
}

// This holds with 64-bit pointers. On other machines the fields are close, but without a guarantee.
START_TEST(a_typed_value_touches_one_cache_line) {
    if (sizeof(void *) != 8) {
        return;
    }
    const size_t queue_in = offsetof(sps_stream, in), queue_out = offsetof(sps_stream, out);
    const size_t fields[] = {
        queue_in + offsetof(spsi_byte_queue, head),
        queue_in + offsetof(spsi_byte_queue, tail),
        queue_out + offsetof(spsi_byte_queue, tail),
        queue_out + offsetof(spsi_byte_queue, limit),
        offsetof(sps_stream, swap_bytes),
        offsetof(sps_stream, big_endian),
        offsetof(sps_stream, batching),
    };
    for (size_t i = 1; i < COUNT(fields); i++) {
        ck_assert_uint_eq(line_of(fields[i]), line_of(fields[0]));
    }
    ck_assert_uint_eq(line_of(offsetof(sps_stream, ops)), line_of(fields[0]) + 1);
}
END_TEST

// malloc(3) aligns to 16 bytes there, and may align to 8 with pointers of 32 bits.
START_TEST(every_stream_begins_at_a_cache_line) {
    if (sizeof(void *) != 8) {
        printf("skipped: malloc(3) may align to 8 bytes\n");
        return;
    }
    sps_stream *streams[40];
    for (size_t i = 0; i < COUNT(streams); i++) {
        OK(i % 2 == 0 ? sps_tcp_create(NULL, &streams[i]) : sps_buffer_create(NULL, &streams[i]));
        ck_assert_uint_eq((uintptr_t)streams[i] % SPSI_CACHE_LINE_BYTES, 0);
    }
    for (size_t i = 0; i < COUNT(streams); i++) {
        sps_stream_destroy(streams[i]);
    }
}
END_TEST

static union {
    long long aligned;
    uint8_t bytes[4096];
} arena;
static size_t arena_begin;

static void *reallocate(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    (void)old_bytes;
    ck_assert(block == NULL || new_bytes == 0);
    return new_bytes != 0 ? arena.bytes + arena_begin : NULL;
}

// Wherever the block begins, the inline bytes fit in it, outside of the object.
START_TEST(the_slack_has_room_for_the_first_bytes) {
    const sps_allocator allocator = {.struct_size = sizeof allocator, .reallocate = reallocate};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    const size_t base = SPSI_CACHE_LINE_BYTES - (uintptr_t)arena.bytes % SPSI_CACHE_LINE_BYTES;
    for (size_t at = 0; at < SPSI_CACHE_LINE_BYTES; at += 8) {
        arena_begin = base + at;
        sps_stream *stream;
        OK(sps_tcp_create(&options, &stream));
        const uint8_t *block = arena.bytes + arena_begin, *object = (const uint8_t *)stream;
        const uint8_t *bytes = spsi_stream_inline_bytes(stream);
        const size_t object_bytes = stream->object_bytes;
        ck_assert(object >= block && bytes >= block);
        ck_assert(object + object_bytes <= block + object_bytes + SPSI_SLACK_BYTES);
        ck_assert(bytes + SPSI_INLINE_BYTES <= object || bytes >= object + object_bytes);
        ck_assert(bytes + SPSI_INLINE_BYTES <= block + object_bytes + SPSI_SLACK_BYTES);
        if (at % 16 == 0) {
            ck_assert_uint_eq((uintptr_t)stream % SPSI_CACHE_LINE_BYTES, 0);
        }
        sps_stream_destroy(stream);
    }
}
END_TEST

Suite *stream_layout_suite(void) {
    Suite *suite = suite_create("stream_layout");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_typed_value_touches_one_cache_line);
    tcase_add_test(all, every_stream_begins_at_a_cache_line);
    tcase_add_test(all, the_slack_has_room_for_the_first_bytes);
    return suite;
}

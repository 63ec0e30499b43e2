// SPDX-License-Identifier: MIT
//
// What a stranger may put on a stream: whatever it claims takes no time and no memory, and what is refused
// leaves the stream as it is documented.
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/counting_allocator.h"
#include "support/json.h"
#include "support/support.h"

enum {
    PREFIX_BYTES = 4,
    MEMORY_FACTOR = 4,
    MEMORY_CONSTANT = 8192, // the stream, and the least that its queue grows by
    ATTEMPTS = 20,          // of which the quickest counts: others have waited for the processor
};

// A refusal is a few microseconds of work; this is for slow machines and sanitizers.
static uint64_t quick_ns(void) {
    return is_slowed() || ADDRESS_SANITIZER ? 5000000 : 500000;
}

// ---- A stream out of memory

typedef struct source {
    const uint8_t *bytes;
    size_t size, at;
    size_t piece; // at most so many a call
    bool ends;    // behind the last byte; else more may come
    size_t calls; // to read
} source;

static sps_error read_some(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    source *source = user_data;
    const size_t left = source->size - source->at;
    size_t taken = count < left ? count : left;
    taken = taken < source->piece ? taken : source->piece;
    if (taken > 0) {
        memcpy(buffer, source->bytes + source->at, taken);
    }
    source->at += taken;
    source->calls++;
    *out = taken;
    return left == 0 && source->ends ? SPS_ERR_FILE_EOF : SPS_OK;
}

static sps_error count_available(void *user_data, size_t *out) {
    const source *source = user_data;
    *out = source->size - source->at;
    return SPS_OK;
}

static sps_stream *open_source(source *source, account *account, uint32_t max_value_bytes) {
    static const sps_custom_operations operations = {
        .struct_size = sizeof operations,
        .get_partial_data = read_some,
        .get_available_bytes = count_available,
    };
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, account};
    const sps_stream_options options = {
        .struct_size = sizeof options,
        .max_value_bytes = max_value_bytes,
        .allocator = &allocator,
    };
    sps_stream *stream = NULL;
    OK(sps_custom_create(&operations, source, &options, &stream));
    return stream;
}

static size_t available(const sps_stream *stream) {
    size_t bytes = 0;
    OK(sps_stream_get_available_bytes((sps_stream *)stream, &bytes));
    return bytes;
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void store_u32(uint8_t *out, uint32_t value) {
    for (int i = 0; i < PREFIX_BYTES; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

// ---- Everything that takes a length off a stream

typedef sps_error (*getter)(sps_stream *stream, const uint8_t **out_data, size_t *out_bytes);

static sps_error get_string(sps_stream *stream, const uint8_t **out_data, size_t *out_bytes) {
    return sps_stream_get_string(stream, SPS_LENGTH_PREFIXED, (const char **)out_data, out_bytes);
}

static sps_error get_utf8_string(sps_stream *stream, const uint8_t **out_data, size_t *out_bytes) {
    return sps_stream_get_utf8_string(stream, SPS_LENGTH_PREFIXED, (const char **)out_data,
                                      out_bytes);
}

static sps_error try_get_string(sps_stream *stream, const uint8_t **out_data, size_t *out_bytes) {
    return sps_stream_try_get_string(stream, SPS_LENGTH_PREFIXED, (const char **)out_data,
                                     out_bytes);
}

static sps_error try_get_utf8_string(sps_stream *stream, const uint8_t **out_data,
                                     size_t *out_bytes) {
    return sps_stream_try_get_utf8_string(stream, SPS_LENGTH_PREFIXED, (const char **)out_data,
                                          out_bytes);
}

static const getter getters[] = {sps_stream_get_var,     get_string,     get_utf8_string,
                                 sps_stream_try_get_var, try_get_string, try_get_utf8_string};
enum { GETTERS = sizeof getters / sizeof getters[0], WAITING_GETTERS = GETTERS / 2 };

// 2 GiB and more, of which nothing comes: refused at once, with nothing consumed and no memory but the
// first read's.
START_TEST(a_length_of_2_gib_is_refused_at_once) {
    static const uint32_t lengths[] = {8 * 1024 * 1024 + 1, 0x7fffffff, 0x80000000, UINT32_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint8_t bytes[PREFIX_BYTES + 16] = {0};
        store_u32(bytes, lengths[i]);
        source source = {.bytes = bytes, .size = sizeof bytes, .piece = SIZE_MAX};
        account account = {0};
        sps_stream *stream = open_source(&source, &account, 0);
        const size_t before = account.calls;
        uint64_t quickest = UINT64_MAX;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            const uint8_t *data = bytes;
            size_t size = 1;
            const uint64_t begin = now_ns();
            IS(getters[_i](stream, &data, &size), SPS_ERR_INVALID_DATA);
            const uint64_t taken = now_ns() - begin;
            quickest = taken < quickest ? taken : quickest;
            ck_assert(data == NULL && size == 0);
            ck_assert_uint_eq(available(stream), sizeof bytes);
        }
        ck_assert_uint_lt(quickest, quick_ns());
        ck_assert_uint_le(account.calls - before, 1);
        ck_assert_uint_le(account.most, MEMORY_CONSTANT);
        uint32_t length;
        OK(sps_stream_get_u32(stream, &length)); // the stream is usable
        ck_assert_uint_eq(length, lengths[i]);
        sps_stream_destroy(stream);
    }
}
END_TEST

// A stream that allows 2 GiB: what is claimed takes no memory either, only what has come.
START_TEST(a_length_that_is_allowed_takes_memory_as_bytes_come) {
    enum { COME = 100000 };
    uint8_t *bytes = calloc(1, COME);
    store_u32(bytes, INT32_MAX - PREFIX_BYTES);
    for (size_t come = PREFIX_BYTES; come <= COME; come = come < COME ? COME : COME + 1) {
        source source = {
            .bytes = bytes, .size = come, .piece = SIZE_MAX, .ends = _i < WAITING_GETTERS};
        account account = {0};
        sps_stream *stream = open_source(&source, &account, UINT32_MAX);
        const uint8_t *data;
        size_t size;
        IS(getters[_i](stream, &data, &size), source.ends ? SPS_ERR_FILE_EOF : SPS_ERR_BUSY);
        ck_assert_uint_le(account.most, MEMORY_FACTOR * come + 2 * 65536);
        ck_assert_uint_le(account.calls, 20);
        ck_assert(source.ends || available(stream) == come);
        sps_stream_destroy(stream);
        ck_assert_uint_eq(account.bytes, 0);
    }
    free(bytes);
}
END_TEST

// ---- Inside a value

// Takes a value off the stream and copies it item by item; the reader's last answer.
static sps_error take_value(sps_stream *stream, account *account, sps_variant_fault *out_fault) {
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, account};
    const sps_variant_writer_options writes = {
        .struct_size = sizeof writes, .max_bytes = UINT32_MAX, .allocator = &allocator};
    const sps_variant_reader_options reads = {.struct_size = sizeof reads, .allow_objects = 1};
    const uint8_t *value;
    size_t bytes;
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_writer copy = {.struct_size = sizeof copy};
    sps_variant_item item = {.struct_size = sizeof item};
    OK(sps_stream_get_var(stream, &value, &bytes));
    OK(sps_variant_reader_init(&reader, value, bytes, &reads));
    OK(sps_variant_writer_init(&copy, &writes));
    sps_error error;
    while ((error = sps_variant_reader_next(&reader, &item)) == SPS_OK) {
        OK(sps_variant_write(&copy, &item));
    }
    *out_fault = sps_variant_reader_fault(&reader);
    sps_variant_writer_destroy(&copy);
    return error;
}

static void expect_next_value(sps_stream *stream) {
    uint32_t next = 0;
    OK(sps_stream_get_u32(stream, &next));
    ck_assert_uint_eq(next, 0x600dda7a);
    ck_assert_uint_eq(available(stream), 0);
}

// A value and what follows it.
static size_t frame_value(const uint8_t *value, size_t bytes, uint8_t *out) {
    store_u32(out, (uint32_t)bytes);
    if (bytes > 0) {
        memcpy(out + PREFIX_BYTES, value, bytes);
    }
    store_u32(out + PREFIX_BYTES + bytes, 0x600dda7a);
    return 2 * PREFIX_BYTES + bytes;
}

// Of any type, with its flags, and 2 GiB wherever a count or a length may stand.
START_TEST(counts_of_2_gib_inside_a_value_are_refused_at_once) {
    enum { WORDS = 16, FLAGS = 16 };
    for (uint32_t kind = 0; kind < SPS_VARIANT_TYPES * FLAGS; kind++) {
        for (size_t sound = 1; sound < WORDS; sound++) { // words before the first that claims
            uint8_t value[4 * WORDS] = {0}, framed[sizeof value + 2 * PREFIX_BYTES];
            store_u32(value, kind / FLAGS | kind % FLAGS << 16);
            for (size_t word = sound; word < WORDS; word++) {
                store_u32(value + 4 * word, 0x7fffffff);
            }
            source source = {.bytes = framed, .piece = SIZE_MAX};
            source.size = frame_value(value, sizeof value, framed);
            account account = {0};
            sps_stream *stream = open_source(&source, &account, 0);
            const size_t before = account.most;
            sps_variant_fault fault;
            const uint64_t begin = now_ns();
            const sps_error error = take_value(stream, &account, &fault);
            ck_assert_uint_lt(now_ns() - begin, 1000 * (uint64_t)quick_ns()); // not for 2 GiB
            ck_assert(error == SPS_ERR_FILE_EOF || error == SPS_ERR_INVALID_DATA);
            ck_assert_uint_le(account.most - before,
                              MEMORY_FACTOR * sizeof framed + MEMORY_CONSTANT);
            expect_next_value(stream);
            sps_stream_destroy(stream);
        }
    }
}
END_TEST

// Arrays in arrays, and dictionaries whose keys are dictionaries.
START_TEST(a_million_levels_are_refused_at_once) {
    enum { LEVELS = 1000000, LEVEL_BYTES = 8 };
    const uint32_t type = _i == 0 ? SPS_VARIANT_ARRAY : SPS_VARIANT_DICTIONARY;
    const size_t size = (size_t)LEVEL_BYTES * LEVELS;
    uint8_t *bytes = malloc(size + 2 * PREFIX_BYTES);
    for (size_t i = 0; i < LEVELS; i++) {
        store_u32(bytes + PREFIX_BYTES + LEVEL_BYTES * i, type);
        store_u32(bytes + PREFIX_BYTES + LEVEL_BYTES * i + 4, 1);
    }
    store_u32(bytes, (uint32_t)size);
    store_u32(bytes + PREFIX_BYTES + size, 0x600dda7a);
    source source = {.bytes = bytes, .size = size + 2 * PREFIX_BYTES, .piece = 65536};
    account account = {0};
    sps_stream *stream = open_source(&source, &account, 0);
    const uint8_t *value;
    size_t value_bytes;
    OK(sps_stream_get_var(stream, &value, &value_bytes));
    ck_assert_uint_eq(value_bytes, size);
    ck_assert_uint_le(account.most, MEMORY_FACTOR * size);
    ck_assert_uint_le(account.calls, 20);
    const size_t before = account.calls;
    uint64_t quickest = UINT64_MAX;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        sps_variant_reader reader = {.struct_size =
                                         sizeof reader}; // which has no memory but its own
        sps_variant_item item = {.struct_size = sizeof item};
        sps_error error;
        const uint64_t begin = now_ns();
        OK(sps_variant_reader_init(&reader, value, value_bytes, NULL));
        while ((error = sps_variant_reader_next(&reader, &item)) == SPS_OK) {
        }
        const uint64_t taken = now_ns() - begin;
        quickest = taken < quickest ? taken : quickest;
        IS(error, SPS_ERR_INVALID_DATA);
        ck_assert_int_eq(sps_variant_reader_fault(&reader), SPS_VARIANT_TOO_DEEP);
        ck_assert_uint_eq(sps_variant_reader_offset(&reader), LEVEL_BYTES * SPS_VARIANT_MAX_DEPTH);
    }
    ck_assert_uint_lt(quickest, quick_ns()); // 1,024 levels, not a million
    ck_assert_uint_eq(account.calls, before);
    expect_next_value(stream);
    sps_stream_destroy(stream);
    free(bytes);
}
END_TEST

// ---- A line that does not end

// It costs as many reads and blocks as it doubles, not as it has bytes; and no more than it may be long.
START_TEST(a_long_line_costs_few_reads) {
    enum { BYTES = 1000000 };
    uint8_t *bytes = malloc(BYTES);
    memset(bytes, 'x', BYTES);
    source source = {.bytes = bytes, .size = BYTES, .piece = SIZE_MAX};
    account account = {0};
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .get_partial_data = read_some};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = {
        .struct_size = sizeof options, .read_buffer_bytes = 1000, .allocator = &allocator};
    sps_stream *stream = NULL;
    const char *line;
    size_t size;
    OK(sps_custom_create(&operations, &source, &options, &stream));
    IS(sps_stream_try_get_line(stream, 300000, &line, &size), SPS_ERR_INVALID_DATA);
    ck_assert_uint_eq(source.at, 300001); // one more than it may have, to know
    IS(sps_stream_try_get_line(stream, 0, &line, &size), SPS_ERR_BUSY);
    ck_assert_uint_eq(source.at, BYTES);
    ck_assert_uint_le(source.calls, 20);
    ck_assert_uint_le(account.calls, 20);
    ck_assert_uint_le(account.most, MEMORY_FACTOR * BYTES);
    bytes[BYTES - 1] = '\n';
    source.at = BYTES - 1;
    OK(sps_stream_try_get_line(stream, 0, &line, &size));
    ck_assert_uint_eq(size, BYTES);
    sps_stream_destroy(stream);
    free(bytes);
}
END_TEST

// ---- What a real Godot wrote, cut and changed

typedef struct vector {
    uint8_t bytes[1024]; // with the length before them
    size_t size;
} vector;

static vector vectors[128];
static size_t vector_count;

static void add_vector(json_t *row, void *unused) {
    (void)unused;
    vector *vector = &vectors[vector_count++];
    vector->size = parse_hex(text_of(row, "hex"), vector->bytes, sizeof vector->bytes);
}

static void load_vectors(void) {
    ck_assert_uint_ge(visit_wire_rows("put_var", add_vector, NULL), 80);
}

// The peer sends a part of a value and ends: a call that does not wait leaves it all readable, one that
// waits drops it and closes.
START_TEST(each_prefix_of_a_value_ends_as_documented) {
    for (size_t i = 0; i < vector_count; i++) {
        for (size_t size = 0; size < vectors[i].size; size++) {
            source source = {
                .bytes = vectors[i].bytes, .size = size, .piece = 1 + size % 7, .ends = true};
            account account = {0};
            sps_stream *stream = open_source(&source, &account, 0);
            const uint8_t *value;
            size_t bytes;
            if (size > 0) {
                sps_error error;
                while ((error = sps_stream_try_get_var(stream, &value, &bytes)) == SPS_ERR_BUSY) {
                }
                IS(error, SPS_ERR_FILE_EOF);
                ck_assert_uint_eq(available(stream), size);
                OK(sps_stream_peek(stream, size, &value, &bytes));
                ck_assert_mem_eq(value, vectors[i].bytes, size);
            }
            IS(sps_stream_get_var(stream, &value, &bytes), SPS_ERR_FILE_EOF);
            IS(sps_stream_get_var(stream, &value, &bytes), SPS_FAILED); // it is closed
            ck_assert_uint_le(account.most, MEMORY_FACTOR * size + MEMORY_CONSTANT);
            sps_stream_destroy(stream);
            ck_assert_uint_eq(account.bytes, 0);
        }
    }
}
END_TEST

// What the length says is taken whole or not at all, whatever it says.
static void expect_as_its_length_says(const uint8_t *bytes, size_t size, bool waits) {
    const size_t length =
        (size_t)bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 24;
    source source = {.bytes = bytes, .size = size, .piece = 1 + size % 9, .ends = waits};
    account account = {0};
    sps_stream *stream = open_source(&source, &account, 0);
    const uint8_t *value;
    size_t count;
    sps_error error;
    do {
        error = waits ? sps_stream_get_var(stream, &value, &count)
                      : sps_stream_try_get_var(stream, &value, &count);
    } while (error == SPS_ERR_BUSY && source.at < size);
    if (length > 8 * 1024 * 1024) {
        IS(error, SPS_ERR_INVALID_DATA);
        ck_assert_uint_eq(available(stream), size);
    } else if (PREFIX_BYTES + length > size) {
        IS(error, waits ? SPS_ERR_FILE_EOF : SPS_ERR_BUSY);
        ck_assert(waits || available(stream) == size);
    } else {
        OK(error);
        ck_assert_uint_eq(count, length);
        ck_assert(length == 0 || memcmp(value, bytes + PREFIX_BYTES, length) == 0);
        ck_assert_uint_eq(available(stream), size - PREFIX_BYTES - length);
    }
    ck_assert_uint_le(account.most, MEMORY_FACTOR * size + MEMORY_CONSTANT);
    sps_stream_destroy(stream);
}

START_TEST(each_changed_length_is_read_as_a_length) {
    for (size_t i = 0; i < vector_count; i++) {
        uint8_t bytes[sizeof vectors[i].bytes + PREFIX_BYTES];
        const size_t size =
            frame_value(vectors[i].bytes + PREFIX_BYTES, vectors[i].size - PREFIX_BYTES, bytes);
        for (size_t at = 0; at < PREFIX_BYTES; at++) {
            for (unsigned change = 1; change < 256; change += i % 5 + 1) {
                const uint8_t before = bytes[at];
                bytes[at] = (uint8_t)(before ^ change);
                expect_as_its_length_says(bytes, size, _i);
                bytes[at] = before;
            }
        }
    }
}
END_TEST

// Over a socket: each value with one byte changed, one after the other. Whatever a reader thinks of it, it
// has left the stream, and the next is whole.
START_TEST(each_changed_value_leaves_the_stream_at_the_next) {
    pair pair = connect_pair(_i);
    account account = {0};
    for (size_t i = 0; i < vector_count; i++) {
        uint8_t framed[sizeof vectors[i].bytes + PREFIX_BYTES];
        const size_t size =
            frame_value(vectors[i].bytes + PREFIX_BYTES, vectors[i].size - PREFIX_BYTES, framed);
        for (size_t at = PREFIX_BYTES; at < size - PREFIX_BYTES; at++) {
            const uint8_t before = framed[at];
            framed[at] = (uint8_t)(before ^ (at % 3 == 0 ? 0xff : 1u << at % 8));
            OK(sps_stream_put_data(pair.client, framed, size, NULL));
            sps_variant_fault fault;
            const sps_error error = take_value(pair.peer, &account, &fault);
            ck_assert(error == SPS_ERR_FILE_EOF || error == SPS_ERR_INVALID_DATA);
            ck_assert((error == SPS_ERR_FILE_EOF) == (fault == SPS_VARIANT_SOUND));
            expect_next_value(pair.peer);
            framed[at] = before;
        }
    }
    ck_assert_uint_eq(account.bytes, 0);
    close_pair(&pair);
}
END_TEST

Suite *hostile_input_suite(void) {
    Suite *suite = suite_create("hostile_input");
    TCase *all = add_case(suite, "all");
    tcase_add_checked_fixture(all, load_vectors, NULL);
    tcase_add_loop_test(all, a_length_of_2_gib_is_refused_at_once, 0, GETTERS);
    tcase_add_loop_test(all, a_length_that_is_allowed_takes_memory_as_bytes_come, 0, GETTERS);
    tcase_add_test(all, counts_of_2_gib_inside_a_value_are_refused_at_once);
    tcase_add_loop_test(all, a_million_levels_are_refused_at_once, 0, 2);
    tcase_add_test(all, a_long_line_costs_few_reads);
    tcase_add_test(all, each_prefix_of_a_value_ends_as_documented);
    tcase_add_loop_test(all, each_changed_length_is_read_as_a_length, 0, 2);
    tcase_add_loop_test(all, each_changed_value_leaves_the_stream_at_the_next, 0, TRANSPORTS);
    return suite;
}

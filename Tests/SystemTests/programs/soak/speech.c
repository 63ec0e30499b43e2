// SPDX-License-Identifier: MIT
#include "speech.h"

#include <string.h>

#include "../lab.h"

typedef enum item_kind {
    NUMBER,
    BYTES,
    STREAM,
    STRING,
    UTF8,
    LINE,
    UNTIL,
    VAR,
    PACKET,
    PACKET_VAR
} item_kind;

static const char *const kind_names[] = {"a number",
                                         "bytes",
                                         "a long stream of bytes",
                                         "a string",
                                         "a UTF-8 string",
                                         "a line",
                                         "text up to a delimiter",
                                         "a Variant",
                                         "a packet",
                                         "a Variant in a packet"};

// How often each kind comes, in a hundred, and its largest size.
static const struct {
    uint32_t share, most_bytes;
} kinds[] = {
    [NUMBER] = {40, 0},   [BYTES] = {10, 6000},     [STREAM] = {2, 150000}, [STRING] = {8, 6000},
    [UTF8] = {8, 6000},   [LINE] = {8, 3000},       [UNTIL] = {4, 3000},    [VAR] = {8, 3000},
    [PACKET] = {8, 6000}, [PACKET_VAR] = {4, 3000},
};

typedef struct item {
    item_kind kind;
    uint32_t size;
    uint64_t key;
} item;

// Most are small; some have the largest size of their kind.
static uint32_t size_of(uint64_t key, uint32_t most) {
    const uint32_t dice = key >> 32 & 63;
    const uint32_t bound = dice < 40 ? most / 100 : dice < 60 ? most / 10 : most;
    return 1 + (uint32_t)(key & 0xFFFFFF) % (bound < most ? bound + 1 : most);
}

static item item_at(const speech *speech) {
    const uint64_t key = mix(speech->key + speech->items);
    uint32_t dice = (uint32_t)(key >> 40) % 100;
    unsigned kind = NUMBER;
    while (dice >= kinds[kind].share) {
        dice -= kinds[kind++].share;
    }
    const uint32_t most = kinds[kind].most_bytes;
    return (item){(item_kind)kind, most > 0 ? size_of(mix(key), most) : 0, key};
}

const char *speech_kind(const speech *speech) {
    return kind_names[item_at(speech).kind];
}

// ---- The content of items

enum { PATTERN = 65536 };

// Up to PATTERN bytes from `offset` on, of the bytes that belong to the key.
static const uint8_t *bytes_at(uint64_t key, uint32_t offset) {
    static uint8_t pattern[2 * PATTERN];
    if (pattern[0] == 0) {
        for (uint32_t i = 0; i < PATTERN; i++) {
            pattern[i] = pattern[i + PATTERN] = (uint8_t)(mix(i) | (i == 0));
        }
    }
    return pattern + (key % PATTERN + offset) % PATTERN;
}

// A text that belongs to the key, of about `item.size` bytes at most. It contains no line ending.
static const char *text_of(item item, bool is_wide, size_t *out_bytes) {
    static char text[MOST_WHOLE_BYTES];
    const char *const word = is_wide ? " ß猫🐈" : " stream";
    const size_t length = strlen(word);
    size_t count = (size_t)snprintf(text, sizeof text, "%016jx", (uintmax_t)item.key);
    for (; count + length <= item.size; count += length) {
        memcpy(text + count, word, length);
    }
    *out_bytes = count;
    return text;
}

static void write_variant(sps_variant_writer *writer, item item) {
    size_t bytes;
    const char *text = text_of(item, true, &bytes);
    EXPECT_OK(sps_variant_write_dictionary(writer, 3, NULL, NULL));
    EXPECT_OK(sps_variant_write_string(writer, text, bytes));
    EXPECT_OK(sps_variant_write_int(writer, (int64_t)item.key));
    EXPECT_OK(sps_variant_write_string_name(writer, "real", 4));
    EXPECT_OK(sps_variant_write_float(writer, (double)item.key));
    EXPECT_OK(sps_variant_write_nil(writer));
    EXPECT_OK(sps_variant_write_array(writer, 2, NULL));
    EXPECT_OK(sps_variant_write_packed(writer, SPS_VARIANT_PACKED_BYTE_ARRAY, bytes_at(item.key, 0),
                                       item.size));
    EXPECT_OK(sps_variant_write_bool(writer, item.key & 1));
}

static sps_variant_writer *writer_in(sps_variant_writer *writer, uint8_t *memory) {
    const sps_variant_writer_options options = {
        .struct_size = sizeof options, .buffer = memory, .buffer_bytes = MOST_WHOLE_BYTES};
    EXPECT_OK(sps_variant_writer_init(writer, &options));
    return writer;
}

// Writes the item's value, and returns its bytes.
static const uint8_t *variant_of(item item, size_t *out_bytes) {
    static sps_variant_writer writer = {.struct_size = sizeof writer};
    static uint8_t memory[MOST_WHOLE_BYTES];
    const uint8_t *data;
    write_variant(writer_in(&writer, memory), item);
    EXPECT_OK(sps_variant_writer_get_data(&writer, &data, out_bytes));
    return data;
}

// ---- Numbers: each of the eleven functions

#define EACH_NUMBER(DO, bits)                                                                      \
    DO(0, uint8_t, u8, (uint8_t)(bits))                                                            \
    DO(1, uint16_t, u16, (uint16_t)(bits))                                                         \
    DO(2, uint32_t, u32, (uint32_t)(bits))                                                         \
    DO(3, uint64_t, u64, bits)                                                                     \
    DO(4, int8_t, 8, (int8_t)(bits))                                                               \
    DO(5, int16_t, 16, (int16_t)(bits))                                                            \
    DO(6, int32_t, 32, (int32_t)(bits))                                                            \
    DO(7, int64_t, 64, (int64_t)(bits))                                                            \
    DO(8, float, half, (float)((bits)&1023))                                                       \
    DO(9, float, float, (float)((bits)&0xFFFFFF) / 8)                                              \
    DO(10, double, double, (double)((bits) >> 12))

enum { NUMBERS = 11 };
static const uint8_t number_bytes[NUMBERS] = {1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8};

static sps_error put_number(item item, sps_stream *stream) {
    switch (item.key % NUMBERS) {
#define PUT(index, type, name, value)                                                              \
    case index:                                                                                    \
        return sps_stream_put_##name(stream, value);
        EACH_NUMBER(PUT, item.key)
    }
    return SPS_ERR_BUG;
}

static sps_error take_number(item item, sps_stream *stream, bool *out_same) {
    switch (item.key % NUMBERS) {
#define TAKE(index, type, name, value)                                                             \
    case index: {                                                                                  \
        type taken;                                                                                \
        const sps_error error = sps_stream_try_get_##name(stream, &taken);                         \
        *out_same = taken == (type)(value);                                                        \
        return error;                                                                              \
    }
        EACH_NUMBER(TAKE, item.key)
    }
    return SPS_ERR_BUG;
}

// ---- Putting

static const char delimiter[] = "\r\n--\r\n";
enum { DELIMITER_BYTES = sizeof delimiter - 1 };

static sps_error put_text(item item, sps_stream *stream, size_t *out_bytes) {
    char whole[MOST_WHOLE_BYTES];
    const char *text = text_of(item, item.kind == UTF8 || item.kind == LINE, out_bytes);
    if (item.kind == STRING || item.kind == UTF8) {
        const size_t bytes = *out_bytes;
        *out_bytes += 4;
        return item.kind == UTF8 ? sps_stream_put_utf8_string(stream, text, bytes)
                                 : sps_stream_put_string(stream, text, bytes);
    }
    const char *end = item.kind == UNTIL ? delimiter : item.key & 1 ? "\n" : "\r\n";
    memcpy(whole, text, *out_bytes);
    memcpy(whole + *out_bytes, end, strlen(end));
    *out_bytes += strlen(end);
    return sps_stream_put_text(stream, whole, *out_bytes);
}

static sps_error put_variant(item item, sps_stream *stream, sps_packet_peer *packets,
                             size_t *out_bytes) {
    size_t bytes;
    const uint8_t *value = variant_of(item, &bytes);
    *out_bytes = 4 + bytes;
    return item.kind == VAR ? sps_stream_put_var(stream, value, bytes)
                            : sps_packet_peer_put_var(packets, value, bytes);
}

// Puts as much as there is room for. The rest waits for room, as a whole put does.
static sps_error put_part(speech *mouth, item item, sps_stream *stream) {
    size_t sent = 1;
    while (mouth->offset < item.size && sent > 0) {
        const uint32_t left = item.size - mouth->offset;
        const sps_error error = sps_stream_put_partial_data(
            stream, bytes_at(item.key, mouth->offset), left < PATTERN ? left : PATTERN, &sent);
        if (error != SPS_OK) {
            return error;
        }
        mouth->offset += (uint32_t)sent;
    }
    return mouth->offset == item.size ? SPS_OK : SPS_ERR_BUSY;
}

sps_error speech_put(speech *mouth, sps_stream *stream, sps_packet_peer *packets) {
    const item item = item_at(mouth);
    size_t bytes = item.size;
    sps_error error;
    switch (item.kind) {
    case NUMBER:
        bytes = number_bytes[item.key % NUMBERS];
        error = put_number(item, stream);
        break;
    case BYTES:
        error = sps_stream_put_data(stream, bytes_at(item.key, 0), item.size, NULL);
        break;
    case STREAM:
        error = put_part(mouth, item, stream);
        break;
    case PACKET:
        bytes += 4;
        error = sps_packet_peer_put_packet(packets, bytes_at(item.key, 0), item.size);
        break;
    case VAR:
    case PACKET_VAR:
        error = put_variant(item, stream, packets, &bytes);
        break;
    default:
        error = put_text(item, stream, &bytes);
    }
    if (error == SPS_OK) {
        *mouth = (speech){mouth->key, mouth->items + 1, mouth->bytes + bytes, 0};
    }
    return error;
}

sps_error speech_put_sum(const speech *mouth, sps_stream *stream) {
    return sps_stream_put_u64(stream, mouth->bytes);
}

sps_error speech_put_oversized(sps_stream *stream) {
    return sps_stream_put_data(stream, "\xFF\xFF\xFF\x7F", 4, NULL);
}

// ---- Taking

static sps_error take_bytes(item item, sps_stream *stream, bool *out_same) {
    const uint8_t *data;
    size_t count;
    const sps_error error = sps_stream_peek(stream, item.size, &data, &count);
    if (error == SPS_OK) {
        *out_same = memcmp(data, bytes_at(item.key, 0), item.size) == 0;
        EXPECT_OK(sps_stream_consume(stream, item.size));
    }
    return error;
}

// Every second one by spans, the others by copies.
static sps_error take_some(item item, sps_stream *stream, uint8_t *copy, size_t most,
                           const uint8_t **out_data, size_t *out_count) {
    if (item.key & 1) {
        *out_data = copy;
        return sps_stream_get_partial_data(stream, copy, most, out_count);
    }
    const sps_error error = sps_stream_peek(stream, 1, out_data, out_count);
    *out_count = *out_count < most ? *out_count : most;
    return error;
}

static sps_error take_part(speech *ear, item item, sps_stream *stream, bool *out_same) {
    uint8_t copy[4096];
    *out_same = true;
    while (ear->offset < item.size && *out_same) {
        const size_t left = item.size - ear->offset;
        const uint8_t *data;
        size_t count;
        const sps_error error =
            take_some(item, stream, copy, left < sizeof copy ? left : sizeof copy, &data, &count);
        if (error != SPS_OK || count == 0) {
            return error == SPS_OK ? SPS_ERR_BUSY : error;
        }
        *out_same = memcmp(data, bytes_at(item.key, ear->offset), count) == 0;
        ear->offset += (uint32_t)count;
        if (data != copy) {
            EXPECT_OK(sps_stream_consume(stream, count));
        }
    }
    return SPS_OK;
}

static sps_error take_text(item item, sps_stream *stream, size_t *out_bytes, bool *out_same) {
    size_t count = 0;
    const char *said = text_of(item, item.kind == UTF8 || item.kind == LINE, out_bytes);
    const char *text = NULL;
    const uint8_t *data = NULL;
    const size_t length = *out_bytes;
    sps_error error;
    switch (item.kind) {
    case STRING:
        *out_bytes += 4;
        error = sps_stream_try_get_string(stream, SPS_LENGTH_PREFIXED, &text, &count);
        break;
    case UTF8:
        *out_bytes += 4;
        error = sps_stream_try_get_utf8_string(stream, SPS_LENGTH_PREFIXED, &text, &count);
        break;
    case LINE:
        *out_bytes += item.key & 1 ? 1 : 2;
        error = sps_stream_try_get_line(stream, MOST_WHOLE_BYTES, &text, &count);
        break;
    default:
        *out_bytes += DELIMITER_BYTES;
        error = sps_stream_try_get_until(stream, delimiter, DELIMITER_BYTES, 0, &data, &count);
        text = (const char *)data;
    }
    *out_same = count == length && text != NULL && memcmp(text, said, length) == 0;
    return error;
}

// Reads the value item by item, and writes each item. The bytes must be the same again.
static bool is_same_variant(item item, const uint8_t *data, size_t count, size_t *out_bytes) {
    static sps_variant_reader reader = {.struct_size = sizeof reader};
    static sps_variant_writer copier = {.struct_size = sizeof copier};
    static uint8_t memory[MOST_WHOLE_BYTES];
    const uint8_t *said = variant_of(item, out_bytes), *copy;
    sps_variant_item part = {.struct_size = sizeof part};
    writer_in(&copier, memory);
    sps_error error = sps_variant_reader_init(&reader, data, count, NULL);
    while (error == SPS_OK && (error = sps_variant_reader_next(&reader, &part)) == SPS_OK) {
        error = sps_variant_write(&copier, &part);
    }
    size_t bytes;
    return error == SPS_ERR_FILE_EOF && sps_variant_reader_offset(&reader) == count &&
           sps_variant_writer_get_data(&copier, &copy, &bytes) == SPS_OK && bytes == *out_bytes &&
           count == bytes && memcmp(copy, said, bytes) == 0 && memcmp(data, said, bytes) == 0;
}

static sps_error take_variant(item item, sps_stream *stream, sps_packet_peer *packets,
                              size_t *out_bytes, bool *out_same) {
    const uint8_t *data;
    size_t count;
    const sps_error error = item.kind == VAR ? sps_stream_try_get_var(stream, &data, &count)
                                             : sps_packet_peer_get_var(packets, &data, &count);
    *out_same = error == SPS_OK && is_same_variant(item, data, count, out_bytes);
    *out_bytes += 4;
    return error == SPS_ERR_UNAVAILABLE ? SPS_ERR_BUSY : error;
}

static sps_error take_packet(item item, sps_packet_peer *packets, bool *out_same) {
    const uint8_t *data;
    size_t count;
    const sps_error error = sps_packet_peer_get_packet(packets, &data, &count);
    *out_same = count == item.size && memcmp(data, bytes_at(item.key, 0), count) == 0;
    return error == SPS_ERR_UNAVAILABLE ? SPS_ERR_BUSY : error;
}

sps_error speech_take(speech *ear, sps_stream *stream, sps_packet_peer *packets) {
    const item item = item_at(ear);
    size_t bytes = item.size;
    bool is_same = false;
    sps_error error;
    switch (item.kind) {
    case NUMBER:
        bytes = number_bytes[item.key % NUMBERS];
        error = take_number(item, stream, &is_same);
        break;
    case BYTES:
        error = take_bytes(item, stream, &is_same);
        break;
    case STREAM:
        error = take_part(ear, item, stream, &is_same);
        break;
    case PACKET:
        bytes += 4;
        error = take_packet(item, packets, &is_same);
        break;
    case VAR:
    case PACKET_VAR:
        error = take_variant(item, stream, packets, &bytes, &is_same);
        break;
    default:
        error = take_text(item, stream, &bytes, &is_same);
    }
    if (error != SPS_OK) {
        return error;
    }
    if (!is_same) {
        return SPS_ERR_BUG;
    }
    *ear = (speech){ear->key, ear->items + 1, ear->bytes + bytes, 0};
    return SPS_OK;
}

sps_error speech_take_sum(const speech *ear, sps_stream *stream) {
    uint64_t bytes;
    const sps_error error = sps_stream_try_get_u64(stream, &bytes);
    return error == SPS_OK && bytes != ear->bytes ? SPS_ERR_BUG : error;
}

// ---- Leftovers

// Makes the same puts, into memory.
bool speech_begins_with(const speech *ear, bool is_at_sum, bool big_endian, const uint8_t *data,
                        size_t count) {
    speech mouth = *ear;
    sps_stream *memory;
    sps_packet_peer *packets;
    const uint8_t *whole;
    size_t bytes;
    EXPECT_OK(sps_buffer_create(NULL, &memory));
    EXPECT_OK(sps_packet_stream_create(NULL, &packets));
    EXPECT_OK(sps_packet_peer_set_stream(packets, memory));
    EXPECT_OK(sps_stream_set_big_endian(memory, big_endian));
    EXPECT_OK(is_at_sum ? speech_put_sum(&mouth, memory) : speech_put(&mouth, memory, packets));
    EXPECT_OK(sps_buffer_get_data_array(memory, &whole, &bytes));
    const bool begins = count < bytes && memcmp(whole, data, count) == 0;
    sps_packet_peer_destroy(packets);
    sps_stream_destroy(memory);
    return begins;
}

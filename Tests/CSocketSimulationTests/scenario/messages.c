// SPDX-License-Identifier: MIT
#include "scenario/messages.h"

#include <string.h>

enum { MOST_MESSAGE = 4000, MOST_ENCODED = MOST_MESSAGE + 200 };

uint8_t pattern_byte(uint64_t key, uint64_t offset) {
    return (uint8_t)(((offset + key * 7919) * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
}

// Most are small; a packet has one byte at least.
static size_t size_of(uint64_t key, uint64_t n) {
    const uint64_t chance = (key * 31 + n) * UINT64_C(0xbf58476d1ce4e5b9) >> 40;
    return 1 + (size_t)(chance % 4 == 0 ? chance % MOST_MESSAGE : chance % 60);
}

static size_t fill_bytes(uint64_t key, uint64_t n, uint8_t *out) {
    const size_t size = size_of(key, n);
    for (size_t i = 0; i < size; i++) {
        out[i] = pattern_byte(key, n * MOST_MESSAGE + i);
    }
    return size;
}

// Without its end.
static size_t fill_line(uint64_t key, uint64_t n, uint8_t *out) {
    const size_t size = fill_bytes(key, n, out) - 1;
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)('a' + out[i] % 26);
    }
    return size;
}

// An array: the number, the bytes, and a dictionary.
static size_t fill_value(uint64_t key, uint64_t n, uint8_t *out) {
    static sps_variant_writer writer = {.struct_size = sizeof writer};
    const sps_variant_writer_options options = {
        .struct_size = sizeof options, .buffer = out, .buffer_bytes = MOST_ENCODED};
    uint8_t bytes[MOST_MESSAGE];
    const uint8_t *data;
    size_t size = fill_bytes(key, n, bytes);
    sps_variant_writer_init(&writer, &options);
    sps_variant_write_array(&writer, 3, NULL);
    sps_variant_write_int(&writer, (int64_t)n);
    sps_variant_write_packed(&writer, SPS_VARIANT_PACKED_BYTE_ARRAY, bytes, (uint32_t)size);
    sps_variant_write_dictionary(&writer, 1, NULL, NULL);
    sps_variant_write_string(&writer, "from", 4);
    sps_variant_write_int(&writer, (int64_t)key);
    return sps_variant_writer_get_data(&writer, &data, &size) == SPS_OK ? size : 0;
}

// Its form on the wire, but for the length before it.
static size_t encode(dialect dialect, uint64_t key, uint64_t n, uint8_t *out) {
    return dialect == VARIANTS ? fill_value(key, n, out)
           : dialect == LINES  ? fill_line(key, n, out)
                               : fill_bytes(key, n, out);
}

sps_error message_put(dialect dialect, sps_stream *stream, sps_packet_peer *peer, uint64_t key,
                      uint64_t n) {
    uint8_t bytes[MOST_ENCODED + 2];
    size_t size = encode(dialect, key, n, bytes);
    switch (dialect) {
    case PACKETS:
        return sps_packet_peer_put_packet(peer, bytes, size);
    case VARIANTS:
        return sps_stream_put_var(stream, bytes, size);
    default:
        memcpy(bytes + size, n % 2 == 0 ? "\r\n" : "\n", 2);
        size += n % 2 == 0 ? 2 : 1;
        return sps_stream_put_text(stream, (const char *)bytes, size);
    }
}

static sps_error get(dialect dialect, sps_stream *stream, sps_packet_peer *peer, bool waits,
                     const uint8_t **out_data, size_t *out_bytes) {
    switch (dialect) {
    case PACKETS:
        return sps_packet_peer_get_packet(peer, out_data, out_bytes);
    case VARIANTS:
        return waits ? sps_stream_get_var(stream, out_data, out_bytes)
                     : sps_stream_try_get_var(stream, out_data, out_bytes);
    default: {
        const char *text;
        const sps_error error = waits ? sps_stream_get_line(stream, 0, &text, out_bytes)
                                      : sps_stream_try_get_line(stream, 0, &text, out_bytes);
        *out_data = (const uint8_t *)text;
        return error;
    }
    }
}

sps_error message_get(dialect dialect, sps_stream *stream, sps_packet_peer *peer, bool waits,
                      uint64_t key, uint64_t n, bool *out_is_right) {
    uint8_t expected[MOST_ENCODED];
    const uint8_t *data;
    size_t size;
    const sps_error error = get(dialect, stream, peer, waits, &data, &size);
    *out_is_right = error != SPS_OK || (size == encode(dialect, key, n, expected) &&
                                        memcmp(data, expected, size) == 0);
    return error;
}

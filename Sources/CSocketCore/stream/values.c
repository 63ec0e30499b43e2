// SPDX-License-Identifier: MIT
//
// Typed values. The fast path touches one cache line of the stream and makes no call. It serves a
// get if the read queue holds the value, and a put if the write queue has room. (It has none unless
// writes are batched.) Otherwise spsi_stream_need() and spsi_stream_put() do the work. Their
// callers are kept out of line, so the fast path needs no stack frame.
#include <string.h>

#include "base/binary16.h"
#include "stream/stream.h"

// ---- Bytes of one width, in the stream's order

static inline uint8_t swap_8(uint8_t value) {
    return value;
}

static inline uint16_t swap_16(uint16_t value) {
    return (uint16_t)((uint16_t)(value << 8) | (uint16_t)(value >> 8));
}

static inline uint32_t swap_32(uint32_t value) {
    return (value << 24) | ((value & 0xff00u) << 8) | ((value >> 8) & 0xff00u) | (value >> 24);
}

static inline uint64_t swap_64(uint64_t value) {
    return ((uint64_t)swap_32((uint32_t)value) << 32) | swap_32((uint32_t)(value >> 32));
}

#if defined(_MSC_VER)
#define OUT_OF_LINE __declspec(noinline)
#else
#define OUT_OF_LINE __attribute__((noinline))
#endif

// Defines three functions for one width. take_N takes the value at the head, which must be there.
// await_N reads until it is there; it gives 0 with an error. put_N puts a value.
#define DEFINE_WIDTH(bits)                                                                         \
    static inline uint##bits##_t take_##bits(sps_stream *stream) {                                 \
        uint##bits##_t value;                                                                      \
        memcpy(&value, stream->in.head, sizeof value);                                             \
        spsi_byte_queue_consume(&stream->in, sizeof value);                                        \
        return stream->swap_bytes ? swap_##bits(value) : value;                                    \
    }                                                                                              \
    static inline sps_error await_##bits(sps_stream *stream, uint##bits##_t *out_value,            \
                                         spsi_patience patience) {                                 \
        spsi_stream_begin(stream);                                                                 \
        const sps_error error = spsi_stream_need(stream, sizeof *out_value, patience);             \
        *out_value = error == SPS_OK ? take_##bits(stream) : 0;                                    \
        return error;                                                                              \
    }                                                                                              \
    static OUT_OF_LINE sps_error put_late_##bits(sps_stream *stream, uint##bits##_t value) {       \
        return put_bytes(stream, &value, sizeof value);                                            \
    }                                                                                              \
    static inline sps_error put_##bits(sps_stream *stream, uint##bits##_t value) {                 \
        value = stream->swap_bytes ? swap_##bits(value) : value;                                   \
        if (spsi_byte_queue_room(&stream->out) >= sizeof value) {                                  \
            memcpy(stream->out.tail, &value, sizeof value);                                        \
            spsi_byte_queue_produce(&stream->out, sizeof value);                                   \
            return SPS_OK;                                                                         \
        }                                                                                          \
        return put_late_##bits(stream, value);                                                     \
    }

static sps_error put_bytes(sps_stream *stream, const void *bytes, size_t count) {
    const spsi_slice slice = {bytes, count};
    size_t sent;
    return spsi_stream_put(stream, &slice, 1, &sent);
}

DEFINE_WIDTH(8)
DEFINE_WIDTH(16)
DEFINE_WIDTH(32)
DEFINE_WIDTH(64)

// ---- The same bits as another type

// Converting to a signed type is exact, since the bits came from one (two's complement).
static inline uint8_t same_u8(uint8_t bits) {
    return bits;
}
static inline uint16_t same_u16(uint16_t bits) {
    return bits;
}
static inline uint32_t same_u32(uint32_t bits) {
    return bits;
}
static inline uint64_t same_u64(uint64_t bits) {
    return bits;
}
static inline int8_t to_8(uint8_t bits) {
    return (int8_t)bits;
}
static inline int16_t to_16(uint16_t bits) {
    return (int16_t)bits;
}
static inline int32_t to_32(uint32_t bits) {
    return (int32_t)bits;
}
static inline int64_t to_64(uint64_t bits) {
    return (int64_t)bits;
}
static inline uint8_t from_8(int8_t value) {
    return (uint8_t)value;
}
static inline uint16_t from_16(int16_t value) {
    return (uint16_t)value;
}
static inline uint32_t from_32(int32_t value) {
    return (uint32_t)value;
}
static inline uint64_t from_64(int64_t value) {
    return (uint64_t)value;
}

static inline float to_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double to_double(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t from_double(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// ---- The public functions

#define DEFINE_GET(function, bits, type, convert, patience)                                        \
    static OUT_OF_LINE sps_error function##_late(sps_stream *stream, type *out_value) {            \
        uint##bits##_t value;                                                                      \
        const sps_error error = await_##bits(stream, &value, patience);                            \
        *out_value = convert(value);                                                               \
        return error;                                                                              \
    }                                                                                              \
    sps_error function(sps_stream *stream, type *out_value) {                                      \
        if (stream == NULL || out_value == NULL) {                                                 \
            return SPS_ERR_INVALID_PARAMETER;                                                      \
        }                                                                                          \
        if (spsi_byte_queue_size(&stream->in) < sizeof(uint##bits##_t)) {                          \
            return function##_late(stream, out_value);                                             \
        }                                                                                          \
        *out_value = convert(take_##bits(stream));                                                 \
        return SPS_OK;                                                                             \
    }

#define DEFINE_PUT(function, bits, type, convert)                                                  \
    sps_error function(sps_stream *stream, type value) {                                           \
        return stream == NULL ? SPS_ERR_INVALID_PARAMETER : put_##bits(stream, convert(value));    \
    }

DEFINE_GET(sps_stream_get_u8, 8, uint8_t, same_u8, SPSI_WAIT)
DEFINE_GET(sps_stream_try_get_u8, 8, uint8_t, same_u8, SPSI_NEVER_WAIT)
DEFINE_PUT(sps_stream_put_u8, 8, uint8_t, same_u8)

DEFINE_GET(sps_stream_get_u16, 16, uint16_t, same_u16, SPSI_WAIT)
DEFINE_GET(sps_stream_try_get_u16, 16, uint16_t, same_u16, SPSI_NEVER_WAIT)
DEFINE_PUT(sps_stream_put_u16, 16, uint16_t, same_u16)

DEFINE_GET(sps_stream_get_u32, 32, uint32_t, same_u32, SPSI_WAIT)
DEFINE_GET(sps_stream_try_get_u32, 32, uint32_t, same_u32, SPSI_NEVER_WAIT)
DEFINE_PUT(sps_stream_put_u32, 32, uint32_t, same_u32)

DEFINE_GET(sps_stream_get_u64, 64, uint64_t, same_u64, SPSI_WAIT)
DEFINE_GET(sps_stream_try_get_u64, 64, uint64_t, same_u64, SPSI_NEVER_WAIT)
DEFINE_PUT(sps_stream_put_u64, 64, uint64_t, same_u64)

DEFINE_GET(sps_stream_get_8, 8, int8_t, to_8, SPSI_WAIT)
DEFINE_GET(sps_stream_try_get_8, 8, int8_t, to_8, SPSI_NEVER_WAIT)
DEFINE_PUT(sps_stream_put_8, 8, int8_t, from_8)

DEFINE_GET(sps_stream_get_16, 16, int16_t, to_16, SPSI_WAIT)
DEFINE_GET(sps_stream_try_get_16, 16, int16_t, to_16, SPSI_NEVER_WAIT)
DEFINE_PUT(sps_stream_put_16, 16, int16_t, from_16)

DEFINE_GET(sps_stream_get_32, 32, int32_t, to_32, SPSI_WAIT)
DEFINE_GET(sps_stream_try_get_32, 32, int32_t, to_32, SPSI_NEVER_WAIT)
DEFINE_PUT(sps_stream_put_32, 32, int32_t, from_32)

DEFINE_GET(sps_stream_get_64, 64, int64_t, to_64, SPSI_WAIT)
DEFINE_GET(sps_stream_try_get_64, 64, int64_t, to_64, SPSI_NEVER_WAIT)
DEFINE_PUT(sps_stream_put_64, 64, int64_t, from_64)

DEFINE_GET(sps_stream_get_half, 16, float, spsi_binary16_to_float, SPSI_WAIT)
DEFINE_GET(sps_stream_try_get_half, 16, float, spsi_binary16_to_float, SPSI_NEVER_WAIT)
DEFINE_PUT(sps_stream_put_half, 16, float, spsi_binary16_from_float)

DEFINE_GET(sps_stream_get_float, 32, float, to_float, SPSI_WAIT)
DEFINE_GET(sps_stream_try_get_float, 32, float, to_float, SPSI_NEVER_WAIT)
DEFINE_PUT(sps_stream_put_float, 32, float, from_float)

DEFINE_GET(sps_stream_get_double, 64, double, to_double, SPSI_WAIT)
DEFINE_GET(sps_stream_try_get_double, 64, double, to_double, SPSI_NEVER_WAIT)
DEFINE_PUT(sps_stream_put_double, 64, double, from_double)

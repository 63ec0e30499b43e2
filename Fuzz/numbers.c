// SPDX-License-Identifier: MIT
#include "numbers.h"

#include <string.h>

sps_error get_number(sps_stream *stream, uint32_t kind, bool waits, uint8_t out_bits[8]) {
    memset(out_bits, 0, 8);
#define GET(type, name)                                                                            \
    {                                                                                              \
        type value;                                                                                \
        memset(&value, 1, sizeof value);                                                           \
        const sps_error error = waits ? sps_stream_get_##name(stream, &value)                      \
                                      : sps_stream_try_get_##name(stream, &value);                 \
        memcpy(out_bits, &value, sizeof value);                                                    \
        return error;                                                                              \
    }
    switch (kind) {
    case 0:
        GET(uint8_t, u8)
    case 1:
        GET(uint16_t, u16)
    case 2:
        GET(uint32_t, u32)
    case 3:
        GET(uint64_t, u64)
    case 4:
        GET(int8_t, 8)
    case 5:
        GET(int16_t, 16)
    case 6:
        GET(int32_t, 32)
    case 7:
        GET(int64_t, 64)
    case 8:
        GET(float, float)
    default:
        GET(double, double)
    }
#undef GET
}

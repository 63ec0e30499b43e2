// SPDX-License-Identifier: MIT
#include "api.h"

bool reader_is_empty(const reader *reader) {
    return reader->at >= reader->size;
}

uint8_t reader_byte(reader *reader) {
    return reader_is_empty(reader) ? 0 : reader->bytes[reader->at++];
}

uint32_t reader_below(reader *reader, uint32_t bound) {
    return reader_byte(reader) % bound;
}

bool reader_flag(reader *reader) {
    return (reader_byte(reader) & 1) != 0;
}

size_t reader_size(reader *reader) {
    enum { SMALL = 128, OF_EACH_POWER = 13, FIRST_POWER = 7 };
    const size_t byte = reader_byte(reader);
    return byte < SMALL ? byte
                        : ((size_t)1 << (FIRST_POWER + (byte - SMALL) / OF_EACH_POWER)) + byte;
}

uint32_t reader_time_ms(reader *reader) {
    const uint32_t byte = reader_byte(reader);
    return byte < 128 ? byte : (byte - 127) * 100;
}

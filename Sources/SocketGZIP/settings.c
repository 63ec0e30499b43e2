// SPDX-License-Identifier: MIT
#include "codec.h"

enum {
    LEAST_WINDOW_BITS = 9,
    MOST_WINDOW_BITS = 15,
    MOST_LEVEL = 9,
    MOST_MEMORY_LEVEL = 9,
    DEFAULT_MEMORY_LEVEL = 8,
    DEFAULT_MAX_RATIO = 256,
    DEFAULT_WAITING_BYTES = 8 * 1024 * 1024,
};

static int or_default(int32_t value, int fallback) {
    return value != 0 ? (int)value : fallback;
}

static int zlib_level(int32_t level) {
    return level == SPS_GZIP_LEVEL_STORE ? Z_NO_COMPRESSION
                                         : or_default(level, Z_DEFAULT_COMPRESSION);
}

static bool is_in_range(const sps_gzip_options *known) {
    const bool has_window = known->window_bits == 0 || (known->window_bits >= LEAST_WINDOW_BITS &&
                                                        known->window_bits <= MOST_WINDOW_BITS);
    return known->level >= SPS_GZIP_LEVEL_STORE && known->level <= MOST_LEVEL && has_window &&
           known->memory_level >= 0 && known->memory_level <= MOST_MEMORY_LEVEL;
}

bool spsi_gzip_settings_read(const sps_gzip_options *options, spsi_gzip_settings *out_settings) {
    sps_gzip_options known;
    if (!spsi_gzip_read_struct(options, &known, sizeof known) || !is_in_range(&known)) {
        return false;
    }
    *out_settings = (spsi_gzip_settings){
        .level = zlib_level(known.level),
        .window_bits = or_default(known.window_bits, MOST_WINDOW_BITS),
        .memory_level = or_default(known.memory_level, DEFAULT_MEMORY_LEVEL),
        .max_ratio = known.max_ratio != 0 ? known.max_ratio : DEFAULT_MAX_RATIO,
        .max_waiting_bytes =
            known.max_waiting_bytes != 0 ? known.max_waiting_bytes : DEFAULT_WAITING_BYTES,
        .max_plain_bytes = known.max_plain_bytes != 0 ? known.max_plain_bytes : UINT64_MAX,
        .single_member = known.single_member != 0,
        .manual_flush = known.manual_flush != 0,
    };
    return true;
}

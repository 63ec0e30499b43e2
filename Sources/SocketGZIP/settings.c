// SPDX-License-Identifier: MIT
#include "codec.h"

enum {
    LEAST_WINDOW_BITS = 9,
    MOST_WINDOW_BITS = 15,
    MOST_LEVEL = 9,
    MOST_MEMORY_LEVEL = 9,
    DEFAULT_MEMORY_LEVEL = 8,
    ZSTD_LEAST_WINDOW_BITS = 10,
    ZSTD_MOST_WINDOW_BITS = 27,
    ZSTD_DEFAULT_MAX_WINDOW_BITS = 23, // 8 MiB, which RFC 8878 recommends
    ZSTD_MOST_LEVEL = 22,
    ZSTD_FIRST_WIDE_LEVEL = 20, // from here, libzstd's default window is above that maximum
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

static bool is_between(int64_t value, int64_t least, int64_t most) {
    return value >= least && value <= most;
}

static bool is_bits(int64_t value, int64_t least, int64_t most) {
    return value == 0 || is_between(value, least, most);
}

static bool is_in_range_of_zlib(const sps_gzip_options *known) {
    return is_between(known->level, SPS_GZIP_LEVEL_STORE, MOST_LEVEL) &&
           is_bits(known->window_bits, LEAST_WINDOW_BITS, MOST_WINDOW_BITS) &&
           is_between(known->memory_level, 0, MOST_MEMORY_LEVEL) && known->max_window_bits == 0;
}

static bool is_in_range_of_zstd(const sps_gzip_options *known) {
    return is_between(known->level, 0, ZSTD_MOST_LEVEL) && known->memory_level == 0 &&
           is_bits(known->window_bits, ZSTD_LEAST_WINDOW_BITS, ZSTD_MOST_WINDOW_BITS) &&
           is_bits(known->max_window_bits, ZSTD_LEAST_WINDOW_BITS, ZSTD_MOST_WINDOW_BITS);
}

// Fills in what zlib and zstd have of their own.
static sps_error read_codec(const sps_gzip_options *known, spsi_gzip_settings *settings) {
    switch (known->codec) {
    case SPS_GZIP_CODEC_ZLIB:
        settings->level = zlib_level(known->level);
        settings->window_bits = or_default(known->window_bits, MOST_WINDOW_BITS);
        settings->memory_level = or_default(known->memory_level, DEFAULT_MEMORY_LEVEL);
        return is_in_range_of_zlib(known) ? SPS_OK : SPS_ERR_INVALID_PARAMETER;
    case SPS_GZIP_CODEC_ZSTD: {
        const bool is_wide = known->level >= ZSTD_FIRST_WIDE_LEVEL;
        settings->level = known->level;
        settings->window_bits =
            or_default(known->window_bits, is_wide ? ZSTD_DEFAULT_MAX_WINDOW_BITS : 0);
        settings->max_window_bits =
            known->max_window_bits != 0 ? known->max_window_bits : ZSTD_DEFAULT_MAX_WINDOW_BITS;
        if (!is_in_range_of_zstd(known)) {
            return SPS_ERR_INVALID_PARAMETER;
        }
        return spsi_gzip_format_zstd() != NULL ? SPS_OK : SPS_ERR_UNAVAILABLE;
    }
    default:
        return SPS_ERR_INVALID_PARAMETER;
    }
}

sps_error spsi_gzip_settings_read(const sps_gzip_options *options,
                                  spsi_gzip_settings *out_settings) {
    sps_gzip_options known;
    if (!spsi_gzip_read_struct(options, &known, sizeof known)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_settings = (spsi_gzip_settings){
        .codec = known.codec,
        .max_ratio = known.max_ratio != 0 ? known.max_ratio : DEFAULT_MAX_RATIO,
        .max_waiting_bytes =
            known.max_waiting_bytes != 0 ? known.max_waiting_bytes : DEFAULT_WAITING_BYTES,
        .max_plain_bytes = known.max_plain_bytes != 0 ? known.max_plain_bytes : UINT64_MAX,
        .single_member = known.single_member != 0,
        .manual_flush = known.manual_flush != 0,
    };
    return read_codec(&known, out_settings);
}

const spsi_gzip_format *spsi_gzip_format_of(const spsi_gzip_settings *settings, bool use_deflate) {
    if (settings->codec == SPS_GZIP_CODEC_ZSTD) {
        return use_deflate ? NULL : spsi_gzip_format_zstd();
    }
    return use_deflate ? &spsi_gzip_format_zlib : &spsi_gzip_format_gzip;
}

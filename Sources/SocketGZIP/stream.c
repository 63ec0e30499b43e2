// SPDX-License-Identifier: MIT
#include "stream.h"

#include <string.h>

// Creates the state, without its stream.
static sps_error create_state(const sps_gzip_options *options, uint32_t object_bytes,
                              sps_stream_options *out_stream_options, spsi_gzip **out_gzip) {
    sps_gzip_options known;
    spsi_gzip_settings settings;
    sps_allocator allocator;
    const sps_error error = spsi_gzip_settings_read(options, &settings);
    if (error != SPS_OK) {
        return error;
    }
    if (!spsi_gzip_read_struct(options, &known, sizeof known) ||
        !spsi_gzip_read_struct(known.stream, out_stream_options, sizeof *out_stream_options) ||
        !spsi_gzip_read_allocator(out_stream_options->allocator, &allocator)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    out_stream_options->struct_size = sizeof *out_stream_options;
    spsi_gzip *gzip = spsi_gzip_allocate(&allocator, object_bytes);
    if (gzip == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    memset(gzip, 0, object_bytes);
    gzip->object_bytes = object_bytes;
    gzip->allocator = allocator;
    gzip->settings = settings;
    *out_gzip = gzip;
    return SPS_OK;
}

static void free_state(spsi_gzip *gzip) {
    const sps_allocator allocator = gzip->allocator;
    spsi_gzip_free(&allocator, gzip, gzip->object_bytes);
}

sps_error spsi_gzip_create(const sps_gzip_options *options, spsi_gzip_kind kind,
                           const sps_custom_operations *operations, uint32_t object_bytes,
                           sps_stream **out_stream) {
    if (out_stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_stream = NULL;
    sps_stream_options stream_options;
    spsi_gzip *gzip;
    sps_error error = create_state(options, object_bytes, &stream_options, &gzip);
    if (error != SPS_OK) {
        return error;
    }
    gzip->kind = kind;
    error = sps_custom_create(operations, gzip, &stream_options, &gzip->stream);
    if (error != SPS_OK) {
        free_state(gzip);
        return error;
    }
    *out_stream = gzip->stream;
    return SPS_OK;
}

void spsi_gzip_destroy(spsi_gzip *gzip) {
    spsi_gzip_encoder_close(&gzip->encoder);
    spsi_gzip_decoder_close(&gzip->decoder);
    free_state(gzip);
}

spsi_gzip *spsi_gzip_find(const sps_stream *stream) {
    void *state = NULL;
    if (sps_custom_get_user_data(stream, spsi_gzip_destroy_transformer, &state) != SPS_OK) {
        sps_custom_get_user_data(stream, spsi_gzip_destroy_filter, &state);
    }
    return state;
}

sps_error spsi_gzip_find_kind(const sps_stream *stream, spsi_gzip_kind kind, spsi_gzip **out_gzip) {
    if (stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_gzip = spsi_gzip_find(stream);
    return *out_gzip != NULL && (*out_gzip)->kind == kind ? SPS_OK : SPS_ERR_UNAVAILABLE;
}

// ---- Calls of both kinds

sps_error sps_gzip_finish(sps_stream *stream) {
    if (stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_gzip *gzip = spsi_gzip_find(stream);
    if (gzip == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    return gzip->kind == SPSI_GZIP_FILTER ? spsi_gzip_finish_filter(gzip)
                                          : spsi_gzip_finish_transformer(gzip);
}

sps_error sps_gzip_flush(sps_stream *stream) {
    if (stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_gzip *gzip = spsi_gzip_find(stream);
    if (gzip == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    return gzip->kind == SPSI_GZIP_FILTER ? spsi_gzip_flush_filter(gzip)
                                          : spsi_gzip_flush_transformer(gzip);
}

sps_error sps_gzip_get_info(const sps_stream *stream, sps_gzip_info *out_info) {
    uint32_t known = 0;
    if (stream == NULL || out_info == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    memcpy(&known, out_info, sizeof known);
    if (known == 0) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const spsi_gzip *gzip = spsi_gzip_find(stream);
    sps_gzip_info info = {.struct_size = known};
    if (gzip != NULL) {
        info.fault = gzip->decoder.fault;
        info.plain_in = gzip->encoder.plain_in;
        info.compressed_out = gzip->encoder.compressed_out;
        info.compressed_in = gzip->decoder.compressed_in;
        info.plain_out = gzip->decoder.plain_out;
        info.members = gzip->decoder.members;
        info.waiting_bytes = gzip->kind == SPSI_GZIP_FILTER
                                 ? spsi_gzip_waiting_in_filter(gzip)
                                 : spsi_gzip_waiting_in_transformer(gzip);
        info.is_complete = spsi_gzip_is_complete(&gzip->decoder);
    }
    memcpy(out_info, &info, known < sizeof info ? known : sizeof info);
    return gzip != NULL ? SPS_OK : SPS_ERR_UNAVAILABLE;
}

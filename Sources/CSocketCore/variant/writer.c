// SPDX-License-Identifier: MIT
//
// A writer's memory, and what of its value is open.
#include "variant/writer.h"

#include "base/memory.h"
#include "base/sized_struct.h"

enum { DEFAULT_MAX_BYTES = 8 * 1024 * 1024, FIRST_BYTES = 256 };

// ---- The writer

// The fields of 0.1. Later fields are only for callers that know them.
enum {
    LEAST_WRITER_BYTES =
        offsetof(sps_variant_writer, levels) + sizeof(uint32_t) * SPS_VARIANT_MAX_DEPTH
};

static sps_allocator allocator_of(const sps_variant_writer *writer) {
    return (sps_allocator){sizeof(sps_allocator), writer->reallocate, writer->user_data};
}

sps_error sps_variant_writer_init(sps_variant_writer *writer,
                                  const sps_variant_writer_options *options) {
    sps_variant_writer_options chosen;
    sps_allocator allocator;
    if (writer == NULL || writer->struct_size < LEAST_WRITER_BYTES ||
        !spsi_struct_read(options, &chosen, sizeof chosen) ||
        !spsi_allocator_read(chosen.allocator, &allocator) ||
        chosen.max_depth > SPS_VARIANT_MAX_DEPTH) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    writer->data = chosen.buffer;
    writer->grows = chosen.buffer == NULL;
    writer->capacity = writer->grows ? 0 : chosen.buffer_bytes;
    writer->max_bytes = chosen.max_bytes != 0 ? chosen.max_bytes : DEFAULT_MAX_BYTES;
    writer->max_depth = chosen.max_depth != 0 ? chosen.max_depth : SPS_VARIANT_MAX_DEPTH;
    writer->writes_wide = chosen.wide_reals != 0;
    writer->reallocate = allocator.reallocate;
    writer->user_data = allocator.user_data;
    sps_variant_writer_reset(writer);
    return SPS_OK;
}

void sps_variant_writer_destroy(sps_variant_writer *writer) {
    if (writer == NULL) {
        return;
    }
    if (writer->grows) {
        const sps_allocator allocator = allocator_of(writer);
        spsi_free(&allocator, writer->data, writer->capacity);
        writer->data = NULL;
        writer->capacity = 0;
    }
    sps_variant_writer_reset(writer);
}

void sps_variant_writer_reset(sps_variant_writer *writer) {
    if (writer == NULL) {
        return;
    }
    writer->size = 0;
    writer->depth = 0;
    writer->is_begun = false;
}

sps_error sps_variant_writer_get_data(const sps_variant_writer *writer, const uint8_t **out_data,
                                      size_t *out_bytes) {
    if (writer == NULL || out_data == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const bool is_whole = writer->is_begun && writer->depth == 0;
    *out_data = is_whole ? writer->data : NULL;
    *out_bytes = is_whole ? writer->size : 0;
    return is_whole ? SPS_OK : SPS_ERR_UNCONFIGURED;
}

// ---- Room

static sps_error grow_to(sps_variant_writer *writer, size_t wanted) {
    size_t capacity = writer->capacity < FIRST_BYTES ? FIRST_BYTES : writer->capacity;
    while (capacity < wanted) {
        capacity *= 2;
    }
    capacity = capacity < writer->max_bytes ? capacity : writer->max_bytes;
    const sps_allocator allocator = allocator_of(writer);
    uint8_t *data = spsi_resize(&allocator, writer->data, writer->capacity, capacity);
    if (data == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    writer->data = data;
    writer->capacity = capacity;
    return SPS_OK;
}

sps_error spsi_variant_grow(sps_variant_writer *writer, size_t bytes) {
    if (!writer->grows || writer->max_bytes - writer->size < bytes) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    return grow_to(writer, writer->size + bytes);
}

// ---- Levels

void spsi_variant_end_levels(sps_variant_writer *writer) {
    while (writer->depth > 0 && writer->levels[writer->depth - 1] < SPSI_LEVEL_ITEM) {
        writer->depth--;
    }
}

// The container is an item of the one around it, from now on.
void spsi_variant_open_level(sps_variant_writer *writer, uint32_t items, bool is_object) {
    if (writer->depth > 0) {
        writer->levels[writer->depth - 1] -= SPSI_LEVEL_ITEM;
    }
    writer->levels[writer->depth++] =
        items << SPSI_LEVEL_SHIFT | (is_object ? SPSI_LEVEL_IN_OBJECT : 0);
    writer->is_begun = true;
    spsi_variant_end_levels(writer);
}

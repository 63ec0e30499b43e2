// SPDX-License-Identifier: MIT
//
// Shared by the writer's files: the pen, the room, and the rules of containers.
#ifndef SPSI_VARIANT_WRITER_H
#define SPSI_VARIANT_WRITER_H

#include "variant/format.h"

// ---- A pen: writes, or measures only

typedef struct spsi_pen {
    uint8_t *at; // NULL: it measures
    size_t size;
} spsi_pen;

// Texts of the caller may overlap, so the sum of their lengths may exceed a size_t of 32 bits.
// There it stays at the largest size, for which no writer has room.
static inline void spsi_pen_advance(spsi_pen *pen, size_t bytes) {
    const bool is_too_much = SIZE_MAX == UINT32_MAX && bytes > SIZE_MAX - pen->size;
    pen->size = is_too_much ? SIZE_MAX : pen->size + bytes;
}

static inline void spsi_pen_put_u32(spsi_pen *pen, uint32_t value) {
    if (pen->at != NULL) {
        spsi_store_le32(pen->at + pen->size, value);
    }
    spsi_pen_advance(pen, sizeof value);
}

static inline void spsi_pen_put_u64(spsi_pen *pen, uint64_t value) {
    if (pen->at != NULL) {
        spsi_store_le64(pen->at + pen->size, value);
    }
    spsi_pen_advance(pen, sizeof value);
}

// Bytes, and so many zeros behind them.
static inline void spsi_pen_put_bytes(spsi_pen *pen, const void *data, size_t bytes, size_t zeros) {
    if (pen->at != NULL) {
        if (bytes > 0) {
            memcpy(pen->at + pen->size, data, bytes);
        }
        memset(pen->at + pen->size + bytes, 0, zeros);
    }
    spsi_pen_advance(pen, bytes + zeros);
}

static inline void spsi_pen_put_padded(spsi_pen *pen, const void *data, size_t bytes) {
    spsi_pen_put_bytes(pen, data, bytes, spsi_variant_padding(bytes));
}

static inline void spsi_pen_put_text(spsi_pen *pen, const void *text, size_t bytes) {
    spsi_pen_put_u32(pen, (uint32_t)bytes);
    spsi_pen_put_padded(pen, text, bytes);
}

// ---- Levels: how many items each lacks, above whether it is an object's

enum { SPSI_LEVEL_IN_OBJECT = 1, SPSI_LEVEL_SHIFT = 1, SPSI_LEVEL_ITEM = 1 << SPSI_LEVEL_SHIFT };

// Whether the next is a property's name, which is a text without a header.
static inline bool spsi_variant_expects_name(const sps_variant_writer *writer) {
    const uint32_t level = writer->depth > 0 ? writer->levels[writer->depth - 1] : 0;
    return (level & SPSI_LEVEL_IN_OBJECT) && (level >> SPSI_LEVEL_SHIFT) % 2 == 0;
}

// Whether a value of this type may stand here.
static inline sps_error spsi_variant_check_place(const sps_variant_writer *writer,
                                                 sps_variant_type type) {
    if (writer->is_begun && writer->depth == 0) {
        return SPS_ERR_ALREADY_EXISTS;
    }
    return type == SPS_VARIANT_STRING || !spsi_variant_expects_name(writer)
               ? SPS_OK
               : SPS_ERR_INVALID_PARAMETER;
}

// Ends the containers that lack nothing.
void spsi_variant_end_levels(sps_variant_writer *writer);

// A container was begun of so many items; an empty one ends at once.
void spsi_variant_open_level(sps_variant_writer *writer, uint32_t items, bool is_object);

// ---- Values

sps_error spsi_variant_grow(sps_variant_writer *writer, size_t bytes);

static inline sps_error spsi_variant_make_room(sps_variant_writer *writer, size_t bytes) {
    return writer->capacity - writer->size >= bytes ? SPS_OK : spsi_variant_grow(writer, bytes);
}

// Begins a value of so many bytes: NULL, with the error, when it may not stand here or has no room.
static inline uint8_t *spsi_variant_begin(sps_variant_writer *writer, sps_variant_type type,
                                          size_t bytes, sps_error *out_error) {
    sps_error error = spsi_variant_check_place(writer, type);
    if (error == SPS_OK) {
        error = spsi_variant_make_room(writer, bytes);
    }
    *out_error = error;
    return error == SPS_OK ? writer->data + writer->size : NULL;
}

// Its bytes are written: it is one less that its container lacks.
static inline void spsi_variant_end(sps_variant_writer *writer, size_t bytes) {
    writer->size += bytes;
    writer->is_begun = true;
    if (writer->depth > 0 &&
        (writer->levels[writer->depth - 1] -= SPSI_LEVEL_ITEM) < SPSI_LEVEL_ITEM) {
        spsi_variant_end_levels(writer);
    }
}

// sps_variant_write() of an item whose size is known.
sps_error spsi_variant_write_item(sps_variant_writer *writer, const sps_variant_item *item);

#endif

// SPDX-License-Identifier: MIT
//
// Values of a type, which need no item, and the begins of containers.
#include "variant/writer.h"

#include "base/sized_struct.h"
#include "base/utf8.h"

enum { MOST_INTEGERS = 4 }; // of a Rect2i

static sps_error write(sps_variant_writer *writer, const sps_variant_item *item) {
    return writer != NULL ? spsi_variant_write_item(writer, item) : SPS_ERR_INVALID_PARAMETER;
}

// ---- Of one size

// A header, and bytes that need no padding.
static inline sps_error write_plain(sps_variant_writer *writer, uint32_t header, const void *body,
                                    size_t bytes) {
    if (writer == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    sps_error error;
    const sps_variant_type type = (sps_variant_type)(header & SPSI_VARIANT_TYPE_MASK);
    uint8_t *at = spsi_variant_begin(writer, type, sizeof header + bytes, &error);
    if (at != NULL) {
        spsi_store_le32(at, header);
        if (bytes > 0) {
            memcpy(at + sizeof header, body, bytes);
        }
        spsi_variant_end(writer, sizeof header + bytes);
    }
    return error;
}

sps_error sps_variant_write_nil(sps_variant_writer *writer) {
    return write_plain(writer, SPS_VARIANT_NIL, NULL, 0);
}

sps_error sps_variant_write_callable(sps_variant_writer *writer) {
    return write_plain(writer, SPS_VARIANT_CALLABLE, NULL, 0);
}

static sps_error write_u32(sps_variant_writer *writer, uint32_t header, uint32_t value) {
    uint8_t body[sizeof value];
    spsi_store_le32(body, value);
    return write_plain(writer, header, body, sizeof body);
}

static sps_error write_u64(sps_variant_writer *writer, uint32_t header, uint64_t value) {
    uint8_t body[sizeof value];
    spsi_store_le64(body, value);
    return write_plain(writer, header, body, sizeof body);
}

sps_error sps_variant_write_bool(sps_variant_writer *writer, uint32_t value) {
    return write_u32(writer, SPS_VARIANT_BOOL, value != 0);
}

sps_error sps_variant_write_int(sps_variant_writer *writer, int64_t value) {
    return value >= INT32_MIN && value <= INT32_MAX
               ? write_u32(writer, SPS_VARIANT_INT, (uint32_t)value)
               : write_u64(writer, SPS_VARIANT_INT | SPSI_VARIANT_FLAG_WIDE, (uint64_t)value);
}

// A NaN equals nothing, so that it is wide, in Godot too.
sps_error sps_variant_write_float(sps_variant_writer *writer, double value) {
    const float rounded = (float)value;
    uint32_t narrow;
    uint64_t wide;
    memcpy(&narrow, &rounded, sizeof narrow);
    memcpy(&wide, &value, sizeof wide);
    return (double)rounded == value
               ? write_u32(writer, SPS_VARIANT_FLOAT, narrow)
               : write_u64(writer, SPS_VARIANT_FLOAT | SPSI_VARIANT_FLAG_WIDE, wide);
}

sps_error sps_variant_write_rid(sps_variant_writer *writer, uint64_t id) {
    return write_u64(writer, SPS_VARIANT_RID, id);
}

sps_error sps_variant_write_object_id(sps_variant_writer *writer, uint64_t id) {
    return write_u64(writer, SPS_VARIANT_OBJECT | SPSI_VARIANT_FLAG_AS_ID, id);
}

// ---- Texts

static sps_error write_text(sps_variant_writer *writer, sps_variant_type type, const char *text,
                            size_t bytes) {
    if (writer == NULL || (text == NULL && bytes > 0) || bytes > UINT32_MAX ||
        !spsi_utf8_is_valid((const uint8_t *)text, bytes)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    sps_error error;
    const bool is_name = spsi_variant_expects_name(writer);
    const size_t counts = is_name ? sizeof(uint32_t) : 2 * sizeof(uint32_t);
    const size_t all = counts + bytes + spsi_variant_padding(bytes);
    spsi_pen pen = {spsi_variant_begin(writer, type, all, &error), 0};
    if (error != SPS_OK) {
        return error;
    }
    if (!is_name) {
        spsi_pen_put_u32(&pen, (uint32_t)type);
    }
    spsi_pen_put_text(&pen, text, bytes);
    spsi_variant_end(writer, all);
    return SPS_OK;
}

sps_error sps_variant_write_string(sps_variant_writer *writer, const char *text, size_t bytes) {
    return write_text(writer, SPS_VARIANT_STRING, text, bytes);
}

sps_error sps_variant_write_string_name(sps_variant_writer *writer, const char *text,
                                        size_t bytes) {
    return write_text(writer, SPS_VARIANT_STRING_NAME, text, bytes);
}

sps_error sps_variant_write_signal(sps_variant_writer *writer, const char *name, size_t bytes,
                                   uint64_t object_id) {
    return write(writer, &(sps_variant_item){.type = SPS_VARIANT_SIGNAL,
                                             .integer = (int64_t)object_id,
                                             .data = (const uint8_t *)name,
                                             .data_bytes = bytes});
}

// ---- Vectors

sps_error sps_variant_write_reals(sps_variant_writer *writer, sps_variant_type type,
                                  const double *components) {
    if (writer == NULL || components == NULL || !spsi_variant_is_type(type) ||
        spsi_variant_shapes[type].form != SPSI_FORM_VECTOR ||
        !spsi_variant_has_reals(&spsi_variant_shapes[type])) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const spsi_variant_shape *shape = &spsi_variant_shapes[type];
    const bool is_wide = writer->writes_wide && shape->number == SPSI_NUMBER_REAL; // no color is
    const uint32_t header = (uint32_t)type | (is_wide ? SPSI_VARIANT_FLAG_WIDE : 0U);
    const size_t bytes = shape->components * (is_wide ? sizeof(double) : sizeof(float));
    sps_error error;
    uint8_t *at = spsi_variant_begin(writer, type, sizeof header + bytes, &error);
    if (at != NULL) {
        spsi_store_le32(at, header);
        spsi_variant_store_reals(at + sizeof header, components, shape->components, is_wide);
        spsi_variant_end(writer, sizeof header + bytes);
    }
    return error;
}

sps_error sps_variant_write_integers(sps_variant_writer *writer, sps_variant_type type,
                                     const int32_t *components) {
    if (components == NULL || !spsi_variant_is_type(type) ||
        spsi_variant_shapes[type].form != SPSI_FORM_VECTOR ||
        spsi_variant_shapes[type].number != SPSI_NUMBER_INT32) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    uint8_t data[MOST_INTEGERS * sizeof(int32_t)];
    const size_t count = spsi_variant_shapes[type].components;
    for (size_t i = 0; i < MOST_INTEGERS && i < count; i++) {
        spsi_store_le32(data + i * sizeof(int32_t), (uint32_t)components[i]);
    }
    return write_plain(writer, (uint32_t)type, data, count * sizeof(int32_t));
}

// ---- Containers

static sps_error begin(sps_variant_writer *writer, sps_variant_type type, uint32_t count,
                       const sps_variant_element *key, const sps_variant_element *value) {
    if (writer == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    sps_variant_element keys, values; // of NULL: all zero
    if (!spsi_struct_read(key, &keys, sizeof keys) ||
        !spsi_struct_read(value, &values, sizeof values)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    sps_variant_item item;
    spsi_variant_clear(&item);
    item.step = SPS_VARIANT_BEGIN;
    item.type = type;
    item.count = count;
    item.key_kind = keys.kind;
    item.key_type = keys.type;
    item.key_name = keys.name;
    item.key_name_bytes = keys.name_bytes;
    item.value_kind = values.kind;
    item.value_type = values.type;
    item.value_name = values.name;
    item.value_name_bytes = values.name_bytes;
    return spsi_variant_write_item(writer, &item);
}

sps_error sps_variant_write_array(sps_variant_writer *writer, uint32_t count,
                                  const sps_variant_element *element) {
    return begin(writer, SPS_VARIANT_ARRAY, count, NULL, element);
}

sps_error sps_variant_write_dictionary(sps_variant_writer *writer, uint32_t count,
                                       const sps_variant_element *key,
                                       const sps_variant_element *value) {
    return begin(writer, SPS_VARIANT_DICTIONARY, count, key, value);
}

sps_error sps_variant_write_object(sps_variant_writer *writer, const char *class_name,
                                   size_t class_bytes, uint32_t count) {
    return write(writer, &(sps_variant_item){.step = SPS_VARIANT_BEGIN,
                                             .type = SPS_VARIANT_OBJECT,
                                             .count = count,
                                             .data = (const uint8_t *)class_name,
                                             .data_bytes = class_bytes});
}

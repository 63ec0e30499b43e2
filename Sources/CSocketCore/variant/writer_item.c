// SPDX-License-Identifier: MIT
//
// Writes any item, as a reader hands it out. Checks it, measures it if room may be short, then
// writes it. An item that is refused has written nothing.
#include "variant/writer.h"

#include "base/sized_struct.h"
#include "base/utf8.h"

// Header, counts, flags, kinds and ids, and the length and padding of three texts.
enum { FIXED_BYTES = 64 };

// ---- What the elements of a typed container are

static sps_variant_element key_of(const sps_variant_item *item) {
    return (sps_variant_element){sizeof(sps_variant_element), item->key_kind, item->key_type,
                                 item->key_name, item->key_name_bytes};
}

static sps_variant_element value_of(const sps_variant_item *item) {
    return (sps_variant_element){sizeof(sps_variant_element), item->value_kind, item->value_type,
                                 item->value_name, item->value_name_bytes};
}

// ---- On the wire

static void put_element(spsi_pen *pen, sps_variant_element element) {
    if (element.kind == SPS_VARIANT_BUILTIN) {
        spsi_pen_put_u32(pen, (uint32_t)element.type);
    } else if (element.kind != SPS_VARIANT_ANY) {
        spsi_pen_put_text(pen, element.name, element.name_bytes);
    }
}

static void put_number(spsi_pen *pen, const sps_variant_item *item, uint64_t wide,
                       uint32_t narrow) {
    if (item->flags & SPS_VARIANT_WIDE) {
        spsi_pen_put_u64(pen, wide);
    } else {
        spsi_pen_put_u32(pen, narrow);
    }
}

static void put_float(spsi_pen *pen, const sps_variant_item *item) {
    uint64_t wide;
    uint32_t narrow;
    const float rounded = (float)item->real;
    memcpy(&wide, &item->real, sizeof wide);
    memcpy(&narrow, &rounded, sizeof narrow);
    put_number(pen, item, wide, narrow);
}

static void put_node_path(spsi_pen *pen, const sps_variant_item *item) {
    spsi_pen_put_u32(pen, item->count | SPSI_VARIANT_NEW_PATH);
    spsi_pen_put_u32(pen, item->subname_count);
    spsi_pen_put_u32(pen, item->flags & SPS_VARIANT_ABSOLUTE ? SPSI_VARIANT_PATH_ABSOLUTE : 0);
    spsi_pen_put_padded(pen, item->data, item->data_bytes);
}

static void put_object(spsi_pen *pen, const sps_variant_item *item) {
    if (item->step == SPS_VARIANT_BEGIN) {
        spsi_pen_put_text(pen, item->data, item->data_bytes);
        spsi_pen_put_u32(pen, item->count);
    } else {
        spsi_pen_put_u64(pen, (uint64_t)item->integer);
    }
}

static void put_container(spsi_pen *pen, const sps_variant_item *item) {
    put_element(pen, key_of(item));
    put_element(pen, value_of(item));
    spsi_pen_put_u32(pen, item->count);
}

static uint32_t header_of(const sps_variant_item *item) {
    uint32_t header = (uint32_t)item->type;
    if (item->type == SPS_VARIANT_ARRAY) {
        header |= (uint32_t)item->value_kind << SPSI_VARIANT_VALUE_SHIFT;
    } else if (item->type == SPS_VARIANT_DICTIONARY) {
        header |= (uint32_t)item->key_kind << SPSI_VARIANT_KEY_SHIFT;
        header |= (uint32_t)item->value_kind << (SPSI_VARIANT_KEY_SHIFT + 2);
    } else if (item->type == SPS_VARIANT_OBJECT) {
        header |= item->step == SPS_VARIANT_VALUE ? SPSI_VARIANT_FLAG_AS_ID : 0;
    } else if (item->flags & SPS_VARIANT_WIDE) {
        header |= SPSI_VARIANT_FLAG_WIDE;
    }
    return header;
}

static void put_body(spsi_pen *pen, const sps_variant_item *item) {
    switch ((spsi_variant_form)spsi_variant_shapes[item->type].form) {
    case SPSI_FORM_NOTHING:
        break;
    case SPSI_FORM_BOOL:
        spsi_pen_put_u32(pen, item->integer != 0);
        break;
    case SPSI_FORM_INT:
        put_number(pen, item, (uint64_t)item->integer, (uint32_t)item->integer);
        break;
    case SPSI_FORM_FLOAT:
        put_float(pen, item);
        break;
    case SPSI_FORM_TEXT:
        spsi_pen_put_text(pen, item->data, item->data_bytes);
        break;
    case SPSI_FORM_VECTOR:
        spsi_pen_put_padded(pen, item->data, item->data_bytes);
        break;
    case SPSI_FORM_NODE_PATH:
        put_node_path(pen, item);
        break;
    case SPSI_FORM_RID:
        spsi_pen_put_u64(pen, (uint64_t)item->integer);
        break;
    case SPSI_FORM_OBJECT:
        put_object(pen, item);
        break;
    case SPSI_FORM_SIGNAL:
        spsi_pen_put_text(pen, item->data, item->data_bytes);
        spsi_pen_put_u64(pen, (uint64_t)item->integer);
        break;
    case SPSI_FORM_DICTIONARY:
    case SPSI_FORM_ARRAY:
        put_container(pen, item);
        break;
    case SPSI_FORM_PACKED:
    case SPSI_FORM_PACKED_TEXTS:
        spsi_pen_put_u32(pen, item->count);
        spsi_pen_put_padded(pen, item->data, item->data_bytes);
        break;
    }
}

static void put_item(spsi_pen *pen, const sps_variant_item *item, bool is_name) {
    if (is_name) {
        spsi_pen_put_text(pen, item->data, item->data_bytes);
        return;
    }
    spsi_pen_put_u32(pen, header_of(item));
    put_body(pen, item);
}

// ---- Whether an item is one

static bool is_text(const sps_variant_item *item) {
    return item->data_bytes <= UINT32_MAX && spsi_utf8_is_valid(item->data, item->data_bytes);
}

static bool is_element(sps_variant_element element) {
    switch (element.kind) {
    case SPS_VARIANT_ANY:
        return true;
    case SPS_VARIANT_BUILTIN:
        return spsi_variant_is_type(element.type);
    case SPS_VARIANT_CLASS:
    case SPS_VARIANT_SCRIPT:
        return (element.name != NULL || element.name_bytes == 0) &&
               element.name_bytes <= UINT32_MAX &&
               spsi_utf8_is_valid((const uint8_t *)element.name, element.name_bytes);
    default:
        return false;
    }
}

static bool is_number_of_components(const sps_variant_item *item, uint64_t elements) {
    const spsi_variant_shape *shape = &spsi_variant_shapes[item->type];
    return item->data_bytes ==
           elements * shape->components *
               spsi_variant_number_bytes((spsi_variant_number)shape->number, item->flags);
}

static bool is_body(const sps_variant_item *item) {
    switch ((spsi_variant_form)spsi_variant_shapes[item->type].form) {
    case SPSI_FORM_INT:
        return (item->flags & SPS_VARIANT_WIDE) ||
               (item->integer >= INT32_MIN && item->integer <= INT32_MAX);
    case SPSI_FORM_TEXT:
    case SPSI_FORM_SIGNAL:
        return is_text(item);
    case SPSI_FORM_VECTOR:
        return is_number_of_components(item, 1);
    case SPSI_FORM_NODE_PATH:
        return item->count < SPSI_VARIANT_NEW_PATH &&
               spsi_variant_are_texts(item->data, item->data_bytes,
                                      item->count + (uint64_t)item->subname_count);
    case SPSI_FORM_OBJECT:
        return item->step == SPS_VARIANT_VALUE || (item->data_bytes > 0 && is_text(item));
    case SPSI_FORM_DICTIONARY:
        return item->step == SPS_VARIANT_BEGIN && is_element(key_of(item)) &&
               is_element(value_of(item));
    case SPSI_FORM_ARRAY:
        return item->step == SPS_VARIANT_BEGIN && item->key_kind == SPS_VARIANT_ANY &&
               is_element(value_of(item));
    case SPSI_FORM_PACKED:
        return item->count <= INT32_MAX && is_number_of_components(item, item->count);
    case SPSI_FORM_PACKED_TEXTS:
        return item->count <= INT32_MAX &&
               spsi_variant_are_texts(item->data, item->data_bytes, item->count);
    default:
        return true;
    }
}

// Levels count in 31 bits, and pairs count twice.
static bool is_item(const sps_variant_item *item) {
    const bool begins = item->step == SPS_VARIANT_BEGIN;
    const bool may_begin = item->type == SPS_VARIANT_ARRAY ||
                           item->type == SPS_VARIANT_DICTIONARY || item->type == SPS_VARIANT_OBJECT;
    return spsi_variant_is_type(item->type) && (item->data != NULL || item->data_bytes == 0) &&
           (begins ? may_begin && item->count <= INT32_MAX / 2 : item->step == SPS_VARIANT_VALUE) &&
           is_body(item);
}

// ---- Room

static bool subtract(size_t *left, size_t bytes) {
    const bool is_there = *left >= bytes;
    *left -= is_there ? bytes : 0;
    return is_there;
}

// Room for the item: generously, so that it need not be measured, unless room is short.
static sps_error make_room(sps_variant_writer *writer, const sps_variant_item *item, bool is_name) {
    size_t left = writer->capacity - writer->size;
    if (subtract(&left, FIXED_BYTES) && subtract(&left, item->data_bytes) &&
        subtract(&left, item->key_name_bytes) && subtract(&left, item->value_name_bytes)) {
        return SPS_OK;
    }
    spsi_pen measure = {NULL, 0};
    put_item(&measure, item, is_name);
    return spsi_variant_make_room(writer, measure.size);
}

// ---- Writing

static sps_error check_item(const sps_variant_writer *writer, const sps_variant_item *item) {
    const sps_error error =
        is_item(item) ? spsi_variant_check_place(writer, item->type) : SPS_ERR_INVALID_PARAMETER;
    const bool begins = item->step == SPS_VARIANT_BEGIN;
    return error == SPS_OK && begins && writer->depth == writer->max_depth
               ? SPS_ERR_PARAMETER_RANGE_ERROR
               : error;
}

sps_error spsi_variant_write_item(sps_variant_writer *writer, const sps_variant_item *item) {
    const bool is_name = spsi_variant_expects_name(writer);
    sps_error error = check_item(writer, item);
    if (error == SPS_OK) {
        error = make_room(writer, item, is_name);
    }
    if (error != SPS_OK) {
        return error;
    }
    spsi_pen pen = {writer->data + writer->size, 0};
    put_item(&pen, item, is_name);
    if (item->step == SPS_VARIANT_BEGIN) {
        writer->size += pen.size;
        spsi_variant_open_level(writer,
                                item->type == SPS_VARIANT_ARRAY ? item->count : 2 * item->count,
                                item->type == SPS_VARIANT_OBJECT);
    } else {
        spsi_variant_end(writer, pen.size);
    }
    return SPS_OK;
}

sps_error sps_variant_write(sps_variant_writer *writer, const sps_variant_item *item) {
    sps_variant_item known;
    if (writer == NULL || item == NULL || !spsi_struct_read(item, &known, sizeof known)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return known.step == SPS_VARIANT_END ? SPS_OK : spsi_variant_write_item(writer, &known);
}

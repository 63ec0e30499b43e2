// SPDX-License-Identifier: MIT
//
// Walks over the bytes of one value. It keeps one number for each open level, so it neither
// allocates nor recurses. It believes a count only if so many elements could follow.
#include "variant/format.h"

#include "base/sized_struct.h"
#include "base/utf8.h"

// A level: how many items are left of it, above what it is.
typedef enum level_kind { IN_ARRAY, IN_DICTIONARY, IN_OBJECT, KIND_MASK = 3 } level_kind;
enum { LEFT_SHIFT = 2 };

static const sps_variant_type types_of_levels[] = {SPS_VARIANT_ARRAY, SPS_VARIANT_DICTIONARY,
                                                   SPS_VARIANT_OBJECT};

// ---- Pieces

static sps_error stop(sps_variant_reader *reader, sps_variant_fault fault) {
    reader->fault = fault;
    reader->error =
        fault == SPS_VARIANT_OBJECT_NOT_ALLOWED ? SPS_ERR_UNAUTHORIZED : SPS_ERR_INVALID_DATA;
    reader->at = reader->item;
    return reader->error;
}

static size_t left_of(const sps_variant_reader *reader) {
    return (size_t)(reader->end - reader->at);
}

// So many bytes, and those that pad them.
static inline sps_error take(sps_variant_reader *reader, size_t bytes, const uint8_t **out_data) {
    const size_t left = left_of(reader);
    if (left < bytes || left - bytes < spsi_variant_padding(bytes)) {
        return stop(reader, SPS_VARIANT_TRUNCATED);
    }
    *out_data = reader->at;
    reader->at += bytes + spsi_variant_padding(bytes);
    return SPS_OK;
}

static inline sps_error take_u32(sps_variant_reader *reader, uint32_t *out_value) {
    if (left_of(reader) < sizeof *out_value) {
        return stop(reader, SPS_VARIANT_TRUNCATED);
    }
    *out_value = spsi_load_le32(reader->at);
    reader->at += sizeof *out_value;
    return SPS_OK;
}

static inline sps_error take_u64(sps_variant_reader *reader, int64_t *out_value) {
    const uint8_t *data;
    const sps_error error = take(reader, sizeof *out_value, &data);
    if (error == SPS_OK) {
        *out_value = (int64_t)spsi_load_le64(data);
    }
    return error;
}

static sps_error take_text(sps_variant_reader *reader, const uint8_t **out_text,
                           size_t *out_bytes) {
    uint32_t bytes;
    sps_error error = take_u32(reader, &bytes);
    if (error == SPS_OK) {
        error = take(reader, bytes, out_text);
    }
    if (error != SPS_OK) {
        return error;
    }
    *out_bytes = bytes;
    return spsi_utf8_is_valid(*out_text, bytes) ? SPS_OK : stop(reader, SPS_VARIANT_NO_UTF8);
}

// Texts one after the other.
static sps_error take_texts(sps_variant_reader *reader, uint64_t count, sps_variant_item *item) {
    item->data = reader->at;
    for (; count > 0; count--) {
        const uint8_t *text;
        size_t bytes;
        const sps_error error = take_text(reader, &text, &bytes);
        if (error != SPS_OK) {
            return error;
        }
    }
    item->data_bytes = (size_t)(reader->at - item->data);
    return SPS_OK;
}

// A count of things that need so many bytes each at the least.
static sps_error take_count(sps_variant_reader *reader, size_t least_bytes, uint32_t *out_count) {
    const sps_error error = take_u32(reader, out_count);
    if (error != SPS_OK) {
        return error;
    }
    *out_count &= 0x7fffffff; // Godot's flag of arrays that are shared, of old
    return *out_count <= left_of(reader) / least_bytes ? SPS_OK
                                                       : stop(reader, SPS_VARIANT_TRUNCATED);
}

// ---- Levels

static uint32_t items_left(const sps_variant_reader *reader) {
    return reader->levels[reader->depth - 1] >> LEFT_SHIFT;
}

static level_kind kind_of(const sps_variant_reader *reader) {
    return (level_kind)(reader->levels[reader->depth - 1] & KIND_MASK);
}

static sps_error enter(sps_variant_reader *reader, level_kind kind, uint32_t items) {
    if (reader->depth == reader->max_depth) {
        return stop(reader, SPS_VARIANT_TOO_DEEP);
    }
    reader->levels[reader->depth++] = items << LEFT_SHIFT | (uint32_t)kind;
    return SPS_OK;
}

// ---- Values

static sps_error read_int(sps_variant_reader *reader, sps_variant_item *item) {
    if (item->flags & SPS_VARIANT_WIDE) {
        return take_u64(reader, &item->integer);
    }
    uint32_t bits;
    const sps_error error = take_u32(reader, &bits);
    item->integer = error == SPS_OK ? (int32_t)bits : 0;
    return error;
}

static sps_error read_float(sps_variant_reader *reader, sps_variant_item *item) {
    const uint8_t *data;
    const bool is_wide = item->flags & SPS_VARIANT_WIDE;
    const sps_error error = take(reader, is_wide ? sizeof(double) : sizeof(float), &data);
    if (error == SPS_OK) {
        item->real = is_wide ? spsi_load_le_double(data) : (double)spsi_load_le_float(data);
    }
    return error;
}

static sps_error read_node_path(sps_variant_reader *reader, sps_variant_item *item) {
    uint32_t names, flags;
    sps_error error = take_u32(reader, &names);
    if (error != SPS_OK) {
        return error;
    }
    if (!(names & SPSI_VARIANT_NEW_PATH)) {
        return stop(reader, SPS_VARIANT_OLD_NODE_PATH);
    }
    item->count = names & ~SPSI_VARIANT_NEW_PATH;
    error = take_u32(reader, &item->subname_count);
    if (error == SPS_OK) {
        error = take_u32(reader, &flags);
    }
    if (error != SPS_OK) {
        return error;
    }
    item->flags = flags & SPSI_VARIANT_PATH_ABSOLUTE ? SPS_VARIANT_ABSOLUTE : 0;
    const uint64_t property = flags & SPSI_VARIANT_PATH_PROPERTY ? 1 : 0;
    const uint64_t texts = item->count + (uint64_t)item->subname_count + property;
    if (texts > left_of(reader) / sizeof(uint32_t)) {
        return stop(reader, SPS_VARIANT_TRUNCATED);
    }
    item->subname_count += (uint32_t)property;
    return take_texts(reader, texts, item);
}

static sps_error read_object(sps_variant_reader *reader, uint32_t header, sps_variant_item *item) {
    if (header & SPSI_VARIANT_FLAG_AS_ID) {
        return take_u64(reader, &item->integer);
    }
    if (!reader->allows_objects) {
        return stop(reader, SPS_VARIANT_OBJECT_NOT_ALLOWED);
    }
    sps_error error = take_text(reader, &item->data, &item->data_bytes);
    if (error != SPS_OK) {
        return error;
    }
    if (item->data_bytes == 0) { // no class: null, as which Godot writes it
        item->type = SPS_VARIANT_NIL;
        item->data = NULL;
        return SPS_OK;
    }
    error = take_count(reader, 2 * sizeof(uint32_t), &item->count);
    item->step = SPS_VARIANT_BEGIN;
    return error == SPS_OK ? enter(reader, IN_OBJECT, 2 * item->count) : error;
}

static sps_error read_builtin(sps_variant_reader *reader, sps_variant_type *out_type) {
    uint32_t type;
    const sps_error error = take_u32(reader, &type);
    if (error != SPS_OK) {
        return error;
    }
    *out_type = type < SPS_VARIANT_TYPES ? (sps_variant_type)type : -1;
    return *out_type != -1 ? SPS_OK : stop(reader, SPS_VARIANT_UNKNOWN_TYPE);
}

static sps_error read_name(sps_variant_reader *reader, const char **out_name, size_t *out_bytes) {
    const uint8_t *name;
    const sps_error error = take_text(reader, &name, out_bytes);
    *out_name = error == SPS_OK ? (const char *)name : NULL;
    return error;
}

// Reads the type of the keys, and of the values or elements.
static sps_error read_key(sps_variant_reader *reader, uint32_t kind, sps_variant_item *item) {
    item->key_kind = (sps_variant_element_kind)kind;
    return kind == SPS_VARIANT_ANY ? SPS_OK
           : kind == SPS_VARIANT_BUILTIN
               ? read_builtin(reader, &item->key_type)
               : read_name(reader, &item->key_name, &item->key_name_bytes);
}

static sps_error read_element(sps_variant_reader *reader, uint32_t kind, sps_variant_item *item) {
    item->value_kind = (sps_variant_element_kind)kind;
    return kind == SPS_VARIANT_ANY ? SPS_OK
           : kind == SPS_VARIANT_BUILTIN
               ? read_builtin(reader, &item->value_type)
               : read_name(reader, &item->value_name, &item->value_name_bytes);
}

static sps_error read_array(sps_variant_reader *reader, uint32_t header, sps_variant_item *item) {
    item->step = SPS_VARIANT_BEGIN;
    sps_error error = read_element(reader, header >> SPSI_VARIANT_VALUE_SHIFT & 3, item);
    if (error == SPS_OK) {
        error = take_count(reader, sizeof(uint32_t), &item->count);
    }
    return error == SPS_OK ? enter(reader, IN_ARRAY, item->count) : error;
}

static sps_error read_dictionary(sps_variant_reader *reader, uint32_t header,
                                 sps_variant_item *item) {
    item->step = SPS_VARIANT_BEGIN;
    sps_error error = read_key(reader, header >> SPSI_VARIANT_KEY_SHIFT & 3, item);
    if (error == SPS_OK) {
        error = read_element(reader, header >> (SPSI_VARIANT_KEY_SHIFT + 2) & 3, item);
    }
    if (error == SPS_OK) {
        error = take_count(reader, 2 * sizeof(uint32_t), &item->count);
    }
    return error == SPS_OK ? enter(reader, IN_DICTIONARY, 2 * item->count) : error;
}

static sps_error read_packed(sps_variant_reader *reader, const spsi_variant_shape *shape,
                             sps_variant_item *item) {
    const size_t bytes = shape->components *
                         spsi_variant_number_bytes((spsi_variant_number)shape->number, item->flags);
    const sps_error error = take_count(reader, bytes, &item->count);
    item->data_bytes = error == SPS_OK ? bytes * item->count : 0;
    return error == SPS_OK ? take(reader, item->data_bytes, &item->data) : error;
}

static sps_error read_packed_texts(sps_variant_reader *reader, sps_variant_item *item) {
    const sps_error error = take_count(reader, sizeof(uint32_t), &item->count);
    return error == SPS_OK ? take_texts(reader, item->count, item) : error;
}

static sps_error read_signal(sps_variant_reader *reader, sps_variant_item *item) {
    const sps_error error = take_text(reader, &item->data, &item->data_bytes);
    return error == SPS_OK ? take_u64(reader, &item->integer) : error;
}

static sps_error read_bool(sps_variant_reader *reader, sps_variant_item *item) {
    uint32_t bits;
    const sps_error error = take_u32(reader, &bits);
    item->integer = error == SPS_OK && bits != 0;
    return error;
}

static sps_error read_vector(sps_variant_reader *reader, const spsi_variant_shape *shape,
                             sps_variant_item *item) {
    item->count = shape->components;
    item->data_bytes = shape->components *
                       spsi_variant_number_bytes((spsi_variant_number)shape->number, item->flags);
    return take(reader, item->data_bytes, &item->data);
}

// Whether the bit says how wide the type's numbers are.
static bool may_be_wide(const spsi_variant_shape *shape) {
    return shape->number == SPSI_NUMBER_REAL || shape->form == SPSI_FORM_INT ||
           shape->form == SPSI_FORM_FLOAT;
}

static sps_error read_body(sps_variant_reader *reader, uint32_t header, sps_variant_item *item) {
    const spsi_variant_shape *shape = &spsi_variant_shapes[item->type];
    if ((header & SPSI_VARIANT_FLAG_WIDE) && may_be_wide(shape)) {
        item->flags = SPS_VARIANT_WIDE;
    }
    switch ((spsi_variant_form)shape->form) {
    case SPSI_FORM_BOOL:
        return read_bool(reader, item);
    case SPSI_FORM_INT:
        return read_int(reader, item);
    case SPSI_FORM_FLOAT:
        return read_float(reader, item);
    case SPSI_FORM_TEXT:
        return take_text(reader, &item->data, &item->data_bytes);
    case SPSI_FORM_VECTOR:
        return read_vector(reader, shape, item);
    case SPSI_FORM_NODE_PATH:
        return read_node_path(reader, item);
    case SPSI_FORM_RID:
        return take_u64(reader, &item->integer);
    case SPSI_FORM_OBJECT:
        return read_object(reader, header, item);
    case SPSI_FORM_SIGNAL:
        return read_signal(reader, item);
    case SPSI_FORM_DICTIONARY:
        return read_dictionary(reader, header, item);
    case SPSI_FORM_ARRAY:
        return read_array(reader, header, item);
    case SPSI_FORM_PACKED:
        return read_packed(reader, shape, item);
    case SPSI_FORM_PACKED_TEXTS:
        return read_packed_texts(reader, item);
    case SPSI_FORM_NOTHING:
        break;
    }
    return SPS_OK;
}

static sps_error read_value(sps_variant_reader *reader, sps_variant_item *item) {
    uint32_t header;
    const sps_error error = take_u32(reader, &header);
    if (error != SPS_OK) {
        return error;
    }
    item->type = (sps_variant_type)(header & SPSI_VARIANT_TYPE_MASK);
    if (!spsi_variant_is_type(item->type)) {
        return stop(reader, SPS_VARIANT_UNKNOWN_TYPE);
    }
    return read_body(reader, header, item);
}

// ---- The walk

static sps_error read_item(sps_variant_reader *reader, sps_variant_item *item) {
    if (reader->error != SPS_OK) {
        return reader->error;
    }
    reader->item = reader->at;
    if (reader->depth == 0) {
        if (reader->is_begun) {
            return SPS_ERR_FILE_EOF;
        }
        reader->is_begun = true;
        return read_value(reader, item);
    }
    if (items_left(reader) == 0) {
        item->step = SPS_VARIANT_END;
        item->type = types_of_levels[kind_of(reader)];
        reader->depth--;
        return SPS_OK;
    }
    const bool is_name = kind_of(reader) == IN_OBJECT && items_left(reader) % 2 == 0;
    reader->levels[reader->depth - 1] -= 1u << LEFT_SHIFT;
    if (is_name) {
        item->type = SPS_VARIANT_STRING;
        return take_text(reader, &item->data, &item->data_bytes);
    }
    return read_value(reader, item);
}

// The fields of 0.1. Later fields are only for callers that know them.
enum {
    LEAST_READER_BYTES =
        offsetof(sps_variant_reader, levels) + sizeof(uint32_t) * SPS_VARIANT_MAX_DEPTH
};

sps_error sps_variant_reader_init(sps_variant_reader *reader, const void *data, size_t bytes,
                                  const sps_variant_reader_options *options) {
    sps_variant_reader_options chosen;
    if (reader == NULL || reader->struct_size < LEAST_READER_BYTES || (data == NULL && bytes > 0) ||
        bytes > UINT32_MAX || !spsi_struct_read(options, &chosen, sizeof chosen) ||
        chosen.max_depth > SPS_VARIANT_MAX_DEPTH) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    reader->begin = reader->at = reader->item = data;
    reader->end = data != NULL ? reader->begin + bytes : NULL;
    reader->depth = 0;
    reader->max_depth = chosen.max_depth != 0 ? chosen.max_depth : SPS_VARIANT_MAX_DEPTH;
    reader->error = SPS_OK;
    reader->fault = SPS_VARIANT_SOUND;
    reader->allows_objects = chosen.allow_objects != 0;
    reader->is_begun = false;
    return SPS_OK;
}

sps_error sps_variant_reader_next(sps_variant_reader *reader, sps_variant_item *out_item) {
    if (reader == NULL || out_item == NULL || spsi_struct_size(out_item) == 0) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const uint32_t known = spsi_struct_size(out_item);
    if (known >= sizeof *out_item) { // the usual case: nothing is copied
        spsi_variant_clear(out_item);
        out_item->struct_size = known;
        return read_item(reader, out_item);
    }
    sps_variant_item item;
    spsi_variant_clear(&item);
    const sps_error error = read_item(reader, &item);
    if (error == SPS_OK) {
        spsi_struct_write(&item, out_item, sizeof item);
    }
    return error;
}

sps_error sps_variant_reader_skip(sps_variant_reader *reader) {
    if (reader == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (reader->error == SPS_OK && reader->depth == 0) {
        return SPS_ERR_DOES_NOT_EXIST;
    }
    const uint32_t depth = reader->depth;
    sps_error error = SPS_OK;
    while (error == SPS_OK && reader->depth >= depth) {
        sps_variant_item item;
        spsi_variant_clear(&item);
        error = read_item(reader, &item);
    }
    return error;
}

size_t sps_variant_reader_offset(const sps_variant_reader *reader) {
    if (reader == NULL) {
        return 0;
    }
    return reader->begin != NULL ? (size_t)(reader->at - reader->begin) : 0;
}

sps_variant_fault sps_variant_reader_fault(const sps_variant_reader *reader) {
    return reader != NULL ? reader->fault : SPS_VARIANT_SOUND;
}

// SPDX-License-Identifier: MIT
//
// Appends items to a value's bytes. An item is checked, then measured when room may be short, then
// written; what is refused has written nothing.
#include "variant_format.h"

#include "memory.h"
#include "sized_struct.h"
#include "text.h"

enum {
    MOST_REALS = 16,   // of a Projection
    MOST_INTEGERS = 4, // of a Rect2i
    DEFAULT_MAX_BYTES = 8 * 1024 * 1024,
    FIRST_BYTES = 256,
    // Header, counts, flags, kinds and ids, and the length and padding of three texts.
    FIXED_BYTES = 64,
    LEFT_SHIFT = 1,
    IN_OBJECT = 1,
};

// ---- A pen: writes, or measures only

typedef struct sink {
    uint8_t *at; // NULL: it measures
    size_t size;
} sink;

static void put_u32(sink *pen, uint32_t value) {
    if (pen->at != NULL) {
        spsi_variant_store_u32(pen->at + pen->size, value);
    }
    pen->size += sizeof value;
}

static void put_u64(sink *pen, uint64_t value) {
    if (pen->at != NULL) {
        spsi_variant_store_u64(pen->at + pen->size, value);
    }
    pen->size += sizeof value;
}

// Bytes, and zeros behind them.
static void put_padded(sink *pen, const void *data, size_t bytes) {
    const size_t padding = spsi_variant_padding(bytes);
    if (pen->at != NULL && bytes > 0) {
        memcpy(pen->at + pen->size, data, bytes);
        memset(pen->at + pen->size + bytes, 0, padding);
    }
    pen->size += bytes + padding;
}

static void put_text(sink *pen, const void *text, size_t bytes) {
    put_u32(pen, (uint32_t)bytes);
    put_padded(pen, text, bytes);
}

static void put_element(sink *pen, const sps_variant_element *element) {
    if (element->kind == SPS_VARIANT_BUILTIN) {
        put_u32(pen, (uint32_t)element->type);
    } else if (element->kind != SPS_VARIANT_ANY) {
        put_text(pen, element->name, element->name_bytes);
    }
}

static void put_number(sink *pen, const sps_variant_item *item, uint64_t wide, uint32_t narrow) {
    if (item->flags & SPS_VARIANT_WIDE) {
        put_u64(pen, wide);
    } else {
        put_u32(pen, narrow);
    }
}

static void put_float(sink *pen, const sps_variant_item *item) {
    uint64_t wide;
    uint32_t narrow;
    const float rounded = (float)item->real;
    memcpy(&wide, &item->real, sizeof wide);
    memcpy(&narrow, &rounded, sizeof narrow);
    put_number(pen, item, wide, narrow);
}

static void put_node_path(sink *pen, const sps_variant_item *item) {
    put_u32(pen, item->count | SPSI_VARIANT_NEW_PATH);
    put_u32(pen, item->subname_count);
    put_u32(pen, item->flags & SPS_VARIANT_ABSOLUTE ? SPSI_VARIANT_PATH_ABSOLUTE : 0);
    put_padded(pen, item->data, item->data_bytes);
}

static void put_object(sink *pen, const sps_variant_item *item) {
    if (item->step == SPS_VARIANT_BEGIN) {
        put_text(pen, item->data, item->data_bytes);
        put_u32(pen, item->count);
    } else {
        put_u64(pen, (uint64_t)item->integer);
    }
}

static void put_container(sink *pen, const sps_variant_item *item) {
    put_element(pen, &item->key);
    put_element(pen, &item->value);
    put_u32(pen, item->count);
}

static uint32_t header_of(const sps_variant_item *item) {
    uint32_t header = (uint32_t)item->type;
    if (item->type == SPS_VARIANT_ARRAY) {
        header |= (uint32_t)item->value.kind << SPSI_VARIANT_VALUE_SHIFT;
    } else if (item->type == SPS_VARIANT_DICTIONARY) {
        header |= (uint32_t)item->key.kind << SPSI_VARIANT_KEY_SHIFT;
        header |= (uint32_t)item->value.kind << (SPSI_VARIANT_KEY_SHIFT + 2);
    } else if (item->type == SPS_VARIANT_OBJECT) {
        header |= item->step == SPS_VARIANT_VALUE ? SPSI_VARIANT_FLAG_AS_ID : 0;
    } else if (item->flags & SPS_VARIANT_WIDE) {
        header |= SPSI_VARIANT_FLAG_WIDE;
    }
    return header;
}

static void put_body(sink *pen, const sps_variant_item *item) {
    switch ((spsi_variant_form)spsi_variant_shapes[item->type].form) {
    case SPSI_FORM_NOTHING:
        break;
    case SPSI_FORM_BOOL:
        put_u32(pen, item->integer != 0);
        break;
    case SPSI_FORM_INT:
        put_number(pen, item, (uint64_t)item->integer, (uint32_t)item->integer);
        break;
    case SPSI_FORM_FLOAT:
        put_float(pen, item);
        break;
    case SPSI_FORM_TEXT:
        put_text(pen, item->data, item->data_bytes);
        break;
    case SPSI_FORM_VECTOR:
        put_padded(pen, item->data, item->data_bytes);
        break;
    case SPSI_FORM_NODE_PATH:
        put_node_path(pen, item);
        break;
    case SPSI_FORM_RID:
        put_u64(pen, (uint64_t)item->integer);
        break;
    case SPSI_FORM_OBJECT:
        put_object(pen, item);
        break;
    case SPSI_FORM_SIGNAL:
        put_text(pen, item->data, item->data_bytes);
        put_u64(pen, (uint64_t)item->integer);
        break;
    case SPSI_FORM_DICTIONARY:
    case SPSI_FORM_ARRAY:
        put_container(pen, item);
        break;
    case SPSI_FORM_PACKED:
    case SPSI_FORM_PACKED_TEXTS:
        put_u32(pen, item->count);
        put_padded(pen, item->data, item->data_bytes);
        break;
    }
}

static void put_item(sink *pen, const sps_variant_item *item, bool is_name) {
    if (is_name) {
        put_text(pen, item->data, item->data_bytes);
        return;
    }
    put_u32(pen, header_of(item));
    put_body(pen, item);
}

// ---- Whether an item is one

static bool is_text(const sps_variant_item *item) {
    return item->data_bytes <= UINT32_MAX && spsi_text_is_utf8(item->data, item->data_bytes);
}

static bool is_element(const sps_variant_element *element) {
    switch (element->kind) {
    case SPS_VARIANT_ANY:
        return true;
    case SPS_VARIANT_BUILTIN:
        return spsi_variant_is_type(element->type);
    case SPS_VARIANT_CLASS:
    case SPS_VARIANT_SCRIPT:
        return (element->name != NULL || element->name_bytes == 0) &&
               element->name_bytes <= UINT32_MAX &&
               spsi_text_is_utf8((const uint8_t *)element->name, element->name_bytes);
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
        return item->step == SPS_VARIANT_BEGIN && is_element(&item->key) &&
               is_element(&item->value);
    case SPSI_FORM_ARRAY:
        return item->step == SPS_VARIANT_BEGIN && item->key.kind == SPS_VARIANT_ANY &&
               is_element(&item->value);
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

static sps_error grow(sps_variant_writer *writer, size_t wanted) {
    size_t capacity = writer->capacity < FIRST_BYTES ? FIRST_BYTES : writer->capacity;
    while (capacity < wanted) {
        capacity *= 2;
    }
    capacity = capacity < writer->max_bytes ? capacity : writer->max_bytes;
    uint8_t *data = spsi_resize(&writer->allocator, writer->data, writer->capacity, capacity);
    if (data == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    writer->data = data;
    writer->capacity = capacity;
    return SPS_OK;
}

static sps_error make_room_for(sps_variant_writer *writer, size_t bytes) {
    if (writer->capacity - writer->size >= bytes) {
        return SPS_OK;
    }
    if (!writer->grows || writer->max_bytes - writer->size < bytes) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    return grow(writer, writer->size + bytes);
}

static bool is_taken_off(size_t *left, size_t bytes) {
    const bool is_there = *left >= bytes;
    *left -= is_there ? bytes : 0;
    return is_there;
}

// Room for the item: generously, so that it need not be measured, unless room is short.
static sps_error make_room(sps_variant_writer *writer, const sps_variant_item *item, bool is_name) {
    size_t left = writer->capacity - writer->size;
    if (is_taken_off(&left, FIXED_BYTES) && is_taken_off(&left, item->data_bytes) &&
        is_taken_off(&left, item->key.name_bytes) && is_taken_off(&left, item->value.name_bytes)) {
        return SPS_OK;
    }
    sink measure = {NULL, 0};
    put_item(&measure, item, is_name);
    return make_room_for(writer, measure.size);
}

// ---- Levels

static uint32_t *level_of(sps_variant_writer *writer) {
    return &writer->levels[writer->depth - 1];
}

static void end_levels(sps_variant_writer *writer) {
    while (writer->depth > 0 && *level_of(writer) >> LEFT_SHIFT == 0) {
        writer->depth--;
    }
}

// A value was written: it is one less that its container lacks.
static void advance(sps_variant_writer *writer) {
    if (writer->depth > 0) {
        *level_of(writer) -= 1u << LEFT_SHIFT;
    }
    writer->is_begun = true;
    end_levels(writer);
}

// A container's begin was written; an empty one ends at once.
static void open_level(sps_variant_writer *writer, const sps_variant_item *item) {
    const uint32_t items = item->type == SPS_VARIANT_ARRAY ? item->count : 2 * item->count;
    if (writer->depth > 0) {
        *level_of(writer) -= 1u << LEFT_SHIFT;
    }
    writer->depth++;
    *level_of(writer) = items << LEFT_SHIFT | (item->type == SPS_VARIANT_OBJECT ? IN_OBJECT : 0);
    writer->is_begun = true;
    end_levels(writer);
}

static bool expects_name(const sps_variant_writer *writer) {
    const uint32_t level = writer->depth > 0 ? writer->levels[writer->depth - 1] : 0;
    return (level & IN_OBJECT) && (level >> LEFT_SHIFT) % 2 == 0;
}

// Whether a value of this type may stand here.
static sps_error check_place(const sps_variant_writer *writer, sps_variant_type type) {
    if (writer->is_begun && writer->depth == 0) {
        return SPS_ERR_ALREADY_EXISTS;
    }
    return type == SPS_VARIANT_STRING || !expects_name(writer) ? SPS_OK : SPS_ERR_INVALID_PARAMETER;
}

static sps_error check_item(const sps_variant_writer *writer, const sps_variant_item *item) {
    const sps_error error =
        is_item(item) ? check_place(writer, item->type) : SPS_ERR_INVALID_PARAMETER;
    const bool begins = item->step == SPS_VARIANT_BEGIN;
    return error == SPS_OK && begins && writer->depth == writer->max_depth
               ? SPS_ERR_PARAMETER_RANGE_ERROR
               : error;
}

static sps_error write_item(sps_variant_writer *writer, const sps_variant_item *item) {
    const bool is_name = expects_name(writer);
    sps_error error = check_item(writer, item);
    if (error == SPS_OK) {
        error = make_room(writer, item, is_name);
    }
    if (error != SPS_OK) {
        return error;
    }
    sink pen = {writer->data + writer->size, 0};
    put_item(&pen, item, is_name);
    writer->size += pen.size;
    if (item->step == SPS_VARIANT_BEGIN) {
        open_level(writer, item);
    } else {
        advance(writer);
    }
    return SPS_OK;
}

// ---- The writer itself

sps_error sps_variant_writer_init(sps_variant_writer *writer,
                                  const sps_variant_writer_options *options) {
    sps_variant_writer_options chosen;
    if (writer == NULL || !spsi_struct_read(options, &chosen, sizeof chosen) ||
        chosen.max_depth > SPS_VARIANT_MAX_DEPTH) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    writer->data = chosen.buffer;
    writer->grows = chosen.buffer == NULL;
    writer->capacity = writer->grows ? 0 : chosen.buffer_bytes;
    writer->max_bytes = chosen.max_bytes != 0 ? chosen.max_bytes : DEFAULT_MAX_BYTES;
    writer->max_depth = chosen.max_depth != 0 ? chosen.max_depth : SPS_VARIANT_MAX_DEPTH;
    writer->writes_wide = chosen.wide_reals != 0;
    writer->allocator = spsi_allocator_or_default(chosen.allocator);
    sps_variant_writer_reset(writer);
    return SPS_OK;
}

void sps_variant_writer_destroy(sps_variant_writer *writer) {
    if (writer == NULL) {
        return;
    }
    if (writer->grows) {
        spsi_free(&writer->allocator, writer->data, writer->capacity);
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

sps_error sps_variant_write(sps_variant_writer *writer, const sps_variant_item *item) {
    sps_variant_item known;
    if (writer == NULL || item == NULL || !spsi_struct_read(item, &known, sizeof known)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return known.step == SPS_VARIANT_END ? SPS_OK : write_item(writer, &known);
}

// ---- Values of a type, which need no item

static sps_error write(sps_variant_writer *writer, const sps_variant_item *item) {
    return writer != NULL ? write_item(writer, item) : SPS_ERR_INVALID_PARAMETER;
}

// Begins a value of so many bytes: where it may stand, and with room for all of it.
static sps_error begin_value(sps_variant_writer *writer, sps_variant_type type, size_t bytes,
                             sink *out_pen) {
    sps_error error = check_place(writer, type);
    if (error == SPS_OK) {
        error = make_room_for(writer, bytes);
    }
    *out_pen = (sink){error == SPS_OK ? writer->data + writer->size : NULL, 0};
    return error;
}

static void end_value(sps_variant_writer *writer, sink pen) {
    writer->size += pen.size;
    advance(writer);
}

// A header, and bytes that need no padding.
static sps_error write_plain(sps_variant_writer *writer, uint32_t header, const void *body,
                             size_t bytes) {
    if (writer == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    sink pen;
    const sps_variant_type type = (sps_variant_type)(header & SPSI_VARIANT_TYPE_MASK);
    const sps_error error = begin_value(writer, type, sizeof header + bytes, &pen);
    if (error == SPS_OK) {
        put_u32(&pen, header);
        put_padded(&pen, body, bytes);
        end_value(writer, pen);
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
    spsi_variant_store_u32(body, value);
    return write_plain(writer, header, body, sizeof body);
}

static sps_error write_u64(sps_variant_writer *writer, uint32_t header, uint64_t value) {
    uint8_t body[sizeof value];
    spsi_variant_store_u64(body, value);
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

static sps_error write_text(sps_variant_writer *writer, sps_variant_type type, const char *text,
                            size_t bytes) {
    if (writer == NULL || (text == NULL && bytes > 0) || bytes > UINT32_MAX ||
        !spsi_text_is_utf8((const uint8_t *)text, bytes)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    sink pen;
    const bool is_name = expects_name(writer);
    const size_t counts = is_name ? sizeof(uint32_t) : 2 * sizeof(uint32_t);
    const sps_error error =
        begin_value(writer, type, counts + bytes + spsi_variant_padding(bytes), &pen);
    if (error != SPS_OK) {
        return error;
    }
    if (!is_name) {
        put_u32(&pen, (uint32_t)type);
    }
    put_text(&pen, text, bytes);
    end_value(writer, pen);
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

// ---- Numbers, in the machine's order

sps_error sps_variant_write_reals(sps_variant_writer *writer, sps_variant_type type,
                                  const double *components) {
    if (writer == NULL || components == NULL || !spsi_variant_is_type(type) ||
        spsi_variant_shapes[type].form != SPSI_FORM_VECTOR ||
        spsi_variant_shapes[type].number == SPSI_NUMBER_INT32) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const spsi_variant_shape *shape = &spsi_variant_shapes[type];
    const bool is_wide = writer->writes_wide && shape->number == SPSI_NUMBER_REAL; // no color is
    uint8_t data[MOST_REALS * sizeof(double)];
    for (size_t i = 0; i < MOST_REALS && i < shape->components; i++) {
        if (is_wide) {
            spsi_variant_store_double(data + i * sizeof(double), components[i]);
        } else {
            spsi_variant_store_float(data + i * sizeof(float), (float)components[i]);
        }
    }
    return write_plain(writer, (uint32_t)type | (is_wide ? SPSI_VARIANT_FLAG_WIDE : 0U), data,
                       shape->components * (is_wide ? sizeof(double) : sizeof(float)));
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
        spsi_variant_store_u32(data + i * sizeof(int32_t), (uint32_t)components[i]);
    }
    return write_plain(writer, (uint32_t)type, data, count * sizeof(int32_t));
}

// Turns each number's bytes around.
static void swap_numbers(uint8_t *out, const uint8_t *in, size_t bytes, size_t each) {
    for (size_t i = 0; i < bytes; i++) {
        out[i] = in[i / each * each + (each - 1 - i % each)];
    }
}

sps_error sps_variant_write_packed(sps_variant_writer *writer, sps_variant_type type,
                                   const void *elements, uint32_t count) {
    if (writer == NULL || (elements == NULL && count > 0) || !spsi_variant_is_type(type) ||
        spsi_variant_shapes[type].form != SPSI_FORM_PACKED) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const spsi_variant_shape *shape = &spsi_variant_shapes[type];
    const size_t each = spsi_variant_number_bytes((spsi_variant_number)shape->number, 0);
    sps_variant_item item = {.type = type,
                             .count = count,
                             .data = elements,
                             .data_bytes = (size_t)count * shape->components * each};
    if (spsi_is_little_endian() || each == 1 || count == 0) {
        return write(writer, &item);
    }
    const sps_allocator *allocator = &writer->allocator;
    uint8_t *swapped = spsi_allocate(allocator, item.data_bytes);
    if (swapped == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    swap_numbers(swapped, elements, item.data_bytes, each);
    item.data = swapped;
    const sps_error error = write(writer, &item);
    spsi_free(allocator, swapped, item.data_bytes);
    return error;
}

// ---- Texts of a list

// Writes what the caller has in another form than an item's data: measured first, then written.
static sps_error write_by(sps_variant_writer *writer, sps_variant_type type,
                          void (*put)(sink *, const void *), const void *what) {
    sink pen, measure = {NULL, 0};
    put(&measure, what);
    const sps_error error = begin_value(writer, type, measure.size, &pen);
    if (error == SPS_OK) {
        put(&pen, what);
        end_value(writer, pen);
    }
    return error;
}

typedef struct texts {
    const char *const *texts;
    const size_t *bytes;
    uint32_t count;
} texts;

// Godot counts a NUL behind each text.
static void put_packed_texts(sink *pen, const void *what) {
    const texts *list = what;
    put_u32(pen, SPS_VARIANT_PACKED_STRING_ARRAY);
    put_u32(pen, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        const size_t bytes = list->bytes[i], padding = spsi_variant_padding(bytes + 1);
        put_u32(pen, (uint32_t)(bytes + 1));
        if (pen->at != NULL) {
            if (bytes > 0) {
                memcpy(pen->at + pen->size, list->texts[i], bytes);
            }
            memset(pen->at + pen->size + bytes, 0, 1 + padding);
        }
        pen->size += bytes + 1 + padding;
    }
}

sps_error sps_variant_write_packed_strings(sps_variant_writer *writer, const char *const *list,
                                           const size_t *bytes, uint32_t count) {
    if (writer == NULL || count > INT32_MAX || (count > 0 && (list == NULL || bytes == NULL))) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (bytes[i] >= UINT32_MAX || (list[i] == NULL && bytes[i] > 0) ||
            !spsi_text_is_utf8((const uint8_t *)list[i], bytes[i])) {
            return SPS_ERR_INVALID_PARAMETER;
        }
    }
    const texts all = {list, bytes, count};
    return write_by(writer, SPS_VARIANT_PACKED_STRING_ARRAY, put_packed_texts, &all);
}

// ---- Node paths

typedef struct path_parts {
    const char *text, *subnames, *end;
} path_parts;

// Puts, or only counts with no pen, what stands between separators; what is empty is none.
static uint32_t put_parts(sink *pen, const char *text, const char *end, char separator) {
    uint32_t count = 0;
    while (text < end) {
        const char *stop = text;
        while (stop < end && *stop != separator) {
            stop++;
        }
        if (stop > text) {
            count++;
            if (pen != NULL) {
                put_text(pen, text, (size_t)(stop - text));
            }
        }
        text = stop + 1;
    }
    return count;
}

static void put_path(sink *pen, const void *what) {
    const path_parts *path = what;
    const bool is_absolute = path->text < path->end && *path->text == '/';
    put_u32(pen, SPS_VARIANT_NODE_PATH);
    put_u32(pen, put_parts(NULL, path->text, path->subnames, '/') | SPSI_VARIANT_NEW_PATH);
    put_u32(pen, put_parts(NULL, path->subnames, path->end, ':'));
    put_u32(pen, is_absolute ? SPSI_VARIANT_PATH_ABSOLUTE : 0);
    put_parts(pen, path->text, path->subnames, '/');
    put_parts(pen, path->subnames, path->end, ':');
}

sps_error sps_variant_write_node_path(sps_variant_writer *writer, const char *text, size_t bytes) {
    if (writer == NULL || bytes > INT32_MAX || (text == NULL && bytes > 0) ||
        !spsi_text_is_utf8((const uint8_t *)text, bytes)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const char *begin = text != NULL ? text : "";
    const char *colon = bytes > 0 ? memchr(begin, ':', bytes) : NULL;
    const path_parts path = {begin, colon != NULL ? colon : begin + bytes, begin + bytes};
    return write_by(writer, SPS_VARIANT_NODE_PATH, put_path, &path);
}

// ---- Containers

static sps_variant_element element_or_any(const sps_variant_element *element) {
    return element != NULL ? *element : (sps_variant_element){.kind = SPS_VARIANT_ANY};
}

sps_error sps_variant_write_array(sps_variant_writer *writer, uint32_t count,
                                  const sps_variant_element *element) {
    return write(writer, &(sps_variant_item){.step = SPS_VARIANT_BEGIN,
                                             .type = SPS_VARIANT_ARRAY,
                                             .count = count,
                                             .value = element_or_any(element)});
}

sps_error sps_variant_write_dictionary(sps_variant_writer *writer, uint32_t count,
                                       const sps_variant_element *key,
                                       const sps_variant_element *value) {
    return write(writer, &(sps_variant_item){.step = SPS_VARIANT_BEGIN,
                                             .type = SPS_VARIANT_DICTIONARY,
                                             .count = count,
                                             .key = element_or_any(key),
                                             .value = element_or_any(value)});
}

// SPDX-License-Identifier: MIT
//
// Values that are a list of one kind of thing: packed arrays, and the names of a node path.
#include "variant/writer.h"

#include "base/utf8.h"

enum { COUNTED_BYTES = 8 }; // a header, and the count

// ---- Numbers

typedef struct packed {
    sps_variant_type type;
    uint32_t flags;
    uint32_t count;
    size_t each; // the bytes of a number
    size_t bytes;
} packed;

// Measures a packed array of the type. False if there is no such type. A value's length is a u32,
// so a larger array has no room anyway.
static bool measure(sps_variant_type type, uint32_t count, bool is_wide, packed *out) {
    if (!spsi_variant_is_type(type) || spsi_variant_shapes[type].form != SPSI_FORM_PACKED) {
        return false;
    }
    const spsi_variant_shape *shape = &spsi_variant_shapes[type];
    const bool has_choice = shape->number == SPSI_NUMBER_REAL; // no color is wide
    const uint32_t flags = has_choice && is_wide ? SPS_VARIANT_WIDE : 0;
    const size_t each = spsi_variant_number_bytes((spsi_variant_number)shape->number, flags);
    const uint64_t bytes = (uint64_t)count * shape->components * each;
    *out = (packed){type, flags, count, each, bytes < UINT32_MAX ? (size_t)bytes : UINT32_MAX};
    return count <= INT32_MAX;
}

// Begins the array: where its numbers are to be written, and zeros behind them.
static uint8_t *begin_packed(sps_variant_writer *writer, const packed *array,
                             sps_error *out_error) {
    const size_t padding = spsi_variant_padding(array->bytes);
    if (array->bytes > UINT32_MAX - COUNTED_BYTES - padding) {
        *out_error = SPS_ERR_OUT_OF_MEMORY;
        return NULL;
    }
    spsi_pen pen = {
        spsi_variant_begin(writer, array->type, COUNTED_BYTES + array->bytes + padding, out_error),
        0};
    if (pen.at == NULL) {
        return NULL;
    }
    const uint32_t flag = array->flags & SPS_VARIANT_WIDE ? SPSI_VARIANT_FLAG_WIDE : 0;
    spsi_pen_put_u32(&pen, (uint32_t)array->type | flag);
    spsi_pen_put_u32(&pen, array->count);
    memset(pen.at + pen.size + array->bytes, 0, padding);
    return pen.at + pen.size;
}

static void end_packed(sps_variant_writer *writer, const packed *array) {
    spsi_variant_end(writer, COUNTED_BYTES + array->bytes + spsi_variant_padding(array->bytes));
}

// From the machine's order.
static void store_numbers(uint8_t *out, const uint8_t *in, size_t bytes, size_t each) {
    if (spsi_is_little_endian() || each == 1) {
        memcpy(out, in, bytes);
        return;
    }
    for (size_t i = 0; i < bytes; i++) {
        out[i] = in[i / each * each + (each - 1 - i % each)];
    }
}

sps_error sps_variant_write_packed(sps_variant_writer *writer, sps_variant_type type,
                                   const void *elements, uint32_t count) {
    packed array;
    sps_error error = SPS_ERR_INVALID_PARAMETER;
    if (writer == NULL || (elements == NULL && count > 0) || !measure(type, count, false, &array)) {
        return error;
    }
    uint8_t *out = begin_packed(writer, &array, &error);
    if (out == NULL) {
        return error;
    }
    if (count > 0) {
        store_numbers(out, elements, array.bytes, array.each);
    }
    end_packed(writer, &array);
    return SPS_OK;
}

sps_error sps_variant_write_packed_reals(sps_variant_writer *writer, sps_variant_type type,
                                         const double *reals, uint32_t count) {
    packed array;
    sps_error error = SPS_ERR_INVALID_PARAMETER;
    if (writer == NULL || (reals == NULL && count > 0) ||
        !measure(type, count, writer->writes_wide, &array) ||
        !spsi_variant_has_reals(&spsi_variant_shapes[type])) {
        return error;
    }
    uint8_t *out = begin_packed(writer, &array, &error);
    if (out == NULL) {
        return error;
    }
    if (count > 0) {
        spsi_variant_store_reals(out, reals, array.bytes / array.each,
                                 array.each == sizeof(double));
    }
    end_packed(writer, &array);
    return SPS_OK;
}

// ---- Texts

// Writes what the caller has in another form than an item's data: measured first, then written.
static sps_error write_by(sps_variant_writer *writer, sps_variant_type type,
                          void (*put)(spsi_pen *, const void *), const void *what) {
    spsi_pen sizing = {NULL, 0};
    put(&sizing, what);
    sps_error error;
    spsi_pen pen = {spsi_variant_begin(writer, type, sizing.size, &error), 0};
    if (error == SPS_OK) {
        put(&pen, what);
        spsi_variant_end(writer, pen.size);
    }
    return error;
}

typedef struct texts {
    const char *const *texts;
    const size_t *bytes;
    uint32_t count;
} texts;

// A length in the format has room for a NUL behind each.
static bool are_texts(const texts *list) {
    if (list->count > INT32_MAX ||
        (list->count > 0 && (list->texts == NULL || list->bytes == NULL))) {
        return false;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        const char *text = list->texts[i];
        const size_t bytes = list->bytes[i];
        if (bytes >= UINT32_MAX || (text == NULL && bytes > 0) ||
            !spsi_utf8_is_valid((const uint8_t *)text, bytes)) {
            return false;
        }
    }
    return true;
}

// Godot counts a NUL behind each text.
static void put_packed_texts(spsi_pen *pen, const void *what) {
    const texts *list = what;
    spsi_pen_put_u32(pen, SPS_VARIANT_PACKED_STRING_ARRAY);
    spsi_pen_put_u32(pen, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        const size_t bytes = list->bytes[i];
        spsi_pen_put_u32(pen, (uint32_t)(bytes + 1));
        spsi_pen_put_bytes(pen, list->texts[i], bytes, 1 + spsi_variant_padding(bytes + 1));
    }
}

sps_error sps_variant_write_packed_strings(sps_variant_writer *writer, const char *const *list,
                                           const size_t *bytes, uint32_t count) {
    const texts all = {list, bytes, count};
    return writer != NULL && are_texts(&all)
               ? write_by(writer, SPS_VARIANT_PACKED_STRING_ARRAY, put_packed_texts, &all)
               : SPS_ERR_INVALID_PARAMETER;
}

// ---- Node paths

typedef struct path_parts {
    const char *text, *subnames, *end;
} path_parts;

// Puts, or only counts with no pen, what stands between separators; what is empty is none.
static uint32_t put_parts(spsi_pen *pen, const char *text, const char *end, char separator) {
    uint32_t count = 0;
    while (text < end) {
        const char *stop = text;
        while (stop < end && *stop != separator) {
            stop++;
        }
        if (stop > text) {
            count++;
            if (pen != NULL) {
                spsi_pen_put_text(pen, text, (size_t)(stop - text));
            }
        }
        text = stop + 1;
    }
    return count;
}

static void put_path_counts(spsi_pen *pen, uint32_t names, uint32_t subnames, bool is_absolute) {
    spsi_pen_put_u32(pen, SPS_VARIANT_NODE_PATH);
    spsi_pen_put_u32(pen, names | SPSI_VARIANT_NEW_PATH);
    spsi_pen_put_u32(pen, subnames);
    spsi_pen_put_u32(pen, is_absolute ? SPSI_VARIANT_PATH_ABSOLUTE : 0);
}

static void put_path(spsi_pen *pen, const void *what) {
    const path_parts *path = what;
    put_path_counts(pen, put_parts(NULL, path->text, path->subnames, '/'),
                    put_parts(NULL, path->subnames, path->end, ':'),
                    path->text < path->end && *path->text == '/');
    put_parts(pen, path->text, path->subnames, '/');
    put_parts(pen, path->subnames, path->end, ':');
}

sps_error sps_variant_write_node_path(sps_variant_writer *writer, const char *text, size_t bytes) {
    if (writer == NULL || bytes > INT32_MAX || (text == NULL && bytes > 0) ||
        !spsi_utf8_is_valid((const uint8_t *)text, bytes)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const char *begin = text != NULL ? text : "";
    const char *colon = bytes > 0 ? memchr(begin, ':', bytes) : NULL;
    const path_parts path = {begin, colon != NULL ? colon : begin + bytes, begin + bytes};
    return write_by(writer, SPS_VARIANT_NODE_PATH, put_path, &path);
}

typedef struct path_names {
    texts all;
    uint32_t subnames; // of them, the last
    bool is_absolute;
} path_names;

static void put_path_names(spsi_pen *pen, const void *what) {
    const path_names *path = what;
    put_path_counts(pen, path->all.count - path->subnames, path->subnames, path->is_absolute);
    for (uint32_t i = 0; i < path->all.count; i++) {
        spsi_pen_put_text(pen, path->all.texts[i], path->all.bytes[i]);
    }
}

sps_error sps_variant_write_node_path_names(sps_variant_writer *writer, uint32_t flags,
                                            const char *const *names, const size_t *bytes,
                                            uint32_t name_count, uint32_t subname_count) {
    if (writer == NULL || (flags & ~(uint32_t)SPS_VARIANT_ABSOLUTE) != 0 ||
        name_count > INT32_MAX || subname_count > INT32_MAX - name_count) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const path_names path = {{names, bytes, name_count + subname_count}, subname_count, flags != 0};
    return are_texts(&path.all) ? write_by(writer, SPS_VARIANT_NODE_PATH, put_path_names, &path)
                                : SPS_ERR_INVALID_PARAMETER;
}

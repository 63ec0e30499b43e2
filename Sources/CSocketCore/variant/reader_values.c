// SPDX-License-Identifier: MIT
//
// The numbers and texts in an item's data.
#include "variant/format.h"

#include "base/sized_struct.h"

// All that is looked at here, which every caller knows.
enum { LEAST_ITEM_BYTES = offsetof(sps_variant_item, key_kind) };

// Where so many components begin; NULL with an error.
static const uint8_t *find(const sps_variant_item *item, size_t first, size_t count,
                           const void *out, bool reals, size_t *out_bytes_each, sps_error *error) {
    *error = SPS_ERR_INVALID_PARAMETER;
    if (item == NULL || spsi_struct_size(item) < LEAST_ITEM_BYTES || (out == NULL && count > 0) ||
        !spsi_variant_is_type(item->type)) {
        return NULL;
    }
    const spsi_variant_shape *shape = &spsi_variant_shapes[item->type];
    *out_bytes_each = spsi_variant_number_bytes((spsi_variant_number)shape->number, item->flags);
    if (*out_bytes_each == 0 || spsi_variant_has_reals(shape) != reals) {
        return NULL;
    }
    *error = SPS_ERR_PARAMETER_RANGE_ERROR;
    const size_t there = item->data_bytes / *out_bytes_each;
    if (first > there || count > there - first) {
        return NULL;
    }
    *error = SPS_OK;
    return item->data + first * *out_bytes_each;
}

sps_error sps_variant_get_reals(const sps_variant_item *item, size_t first, size_t count,
                                double *out_reals) {
    size_t each;
    sps_error error;
    const uint8_t *data = find(item, first, count, out_reals, true, &each, &error);
    if (error == SPS_OK && count > 0 && each == sizeof(double) && spsi_is_little_endian()) {
        memcpy(out_reals, data, count * sizeof(double));
        return SPS_OK;
    }
    for (size_t i = 0; error == SPS_OK && i < count; i++) {
        out_reals[i] = each == sizeof(double) ? spsi_load_le_double(data + i * each)
                                              : (double)spsi_load_le_float(data + i * each);
    }
    return error;
}

sps_error sps_variant_get_floats(const sps_variant_item *item, size_t first, size_t count,
                                 float *out_floats) {
    size_t each;
    sps_error error;
    const uint8_t *data = find(item, first, count, out_floats, true, &each, &error);
    if (error == SPS_OK && count > 0 && each == sizeof(float) && spsi_is_little_endian()) {
        memcpy(out_floats, data, count * sizeof(float)); // at memory's speed
        return SPS_OK;
    }
    for (size_t i = 0; error == SPS_OK && i < count; i++) {
        out_floats[i] = each == sizeof(float) ? spsi_load_le_float(data + i * each)
                                              : (float)spsi_load_le_double(data + i * each);
    }
    return error;
}

static int64_t load_integer(const uint8_t *data, size_t bytes) {
    switch (bytes) {
    case 1:
        return data[0];
    case 4:
        return (int32_t)spsi_load_le32(data);
    default:
        return (int64_t)spsi_load_le64(data);
    }
}

sps_error sps_variant_get_integers(const sps_variant_item *item, size_t first, size_t count,
                                   int64_t *out_integers) {
    size_t each;
    sps_error error;
    const uint8_t *data = find(item, first, count, out_integers, false, &each, &error);
    if (error == SPS_OK && count > 0 && each == sizeof(int64_t) && spsi_is_little_endian()) {
        memcpy(out_integers, data, count * sizeof(int64_t));
        return SPS_OK;
    }
    for (size_t i = 0; error == SPS_OK && i < count; i++) {
        out_integers[i] = load_integer(data + i * each, each);
    }
    return error;
}

sps_error sps_variant_get_int32s(const sps_variant_item *item, size_t first, size_t count,
                                 int32_t *out_integers) {
    size_t each;
    sps_error error;
    const uint8_t *data = find(item, first, count, out_integers, false, &each, &error);
    if (error == SPS_OK && each > sizeof(int32_t)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (error == SPS_OK && count > 0 && each == sizeof(int32_t) && spsi_is_little_endian()) {
        memcpy(out_integers, data, count * sizeof(int32_t));
        return SPS_OK;
    }
    for (size_t i = 0; error == SPS_OK && i < count; i++) {
        out_integers[i] = (int32_t)load_integer(data + i * each, each);
    }
    return error;
}

sps_error sps_variant_next_string(const sps_variant_item *item, size_t *io_position,
                                  const char **out_text, size_t *out_bytes) {
    if (item == NULL || io_position == NULL || out_text == NULL || out_bytes == NULL ||
        spsi_struct_size(item) < LEAST_ITEM_BYTES ||
        (item->type != SPS_VARIANT_NODE_PATH && item->type != SPS_VARIANT_PACKED_STRING_ARRAY)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_text = NULL;
    *out_bytes = 0;
    const size_t at = *io_position;
    if (at >= item->data_bytes) {
        return SPS_ERR_FILE_EOF;
    }
    const size_t left = item->data_bytes - at;
    const size_t bytes = left >= sizeof(uint32_t) ? spsi_load_le32(item->data + at) : SIZE_MAX;
    if (left < sizeof(uint32_t) || left - sizeof(uint32_t) < bytes) {
        return SPS_ERR_INVALID_DATA;
    }
    const uint8_t *text = item->data + at + sizeof(uint32_t);
    *io_position = at + sizeof(uint32_t) + bytes + spsi_variant_padding(bytes);
    const bool has_nul =
        item->type == SPS_VARIANT_PACKED_STRING_ARRAY && bytes > 0 && text[bytes - 1] == 0;
    *out_text = (const char *)text;
    *out_bytes = has_nul ? bytes - 1 : bytes;
    return SPS_OK;
}

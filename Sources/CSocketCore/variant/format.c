// SPDX-License-Identifier: MIT
#include "variant/format.h"

#include "base/utf8.h"

const spsi_variant_shape spsi_variant_shapes[SPS_VARIANT_TYPES] = {
    [SPS_VARIANT_NIL] = {SPSI_FORM_NOTHING, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_BOOL] = {SPSI_FORM_BOOL, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_INT] = {SPSI_FORM_INT, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_FLOAT] = {SPSI_FORM_FLOAT, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_STRING] = {SPSI_FORM_TEXT, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_VECTOR2] = {SPSI_FORM_VECTOR, SPSI_NUMBER_REAL, 2},
    [SPS_VARIANT_VECTOR2I] = {SPSI_FORM_VECTOR, SPSI_NUMBER_INT32, 2},
    [SPS_VARIANT_RECT2] = {SPSI_FORM_VECTOR, SPSI_NUMBER_REAL, 4},
    [SPS_VARIANT_RECT2I] = {SPSI_FORM_VECTOR, SPSI_NUMBER_INT32, 4},
    [SPS_VARIANT_VECTOR3] = {SPSI_FORM_VECTOR, SPSI_NUMBER_REAL, 3},
    [SPS_VARIANT_VECTOR3I] = {SPSI_FORM_VECTOR, SPSI_NUMBER_INT32, 3},
    [SPS_VARIANT_TRANSFORM2D] = {SPSI_FORM_VECTOR, SPSI_NUMBER_REAL, 6},
    [SPS_VARIANT_VECTOR4] = {SPSI_FORM_VECTOR, SPSI_NUMBER_REAL, 4},
    [SPS_VARIANT_VECTOR4I] = {SPSI_FORM_VECTOR, SPSI_NUMBER_INT32, 4},
    [SPS_VARIANT_PLANE] = {SPSI_FORM_VECTOR, SPSI_NUMBER_REAL, 4},
    [SPS_VARIANT_QUATERNION] = {SPSI_FORM_VECTOR, SPSI_NUMBER_REAL, 4},
    [SPS_VARIANT_AABB] = {SPSI_FORM_VECTOR, SPSI_NUMBER_REAL, 6},
    [SPS_VARIANT_BASIS] = {SPSI_FORM_VECTOR, SPSI_NUMBER_REAL, 9},
    [SPS_VARIANT_TRANSFORM3D] = {SPSI_FORM_VECTOR, SPSI_NUMBER_REAL, 12},
    [SPS_VARIANT_PROJECTION] = {SPSI_FORM_VECTOR, SPSI_NUMBER_REAL, 16},
    [SPS_VARIANT_COLOR] = {SPSI_FORM_VECTOR, SPSI_NUMBER_FLOAT, 4},
    [SPS_VARIANT_STRING_NAME] = {SPSI_FORM_TEXT, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_NODE_PATH] = {SPSI_FORM_NODE_PATH, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_RID] = {SPSI_FORM_RID, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_OBJECT] = {SPSI_FORM_OBJECT, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_CALLABLE] = {SPSI_FORM_NOTHING, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_SIGNAL] = {SPSI_FORM_SIGNAL, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_DICTIONARY] = {SPSI_FORM_DICTIONARY, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_ARRAY] = {SPSI_FORM_ARRAY, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_PACKED_BYTE_ARRAY] = {SPSI_FORM_PACKED, SPSI_NUMBER_BYTE, 1},
    [SPS_VARIANT_PACKED_INT32_ARRAY] = {SPSI_FORM_PACKED, SPSI_NUMBER_INT32, 1},
    [SPS_VARIANT_PACKED_INT64_ARRAY] = {SPSI_FORM_PACKED, SPSI_NUMBER_INT64, 1},
    [SPS_VARIANT_PACKED_FLOAT32_ARRAY] = {SPSI_FORM_PACKED, SPSI_NUMBER_FLOAT, 1},
    [SPS_VARIANT_PACKED_FLOAT64_ARRAY] = {SPSI_FORM_PACKED, SPSI_NUMBER_DOUBLE, 1},
    [SPS_VARIANT_PACKED_STRING_ARRAY] = {SPSI_FORM_PACKED_TEXTS, SPSI_NUMBER_NONE, 0},
    [SPS_VARIANT_PACKED_VECTOR2_ARRAY] = {SPSI_FORM_PACKED, SPSI_NUMBER_REAL, 2},
    [SPS_VARIANT_PACKED_VECTOR3_ARRAY] = {SPSI_FORM_PACKED, SPSI_NUMBER_REAL, 3},
    [SPS_VARIANT_PACKED_COLOR_ARRAY] = {SPSI_FORM_PACKED, SPSI_NUMBER_FLOAT, 4},
    [SPS_VARIANT_PACKED_VECTOR4_ARRAY] = {SPSI_FORM_PACKED, SPSI_NUMBER_REAL, 4},
};

size_t spsi_variant_number_bytes(spsi_variant_number number, uint32_t flags) {
    switch (number) {
    case SPSI_NUMBER_REAL:
        return flags & SPS_VARIANT_WIDE ? 8 : 4;
    case SPSI_NUMBER_FLOAT:
    case SPSI_NUMBER_INT32:
        return 4;
    case SPSI_NUMBER_DOUBLE:
    case SPSI_NUMBER_INT64:
        return 8;
    case SPSI_NUMBER_BYTE:
        return 1;
    default:
        return 0;
    }
}

void spsi_variant_store_reals(uint8_t *out, const double *reals, size_t count, bool is_wide) {
    if (is_wide && spsi_is_little_endian()) {
        memcpy(out, reals, count * sizeof(double)); // at memory's speed
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_wide) {
            spsi_store_le_double(out + i * sizeof(double), reals[i]);
        } else {
            spsi_store_le_float(out + i * sizeof(float), (float)reals[i]);
        }
    }
}

bool spsi_variant_are_texts(const uint8_t *data, size_t bytes, uint64_t count) {
    size_t at = 0;
    for (; count > 0; count--) {
        if (bytes - at < 4) {
            return false;
        }
        const size_t size = spsi_load_le32(data + at);
        at += 4;
        if (bytes - at < size || bytes - at - size < spsi_variant_padding(size) ||
            !spsi_utf8_is_valid(data + at, size)) {
            return false;
        }
        at += size + spsi_variant_padding(size);
    }
    return at == bytes;
}

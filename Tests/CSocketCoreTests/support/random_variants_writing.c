// SPDX-License-Identifier: MIT
#include "support/random_variants.h"

#include <stdlib.h>

static void write_packed(sps_variant_writer *writer, const random_value *drawn) {
    rng rng = {drawn->seed};
    const size_t count = (size_t)drawn->count * drawn->components;
    void *elements = malloc(count * sizeof(double) + 1);
    const bool is_wide = drawn->flags & SPS_VARIANT_WIDE;
    for (size_t i = 0; i < count; i++) {
        switch (drawn->type) {
        case SPS_VARIANT_PACKED_BYTE_ARRAY:
            ((uint8_t *)elements)[i] = (uint8_t)rng_next(&rng);
            break;
        case SPS_VARIANT_PACKED_INT32_ARRAY:
            ((int32_t *)elements)[i] = (int32_t)rng_next(&rng);
            break;
        case SPS_VARIANT_PACKED_INT64_ARRAY:
            ((int64_t *)elements)[i] = (int64_t)rng_next(&rng);
            break;
        case SPS_VARIANT_PACKED_FLOAT64_ARRAY:
            ((double *)elements)[i] = random_real(&rng);
            break;
        default:
            if (is_wide) {
                ((double *)elements)[i] = random_real(&rng);
            } else {
                ((float *)elements)[i] = (float)random_real(&rng);
            }
        }
    }
    OK(is_wide ? sps_variant_write_packed_reals(writer, drawn->type, elements, drawn->count)
               : sps_variant_write_packed(writer, drawn->type, elements, drawn->count));
    free(elements);
}

static void write_texts(sps_variant_writer *writer, const random_value *drawn) {
    const char *texts[MOST_TEXTS];
    size_t bytes[MOST_TEXTS];
    for (uint32_t i = 0; i < drawn->text_count; i++) {
        texts[i] = drawn->texts[i].bytes;
        bytes[i] = drawn->texts[i].size;
    }
    OK(drawn->type == SPS_VARIANT_NODE_PATH
           ? sps_variant_write_node_path_names(writer, drawn->flags, texts, bytes, drawn->count,
                                               drawn->subname_count)
           : sps_variant_write_packed_strings(writer, texts, bytes, drawn->count));
}

static sps_error write_scalar(sps_variant_writer *writer, const random_value *drawn) {
    const random_text *text = &drawn->texts[0];
    switch (drawn->type) {
    case SPS_VARIANT_NIL:
        return sps_variant_write_nil(writer);
    case SPS_VARIANT_BOOL:
        return sps_variant_write_bool(writer, (uint32_t)drawn->integer);
    case SPS_VARIANT_INT:
        return sps_variant_write_int(writer, drawn->integer);
    case SPS_VARIANT_FLOAT:
        return sps_variant_write_float(writer, drawn->real);
    case SPS_VARIANT_STRING:
        return sps_variant_write_string(writer, text->bytes, text->size);
    case SPS_VARIANT_STRING_NAME:
        return sps_variant_write_string_name(writer, text->bytes, text->size);
    case SPS_VARIANT_RID:
        return sps_variant_write_rid(writer, (uint64_t)drawn->integer);
    case SPS_VARIANT_OBJECT:
        return sps_variant_write_object_id(writer, (uint64_t)drawn->integer);
    case SPS_VARIANT_CALLABLE:
        return sps_variant_write_callable(writer);
    default:
        return sps_variant_write_signal(writer, text->bytes, text->size, (uint64_t)drawn->integer);
    }
}

static void write_by_type(sps_variant_writer *writer, const random_value *drawn) {
    if (is_vector(drawn->type)) {
        OK(sps_variant_write_reals(writer, drawn->type, drawn->reals));
    } else if (is_vector_of_integers(drawn->type)) {
        OK(sps_variant_write_integers(writer, drawn->type, drawn->integers));
    } else if (is_packed(drawn->type)) {
        write_packed(writer, drawn);
    } else if (drawn->type == SPS_VARIANT_NODE_PATH ||
               drawn->type == SPS_VARIANT_PACKED_STRING_ARRAY) {
        write_texts(writer, drawn);
    } else {
        OK(write_scalar(writer, drawn));
    }
}

// Writes the value alone, wide if it has to be, and then its item.
static void write_by_item(sps_variant_writer *writer, const random_value *drawn) {
    const sps_variant_writer_options options = {.struct_size = sizeof options,
                                                .wide_reals = drawn->flags & SPS_VARIANT_WIDE};
    sps_variant_writer alone = {.struct_size = sizeof alone};
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {.struct_size = sizeof item};
    const uint8_t *data;
    size_t bytes;
    OK(sps_variant_writer_init(&alone, &options));
    write_by_type(&alone, drawn);
    OK(sps_variant_writer_get_data(&alone, &data, &bytes));
    OK(sps_variant_reader_init(&reader, data, bytes, NULL));
    OK(sps_variant_reader_next(&reader, &item));
    item.flags |= drawn->flags; // numbers are wide that need not be
    OK(sps_variant_write(writer, &item));
    sps_variant_writer_destroy(&alone);
}

static void write_begin(sps_variant_writer *writer, random_value *drawn) {
    if (drawn->type == SPS_VARIANT_ARRAY) {
        OK(sps_variant_write_array(writer, drawn->count, element_of(&drawn->value)));
    } else if (drawn->type == SPS_VARIANT_DICTIONARY) {
        OK(sps_variant_write_dictionary(writer, drawn->count, element_of(&drawn->key),
                                        element_of(&drawn->value)));
    } else {
        OK(sps_variant_write_object(writer, drawn->texts[0].bytes, drawn->texts[0].size,
                                    drawn->count));
    }
}

void write_random_value(sps_variant_writer *writer, rng *rng, uint32_t depth) {
    random_value drawn;
    random_value_make(rng, depth, &drawn);
    if (drawn.step == SPS_VARIANT_VALUE) {
        // The writer is not wide: wide vectors are written through their items.
        const bool as_item =
            drawn.by_item || (drawn.flags & SPS_VARIANT_WIDE && may_be_wide(drawn.type));
        (as_item ? write_by_item : write_by_type)(writer, &drawn);
        return;
    }
    write_begin(writer, &drawn);
    for (uint32_t i = 0; i < drawn.count; i++) {
        if (drawn.type == SPS_VARIANT_OBJECT) {
            const random_text name = random_text_make(rng);
            OK(sps_variant_write_string(writer, name.bytes, name.size));
        } else if (drawn.type == SPS_VARIANT_DICTIONARY) {
            write_random_value(writer, rng, depth + 1);
        }
        write_random_value(writer, rng, depth + 1);
    }
}

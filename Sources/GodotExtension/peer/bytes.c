// SPDX-License-Identifier: MIT
//
// Raw bytes that the caller gets whole or not at all, and Variants. Godot decodes a Variant. Here
// its length is limited by max_value_bytes before there is memory for it.
#include <string.h>

#include "../interface/interface.h"
#include "../interface/methods.h"
#include "../values/containers.h"
#include "../values/types.h"
#include "peer.h"

// Fills an array, or empties it.
static sps_error copy_bytes(godot_packed_array *array, sps_error error, const uint8_t *data,
                            size_t bytes) {
    uint8_t *copy = spsi_godot_set_bytes(array, error == SPS_OK ? bytes : 0);
    if (error != SPS_OK || bytes == 0) {
        return error;
    }
    if (copy == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    memcpy(copy, data, bytes);
    return SPS_OK;
}

// A Variant that holds a new array, or null.
static sps_error return_bytes(sps_error error, const uint8_t *data, size_t bytes,
                              godot_variant *result) {
    godot_packed_array array;
    godot.variant_destroy(result);
    godot.variant_new_nil(result);
    spsi_godot_make(GODOT_PACKED_BYTE_ARRAY, &array);
    error = copy_bytes(&array, error, data, bytes);
    if (error == SPS_OK) {
        spsi_godot_set_variant(result, GODOT_PACKED_BYTE_ARRAY, &array);
    }
    spsi_godot_destroy(GODOT_PACKED_BYTE_ARRAY, &array);
    return error;
}

static void try_get_data(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *peer = self;
    const size_t wanted = spsi_godot_size(*(const int64_t *)arguments[0]);
    const uint8_t *data = NULL;
    size_t bytes = 0;
    sps_error error = wanted == SIZE_MAX ? SPS_ERR_INVALID_PARAMETER
                                         : sps_stream_peek(peer->stream, wanted, &data, &bytes);
    error = return_bytes(error, data, wanted, result);
    if (error == SPS_OK) {
        error = sps_stream_consume(peer->stream, wanted);
    }
    spsi_godot_remember_read(peer, error);
}

typedef sps_error (*until_reader)(sps_stream *, const void *, size_t, size_t, const uint8_t **,
                                  size_t *);

static sps_error read_until(until_reader read, struct spsi_godot_endpoint *self,
                            const void *const *arguments, const uint8_t **data, size_t *bytes) {
    const size_t limit = spsi_godot_size(*(const int64_t *)arguments[1]);
    size_t length;
    const uint8_t *delimiter = spsi_godot_get_bytes(arguments[0], &length);
    if (length == 0) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return read(self->stream, delimiter, length, limit, data, bytes);
}

static void get_until(void *self, const void *const *arguments, void *result) {
    const uint8_t *data = NULL;
    size_t bytes = 0;
    const sps_error error = read_until(sps_stream_get_until, self, arguments, &data, &bytes);
    spsi_godot_remember_read(self, copy_bytes(result, error, data, bytes));
}

static void try_get_until(void *self, const void *const *arguments, void *result) {
    const uint8_t *data = NULL;
    size_t bytes = 0;
    const sps_error error = read_until(sps_stream_try_get_until, self, arguments, &data, &bytes);
    spsi_godot_remember_read(self, return_bytes(error, data, bytes, result));
}

// ---- Variants

typedef sps_error (*variant_reader)(sps_stream *, const uint8_t **, size_t *);

// Godot decodes what is no Variant as null. The first byte of a null is its type.
static bool is_null(const uint8_t *data, size_t bytes) {
    return bytes >= sizeof(uint32_t) && data[0] == GODOT_NIL;
}

static void read_variant(variant_reader read, struct spsi_godot_peer *self,
                         const void *const *arguments, godot_variant *result) {
    const godot_utility_function decode = *(const godot_bool *)arguments[0]
                                              ? godot_methods.bytes_to_var_with_objects
                                              : godot_methods.bytes_to_var;
    const uint8_t *data = NULL;
    size_t bytes = 0;
    godot_packed_array array;
    const void *const given[] = {&array};
    godot_ref kept = spsi_godot_keep(&self->endpoint.head); // a script in the value runs
    sps_error error = read(spsi_godot_ordered(self), &data, &bytes);
    godot.variant_destroy(result);
    godot.variant_new_nil(result);
    spsi_godot_make(GODOT_PACKED_BYTE_ARRAY, &array);
    error = spsi_godot_remember_read(&self->endpoint, copy_bytes(&array, error, data, bytes));
    if (error == SPS_OK) {
        const bool may_be_null = is_null(data, bytes); // a script in the value may use the peer
        decode(result, given, 1);
        if (!may_be_null && godot.variant_get_type(result) == GODOT_NIL) {
            spsi_godot_remember(&self->endpoint, SPS_ERR_INVALID_DATA);
        }
    }
    spsi_godot_destroy(GODOT_PACKED_BYTE_ARRAY, &array);
    godot.ref_set_object(&kept, NULL);
}

static void get_var(void *self, const void *const *arguments, void *result) {
    read_variant(sps_stream_get_var, self, arguments, result);
}

static void try_get_var(void *self, const void *const *arguments, void *result) {
    read_variant(sps_stream_try_get_var, self, arguments, result);
}

static void put_var(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_peer *peer = self;
    const godot_utility_function encode = *(const godot_bool *)arguments[1]
                                              ? godot_methods.var_to_bytes_with_objects
                                              : godot_methods.var_to_bytes;
    godot_packed_array array;
    size_t bytes;
    godot_ref kept = spsi_godot_keep(&peer->endpoint.head); // a script in the value runs
    (void)result;
    spsi_godot_make(GODOT_PACKED_BYTE_ARRAY, &array);
    encode(&array, arguments, 1);
    const uint8_t *data = spsi_godot_get_bytes(&array, &bytes);
    const sps_error error = bytes == 0 // Godot cannot encode the value, and has printed an error
                                ? SPS_ERR_INVALID_PARAMETER
                                : sps_stream_put_var(spsi_godot_ordered(peer), data, bytes);
    spsi_godot_remember_put(&peer->endpoint, "put_var", error);
    spsi_godot_destroy(GODOT_PACKED_BYTE_ARRAY, &array);
    godot.ref_set_object(&kept, NULL);
}

#define UNTIL                                                                                      \
    SPS_PARAMETER("delimiter", SPS_BYTES), SPS_PARAMETER_OR("max_bytes", SPS_INT, SPS_OR(0))
#define OBJECTS SPS_PARAMETER_OR("allow_objects", SPS_BOOL, SPS_OR(false))

const struct spsi_godot_method spsi_godot_bytes_methods[SPS_BYTES_METHOD_COUNT] = {
    {"try_get_data", try_get_data, SPS_VARIANT, 0, 1, {{"bytes", SPS_INT, {0}}}},
    {"get_until", get_until, SPS_BYTES, 0, 2, {UNTIL}},
    {"try_get_until", try_get_until, SPS_VARIANT, 0, 2, {UNTIL}},
    {"get_var", get_var, SPS_VARIANT, 0, 1, {OBJECTS}},
    {"try_get_var", try_get_var, SPS_VARIANT, 0, 1, {OBJECTS}},
    {"put_var",
     put_var,
     SPS_NOTHING,
     0,
     2,
     {{"value", SPS_VARIANT, {0}}, {"full_objects", SPS_BOOL, SPS_OR(false)}}},
};

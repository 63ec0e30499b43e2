// SPDX-License-Identifier: MIT
//
// Typed values. The methods have the names of StreamPeer's, so a script calls these. Godot's own
// call reads through _get_data() instead, and gets the same bytes.
#include "../interface/interface.h"
#include "../values/types.h"
#include "peer.h"

// X(name, C type, Godot's type, Godot's C type, number of its Variant)
#define TYPES(X)                                                                                   \
    X(8, int8_t, SPS_INT, int64_t, GODOT_INT)                                                      \
    X(u8, uint8_t, SPS_INT, int64_t, GODOT_INT)                                                    \
    X(16, int16_t, SPS_INT, int64_t, GODOT_INT)                                                    \
    X(u16, uint16_t, SPS_INT, int64_t, GODOT_INT)                                                  \
    X(32, int32_t, SPS_INT, int64_t, GODOT_INT)                                                    \
    X(u32, uint32_t, SPS_INT, int64_t, GODOT_INT)                                                  \
    X(64, int64_t, SPS_INT, int64_t, GODOT_INT)                                                    \
    X(u64, uint64_t, SPS_INT, int64_t, GODOT_INT)                                                  \
    X(half, float, SPS_REAL, double, GODOT_FLOAT)                                                  \
    X(float, float, SPS_REAL, double, GODOT_FLOAT)                                                 \
    X(double, double, SPS_REAL, double, GODOT_FLOAT)

#define CALLS(name, ctype, type, gtype, variant)                                                   \
    static void get_##name(void *self, const void *const *arguments, void *result) {               \
        struct spsi_godot_peer *peer = self;                                                       \
        ctype value = 0;                                                                           \
        (void)arguments;                                                                           \
        spsi_godot_remember_read(&peer->endpoint,                                                  \
                                 sps_stream_get_##name(spsi_godot_ordered(peer), &value));         \
        *(gtype *)result = (gtype)value;                                                           \
    }                                                                                              \
    static void try_get_##name(void *self, const void *const *arguments, void *result) {           \
        struct spsi_godot_peer *peer = self;                                                       \
        ctype value = 0;                                                                           \
        (void)arguments;                                                                           \
        const sps_error error = sps_stream_try_get_##name(spsi_godot_ordered(peer), &value);       \
        const gtype given = (gtype)value;                                                          \
        return_if_ok(&peer->endpoint, error, variant, &given, result);                             \
    }                                                                                              \
    static void put_##name(void *self, const void *const *arguments, void *result) {               \
        struct spsi_godot_peer *peer = self;                                                       \
        const ctype value = (ctype) * (const gtype *)arguments[0];                                 \
        (void)result;                                                                              \
        spsi_godot_remember(&peer->endpoint,                                                       \
                            sps_stream_put_##name(spsi_godot_ordered(peer), value));               \
    }

#define ROWS(name, ctype, type, gtype, variant)                                                    \
    {"get_" #name, get_##name, type, 0, 0, {{0}}},                                                 \
        {"try_get_" #name, try_get_##name, SPS_VARIANT, 0, 0, {{0}}},                              \
        {"put_" #name, put_##name, SPS_NOTHING, 0, 1, {{"value", type, {0}}}},

// Null if there is no whole value. get_last_error() then tells why.
static void return_if_ok(struct spsi_godot_endpoint *self, sps_error error, int32_t type,
                         const void *value, godot_variant *result) {
    if (spsi_godot_remember_read(self, error) == SPS_OK) {
        spsi_godot_set_variant(result, type, value);
        return;
    }
    godot.variant_destroy(result);
    godot.variant_new_nil(result);
}

TYPES(CALLS)

const struct spsi_godot_method spsi_godot_typed_methods[SPS_TYPED_METHOD_COUNT] = {TYPES(ROWS)};

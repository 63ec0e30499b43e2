// SPDX-License-Identifier: MIT
//
// SPSTLSOptions: the certificates and settings of any number of connections, as properties.
// A change concerns the connections that begin after it.
#include "../interface/interface.h"
#include "../values/text.h"
#include "../values/types.h"
#include "tls.h"

static void begin(void *instance) {
    struct spsi_godot_tls_options *self = instance;
    union spsi_godot_value empty;
    for (int i = 0; i < SPS_TLS_TEXTS; i++) {
        const int32_t type = i == SPS_PROTOCOLS ? GODOT_PACKED_STRING_ARRAY : GODOT_STRING;
        spsi_godot_make(type, &empty);
        spsi_godot_to_variant(type, &empty, &self->texts[i]);
        spsi_godot_destroy(type, &empty);
    }
}

static void forget(struct spsi_godot_tls_options *self) {
    for (int i = 0; i < 2; i++) {
        sps_tls_options_destroy(self->made[i]);
        self->made[i] = NULL;
    }
}

static void end(void *instance) {
    struct spsi_godot_tls_options *self = instance;
    forget(self);
    for (int i = 0; i < SPS_TLS_TEXTS; i++) {
        godot.variant_destroy(&self->texts[i]);
    }
}

sps_error spsi_godot_tls_options_get(struct spsi_godot_tls_options *self, bool is_server,
                                     sps_tls_options **out_options) {
    sps_error error = SPS_OK;
    if (self->made[is_server] == NULL) {
        error = spsi_godot_tls_options_make(self, is_server, &self->made[is_server]);
    }
    *out_options = self->made[is_server];
    return error;
}

static void prepare(void *instance, const void *const *arguments, void *result) {
    sps_tls_options *options;
    *(int64_t *)result =
        spsi_godot_tls_options_get(instance, *(const godot_bool *)arguments[0] != 0, &options);
}

static void set_text(struct spsi_godot_tls_options *self, int nth, int32_t type,
                     const void *value) {
    spsi_godot_set_variant(&self->texts[nth], type, value);
    forget(self);
}

static void get_text(const struct spsi_godot_tls_options *self, int nth, int32_t type,
                     void *result) {
    spsi_godot_destroy(type, result);
    spsi_godot_from_variant(type, result, &self->texts[nth]);
}

static void set_number(struct spsi_godot_tls_options *self, const char *method, int nth,
                       int64_t value, int64_t most) {
    if (value < 0 || value > most) {
        spsi_godot_complain(&self->head, method, "The number is out of range.");
        return;
    }
    self->numbers[nth] = value;
    forget(self);
}

// X(name, place, type, number of the type)
#define TEXTS(X)                                                                                   \
    X(trusted_chain, SPS_TRUSTED_CHAIN, SPS_STRING, GODOT_STRING)                                  \
    X(common_name_override, SPS_COMMON_NAME_OVERRIDE, SPS_STRING, GODOT_STRING)                    \
    X(certificate, SPS_CERTIFICATE, SPS_STRING, GODOT_STRING)                                      \
    X(key, SPS_KEY, SPS_STRING, GODOT_STRING)                                                      \
    X(revocation_lists, SPS_REVOCATION_LISTS, SPS_STRING, GODOT_STRING)                            \
    X(key_log_path, SPS_KEY_LOG_PATH, SPS_STRING, GODOT_STRING)                                    \
    X(protocols, SPS_PROTOCOLS, SPS_STRINGS, GODOT_PACKED_STRING_ARRAY)

#define CLIENT_CERTIFICATES SPS_ENUM("SPSTLSOptions.ClientCertificates")
#define VERSION SPS_ENUM("SPSTLSOptions.Version")

// X(name, place, type, C type, largest value)
#define NUMBERS(X)                                                                                 \
    X(unsafe_client, SPS_UNSAFE, SPS_BOOL, godot_bool, 1)                                          \
    X(client_certificates, SPS_CLIENT_CERTIFICATES, CLIENT_CERTIFICATES, int64_t,                  \
      SPS_TLS_CLIENT_CERTIFICATE_REQUIRED)                                                         \
    X(min_version, SPS_MIN_VERSION, VERSION, int64_t, UINT16_MAX)                                  \
    X(max_version, SPS_MAX_VERSION, VERSION, int64_t, UINT16_MAX)                                  \
    X(verify_time_s, SPS_VERIFY_TIME_S, SPS_INT, int64_t, INT64_MAX)                               \
    X(no_resumption, SPS_NO_RESUMPTION, SPS_BOOL, godot_bool, 1)                                   \
    X(old_ciphers, SPS_OLD_CIPHERS, SPS_BOOL, godot_bool, 1)

#define TEXT_ACCESSORS(name, place, type, variant)                                                 \
    static void set_##name(void *self, const void *const *arguments, void *result) {               \
        (void)result;                                                                              \
        set_text(self, place, variant, arguments[0]);                                              \
    }                                                                                              \
    static void get_##name(void *self, const void *const *arguments, void *result) {               \
        (void)arguments;                                                                           \
        get_text(self, place, variant, result);                                                    \
    }
#define NUMBER_ACCESSORS(name, place, type, ctype, most)                                           \
    static void set_##name(void *self, const void *const *arguments, void *result) {               \
        (void)result;                                                                              \
        set_number(self, "set_" #name, place, *(const ctype *)arguments[0], most);                 \
    }                                                                                              \
    static void get_##name(void *self, const void *const *arguments, void *result) {               \
        (void)arguments;                                                                           \
        *(ctype *)result = (ctype)((const struct spsi_godot_tls_options *)self)->numbers[place];   \
    }
#define METHOD_ROWS(name, place, type, ...)                                                        \
    {"set_" #name, set_##name, SPS_NOTHING, 0, 1, {{"value", type, {0}}}},                         \
        {"get_" #name, get_##name, type, GODOT_METHOD_CONST, 0, {{0}}},
#define PROPERTY_ROW(name, place, type, ...) {#name, type, "set_" #name, "get_" #name},

TEXTS(TEXT_ACCESSORS)
NUMBERS(NUMBER_ACCESSORS)

static const struct spsi_godot_method methods[] = {
    {"prepare", prepare, SPS_ERROR, 0, 1, {{"as_server", SPS_BOOL, {0}}}},
    TEXTS(METHOD_ROWS) NUMBERS(METHOD_ROWS)};

static const struct spsi_godot_property properties[] = {TEXTS(PROPERTY_ROW) NUMBERS(PROPERTY_ROW)};

static const struct spsi_godot_constant constants[] = {
    {"ClientCertificates", "CLIENT_CERTIFICATE_NONE", SPS_TLS_CLIENT_CERTIFICATE_NONE},
    {"ClientCertificates", "CLIENT_CERTIFICATE_OPTIONAL", SPS_TLS_CLIENT_CERTIFICATE_OPTIONAL},
    {"ClientCertificates", "CLIENT_CERTIFICATE_REQUIRED", SPS_TLS_CLIENT_CERTIFICATE_REQUIRED},
    {"Version", "VERSION_DEFAULT", SPS_TLS_VERSION_NONE},
    {"Version", "VERSION_TLS_1_2", SPS_TLS_VERSION_1_2},
    {"Version", "VERSION_TLS_1_3", SPS_TLS_VERSION_1_3},
};

struct spsi_godot_class spsi_godot_tls_options_class = {
    .name = "SPSTLSOptions",
    .base = "RefCounted",
    .instance_bytes = sizeof(struct spsi_godot_tls_options),
    .begin = begin,
    .end = end,
    .methods = {{SPS_ROWS(methods)}},
    .properties = {{SPS_ROWS(properties)}},
    .constants = constants,
    .constant_count = sizeof constants / sizeof *constants,
};

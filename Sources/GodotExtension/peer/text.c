// SPDX-License-Identifier: MIT
//
// Strings, lines and raw text. A value leaves as one put, and a length that the peer claims is
// limited by max_value_bytes.
#include "../values/text.h"

#include "../interface/interface.h"
#include "../values/types.h"
#include "peer.h"

// ---- Strings with a length before them, as Godot writes them

typedef sps_error (*string_reader)(sps_stream *, int64_t, const char **, size_t *);
typedef sps_error (*line_reader)(sps_stream *, size_t, const char **, size_t *);
typedef sps_error (*text_writer)(sps_stream *, const char *, size_t);

static sps_error read_string(string_reader read, struct spsi_godot_peer *self,
                             const void *const *arguments, const char **text, size_t *bytes) {
    const int64_t length = *(const int64_t *)arguments[0];
    return spsi_godot_remember_read(&self->endpoint,
                                    read(spsi_godot_ordered(self), length, text, bytes));
}

static sps_error read_line(line_reader read, struct spsi_godot_peer *self,
                           const void *const *arguments, const char **text, size_t *bytes) {
    const size_t limit = spsi_godot_size(*(const int64_t *)arguments[0]);
    return spsi_godot_remember_read(&self->endpoint,
                                    read(self->endpoint.stream, limit, text, bytes));
}

static void return_variant(sps_error error, const char *text, size_t bytes, godot_variant *result) {
    godot.variant_destroy(result);
    if (error == SPS_OK) {
        spsi_godot_string_variant(result, text, bytes);
    } else {
        godot.variant_new_nil(result);
    }
}

// GET returns "" on failure, TRY returns null.
#define GET(kind, name, call)                                                                      \
    static void name(void *self, const void *const *arguments, void *result) {                     \
        const char *text = NULL;                                                                   \
        size_t bytes = 0;                                                                          \
        const sps_error error = read_##kind(call, self, arguments, &text, &bytes);                 \
        spsi_godot_set_string(result, text, error == SPS_OK ? bytes : 0);                          \
    }
#define TRY(kind, name, call)                                                                      \
    static void name(void *self, const void *const *arguments, void *result) {                     \
        const char *text = NULL;                                                                   \
        size_t bytes = 0;                                                                          \
        const sps_error error = read_##kind(call, self, arguments, &text, &bytes);                 \
        return_variant(error, text, bytes, result);                                                \
    }

GET(string, get_string, sps_stream_get_string)
GET(string, get_utf8_string, sps_stream_get_utf8_string)
TRY(string, try_get_string, sps_stream_try_get_string)
TRY(string, try_get_utf8_string, sps_stream_try_get_utf8_string)
GET(line, get_line, sps_stream_get_line)
TRY(line, try_get_line, sps_stream_try_get_line)

static sps_error write_text(const char *method, text_writer write, struct spsi_godot_peer *self,
                            const void *const *arguments, bool ends_line) {
    struct spsi_godot_text text;
    sps_error error = SPS_ERR_OUT_OF_MEMORY;
    if (spsi_godot_get_text(&text, arguments[0])) {
        if (ends_line) {
            text.bytes[text.length++] = '\n'; // in place of the NUL, so that the line is one put
        }
        error = write(spsi_godot_ordered(self), text.bytes, text.length);
    }
    spsi_godot_free_text(&text);
    return spsi_godot_remember_put(&self->endpoint, method, error);
}

static void put_string(void *self, const void *const *arguments, void *result) {
    (void)result;
    write_text("put_string", sps_stream_put_string, self, arguments, false);
}

static void put_utf8_string(void *self, const void *const *arguments, void *result) {
    (void)result;
    write_text("put_utf8_string", sps_stream_put_utf8_string, self, arguments, false);
}

static void put_text(void *self, const void *const *arguments, void *result) {
    *(int64_t *)result = write_text("put_text", sps_stream_put_text, self, arguments, false);
}

static void put_line(void *self, const void *const *arguments, void *result) {
    *(int64_t *)result = write_text("put_line", sps_stream_put_text, self, arguments, true);
}

#define LENGTH SPS_PARAMETER_OR("bytes", SPS_INT, SPS_OR(-1))
#define LIMIT SPS_PARAMETER_OR("max_bytes", SPS_INT, SPS_OR(0))
#define VALUE SPS_PARAMETER("value", SPS_STRING)

const struct spsi_godot_method spsi_godot_text_methods[SPS_TEXT_METHOD_COUNT] = {
    {"get_string", get_string, SPS_STRING, 0, 1, {LENGTH}},
    {"get_utf8_string", get_utf8_string, SPS_STRING, 0, 1, {LENGTH}},
    {"try_get_string", try_get_string, SPS_VARIANT, 0, 1, {LENGTH}},
    {"try_get_utf8_string", try_get_utf8_string, SPS_VARIANT, 0, 1, {LENGTH}},
    {"get_line", get_line, SPS_STRING, 0, 1, {LIMIT}},
    {"try_get_line", try_get_line, SPS_VARIANT, 0, 1, {LIMIT}},
    {"put_string", put_string, SPS_NOTHING, 0, 1, {VALUE}},
    {"put_utf8_string", put_utf8_string, SPS_NOTHING, 0, 1, {VALUE}},
    {"put_text", put_text, SPS_ERROR, 0, 1, {{"text", SPS_STRING, {0}}}},
    {"put_line", put_line, SPS_ERROR, 0, 1, {{"line", SPS_STRING, {0}}}},
};

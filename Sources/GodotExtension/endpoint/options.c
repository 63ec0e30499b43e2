// SPDX-License-Identifier: MIT
//
// The options of streams as properties. An open stream adopts a changed option if the library has a
// call for it. Otherwise the option needs a new stream, and is refused once the stream is in use.
#include <stdio.h>

#include "endpoint.h"

typedef sps_error (*apply_function)(struct spsi_godot_endpoint *self);

#define APPLY(name, call)                                                                          \
    static sps_error apply_##name(struct spsi_godot_endpoint *self) {                              \
        return call;                                                                               \
    }

// A stream over another one, such as TLS, takes the time of its handshake when it is created.
static sps_error apply_connect_timeout_ms(struct spsi_godot_endpoint *self) {
    const sps_error error =
        sps_socket_set_connect_timeout(self->stream, self->options.connect_timeout_ms);
    return error == SPS_ERR_UNAVAILABLE ? self->renew(self) : error;
}

APPLY(io_timeout_ms, sps_socket_set_io_timeout(self->stream, self->options.io_timeout_ms))
APPLY(idle_timeout_ms, sps_socket_set_idle_timeout(self->stream, self->options.idle_timeout_ms))
APPLY(user_timeout_ms, sps_tcp_set_user_timeout(self->stream, self->options.user_timeout_ms))
APPLY(os_buffers, sps_socket_set_os_buffers(self->stream, self->options.os_send_buffer_bytes,
                                            self->options.os_receive_buffer_bytes))
APPLY(keepalive,
      sps_tcp_set_keepalive(self->stream, self->options.keepalive_idle_ms,
                            self->options.keepalive_interval_ms, self->options.keepalive_count))

static void change(struct spsi_godot_endpoint *self, const char *name, uint32_t *option,
                   int64_t value, apply_function apply) {
    const uint32_t before = *option;
    char method[64];
    snprintf(method, sizeof method, "set_%s", name);
    if (value < 0 || value > INT32_MAX) {
        spsi_godot_remember(self, SPS_ERR_INVALID_PARAMETER);
        spsi_godot_complain(&self->head, method, "The number is negative or too large.");
        return;
    }
    if (value == before) {
        return;
    }
    *option = (uint32_t)value;
    if (spsi_godot_remember(self, self->stream != NULL && apply != NULL
                                      ? apply(self)
                                      : self->renew(self)) == SPS_OK) {
        return;
    }
    *option = before;
    const char *message = "The number is out of range.";
    if (self->last_error == SPS_ERR_ALREADY_IN_USE) {
        message = "Set this before the object is opened or added to a loop or poller.";
    } else if (self->last_error == SPS_ERR_UNAVAILABLE) {
        message = "Set this on the peer below.";
    }
    spsi_godot_complain(&self->head, method, message);
}

// X(name, type, C type of a value, apply function or NULL)
#define OPTIONS(X)                                                                                 \
    X(connect_timeout_ms, SPS_INT, int64_t, apply_connect_timeout_ms)                              \
    X(io_timeout_ms, SPS_INT, int64_t, apply_io_timeout_ms)                                        \
    X(idle_timeout_ms, SPS_INT, int64_t, apply_idle_timeout_ms)                                    \
    X(read_buffer_bytes, SPS_INT, int64_t, NULL)                                                   \
    X(write_buffer_bytes, SPS_INT, int64_t, NULL)                                                  \
    X(write_low_mark_bytes, SPS_INT, int64_t, NULL)                                                \
    X(max_value_bytes, SPS_INT, int64_t, NULL)                                                     \
    X(os_send_buffer_bytes, SPS_INT, int64_t, apply_os_buffers)                                    \
    X(os_receive_buffer_bytes, SPS_INT, int64_t, apply_os_buffers)                                 \
    X(half_open, SPS_BOOL, godot_bool, NULL)

#define TCP_OPTIONS(X)                                                                             \
    X(user_timeout_ms, SPS_INT, int64_t, apply_user_timeout_ms)                                    \
    X(keepalive_idle_ms, SPS_INT, int64_t, apply_keepalive)                                        \
    X(keepalive_interval_ms, SPS_INT, int64_t, apply_keepalive)                                    \
    X(keepalive_count, SPS_INT, int64_t, apply_keepalive)

#define ACCESSORS(name, type, ctype, apply)                                                        \
    static void set_##name(void *self, const void *const *arguments, void *result) {               \
        struct spsi_godot_endpoint *endpoint = self;                                               \
        (void)result;                                                                              \
        change(endpoint, #name, &endpoint->options.name, *(const ctype *)arguments[0], apply);     \
    }                                                                                              \
    static void get_##name(void *self, const void *const *arguments, void *result) {               \
        (void)arguments;                                                                           \
        *(ctype *)result = (ctype)((const struct spsi_godot_endpoint *)self)->options.name;        \
    }

#define METHOD_ROWS(name, type, ctype, apply)                                                      \
    {"set_" #name, set_##name, SPS_NOTHING, 0, 1, {{"value", type, {0}}}},                         \
        {"get_" #name, get_##name, type, GODOT_METHOD_CONST, 0, {{0}}},

#define PROPERTY_ROW(name, type, ctype, apply) {#name, type, "set_" #name, "get_" #name},

OPTIONS(ACCESSORS)
TCP_OPTIONS(ACCESSORS)

const struct spsi_godot_method spsi_godot_option_methods[2 * SPS_OPTION_COUNT] = {
    OPTIONS(METHOD_ROWS)};
const struct spsi_godot_property spsi_godot_option_properties[SPS_OPTION_COUNT] = {
    OPTIONS(PROPERTY_ROW)};
const struct spsi_godot_method spsi_godot_tcp_option_methods[2 * SPS_TCP_OPTION_COUNT] = {
    TCP_OPTIONS(METHOD_ROWS)};
const struct spsi_godot_property spsi_godot_tcp_option_properties[SPS_TCP_OPTION_COUNT] = {
    TCP_OPTIONS(PROPERTY_ROW)};

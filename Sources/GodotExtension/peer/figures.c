// SPDX-License-Identifier: MIT
#include "figures.h"

#include "../values/containers.h"
#include "../values/types.h"

static void describe_attempt(godot_variant *element, const sps_connect_attempt *attempt) {
    godot_dictionary row;
    spsi_godot_make(GODOT_DICTIONARY, &row);
    spsi_godot_put_int(&row, "state", attempt->state);
    spsi_godot_put_int(&row, "start_us", (int64_t)attempt->start_us);
    spsi_godot_put_int(&row, "end_us", (int64_t)attempt->end_us);
    spsi_godot_put_int(&row, "os_error", attempt->os_error);
    spsi_godot_put_int(&row, "port", attempt->port);
    spsi_godot_put_text(&row, "host", attempt->host);
    spsi_godot_set_variant(element, GODOT_DICTIONARY, &row);
    spsi_godot_destroy(GODOT_DICTIONARY, &row);
}

void spsi_godot_set_attempts(godot_array *array, const sps_stream *stream) {
    size_t count = 0;
    sps_tcp_get_connect_attempt_count(stream, &count);
    spsi_godot_set_dictionary_array(array, count);
    for (size_t i = 0; i < count; i++) {
        sps_connect_attempt attempt = {.struct_size = sizeof attempt};
        sps_tcp_get_connect_attempt(stream, i, &attempt);
        describe_attempt(spsi_godot_at(array, i), &attempt);
    }
}

// X(field)
#define TCP_INFO(X)                                                                                \
    X(round_trip_us)                                                                               \
    X(round_trip_variation_us)                                                                     \
    X(least_round_trip_us)                                                                         \
    X(retransmits)                                                                                 \
    X(unacknowledged_segments)                                                                     \
    X(not_sent_bytes)                                                                              \
    X(congestion_window_segments)                                                                  \
    X(segment_bytes)                                                                               \
    X(since_received_ms)                                                                           \
    X(acknowledged_bytes)                                                                          \
    X(received_bytes)                                                                              \
    X(delivery_bytes_per_second)

sps_error spsi_godot_set_tcp_info(godot_dictionary *dictionary, const sps_stream *stream) {
    sps_tcp_info info = {.struct_size = sizeof info};
    const sps_error error = sps_tcp_get_info(stream, &info);
    spsi_godot_set_dictionary(dictionary);
    if (error != SPS_OK) {
        return error;
    }
#define PUT(field) spsi_godot_put_int(dictionary, #field, (int64_t)info.field);
    TCP_INFO(PUT)
#undef PUT
    return SPS_OK;
}

bool spsi_godot_set_attempt_delay(struct spsi_godot_endpoint *self, uint32_t *delay_ms,
                                  const void *argument) {
    const int64_t value = *(const int64_t *)argument;
    if (value < 0 || value > INT32_MAX) {
        spsi_godot_remember(self, SPS_ERR_INVALID_PARAMETER);
        spsi_godot_complain(&self->head, "set_attempt_delay_ms",
                            "The number is negative or too large.");
        return false;
    }
    *delay_ms = (uint32_t)value;
    spsi_godot_remember(self, SPS_OK);
    return true;
}

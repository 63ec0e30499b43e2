// SPDX-License-Identifier: MIT
//
// The figures of TCP, and the attempts of a connect, in Godot's containers.
#ifndef SPS_GODOT_FIGURES_H
#define SPS_GODOT_FIGURES_H

#include "../endpoint/endpoint.h"

// A row for each attempt of the last connect. `stream` may be NULL: then there are none.
void spsi_godot_set_attempts(godot_array *array, const sps_stream *stream);

// The figures of a connection, sps_tcp_get_info(). The dictionary is empty on failure.
sps_error spsi_godot_set_tcp_info(godot_dictionary *dictionary, const sps_stream *stream);

// Takes an int of Godot as the delay between the attempts of a connect. False: it is refused.
bool spsi_godot_set_attempt_delay(struct spsi_godot_endpoint *self, uint32_t *delay_ms,
                                  const void *argument);

#endif

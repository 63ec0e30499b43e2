// SPDX-License-Identifier: MIT
//
// SPSPoller and SPSNetworkLoop.
#ifndef SPS_GODOT_POLLER_H
#define SPS_GODOT_POLLER_H

#include "../binding/object.h"

extern struct spsi_godot_class spsi_godot_poller_class;
extern struct spsi_godot_class spsi_godot_network_loop_class;

// The limits of one wait, for the table of a class.
#define SPS_BUDGET_COUNT 3
extern const struct spsi_godot_method spsi_godot_budget_methods[2 * SPS_BUDGET_COUNT];
extern const struct spsi_godot_property spsi_godot_budget_properties[SPS_BUDGET_COUNT];

#endif

// SPDX-License-Identifier: MIT
//
// SPSPoller and SPSNetworkLoop.
#ifndef SPS_GODOT_POLLER_H
#define SPS_GODOT_POLLER_H

#include "../binding/object.h"

extern struct spsi_godot_class spsi_godot_poller_class;
extern struct spsi_godot_class spsi_godot_network_loop_class;

#endif

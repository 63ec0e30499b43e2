// SPDX-License-Identifier: MIT
//
// SPSIP.
#ifndef SPS_GODOT_IP_H
#define SPS_GODOT_IP_H

#include <streampeersocket/streampeersocket.h>

#include "../binding/object.h"

extern struct spsi_godot_class spsi_godot_ip_class;

#endif

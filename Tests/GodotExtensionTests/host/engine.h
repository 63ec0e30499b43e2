// SPDX-License-Identifier: MIT
//
// The classes of Godot itself, and those of its methods that the extension calls.
#ifndef HOST_ENGINE_H
#define HOST_ENGINE_H

#include "host/objects.h"

// Pairs of a class and its parent, in an order in which each parent comes first.
extern const char *const host_native_classes[];

#endif

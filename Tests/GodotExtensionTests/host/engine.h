// SPDX-License-Identifier: MIT
//
// The classes of Godot itself, and those of its methods that the extension calls.
#ifndef HOST_ENGINE_H
#define HOST_ENGINE_H

#include "host/objects.h"

// Pairs of a class and its parent, in an order in which each parent comes first. Godot has the
// former when it loads an extension, and the latter from level SCENE on.
extern const char *const host_core_classes[];
extern const char *const host_scene_classes[];

// The signals of those classes, each with one int.
typedef struct host_native_signal {
    const char *class_name, *name;
} host_native_signal;

extern const host_native_signal host_native_signals[]; // ends with NULL

#endif

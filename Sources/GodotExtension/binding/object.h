// SPDX-License-Identifier: MIT
//
// The instances of our classes, and the objects of Godot that they belong to.
#ifndef SPS_GODOT_OBJECT_H
#define SPS_GODOT_OBJECT_H

#include "class.h"

// The head of each instance.
struct spsi_godot_object {
    const struct spsi_godot_class *class;
    godot_object *object;
};

// The library, as Godot names it: given to the entry.
extern godot_library *spsi_godot_library;

// Makes an object with its instance. Its first reference ends it: give it to a reference at once.
//
// `notify`: whether Godot expects NOTIFICATION_POSTINITIALIZE from us.
// Returns NULL without memory.
void *spsi_godot_create(const struct spsi_godot_class *class, bool notify);

// Returns the instance of an object, or NULL if it is not of this class or of one below it.
void *spsi_godot_find(godot_object *object, const struct spsi_godot_class *class);

// Returns a reference that keeps an object, for a call in which a script may drop the last other
// one. Godot has none of its own. The caller ends it with ref_set_object(&kept, NULL).
godot_ref spsi_godot_keep(const struct spsi_godot_object *self);

// Emits a signal.
//
// `arguments`: as many Variants as the signal has parameters. The call destroys them.
// Returns whether the object is still there. A handler may free it, and its instance.
bool spsi_godot_emit(struct spsi_godot_object *self, const struct spsi_godot_signal *signal,
                     godot_variant *arguments);

// Prints an error about a method, as Godot does: "Class.method: message".
void spsi_godot_complain(const struct spsi_godot_object *self, const char *method,
                         const char *message);

#endif

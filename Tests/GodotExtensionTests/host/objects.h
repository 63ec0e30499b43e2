// SPDX-License-Identifier: MIT
//
// Objects: their class, their reference count, and the instance of the extension behind them.
#ifndef HOST_OBJECTS_H
#define HOST_OBJECTS_H

#include "host/values.h"

struct host_class;

enum { MOST_BINDINGS = 4 };

// Notifications of Godot's Object.
enum { HOST_POSTINITIALIZE = 0, HOST_PREDELETE = 1, HOST_PREDELETE_CLEANUP = 3 };

typedef struct host_binding {
    void *token, *binding;
    godot_binding_callbacks callbacks;
} host_binding;

typedef struct host_object {
    uint64_t id;
    bool is_alive, is_dying;
    struct host_class *native; // the class of Godot
    struct host_class *class;  // the extension's, or the same
    void *instance;
    int references;
    bool is_referenced; // somebody took the first reference
    int initialized;    // times that NOTIFICATION_POSTINITIALIZE arrived
    bool big_endian;
    bool processes; // a Node: each frame
    struct host_connection *connections;
    // A script of the object, which hears of its end.
    void (*at_end)(void *context);
    void *context;
    host_binding bindings[MOST_BINDINGS];
    int binding_count;
} host_object;

// The object behind a pointer of Godot, which must be alive; the pointer of an object.
host_object *host_object_of(const godot_object *pointer);
godot_object *host_pointer_to(const host_object *object);

// The object with this number; NULL: it is gone.
host_object *host_object_with(uint64_t id);

// Makes an object of a class of Godot, without an instance of an extension.
host_object *host_make_object(struct host_class *native);

// Makes an object as ClassDB does, and takes a reference to it if it is counted. NULL: the
// extension has no memory.
host_object *host_new(const char *class_name);

void host_reference(host_object *object); // takes the first one, too
void host_unreference(host_object *object);
void host_free_object(host_object *object);
void host_notify(host_object *object, int32_t what, bool is_reversed);

// The value of an Object that a Variant holds. False: the object is ending, so Godot holds none.
bool host_hold(const void *payload);
void host_release(const void *payload);

// The number in a pointer to an object, which may be gone. 0: the pointer is NULL.
uint64_t host_id_in(uint64_t pointer);

// Ends what host_new() began: a reference, or the object.
void host_drop(host_object *object);

size_t host_list_objects(char *text, size_t size);
void host_forget_objects(void);

#endif

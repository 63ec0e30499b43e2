// SPDX-License-Identifier: MIT
//
// The common part of peers and servers: options, the last error, and the place in a poller.
#ifndef SPS_GODOT_ENDPOINT_H
#define SPS_GODOT_ENDPOINT_H

#include <streampeersocket/streampeersocket.h>

#include "../binding/object.h"

struct spsi_godot_watch;

struct spsi_godot_endpoint {
    struct spsi_godot_object head;
    // The options of the stream, or of the streams that the server hands out.
    sps_stream_options options;
    // The code of the last call that returns one or has no other way to report it.
    sps_error last_error;
    // A new stream or server with the changed options, or an error if it is in use.
    sps_error (*renew)(struct spsi_godot_endpoint *self);
    sps_stream *stream; // NULL for a server
    sps_server *server; // NULL for a peer

    // The poller that waits for it, or NULL. watch.h
    struct spsi_godot_watch *watch;
    struct spsi_godot_endpoint *previous, *next; // in the list of the poller
    godot_ref reference;                         // keeps the object while it is in the list
    struct spsi_godot_endpoint *next_closed;     // of those that leave the poller now
    godot_ref closed_reference;                  // keeps the object while it is one of these
    bool is_checked;                             // leaves the poller unless it is open
    bool has_failed_at_once;                     // an event is to report it
    bool has_met_end;                            // a read found that its value will never come
};

// Keeps the code, and returns it.
sps_error spsi_godot_remember(struct spsi_godot_endpoint *self, sps_error error);

// Keeps the code of a read, and returns it.
sps_error spsi_godot_remember_read(struct spsi_godot_endpoint *self, sps_error error);

// Keeps the code of a put, and returns it. Prints an error if the value can never be put: most puts
// return nothing, so the value would be lost in silence.
sps_error spsi_godot_remember_put(struct spsi_godot_endpoint *self, const char *method,
                                  sps_error error);

// Keeps the code, which is also the result of the method.
void spsi_godot_return_error(struct spsi_godot_endpoint *self, sps_error error, void *result);

// The mistakes that a caller of a method can make, as sentences. NULL: the method has none.
struct spsi_godot_mistakes {
    const char *method;
    const char *invalid; // ERR_INVALID_PARAMETER
    const char *in_use;  // ERR_ALREADY_IN_USE
};

// spsi_godot_return_error() that also prints a mistake of the caller: a wrong argument, or a call
// on an object in use. Other failures are the network's, and the caller handles them.
void spsi_godot_return_error_of(struct spsi_godot_endpoint *self,
                                const struct spsi_godot_mistakes *mistakes, sps_error error,
                                void *result);

// Returns a number of Godot as one of C, or a value that every call of the library refuses.
int32_t spsi_godot_int32(int64_t number);
size_t spsi_godot_size(int64_t number);

// get_last_error(), for the table of a class.
extern const struct spsi_godot_method spsi_godot_endpoint_methods[1];

// The accessors and the properties of the options: of every endpoint, and of TCP alone.
#define SPS_OPTION_COUNT 10
#define SPS_TCP_OPTION_COUNT 4
extern const struct spsi_godot_method spsi_godot_option_methods[2 * SPS_OPTION_COUNT];
extern const struct spsi_godot_property spsi_godot_option_properties[SPS_OPTION_COUNT];
extern const struct spsi_godot_method spsi_godot_tcp_option_methods[2 * SPS_TCP_OPTION_COUNT];
extern const struct spsi_godot_property spsi_godot_tcp_option_properties[SPS_TCP_OPTION_COUNT];

#endif

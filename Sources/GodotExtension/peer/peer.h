// SPDX-License-Identifier: MIT
//
// SPSStreamPeerSocket and the classes below it.
#ifndef SPS_GODOT_PEER_H
#define SPS_GODOT_PEER_H

#include "../endpoint/endpoint.h"

struct spsi_godot_peer {
    struct spsi_godot_endpoint endpoint;
    sps_error (*create)(const sps_stream_options *options, sps_stream **out_stream);
    sps_error (*disconnect)(struct spsi_godot_peer *self); // at once, and all below it
    sps_error (*close_gracefully)(sps_stream *stream, uint32_t timeout_ms);
    uint32_t attempt_delay_ms; // of a connect by TCP
    bool is_bound;
    bool is_big_endian; // the byte order that the stream has now
};

extern struct spsi_godot_class spsi_godot_peer_class; // abstract
extern struct spsi_godot_class spsi_godot_tcp_peer_class;
extern struct spsi_godot_class spsi_godot_uds_peer_class;

// Begins a peer with a stream of its kind, and with the calls of sockets.
void spsi_godot_begin_peer(struct spsi_godot_peer *self,
                           sps_error (*create)(const sps_stream_options *, sps_stream **));

// Ends a peer of either kind, and closes its stream.
void spsi_godot_end_peer(void *self);

// Gives a new peer a stream that a server has taken, with the options of the server.
void spsi_godot_adopt(struct spsi_godot_peer *self, sps_stream *stream,
                      const sps_stream_options *options);

// Returns the stream, in Godot's byte order of this moment. C++ may change that without a call.
sps_stream *spsi_godot_ordered(struct spsi_godot_peer *self);

// A sentence about why a socket was closed, fit for a log.
const char *spsi_godot_close_message(sps_close_reason reason);

// Writes spsi_godot_close_message() of a stream to a string, with the code of the OS.
void spsi_godot_set_close_message(godot_string *string, const sps_stream *stream,
                                  sps_close_reason reason);

// The tables of SPSStreamPeerSocket that have files of their own.
#define SPS_TYPED_METHOD_COUNT 33
#define SPS_TEXT_METHOD_COUNT 10
#define SPS_BYTES_METHOD_COUNT 6
extern const struct spsi_godot_method spsi_godot_typed_methods[SPS_TYPED_METHOD_COUNT];
extern const struct spsi_godot_method spsi_godot_text_methods[SPS_TEXT_METHOD_COUNT];
extern const struct spsi_godot_method spsi_godot_bytes_methods[SPS_BYTES_METHOD_COUNT];
#define SPS_PEER_VIRTUAL_COUNT 5
extern struct spsi_godot_virtual spsi_godot_peer_virtuals[SPS_PEER_VIRTUAL_COUNT];

#endif

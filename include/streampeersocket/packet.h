/* SPDX-License-Identifier: MIT */
/**
 * @file packet.h
 * Packets over a stream: whole messages, each as it was put. The counterpart of Godot's PacketPeer and
 * PacketPeerStream.
 *
 * A packet is its length as u32, little-endian whatever the stream's byte order is, and its bytes: what Godot
 * writes and reads. A packet peer holds no bytes of its own. They stay in the stream until a packet is
 * taken, so raw gets may be mixed with packets, and another stream can be set at any time.
 *
 * - No get here waits. A packet comes whole or not at all.
 * - Packets that arrived before the end of the stream are handed out first, then the end is answered: the
 *   stream is closed, and a part of a packet, which will never be whole, is dropped.
 * - In a poller, SPS_EVENT_READABLE asks to take packets until ERR_UNAVAILABLE, and SPS_EVENT_FINISHED until the end
 *   is answered, which closes the stream. After SPS_EVENT_CLOSED the answer is FAILED, and the close reason tells more.
 * - Of a custom stream they need get_partial_data: without it every get is FAILED.
 * - A packet peer and its stream are used by one thread at a time.
 * - NULL in place of the packet peer, or of a pointer that a result goes to, is ERR_INVALID_PARAMETER.
 */
#ifndef STREAMPEERSOCKET_PACKET_H
#define STREAMPEERSOCKET_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"
#include "options.h"
#include "stream.h"

SPS_BEGIN_DECLARATIONS

/** What packets go through. Opaque. */
typedef struct sps_packet_peer sps_packet_peer;

/** How large packets may be; as the setters below, but that zero is the default. */
typedef struct sps_packet_options {
    /** sizeof(sps_packet_options). */
    uint32_t struct_size;
    /** sps_packet_peer_set_input_buffer_max_size(). Default 65,532. */
    uint32_t input_buffer_max_bytes;
    /** sps_packet_peer_set_output_buffer_max_size(). Default 65,532. */
    uint32_t output_buffer_max_bytes;
    /** sps_packet_peer_set_encode_buffer_max_size(). Default 8,388,608 (8 MiB). */
    uint32_t encode_buffer_max_bytes;
    /** For the handle, which is all that a packet peer allocates. NULL: malloc. Copied. */
    const sps_allocator *allocator;
} sps_packet_options;

/**
 * Makes a packet peer over a stream, which is to be set. Godot: PacketPeerStream. Since 0.1.
 *
 * @param options NULL for defaults.
 * @param out_peer NULL on failure.
 * @return OK; ERR_INVALID_PARAMETER (a size that its setter refuses); ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_packet_stream_create(const sps_packet_options *options,
                                           sps_packet_peer **out_peer);

/** Ends a packet peer; its stream stays as it is. NULL is allowed and does nothing. Since 0.1. */
SPS_API void sps_packet_peer_destroy(sps_packet_peer *peer);

/**
 * Sets the stream, of any kind. Godot: stream_peer. Since 0.1.
 *
 * @param stream borrowed: it must exist for as long as it is set here. NULL: none. Bytes that the stream
 *        which was set before has read stay in that one.
 */
SPS_API sps_error sps_packet_peer_set_stream(sps_packet_peer *peer, sps_stream *stream);

/** The stream that was set; NULL when there is none. Since 0.1. */
SPS_API sps_error sps_packet_peer_get_stream(const sps_packet_peer *peer, sps_stream **out_stream);

/* ---- Get */

/**
 * How many packets are there, whole. When none is buffered, or when none was taken since it was asked last, it reads
 * what has come, without waiting, until nothing more is there or input_buffer_max_size is reached. To ask
 * before each packet is cheap: it makes no syscall while some are buffered, and remembers what it has
 * counted. Godot: get_available_packet_count. Since 0.1.
 *
 * @param out_count 0 unless OK.
 * @return OK, also with 0 when more may come; with none left the codes of sps_packet_peer_get_packet() other than
 *         ERR_UNAVAILABLE, and as there the stream closes.
 */
SPS_API sps_error sps_packet_peer_get_available_packet_count(sps_packet_peer *peer,
                                                             size_t *out_count);

/**
 * Takes the next packet, and never waits. Godot: get_packet. Since 0.1.
 *
 * @param out_data in the stream's memory; valid until the next call on this packet peer, its stream, or the
 *        stream's poller. NULL unless OK.
 * @param out_bytes its length; 0 is a packet, too.
 * @return OK; ERR_UNAVAILABLE when none is there yet: Godot's code; ERR_UNCONFIGURED when no stream is set; ERR_FILE_EOF
 *         when the peer has finished and FAILED when the connection broke, and no packet is left (the
 *         stream is closed); FAILED when not connected; ERR_INVALID_DATA when the next packet is longer than
 *         input_buffer_max_size: nothing behind its length can be told apart, so the stream is closed, a socket with
 *         SPS_CLOSE_LIMIT; ERR_OUT_OF_MEMORY (nothing is lost).
 */
SPS_API sps_error sps_packet_peer_get_packet(sps_packet_peer *peer, const uint8_t **out_data,
                                             size_t *out_bytes);

/**
 * Takes the next packet as a Variant that sps_packet_peer_put_var() has put; a reader tells what it is
 * (variant.h). Godot: get_var. Since 0.1.
 *
 * @return as sps_packet_peer_get_packet(); OK also when the value is malformed, which the reader tells.
 */
SPS_API sps_error sps_packet_peer_get_var(sps_packet_peer *peer, const uint8_t **out_value,
                                          size_t *out_bytes);

/**
 * What the last sps_packet_peer_get_packet() or sps_packet_peer_get_var() answered; OK before the first.
 * Godot: get_packet_error. Since 0.1.
 */
SPS_API sps_error sps_packet_peer_get_packet_error(const sps_packet_peer *peer,
                                                   sps_error *out_error);

/* ---- Put */

/**
 * Puts a packet; its length and its bytes leave as one write. As in Godot, an empty one is OK and nothing is
 * put. Godot: put_packet. Since 0.1.
 *
 * @param data may be NULL when byte_count is 0.
 * @return as sps_stream_put_u8(); ERR_INVALID_PARAMETER when byte_count is above
 *         output_buffer_max_size; ERR_UNCONFIGURED when no stream is set, also for a packet of no
 *         bytes; while writes are batched, ERR_BUSY when there is no room now, and
 *         ERR_PARAMETER_RANGE_ERROR when byte_count + 4 is more than write_buffer_bytes.
 */
SPS_API sps_error sps_packet_peer_put_packet(sps_packet_peer *peer, const void *data,
                                             size_t byte_count);

/**
 * Puts a Variant that a writer has made (variant.h) as one packet. Godot: put_var. Since 0.1.
 *
 * @return as sps_packet_peer_put_packet(); ERR_OUT_OF_MEMORY when it is above encode_buffer_max_size, as in
 *         Godot.
 */
SPS_API sps_error sps_packet_peer_put_var(sps_packet_peer *peer, const void *value,
                                          size_t byte_count);

/* ---- Limits */

/**
 * The largest packet that is taken, in bytes without its length; also how far counting reads ahead. Memory
 * grows as bytes arrive, whatever a length claims. As in Godot it is rounded up to a
 * power of two less 4, so that two sides with the same setting understand each other. What is
 * buffered stays, and is held to the new limit. Godot: input_buffer_max_size. Since 0.1.
 *
 * @param bytes 0 to 1,073,741,820 (2^30 - 4).
 * @return OK; ERR_INVALID_PARAMETER above that, and nothing changes.
 */
SPS_API sps_error sps_packet_peer_set_input_buffer_max_size(sps_packet_peer *peer, uint32_t bytes);

/** As it was rounded; 65,532 unless set. Since 0.1. */
SPS_API sps_error sps_packet_peer_get_input_buffer_max_size(const sps_packet_peer *peer,
                                                            uint32_t *out_bytes);

/** The largest packet that can be put, in the same way. Godot: output_buffer_max_size. Since 0.1. */
SPS_API sps_error sps_packet_peer_set_output_buffer_max_size(sps_packet_peer *peer, uint32_t bytes);

/** As it was rounded; 65,532 unless set. Since 0.1. */
SPS_API sps_error sps_packet_peer_get_output_buffer_max_size(const sps_packet_peer *peer,
                                                             uint32_t *out_bytes);

/**
 * The largest Variant that can be put, in bytes, rounded up to a power of two; output_buffer_max_size must
 * let it through as well. Godot: encode_buffer_max_size. Since 0.1.
 *
 * @param bytes 1,024 to 268,435,456 (256 MiB).
 * @return OK; ERR_INVALID_PARAMETER otherwise, and nothing changes.
 */
SPS_API sps_error sps_packet_peer_set_encode_buffer_max_size(sps_packet_peer *peer, uint32_t bytes);

/** As it was rounded; 8,388,608 unless set. Since 0.1. */
SPS_API sps_error sps_packet_peer_get_encode_buffer_max_size(const sps_packet_peer *peer,
                                                             uint32_t *out_bytes);

SPS_END_DECLARATIONS

#endif

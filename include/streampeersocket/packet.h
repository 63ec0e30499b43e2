/* SPDX-License-Identifier: MIT */
/**
 * @file packet.h
 * Packets over a stream: each message arrives whole, as it was put. The counterpart of Godot's
 * PacketPeer and PacketPeerStream.
 *
 * On the wire a packet is its length as u32, then its bytes, as in Godot. The length is always
 * little-endian, whatever the stream's byte order. A packet peer buffers no bytes. They stay in the
 * stream until the caller takes a packet. So raw gets may alternate with packets, and the caller
 * may set another stream at any time.
 *
 * - No get here waits. A packet comes whole or not at all.
 * - The caller first gets the packets from before the end of the stream. The next get reports the
 *   end and closes the stream. A partial packet is dropped, because the rest will never come.
 * - At SPS_EVENT_READABLE of a poller, take packets until ERR_UNAVAILABLE.
 * - At SPS_EVENT_FINISHED, take packets until a get reports the end. That closes the stream. After
 *   SPS_EVENT_CLOSED a get returns FAILED, and the close reason says why.
 * - On a custom stream, packets require get_partial_data. Without it every get returns FAILED.
 * - One thread at a time uses a packet peer and its stream.
 * - NULL in place of the packet peer or a result returns ERR_INVALID_PARAMETER.
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

/** Gets and puts packets over a stream. Opaque. */
typedef struct sps_packet_peer sps_packet_peer;

/** Size limits of packets. The setters below explain them. Here zero means the default. */
typedef struct sps_packet_options {
    /** sizeof(sps_packet_options). */
    uint32_t struct_size;
    /** sps_packet_peer_set_input_buffer_max_size(). Default 65,532. */
    uint32_t input_buffer_max_bytes;
    /** sps_packet_peer_set_output_buffer_max_size(). Default 65,532. */
    uint32_t output_buffer_max_bytes;
    /** sps_packet_peer_set_encode_buffer_max_size(). Default 8,388,608 (8 MiB). */
    uint32_t encode_buffer_max_bytes;
    /**
     * Allocates the handle, which is the only allocation of a packet peer. NULL: malloc. Copied.
     */
    const sps_allocator *allocator;
} sps_packet_options;

/**
 * Creates a packet peer. The caller then sets its stream. Godot: PacketPeerStream. Since 0.1.
 *
 * @param options NULL for defaults.
 * @param out_peer NULL on failure.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: a setter refuses the size. Or the options or their allocator
 *           have a struct_size of 0.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_packet_stream_create(const sps_packet_options *options,
                                           sps_packet_peer **out_peer);

/** Frees a packet peer. Its stream is unaffected. NULL is allowed and does nothing. Since 0.1. */
SPS_API void sps_packet_peer_destroy(sps_packet_peer *peer);

/**
 * Sets the stream, of any kind. Godot: stream_peer. Since 0.1.
 *
 * @param stream borrowed: it must exist while it is set. NULL: none. Bytes that the previous stream
 *         has read stay in that stream.
 */
SPS_API sps_error sps_packet_peer_set_stream(sps_packet_peer *peer, sps_stream *stream);

/** Returns the stream, or NULL if there is none. Since 0.1. */
SPS_API sps_error sps_packet_peer_get_stream(const sps_packet_peer *peer, sps_stream **out_stream);

/* ---- Get */

/**
 * Counts the whole packets that are there. It reads if no packet is buffered, or if none was taken
 * since the last count. It reads without waiting, until nothing is left or input_buffer_max_size is
 * reached. Godot: get_available_packet_count. Since 0.1.
 *
 * A call before each packet is cheap. It makes no syscall while packets are buffered, and keeps its
 * count.
 *
 * @param out_count 0 unless OK.
 * @return OK, also with 0 if more may come. Without packets, the codes of
 *         sps_packet_peer_get_packet() except ERR_UNAVAILABLE, and the stream closes as there.
 */
SPS_API sps_error sps_packet_peer_get_available_packet_count(sps_packet_peer *peer,
                                                             size_t *out_count);

/**
 * Takes the next packet, and never waits. Godot: get_packet. Since 0.1.
 *
 * @param out_data in the stream's memory, or NULL unless OK. It is valid until the next call on
 *         this packet peer, its stream, or the stream's poller.
 * @param out_bytes its length. A packet can have 0 bytes.
 * @return OK, or:
 *         - ERR_UNAVAILABLE: no packet is there yet (Godot's code).
 *         - ERR_UNCONFIGURED: no stream is set.
 *         - ERR_FILE_EOF: the peer has finished and no packet is left. The stream is closed.
 *         - FAILED: the connection broke and no packet is left, so the stream is closed. Or the
 *           stream is not connected.
 *         - ERR_INVALID_DATA: the next packet exceeds input_buffer_max_size. The bytes after its
 *           length cannot be parsed, so the stream is closed, a socket with SPS_CLOSE_LIMIT. A
 *           memory stream stays open and moves to its end.
 *         - ERR_OUT_OF_MEMORY: nothing is lost.
 */
SPS_API sps_error sps_packet_peer_get_packet(sps_packet_peer *peer, const uint8_t **out_data,
                                             size_t *out_bytes);

/**
 * Takes the next packet as a Variant of sps_packet_peer_put_var(). A reader (variant.h) decodes it.
 * Godot: get_var. Since 0.1.
 *
 * @return the codes of sps_packet_peer_get_packet(). A malformed value also returns OK: the reader
 *         reports it.
 */
SPS_API sps_error sps_packet_peer_get_var(sps_packet_peer *peer, const uint8_t **out_value,
                                          size_t *out_bytes);

/**
 * Returns the result of the last sps_packet_peer_get_packet() or sps_packet_peer_get_var(), or OK
 * before the first. Godot: get_packet_error. Since 0.1.
 */
SPS_API sps_error sps_packet_peer_get_packet_error(const sps_packet_peer *peer,
                                                   sps_error *out_error);

/* ---- Put */

/**
 * Puts a packet. Its length and its bytes are one write. As in Godot, an empty packet returns OK
 * and puts nothing. Godot: put_packet. Since 0.1.
 *
 * @param data NULL is allowed if byte_count is 0.
 * @return the codes of sps_stream_put_u8(), and:
 *         - ERR_INVALID_PARAMETER: byte_count is above output_buffer_max_size.
 *         - ERR_UNCONFIGURED: no stream is set, also for an empty packet.
 *         - ERR_BUSY: batched only. The write buffer has no room now.
 *         - ERR_PARAMETER_RANGE_ERROR: batched only. byte_count + 4 exceeds write_buffer_bytes.
 */
SPS_API sps_error sps_packet_peer_put_packet(sps_packet_peer *peer, const void *data,
                                             size_t byte_count);

/**
 * Puts a Variant from a writer (variant.h) as one packet. Godot: put_var. Since 0.1.
 *
 * @return the codes of sps_packet_peer_put_packet(), and:
 *         - ERR_OUT_OF_MEMORY: byte_count is above encode_buffer_max_size, as in Godot.
 */
SPS_API sps_error sps_packet_peer_put_var(sps_packet_peer *peer, const void *value,
                                          size_t byte_count);

/* ---- Limits */

/**
 * Sets the largest packet that a get accepts, in bytes without its length. It also limits how far
 * counting reads ahead. Memory grows as bytes arrive, whatever a length claims. The new limit also
 * applies to buffered bytes. Godot: input_buffer_max_size. Since 0.1.
 *
 * As in Godot, the size is rounded up to a power of two, minus 4. So two sides with the same
 * setting accept the same packets.
 *
 * @param bytes 0 to 1,073,741,820 (2^30 - 4).
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: bytes is above that. Nothing changes.
 */
SPS_API sps_error sps_packet_peer_set_input_buffer_max_size(sps_packet_peer *peer, uint32_t bytes);

/** Returns the rounded size. The default is 65,532. Since 0.1. */
SPS_API sps_error sps_packet_peer_get_input_buffer_max_size(const sps_packet_peer *peer,
                                                            uint32_t *out_bytes);

/**
 * Sets the largest packet that a put accepts, rounded like
 * sps_packet_peer_set_input_buffer_max_size(). Godot: output_buffer_max_size. Since 0.1.
 */
SPS_API sps_error sps_packet_peer_set_output_buffer_max_size(sps_packet_peer *peer, uint32_t bytes);

/** Returns the rounded size. The default is 65,532. Since 0.1. */
SPS_API sps_error sps_packet_peer_get_output_buffer_max_size(const sps_packet_peer *peer,
                                                             uint32_t *out_bytes);

/**
 * Sets the largest Variant that a put accepts, in bytes, rounded up to a power of two. It must also
 * be within output_buffer_max_size. Godot: encode_buffer_max_size. Since 0.1.
 *
 * @param bytes 1,024 to 268,435,456 (256 MiB).
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: bytes is outside this range. Nothing changes.
 */
SPS_API sps_error sps_packet_peer_set_encode_buffer_max_size(sps_packet_peer *peer, uint32_t bytes);

/** Returns the rounded size. The default is 8,388,608. Since 0.1. */
SPS_API sps_error sps_packet_peer_get_encode_buffer_max_size(const sps_packet_peer *peer,
                                                             uint32_t *out_bytes);

SPS_END_DECLARATIONS

#endif

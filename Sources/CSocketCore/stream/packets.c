// SPDX-License-Identifier: MIT
//
// Packets: a length and the bytes, got and put as a whole. They lie in the stream's queues only.
#include "streampeersocket/packet.h"

#include <assert.h>

#include "base/endian.h"
#include "base/memory.h"
#include "base/sized_struct.h"
#include "stream/stream.h"

enum {
    PREFIX_BYTES = 4,
    DEFAULT_BUFFER_BYTES = 64 * 1024 - PREFIX_BYTES,
    MOST_BUFFER_BYTES = (1 << 30) - PREFIX_BYTES,
    DEFAULT_ENCODE_BYTES = 8 * 1024 * 1024,
    LEAST_ENCODE_BYTES = 1024,
    MOST_ENCODE_BYTES = 256 * 1024 * 1024,
};

struct sps_packet_peer {
    sps_allocator allocator;
    sps_stream *stream; // NULL: none
    uint32_t input_bytes;
    uint32_t output_bytes;
    uint32_t encode_bytes;
    sps_error get_error; // of the last get
    // The complete packets at the queue's head. Valid while head and moves are unchanged: then no
    // raw get has read.
    size_t packets;
    size_t bytes; // of all these packets
    const uint8_t *head;
    uint32_t moves;
    bool counted; // no packet was taken since the count
};

// ---- Making one

static uint32_t power_of_two(uint32_t least) {
    uint32_t power = 1;
    while (power < least) {
        power *= 2;
    }
    return power;
}

static sps_error set_buffer(uint32_t *size, uint32_t bytes) {
    if (bytes > MOST_BUFFER_BYTES) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *size = power_of_two(bytes + PREFIX_BYTES) - PREFIX_BYTES;
    return SPS_OK;
}

static sps_error set_encode(uint32_t *size, uint32_t bytes) {
    if (bytes < LEAST_ENCODE_BYTES || bytes > MOST_ENCODE_BYTES) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *size = power_of_two(bytes);
    return SPS_OK;
}

static uint32_t or_default(uint32_t bytes, uint32_t fallback) {
    return bytes != 0 ? bytes : fallback;
}

static sps_error read_options(const sps_packet_options *options, sps_packet_peer *out_peer) {
    sps_packet_options chosen;
    if (!spsi_struct_read(options, &chosen, sizeof chosen) ||
        !spsi_allocator_read(chosen.allocator, &out_peer->allocator)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    sps_error error = set_buffer(&out_peer->input_bytes,
                                 or_default(chosen.input_buffer_max_bytes, DEFAULT_BUFFER_BYTES));
    if (error == SPS_OK) {
        error = set_buffer(&out_peer->output_bytes,
                           or_default(chosen.output_buffer_max_bytes, DEFAULT_BUFFER_BYTES));
    }
    if (error == SPS_OK) {
        error = set_encode(&out_peer->encode_bytes,
                           or_default(chosen.encode_buffer_max_bytes, DEFAULT_ENCODE_BYTES));
    }
    return error;
}

sps_error sps_packet_stream_create(const sps_packet_options *options, sps_packet_peer **out_peer) {
    if (out_peer == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_peer = NULL;
    sps_packet_peer made = {.get_error = SPS_OK};
    const sps_error error = read_options(options, &made);
    if (error != SPS_OK) {
        return error;
    }
    sps_packet_peer *peer = spsi_allocate(&made.allocator, sizeof *peer);
    if (peer == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    *peer = made;
    *out_peer = peer;
    return SPS_OK;
}

void sps_packet_peer_destroy(sps_packet_peer *peer) {
    if (peer != NULL) {
        const sps_allocator allocator = peer->allocator;
        spsi_free(&allocator, peer, sizeof *peer);
    }
}

static void forget(sps_packet_peer *peer) {
    peer->packets = 0;
    peer->bytes = 0;
}

sps_error sps_packet_peer_set_stream(sps_packet_peer *peer, sps_stream *stream) {
    if (peer == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    peer->stream = stream;
    forget(peer); // it may be another one in the same place
    return SPS_OK;
}

sps_error sps_packet_peer_get_stream(const sps_packet_peer *peer, sps_stream **out_stream) {
    if (peer == NULL || out_stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_stream = peer->stream;
    return SPS_OK;
}

// ---- Get

// Tells what is known from what was: while the head stays where it is and the queue does not move,
// nothing was consumed.
static void recall(sps_packet_peer *peer) {
    const sps_stream *stream = peer->stream;
    if (peer->moves != stream->read_moves || peer->head != stream->in.head) {
        forget(peer);
    }
}

static void remember(sps_packet_peer *peer) {
    peer->head = peer->stream->in.head;
    peer->moves = peer->stream->read_moves;
    assert(peer->bytes <= spsi_byte_queue_size(&peer->stream->in));
}

// Makes sure that `need` bytes are buffered. A partial packet before the end is dropped.
static sps_error await(sps_stream *stream, size_t need) {
    sps_error error = spsi_stream_fill(stream, need, SPSI_NEVER_WAIT);
    if (error != SPS_OK && error == stream->read_end) {
        error = spsi_stream_finish(stream);
    }
    return error == SPS_ERR_BUSY ? SPS_ERR_UNAVAILABLE : error;
}

// The peer has sent an invalid length, so the bytes behind it are useless. This is the reason even
// for a connection that broke before, because the break did not keep the length from being read.
static sps_error refuse(sps_stream *stream) {
    if (stream->ops->reject != NULL) {
        stream->ops->reject(stream);
    }
    stream->read_end = SPS_FAILED;
    spsi_stream_finish(stream);
    return SPS_ERR_INVALID_DATA;
}

// Makes sure that the packet at the head is whole.
static sps_error await_packet(const sps_packet_peer *peer, size_t *out_bytes) {
    sps_stream *stream = peer->stream;
    const sps_error error = await(stream, PREFIX_BYTES);
    if (error != SPS_OK) {
        return error;
    }
    *out_bytes = spsi_load_le32(stream->in.head);
    return *out_bytes > peer->input_bytes ? refuse(stream)
                                          : await(stream, PREFIX_BYTES + *out_bytes);
}

// Counts further complete packets. True: an incomplete one follows. *out_need is the number of
// bytes, counted from the head, that the next step needs.
static bool count_on(sps_packet_peer *peer, size_t *out_need) {
    const sps_stream *stream = peer->stream;
    const size_t size = spsi_byte_queue_size(&stream->in);
    while (size - peer->bytes >= PREFIX_BYTES) {
        const uint32_t bytes = spsi_load_le32(stream->in.head + peer->bytes);
        if (bytes > peer->input_bytes) {
            return false;
        }
        const size_t end = peer->bytes + PREFIX_BYTES + bytes;
        if (end > size) {
            *out_need = end;
            return true;
        }
        peer->bytes = end;
        peer->packets++;
    }
    *out_need = peer->bytes + PREFIX_BYTES;
    return true;
}

// Counts on and reads on, as far as a buffer of Godot's would reach, until nothing more is there.
static void read_and_count(sps_packet_peer *peer, bool may_read) {
    sps_stream *stream = peer->stream;
    const size_t most = (size_t)peer->input_bytes + PREFIX_BYTES;
    size_t need;
    while (count_on(peer, &need) && need <= most && may_read) {
        spsi_stream_make_room(stream, need);
        may_read =
            spsi_stream_fill(stream, need, SPSI_NEVER_WAIT) == SPS_OK && !stream->known_empty;
    }
}

static sps_error count(sps_packet_peer *peer) {
    size_t unused;
    recall(peer);
    count_on(peer, &unused);
    if (peer->packets > 0) {
        if (peer->counted) {
            read_and_count(peer, true);
        }
        return SPS_OK;
    }
    const sps_error error = await_packet(peer, &unused);
    if (error == SPS_OK) {
        read_and_count(peer, !peer->stream->known_empty);
    }
    return error == SPS_ERR_UNAVAILABLE ? SPS_OK : error;
}

sps_error sps_packet_peer_get_available_packet_count(sps_packet_peer *peer, size_t *out_count) {
    if (out_count == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_count = 0;
    if (peer == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (peer->stream == NULL) {
        return SPS_ERR_UNCONFIGURED;
    }
    const sps_error error = count(peer);
    remember(peer);
    peer->counted = true;
    *out_count = peer->packets;
    return error;
}

static sps_error take(sps_packet_peer *peer, const uint8_t **out_data, size_t *out_bytes) {
    size_t bytes;
    recall(peer);
    const sps_error error = await_packet(peer, &bytes);
    if (error == SPS_OK) {
        spsi_byte_queue *in = &peer->stream->in;
        *out_data = in->head + PREFIX_BYTES;
        *out_bytes = bytes;
        spsi_byte_queue_consume(in, PREFIX_BYTES + bytes);
        if (peer->packets > 0) {
            peer->packets--;
            peer->bytes -= PREFIX_BYTES + bytes;
        }
    }
    remember(peer);
    peer->counted = false;
    return error;
}

sps_error sps_packet_peer_get_packet(sps_packet_peer *peer, const uint8_t **out_data,
                                     size_t *out_bytes) {
    if (out_data == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_data = NULL;
    *out_bytes = 0;
    if (peer == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    peer->get_error = peer->stream != NULL ? take(peer, out_data, out_bytes) : SPS_ERR_UNCONFIGURED;
    return peer->get_error;
}

sps_error sps_packet_peer_get_var(sps_packet_peer *peer, const uint8_t **out_value,
                                  size_t *out_bytes) {
    return sps_packet_peer_get_packet(peer, out_value, out_bytes);
}

sps_error sps_packet_peer_get_packet_error(const sps_packet_peer *peer, sps_error *out_error) {
    if (peer == NULL || out_error == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_error = peer->get_error;
    return SPS_OK;
}

// ---- Put

sps_error sps_packet_peer_put_packet(sps_packet_peer *peer, const void *data, size_t byte_count) {
    if (peer == NULL || (data == NULL && byte_count > 0) || !spsi_is_length(byte_count)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (peer->stream == NULL) {
        return SPS_ERR_UNCONFIGURED;
    }
    if (byte_count > peer->output_bytes) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (byte_count == 0) {
        return SPS_OK;
    }
    uint8_t prefix[PREFIX_BYTES];
    spsi_store_le32(prefix, (uint32_t)byte_count);
    const spsi_slice slices[] = {{prefix, sizeof prefix}, {data, byte_count}};
    size_t sent;
    return spsi_stream_put(peer->stream, slices, 2, &sent);
}

sps_error sps_packet_peer_put_var(sps_packet_peer *peer, const void *value, size_t byte_count) {
    if (peer != NULL && value != NULL && byte_count > peer->encode_bytes) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    return sps_packet_peer_put_packet(peer, value, byte_count);
}

// ---- Limits

sps_error sps_packet_peer_set_input_buffer_max_size(sps_packet_peer *peer, uint32_t bytes) {
    if (peer == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    forget(peer); // a complete packet may be too long now
    return set_buffer(&peer->input_bytes, bytes);
}

sps_error sps_packet_peer_set_output_buffer_max_size(sps_packet_peer *peer, uint32_t bytes) {
    return peer != NULL ? set_buffer(&peer->output_bytes, bytes) : SPS_ERR_INVALID_PARAMETER;
}

sps_error sps_packet_peer_set_encode_buffer_max_size(sps_packet_peer *peer, uint32_t bytes) {
    return peer != NULL ? set_encode(&peer->encode_bytes, bytes) : SPS_ERR_INVALID_PARAMETER;
}

sps_error sps_packet_peer_get_input_buffer_max_size(const sps_packet_peer *peer,
                                                    uint32_t *out_bytes) {
    if (peer == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_bytes = peer->input_bytes;
    return SPS_OK;
}

sps_error sps_packet_peer_get_output_buffer_max_size(const sps_packet_peer *peer,
                                                     uint32_t *out_bytes) {
    if (peer == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_bytes = peer->output_bytes;
    return SPS_OK;
}

sps_error sps_packet_peer_get_encode_buffer_max_size(const sps_packet_peer *peer,
                                                     uint32_t *out_bytes) {
    if (peer == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_bytes = peer->encode_bytes;
    return SPS_OK;
}

// SPDX-License-Identifier: MIT
//
// How bytes go into a stream: at once, or gathered in the write queue.
#include "stream/stream.h"

// The OS is offered a batched value of this size without a copy, unless it is known to have no
// room. The copy would cost as much as a syscall. Only the rest that the OS does not take is
// copied.
enum { DIRECT_BYTES = 16 * 1024 };

static bool may_gather(sps_stream *stream) {
    return stream->ops->check(stream, SPSI_TO_GATHER) == SPS_OK;
}

static bool may_write(sps_stream *stream) {
    return stream->ops->check(stream, SPSI_TO_WRITE) == SPS_OK;
}

// How many bytes the write buffer has room for. The rest of a value may be more than it ever takes.
static size_t room_in_buffer(const sps_stream *stream) {
    const size_t waits = spsi_byte_queue_size(&stream->out);
    return waits < stream->write_buffer_bytes ? stream->write_buffer_bytes - waits : 0;
}

// A block that took the rest of a large value is no write buffer.
static bool is_oversized(const sps_stream *stream) {
    return (size_t)(stream->out.limit - stream->out.block) > stream->write_buffer_bytes;
}

// Whether a write's answer is the end of all writing.
static bool has_failed(const sps_stream *stream, sps_error error) {
    return error == SPS_FAILED && !stream->ops->outlives_failures;
}

sps_error spsi_stream_flush(sps_stream *stream) {
    const size_t size = spsi_byte_queue_size(&stream->out);
    if (size == 0) {
        return SPS_OK;
    }
    stream->idle_polls = 0;
    stream->lent_at = 0; // the room may begin at the front of the block afterwards
    const spsi_slice slice = {stream->out.head, size};
    size_t sent;
    const sps_error error = stream->ops->write(stream, &slice, 1, SPSI_NEVER_WAIT, &sent);
    if (has_failed(stream, error)) {
        spsi_stream_give_back(stream, &stream->out);
        return error;
    }
    if (sent < size) {
        spsi_byte_queue_consume(&stream->out, sent);
        spsi_watch_mark_changed(stream->watch); // which waits for the OS to take more
        return error == SPS_OK ? SPS_ERR_BUSY : error;
    }
    if (stream->watch != NULL || !stream->batching || is_oversized(stream)) {
        // Without a block the next put comes by here, and the poller learns of it.
        spsi_stream_give_back(stream, &stream->out);
    } else {
        stream->out.head = stream->out.tail =
            stream->out.block; // all room is behind the tail again
    }
    return error == SPS_ERR_BUSY ? SPS_OK : error;
}

bool spsi_stream_is_writable_again(const sps_stream *stream) {
    return stream->refused_bytes != 0 &&
           spsi_byte_queue_size(&stream->out) <= stream->low_mark_bytes &&
           room_in_buffer(stream) >= stream->refused_bytes;
}

void spsi_stream_offer_room(sps_stream *stream) {
    stream->refused_bytes = 0;
    stream->may_retry = true;
}

void spsi_stream_forget_refusal(sps_stream *stream) {
    stream->refused_bytes = 0;
    stream->may_retry = false;
}

// A put finds no room for so many bytes.
static void refuse(sps_stream *stream, size_t bytes) {
    const uint32_t most = stream->write_buffer_bytes;
    stream->refused_bytes = bytes < most ? (uint32_t)bytes : most;
    stream->was_refused = true;
}

sps_error spsi_stream_fail_put(sps_stream *stream) {
    spsi_stream_give_back(stream, &stream->out); // a block would take more puts
    if (stream->ops->check(stream, SPSI_TO_READ) != SPS_OK) {
        return SPS_FAILED; // a graceful close goes its own way
    }
    if (spsi_byte_queue_size(&stream->in) == 0) {
        spsi_stream_read_ahead(stream);
    }
    const bool is_empty = spsi_byte_queue_size(&stream->in) == 0 && stream->inline_count == 0;
    if (is_empty && stream->read_end != SPS_OK) {
        spsi_stream_finish(stream);
    }
    return SPS_FAILED;
}

// Writes now, and settles a failure.
static sps_error write_now(sps_stream *stream, const spsi_slice *slices, size_t count,
                           spsi_patience patience, size_t *out_sent) {
    const sps_error error = stream->ops->write(stream, slices, count, patience, out_sent);
    return has_failed(stream, error) ? spsi_stream_fail_put(stream) : error;
}

static sps_error flush_now(sps_stream *stream) {
    const sps_error error = spsi_stream_flush(stream);
    return has_failed(stream, error) ? spsi_stream_fail_put(stream) : error;
}

static size_t total_size(const spsi_slice *slices, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += slices[i].size;
    }
    return total;
}

// Whether a flush to make room answers something that a put must tell: not that there is no room
// yet.
static bool is_failure(sps_error error) {
    return error != SPS_OK && error != SPS_ERR_BUSY && error != SPS_ERR_OUT_OF_MEMORY;
}

// How many bytes the write buffer takes now. It is offered to the stream first when it is short
// of `wanted`.
static sps_error room_to_gather(sps_stream *stream, size_t wanted, size_t *out_room) {
    *out_room = 0;
    if (room_in_buffer(stream) < wanted && may_write(stream)) {
        const sps_error flushed = flush_now(stream);
        if (is_failure(flushed)) {
            return flushed;
        }
    }
    const size_t size = spsi_byte_queue_size(&stream->out);
    const size_t room = room_in_buffer(stream);
    size_t reserved = wanted < size ? size : wanted; // the block doubles
    reserved = reserved < SPSI_FIRST_BLOCK_BYTES ? SPSI_FIRST_BLOCK_BYTES : reserved;
    reserved = reserved < room ? reserved : room;
    if (!spsi_stream_reserve(stream, &stream->out, reserved, stream->write_buffer_bytes)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    spsi_watch_mark_changed(stream->watch);
    *out_room = room;
    return SPS_OK;
}

// Whether the poller waits already for the OS to take more.
static bool is_blocked(const sps_stream *stream) {
    return stream->watch != NULL && (stream->watch->interests & SPSI_WRITABLE) != 0;
}

void spsi_stream_append(sps_stream *stream, const spsi_slice *slices, size_t count,
                        size_t skipped) {
    for (size_t i = 0; i < count; i++) {
        const size_t cut = skipped < slices[i].size ? skipped : slices[i].size;
        skipped -= cut;
        if (slices[i].size > cut) {
            spsi_byte_queue_append(&stream->out, slices[i].data + cut, slices[i].size - cut);
        }
    }
}

bool spsi_stream_keep_rest(sps_stream *stream, const spsi_slice *slices, size_t count,
                           size_t *out_written) {
    const size_t rest = total_size(slices, count) - *out_written;
    if (rest == 0) {
        return true;
    }
    if (!spsi_stream_reserve(stream, &stream->out, rest, rest)) {
        return false;
    }
    spsi_stream_append(stream, slices, count, *out_written);
    *out_written += rest;
    return true;
}

// Sends the pending bytes and a large value at once, without a copy. Batches only the rest that the
// OS does not take; there is room for it.
static sps_error send_direct(sps_stream *stream, const spsi_slice *slices, size_t count) {
    const size_t waits = spsi_byte_queue_size(&stream->out);
    spsi_slice all[SPSI_MAX_SLICES];
    size_t used = 0;
    if (waits > 0) {
        all[used++] = (spsi_slice){stream->out.head, waits};
    }
    for (size_t i = 0; i < count; i++) {
        all[used++] = slices[i];
    }
    size_t sent;
    const sps_error error = write_now(stream, all, used, SPSI_NEVER_WAIT, &sent);
    if (has_failed(stream, error)) {
        return error;
    }
    const size_t of_queue = sent < waits ? sent : waits;
    spsi_byte_queue_consume(&stream->out, of_queue);
    spsi_stream_append(stream, slices, count, sent - of_queue);
    return SPS_OK;
}

// Takes all of the slices into the write buffer, or nothing.
static sps_error gather(sps_stream *stream, const spsi_slice *slices, size_t count,
                        size_t *out_sent) {
    const size_t total = total_size(slices, count);
    if (total < DIRECT_BYTES && spsi_byte_queue_room(&stream->out) >= total && total > 0) {
        spsi_stream_append(stream, slices, count, 0); // there is room only where it may be used
        *out_sent = total;
        return SPS_OK;
    }
    if (!may_gather(stream)) {
        return SPS_FAILED;
    }
    if (total > stream->write_buffer_bytes) {
        return SPS_ERR_PARAMETER_RANGE_ERROR;
    }
    size_t room;
    const sps_error error = room_to_gather(stream, total, &room);
    if (error != SPS_OK) {
        return error;
    }
    if (room < total) {
        refuse(stream, total);
        return SPS_ERR_BUSY;
    }
    if (total >= DIRECT_BYTES && !is_blocked(stream) && may_write(stream)) {
        const sps_error sent = send_direct(stream, slices, count);
        *out_sent = sent == SPS_OK ? total : 0;
        return sent;
    }
    spsi_stream_append(stream, slices, count, 0);
    *out_sent = total;
    return SPS_OK;
}

// The caller has not committed what it reserved. Without batching its block holds nothing.
static void end_loan(sps_stream *stream) {
    const bool is_lent = stream->lent_at != 0;
    stream->lent_at = 0;
    if (is_lent && !stream->batching && spsi_byte_queue_size(&stream->out) == 0) {
        spsi_stream_give_back(stream, &stream->out);
    }
}

// Without batching, pending bytes are the rest of a value. They leave before anything else.
static sps_error flush_rest(sps_stream *stream) {
    sps_error error;
    size_t left;
    do {
        left = spsi_byte_queue_size(&stream->out);
        error = flush_now(stream);
    } while (error == SPS_ERR_BUSY && spsi_byte_queue_size(&stream->out) < left);
    return error;
}

// The same, and waits as the put behind it would. The caller's own operations are asked once.
static sps_error send_rest(sps_stream *stream, spsi_patience patience) {
    const size_t size = spsi_byte_queue_size(&stream->out);
    if (size == 0 || patience == SPSI_NEVER_WAIT || stream->ops->outlives_failures) {
        return flush_rest(stream);
    }
    const spsi_slice rest = {stream->out.head, size};
    size_t sent;
    const sps_error error = write_now(stream, &rest, 1, SPSI_WAIT, &sent);
    if (has_failed(stream, error)) {
        return error;
    }
    spsi_byte_queue_consume(&stream->out, sent);
    if (sent == size) {
        spsi_stream_give_back(stream, &stream->out);
    }
    return error;
}

static sps_error put(sps_stream *stream, const spsi_slice *slices, size_t count,
                     spsi_patience patience, size_t *out_sent) {
    *out_sent = 0;
    end_loan(stream);
    if (stream->batching) {
        return gather(stream, slices, count, out_sent);
    }
    const sps_error usable = stream->ops->check(stream, SPSI_TO_WRITE);
    if (usable != SPS_OK || total_size(slices, count) == 0) {
        return usable;
    }
    spsi_stream_begin(stream);
    const sps_error rest = send_rest(stream, patience);
    if (rest != SPS_OK) {
        return rest;
    }
    return write_now(stream, slices, count, patience, out_sent);
}

sps_error spsi_stream_put(sps_stream *stream, const spsi_slice *slices, size_t count,
                          size_t *out_sent) {
    return put(stream, slices, count, SPSI_WAIT_WHOLE, out_sent);
}

sps_error sps_stream_put_data(sps_stream *stream, const void *data, size_t byte_count,
                              size_t *out_sent) {
    size_t unused;
    size_t *sent = out_sent != NULL ? out_sent : &unused;
    *sent = 0;
    if (stream == NULL || !spsi_is_length(byte_count) || (data == NULL && byte_count > 0)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const spsi_slice slice = {data, byte_count};
    return put(stream, &slice, 1, SPSI_WAIT, sent);
}

static sps_error gather_some(sps_stream *stream, const void *data, size_t byte_count,
                             size_t *out_sent) {
    if (!may_gather(stream)) {
        return SPS_FAILED;
    }
    size_t room;
    const sps_error error = room_to_gather(stream, byte_count, &room);
    if (error != SPS_OK) {
        return error;
    }
    *out_sent = room < byte_count ? room : byte_count;
    if (*out_sent < byte_count) {
        refuse(stream, byte_count - *out_sent);
    }
    if (*out_sent > 0) {
        spsi_byte_queue_append(&stream->out, data, *out_sent);
    }
    return SPS_OK;
}

sps_error sps_stream_put_partial_data(sps_stream *stream, const void *data, size_t byte_count,
                                      size_t *out_sent) {
    size_t unused;
    size_t *sent = out_sent != NULL ? out_sent : &unused;
    *sent = 0;
    if (stream == NULL || !spsi_is_length(byte_count) || (data == NULL && byte_count > 0)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    end_loan(stream);
    if (stream->batching) {
        return gather_some(stream, data, byte_count, sent);
    }
    const sps_error usable = stream->ops->check(stream, SPSI_TO_WRITE);
    if (usable != SPS_OK || byte_count == 0) {
        return usable;
    }
    const spsi_slice slice = {data, byte_count};
    sps_error error = flush_rest(stream);
    if (error == SPS_OK) {
        error = write_now(stream, &slice, 1, SPSI_NEVER_WAIT, sent);
    }
    if (*sent < byte_count && !has_failed(stream, error)) {
        refuse(stream, byte_count - *sent);
        spsi_watch_mark_changed(stream->watch); // which asks the OS
    } else {
        spsi_stream_forget_refusal(stream); // the rest of what was refused has left
    }
    return error == SPS_ERR_BUSY ? SPS_OK : error;
}

// ---- Writing in place

// Lends memory of the write queue's block.
static void lend(sps_stream *stream, const uint8_t *memory) {
    stream->lent_at = (uint32_t)(memory - stream->out.block) + 1;
}

// The size of the lent memory, at most as much as the write buffer may take.
static size_t lent_bytes(const sps_stream *stream) {
    const spsi_byte_queue *out = &stream->out;
    const size_t bytes =
        stream->batching ? spsi_byte_queue_room(out) : spsi_byte_queue_capacity(out);
    const size_t room = room_in_buffer(stream);
    return bytes < room ? bytes : room;
}

static sps_error reserve_to_gather(sps_stream *stream, size_t least) {
    size_t room;
    const sps_error error = room_to_gather(stream, least, &room);
    if (error != SPS_OK) {
        return error;
    }
    if (room < least) {
        refuse(stream, least);
        return SPS_ERR_BUSY;
    }
    lend(stream, stream->out.tail);
    return SPS_OK;
}

// Without batching, room behind the tail would make typed puts gather. So the empty queue lies at
// the end of its block, and the memory before it is lent.
static sps_error reserve_to_send(sps_stream *stream, size_t least) {
    const sps_error rest = flush_rest(stream);
    if (rest == SPS_ERR_BUSY) {
        refuse(stream, least);
        spsi_watch_mark_changed(stream->watch); // which asks the OS
    }
    if (rest != SPS_OK) {
        return rest;
    }
    const size_t most = stream->write_buffer_bytes;
    const size_t block = most < SPSI_FIRST_BLOCK_BYTES ? most : SPSI_FIRST_BLOCK_BYTES;
    if (!spsi_stream_reserve(stream, &stream->out, least < block ? block : least, most)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    spsi_byte_queue_close_room(&stream->out);
    spsi_watch_mark_changed(stream->watch); // which takes the block back if nothing is put
    lend(stream, stream->out.block);
    return SPS_OK;
}

sps_error sps_stream_reserve(sps_stream *stream, size_t min_bytes, void **out_memory,
                             size_t *out_bytes) {
    if (stream == NULL || out_memory == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_memory = NULL;
    *out_bytes = 0;
    if (!spsi_is_length(min_bytes)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (stream->ops->in_place) {
        return SPS_ERR_UNAVAILABLE;
    }
    end_loan(stream);
    if (stream->batching ? !may_gather(stream) : !may_write(stream)) {
        return SPS_FAILED;
    }
    if (min_bytes > stream->write_buffer_bytes) {
        return SPS_ERR_PARAMETER_RANGE_ERROR;
    }
    const size_t least = min_bytes > 0 ? min_bytes : 1;
    const sps_error error =
        stream->batching ? reserve_to_gather(stream, least) : reserve_to_send(stream, least);
    if (error == SPS_OK) {
        *out_memory = stream->out.block + stream->lent_at - 1;
        *out_bytes = lent_bytes(stream);
    }
    return error;
}

// Whether the lent memory is still the room of the queue. Typed puts may have used it.
static bool is_lent(const sps_stream *stream) {
    const spsi_byte_queue *out = &stream->out;
    if (stream->lent_at == 0) {
        return false;
    }
    return stream->batching ? out->block + stream->lent_at - 1 == out->tail
                            : spsi_byte_queue_size(out) == 0;
}

// Sends what the OS takes, and keeps the rest. There is no room behind it, as in reserve_to_send().
static sps_error send_lent(sps_stream *stream, size_t byte_count) {
    spsi_byte_queue *out = &stream->out;
    out->head = out->block;
    out->tail = out->block + byte_count;
    const sps_error error = byte_count > 0 ? flush_rest(stream) : SPS_OK;
    const size_t left = spsi_byte_queue_size(out);
    const bool is_refused = error != SPS_OK && error != SPS_ERR_BUSY && left == byte_count;
    if (left == 0 || is_refused) {
        spsi_stream_give_back(stream, out);
    } else {
        spsi_byte_queue_close_room(out);
    }
    return is_refused || has_failed(stream, error) ? error : SPS_OK;
}

sps_error sps_stream_commit(sps_stream *stream, size_t byte_count) {
    if (stream == NULL || !spsi_is_length(byte_count)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (stream->ops->in_place) {
        return SPS_ERR_UNAVAILABLE;
    }
    if (stream->batching ? !may_gather(stream) : !may_write(stream)) {
        return SPS_FAILED;
    }
    if (!is_lent(stream)) {
        return SPS_ERR_UNCONFIGURED;
    }
    if (byte_count > lent_bytes(stream)) {
        return SPS_ERR_PARAMETER_RANGE_ERROR;
    }
    stream->lent_at = 0;
    if (!stream->batching) {
        return send_lent(stream, byte_count);
    }
    spsi_byte_queue_produce(&stream->out, byte_count);
    return SPS_OK;
}

// ---- Batching

sps_error sps_stream_set_write_batching(sps_stream *stream, bool enabled) {
    if (stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    end_loan(stream);
    if (enabled) {
        stream->batching = !stream->ops->in_place;
        return SPS_OK;
    }
    if (!stream->batching) {
        return SPS_OK;
    }
    const bool waits = spsi_byte_queue_size(&stream->out) > 0;
    if (waits && !may_write(stream) && may_gather(stream)) {
        return SPS_ERR_BUSY; // nothing can be sent before the socket is connected
    }
    const sps_error error = flush_now(stream);
    if (error == SPS_OK || has_failed(stream, error)) {
        spsi_stream_give_back(stream, &stream->out);
        stream->batching = false;
    }
    return error;
}

sps_error sps_stream_is_write_batching(const sps_stream *stream, bool *out_enabled) {
    if (stream == NULL || out_enabled == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_enabled = stream->batching;
    return SPS_OK;
}

sps_error sps_stream_flush(sps_stream *stream) {
    if (stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    sps_error error = stream->ops->check(stream, SPSI_TO_WRITE);
    if (error == SPS_OK) {
        error = flush_now(stream);
    }
    return error == SPS_OK && stream->ops->flush_below != NULL ? stream->ops->flush_below(stream)
                                                               : error;
}

sps_error sps_stream_get_pending_write_bytes(const sps_stream *stream, size_t *out_bytes) {
    if (stream == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_bytes = stream->ops->in_place ? 0 : spsi_byte_queue_size(&stream->out);
    return SPS_OK;
}

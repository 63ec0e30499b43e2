// SPDX-License-Identifier: MIT
#include "streampeersocket/custom.h"

#include <string.h>

#include "base/sized_struct.h"
#include "stream/filter.h"
#include "stream/stream.h"

typedef struct custom_stream {
    sps_stream stream;
    sps_custom_operations operations;
    void *user_data;
    bool closed;       // it has ended
    bool write_closed; // a value is cut, which cannot be completed
} custom_stream;

typedef sps_error read_operation(void *user_data, uint8_t *buffer, size_t byte_count,
                                 size_t *out_received);
typedef sps_error write_operation(void *user_data, const uint8_t *data, size_t byte_count,
                                  size_t *out_sent);

static custom_stream *custom_of(sps_stream *stream) {
    return (custom_stream *)stream;
}

static sps_error check(sps_stream *stream, spsi_purpose purpose) {
    const custom_stream *custom = custom_of(stream);
    const bool writes = purpose == SPSI_TO_WRITE || purpose == SPSI_TO_GATHER;
    return custom->closed || (writes && custom->write_closed) ? SPS_FAILED : SPS_OK;
}

// Calls a get of the caller's until `least` bytes are there: a short read is no end. A count beyond
// what was asked for is a fault of the operation, and is cut before it does harm.
static sps_error read_repeatedly(const custom_stream *custom, read_operation *operation,
                                 uint8_t *buffer, size_t least, size_t most, size_t *out_read) {
    *out_read = 0;
    if (operation == NULL) {
        return SPS_CUSTOM_NOT_IMPLEMENTED;
    }
    do {
        const size_t room = most - *out_read;
        size_t count = 0;
        const sps_error error = operation(custom->user_data, buffer + *out_read, room, &count);
        *out_read += count < room ? count : room;
        if (error != SPS_OK) {
            return error;
        }
        if (count == 0) {
            return SPS_ERR_BUSY;
        }
    } while (*out_read < least);
    return SPS_OK;
}

static void flush_what_goes(custom_stream *custom) {
    spsi_byte_queue *out = &custom->stream.out;
    for (size_t left = SIZE_MAX, size; !custom->write_closed; left = size) {
        size = spsi_byte_queue_size(out);
        if (size == 0 || size == left) {
            return;
        }
        spsi_stream_flush(&custom->stream);
    }
}

// Of neither operation there is one. As Godot answers.
static sps_error or_failed(sps_error error) {
    return error == SPS_CUSTOM_NOT_IMPLEMENTED ? SPS_FAILED : error;
}

static sps_error read_custom(sps_stream *stream, uint8_t *buffer, size_t least, size_t most,
                             size_t *out_read) {
    custom_stream *custom = custom_of(stream);
    sps_error error = SPS_CUSTOM_NOT_IMPLEMENTED;
    if (least > 0) {
        flush_what_goes(custom); // the other side may need it to answer
        error =
            read_repeatedly(custom, custom->operations.get_data, buffer, least, least, out_read);
    }
    if (error == SPS_CUSTOM_NOT_IMPLEMENTED) {
        error = read_repeatedly(custom, custom->operations.get_partial_data, buffer, least, most,
                                out_read);
    }
    return or_failed(error);
}

// Calls a put of the caller's, once, or until all is written.
static sps_error write_repeatedly(const custom_stream *custom, write_operation *operation,
                                  const spsi_slice *slice, bool once, size_t *out_written) {
    *out_written = 0;
    if (operation == NULL) {
        return SPS_CUSTOM_NOT_IMPLEMENTED;
    }
    do {
        const size_t rest = slice->size - *out_written;
        size_t count = 0;
        const sps_error error =
            operation(custom->user_data, slice->data + *out_written, rest, &count);
        *out_written += count < rest ? count : rest;
        if (error != SPS_OK) {
            return error;
        }
        if (count == 0) {
            return SPS_ERR_BUSY;
        }
    } while (!once && *out_written < slice->size);
    return SPS_OK;
}

// Each patience by its own operation, or by the other if it is all that there is.
static sps_error write_piece(const custom_stream *custom, const spsi_slice *slice,
                             spsi_patience patience, size_t *out_written) {
    const bool once = patience == SPSI_NEVER_WAIT;
    write_operation *const partial = custom->operations.put_partial_data;
    write_operation *const waiting = custom->operations.put_data;
    sps_error error = write_repeatedly(custom, once ? partial : waiting, slice, once, out_written);
    if (error == SPS_CUSTOM_NOT_IMPLEMENTED) {
        error = write_repeatedly(custom, once ? waiting : partial, slice, false, out_written);
    }
    return or_failed(error);
}

static sps_error write_slices(const custom_stream *custom, const spsi_slice *slices, size_t count,
                              spsi_patience patience, size_t *out_written) {
    *out_written = 0;
    for (size_t i = 0; i < count; i++) {
        if (slices[i].size == 0) {
            continue;
        }
        size_t written;
        const sps_error error = write_piece(custom, &slices[i], patience, &written);
        *out_written += written;
        const bool is_all = written == slices[i].size;
        if (error != SPS_OK && !(error == SPS_ERR_BUSY && is_all)) {
            return error;
        }
        if (!is_all) {
            return SPS_ERR_BUSY;
        }
    }
    return SPS_OK;
}

// Keeps the rest of a value that was written in part, for the next call.
static sps_error keep_rest(custom_stream *custom, const spsi_slice *slices, size_t count,
                           size_t *out_written) {
    if (!spsi_stream_keep_rest(&custom->stream, slices, count, out_written)) {
        custom->write_closed = true; // a cut value can never be completed
        return SPS_FAILED;
    }
    return SPS_OK;
}

static sps_error write_custom(sps_stream *stream, const spsi_slice *slices, size_t count,
                              spsi_patience patience, size_t *out_written) {
    custom_stream *custom = custom_of(stream);
    const sps_error error = write_slices(custom, slices, count, patience, out_written);
    const bool has_begun = patience == SPSI_WAIT_WHOLE && *out_written > 0;
    return has_begun ? keep_rest(custom, slices, count, out_written) : error;
}

static sps_error available(sps_stream *stream, size_t *out_bytes) {
    custom_stream *custom = custom_of(stream);
    *out_bytes = 0;
    if (custom->operations.get_available_bytes == NULL) {
        return SPS_OK; // as Godot answers
    }
    return custom->operations.get_available_bytes(custom->user_data, out_bytes);
}

static sps_error ended(sps_stream *stream, sps_error end) {
    flush_what_goes(custom_of(stream));
    if (stream->above != NULL) {
        return end; // it may still be put to
    }
    custom_of(stream)->closed = true;
    spsi_stream_reset(stream);
    return end;
}

static void destroy(sps_stream *stream) {
    custom_stream *custom = custom_of(stream);
    if (!custom->closed) {
        flush_what_goes(custom);
    }
    if (custom->operations.destroy != NULL) {
        custom->operations.destroy(custom->user_data);
    }
}

static const spsi_stream_ops custom_ops = {
    .outlives_failures = true,
    .check = check,
    .read = read_custom,
    .write = write_custom,
    .available = available,
    .ended = ended,
    .destroy = destroy,
};

sps_error sps_custom_create(const sps_custom_operations *operations, void *user_data,
                            const sps_stream_options *options, sps_stream **out_stream) {
    if (out_stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_stream = NULL;
    sps_stream_options chosen;
    sps_custom_operations known;
    if (operations == NULL || !spsi_struct_read(operations, &known, sizeof known) ||
        spsi_stream_options_read(options, &chosen) != SPS_OK) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (known.poll != NULL) {
        return spsi_filter_create(&known, user_data, options, out_stream);
    }
    sps_stream *stream;
    const sps_error error =
        spsi_stream_create(options, SPSI_KIND_CUSTOM, &custom_ops, sizeof(custom_stream), &stream);
    if (error != SPS_OK) {
        return error;
    }
    spsi_stream_set_read_buffer(stream, chosen.read_buffer_bytes);
    custom_stream *custom = custom_of(stream);
    custom->operations = known;
    custom->user_data = user_data;
    *out_stream = stream;
    return SPS_OK;
}

sps_error sps_custom_get_user_data(const sps_stream *stream, void (*key)(void *user_data),
                                   void **out_user_data) {
    if (stream == NULL || key == NULL || out_user_data == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_user_data = NULL;
    const spsi_filter *filter = spsi_filter_of_const(stream);
    const bool is_custom = stream->kind == SPSI_KIND_CUSTOM;
    if (filter == NULL && !is_custom) {
        return SPS_ERR_UNAVAILABLE;
    }
    const custom_stream *custom = (const custom_stream *)stream;
    if ((is_custom ? custom->operations.destroy : filter->operations.destroy) != key) {
        return SPS_ERR_UNAVAILABLE;
    }
    *out_user_data = is_custom ? custom->user_data : filter->user_data;
    return SPS_OK;
}

// SPDX-License-Identifier: MIT
#include "streampeersocket/custom.h"

#include <string.h>

#include "sized_struct.h"
#include "stream.h"

typedef struct custom_stream {
    sps_stream stream;
    sps_custom_operations operations;
    void *user_data;
    bool closed;       // it has ended
    bool write_closed; // a write has failed
} custom_stream;

static custom_stream *custom_of(sps_stream *stream) {
    return (custom_stream *)stream;
}

static sps_error check(sps_stream *stream, spsi_purpose purpose) {
    const custom_stream *custom = custom_of(stream);
    const bool writes = purpose == SPSI_TO_WRITE || purpose == SPSI_TO_GATHER;
    return custom->closed || (writes && custom->write_closed) ? SPS_FAILED : SPS_OK;
}

// What else a caller's operation may answer is a failure for good (custom.h).
static sps_error read_answer(sps_error error) {
    switch (error) {
    case SPS_OK:
    case SPS_ERR_BUSY:
    case SPS_ERR_UNAVAILABLE:
    case SPS_ERR_FILE_EOF:
        return error;
    default:
        return SPS_FAILED;
    }
}

// Reads one time; a count beyond what was asked for would be a fault of the caller's operation,
// and is cut before it can do harm.
static sps_error read_partial(custom_stream *custom, uint8_t *buffer, size_t most,
                              size_t *out_read) {
    if (custom->operations.get_partial_data == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    const sps_error error =
        custom->operations.get_partial_data(custom->user_data, buffer, most, out_read);
    *out_read = *out_read < most ? *out_read : most;
    return error == SPS_OK && *out_read == 0 ? SPS_ERR_BUSY : read_answer(error);
}

// Waits by the caller's own operation, which may leave it to the partial one (ERR_UNAVAILABLE).
static sps_error read_waiting(custom_stream *custom, uint8_t *buffer, size_t least,
                              size_t *out_read) {
    if (custom->operations.get_data == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    const sps_error error = custom->operations.get_data(custom->user_data, buffer, least, out_read);
    *out_read = *out_read < least ? *out_read : least;
    return error == SPS_OK && *out_read < least ? SPS_FAILED : read_answer(error);
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

static sps_error read_custom(sps_stream *stream, uint8_t *buffer, size_t least, size_t most,
                             size_t *out_read) {
    custom_stream *custom = custom_of(stream);
    *out_read = 0;
    if (least == 0) {
        return read_partial(custom, buffer, most, out_read);
    }
    flush_what_goes(custom); // the other side may need it to answer
    sps_error error = read_waiting(custom, buffer, least, out_read);
    if (error != SPS_ERR_UNAVAILABLE) {
        return error;
    }
    error = SPS_OK;
    while (*out_read < least && error == SPS_OK) {
        size_t count = 0;
        error = read_partial(custom, buffer + *out_read, most - *out_read, &count);
        *out_read += count;
    }
    return *out_read >= least ? SPS_OK : error;
}

static sps_error write_partial(custom_stream *custom, const uint8_t *data, size_t size,
                               size_t *out_written) {
    if (custom->operations.put_partial_data == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    const sps_error error =
        custom->operations.put_partial_data(custom->user_data, data, size, out_written);
    *out_written = *out_written < size ? *out_written : size;
    return error == SPS_OK && *out_written == 0 ? SPS_ERR_BUSY : error;
}

static sps_error write_waiting(custom_stream *custom, const spsi_slice *slice,
                               size_t *out_written) {
    if (custom->operations.put_data == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    const sps_error error =
        custom->operations.put_data(custom->user_data, slice->data, slice->size, out_written);
    *out_written = *out_written < slice->size ? *out_written : slice->size;
    return error == SPS_OK && *out_written < slice->size ? SPS_FAILED : error;
}

static sps_error write_repeatedly(custom_stream *custom, const spsi_slice *slice,
                                  size_t *out_written) {
    sps_error error = SPS_OK;
    while (error == SPS_OK && *out_written < slice->size) {
        size_t count = 0;
        error =
            write_partial(custom, slice->data + *out_written, slice->size - *out_written, &count);
        *out_written += count;
    }
    return error;
}

// Each patience by its own operation, or by the other when it is all that there is.
static sps_error write_piece(custom_stream *custom, const spsi_slice *slice, spsi_patience patience,
                             size_t *out_written) {
    *out_written = 0;
    if (patience == SPSI_NEVER_WAIT) {
        const sps_error error = write_partial(custom, slice->data, slice->size, out_written);
        return error == SPS_ERR_UNAVAILABLE ? write_waiting(custom, slice, out_written) : error;
    }
    const sps_error error = write_waiting(custom, slice, out_written);
    return error == SPS_ERR_UNAVAILABLE ? write_repeatedly(custom, slice, out_written) : error;
}

static bool is_failure(sps_error error) {
    return error != SPS_OK && error != SPS_ERR_BUSY && error != SPS_ERR_UNAVAILABLE;
}

static sps_error write_slices(custom_stream *custom, const spsi_slice *slices, size_t count,
                              spsi_patience patience, size_t *out_written) {
    *out_written = 0;
    for (size_t i = 0; i < count; i++) {
        if (slices[i].size == 0) {
            continue;
        }
        size_t written;
        const sps_error error = write_piece(custom, &slices[i], patience, &written);
        *out_written += written;
        if (is_failure(error)) {
            custom->write_closed = true;
            return SPS_FAILED;
        }
        if (written < slices[i].size) { // all of it with ERR_BUSY is all of it
            return error == SPS_OK ? SPS_ERR_BUSY : error;
        }
    }
    return SPS_OK;
}

// A value of which only a part went is not cut: the rest waits for the next call. It has a block of its very
// size, since room behind it would take puts that are not batched.
static sps_error keep_rest(custom_stream *custom, const spsi_slice *slices, size_t count,
                           size_t *out_written) {
    size_t rest = 0;
    for (size_t i = 0; i < count; i++) {
        rest += slices[i].size;
    }
    rest -= *out_written;
    if (!spsi_stream_reserve(&custom->stream, &custom->stream.out, rest, rest)) {
        custom->write_closed = true; // what is cut can never be completed
        return SPS_FAILED;
    }
    spsi_stream_append(&custom->stream, slices, count, *out_written);
    *out_written += rest;
    return SPS_OK;
}

static sps_error write_custom(sps_stream *stream, const spsi_slice *slices, size_t count,
                              spsi_patience patience, size_t *out_written) {
    custom_stream *custom = custom_of(stream);
    const sps_error error = write_slices(custom, slices, count, patience, out_written);
    const bool is_done = error == SPS_OK || error == SPS_FAILED || *out_written == 0;
    return patience == SPSI_WAIT_WHOLE && !is_done ? keep_rest(custom, slices, count, out_written)
                                                   : error;
}

static sps_error available(sps_stream *stream, size_t *out_bytes) {
    custom_stream *custom = custom_of(stream);
    *out_bytes = 0;
    if (custom->operations.get_available_bytes == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    return custom->operations.get_available_bytes(custom->user_data, out_bytes);
}

static void ended(sps_stream *stream, sps_error end) {
    (void)end;
    flush_what_goes(custom_of(stream));
    custom_of(stream)->closed = true;
    spsi_stream_reset(stream);
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

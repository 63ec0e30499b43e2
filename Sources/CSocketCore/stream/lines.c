// SPDX-License-Identifier: MIT
//
// Text up to a delimiter. A call that finds none in a long line records how far it has searched. So
// it searches each byte once, however the line arrives. It searches the beginning of a line again,
// which costs less than a record.
#include "streampeersocket/lines.h"

#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "stream/stream.h"

typedef struct span {
    const uint8_t *bytes;
    size_t size; // at least 1
} span;

// Where it begins, at `from` or behind; `size` when it is not there.
static size_t find(const uint8_t *data, size_t size, size_t from, span sought) {
    while (size - from >= sought.size) {
        const uint8_t *first = memchr(data + from, sought.bytes[0], size - from - sought.size + 1);
        if (first == NULL) {
            break;
        }
        from = (size_t)(first - data);
        if (memcmp(first, sought.bytes, sought.size) == 0) {
            return from;
        }
        from++;
    }
    return size;
}

// ---- How far a line was looked through

enum { LEAST_REMEMBERED_BYTES = 256 };

// No delimiter begins in the first `seen` bytes of the read queue. Valid while head and moves are
// unchanged: then nothing was consumed.
struct spsi_scan {
    size_t seen;
    const uint8_t *head;
    uint32_t moves;
    size_t delimiter_bytes;
    uint8_t delimiter[];
};

static size_t scan_bytes(size_t delimiter_bytes) {
    return sizeof(struct spsi_scan) + delimiter_bytes;
}

void spsi_stream_forget_scan(sps_stream *stream) {
    if (stream->scan != NULL) {
        spsi_free(&stream->allocator, stream->scan, scan_bytes(stream->scan->delimiter_bytes));
        stream->scan = NULL;
    }
}

static bool is_scan_for(const struct spsi_scan *scan, span sought) {
    return scan != NULL && scan->delimiter_bytes == sought.size &&
           memcmp(scan->delimiter, sought.bytes, sought.size) == 0;
}

static size_t recall(const sps_stream *stream, span sought) {
    const struct spsi_scan *scan = stream->scan;
    return is_scan_for(scan, sought) && scan->head == stream->in.head &&
                   scan->moves == stream->read_moves
               ? scan->seen
               : 0;
}

// Without memory for it, the next call looks again.
static void remember(sps_stream *stream, span sought, size_t seen) {
    if (seen < LEAST_REMEMBERED_BYTES) {
        return;
    }
    if (!is_scan_for(stream->scan, sought)) {
        spsi_stream_forget_scan(stream);
        stream->scan = spsi_allocate(&stream->allocator, scan_bytes(sought.size));
        if (stream->scan == NULL) {
            return;
        }
        stream->scan->delimiter_bytes = sought.size;
        memcpy(stream->scan->delimiter, sought.bytes, sought.size);
    }
    stream->scan->seen = seen;
    stream->scan->head = stream->in.head;
    stream->scan->moves = stream->read_moves;
}

// ---- Gets

// Room to read more of a line: as much again as has come. Otherwise a long line would be read byte
// by byte. A stream without read-ahead reads one byte more.
static size_t room_to_go_on(const sps_stream *stream, size_t size, size_t most) {
    const size_t twice = 2 * size < most ? 2 * size : most;
    return twice <= size || stream->read_buffer_bytes == 0 ? size + 1 : twice;
}

// Reads until the delimiter is buffered, and tells how much stands before it.
static sps_error await(sps_stream *stream, span sought, size_t most, spsi_patience patience,
                       size_t *out_before) {
    size_t from = recall(stream, sought);
    spsi_stream_begin(stream);
    for (;;) {
        const size_t size = spsi_byte_queue_size(&stream->in);
        *out_before = size > 0 ? find(stream->in.head, size, from, sought) : 0;
        if (*out_before < size) {
            spsi_stream_forget_scan(stream);
            return *out_before <= most ? SPS_OK : SPS_ERR_INVALID_DATA;
        }
        if (size >= most + sought.size) {
            return SPS_ERR_INVALID_DATA;
        }
        from = size >= sought.size ? size - sought.size + 1 : 0;
        const size_t want = room_to_go_on(stream, size, most + sought.size);
        spsi_stream_make_room(stream, size + 1);
        const sps_error error = spsi_stream_fill_on(stream, size + 1, want, patience);
        if (error != SPS_OK) {
            remember(stream, sought, from);
            const bool is_over =
                error == stream->read_end && spsi_byte_queue_size(&stream->in) == 0;
            const sps_error finished = is_over ? spsi_stream_finish(stream) : error;
            return patience == SPSI_WAIT ? error : finished;
        }
    }
}

static sps_error get_until(sps_stream *stream, span sought, size_t max_bytes,
                           spsi_patience patience, size_t *out_before) {
    if (stream == NULL || sought.bytes == NULL || sought.size == 0 ||
        sought.size > stream->max_value_bytes || max_bytes > stream->max_value_bytes) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const size_t most = max_bytes != 0 ? max_bytes : stream->max_value_bytes;
    return await(stream, sought, most, patience, out_before);
}

static sps_error get_bytes(sps_stream *stream, span sought, size_t max_bytes,
                           spsi_patience patience, const uint8_t **out_data, size_t *out_bytes) {
    if (out_data == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_data = NULL;
    *out_bytes = 0;
    size_t before;
    const sps_error error = get_until(stream, sought, max_bytes, patience, &before);
    if (error == SPS_OK) {
        *out_data = stream->in.head;
        *out_bytes = before;
        spsi_byte_queue_consume(&stream->in, before + sought.size);
    }
    return error;
}

sps_error sps_stream_get_until(sps_stream *stream, const void *delimiter, size_t delimiter_bytes,
                               size_t max_bytes, const uint8_t **out_data, size_t *out_bytes) {
    return get_bytes(stream, (span){delimiter, delimiter_bytes}, max_bytes, SPSI_WAIT, out_data,
                     out_bytes);
}

sps_error sps_stream_try_get_until(sps_stream *stream, const void *delimiter,
                                   size_t delimiter_bytes, size_t max_bytes,
                                   const uint8_t **out_data, size_t *out_bytes) {
    return get_bytes(stream, (span){delimiter, delimiter_bytes}, max_bytes, SPSI_NEVER_WAIT,
                     out_data, out_bytes);
}

// A "\r" before the end is no part of the line, but counts to max_bytes.
static sps_error get_line(sps_stream *stream, size_t max_bytes, spsi_patience patience,
                          const char **out_text, size_t *out_bytes) {
    static const span newline = {(const uint8_t *)"\n", 1};
    if (out_text == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_text = NULL;
    *out_bytes = 0;
    size_t before;
    const sps_error error = get_until(stream, newline, max_bytes, patience, &before);
    if (error != SPS_OK) {
        return error;
    }
    const uint8_t *line = stream->in.head;
    const size_t bytes = before > 0 && line[before - 1] == '\r' ? before - 1 : before;
    if (!spsi_utf8_is_valid(line, bytes)) {
        return SPS_ERR_INVALID_DATA;
    }
    spsi_byte_queue_consume(&stream->in, before + newline.size);
    *out_text = (const char *)line;
    *out_bytes = bytes;
    return SPS_OK;
}

sps_error sps_stream_get_line(sps_stream *stream, size_t max_bytes, const char **out_text,
                              size_t *out_bytes) {
    return get_line(stream, max_bytes, SPSI_WAIT, out_text, out_bytes);
}

sps_error sps_stream_try_get_line(sps_stream *stream, size_t max_bytes, const char **out_text,
                                  size_t *out_bytes) {
    return get_line(stream, max_bytes, SPSI_NEVER_WAIT, out_text, out_bytes);
}

sps_error sps_stream_put_text(sps_stream *stream, const char *text, size_t byte_count) {
    const uint8_t *bytes = (const uint8_t *)text;
    if (stream == NULL || !spsi_is_length(byte_count) || (text == NULL && byte_count > 0) ||
        !spsi_utf8_is_valid(bytes, byte_count)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const spsi_slice slice = {bytes, byte_count};
    size_t unused;
    return spsi_stream_put(stream, &slice, 1, &unused);
}

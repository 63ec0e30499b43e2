// SPDX-License-Identifier: MIT
#include "support/memory_streams.h"

#include <string.h>

sps_stream *make_buffer(const sps_stream_options *options) {
    sps_stream *buffer = NULL;
    OK(sps_buffer_create(options, &buffer));
    return buffer;
}

sps_stream *make_buffer_of(const char *bytes) {
    sps_stream *buffer = make_buffer(NULL);
    OK(sps_buffer_set_data_array(buffer, bytes, strlen(bytes)));
    return buffer;
}

size_t position_of(const sps_stream *buffer) {
    size_t position;
    OK(sps_buffer_get_position(buffer, &position));
    return position;
}

size_t size_of(const sps_stream *buffer) {
    size_t size;
    OK(sps_buffer_get_size(buffer, &size));
    return size;
}

size_t available(sps_stream *buffer) {
    size_t bytes;
    OK(sps_stream_get_available_bytes(buffer, &bytes));
    return bytes;
}

void expect_all(const sps_stream *buffer, const void *expected, size_t count) {
    const uint8_t *data;
    size_t size;
    OK(sps_buffer_get_data_array(buffer, &data, &size));
    ck_assert_uint_eq(size, count);
    if (count > 0) {
        ck_assert_mem_eq(data, expected, count);
    } else {
        ck_assert_ptr_null(data);
    }
}

void expect_text(const sps_stream *buffer, const char *expected) {
    expect_all(buffer, expected, strlen(expected));
}

// SPDX-License-Identifier: MIT
//
// What the tests of streams in memory share.
#ifndef BUFFER_SUPPORT_H
#define BUFFER_SUPPORT_H

#include "support/support.h"

sps_stream *make_buffer(const sps_stream_options *options);
sps_stream *make_buffer_of(const char *text);

size_t position_of(const sps_stream *buffer);
size_t size_of(const sps_stream *buffer);
size_t available(sps_stream *buffer);

// The buffer must hold this, wherever its position is.
void expect_all(const sps_stream *buffer, const void *expected, size_t count);
void expect_text(const sps_stream *buffer, const char *expected);

#endif

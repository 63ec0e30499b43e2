// SPDX-License-Identifier: MIT
#ifndef LIBUV_HPP
#define LIBUV_HPP

#include <cstdio>
#include <cstdlib>

#include <uv.h>

#include "bench.hpp"

inline void check_uv(int p_result, const char *p_what) {
    if (p_result < 0) {
        fprintf(stderr, "%s: %s\n", p_what, uv_strerror(p_result));
        exit(EXIT_FAILURE);
    }
}

// One connection, TCP or Unix, on the loop.
class Peer {
  public:
    Peer(uv_loop_t *p_loop, Transport p_transport, int p_fd) {
        if (p_transport == Transport::tcp) {
            check_uv(uv_tcp_init(p_loop, &handle_.tcp), "uv_tcp_init");
            check_uv(uv_tcp_open(&handle_.tcp, p_fd), "uv_tcp_open");
        } else {
            check_uv(uv_pipe_init(p_loop, &handle_.pipe, 0), "uv_pipe_init");
            check_uv(uv_pipe_open(&handle_.pipe, p_fd), "uv_pipe_open");
        }
    }

    uv_stream_t *stream() { return &handle_.stream; }

    void read_start(void *p_reader, uv_alloc_cb p_alloc, uv_read_cb p_read) {
        handle_.stream.data = p_reader;
        check_uv(uv_read_start(stream(), p_alloc, p_read), "uv_read_start");
    }

  private:
    union {
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } handle_ = {};
};

// Writes all bytes, and returns after the OS has taken them.
inline void write_all(uv_stream_t *p_stream, uint8_t *p_bytes, size_t p_count) {
    uv_buf_t buffer =
        uv_buf_init(reinterpret_cast<char *>(p_bytes), static_cast<unsigned>(p_count));
    const int sent = uv_try_write(p_stream, &buffer, 1);
    if (sent == static_cast<int>(p_count)) {
        return;
    }
    if (sent != UV_EAGAIN) {
        check_uv(sent, "uv_try_write");
        buffer.base += sent;
        buffer.len -= static_cast<size_t>(sent);
    }
    bool done = false;
    uv_write_t request;
    request.data = &done;
    const auto written = [](uv_write_t *p_request, int p_status) {
        check_uv(p_status, "uv_write");
        *static_cast<bool *>(p_request->data) = true;
    };
    check_uv(uv_write(&request, p_stream, &buffer, 1, written), "uv_write");
    while (!done) {
        uv_run(p_stream->loop, UV_RUN_ONCE);
    }
}

#endif

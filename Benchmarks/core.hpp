// SPDX-License-Identifier: MIT
#ifndef CORE_HPP
#define CORE_HPP

#include <streampeersocket/streampeersocket.h>

#include "bench.hpp"

inline void check(sps_error p_error) {
    if (p_error != SPS_OK) {
        check(false, sps_error_name(p_error));
    }
}

/** A stream on a connection that stands. */
class Peer {
  public:
    Peer(Transport p_transport, int p_fd);
    ~Peer();
    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;
    Peer(Peer &&r_other) noexcept : stream_(r_other.stream_), fd_(r_other.fd_) {
        r_other.stream_ = nullptr;
    }

    operator sps_stream *() const { return stream_; }

    void wait_writable();

  private:
    sps_stream *stream_ = nullptr;
    int fd_; // the stream's
};

/* core_frames.cpp; nullptr where the library has no poller. */
extern const Run core_frames;
extern const char *const core_why_no_frames;

/* core_served.cpp */
extern const ServedRows core_served;

/* core_variants.cpp */
extern const VariantRows core_variants;

#endif

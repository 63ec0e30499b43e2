// SPDX-License-Identifier: MIT
//
// The frames of many peers, with the poller. The file compiles to nothing if the library has no
// poller.h.
#include "core.hpp"

#if __has_include(<streampeersocket/poller.h>)

#include <streampeersocket/poller.h>

namespace {

class Crowd {
  public:
    explicit Crowd(const Work &p_work) {
        check(sps_poller_create(nullptr, &poller_));
        peers_.reserve(p_work.peers);
        for (size_t i = 0; i < p_work.peers; i++) {
            const int fd = FIRST_FD + static_cast<int>(i);
            peers_.emplace_back(p_work.transport, fd);
            check(sps_poller_add(poller_, peers_.back(), nullptr));
        }
    }

    ~Crowd() { sps_poller_destroy(poller_); }

    // Returns the number of bytes read.
    size_t frame() {
        size_t waiting, bytes = 0;
        check(sps_poller_wait(poller_, 0, &waiting));
        sps_event event = {};
        event.struct_size = sizeof event;
        while (waiting > 0 && sps_poller_next_event(poller_, &event) == SPS_OK) {
            if (event.kinds & SPS_EVENT_READABLE) {
                bytes += read(event.stream);
            }
        }
        return bytes;
    }

  private:
    static size_t read(sps_stream *p_stream) {
        const uint8_t *data;
        size_t bytes;
        check(sps_stream_peek(p_stream, 0, &data, &bytes));
        check(sps_stream_consume(p_stream, bytes));
        return bytes;
    }

    sps_poller *poller_;
    std::vector<Peer> peers_;
};

void frames(const Work &p_work) {
    Crowd crowd(p_work);
    measure_frames(p_work, [&] { return crowd.frame(); });
}

} // namespace

const Run core_frames = frames;
const char *const core_why_no_frames = "";

#else

const Run core_frames = nullptr;
const char *const core_why_no_frames = "the library has no poller yet";

#endif

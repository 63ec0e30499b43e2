// SPDX-License-Identifier: MIT
//
// Echoes on many connections, and connections that come and go, with the poller.
#include "core.hpp"

#include <streampeersocket/poller.h>

namespace {

class Loop {
  public:
    Loop() { check(sps_poller_create(nullptr, &poller_)); }
    ~Loop() { sps_poller_destroy(poller_); }
    Loop(const Loop &) = delete;
    Loop &operator=(const Loop &) = delete;

    operator sps_poller *() const { return poller_; }

    /** Waits, and calls p_handle for each event. */
    template <class Handle> void turn(Handle p_handle) {
        size_t waiting;
        check(sps_poller_wait(poller_, -1, &waiting));
        sps_event event = {};
        event.struct_size = sizeof event;
        while (waiting > 0 && sps_poller_next_event(poller_, &event) == SPS_OK) {
            p_handle(event);
        }
    }

  private:
    sps_poller *poller_ = nullptr;
};

class Echoed {
  public:
    explicit Echoed(const Work &p_work) {
        peers_.reserve(p_work.peers);
        for (size_t i = 0; i < p_work.peers; i++) {
            peers_.emplace_back(p_work.transport, FIRST_FD + static_cast<int>(i));
            check(sps_poller_add(loop_, peers_.back(), nullptr));
            put(peers_.back());
        }
    }

    /** Takes the messages that have come back. If p_again, it sends them again. */
    size_t turn(bool p_again) {
        size_t done = 0;
        loop_.turn([&](const sps_event &p_event) {
            check(sps_stream_get_data(p_event.stream, message_, sizeof message_, nullptr));
            if (p_again) {
                put(p_event.stream);
            }
            done++;
        });
        return done;
    }

  private:
    void put(sps_stream *p_stream) {
        check(sps_stream_put_data(p_stream, message_, sizeof message_, nullptr));
    }

    uint8_t message_[MESSAGE_BYTES] = {};
    Loop loop_;
    std::vector<Peer> peers_;
};

void trips(const Work &p_work) {
    Echoed echoed(p_work);
    Meter meter(p_work);
    while (meter.add(echoed.turn(true))) {
    }
}

void idle(const Work &p_work) {
    Echoed echoed(p_work);
    for (size_t done = 0; done < p_work.peers;) {
        done += echoed.turn(false);
    }
    print_memory(p_work);
}

void connects(const Work &p_work) {
    const int32_t port = partner_port();
    Loop loop;
    Meter meter(p_work);
    do {
        sps_stream *stream;
        check(sps_tcp_create(nullptr, &stream));
        check(sps_poller_add(loop, stream, nullptr));
        check(sps_tcp_connect(stream, "127.0.0.1", port));
        sps_status status = SPS_STATUS_CONNECTING;
        while (status == SPS_STATUS_CONNECTING) {
            loop.turn([&](const sps_event &) { check(sps_socket_get_status(stream, &status)); });
        }
        check(sps_socket_disconnect(stream));
        sps_stream_destroy(stream);
    } while (meter.add(1));
}

// Returns how many connections have ended.
size_t serve(Loop &r_loop) {
    size_t ended = 0;
    r_loop.turn([&](const sps_event &p_event) {
        if (p_event.kinds & SPS_EVENT_CONNECTION_AVAILABLE) {
            sps_stream *stream;
            while (sps_server_take_connection(p_event.server, &stream) == SPS_OK) {
                check(sps_poller_add(r_loop, stream, nullptr));
            }
        } else if (p_event.kinds & (SPS_EVENT_FINISHED | SPS_EVENT_CLOSED)) {
            sps_stream_destroy(p_event.stream);
            ended++;
        }
    });
    return ended;
}

void accepts(const Work &p_work) {
    sps_server *server;
    int32_t port;
    check(sps_tcp_server_create(nullptr, &server));
    check(sps_tcp_server_listen(server, 0, "127.0.0.1"));
    check(sps_tcp_server_get_local_port(server, &port));
    Loop loop;
    check(sps_poller_add_server(loop, server, nullptr));
    tell_partner(static_cast<uint16_t>(port));
    Meter meter(p_work);
    while (meter.add(serve(loop))) {
    }
    sps_server_destroy(server);
}

} // namespace

const ServedRows core_served = {trips, idle, connects, accepts};

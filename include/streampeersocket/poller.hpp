/* SPDX-License-Identifier: MIT */
/**
 * @file poller.hpp
 * Many sockets in one loop: sps::SocketPoller and its sps::SocketEvent.
 */
#ifndef STREAMPEERSOCKET_POLLER_HPP
#define STREAMPEERSOCKET_POLLER_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>

#include "server.hpp"

namespace sps {

/**
 * The events of one stream or server: sps_event. It points to no C++ object. So it stays valid if
 * the StreamPeerTCP moves or ends.
 */
class SocketEvent {
  public:
    /**
     * @name SPS_EVENT_CONNECTED and the others. Handle several at once in this order.
     */
    ///@{
    bool is_connected() const { return has(SPS_EVENT_CONNECTED); }
    bool is_readable() const { return has(SPS_EVENT_READABLE); }
    bool is_writable() const { return has(SPS_EVENT_WRITABLE); }
    bool is_finished() const { return has(SPS_EVENT_FINISHED); }
    bool is_closed() const { return has(SPS_EVENT_CLOSED); }
    bool is_connection_available() const { return has(SPS_EVENT_CONNECTION_AVAILABLE); }
    ///@}

    /** The reason with is_closed() and is_finished(), otherwise CLOSE_NONE. */
    StreamPeerSocket::CloseReason get_close_reason() const {
        return static_cast<StreamPeerSocket::CloseReason>(event_.close_reason);
    }

    /** Returns whether the event belongs to this object. */
    bool is_of(const StreamPeer &p_peer) const {
        return event_.stream != nullptr && event_.stream == p_peer.handle();
    }
    bool is_of(const SocketServer &p_server) const {
        return event_.server != nullptr && event_.server == p_server.handle();
    }

    /**
     * Returns the pointer of SocketPoller::add(), as that type: event.get_user_data<Player>(). It
     * must be exactly the type that was added, neither a base nor a derived class.
     */
    template <class User = void> User *get_user_data() const {
        return static_cast<User *>(event_.user_data);
    }

  private:
    friend class SocketPoller;

    bool has(uint32_t p_kind) const { return (event_.kinds & p_kind) != 0; }

    sps_error take_from(sps_poller *p_poller) {
        event_.struct_size = sizeof event_;
        return sps_poller_next_event(p_poller, &event_);
    }

    sps_event event_{};
};

/**
 * Waits for many streams and servers at once. Godot has no counterpart. The contract: poller.h.
 *
 *     poller.add(*player->peer, player);
 *     ...
 *     poller.wait(0); // each frame; -1 blocks until an event
 *     for (const sps::SocketEvent &event : poller.events()) {
 *         if (event.is_of(server)) { ... take_connection() until it is null ... }
 *         Player *player = event.get_user_data<Player>();
 *         ...
 *     }
 *
 * The poller does not own its streams and servers, and either may end first. A destroyed stream or
 * server leaves the poller, and its pending events are dropped. A moved one stays in the poller.
 * The user data must stay valid while its stream is in the poller. Let one object own the stream
 * and be the user data, at a stable address (std::unique_ptr).
 */
class SocketPoller : public detail::Owner<sps_poller> {
  public:
    /** sps_poller_create(). */
    explicit SocketPoller(const sps_poller_options *p_options = nullptr)
        : Owner(sps_poller_create, p_options) {}

    /** sps_poller_add(). Of other kinds of streams it takes filters only (custom.h). */
    Error add(StreamPeer &p_peer, void *p_user_data = nullptr) {
        return remember(sps_poller_add(handle(), p_peer.handle(), p_user_data));
    }

    /** sps_poller_add_server(). */
    Error add(SocketServer &p_server, void *p_user_data = nullptr) {
        return remember(sps_poller_add_server(handle(), p_server.handle(), p_user_data));
    }

    /** sps_poller_remove(). */
    Error remove(StreamPeer &p_peer) {
        return remember(sps_poller_remove(handle(), p_peer.handle()));
    }

    /** sps_poller_remove_server(). */
    Error remove(SocketServer &p_server) {
        return remember(sps_poller_remove_server(handle(), p_server.handle()));
    }

    /** sps_poller_get_timeout_us(): microseconds, or -1. */
    int64_t get_timeout_us() const {
        int64_t time_us = -1;
        sps_poller_get_timeout_us(handle(), &time_us);
        return time_us;
    }

    /** sps_poller_get_fd(): the descriptor, or -1 if this platform has none. */
    intptr_t get_fd() const {
        intptr_t fd = -1;
        sps_poller_get_fd(handle(), &fd);
        return fd;
    }

    /** sps_poller_wait(). Returns how many streams and servers have events. 0 is not a failure. */
    int wait(int p_timeout_ms) {
        size_t count = 0;
        remember(sps_poller_wait(handle(), p_timeout_ms, &count));
        return detail::to_int(count);
    }

    /** sps_poller_next_event(). false and ERR_BUSY if none is left. */
    bool next_event(SocketEvent &r_event) { return remember(r_event.take_from(handle())) == OK; }

    /**
     * The range of events(), for one pass: in C++20 a std::ranges::input_range. It takes each event
     * when the loop reaches it.
     */
    class Events {
      public:
        struct End {};

        class Iterator {
          public:
            using value_type = SocketEvent;
            using difference_type = std::ptrdiff_t;

            explicit Iterator(Events *p_events) : events_(p_events) {}
            const SocketEvent &operator*() const { return events_->event_; }
            const SocketEvent *operator->() const { return &events_->event_; }
            Iterator &operator++() {
                events_->take();
                return *this;
            }
            void operator++(int) { events_->take(); }

            friend bool operator==(const Iterator &p_at, End) { return p_at.is_at_end(); }
            friend bool operator==(End, const Iterator &p_at) { return p_at.is_at_end(); }
            friend bool operator!=(const Iterator &p_at, End) { return !p_at.is_at_end(); }
            friend bool operator!=(End, const Iterator &p_at) { return !p_at.is_at_end(); }

          private:
            bool is_at_end() const { return !events_->has_event_; }

            Events *events_;
        };

        Iterator begin() {
            take();
            return Iterator(this);
        }
        End end() const { return {}; }

      private:
        friend class SocketPoller;
        explicit Events(sps_poller *p_poller) : poller_(p_poller) {}

        void take() { has_event_ = event_.take_from(poller_) == SPS_OK; }

        sps_poller *poller_;
        SocketEvent event_;
        bool has_event_ = false;
    };

    /**
     * Returns the pending events, for a range-based for. The loop may add, remove and destroy
     * streams and servers. It may also stop: the events that it has not reached stay pending. The
     * poller must exist until the loop ends. get_last_error() does not change.
     */
    Events events() { return Events(handle()); }

    /**
     * sps_poller_wake(). Any thread and any signal handler may call it while this object exists and
     * is not moved. So it does not change get_last_error().
     */
    Error wake() const { return static_cast<Error>(sps_poller_wake(handle())); }
};

} // namespace sps

#endif

#include "end.inc"

#endif

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
 * What has happened to one stream or server; sps_event. It points to nothing of C++, so it is all
 * the same where the StreamPeerTCP is by now: whether it was moved, or is gone.
 */
class SocketEvent {
  public:
    /** @name SPS_EVENT_CONNECTED and its kin; several at once are to be read in this order. */
    ///@{
    bool is_connected() const { return has(SPS_EVENT_CONNECTED); }
    bool is_readable() const { return has(SPS_EVENT_READABLE); }
    bool is_writable() const { return has(SPS_EVENT_WRITABLE); }
    bool is_finished() const { return has(SPS_EVENT_FINISHED); }
    bool is_closed() const { return has(SPS_EVENT_CLOSED); }
    bool is_connection_available() const { return has(SPS_EVENT_CONNECTION_AVAILABLE); }
    ///@}

    /** With is_closed() and is_finished(): why. Else CLOSE_NONE. */
    StreamPeerSocket::CloseReason get_close_reason() const {
        return static_cast<StreamPeerSocket::CloseReason>(event_.close_reason);
    }

    /** Whether it is this object's. */
    bool is_of(const StreamPeerSocket &p_peer) const {
        return event_.stream != nullptr && event_.stream == p_peer.handle();
    }
    bool is_of(const SocketServer &p_server) const {
        return event_.server != nullptr && event_.server == p_server.handle();
    }

    /**
     * What was given to SocketPoller::add(), as that type: event.get_user_data<Player>(). It must be
     * the very type that was given, and neither a base of it nor derived from it.
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
 * Many streams and servers, one wait. Not in Godot. The contract: poller.h.
 *
 *     poller.add(*player->peer, player);
 *     ...
 *     poller.wait(0); // each frame; -1 waits until something happens
 *     for (const sps::SocketEvent &event : poller.events()) {
 *         if (event.is_of(server)) { ... take_connection() until it is null ... }
 *         Player *player = event.get_user_data<Player>();
 *         ...
 *     }
 *
 * It owns nothing that is in it, and either may end first: a stream or server that is destroyed
 * leaves the poller, and what was told of it is dropped. One that is moved stays in it. A pointer
 * that was given with it must be good for as long as it is in: let one object own the stream and be
 * what is pointed to, and have a place of its own (std::unique_ptr).
 */
class SocketPoller : public detail::Owner<sps_poller> {
  public:
    /** sps_poller_create(). */
    explicit SocketPoller(const sps_poller_options *p_options = nullptr)
        : Owner(sps_poller_create, p_options) {}

    /** sps_poller_add(). */
    Error add(StreamPeerSocket &p_peer, void *p_user_data = nullptr) {
        return remember(sps_poller_add(handle(), p_peer.handle(), p_user_data));
    }

    /** sps_poller_add_server(). */
    Error add(SocketServer &p_server, void *p_user_data = nullptr) {
        return remember(sps_poller_add_server(handle(), p_server.handle(), p_user_data));
    }

    /** sps_poller_remove(). */
    Error remove(StreamPeerSocket &p_peer) {
        return remember(sps_poller_remove(handle(), p_peer.handle()));
    }

    /** sps_poller_remove_server(). */
    Error remove(SocketServer &p_server) {
        return remember(sps_poller_remove_server(handle(), p_server.handle()));
    }

    /** sps_poller_wait(): how many have events to be taken. 0 is no failure. */
    int wait(int p_timeout_ms) {
        size_t count = 0;
        remember(sps_poller_wait(handle(), p_timeout_ms, &count));
        return detail::to_int(count);
    }

    /** sps_poller_next_event(); false, and ERR_BUSY, when none is left. */
    bool next_event(SocketEvent &r_event) { return remember(r_event.take_from(handle())) == OK; }

    /** What events() gives: a range for one pass, which takes each event as the loop comes to it. */
    class Events {
      public:
        struct End {};

        class Iterator {
          public:
            explicit Iterator(Events *p_events) : events_(p_events) {}
            const SocketEvent &operator*() const { return events_->event_; }
            const SocketEvent *operator->() const { return &events_->event_; }
            Iterator &operator++() {
                events_->take();
                return *this;
            }
            bool operator!=(End) const { return events_->has_event_; }
            bool operator==(End) const { return !events_->has_event_; }

          private:
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
     * The events that wait to be taken, for a range-based for. Streams and servers may be added,
     * removed and destroyed inside the loop, and the loop may be left: what it has not come to is
     * kept. The poller must exist until the loop ends. get_last_error() stays as it was.
     */
    Events events() { return Events(handle()); }

    /**
     * sps_poller_wake(): ends the wait that is under way, or the next one. Any thread may call it,
     * and a signal's handler, while this object exists and is not moved; so it leaves
     * get_last_error() alone.
     */
    Error wake() const { return static_cast<Error>(sps_poller_wake(handle())); }
};

} // namespace sps

#endif

#include "end.inc"

#endif

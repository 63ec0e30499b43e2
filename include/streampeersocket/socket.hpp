/* SPDX-License-Identifier: MIT */
/**
 * @file socket.hpp
 * The common part of TCP and Unix streams: sps::StreamPeerSocket.
 */
#ifndef STREAMPEERSOCKET_SOCKET_HPP
#define STREAMPEERSOCKET_SOCKET_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstdint>

#include "stream.hpp"

namespace sps {

/** sps_close_reason_name(). */
inline const char *close_reason_name(int32_t p_reason) {
    return sps_close_reason_name(p_reason);
}

/** The common part of TCP and Unix streams. Godot: StreamPeerSocket. The contract: socket.h. */
class StreamPeerSocket : public StreamPeer {
  public:
    /** Godot's StreamPeerSocket.Status; sps_status. */
    enum Status : int32_t {
        STATUS_NONE = SPS_STATUS_NONE,
        STATUS_CONNECTING = SPS_STATUS_CONNECTING,
        STATUS_CONNECTED = SPS_STATUS_CONNECTED,
        STATUS_ERROR = SPS_STATUS_ERROR
    };

    /** Owns a socket of either kind, such as one of sps_server_take_connection(). */
    explicit StreamPeerSocket(Adopt p_owned) : StreamPeer(p_owned) {}

    /** sps_socket_poll(). */
    Error poll() { return remember(sps_socket_poll(handle())); }

    /** sps_socket_get_status(). */
    Status get_status() const { return static_cast<Status>(look(sps_socket_get_status)); }

    /** sps_socket_disconnect(). */
    void disconnect_from_host() { remember(sps_socket_disconnect(handle())); }

    /** sps_socket_shutdown_write(). */
    Error shutdown_write() { return remember(sps_socket_shutdown_write(handle())); }

    /** sps_socket_close_gracefully(). */
    Error close_gracefully(int p_timeout_ms = 0) {
        return remember(sps_socket_close_gracefully(handle(), to_ms(p_timeout_ms)));
    }

    /** sps_socket_close_and_wait(). */
    Error close_and_wait(int p_timeout_ms = 0) {
        return remember(sps_socket_close_and_wait(handle(), to_ms(p_timeout_ms)));
    }

    /** Why the socket was closed: sps_close_reason. */
    enum CloseReason : int32_t {
        CLOSE_NONE = SPS_CLOSE_NONE,
        CLOSE_LOCAL = SPS_CLOSE_LOCAL,
        CLOSE_PEER_FINISHED = SPS_CLOSE_PEER_FINISHED,
        CLOSE_RESET = SPS_CLOSE_RESET,
        CLOSE_REFUSED = SPS_CLOSE_REFUSED,
        CLOSE_UNREACHABLE = SPS_CLOSE_UNREACHABLE,
        CLOSE_CONNECT_TIMED_OUT = SPS_CLOSE_CONNECT_TIMED_OUT,
        CLOSE_NAME_NOT_FOUND = SPS_CLOSE_NAME_NOT_FOUND,
        CLOSE_NOT_ACKNOWLEDGED = SPS_CLOSE_NOT_ACKNOWLEDGED,
        CLOSE_NO_RESOURCES = SPS_CLOSE_NO_RESOURCES,
        CLOSE_FAILED = SPS_CLOSE_FAILED,
        CLOSE_KEEPALIVE = SPS_CLOSE_KEEPALIVE,
        CLOSE_IDLE = SPS_CLOSE_IDLE,
        CLOSE_PUT_TIMED_OUT = SPS_CLOSE_PUT_TIMED_OUT,
        CLOSE_GRACE_TIMED_OUT = SPS_CLOSE_GRACE_TIMED_OUT,
        CLOSE_LIMIT = SPS_CLOSE_LIMIT,
        CLOSE_LOOKUP_FAILED = SPS_CLOSE_LOOKUP_FAILED,
        CLOSE_TRUNCATED = SPS_CLOSE_TRUNCATED,
        CLOSE_PROTOCOL = SPS_CLOSE_PROTOCOL,
        CLOSE_UNTRUSTED = SPS_CLOSE_UNTRUSTED
    };

    /** sps_socket_get_close_reason(). */
    CloseReason get_close_reason() const {
        return static_cast<CloseReason>(look(sps_socket_get_close_reason));
    }

    /** sps_socket_get_os_error(). */
    int32_t get_os_error() const { return look(sps_socket_get_os_error); }

    /** sps_socket_get_wait(). It waits for nothing if the call fails. */
    sps_socket_wait get_wait() const {
        sps_socket_wait wait = {};
        wait.struct_size = sizeof wait;
        remember(sps_socket_get_wait(handle(), &wait));
        return wait;
    }

    /** sps_socket_set_connect_timeout(). */
    Error set_connect_timeout(int p_timeout_ms) {
        return remember(sps_socket_set_connect_timeout(handle(), to_ms(p_timeout_ms)));
    }

    /** sps_socket_set_attempt_delay(). */
    Error set_attempt_delay(int p_delay_ms) {
        return remember(sps_socket_set_attempt_delay(handle(), to_ms(p_delay_ms)));
    }

    /** sps_socket_set_io_timeout(). */
    Error set_io_timeout(int p_timeout_ms) {
        return remember(sps_socket_set_io_timeout(handle(), to_ms(p_timeout_ms)));
    }

    /** sps_socket_set_idle_timeout(). */
    Error set_idle_timeout(int p_timeout_ms) {
        return remember(sps_socket_set_idle_timeout(handle(), to_ms(p_timeout_ms)));
    }

    /** The sizes of the OS's socket buffers. */
    struct OsBuffers {
        int send_bytes = 0;
        int receive_bytes = 0;
    };

    /** sps_socket_set_os_buffers(). */
    Error set_os_buffers(int p_send_bytes, int p_receive_bytes) {
        return remember(p_send_bytes < 0 || p_receive_bytes < 0
                            ? SPS_ERR_INVALID_PARAMETER
                            : sps_socket_set_os_buffers(handle(),
                                                        static_cast<uint32_t>(p_send_bytes),
                                                        static_cast<uint32_t>(p_receive_bytes)));
    }

    /** sps_socket_get_os_buffers(). */
    OsBuffers get_os_buffers() const {
        uint32_t send_bytes = 0;
        uint32_t receive_bytes = 0;
        remember(sps_socket_get_os_buffers(handle(), &send_bytes, &receive_bytes));
        return {detail::to_int(send_bytes), detail::to_int(receive_bytes)};
    }

  protected:
    using StreamPeer::StreamPeer;

    // A negative time converts to one above INT32_MAX, which the C functions refuse.
    static uint32_t to_ms(int p_time) { return static_cast<uint32_t>(p_time); }
};

} // namespace sps

#endif

#include "end.inc"

#endif

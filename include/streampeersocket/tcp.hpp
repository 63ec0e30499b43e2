/* SPDX-License-Identifier: MIT */
/**
 * @file tcp.hpp
 * TCP streams: sps::StreamPeerTCP.
 */
#ifndef STREAMPEERSOCKET_TCP_HPP
#define STREAMPEERSOCKET_TCP_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "socket.hpp"

namespace sps {

/** Godot: StreamPeerTCP. The contract: tcp.h. */
class StreamPeerTCP : public StreamPeerSocket {
  public:
    /** sps_tcp_create(). */
    explicit StreamPeerTCP(const sps_stream_options *p_options = nullptr)
        : StreamPeerSocket(sps_tcp_create, p_options) {}

    /**
     * Owns a TCP stream. On another kind of stream, members of this class return ERR_UNAVAILABLE.
     */
    explicit StreamPeerTCP(Adopt p_owned) : StreamPeerSocket(p_owned) {}

    /** sps_tcp_bind(). */
    Error bind(int p_port, const std::string &p_host = "*") {
        return remember(sps_tcp_bind(handle(), p_port, detail::c_text(p_host)));
    }

    /** sps_tcp_connect(). */
    Error connect_to_host(const std::string &p_host, int p_port) {
        return remember(sps_tcp_connect(handle(), detail::c_text(p_host), p_port));
    }

    /** The attempts of the last connect: sps_tcp_get_connect_attempt(). */
    std::vector<sps_connect_attempt> get_connect_attempts() const {
        std::vector<sps_connect_attempt> attempts(ask(sps_tcp_get_connect_attempt_count));
        for (size_t i = 0; i < attempts.size(); i++) {
            attempts[i].struct_size = sizeof attempts[i];
            remember(sps_tcp_get_connect_attempt(handle(), i, &attempts[i]));
        }
        return attempts;
    }

    /** sps_tcp_get_connected_host(). */
    std::string get_connected_host() const {
        return ask_text<SPS_HOST_TEXT_BYTES>(sps_tcp_get_connected_host);
    }

    /** sps_tcp_get_connected_port(). */
    int get_connected_port() const { return ask(sps_tcp_get_connected_port); }

    /** sps_tcp_get_local_host(). */
    std::string get_local_host() const {
        return ask_text<SPS_HOST_TEXT_BYTES>(sps_tcp_get_local_host);
    }

    /** sps_tcp_get_local_port(). */
    int get_local_port() const { return ask(sps_tcp_get_local_port); }

    /** sps_tcp_set_no_delay(). */
    Error set_no_delay(bool p_enabled) {
        return remember(sps_tcp_set_no_delay(handle(), p_enabled));
    }

    /** sps_tcp_set_keepalive(). */
    Error set_keepalive(int p_idle_ms, int p_interval_ms = 0, int p_count = 0) {
        return remember(p_idle_ms < 0 || p_interval_ms < 0 || p_count < 0
                            ? SPS_ERR_INVALID_PARAMETER
                            : sps_tcp_set_keepalive(handle(), to_ms(p_idle_ms),
                                                    to_ms(p_interval_ms),
                                                    static_cast<uint32_t>(p_count)));
    }

    /** sps_tcp_set_user_timeout(). */
    Error set_user_timeout(int p_timeout_ms) {
        return remember(sps_tcp_set_user_timeout(handle(), to_ms(p_timeout_ms)));
    }

    /** sps_tcp_get_info(). All zeros on failure. */
    sps_tcp_info get_info() const { return ask_struct(sps_tcp_get_info); }

    /** sps_tcp_close_reset(). */
    Error close_reset() { return remember(sps_tcp_close_reset(handle())); }

    /** sps_tcp_adopt_fd(). */
    Error adopt_fd(intptr_t p_fd) { return remember(sps_tcp_adopt_fd(handle(), p_fd)); }

    /** sps_tcp_release_fd(). -1 on failure. */
    intptr_t release_fd() { return release(sps_tcp_release_fd); }
};

} // namespace sps

#endif

#include "end.inc"

#endif

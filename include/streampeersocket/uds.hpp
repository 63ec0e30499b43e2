/* SPDX-License-Identifier: MIT */
/**
 * @file uds.hpp
 * Unix streams: sps::StreamPeerUDS.
 */
#ifndef STREAMPEERSOCKET_UDS_HPP
#define STREAMPEERSOCKET_UDS_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstdint>
#include <cstring>
#include <string>

#include "socket.hpp"

namespace sps {

/** Godot: StreamPeerUDS. The contract: uds.h. */
class StreamPeerUDS : public StreamPeerSocket {
  public:
    /** sps_uds_create(). */
    explicit StreamPeerUDS(const sps_stream_options *p_options = nullptr)
        : StreamPeerSocket(sps_uds_create, p_options) {}

    /**
     * Owns a Unix stream. On another kind of stream, members of this class return ERR_UNAVAILABLE.
     */
    explicit StreamPeerUDS(Adopt p_owned) : StreamPeerSocket(p_owned) {}

    /** sps_uds_bind(). */
    Error bind(const std::string &p_path) {
        return remember(sps_uds_bind(handle(), detail::c_text(p_path)));
    }

    /** sps_uds_connect(). */
    Error connect_to_host(const std::string &p_path) {
        return remember(sps_uds_connect(handle(), detail::c_text(p_path)));
    }

    /** sps_uds_get_connected_path(). */
    std::string get_connected_path() const {
        return ask_text<SPS_PATH_TEXT_BYTES>(sps_uds_get_connected_path);
    }

    /**
     * sps_uds_get_peer_credentials(). All zeros on failure. Check get_last_error(), because 0 is
     * also root's uid.
     */
    sps_peer_credentials get_peer_credentials() const {
        return ask_struct(sps_uds_get_peer_credentials);
    }

    /** sps_uds_adopt_fd(). */
    Error adopt_fd(intptr_t p_fd) { return remember(sps_uds_adopt_fd(handle(), p_fd)); }

    /** sps_uds_release_fd(). -1 on failure. */
    intptr_t release_fd() { return release(sps_uds_release_fd); }
};

} // namespace sps

#endif

#include "end.inc"

#endif

/* SPDX-License-Identifier: MIT */
/**
 * @file server.hpp
 * Servers: sps::SocketServer, sps::TCPServer and sps::UDSServer.
 */
#ifndef STREAMPEERSOCKET_SERVER_HPP
#define STREAMPEERSOCKET_SERVER_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string>

#include "tcp.hpp"
#include "uds.hpp"

namespace sps {

/** The common part of TCP and Unix servers. Godot: SocketServer. The contract: server.h. */
class SocketServer : public detail::Owner<sps_server> {
  public:
    /** sps_server_is_connection_available(). */
    bool is_connection_available() const { return ask(sps_server_is_connection_available); }

    /** sps_server_is_listening(). */
    bool is_listening() const { return ask(sps_server_is_listening); }

    /** sps_server_get_os_error(). */
    int get_os_error() const { return ask(sps_server_get_os_error); }

    /** sps_server_stop(). */
    void stop() { remember(sps_server_stop(handle())); }

    /** sps_server_release_fd(). -1 on failure. */
    intptr_t release_fd() { return release(sps_server_release_fd); }

    /** take_connection() of a server of either kind. */
    virtual std::unique_ptr<StreamPeerSocket> take_socket_connection() = 0;

  protected:
    using Owner::Owner;

    // The caller owns the result. NULL on failure.
    template <class Peer> Peer *take() {
        // Allocates the object first. If that fails, the connection still waits.
        Peer *peer = new (std::nothrow) Peer(Adopt{nullptr});
        if (peer == nullptr) {
            remember(SPS_ERR_OUT_OF_MEMORY);
            return nullptr;
        }
        sps_stream *taken = nullptr;
        if (remember(sps_server_take_connection(handle(), &taken)) != OK) {
            delete peer;
            return nullptr;
        }
        *peer = Peer(Adopt{taken});
        return peer;
    }
};

/** Godot: TCPServer. The contract: server.h. */
class TCPServer : public SocketServer {
  public:
    /** sps_tcp_server_create(). */
    explicit TCPServer(const sps_server_options *p_options = nullptr)
        : SocketServer(sps_tcp_server_create, p_options) {}

    /** sps_tcp_server_listen(). */
    Error listen(int p_port, const std::string &p_bind_address = "*") {
        return remember(sps_tcp_server_listen(handle(), p_port, detail::c_text(p_bind_address)));
    }

    /** sps_tcp_server_adopt_fd(). */
    Error adopt_fd(intptr_t p_fd) { return remember(sps_tcp_server_adopt_fd(handle(), p_fd)); }

    /** sps_tcp_server_get_local_port(). */
    int get_local_port() const { return ask(sps_tcp_server_get_local_port); }

    /**
     * sps_server_take_connection(); null, and ERR_BUSY, when none waits. It is a template, because
     * a std::unique_ptr takes long to compile. T has one value.
     */
    template <class T = StreamPeerTCP> std::unique_ptr<T> take_connection() {
        return std::unique_ptr<T>(take<T>());
    }

    /** sps_server_take_connection(). */
    std::unique_ptr<StreamPeerSocket> take_socket_connection() override {
        return std::unique_ptr<StreamPeerSocket>(take<StreamPeerTCP>());
    }
};

/** Godot: UDSServer. The contract: server.h. */
class UDSServer : public SocketServer {
  public:
    /** sps_uds_server_create(). */
    explicit UDSServer(const sps_server_options *p_options = nullptr)
        : SocketServer(sps_uds_server_create, p_options) {}

    /** sps_uds_server_listen(). */
    Error listen(const std::string &p_path) {
        return remember(sps_uds_server_listen(handle(), detail::c_text(p_path)));
    }

    /** sps_uds_server_adopt_fd(). */
    Error adopt_fd(intptr_t p_fd) { return remember(sps_uds_server_adopt_fd(handle(), p_fd)); }

    /**
     * sps_server_take_connection(); null, and ERR_BUSY, when none waits. It is a template, because
     * a std::unique_ptr takes long to compile. T has one value.
     */
    template <class T = StreamPeerUDS> std::unique_ptr<T> take_connection() {
        return std::unique_ptr<T>(take<T>());
    }

    /** sps_server_take_connection(). */
    std::unique_ptr<StreamPeerSocket> take_socket_connection() override {
        return std::unique_ptr<StreamPeerSocket>(take<StreamPeerUDS>());
    }
};

} // namespace sps

#endif

#include "end.inc"

#endif

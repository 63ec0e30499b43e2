/* SPDX-License-Identifier: MIT */
/**
 * @file tls.hpp
 * TLS over any stream: sps::StreamPeerTLS and sps::TLSOptions. They need the library
 * streampeersocket-tls, so streampeersocket.hpp does not include this header.
 */
#ifndef STREAMPEERSOCKET_TLS_HPP
#define STREAMPEERSOCKET_TLS_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "certificates.hpp"
#include "ref.hpp"
#include "socket.hpp"
#include "tls.h"

namespace sps {

namespace detail {

struct DestroyTLSOptions {
    void operator()(sps_tls_options *p_options) const { sps_tls_options_destroy(p_options); }
};

// The handle of an object that may be null.
template <class T> decltype(std::declval<T>().handle()) handle_of(const Ref<T> &p_object) {
    return p_object.is_valid() ? p_object->handle() : nullptr;
}

// An object without a handle, such as one that was moved from. It must not mean "none".
template <class T> bool is_broken(const Ref<T> &p_object) {
    return p_object.is_valid() && p_object->handle() == nullptr;
}

template <class T, class Handle> Ref<T> own(Handle *p_owned) {
    return p_owned != nullptr ? Ref<T>(std::make_shared<T>(p_owned)) : Ref<T>();
}

} // namespace detail

/**
 * The options of any number of connections. It never changes, so several threads may use it. Godot:
 * TLSOptions. Without valid arguments handle() is NULL. get_last_error() has the code of creating
 * it.
 */
class TLSOptions
    : public detail::Owner<sps_tls_options, detail::ErrorOfObject, detail::DestroyTLSOptions> {
  public:
    /** sps_tls_options_create_client(). */
    static Ref<TLSOptions> client(const Ref<X509Certificate> &p_trusted_chain = nullptr,
                                  const std::string &p_common_name_override = std::string(),
                                  const sps_tls_settings *p_settings = nullptr) {
        const char *name = detail::c_text(p_common_name_override);
        sps_tls_options *made = nullptr;
        if (name == nullptr || detail::is_broken(p_trusted_chain)) {
            return wrap(name == nullptr ? SPS_ERR_INVALID_PARAMETER : SPS_ERR_UNCONFIGURED, made);
        }
        const sps_error error = sps_tls_options_create_client(detail::handle_of(p_trusted_chain),
                                                              name, p_settings, &made);
        return wrap(error, made);
    }

    /** sps_tls_options_create_client_unsafe(). */
    static Ref<TLSOptions> client_unsafe(const Ref<X509Certificate> &p_trusted_chain = nullptr,
                                         const sps_tls_settings *p_settings = nullptr) {
        sps_tls_options *made = nullptr;
        if (detail::is_broken(p_trusted_chain)) {
            return wrap(SPS_ERR_UNCONFIGURED, made);
        }
        const sps_error error = sps_tls_options_create_client_unsafe(
            detail::handle_of(p_trusted_chain), p_settings, &made);
        return wrap(error, made);
    }

    /** sps_tls_options_create_server(). */
    static Ref<TLSOptions> server(const Ref<CryptoKey> &p_key,
                                  const Ref<X509Certificate> &p_certificate,
                                  const sps_tls_settings *p_settings = nullptr) {
        sps_tls_options *made = nullptr;
        const sps_error error = sps_tls_options_create_server(
            detail::handle_of(p_key), detail::handle_of(p_certificate), p_settings, &made);
        return wrap(error, made);
    }

    /** sps_tls_options_is_server(). */
    bool is_server() const { return look(sps_tls_options_is_server); }

    /** sps_tls_options_is_unsafe_client(). */
    bool is_unsafe_client() const { return look(sps_tls_options_is_unsafe_client); }

    /** sps_tls_options_get_common_name_override(). */
    std::string get_common_name_override() const {
        const char *name = look(sps_tls_options_get_common_name_override);
        return name != nullptr ? std::string(name) : std::string();
    }

    /** sps_tls_options_get_trusted_ca_chain(). Null without one. */
    Ref<X509Certificate> get_trusted_ca_chain() const {
        return detail::own<X509Certificate>(look(sps_tls_options_get_trusted_ca_chain));
    }

    /** sps_tls_options_get_own_certificate(). Null without one. */
    Ref<X509Certificate> get_own_certificate() const {
        return detail::own<X509Certificate>(look(sps_tls_options_get_own_certificate));
    }

    /** sps_tls_options_get_private_key(). Null without one. */
    Ref<CryptoKey> get_private_key() const {
        return detail::own<CryptoKey>(look(sps_tls_options_get_private_key));
    }

  private:
    explicit TLSOptions(sps_tls_options *p_owned) : Owner(p_owned) {}

    static Ref<TLSOptions> wrap(sps_error p_error, sps_tls_options *p_owned) {
        std::shared_ptr<TLSOptions> options(new TLSOptions(p_owned));
        options->remember(p_error);
        return options;
    }
};

/**
 * TLS over another stream. Godot: StreamPeerTLS. The contract: tls.h. It has the poll, the close
 * reason and the timeouts of a socket, so a SocketPoller takes it. get_status() returns Godot's
 * status of TLS.
 */
class StreamPeerTLS : public StreamPeerSocket {
  public:
    /** Godot's StreamPeerTLS.Status; sps_tls_status. */
    enum Status : int32_t {
        STATUS_DISCONNECTED = SPS_TLS_STATUS_DISCONNECTED,
        STATUS_HANDSHAKING = SPS_TLS_STATUS_HANDSHAKING,
        STATUS_CONNECTED = SPS_TLS_STATUS_CONNECTED,
        STATUS_ERROR = SPS_TLS_STATUS_ERROR,
        STATUS_ERROR_HOSTNAME_MISMATCH = SPS_TLS_STATUS_ERROR_HOSTNAME_MISMATCH
    };

    /** sps_tls_create(). */
    explicit StreamPeerTLS(const sps_stream_options *p_options = nullptr)
        : StreamPeerTLS(make(p_options)) {}

    /** Owns a TLS stream. On another kind of stream, members return ERR_UNAVAILABLE. */
    explicit StreamPeerTLS(Adopt p_owned) : StreamPeerSocket(p_owned) {}

    StreamPeerTLS(StreamPeerTLS &&) noexcept = default;
    StreamPeerTLS &operator=(StreamPeerTLS &&) noexcept = default;

    ~StreamPeerTLS() override { sps_tls_disconnect_from_stream(handle()); }

    /**
     * sps_tls_connect_to_stream(). The stream below stays alive until disconnect_from_stream(), a
     * new connect, or the end of this object.
     */
    Error connect_to_stream(std::shared_ptr<StreamPeer> p_stream, const std::string &p_common_name,
                            const Ref<TLSOptions> &p_client_options = nullptr) {
        const char *name = detail::c_text(p_common_name);
        if (name == nullptr || detail::is_broken(p_client_options)) {
            return remember(SPS_ERR_INVALID_PARAMETER);
        }
        sps_stream *below = p_stream ? p_stream->handle() : nullptr;
        return keep(
            std::move(p_stream),
            sps_tls_connect_to_stream(handle(), below, name, detail::handle_of(p_client_options)));
    }

    /** connect_to_stream() over a stream that the caller keeps alive. */
    Error connect_to_stream(StreamPeer &p_stream, const std::string &p_common_name,
                            const Ref<TLSOptions> &p_client_options = nullptr) {
        return connect_to_stream(unowned(p_stream), p_common_name, p_client_options);
    }

    /** sps_tls_accept_stream(). */
    Error accept_stream(std::shared_ptr<StreamPeer> p_stream,
                        const Ref<TLSOptions> &p_server_options) {
        sps_stream *below = p_stream ? p_stream->handle() : nullptr;
        return keep(std::move(p_stream),
                    sps_tls_accept_stream(handle(), below, detail::handle_of(p_server_options)));
    }

    /** accept_stream() over a stream that the caller keeps alive. */
    Error accept_stream(StreamPeer &p_stream, const Ref<TLSOptions> &p_server_options) {
        return accept_stream(unowned(p_stream), p_server_options);
    }

    /** sps_tls_get_status(). */
    Status get_status() const { return static_cast<Status>(look(sps_tls_get_status)); }

    /** Returns the stream below, or null after disconnect_from_stream(). */
    std::shared_ptr<StreamPeer> get_stream() const { return stream_; }

    /** sps_tls_disconnect_from_stream(). */
    void disconnect_from_stream() {
        remember(sps_tls_disconnect_from_stream(handle()));
        stream_.reset();
    }

    // ---- Not in Godot

    /** sps_tls_close_gracefully(). */
    Error close_gracefully(int p_timeout_ms = 0) {
        return remember(sps_tls_close_gracefully(handle(), to_ms(p_timeout_ms)));
    }

    /** sps_tls_get_failure(). */
    sps_tls_failure get_failure() const { return look(sps_tls_get_failure); }

    /** sps_tls_get_message(). */
    std::string get_message() const {
        const char *message = look(sps_tls_get_message);
        return message != nullptr ? std::string(message) : std::string();
    }

    /** sps_tls_get_alert(). */
    int get_alert() const {
        int32_t alert = -1;
        sps_tls_get_alert(handle(), &alert);
        return alert;
    }

    /** sps_tls_get_info(). Zeros on failure. */
    sps_tls_info get_info() const { return ask_struct(sps_tls_get_info); }

    /** sps_tls_get_peer_certificate(). Null without one. */
    Ref<X509Certificate> get_peer_certificate() const {
        return detail::own<X509Certificate>(ask(sps_tls_get_peer_certificate));
    }

  private:
    struct Made {
        sps_error error;
        sps_stream *stream;
    };

    explicit StreamPeerTLS(const Made &p_made) : StreamPeerSocket(Adopt{p_made.stream}) {
        remember(p_made.error);
    }

    static Made make(const sps_stream_options *p_options) {
        sps_stream *stream = nullptr;
        const sps_error error = sps_tls_create(p_options, &stream);
        return {error, stream};
    }

    static std::shared_ptr<StreamPeer> unowned(StreamPeer &p_stream) {
        return std::shared_ptr<StreamPeer>(std::shared_ptr<void>(), &p_stream);
    }

    // A failed handshake keeps its stream as well.
    Error keep(std::shared_ptr<StreamPeer> p_stream, sps_error p_code) {
        sps_stream *below = nullptr;
        sps_tls_get_stream(handle(), &below);
        if (p_stream && below != nullptr && below == p_stream->handle()) {
            stream_ = std::move(p_stream);
        }
        return remember(p_code);
    }

    std::shared_ptr<StreamPeer> stream_;
};

} // namespace sps

#endif

#include "end.inc"

#endif

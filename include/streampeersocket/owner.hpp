/* SPDX-License-Identifier: MIT */
/**
 * @file owner.hpp
 * The base of each C++ class: the owner of a handle of the C library. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_OWNER_HPP
#define STREAMPEERSOCKET_OWNER_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "error.hpp"
#include "streampeersocket.h"

namespace sps {

namespace detail {

struct Destroy {
    void operator()(sps_stream *p_stream) const { sps_stream_destroy(p_stream); }
    void operator()(sps_server *p_server) const { sps_server_destroy(p_server); }
    void operator()(sps_ip *p_ip) const { sps_ip_destroy(p_ip); }
    void operator()(sps_poller *p_poller) const { sps_poller_destroy(p_poller); }
    void operator()(sps_packet_peer *p_peer) const { sps_packet_peer_destroy(p_peer); }
};

/** Keeps the code of the last call in the object, which one thread at a time uses. */
class ErrorOfObject {
  protected:
    Error &last_error() const { return last_error_; }

  private:
    mutable Error last_error_ = OK;
};

/** Keeps one code for each thread, for objects that several threads use at once. */
class ErrorOfThread {
  protected:
    Error &last_error() const {
        static thread_local Error of_thread = OK;
        return of_thread;
    }
};

// C would cut a text at an embedded NUL. NULL makes it return ERR_INVALID_PARAMETER instead.
inline const char *c_text(const std::string &p_text) {
    return p_text.find('\0') == std::string::npos ? p_text.c_str() : nullptr;
}

// std::min() needs <algorithm>, which takes long to compile.
inline size_t least(size_t p_one, size_t p_other) {
    return p_one < p_other ? p_one : p_other;
}

inline int to_int(size_t p_count) {
    return static_cast<int>(least(p_count, static_cast<size_t>(INT_MAX)));
}

/** Owns a handle of the C library, and keeps the code of the last call on it. */
template <class Handle, class LastError = ErrorOfObject, class Deleter = Destroy>
class Owner : private LastError {
  public:
    Owner(Owner &&p_other) noexcept : LastError(p_other), handle_(p_other.handle_) {
        p_other.handle_ = nullptr;
    }
    Owner &operator=(Owner &&p_other) noexcept {
        LastError::operator=(p_other);
        Handle *moved = p_other.handle_;
        p_other.handle_ = nullptr; // first: the other may be this object
        own(moved);
        return *this;
    }
    virtual ~Owner() { own(nullptr); }

    /**
     * Returns the code of the last call on this object, or OK before any call. get_status(),
     * get_close_reason() and get_os_error() do not change it.
     */
    Error get_last_error() const { return this->last_error(); }

    /** Returns the handle for the C functions, or NULL. This object still owns it. */
    Handle *handle() const { return handle_; }

  protected:
    explicit Owner(Handle *p_owned) : handle_(p_owned) {}

    template <class Options>
    Owner(sps_error (*p_create)(const Options *, Handle **), const Options *p_options) {
        Handle *made = nullptr;
        remember(p_create(p_options, &made));
        handle_ = made;
    }

    explicit Owner(sps_error (*p_create)(Handle **)) {
        Handle *made = nullptr;
        remember(p_create(&made));
        handle_ = made;
    }

    Error remember(sps_error p_code) const {
        return this->last_error() = static_cast<Error>(p_code);
    }

    // Returns the value of a C getter, or 0. H is Handle, const or not.
    template <class H, class T> T ask(sps_error (*p_get)(H *, T *)) const {
        T value{};
        remember(p_get(handle(), &value));
        return value;
    }

    // Like ask(), but get_last_error() stays. For a getter that fails only without a handle.
    template <class H, class T> T look(sps_error (*p_get)(H *, T *)) const {
        T value{};
        p_get(handle(), &value);
        return value;
    }

    template <class T> std::optional<T> try_ask(sps_error (*p_get)(Handle *, T *)) const {
        const T value = ask(p_get);
        return get_last_error() == OK ? std::optional<T>(value) : std::nullopt;
    }

    // Returns the struct of a C getter, or one of zeros.
    template <class H, class T> T ask_struct(sps_error (*p_get)(H *, T *)) const {
        T value{};
        value.struct_size = sizeof value;
        return remember(p_get(handle(), &value)) == OK ? value : T{};
    }

    // Returns the descriptor that a C function releases, or -1.
    intptr_t release(sps_error (*p_release)(Handle *, intptr_t *)) {
        intptr_t fd = -1;
        return remember(p_release(handle(), &fd)) == OK ? fd : -1;
    }

    // Returns the text of a C getter, or an empty one.
    template <size_t BufferBytes>
    std::string ask_text(sps_error (*p_get)(const Handle *, char *, size_t, size_t *)) const {
        char text[BufferBytes];
        size_t length = 0;
        const Error error = remember(p_get(handle(), text, BufferBytes, &length));
        return error == OK ? std::string(text, length) : std::string();
    }

  private:
    // A std::unique_ptr needs <memory>, which takes long to compile.
    void own(Handle *p_handle) {
        Handle *before = handle_;
        handle_ = p_handle;
        if (before != nullptr) {
            Deleter()(before);
        }
    }

    Handle *handle_ = nullptr;
};

} // namespace detail

} // namespace sps

#endif

#include "end.inc"

#endif

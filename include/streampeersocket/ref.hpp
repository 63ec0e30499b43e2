/* SPDX-License-Identifier: MIT */
/**
 * @file ref.hpp
 * Shared ownership in Godot's spelling: sps::Ref.
 */
#ifndef STREAMPEERSOCKET_REF_HPP
#define STREAMPEERSOCKET_REF_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace sps {

/**
 * One of several owners of an object, or of none. The object ends with its last owner. Godot: Ref.
 *
 *     sps::Ref<sps::StreamPeerTCP> peer;
 *     peer.instantiate();
 *     peer->connect_to_host("127.0.0.1", 4242);
 *
 * It wraps a std::shared_ptr and converts to one. A result of take_connection() can be assigned to
 * it. Several threads may make and drop copies. But one thread at a time uses each Ref, and the
 * object.
 */
template <class T> class Ref {
    template <class U> static constexpr bool is_kind = std::is_convertible_v<U *, T *>;

  public:
    Ref() = default;
    Ref(std::nullptr_t) {}
    template <class U, std::enable_if_t<is_kind<U>, int> = 0>
    Ref(std::shared_ptr<U> p_object) : object_(std::move(p_object)) {}
    template <class U, std::enable_if_t<is_kind<U>, int> = 0>
    Ref(std::unique_ptr<U> p_object) : object_(std::move(p_object)) {}
    template <class U, std::enable_if_t<is_kind<U>, int> = 0>
    Ref(const Ref<U> &p_other) : object_(std::shared_ptr<U>(p_other)) {}

    /** Creates an object and owns it. Null if there is no memory. */
    template <class... Arguments> void instantiate(Arguments &&...p_arguments) {
        object_.reset(new (std::nothrow) T(std::forward<Arguments>(p_arguments)...));
    }

    /** Releases the object. */
    void unref() { object_.reset(); }

    bool is_valid() const { return object_ != nullptr; }
    bool is_null() const { return object_ == nullptr; }

    /** Returns the object, which its owners keep alive, or NULL. */
    T *ptr() const { return object_.get(); }
    T *operator->() const { return ptr(); }
    T &operator*() const { return *ptr(); }

    template <class U, std::enable_if_t<std::is_convertible_v<T *, U *>, int> = 0>
    operator std::shared_ptr<U>() const {
        return object_;
    }

    friend bool operator==(const Ref &p_left, const Ref &p_right) {
        return p_left.object_ == p_right.object_;
    }
    friend bool operator!=(const Ref &p_left, const Ref &p_right) { return !(p_left == p_right); }
    friend bool operator<(const Ref &p_left, const Ref &p_right) {
        return p_left.object_ < p_right.object_;
    }

  private:
    std::shared_ptr<T> object_;
};

} // namespace sps

#endif

#include "end.inc"

#endif

/* SPDX-License-Identifier: MIT */
/**
 * @file variant_row.hpp
 * A growable array for what the variant headers keep to themselves. A std::vector takes several
 * times as long to compile for each type. Part of variant.hpp. Do not include it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_ROW_HPP
#define STREAMPEERSOCKET_VARIANT_ROW_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <new>
#include <utility>

namespace sps {

namespace detail {

template <class T> class Row {
  public:
    Row() = default;
    Row(Row &&p_other) noexcept { take(p_other); }
    Row &operator=(Row &&p_other) noexcept {
        const Row before(std::move(*this));
        take(p_other);
        return *this;
    }
    ~Row() {
        if (items_ != nullptr) {
            clear();
            ::operator delete(items_);
        }
    }

    size_t size() const { return size_; }
    size_t capacity() const { return capacity_; }
    bool is_empty() const { return size_ == 0; }

    T *data() { return items_; }
    T &operator[](size_t p_index) { return items_[p_index]; }
    const T &operator[](size_t p_index) const { return items_[p_index]; }
    T &back() { return items_[size_ - 1]; }
    const T &back() const { return items_[size_ - 1]; }
    T *begin() { return items_; }
    T *end() { return items_ + size_; }
    const T *begin() const { return items_; }
    const T *end() const { return items_ + size_; }

    void reserve(size_t p_capacity) {
        if (p_capacity <= capacity_) {
            return;
        }
        T *items = static_cast<T *>(::operator new(p_capacity * sizeof(T)));
        for (size_t i = 0; i < size_; i++) {
            new (items + i) T(std::move(items_[i]));
            items_[i].~T();
        }
        ::operator delete(items_);
        items_ = items;
        capacity_ = p_capacity;
    }

    void push(T p_item) {
        if (size_ == capacity_) {
            reserve(size_ > 0 ? 2 * size_ : 4);
        }
        new (items_ + size_) T(std::move(p_item));
        size_++;
    }

    void pop() { items_[--size_].~T(); }

    void insert(size_t p_at, T p_item) {
        push(T());
        for (size_t i = size_ - 1; i > p_at; i--) {
            items_[i] = std::move(items_[i - 1]);
        }
        items_[p_at] = std::move(p_item);
    }

    void erase(size_t p_at) {
        for (size_t i = p_at; i + 1 < size_; i++) {
            items_[i] = std::move(items_[i + 1]);
        }
        pop();
    }

    void clear() {
        while (size_ > 0) {
            pop();
        }
    }

  private:
    // This must be empty, without memory.
    void take(Row &r_other) {
        items_ = r_other.items_;
        size_ = r_other.size_;
        capacity_ = r_other.capacity_;
        r_other.items_ = nullptr;
        r_other.size_ = r_other.capacity_ = 0;
    }

    T *items_ = nullptr;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

} // namespace detail

} // namespace sps

#endif

#include "end.inc"

#endif

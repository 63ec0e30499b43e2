/* SPDX-License-Identifier: MIT */
/**
 * @file variant_dictionary.hpp
 * The keys of an sps::Dictionary. For variant.hpp; nothing here is to be called by itself.
 */
#ifndef STREAMPEERSOCKET_VARIANT_DICTIONARY_HPP
#define STREAMPEERSOCKET_VARIANT_DICTIONARY_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "variant_compare.hpp"

namespace sps {

namespace detail {

// The position of a key, or where it would stand: what std::lower_bound() does.
template <class Iterator, class Entries>
Iterator lower_bound(Iterator p_begin, Iterator p_end, const Entries &p_entries,
                     const Variant &p_key, int (*p_compare)(const Variant &, const Variant &)) {
    return std::lower_bound(p_begin, p_end, p_key,
                            [&](uint32_t p_position, const Variant &p_wanted) {
                                return p_compare(p_entries[p_position].key, p_wanted) < 0;
                            });
}

} // namespace detail

inline size_t Dictionary::find_position(const Variant &p_key) const {
    if (p_key.is_nested() || entries_.size() <= FEW) {
        const auto found =
            std::find_if(entries_.begin(), entries_.end(), [&p_key](const Entry &p_entry) {
                return Variant::are_equal(p_entry.key, p_key, true);
            });
        return static_cast<size_t>(found - entries_.begin());
    }
    for (const auto &[begin, end] :
         {std::pair(order_.cbegin(), settled_end()), std::pair(settled_end(), order_.cend())}) {
        const auto place = detail::lower_bound(begin, end, entries_, p_key, Variant::compare);
        if (place != end && Variant::compare(entries_[*place].key, p_key) == 0) {
            return *place;
        }
    }
    return entries_.size();
}

inline const Variant *Dictionary::find(const Variant &p_key) const {
    const size_t position = find_position(p_key);
    return position < entries_.size() ? &entries_[position].value : nullptr;
}

inline Variant *Dictionary::find(const Variant &p_key) {
    return const_cast<Variant *>(static_cast<const Dictionary *>(this)->find(p_key));
}

inline Variant &Dictionary::operator[](const Variant &p_key) {
    const size_t position = find_position(p_key);
    if (position == entries_.size()) {
        entries_.push_back({p_key, Variant()});
        note_last();
    }
    return entries_[position].value;
}

// Finds all positions anew.
inline void Dictionary::note_all() {
    order_.clear();
    if (entries_.size() > FEW) {
        for (size_t i = 0; i < entries_.size(); i++) {
            if (!entries_[i].key.is_nested()) {
                order_.push_back(static_cast<uint32_t>(i));
            }
        }
        std::sort(order_.begin(), order_.end(), is_before());
    }
    settled_ = order_.size();
}

inline void Dictionary::note_last() {
    const size_t last = entries_.size() - 1;
    if (last == FEW) {
        note_all();
    }
    if (last <= FEW || entries_[last].key.is_nested()) {
        return;
    }
    const auto place = detail::lower_bound(settled_end(), order_.cend(), entries_,
                                           entries_[last].key, Variant::compare);
    order_.insert(place, static_cast<uint32_t>(last));
    if (order_.size() - settled_ > 1024 + settled_ / 64) {
        settle();
    }
}

inline void Dictionary::settle() {
    std::vector<uint32_t> merged;
    merged.reserve(order_.size());
    std::merge(order_.cbegin(), settled_end(), settled_end(), order_.cend(),
               std::back_inserter(merged), is_before());
    order_ = std::move(merged);
    settled_ = order_.size();
}

inline bool Dictionary::erase(const Variant &p_key) {
    const size_t position = find_position(p_key);
    if (position == entries_.size()) {
        return false;
    }
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(position));
    note_all();
    return true;
}

inline void Dictionary::clear() {
    entries_.clear();
    note_all();
}

// Puts what was read. Of a plain key that comes twice the last value counts, as in Godot; of nested keys
// all stay, so that none is compared. What is more than a few is looked at in finish_reading().
inline void Dictionary::put_read(Variant p_key, Variant p_value) {
    if (entries_.size() < FEW && !p_key.is_nested()) {
        const size_t position = find_position(p_key);
        if (position < entries_.size()) {
            entries_[position].value = std::move(p_value);
            return;
        }
    }
    entries_.push_back({std::move(p_key), std::move(p_value)});
}

inline void Dictionary::finish_reading() {
    note_all();
    std::vector<bool> is_double(order_.empty() ? 0 : entries_.size());
    bool has_doubles = false;
    for (size_t i = 0, first = 0; i < order_.size(); i++) {
        Entry &entry = entries_[order_[i]];
        Entry &before = entries_[order_[first]];
        if (i > 0 && Variant::compare(before.key, entry.key) == 0) {
            before.value = std::move(entry.value);
            has_doubles = is_double[order_[i]] = true;
        } else {
            first = i;
        }
    }
    if (!has_doubles) {
        return;
    }
    std::vector<Entry> kept;
    for (size_t i = 0; i < entries_.size(); i++) {
        if (!is_double[i]) {
            kept.push_back(std::move(entries_[i]));
        }
    }
    entries_ = std::move(kept);
    note_all();
}

} // namespace sps

#endif

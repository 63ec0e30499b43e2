/* SPDX-License-Identifier: MIT */
/**
 * @file variant_dictionary.hpp
 * The keys of an sps::Dictionary. Part of variant.hpp. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_DICTIONARY_HPP
#define STREAMPEERSOCKET_VARIANT_DICTIONARY_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <utility>
#include <vector>

#include "variant_compare.hpp"

namespace sps {

namespace detail {

// The first place with a key that is not less.
inline KeyIndex::Place KeyIndex::find(const Variant &p_key) const {
    Order order;
    const auto is_before = [&](const Pair &p_pair) {
        return order.compare(p_pair->key, p_key) < 0;
    };
    const auto run = std::partition_point(
        runs_.begin(), runs_.end(), [&](const auto &p_run) { return is_before(p_run.back()); });
    if (run == runs_.end()) {
        return is_empty() ? Place{0, 0, false}
                          : Place{runs_.size() - 1, runs_.back().size(), false};
    }
    const auto at = std::partition_point(run->begin(), run->end(), is_before);
    return {static_cast<size_t>(run - runs_.begin()), static_cast<size_t>(at - run->begin()),
            order.compare((*at)->key, p_key) == 0};
}

// Makes two runs of one, anew: without exceptions shrink_to_fit() does nothing in libstdc++.
inline void KeyIndex::cut(Place &r_place) {
    const size_t half = RUN / 2;
    std::vector<Pair> &run = runs_[r_place.run];
    std::vector<Pair> rest(run.begin() + half, run.end());
    run = std::vector<Pair>(run.begin(), run.begin() + half);
    runs_.insert(runs_.begin() + static_cast<std::ptrdiff_t>(r_place.run) + 1, std::move(rest));
    if (r_place.at > half) {
        r_place.run++;
        r_place.at -= half;
    }
}

inline void KeyIndex::add(Place p_place, Pair p_pair) {
    if (is_empty()) {
        runs_.emplace_back();
    } else if (runs_[p_place.run].size() == RUN) {
        cut(p_place);
    }
    std::vector<Pair> &run = runs_[p_place.run];
    if (run.size() == run.capacity()) {
        run.reserve(run.size() + STEP);
    }
    run.insert(run.begin() + static_cast<std::ptrdiff_t>(p_place.at), p_pair);
}

inline void KeyIndex::remove(const Place &p_place) {
    std::vector<Pair> &run = runs_[p_place.run];
    run.erase(run.begin() + static_cast<std::ptrdiff_t>(p_place.at));
    if (run.empty()) {
        runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(p_place.run));
    }
}

// Finds the copy of a pair by the address of its original. Both lists have the same order.
inline void KeyIndex::assign_copy(const KeyIndex &p_other, const std::list<KeyValue> &p_from,
                                  std::list<KeyValue> &p_to) {
    runs_ = p_other.runs_;
    if (is_empty()) {
        return;
    }
    std::vector<std::pair<uintptr_t, Pair>> copies;
    copies.reserve(p_from.size());
    auto to = p_to.begin();
    for (const KeyValue &from : p_from) {
        copies.emplace_back(reinterpret_cast<uintptr_t>(&from), to++);
    }
    const auto is_before = [](const auto &p_one, const auto &p_two) {
        return p_one.first < p_two.first;
    };
    std::sort(copies.begin(), copies.end(), is_before);
    for (auto &run : runs_) {
        for (Pair &pair : run) {
            const std::pair<uintptr_t, Pair> wanted(reinterpret_cast<uintptr_t>(&*pair), pair);
            pair = std::lower_bound(copies.begin(), copies.end(), wanted, is_before)->second;
        }
    }
}

} // namespace detail

inline const Dictionary::Entry *Dictionary::find_entry(const Variant &p_key) const {
    if (!index_.is_empty()) {
        const detail::KeyIndex::Place place = index_.find(p_key);
        return place.is_found ? &*index_.at(place) : nullptr;
    }
    detail::Order order;
    for (const Entry &entry : entries_) {
        if (order.compare(entry.key, p_key) == 0) {
            return &entry;
        }
    }
    return nullptr;
}

inline const Variant *Dictionary::find(const Variant &p_key) const {
    const Entry *found = find_entry(p_key);
    return found != nullptr ? &found->value : nullptr;
}

inline Variant *Dictionary::find(const Variant &p_key) {
    return const_cast<Variant *>(static_cast<const Dictionary *>(this)->find(p_key));
}

// Takes the key, or a copy of it.
template <class Key> Variant &Dictionary::put_key(Key &&p_key) {
    detail::KeyIndex::Place place = {};
    if (index_.is_empty()) {
        if (Variant *found = find(p_key)) {
            return *found;
        }
    } else {
        place = index_.find(p_key);
        if (place.is_found) {
            return index_.at(place)->value;
        }
    }
    entries_.push_back({std::forward<Key>(p_key), Variant()});
    if (!index_.is_empty()) {
        index_.add(place, std::prev(entries_.end()));
    } else if (entries_.size() > FEW) {
        index_all();
    }
    return entries_.back().value;
}

inline Variant &Dictionary::operator[](const Variant &p_key) {
    return put_key(p_key);
}

inline void Dictionary::index_all() {
    for (auto pair = entries_.begin(); pair != entries_.end(); ++pair) {
        index_.add(index_.find(pair->key), pair);
    }
}

inline bool Dictionary::erase(const Variant &p_key) {
    if (index_.is_empty()) {
        const Entry *found = find_entry(p_key);
        const auto is_found = [found](const Entry &p_entry) { return &p_entry == found; };
        const auto pair = std::find_if(entries_.begin(), entries_.end(), is_found);
        if (pair == entries_.end()) {
            return false;
        }
        entries_.erase(pair);
        return true;
    }
    const detail::KeyIndex::Place place = index_.find(p_key);
    if (place.is_found) {
        const Pair pair = index_.at(place);
        index_.remove(place);
        entries_.erase(pair);
    }
    return place.is_found;
}

inline void Dictionary::clear() {
    index_.clear();
    entries_.clear();
}

inline const Variant &Dictionary::operator[](const Variant &p_key) const {
    const Variant *found = find(p_key);
    return found != nullptr ? *found : detail::blank<Variant>();
}

inline bool Dictionary::has_all(const Array &p_keys) const {
    return std::all_of(p_keys.begin(), p_keys.end(),
                       [this](const Variant &p_key) { return has(p_key); });
}

inline Variant Dictionary::get(const Variant &p_key, const Variant &p_default) const {
    const Variant *found = find(p_key);
    return found != nullptr ? *found : p_default;
}

inline Variant Dictionary::find_key(const Variant &p_value) const {
    for (const Entry &entry : entries_) {
        if (entry.value == p_value) {
            return entry.key;
        }
    }
    return Variant();
}

inline Array Dictionary::keys() const {
    Array keys;
    keys.element_type = key_type;
    for (const Entry &entry : entries_) {
        keys.append(entry.key);
    }
    return keys;
}

inline Array Dictionary::values() const {
    Array values;
    values.element_type = value_type;
    for (const Entry &entry : entries_) {
        values.append(entry.value);
    }
    return values;
}

inline void Dictionary::merge(const Dictionary &p_other, bool p_overwrite) {
    for (const Entry &entry : p_other.entries_) {
        const size_t before = size();
        Variant &value = (*this)[entry.key];
        if (p_overwrite || size() > before) {
            value = entry.value;
        }
    }
}

inline Variant &Dictionary::get_or_add(const Variant &p_key, const Variant &p_default) {
    const size_t before = size();
    Variant &value = (*this)[p_key];
    if (size() > before) {
        value = p_default;
    }
    return value;
}

inline Error Dictionary::set_typed(Variant::Type p_key_type, const StringName &p_key_class_name,
                                   const Variant &p_key_script, Variant::Type p_value_type,
                                   const StringName &p_value_class_name,
                                   const Variant &p_value_script) {
    const auto key = ElementType::make(p_key_type, p_key_class_name, p_key_script);
    const auto value = ElementType::make(p_value_type, p_value_class_name, p_value_script);
    if (!is_empty() || !key || !value) {
        return ERR_INVALID_PARAMETER;
    }
    key_type = *key;
    value_type = *value;
    return OK;
}

} // namespace sps

#endif

#include "end.inc"

#endif

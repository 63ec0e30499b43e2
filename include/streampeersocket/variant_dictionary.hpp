/* SPDX-License-Identifier: MIT */
/**
 * @file variant_dictionary.hpp
 * The keys of an sps::Dictionary. Part of variant.hpp. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_DICTIONARY_HPP
#define STREAMPEERSOCKET_VARIANT_DICTIONARY_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>
#include <list>
#include <utility>

#include "owner.hpp"
#include "variant_compare.hpp"

namespace sps {

namespace detail {

// The first place with a key that is not less.
inline KeyIndex::Place KeyIndex::find(const Variant &p_key) const {
    Order order;
    const auto is_before = [&](const Pair &p_pair) {
        return order.compare(p_pair->key, p_key) < 0;
    };
    Place place = {0, 0, false};
    for (size_t end = runs_.size(); place.run < end;) {
        const size_t middle = place.run + (end - place.run) / 2;
        is_before(runs_[middle].back()) ? place.run = middle + 1 : end = middle;
    }
    if (place.run == runs_.size()) {
        return is_empty() ? place : Place{place.run - 1, runs_.back().size(), false};
    }
    const Row<Pair> &run = runs_[place.run];
    for (size_t end = run.size(); place.at < end;) {
        const size_t middle = place.at + (end - place.at) / 2;
        is_before(run[middle]) ? place.at = middle + 1 : end = middle;
    }
    place.is_found = order.compare(run[place.at]->key, p_key) == 0;
    return place;
}

// Makes two runs of one, whose memory fits.
inline void KeyIndex::cut(Place &r_place) {
    Row<Pair> halves[2];
    Row<Pair> &run = runs_[r_place.run];
    for (Row<Pair> &half : halves) {
        half.reserve(RUN / 2);
    }
    for (size_t i = 0; i < RUN; i++) {
        halves[i / (RUN / 2)].push(run[i]);
    }
    run = std::move(halves[0]);
    runs_.insert(r_place.run + 1, std::move(halves[1]));
    if (r_place.at > RUN / 2) {
        r_place.run++;
        r_place.at -= RUN / 2;
    }
}

inline void KeyIndex::add(Place p_place, Pair p_pair) {
    if (is_empty()) {
        runs_.push({});
    } else if (runs_[p_place.run].size() == RUN) {
        cut(p_place);
    }
    Row<Pair> &run = runs_[p_place.run];
    if (run.size() == run.capacity()) {
        run.reserve(run.size() + STEP);
    }
    run.insert(p_place.at, p_pair);
}

inline void KeyIndex::remove(const Place &p_place) {
    Row<Pair> &run = runs_[p_place.run];
    run.erase(p_place.at);
    if (run.is_empty()) {
        runs_.erase(p_place.run);
    }
}

// The pairs of a list, and those of its copy. They are found by the address of the original.
class Copies {
  public:
    using Pair = KeyIndex::Pair;

    Copies(const std::list<KeyValue> &p_from, std::list<KeyValue> &p_to) {
        copies_.reserve(p_from.size());
        auto to = p_to.begin();
        for (const KeyValue &from : p_from) {
            copies_.push({address_of(from), to++});
        }
        sort();
    }

    Pair find(const Pair &p_original) const {
        const uintptr_t address = address_of(*p_original);
        size_t first = 0;
        for (size_t end = copies_.size(); first < end;) {
            const size_t middle = first + (end - first) / 2;
            copies_[middle].address < address ? first = middle + 1 : end = middle;
        }
        return copies_[first].copy;
    }

  private:
    struct Copy {
        uintptr_t address;
        Pair copy;
    };

    static uintptr_t address_of(const KeyValue &p_pair) {
        return reinterpret_cast<uintptr_t>(&p_pair);
    }

    // Merges sorted runs to longer ones. std::sort() takes long to compile.
    void sort() {
        const size_t count = copies_.size();
        for (size_t width = 1; width < count; width *= 2) {
            Row<Copy> merged;
            merged.reserve(count);
            for (size_t first = 0; first < count; first += 2 * width) {
                const size_t middle = least(first + width, count);
                const size_t end = least(middle + width, count);
                for (size_t left = first, right = middle; left < middle || right < end;) {
                    const bool is_left =
                        right == end ||
                        (left < middle && copies_[left].address < copies_[right].address);
                    merged.push(copies_[is_left ? left++ : right++]);
                }
            }
            copies_ = std::move(merged);
        }
    }

    Row<Copy> copies_;
};

inline void KeyIndex::assign_copy(const KeyIndex &p_other, const std::list<KeyValue> &p_from,
                                  std::list<KeyValue> &p_to) {
    clear();
    if (p_other.is_empty()) {
        return;
    }
    const Copies copies(p_from, p_to);
    runs_.reserve(p_other.runs_.size());
    for (const Row<Pair> &from : p_other.runs_) {
        Row<Pair> run;
        run.reserve(from.size());
        for (const Pair &pair : from) {
            run.push(copies.find(pair));
        }
        runs_.push(std::move(run));
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
        index_.add(place, --entries_.end());
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
        for (auto pair = entries_.begin(); pair != entries_.end(); ++pair) {
            if (&*pair == found) {
                entries_.erase(pair);
                return true;
            }
        }
        return false;
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
    for (const Variant &key : p_keys) {
        if (!has(key)) {
            return false;
        }
    }
    return true;
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

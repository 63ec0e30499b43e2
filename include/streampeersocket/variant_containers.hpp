/* SPDX-License-Identifier: MIT */
/**
 * @file variant_containers.hpp
 * The containers of an sps::Variant: sps::Array, sps::Dictionary and sps::Object, with Godot's
 * methods. Part of variant.hpp. Do not include it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_CONTAINERS_HPP
#define STREAMPEERSOCKET_VARIANT_CONTAINERS_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "variant_class.hpp"
#include "variant_row.hpp"

namespace sps {

/** The element type of a typed Array or Dictionary: sps_variant_element. */
class ElementType {
  public:
    /** sps_variant_element_kind. */
    enum Kind : int32_t {
        ANY = SPS_VARIANT_ANY,
        BUILTIN = SPS_VARIANT_BUILTIN,
        CLASS = SPS_VARIANT_CLASS,
        SCRIPT = SPS_VARIANT_SCRIPT
    };

    Kind kind = ANY;
    /** With BUILTIN. */
    Variant::Type type = Variant::NIL;

    /** Anything: not typed. */
    ElementType() = default;
    ElementType(Variant::Type p_type) : kind(BUILTIN), type(p_type) {}
    ElementType(Kind p_kind, std::string p_name) : kind(p_kind) { set_name(std::move(p_name)); }

    /**
     * The name of a CLASS, or the path of a SCRIPT. The view is valid until this object changes.
     */
    std::string_view get_name() const {
        return name_ ? std::string_view(*name_) : std::string_view("");
    }
    void set_name(std::string p_name) {
        name_ = p_name.empty()
                    ? nullptr
                    : std::shared_ptr<const std::string>(new std::string(std::move(p_name)));
    }

    /** As Godot spells it; any is "Variant". */
    std::string to_string() const;

    /**
     * As in Godot's set_typed(): only Variant::OBJECT has a class or a script. NIL means any value.
     */
    static std::optional<ElementType> make(Variant::Type p_type, const StringName &p_class_name,
                                           const Variant &p_script);
    /** Variant::OBJECT for a class or a script, NIL for any value. */
    Variant::Type get_builtin() const {
        return kind == CLASS || kind == SCRIPT ? Variant::OBJECT : type;
    }
    StringName get_class() const {
        return StringName(kind == CLASS ? std::string(get_name()) : std::string());
    }

    friend bool operator==(const ElementType &p_left, const ElementType &p_right) {
        return p_left.kind == p_right.kind && p_left.type == p_right.type &&
               p_left.get_name() == p_right.get_name();
    }
    friend bool operator!=(const ElementType &p_left, const ElementType &p_right) {
        return !(p_left == p_right);
    }

  private:
    // Copies share it. There are many copies, and few have a name.
    std::shared_ptr<const std::string> name_;
};

/**
 * A sequence of values. Godot: Array, but this is a value, not a reference.
 *
 * A reference to an element is valid as in a std::vector: until the array changes its size. It
 * stays valid if the array is moved.
 */
class Array {
  public:
    /** Godot checks whether they match element_type. This library does not. */
    std::vector<Variant> elements;
    /** The element type of a typed array. */
    ElementType element_type;

    Array() = default;
    Array(std::initializer_list<Variant> p_elements) {
        append_copies(p_elements.begin(), p_elements.size());
    }
    explicit Array(std::vector<Variant> p_elements, ElementType p_type = {})
        : elements(std::move(p_elements)), element_type(std::move(p_type)) {}

    Array(const Array &p_other) : element_type(p_other.element_type) { append_array(p_other); }
    Array(Array &&) = default;
    /** The other may be inside this one, which ends last. */
    Array &operator=(const Array &p_other) { return *this = Array(p_other); }
    Array &operator=(Array &&p_other) noexcept {
        const Array before(std::move(*this));
        elements = std::move(p_other.elements);
        element_type = std::move(p_other.element_type);
        return *this;
    }
    ~Array() = default;

    size_t size() const { return elements.size(); }
    bool is_empty() const { return elements.empty(); }
    void clear() { elements.clear(); }
    /** New elements are null. Negative: ERR_INVALID_PARAMETER, and nothing changes. */
    Error resize(int p_size);

    void append(Variant p_value) { elements.push_back(std::move(p_value)); }
    void push_back(Variant p_value) { append(std::move(p_value)); }
    void push_front(Variant p_value) { insert_at(0, std::move(p_value)); }
    void append_array(const Array &p_array) {
        append_copies(p_array.elements.data(), p_array.size());
    }
    /**
     * ERR_INVALID_PARAMETER if there is no such position. A negative position counts from the end.
     */
    Error insert(int p_position, Variant p_value);

    /** Returns the removed element, or null if there was none. */
    Variant pop_back() { return pop_at(-1); }
    Variant pop_front() { return pop_at(0); }
    Variant pop_at(int p_position) { return pop_at(p_position, true); }
    /** Does nothing if there is no such position. */
    void remove_at(int p_position) { pop_at(p_position); }
    /** Removes the first equal element, if there is one. */
    void erase(const Variant &p_value) { pop_at(find(p_value), false); }

    /** Null when there is none. */
    const Variant &front() const { return get(0); }
    const Variant &back() const { return get(-1); }
    const Variant &get(int p_index) const;
    /** Does nothing if there is no such index. */
    void set(int p_index, Variant p_value);

    /** The index of the first equal element at p_from or later, or -1. */
    int find(const Variant &p_value, int p_from = 0) const;
    bool has(const Variant &p_value) const { return find(p_value) >= 0; }
    int count(const Variant &p_value) const;

    void fill(const Variant &p_value);
    void reverse();
    /** The elements from p_begin up to before p_end. Negative positions count from the end. */
    Array slice(int p_begin, int p_end = std::numeric_limits<int>::max()) const;
    /** It is a value, so that any copy is deep. */
    Array duplicate(bool = false) const { return *this; }

    /**
     * ERR_INVALID_PARAMETER if the array is not empty, or the class or script does not fit the
     * type.
     */
    Error set_typed(Variant::Type p_type, const StringName &p_class_name = {},
                    const Variant &p_script = {});
    bool is_typed() const { return element_type != ElementType(); }
    Variant::Type get_typed_builtin() const { return element_type.get_builtin(); }
    StringName get_typed_class_name() const { return element_type.get_class(); }

    /** The element must exist. Variant::find() checks, and also counts from the end. */
    Variant &operator[](size_t p_index) { return elements[p_index]; }
    const Variant &operator[](size_t p_index) const { return elements[p_index]; }

    auto begin() { return elements.begin(); }
    auto end() { return elements.end(); }
    auto begin() const { return elements.begin(); }
    auto end() const { return elements.end(); }

  private:
    // Converts a position to an index. A negative position counts from the end. An invalid position
    // becomes the size.
    size_t to_index(int p_position) const;
    // All changes of the vector go through few of its members, because each takes long to compile.
    void append_copies(const Variant *p_first, size_t p_count);
    void insert_at(size_t p_index, Variant p_value);
    Variant pop_at(int p_position, bool p_counts_from_end);

    friend bool operator==(const Array &p_left, const Array &p_right);
};

namespace detail {

struct KeyValue {
    Variant key;
    Variant value;
};

/**
 * The pairs of a dictionary in the order of their keys, in runs. A search, insertion or removal
 * takes logarithmic time, and moves at most one run. There is no hash for which a peer could choose
 * colliding keys.
 */
class KeyIndex {
  public:
    using Pair = std::list<KeyValue>::iterator;

    /** Where a key is, or would be. */
    struct Place {
        size_t run;
        size_t at;
        bool is_found;
    };

    bool is_empty() const { return runs_.is_empty(); }
    void clear() { runs_.clear(); }

    Place find(const Variant &p_key) const;
    /** The pair at a place that was found. */
    Pair at(const Place &p_place) const { return runs_[p_place.run][p_place.at]; }
    /** Puts a pair where its key was not found. */
    void add(Place p_place, Pair p_pair);
    void remove(const Place &p_place);
    /** Becomes the index of the copy of a list, from the index of the original. */
    void assign_copy(const KeyIndex &p_other, const std::list<KeyValue> &p_from,
                     std::list<KeyValue> &p_to);

  private:
    // The longest run, and the growth step of a run.
    static constexpr size_t RUN = 512, STEP = 64;

    void cut(Place &r_place);

    Row<Row<Pair>> runs_;
};

} // namespace detail

/**
 * Values by key, in the order of insertion. Godot: Dictionary, but this is a value, not a
 * reference.
 *
 * A search, insertion or removal takes logarithmic time, whatever keys a peer chooses. As in Godot
 * no element ever moves. References to a key or a value, and iterators, are valid until that key is
 * erased. Clearing, assigning to and destroying the dictionary ends them too. Other changes and a
 * move do not. So d["old"] = d["new"] is safe.
 */
class Dictionary {
  public:
    using Entry = detail::KeyValue;

    /** The key type of a typed dictionary. */
    ElementType key_type;
    /** The value type of a typed dictionary. */
    ElementType value_type;

    Dictionary() = default;
    /** The pairs in this order. If a key occurs twice, the last value counts, as in Godot. */
    Dictionary(std::initializer_list<Entry> p_entries) {
        for (const Entry &entry : p_entries) {
            set(entry.key, entry.value);
        }
    }
    /** An empty one that is typed. */
    Dictionary(ElementType p_key_type, ElementType p_value_type)
        : key_type(std::move(p_key_type)), value_type(std::move(p_value_type)) {}

    Dictionary(const Dictionary &p_other)
        : key_type(p_other.key_type), value_type(p_other.value_type) {
        for (const Entry &entry : p_other.entries_) {
            entries_.push_back(Entry(entry));
        }
        index_.assign_copy(p_other.index_, p_other.entries_, entries_);
    }
    Dictionary(Dictionary &&) = default;
    /** The other may be inside this one, which ends last. */
    Dictionary &operator=(const Dictionary &p_other) { return *this = Dictionary(p_other); }
    Dictionary &operator=(Dictionary &&p_other) noexcept {
        const Dictionary before(std::move(*this));
        key_type = std::move(p_other.key_type);
        value_type = std::move(p_other.value_type);
        entries_ = std::move(p_other.entries_);
        index_ = std::move(p_other.index_);
        return *this;
    }
    ~Dictionary() = default;

    size_t size() const { return entries_.size(); }
    bool is_empty() const { return entries_.empty(); }

    /** A key's value, or NULL. A String and a StringName of the same text are the same key. */
    const Variant *find(const Variant &p_key) const;
    Variant *find(const Variant &p_key);
    bool has(const Variant &p_key) const { return find(p_key) != nullptr; }
    bool has_all(const Array &p_keys) const;
    /** A copy of a key's value, or of p_default if the key is missing. */
    Variant get(const Variant &p_key, const Variant &p_default = {}) const;
    /** The first key with an equal value, or null. */
    Variant find_key(const Variant &p_value) const;
    Array keys() const;
    Array values() const;

    /**
     * Adds the pairs of p_from whose keys are missing here. A key that is here already keeps its
     * place; it also keeps its value, unless p_overwrite is set.
     */
    void merge(const Dictionary &p_other, bool p_overwrite = false);
    /** A key's value. A missing key is added with p_default. */
    Variant &get_or_add(const Variant &p_key, const Variant &p_default = {});
    /** It is a value, so that any copy is deep. */
    Dictionary duplicate(bool = false) const { return *this; }

    /**
     * ERR_INVALID_PARAMETER if the dictionary is not empty, or a class or script does not fit its
     * type.
     */
    Error set_typed(Variant::Type p_key_type, const StringName &p_key_class_name,
                    const Variant &p_key_script, Variant::Type p_value_type,
                    const StringName &p_value_class_name = {}, const Variant &p_value_script = {});
    bool is_typed() const { return is_typed_key() || is_typed_value(); }
    bool is_typed_key() const { return key_type != ElementType(); }
    bool is_typed_value() const { return value_type != ElementType(); }
    Variant::Type get_typed_key_builtin() const { return key_type.get_builtin(); }
    Variant::Type get_typed_value_builtin() const { return value_type.get_builtin(); }

    /** A key's value. A missing key is added at the end with null. */
    Variant &operator[](const Variant &p_key);
    /** A key's value, or null if the key is missing. That null is valid for the whole program. */
    const Variant &operator[](const Variant &p_key) const;
    void set(const Variant &p_key, Variant p_value) { (*this)[p_key] = std::move(p_value); }

    /** Whether it was there. */
    bool erase(const Variant &p_key);
    void clear();

    /** For a range-based for: for (const auto &[key, value] : dictionary). */
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }

    /** Whether keys and values are equal, in any order, as in Godot. */
    friend bool operator==(const Dictionary &p_left, const Dictionary &p_right);

  private:
    friend class Variant;
    friend class detail::Children;
    friend class detail::Comparison;
    friend class detail::Decoder;

    using Pair = detail::KeyIndex::Pair;

    // Up to this many keys a linear search is used, without the index.
    static constexpr size_t FEW = 16;

    const Entry *find_entry(const Variant &p_key) const;

    template <class Function> bool match(const Dictionary &p_other, Function &&p_is_equal) const;
    template <class Key> Variant &put_key(Key &&p_key);
    void index_all();

    std::list<Entry> entries_;
    detail::KeyIndex index_;
};

/** An object, as data and never as code. Godot: Object. */
struct Object {
    struct Property {
        std::string name;
        Variant value;
    };

    /** The id of the object in the program that sent it. Godot: EncodedObjectAsID. */
    uint64_t id = 0;
    /** "" if the object is only an id. Otherwise it has properties. */
    std::string class_name;
    std::vector<Property> properties;

    Object() = default;
    explicit Object(uint64_t p_id) : id(p_id) {}
    Object(std::string p_class_name, std::vector<Property> p_properties)
        : class_name(std::move(p_class_name)), properties(std::move(p_properties)) {}

    Object(const Object &p_other) : id(p_other.id), class_name(p_other.class_name) {
        properties.reserve(p_other.properties.size());
        for (const Property &property : p_other.properties) {
            properties.push_back(Property(property));
        }
    }
    Object(Object &&) = default;
    /** The other may be inside this one, which ends last. */
    Object &operator=(const Object &p_other) { return *this = Object(p_other); }
    Object &operator=(Object &&p_other) noexcept {
        const Object before(std::move(*this));
        id = p_other.id;
        class_name = std::move(p_other.class_name);
        properties = std::move(p_other.properties);
        return *this;
    }
    ~Object() = default;

    /** A property's value, or NULL. Valid until the properties change. */
    const Variant *find(std::string_view p_name) const;

    friend bool operator==(const Object &p_left, const Object &p_right);

  private:
    friend class detail::Comparison;
    friend class detail::Order;
    // All but the values of the properties.
    int compare_shallow(const Object &p_other) const;
};

} // namespace sps

#endif

#include "end.inc"

#endif

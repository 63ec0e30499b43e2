/* SPDX-License-Identifier: MIT */
/**
 * @file variant_class.hpp
 * sps::Variant, as variant.hpp describes it. Part of variant.hpp, which defines the members. Do not
 * include it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_CLASS_HPP
#define STREAMPEERSOCKET_VARIANT_CLASS_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "error.hpp"
#include "variant_types.hpp"

namespace sps {

class Variant;

namespace detail {

class Children;
class Comparison;
class Decoder;
class Encoder;
class Order;
class Teller;
struct Numbers;

// A depth for the C library. There 0 means the default, here it means no depth.
inline uint32_t to_depth(int p_max_depth) {
    return p_max_depth > 0 ? static_cast<uint32_t>(p_max_depth) : UINT32_MAX;
}

// The header of a container. `next` links containers that await destruction, so that destruction
// needs no memory.
struct Nest {
    Nest *next = nullptr;
    sps_variant_type type = SPS_VARIANT_NIL;
};

struct NoNest {};

template <class T>
constexpr bool is_nested =
    std::is_same_v<T, Array> || std::is_same_v<T, Dictionary> || std::is_same_v<T, Object>;

template <class T> constexpr bool is_copied_as_bytes = false;
template <class T>
constexpr bool is_copied_as_bytes<std::vector<T>> = std::is_trivially_copyable_v<T> &&
                                                    sizeof(T) > 1;

// The copy constructors of the vectors of numbers take long to compile, so those are copied as
// bytes. A vector of bytes has its own for speed.
template <class T>
std::conditional_t<is_copied_as_bytes<T>, T, const T &> copy_of(const T &p_from) {
    if constexpr (is_copied_as_bytes<T>) {
        T copy(p_from.size());
        if (!p_from.empty()) {
            std::memcpy(copy.data(), p_from.data(), p_from.size() * sizeof(copy[0]));
        }
        return copy;
    } else {
        return p_from;
    }
}

// Memory of its own.
template <class T> struct Box : std::conditional_t<is_nested<T>, Nest, NoNest> {
    explicit Box(const T &p_from) : value(copy_of(p_from)) {}
    explicit Box(T &&p_from) : value(std::move(p_from)) {}
    T value;
};

constexpr size_t INLINE_BYTES = 16;

// Whether the value lies inside the Variant.
template <class T> constexpr bool is_inline() {
    if constexpr (KindOf<T>::type == -1) {
        return false; // a WideReals
    } else {
        return (BOXED_TYPES >> KindOf<T>::type & 1) == 0;
    }
}

template <class T> using Bare = std::remove_cv_t<std::remove_reference_t<T>>;

// A character is no number.
template <class T>
constexpr bool is_number = (std::is_arithmetic_v<T> && !std::is_same_v<T, char> &&
                            !std::is_same_v<T, wchar_t> && !std::is_same_v<T, char16_t> &&
                            !std::is_same_v<T, char32_t>) ||
                           (std::is_enum_v<T> && std::is_convertible_v<T, int64_t>);

// The types that a Variant converts to.
template <class T>
constexpr bool is_target = is_number<T> || (std::is_class_v<T> && KindOf<T>::type != -1);

// The types that a Variant is made of without conversion.
template <class T>
constexpr bool is_value = std::is_class_v<T> &&
                          (KindOf<T>::type != -1 || std::is_same_v<T, WideReals>);

template <class T>
constexpr bool is_source = is_number<T> || is_value<T> || std::is_same_v<T, std::nullptr_t> ||
                           std::is_convertible_v<const T &, std::string_view>;

template <class T>
using IfLiteral =
    std::enable_if_t<std::is_same_v<T, const char *> || std::is_same_v<T, char *>, int>;

template <class V, class T>
using IfCompared = std::enable_if_t<std::is_same_v<V, Variant> && is_source<T>, int>;

} // namespace detail

/** How Variant::encode() writes. */
struct EncodeOptions {
    /**
     * Whether to write objects with properties. Otherwise they are ERR_UNAUTHORIZED: they have no
     * id.
     */
    bool full_objects = false;
    /** Whether to write vectors and similar types in double precision. */
    bool wide_reals = false;
    /** Levels of containers at most: 1 to 1,024, which is Godot's. */
    int max_depth = SPS_VARIANT_MAX_DEPTH;
};

/** The options of Variant::decode(). */
struct DecodeOptions {
    /** Whether to read objects with properties, as plain data. */
    bool allow_objects = false;
    /** Levels of containers at most: 1 to 1,024, which is Godot's. */
    int max_depth = SPS_VARIANT_MAX_DEPTH;
    /**
     * Limit of the value's memory, in bytes. 0, the default: 4 × the bytes that are read, plus
     * SPARE_MEMORY_BYTES. See SPS_VARIANT_SPARE_MEMORY_BYTES.
     */
    size_t max_memory_bytes = 0;

    /** Large enough that a value of ordinary size is never refused. */
    static constexpr size_t SPARE_MEMORY_BYTES = SPS_VARIANT_SPARE_MEMORY_BYTES;
};

/** Any of Godot's values. Godot: Variant. The wire: variant.h. */
class Variant {
  public:
    /** Godot's Variant.Type; sps_variant_type. */
    enum Type : int32_t {
        NIL = SPS_VARIANT_NIL,
        BOOL = SPS_VARIANT_BOOL,
        INT = SPS_VARIANT_INT,
        FLOAT = SPS_VARIANT_FLOAT,
        STRING = SPS_VARIANT_STRING,
        VECTOR2 = SPS_VARIANT_VECTOR2,
        VECTOR2I = SPS_VARIANT_VECTOR2I,
        RECT2 = SPS_VARIANT_RECT2,
        RECT2I = SPS_VARIANT_RECT2I,
        VECTOR3 = SPS_VARIANT_VECTOR3,
        VECTOR3I = SPS_VARIANT_VECTOR3I,
        TRANSFORM2D = SPS_VARIANT_TRANSFORM2D,
        VECTOR4 = SPS_VARIANT_VECTOR4,
        VECTOR4I = SPS_VARIANT_VECTOR4I,
        PLANE = SPS_VARIANT_PLANE,
        QUATERNION = SPS_VARIANT_QUATERNION,
        AABB = SPS_VARIANT_AABB,
        BASIS = SPS_VARIANT_BASIS,
        TRANSFORM3D = SPS_VARIANT_TRANSFORM3D,
        PROJECTION = SPS_VARIANT_PROJECTION,
        COLOR = SPS_VARIANT_COLOR,
        STRING_NAME = SPS_VARIANT_STRING_NAME,
        NODE_PATH = SPS_VARIANT_NODE_PATH,
        RID = SPS_VARIANT_RID,
        OBJECT = SPS_VARIANT_OBJECT,
        CALLABLE = SPS_VARIANT_CALLABLE,
        SIGNAL = SPS_VARIANT_SIGNAL,
        DICTIONARY = SPS_VARIANT_DICTIONARY,
        ARRAY = SPS_VARIANT_ARRAY,
        PACKED_BYTE_ARRAY = SPS_VARIANT_PACKED_BYTE_ARRAY,
        PACKED_INT32_ARRAY = SPS_VARIANT_PACKED_INT32_ARRAY,
        PACKED_INT64_ARRAY = SPS_VARIANT_PACKED_INT64_ARRAY,
        PACKED_FLOAT32_ARRAY = SPS_VARIANT_PACKED_FLOAT32_ARRAY,
        PACKED_FLOAT64_ARRAY = SPS_VARIANT_PACKED_FLOAT64_ARRAY,
        PACKED_STRING_ARRAY = SPS_VARIANT_PACKED_STRING_ARRAY,
        PACKED_VECTOR2_ARRAY = SPS_VARIANT_PACKED_VECTOR2_ARRAY,
        PACKED_VECTOR3_ARRAY = SPS_VARIANT_PACKED_VECTOR3_ARRAY,
        PACKED_COLOR_ARRAY = SPS_VARIANT_PACKED_COLOR_ARRAY,
        PACKED_VECTOR4_ARRAY = SPS_VARIANT_PACKED_VECTOR4_ARRAY,
        VARIANT_MAX = SPS_VARIANT_TYPES
    };

    // ---- Making one

    /** Godot's null. */
    Variant() noexcept = default;
    Variant(std::nullptr_t) noexcept {}

    /** A bool, an int or a float, from any C++ number type except characters. */
    template <class T, std::enable_if_t<detail::is_number<T>, int> = 0> Variant(T p_number);

    /** A String. NULL is Godot's null. */
    Variant(const char *p_text);
    Variant(std::string_view p_text);

    /** Any type of variant_types.hpp, a std::string, an Array, a Dictionary, an Object. */
    template <class T, std::enable_if_t<detail::is_value<detail::Bare<T>>, int> = 0>
    Variant(T &&p_value);

    Variant(const Variant &p_other) : Variant() {
        if (p_other.has_box()) {
            copy_from(p_other);
        } else {
            copy_bits(p_other);
        }
    }
    Variant(Variant &&p_other) noexcept { steal(p_other); }
    ~Variant() {
        if (has_box()) {
            end();
        }
    }

    Variant &operator=(const Variant &p_other) { return *this = Variant(p_other); }
    Variant &operator=(Variant &&p_other) noexcept {
        Variant before; // ends last: the other may be inside it
        before.steal(*this);
        steal(p_other);
        return *this;
    }

    // ---- What it is

    Type get_type() const { return static_cast<Type>(type_); }
    bool is_nil() const { return type_ == NIL; }
    /** Whether it is a WideReals: a type of reals in double precision. */
    bool is_wide() const { return is_wide_; }

    /** Godot's name of the type, such as "PackedByteArray", or "" if there is no such type. */
    static const char *get_type_name(Type p_type);

    // ---- As a C++ type

    /**
     * Converts to another type as Godot does: const int hp = state["hp"]. A value without a
     * conversion becomes 0 or empty. get() converts nothing, and reports a mismatch.
     *
     * - Numbers and bools convert into each other. A float is truncated. A bool is false only for
     *   the default of a type.
     * - Vectors of floats and vectors of ints convert into each other.
     * - Packed arrays and arrays convert into each other.
     * - Every value converts to a text.
     */
    template <class T, std::enable_if_t<detail::is_target<T>, int> = 0> operator T() const;

    /**
     * The value, or none if it has another type. An int converts to any integer type that can hold
     * it, a float to any floating type. A StringName also converts to std::string. Wide reals are
     * rounded.
     *
     * Only std::string_view borrows. It is valid as long as a pointer of get_if() is.
     */
    template <class T> std::optional<T> get() const;

    /**
     * A pointer to the value, or NULL if it has another type: bool, int64_t, double, std::string
     * (also for a StringName), an Array and so on.
     *
     * The pointer is valid until this Variant is assigned to, moved from, or destroyed. On an empty
     * value, get_if() without const invalidates the pointers of get_if() with const.
     */
    template <class T> const T *get_if() const;
    template <class T> T *get_if();

    /**
     * The components of a vector or similar type, a color, or a packed array of floats, vectors or
     * colors. None for another type. It is a template, because the std::optional takes long to
     * compile. T has one value.
     */
    template <class T = double> std::optional<std::vector<T>> get_reals() const;

    // ---- What is in it

    /**
     * The element of a container, or NULL. A dictionary takes a key, an object a property's name,
     * an array an index. As in Godot, a negative index counts from the end.
     *
     * The pointer is valid while the container keeps the element in place: see Dictionary and
     * Array. The properties of an Object are a std::vector.
     */
    const Variant *find(const Variant &p_key) const;
    Variant *find(const Variant &p_key);

    /**
     * find() that returns null if there is no element. That null is valid for the whole program.
     */
    const Variant &operator[](const Variant &p_key) const &;
    /** The element itself, from a temporary Variant such as get_var()["hp"]. */
    Variant operator[](const Variant &p_key) &&;
    /** For literals. Without these overloads, the built-in [] of a pointer would be ambiguous. */
    template <class T, detail::IfLiteral<T> = 0> const Variant &operator[](T p_key) const & {
        return (*this)[Variant(p_key)];
    }
    template <class T, detail::IfLiteral<T> = 0> Variant operator[](T p_key) && {
        return std::move(*this)[Variant(p_key)];
    }

    // ---- As a whole

    /**
     * Equal as in Godot, but only within a type. Int 1 and float 1.0 are two keys of a Godot
     * dictionary, so they are not equal here.
     *
     * - A String and a StringName of the same text are equal.
     * - A vector and a wide vector can be equal.
     * - A NaN equals itself, as among the keys of a dictionary.
     * - The order of a dictionary and the element type of a typed container do not count.
     */
    friend bool operator==(const Variant &p_left, const Variant &p_right) {
        return are_equal(p_left, p_right);
    }
    friend bool operator!=(const Variant &p_left, const Variant &p_right) {
        return !(p_left == p_right);
    }

    /** Formats the value like Godot's var_to_str. A dictionary's pairs keep their order. */
    std::string to_string() const;

    /**
     * Appends the output of put_var() without its length prefix. Godot: var_to_bytes.
     *
     * @return OK, or an error, after which nothing is appended:
     *         - ERR_PARAMETER_RANGE_ERROR: more nested containers than max_depth.
     *         - ERR_UNAUTHORIZED: the value has an object with properties.
     *         - ERR_INVALID_PARAMETER: a text is not UTF-8, properties have no class name, or
     *           max_depth is outside 1 to 1,024.
     *         - ERR_OUT_OF_MEMORY: the value exceeds 4 GiB or the memory.
     */
    Error encode(std::vector<uint8_t> &r_bytes, const EncodeOptions &p_options = {}) const;

    /** Why bytes are not a value: sps_variant_fault. */
    enum Fault : int32_t {
        SOUND = SPS_VARIANT_SOUND,
        TRUNCATED = SPS_VARIANT_TRUNCATED,
        UNKNOWN_TYPE = SPS_VARIANT_UNKNOWN_TYPE,
        TOO_DEEP = SPS_VARIANT_TOO_DEEP,
        NO_UTF8 = SPS_VARIANT_NO_UTF8,
        OLD_NODE_PATH = SPS_VARIANT_OLD_NODE_PATH,
        OBJECT_NOT_ALLOWED = SPS_VARIANT_OBJECT_NOT_ALLOWED
    };

    struct Decoded;

    /**
     * Decodes the output of put_var() without its length prefix. As in Godot, bytes after the value
     * are ignored. Godot: bytes_to_var.
     *
     * @return OK and the value, or:
     *         - ERR_INVALID_DATA, ERR_UNAUTHORIZED: with the fault and its offset.
     *         - ERR_OUT_OF_MEMORY: the value would exceed max_memory_bytes. Decoding stops before
     *           that.
     *         - ERR_INVALID_PARAMETER: no data, or a max_depth outside 1 to 1,024.
     */
    static Decoded decode(const uint8_t *p_data, size_t p_bytes,
                          const DecodeOptions &p_options = {});

  private:
    friend class Dictionary;
    friend class detail::Children;
    friend class detail::Comparison;
    friend class detail::Decoder;
    friend class detail::Encoder;
    friend class detail::Order;
    friend class detail::Teller;

    // The numbers of a vector or similar type, a color, or a packed array. None for another type.
    detail::Numbers numbers() const;

    template <class T> T convert() const;
    template <class T> detail::Box<T> *box() const;
    template <class T> const T *at() const;
    bool is_nested() const { return type_ == ARRAY || type_ == DICTIONARY || type_ == OBJECT; }

    // A total order of values of one type that are not containers. 0 if they are equal.
    static int compare(const Variant &p_left, const Variant &p_right);
    static bool are_equal(const Variant &p_left, const Variant &p_right);

    // Whether its type has memory of its own. A blank value, such as an empty text, has none.
    bool is_boxed() const { return is_wide_ || (detail::BOXED_TYPES >> type_ & 1) != 0; }
    bool has_box() const { return is_boxed() && storage_.box != nullptr; }
    detail::Nest *nest() const { return static_cast<detail::Nest *>(storage_.box); }
    template <class T> void put_in_box(T &&p_value);
    void copy_bits(const Variant &p_other) noexcept {
        storage_ = p_other.storage_;
        type_ = p_other.type_;
        is_wide_ = p_other.is_wide_;
    }
    void steal(Variant &p_other) noexcept {
        copy_bits(p_other);
        p_other.type_ = NIL;
        p_other.is_wide_ = false;
    }
    void copy_from(const Variant &p_other);
    void copy_shallow(const Variant &p_other);
    void copy_nested(const Variant &p_other);
    template <class T> void copy_box(const Variant &p_other) {
        auto *made = new detail::Box<T>(*p_other.at<T>());
        copy_bits(p_other);
        storage_.box = made;
    }
    void end() noexcept;
    void end_shallow() noexcept;

    union Storage {
        alignas(8) unsigned char bytes[detail::INLINE_BYTES];
        void *box; // of what is nested, a Nest
    };

    Storage storage_ = {};
    uint8_t type_ = NIL;
    bool is_wide_ = false;
};

static_assert(sizeof(Variant) <= 24, "what the header says");

/**
 * @name Comparison with types that convert to a Variant. Variant does not convert to them here.
 */
///@{
template <class V, class T, detail::IfCompared<V, T> = 0>
bool operator==(const V &p_left, const T &p_right) {
    return p_left == Variant(p_right);
}
template <class T, class V, detail::IfCompared<V, T> = 0>
bool operator==(const T &p_left, const V &p_right) {
    return Variant(p_left) == p_right;
}
template <class V, class T, detail::IfCompared<V, T> = 0>
bool operator!=(const V &p_left, const T &p_right) {
    return !(p_left == Variant(p_right));
}
template <class T, class V, detail::IfCompared<V, T> = 0>
bool operator!=(const T &p_left, const V &p_right) {
    return !(Variant(p_left) == p_right);
}
///@}

/** The result of Variant::decode(). */
struct Variant::Decoded {
    Variant value;
    Error error = OK;
    Fault fault = SOUND;
    /**
     * With OK: the size of the value in bytes. With ERR_OUT_OF_MEMORY: the number of bytes read.
     * Otherwise the offset of the malformed item.
     */
    size_t offset = 0;

    explicit operator bool() const { return error == OK; }
};

} // namespace sps

#endif

#include "end.inc"

#endif

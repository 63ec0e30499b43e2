/* SPDX-License-Identifier: MIT */
/**
 * @file variant_types.hpp
 * The types that an sps::Variant can hold, with Godot's names, as plain values of C++17.
 * variant.hpp includes it. They hold the contents of the wire, and do no mathematics.
 *
 * Numbers, texts and arrays are standard types: bool, int64_t, double, std::string (UTF-8),
 * std::vector. Reals are float, as in Godot's usual builds. A WideReals holds the reals of a Godot
 * with double precision.
 */
#ifndef STREAMPEERSOCKET_VARIANT_TYPES_HPP
#define STREAMPEERSOCKET_VARIANT_TYPES_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "variant.h"
#include "variant_forward.hpp"

namespace sps {

// ---- Vectors

struct Vector2 {
    float x = 0;
    float y = 0;

    Vector2() = default;
    Vector2(float p_x, float p_y) : x(p_x), y(p_y) {}
};

struct Vector2i {
    int32_t x = 0;
    int32_t y = 0;

    Vector2i() = default;
    Vector2i(int32_t p_x, int32_t p_y) : x(p_x), y(p_y) {}
};

struct Vector3 {
    float x = 0;
    float y = 0;
    float z = 0;

    Vector3() = default;
    Vector3(float p_x, float p_y, float p_z) : x(p_x), y(p_y), z(p_z) {}
};

struct Vector3i {
    int32_t x = 0;
    int32_t y = 0;
    int32_t z = 0;

    Vector3i() = default;
    Vector3i(int32_t p_x, int32_t p_y, int32_t p_z) : x(p_x), y(p_y), z(p_z) {}
};

struct Vector4 {
    float x = 0;
    float y = 0;
    float z = 0;
    float w = 0;

    Vector4() = default;
    Vector4(float p_x, float p_y, float p_z, float p_w) : x(p_x), y(p_y), z(p_z), w(p_w) {}
};

struct Vector4i {
    int32_t x = 0;
    int32_t y = 0;
    int32_t z = 0;
    int32_t w = 0;

    Vector4i() = default;
    Vector4i(int32_t p_x, int32_t p_y, int32_t p_z, int32_t p_w) : x(p_x), y(p_y), z(p_z), w(p_w) {}
};

// ---- What consists of vectors, or of reals

struct Rect2 {
    Vector2 position;
    Vector2 size;

    Rect2() = default;
    Rect2(Vector2 p_position, Vector2 p_size) : position(p_position), size(p_size) {}
    Rect2(float p_x, float p_y, float p_width, float p_height)
        : position(p_x, p_y), size(p_width, p_height) {}
};

struct Rect2i {
    Vector2i position;
    Vector2i size;

    Rect2i() = default;
    Rect2i(Vector2i p_position, Vector2i p_size) : position(p_position), size(p_size) {}
    Rect2i(int32_t p_x, int32_t p_y, int32_t p_width, int32_t p_height)
        : position(p_x, p_y), size(p_width, p_height) {}
};

struct Plane {
    Vector3 normal;
    float d = 0;

    Plane() = default;
    Plane(Vector3 p_normal, float p_d) : normal(p_normal), d(p_d) {}
};

/** A rotation in space. The default is no rotation. */
struct Quaternion {
    float x = 0;
    float y = 0;
    float z = 0;
    float w = 1;

    Quaternion() = default;
    Quaternion(float p_x, float p_y, float p_z, float p_w) : x(p_x), y(p_y), z(p_z), w(p_w) {}
};

/** The default is opaque black. Single precision in every build of Godot. */
struct Color {
    float r = 0;
    float g = 0;
    float b = 0;
    float a = 1;

    Color() = default;
    Color(float p_r, float p_g, float p_b, float p_a = 1) : r(p_r), g(p_g), b(p_b), a(p_a) {}
};

struct AABB {
    Vector3 position;
    Vector3 size;

    AABB() = default;
    AABB(Vector3 p_position, Vector3 p_size) : position(p_position), size(p_size) {}
};

/** A 3×3 matrix in row order, as in Godot's memory and format. The default is the identity. */
struct Basis {
    std::array<Vector3, 3> rows = {Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1)};

    Basis() = default;
    /** From its columns, as in Godot: the directions of the axes. */
    Basis(Vector3 p_x, Vector3 p_y, Vector3 p_z)
        : rows{Vector3(p_x.x, p_y.x, p_z.x), Vector3(p_x.y, p_y.y, p_z.y),
               Vector3(p_x.z, p_y.z, p_z.z)} {}

    /** A column: the direction of an axis. Godot: x, y and z. p_index is at most 2. */
    Vector3 get_column(size_t p_index) const {
        const auto of = [p_index](const Vector3 &p_row) {
            return p_index == 0 ? p_row.x : p_index == 1 ? p_row.y : p_row.z;
        };
        return Vector3(of(rows[0]), of(rows[1]), of(rows[2]));
    }
};

/** In column order. The default is the identity. */
struct Transform2D {
    Vector2 x = Vector2(1, 0);
    Vector2 y = Vector2(0, 1);
    Vector2 origin;

    Transform2D() = default;
    Transform2D(Vector2 p_x, Vector2 p_y, Vector2 p_origin) : x(p_x), y(p_y), origin(p_origin) {}
};

struct Transform3D {
    Basis basis;
    Vector3 origin;

    Transform3D() = default;
    Transform3D(const Basis &p_basis, Vector3 p_origin) : basis(p_basis), origin(p_origin) {}
};

/** A 4×4 matrix in column order. The default is the identity. */
struct Projection {
    Vector4 x = Vector4(1, 0, 0, 0);
    Vector4 y = Vector4(0, 1, 0, 0);
    Vector4 z = Vector4(0, 0, 1, 0);
    Vector4 w = Vector4(0, 0, 0, 1);

    Projection() = default;
    Projection(Vector4 p_x, Vector4 p_y, Vector4 p_z, Vector4 p_w)
        : x(p_x), y(p_y), z(p_z), w(p_w) {}
};

// ---- Names, and what the wire has of objects

/** A text that Godot stores only once. A String of the same text is equal. */
struct StringName {
    std::string text;

    StringName() = default;
    explicit StringName(std::string p_text) : text(std::move(p_text)) {}
    /** As in Godot, so that a literal is a name where one is asked for. */
    StringName(const char *p_text) : text(p_text) {}
};

/** A path to a node, such as "/root/Player:position:x". */
struct NodePath {
    /** root and Player. */
    std::vector<std::string> names;
    /** position and x. */
    std::vector<std::string> subnames;
    /** Whether it begins at the root, with a slash. */
    bool is_absolute = false;

    NodePath() = default;
    /** Parses a text. As in Godot, empty parts between slashes or colons are omitted. */
    explicit NodePath(std::string_view p_text)
        : is_absolute(!p_text.empty() && p_text.front() == '/') {
        const std::string_view path = p_text.substr(0, p_text.find(':'));
        split(path, '/', names);
        split(p_text.substr(path.size()), ':', subnames);
    }

    std::string to_string() const {
        std::string text = is_absolute ? "/" : "";
        for (const std::string &name : names) {
            text += (&name == names.data() ? "" : "/") + name;
        }
        for (const std::string &name : subnames) {
            text += ":" + name;
        }
        return text;
    }

  private:
    static void split(std::string_view p_text, char p_separator,
                      std::vector<std::string> &r_parts) {
        while (!p_text.empty()) {
            const std::string_view part = p_text.substr(0, p_text.find(p_separator));
            if (!part.empty()) {
                r_parts.push_back(std::string(part));
            }
            p_text.remove_prefix(part.size() < p_text.size() ? part.size() + 1 : part.size());
        }
    }
};

/** A resource of one of Godot's servers, as its number there. 0 means none. */
struct RID {
    uint64_t id = 0;

    RID() = default;
    explicit RID(uint64_t p_id) : id(p_id) {}
};

/** Of a Callable nothing is on the wire. */
struct Callable {};

struct Signal {
    std::string name;
    /** The object's id in the program that sent it. */
    uint64_t object_id = 0;

    Signal() = default;
    explicit Signal(std::string p_name, uint64_t p_object_id = 0)
        : name(std::move(p_name)), object_id(p_object_id) {}
};

struct Object;

// ---- Packed arrays

using PackedInt32Array = std::vector<int32_t>;
using PackedInt64Array = std::vector<int64_t>;
using PackedFloat32Array = std::vector<float>;
using PackedFloat64Array = std::vector<double>;
using PackedStringArray = std::vector<std::string>;
using PackedVector2Array = std::vector<Vector2>;
using PackedVector3Array = std::vector<Vector3>;
using PackedColorArray = std::vector<Color>;
using PackedVector4Array = std::vector<Vector4>;

// ---- In double precision

/**
 * A vector, or another type of reals, in double precision. A Godot that was built with
 * precision=double sends it. Every Godot reads both precisions, so create one only if single
 * precision does not suffice.
 */
class WideReals {
  public:
    /**
     * @param p_type Variant::VECTOR2 to Variant::PROJECTION, or a packed array of vectors.
     * @param p_components in the order of Godot's format.
     * @return none if the type is another, or has another number of components.
     */
    static std::optional<WideReals> make(sps_variant_type p_type,
                                         std::vector<double> p_components) {
        const size_t count = count_of(p_type);
        const bool is_packed = p_type >= SPS_VARIANT_PACKED_BYTE_ARRAY;
        const size_t given = p_components.size();
        if (count == 0 || (is_packed ? given % count != 0 : given != count)) {
            return std::nullopt;
        }
        return WideReals(p_type, std::move(p_components));
    }

    /** One of Variant::Type. */
    sps_variant_type get_type() const { return type_; }
    const std::vector<double> &get_components() const { return components_; }

    /** The number of reals of the type, or of each element of a packed array. 0 if it has none. */
    static size_t count_of(sps_variant_type p_type) {
        switch (p_type) {
        case SPS_VARIANT_VECTOR2:
        case SPS_VARIANT_PACKED_VECTOR2_ARRAY:
            return 2;
        case SPS_VARIANT_VECTOR3:
        case SPS_VARIANT_PACKED_VECTOR3_ARRAY:
            return 3;
        case SPS_VARIANT_RECT2:
        case SPS_VARIANT_VECTOR4:
        case SPS_VARIANT_PLANE:
        case SPS_VARIANT_QUATERNION:
        case SPS_VARIANT_PACKED_VECTOR4_ARRAY:
            return 4;
        case SPS_VARIANT_TRANSFORM2D:
        case SPS_VARIANT_AABB:
            return 6;
        case SPS_VARIANT_BASIS:
            return 9;
        case SPS_VARIANT_TRANSFORM3D:
            return 12;
        case SPS_VARIANT_PROJECTION:
            return 16;
        default:
            return 0;
        }
    }

  private:
    WideReals(sps_variant_type p_type, std::vector<double> p_components)
        : type_(p_type), components_(std::move(p_components)) {}

    sps_variant_type type_;
    std::vector<double> components_;
};

// ---- Which type is which

namespace detail {

template <sps_variant_type Type, class Number = void> struct Kind {
    static constexpr sps_variant_type type = Type;
    // The number type of its components, or void if it does not consist of one number type.
    using Component = Number;
};

template <class T> struct KindOf : Kind<-1> {};
template <> struct KindOf<bool> : Kind<SPS_VARIANT_BOOL> {};
template <> struct KindOf<int64_t> : Kind<SPS_VARIANT_INT> {};
template <> struct KindOf<double> : Kind<SPS_VARIANT_FLOAT> {};
template <> struct KindOf<std::string> : Kind<SPS_VARIANT_STRING> {};
template <> struct KindOf<Vector2> : Kind<SPS_VARIANT_VECTOR2, float> {};
template <> struct KindOf<Vector2i> : Kind<SPS_VARIANT_VECTOR2I, int32_t> {};
template <> struct KindOf<Rect2> : Kind<SPS_VARIANT_RECT2, float> {};
template <> struct KindOf<Rect2i> : Kind<SPS_VARIANT_RECT2I, int32_t> {};
template <> struct KindOf<Vector3> : Kind<SPS_VARIANT_VECTOR3, float> {};
template <> struct KindOf<Vector3i> : Kind<SPS_VARIANT_VECTOR3I, int32_t> {};
template <> struct KindOf<Transform2D> : Kind<SPS_VARIANT_TRANSFORM2D, float> {};
template <> struct KindOf<Vector4> : Kind<SPS_VARIANT_VECTOR4, float> {};
template <> struct KindOf<Vector4i> : Kind<SPS_VARIANT_VECTOR4I, int32_t> {};
template <> struct KindOf<Plane> : Kind<SPS_VARIANT_PLANE, float> {};
template <> struct KindOf<Quaternion> : Kind<SPS_VARIANT_QUATERNION, float> {};
template <> struct KindOf<AABB> : Kind<SPS_VARIANT_AABB, float> {};
template <> struct KindOf<Basis> : Kind<SPS_VARIANT_BASIS, float> {};
template <> struct KindOf<Transform3D> : Kind<SPS_VARIANT_TRANSFORM3D, float> {};
template <> struct KindOf<Projection> : Kind<SPS_VARIANT_PROJECTION, float> {};
template <> struct KindOf<Color> : Kind<SPS_VARIANT_COLOR, float> {};
template <> struct KindOf<StringName> : Kind<SPS_VARIANT_STRING_NAME> {};
template <> struct KindOf<NodePath> : Kind<SPS_VARIANT_NODE_PATH> {};
template <> struct KindOf<RID> : Kind<SPS_VARIANT_RID> {};
template <> struct KindOf<Object> : Kind<SPS_VARIANT_OBJECT> {};
template <> struct KindOf<Callable> : Kind<SPS_VARIANT_CALLABLE> {};
template <> struct KindOf<Signal> : Kind<SPS_VARIANT_SIGNAL> {};
template <> struct KindOf<Dictionary> : Kind<SPS_VARIANT_DICTIONARY> {};
template <> struct KindOf<Array> : Kind<SPS_VARIANT_ARRAY> {};
template <> struct KindOf<PackedByteArray> : Kind<SPS_VARIANT_PACKED_BYTE_ARRAY> {};
template <> struct KindOf<PackedInt32Array> : Kind<SPS_VARIANT_PACKED_INT32_ARRAY> {};
template <> struct KindOf<PackedInt64Array> : Kind<SPS_VARIANT_PACKED_INT64_ARRAY> {};
template <> struct KindOf<PackedFloat32Array> : Kind<SPS_VARIANT_PACKED_FLOAT32_ARRAY> {};
template <> struct KindOf<PackedFloat64Array> : Kind<SPS_VARIANT_PACKED_FLOAT64_ARRAY> {};
template <> struct KindOf<PackedStringArray> : Kind<SPS_VARIANT_PACKED_STRING_ARRAY> {};
template <> struct KindOf<PackedVector2Array> : Kind<SPS_VARIANT_PACKED_VECTOR2_ARRAY> {};
template <> struct KindOf<PackedVector3Array> : Kind<SPS_VARIANT_PACKED_VECTOR3_ARRAY> {};
template <> struct KindOf<PackedColorArray> : Kind<SPS_VARIANT_PACKED_COLOR_ARRAY> {};
template <> struct KindOf<PackedVector4Array> : Kind<SPS_VARIANT_PACKED_VECTOR4_ARRAY> {};

template <class T> using ComponentOf = typename KindOf<T>::Component;

// Types with components, such as vectors.
template <class T> constexpr bool has_components = !std::is_void_v<ComponentOf<T>>;

constexpr uint64_t bit_of(sps_variant_type p_type) {
    return uint64_t{1} << p_type;
}

// The types with memory of their own: all packed arrays among them.
constexpr uint64_t BOXED_TYPES =
    bit_of(SPS_VARIANT_STRING) | bit_of(SPS_VARIANT_TRANSFORM2D) | bit_of(SPS_VARIANT_AABB) |
    bit_of(SPS_VARIANT_BASIS) | bit_of(SPS_VARIANT_TRANSFORM3D) | bit_of(SPS_VARIANT_PROJECTION) |
    bit_of(SPS_VARIANT_STRING_NAME) | bit_of(SPS_VARIANT_NODE_PATH) | bit_of(SPS_VARIANT_OBJECT) |
    bit_of(SPS_VARIANT_SIGNAL) | bit_of(SPS_VARIANT_DICTIONARY) | bit_of(SPS_VARIANT_ARRAY) |
    (bit_of(SPS_VARIANT_TYPES) - bit_of(SPS_VARIANT_PACKED_BYTE_ARRAY));

// Calls p_function with a Tag of the type that holds such a value. Null has a Tag<void>. Each use
// compiles p_function once for each type, so only templates use with_type(): a program that does
// not call them does not pay.
template <class T> struct Tag { using Type = T; };

template <class Function> constexpr auto with_type(sps_variant_type p_type, Function &&p_function) {
    switch (p_type) {
    case SPS_VARIANT_BOOL:
        return p_function(Tag<bool>());
    case SPS_VARIANT_INT:
        return p_function(Tag<int64_t>());
    case SPS_VARIANT_FLOAT:
        return p_function(Tag<double>());
    case SPS_VARIANT_VECTOR2:
        return p_function(Tag<Vector2>());
    case SPS_VARIANT_VECTOR2I:
        return p_function(Tag<Vector2i>());
    case SPS_VARIANT_RECT2:
        return p_function(Tag<Rect2>());
    case SPS_VARIANT_RECT2I:
        return p_function(Tag<Rect2i>());
    case SPS_VARIANT_VECTOR3:
        return p_function(Tag<Vector3>());
    case SPS_VARIANT_VECTOR3I:
        return p_function(Tag<Vector3i>());
    case SPS_VARIANT_VECTOR4:
        return p_function(Tag<Vector4>());
    case SPS_VARIANT_VECTOR4I:
        return p_function(Tag<Vector4i>());
    case SPS_VARIANT_PLANE:
        return p_function(Tag<Plane>());
    case SPS_VARIANT_QUATERNION:
        return p_function(Tag<Quaternion>());
    case SPS_VARIANT_COLOR:
        return p_function(Tag<Color>());
    case SPS_VARIANT_RID:
        return p_function(Tag<RID>());
    case SPS_VARIANT_CALLABLE:
        return p_function(Tag<Callable>());
    case SPS_VARIANT_STRING:
        return p_function(Tag<std::string>());
    case SPS_VARIANT_TRANSFORM2D:
        return p_function(Tag<Transform2D>());
    case SPS_VARIANT_AABB:
        return p_function(Tag<AABB>());
    case SPS_VARIANT_BASIS:
        return p_function(Tag<Basis>());
    case SPS_VARIANT_TRANSFORM3D:
        return p_function(Tag<Transform3D>());
    case SPS_VARIANT_PROJECTION:
        return p_function(Tag<Projection>());
    case SPS_VARIANT_STRING_NAME:
        return p_function(Tag<StringName>());
    case SPS_VARIANT_NODE_PATH:
        return p_function(Tag<NodePath>());
    case SPS_VARIANT_OBJECT:
        return p_function(Tag<Object>());
    case SPS_VARIANT_SIGNAL:
        return p_function(Tag<Signal>());
    case SPS_VARIANT_DICTIONARY:
        return p_function(Tag<Dictionary>());
    case SPS_VARIANT_ARRAY:
        return p_function(Tag<Array>());
    case SPS_VARIANT_PACKED_BYTE_ARRAY:
        return p_function(Tag<PackedByteArray>());
    case SPS_VARIANT_PACKED_INT32_ARRAY:
        return p_function(Tag<PackedInt32Array>());
    case SPS_VARIANT_PACKED_INT64_ARRAY:
        return p_function(Tag<PackedInt64Array>());
    case SPS_VARIANT_PACKED_FLOAT32_ARRAY:
        return p_function(Tag<PackedFloat32Array>());
    case SPS_VARIANT_PACKED_FLOAT64_ARRAY:
        return p_function(Tag<PackedFloat64Array>());
    case SPS_VARIANT_PACKED_STRING_ARRAY:
        return p_function(Tag<PackedStringArray>());
    case SPS_VARIANT_PACKED_VECTOR2_ARRAY:
        return p_function(Tag<PackedVector2Array>());
    case SPS_VARIANT_PACKED_VECTOR3_ARRAY:
        return p_function(Tag<PackedVector3Array>());
    case SPS_VARIANT_PACKED_COLOR_ARRAY:
        return p_function(Tag<PackedColorArray>());
    case SPS_VARIANT_PACKED_VECTOR4_ARRAY:
        return p_function(Tag<PackedVector4Array>());
    default:
        return p_function(Tag<void>());
    }
}

template <class T> constexpr size_t component_count = sizeof(T) / sizeof(ComponentOf<T>);

template <class T> auto components_of(const T &p_value) {
    std::array<ComponentOf<T>, component_count<T>> components;
    static_assert(std::is_trivially_copyable_v<T> && sizeof components == sizeof p_value);
    std::memcpy(components.data(), &p_value, sizeof p_value);
    return components;
}

} // namespace detail

// ---- Equality: component by component, as in Godot, so that a NaN equals nothing here

template <class T, std::enable_if_t<detail::has_components<T>, int> = 0>
bool operator==(const T &p_left, const T &p_right) {
    return detail::components_of(p_left) == detail::components_of(p_right);
}

inline bool operator==(const StringName &p_left, const StringName &p_right) {
    return p_left.text == p_right.text;
}

inline bool operator==(const NodePath &p_left, const NodePath &p_right) {
    return p_left.is_absolute == p_right.is_absolute && p_left.names == p_right.names &&
           p_left.subnames == p_right.subnames;
}

inline bool operator==(RID p_left, RID p_right) {
    return p_left.id == p_right.id;
}

inline bool operator==(Callable, Callable) {
    return true;
}

inline bool operator==(const Signal &p_left, const Signal &p_right) {
    return p_left.object_id == p_right.object_id && p_left.name == p_right.name;
}

template <class T, std::enable_if_t<std::is_class_v<T> && detail::KindOf<T>::type != -1, int> = 0>
bool operator!=(const T &p_left, const T &p_right) {
    return !(p_left == p_right);
}

} // namespace sps

#endif

#include "end.inc"

#endif

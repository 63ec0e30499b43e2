/* SPDX-License-Identifier: MIT */
/**
 * @file variant.h
 * Godot's Variant on the wire, as put_var() writes it and get_var() reads it. The format is that of
 * Godot 4 ("Binary serialization API" in Godot's documentation).
 *
 * A reader walks over the bytes of one value and returns one item after another. An item is a
 * value, or the begin or end of a container. A writer appends items. Neither builds a tree, and
 * neither recurses. A reader never allocates.
 *
 *     sps_variant_reader reader;
 *     reader.struct_size = sizeof reader;
 *     sps_variant_item item = {.struct_size = sizeof item};
 *     sps_variant_reader_init(&reader, data, bytes, NULL);
 *     while (sps_variant_reader_next(&reader, &item) == SPS_OK) {
 *         if (item.step == SPS_VARIANT_BEGIN) { … item.count elements follow … }
 *     }
 *
 * The elements of a dictionary are its keys and values in turn. The elements of an object are the
 * names and values of its properties. The library never instantiates an object. It reads the class
 * name and the properties, and only if the reader's options allow objects.
 *
 * The time and memory that a reader uses depend on the bytes that are there, not on what they
 * claim.
 */
#ifndef STREAMPEERSOCKET_VARIANT_H
#define STREAMPEERSOCKET_VARIANT_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"
#include "options.h"
#include "stream.h"

SPS_BEGIN_DECLARATIONS

/** One of the SPS_VARIANT_… types. They are those of Godot's Variant.Type. */
typedef int32_t sps_variant_type;

enum {
    SPS_VARIANT_NIL = 0,                   /**< null */
    SPS_VARIANT_BOOL = 1,                  /**< bool */
    SPS_VARIANT_INT = 2,                   /**< int */
    SPS_VARIANT_FLOAT = 3,                 /**< float */
    SPS_VARIANT_STRING = 4,                /**< String */
    SPS_VARIANT_VECTOR2 = 5,               /**< Vector2 */
    SPS_VARIANT_VECTOR2I = 6,              /**< Vector2i */
    SPS_VARIANT_RECT2 = 7,                 /**< Rect2 */
    SPS_VARIANT_RECT2I = 8,                /**< Rect2i */
    SPS_VARIANT_VECTOR3 = 9,               /**< Vector3 */
    SPS_VARIANT_VECTOR3I = 10,             /**< Vector3i */
    SPS_VARIANT_TRANSFORM2D = 11,          /**< Transform2D */
    SPS_VARIANT_VECTOR4 = 12,              /**< Vector4 */
    SPS_VARIANT_VECTOR4I = 13,             /**< Vector4i */
    SPS_VARIANT_PLANE = 14,                /**< Plane */
    SPS_VARIANT_QUATERNION = 15,           /**< Quaternion */
    SPS_VARIANT_AABB = 16,                 /**< AABB */
    SPS_VARIANT_BASIS = 17,                /**< Basis */
    SPS_VARIANT_TRANSFORM3D = 18,          /**< Transform3D */
    SPS_VARIANT_PROJECTION = 19,           /**< Projection */
    SPS_VARIANT_COLOR = 20,                /**< Color */
    SPS_VARIANT_STRING_NAME = 21,          /**< StringName */
    SPS_VARIANT_NODE_PATH = 22,            /**< NodePath */
    SPS_VARIANT_RID = 23,                  /**< RID */
    SPS_VARIANT_OBJECT = 24,               /**< Object */
    SPS_VARIANT_CALLABLE = 25,             /**< Callable */
    SPS_VARIANT_SIGNAL = 26,               /**< Signal */
    SPS_VARIANT_DICTIONARY = 27,           /**< Dictionary */
    SPS_VARIANT_ARRAY = 28,                /**< Array */
    SPS_VARIANT_PACKED_BYTE_ARRAY = 29,    /**< PackedByteArray */
    SPS_VARIANT_PACKED_INT32_ARRAY = 30,   /**< PackedInt32Array */
    SPS_VARIANT_PACKED_INT64_ARRAY = 31,   /**< PackedInt64Array */
    SPS_VARIANT_PACKED_FLOAT32_ARRAY = 32, /**< PackedFloat32Array */
    SPS_VARIANT_PACKED_FLOAT64_ARRAY = 33, /**< PackedFloat64Array */
    SPS_VARIANT_PACKED_STRING_ARRAY = 34,  /**< PackedStringArray */
    SPS_VARIANT_PACKED_VECTOR2_ARRAY = 35, /**< PackedVector2Array */
    SPS_VARIANT_PACKED_VECTOR3_ARRAY = 36, /**< PackedVector3Array */
    SPS_VARIANT_PACKED_COLOR_ARRAY = 37,   /**< PackedColorArray */
    SPS_VARIANT_PACKED_VECTOR4_ARRAY = 38, /**< PackedVector4Array */
    /** The number of types. */
    SPS_VARIANT_TYPES = 39
};

/** The kind of an item: one of the values below. */
typedef int32_t sps_variant_step;

enum {
    /** A value that contains no other. */
    SPS_VARIANT_VALUE = 0,
    /** An array, a dictionary, or an object with its properties. Its elements follow. */
    SPS_VARIANT_BEGIN = 1,
    /** The end of a container, after its last element. */
    SPS_VARIANT_END = 2
};

/** Flags of an item, as bits. */
enum {
    /** Integers and reals have 64 bits on the wire instead of the usual 32. */
    SPS_VARIANT_WIDE = 1,
    /** The node path begins at the root. */
    SPS_VARIANT_ABSOLUTE = 2
};

/** The kind of a typed container's elements: one of the values below. */
typedef int32_t sps_variant_element_kind;

enum {
    /** Any value. */
    SPS_VARIANT_ANY = 0,
    /** One type of Variant. */
    SPS_VARIANT_BUILTIN = 1,
    /** Objects of a class, given by its name. */
    SPS_VARIANT_CLASS = 2,
    /** Objects of a script, given by its path. */
    SPS_VARIANT_SCRIPT = 3
};

/** The element type of a typed container, for a writer. All zero except struct_size: not typed. */
typedef struct sps_variant_element {
    /** sizeof(sps_variant_element). */
    uint32_t struct_size;
    /** The field that has the type: `type` or `name`. */
    sps_variant_element_kind kind;
    /** With SPS_VARIANT_BUILTIN. */
    sps_variant_type type;
    /** With SPS_VARIANT_CLASS and SPS_VARIANT_SCRIPT: UTF-8, not terminated. */
    const char *name;
    /** The length of name. */
    size_t name_bytes;
} sps_variant_element;

/** The limit of nested containers in a value. It is Godot's limit. */
enum { SPS_VARIANT_MAX_DEPTH = 1024 };

/**
 * The memory rule of a decoded value, in C++ and in Swift. The value takes at most 4 bytes for each
 * byte that is read, plus 16 MiB. A value that needs more returns ERR_OUT_OF_MEMORY before it takes
 * more. The caller can set another limit. Since 0.1.
 *
 * Memory counts in blocks, as malloc(3) allocates them. During a read, the list of open containers
 * takes up to 256 KiB more.
 *
 * So a value within the default max_value_bytes is accepted if it takes at most 6 times its bytes.
 * Ints take 3 times their bytes, nulls 6 times, packed arrays once. Containers of one value each
 * take the most, about 18 times: up to 1 MiB of them is accepted.
 */
enum { SPS_VARIANT_SPARE_MEMORY_BYTES = 16 * 1024 * 1024 };

/** One value, or the begin or end of a container. */
typedef struct sps_variant_item {
    /** sizeof(sps_variant_item), set by the caller. */
    uint32_t struct_size;
    /** The step: a value, or the begin or end of a container. */
    sps_variant_step step;
    /** The type of the value or container. */
    sps_variant_type type;
    /** Bits SPS_VARIANT_WIDE and SPS_VARIANT_ABSOLUTE. */
    uint32_t flags;
    /**
     * The number of parts, by type:
     * - Array, packed array: its elements.
     * - Dictionary, object: its pairs.
     * - Vector and similar type: its components.
     * - Node path: its names, without the subnames.
     */
    uint32_t count;
    /** Node path: the number of its subnames. */
    uint32_t subname_count;
    /** BOOL (0 or 1), INT, RID, the id of an OBJECT, or the object id of a SIGNAL. */
    int64_t integer;
    /** FLOAT. */
    double real;
    /**
     * The bytes of the item, by type:
     * - STRING, STRING_NAME: UTF-8, not NUL-terminated.
     * - SIGNAL: its name.
     * - OBJECT that begins: the name of its class.
     * - PACKED_BYTE_ARRAY: its bytes.
     * - Other types: the format of the wire. Read components and packed elements with
     *   sps_variant_get_reals() and sps_variant_get_integers(). Read names with
     *   sps_variant_next_string().
     *
     * They lie in the memory that the reader reads, and may be unaligned.
     */
    const uint8_t *data;
    /** The length of data. */
    size_t data_bytes;
    /** Typed dictionary: the type of its keys, with the fields of sps_variant_element. */
    sps_variant_element_kind key_kind;
    /** The type of the keys, with SPS_VARIANT_BUILTIN. */
    sps_variant_type key_type;
    /** The class or script of the keys. */
    const char *key_name;
    /** The length of key_name. */
    size_t key_name_bytes;
    /** Typed array or dictionary: the type of its elements or values. */
    sps_variant_element_kind value_kind;
    /** The type of the elements or values, with SPS_VARIANT_BUILTIN. */
    sps_variant_type value_type;
    /** The class or script of the elements or values. */
    const char *value_name;
    /** The length of value_name. */
    size_t value_name_bytes;
} sps_variant_item;

/* ---- Reading */

/** Limits of a reader. */
typedef struct sps_variant_reader_options {
    /** sizeof(sps_variant_reader_options). */
    uint32_t struct_size;
    /** Limit of nested containers, 1 to 1,024. Default 1,024, as in Godot. */
    uint32_t max_depth;
    /**
     * Nonzero: the reader reads objects with properties, as plain data. Default: ERR_UNAUTHORIZED.
     */
    uint32_t allow_objects;
} sps_variant_reader_options;

/** Why a reader has stopped: one of the values below. */
typedef int32_t sps_variant_fault;

enum {
    /** No error. */
    SPS_VARIANT_SOUND = 0,
    /** The bytes end before the value does. */
    SPS_VARIANT_TRUNCATED = 1,
    /** There is no such type. */
    SPS_VARIANT_UNKNOWN_TYPE = 2,
    /** More nested containers than max_depth. */
    SPS_VARIANT_TOO_DEEP = 3,
    /** A text that is not UTF-8 (RFC 3629). */
    SPS_VARIANT_NO_UTF8 = 4,
    /** A node path in the format before Godot 2.1. */
    SPS_VARIANT_OLD_NODE_PATH = 5,
    /** An object with properties, which the options forbid. */
    SPS_VARIANT_OBJECT_NOT_ALLOWED = 6
};

/**
 * Walks over one value. The caller provides its memory, may copy it, and need not destroy it. The
 * fields belong to the library, except struct_size. Set only that field: a reader is large, and
 * init does not zero it.
 */
typedef struct sps_variant_reader {
    /** sizeof(sps_variant_reader), set by the caller before sps_variant_reader_init(). */
    uint32_t struct_size;
    /** @cond */
    const uint8_t *begin, *at, *end;
    const uint8_t *item;
    uint32_t depth;
    uint32_t max_depth;
    sps_error error;
    sps_variant_fault fault;
    uint32_t allows_objects;
    uint32_t is_begun;
    uint32_t levels[SPS_VARIANT_MAX_DEPTH];
    /** @endcond */
} sps_variant_reader;

/**
 * Begins to read a value. Since 0.1.
 *
 * @param data the output of put_var() without its length prefix. Borrowed: it must exist while the
 *         caller uses the reader or its results.
 * @param options NULL for defaults.
 * @return OK, or ERR_INVALID_PARAMETER for one of:
 *         - options with a max_depth above 1,024, or a struct_size of 0.
 *         - a reader whose struct_size is below that of version 0.1.
 *         - data that is NULL, or longer than UINT32_MAX bytes.
 */
SPS_API sps_error sps_variant_reader_init(sps_variant_reader *reader, const void *data,
                                          size_t bytes, const sps_variant_reader_options *options);

/**
 * Returns the next item. Since 0.1.
 *
 * @param out_item the caller sets struct_size first. Fields that the type does not have are 0. The
 *         contents are undefined unless OK.
 * @return OK, or an error, which later calls repeat. sps_variant_reader_fault() returns the reason.
 *         - ERR_FILE_EOF: the last item of the value was returned before.
 *         - ERR_INVALID_DATA: the value is malformed or nested too deep.
 *         - ERR_UNAUTHORIZED: the options do not allow an object with properties.
 *         - ERR_INVALID_PARAMETER: struct_size is 0. Later calls do not repeat this one.
 */
SPS_API sps_error sps_variant_reader_next(sps_variant_reader *reader, sps_variant_item *out_item);

/**
 * Skips the rest of the innermost open container. The next item is the one after its end.
 * Since 0.1.
 *
 * @return the codes of sps_variant_reader_next(), or:
 *         - ERR_DOES_NOT_EXIST: no container is open.
 */
SPS_API sps_error sps_variant_reader_skip(sps_variant_reader *reader);

/**
 * Returns how many bytes were read. After ERR_FILE_EOF the next value would begin there. After
 * another error the malformed item begins there. Since 0.1.
 */
SPS_API size_t sps_variant_reader_offset(const sps_variant_reader *reader);

/**
 * Returns why the reader has stopped. It is SPS_VARIANT_SOUND before that, and at the end.
 * Since 0.1.
 */
SPS_API sps_variant_fault sps_variant_reader_fault(const sps_variant_reader *reader);

/**
 * Reads real components of any width: of a vector or similar type, or of a packed array of reals,
 * vectors or colors. Since 0.1.
 *
 * @param first the first component. The y of an array's second Vector2 is 3.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: the item has no reals.
 *         - ERR_PARAMETER_RANGE_ERROR: the item has fewer components. Nothing is read.
 */
SPS_API sps_error sps_variant_get_reals(const sps_variant_item *item, size_t first, size_t count,
                                        double *out_reals);

/** sps_variant_get_reals() in single precision. Wide components are rounded. Since 0.1. */
SPS_API sps_error sps_variant_get_floats(const sps_variant_item *item, size_t first, size_t count,
                                         float *out_floats);

/**
 * sps_variant_get_reals() for vectors of integers, and for packed arrays of bytes and integers.
 * Since 0.1.
 */
SPS_API sps_error sps_variant_get_integers(const sps_variant_item *item, size_t first, size_t count,
                                           int64_t *out_integers);

/**
 * sps_variant_get_integers() for components of at most 32 bits. A PackedInt64Array returns
 * ERR_INVALID_PARAMETER. Since 0.1.
 */
SPS_API sps_error sps_variant_get_int32s(const sps_variant_item *item, size_t first, size_t count,
                                         int32_t *out_integers);

/**
 * Returns the next string of a packed array, or the next name of a node path. Subnames follow the
 * names. Since 0.1.
 *
 * @param io_position the caller sets 0 first. Each call advances it.
 * @param out_text in the memory that the reader reads: UTF-8, not NUL-terminated.
 * @return OK, or:
 *         - ERR_FILE_EOF: the last string was returned before.
 *         - ERR_INVALID_PARAMETER: the item has no strings.
 *         - ERR_INVALID_DATA: the item is malformed. An item from a reader never is.
 */
SPS_API sps_error sps_variant_next_string(const sps_variant_item *item, size_t *io_position,
                                          const char **out_text, size_t *out_bytes);

/* ---- Writing */

/** Destination and format of a writer. */
typedef struct sps_variant_writer_options {
    /** sizeof(sps_variant_writer_options). */
    uint32_t struct_size;
    /** Levels of containers: 1 to 1,024. Default 1,024. */
    uint32_t max_depth;
    /**
     * Nonzero: the writer uses 64 bits for vectors and similar types, like Godot's double-precision
     * builds.
     */
    uint32_t wide_reals;
    /** Limit in bytes. Default 8,388,608 (8 MiB). With a buffer: its size. */
    uint32_t max_bytes;
    /** Destination. Borrowed. NULL: memory from the allocator that grows. */
    void *buffer;
    /** The size of buffer. */
    size_t buffer_bytes;
    /** NULL: malloc, realloc and free. Copied. */
    const sps_allocator *allocator;
} sps_variant_writer_options;

/**
 * Appends one value. The caller provides its memory, and must not copy it. The fields belong to the
 * library, except struct_size. Set only that field, as in a reader.
 */
typedef struct sps_variant_writer {
    /** sizeof(sps_variant_writer), set by the caller before sps_variant_writer_init(). */
    uint32_t struct_size;
    /** @cond */
    uint8_t *data;
    size_t size, capacity;
    size_t max_bytes;
    uint32_t depth;
    uint32_t max_depth;
    uint32_t grows;
    uint32_t writes_wide;
    uint32_t is_begun;
    void *(*reallocate)(void *user_data, void *block, size_t old_bytes, size_t new_bytes);
    void *user_data;
    uint32_t levels[SPS_VARIANT_MAX_DEPTH];
    /** @endcond */
} sps_variant_writer;

/**
 * Begins a value. Since 0.1.
 *
 * @param options NULL for defaults: memory that grows to at most 8 MiB.
 * @return OK, or ERR_INVALID_PARAMETER for one of:
 *         - options with a max_depth above 1,024.
 *         - options or their allocator with a struct_size of 0.
 *         - a writer whose struct_size is below that of version 0.1.
 */
SPS_API sps_error sps_variant_writer_init(sps_variant_writer *writer,
                                          const sps_variant_writer_options *options);

/** Frees the memory that has grown. NULL is allowed. Since 0.1. */
SPS_API void sps_variant_writer_destroy(sps_variant_writer *writer);

/** Begins a new value in the same memory. Since 0.1. */
SPS_API void sps_variant_writer_reset(sps_variant_writer *writer);

/**
 * Returns the bytes of the value, as put_var() writes them, without a length prefix. Since 0.1.
 *
 * @param out_data in the writer's memory, valid until the next call on it.
 * @return OK, or:
 *         - ERR_UNCONFIGURED: nothing was written, or a container lacks elements.
 */
SPS_API sps_error sps_variant_writer_get_data(const sps_variant_writer *writer,
                                              const uint8_t **out_data, size_t *out_bytes);

/**
 * Writes any item. An item from a reader is written unchanged. Since 0.1.
 *
 * A container ends by itself after its last element, so an END item writes nothing. Inside an
 * object, each name is a STRING.
 *
 * @return OK, or an error, after which nothing is written and the writer stays usable:
 *         - ERR_INVALID_PARAMETER: an unknown type, data of a wrong size, text that is not UTF-8,
 *           or a name that is not a string. Or struct_size is 0.
 *         - ERR_ALREADY_EXISTS: the value is complete.
 *         - ERR_OUT_OF_MEMORY: the value exceeds the memory, or max_bytes.
 *         - ERR_PARAMETER_RANGE_ERROR: more nested containers than max_depth.
 */
SPS_API sps_error sps_variant_write(sps_variant_writer *writer, const sps_variant_item *item);

/**
 * Writes null. Since 0.1.
 *
 * @return the codes of sps_variant_write(), here and in all calls that follow.
 */
SPS_API sps_error sps_variant_write_nil(sps_variant_writer *writer);
/** Writes a bool. Every value except 0 is true. Since 0.1. */
SPS_API sps_error sps_variant_write_bool(sps_variant_writer *writer, uint32_t value);
/** Writes an int, in 32 bits if the value fits, as Godot does. Since 0.1. */
SPS_API sps_error sps_variant_write_int(sps_variant_writer *writer, int64_t value);
/** Writes a float, in 32 bits if that loses nothing, as Godot does. Since 0.1. */
SPS_API sps_error sps_variant_write_float(sps_variant_writer *writer, double value);
/** Writes a String. Since 0.1. */
SPS_API sps_error sps_variant_write_string(sps_variant_writer *writer, const char *text,
                                           size_t bytes);
/** Writes a StringName. Since 0.1. */
SPS_API sps_error sps_variant_write_string_name(sps_variant_writer *writer, const char *text,
                                                size_t bytes);
/**
 * Writes a NodePath from its text, such as "/root/Player:position:x". Since 0.1.
 */
SPS_API sps_error sps_variant_write_node_path(sps_variant_writer *writer, const char *text,
                                              size_t bytes);
/**
 * Writes a NodePath from its names. The names are not parsed. Since 0.1.
 *
 * @param flags 0 or SPS_VARIANT_ABSOLUTE.
 * @param names name_count names, then subname_count subnames, in UTF-8.
 * @param bytes the length of each.
 */
SPS_API sps_error sps_variant_write_node_path_names(sps_variant_writer *writer, uint32_t flags,
                                                    const char *const *names, const size_t *bytes,
                                                    uint32_t name_count, uint32_t subname_count);
/**
 * Writes a vector, or another type of reals: VECTOR2 to COLOR. Since 0.1.
 *
 * @param components as many as the type has: 3 for a VECTOR3, 12 for a TRANSFORM3D. As in Godot, a
 *         basis is in row order and a Transform2D in column order.
 */
SPS_API sps_error sps_variant_write_reals(sps_variant_writer *writer, sps_variant_type type,
                                          const double *components);
/** Writes a vector of integers, or a RECT2I. Since 0.1. */
SPS_API sps_error sps_variant_write_integers(sps_variant_writer *writer, sps_variant_type type,
                                             const int32_t *components);
/** Writes a RID. Since 0.1. */
SPS_API sps_error sps_variant_write_rid(sps_variant_writer *writer, uint64_t id);
/** Writes an Object as its id, as put_var() does if objects are not allowed. Since 0.1. */
SPS_API sps_error sps_variant_write_object_id(sps_variant_writer *writer, uint64_t id);
/** Writes a Callable. As in Godot, it has no contents. Since 0.1. */
SPS_API sps_error sps_variant_write_callable(sps_variant_writer *writer);
/** Writes a Signal. Since 0.1. */
SPS_API sps_error sps_variant_write_signal(sps_variant_writer *writer, const char *name,
                                           size_t bytes, uint64_t object_id);
/**
 * Begins an Array. The caller writes count elements next. Since 0.1.
 *
 * @param element the element type of a typed array. NULL: any.
 */
SPS_API sps_error sps_variant_write_array(sps_variant_writer *writer, uint32_t count,
                                          const sps_variant_element *element);
/** Begins a Dictionary. The caller writes count pairs next, each a key and its value. Since 0.1. */
SPS_API sps_error sps_variant_write_dictionary(sps_variant_writer *writer, uint32_t count,
                                               const sps_variant_element *key,
                                               const sps_variant_element *value);
/**
 * Begins an Object with its properties, as put_var() does with full_objects. The caller writes
 * count pairs next, each a name (a String) and its value. Since 0.1.
 *
 * @param class_name UTF-8, not empty.
 */
SPS_API sps_error sps_variant_write_object(sps_variant_writer *writer, const char *class_name,
                                           size_t class_bytes, uint32_t count);
/**
 * Writes a packed array of bytes, numbers, vectors or colors. Since 0.1.
 *
 * @param elements uint8_t, int32_t, int64_t, float or double. For vectors and colors: their
 *         components as floats.
 * @param count of elements. A vector counts as one.
 */
SPS_API sps_error sps_variant_write_packed(sps_variant_writer *writer, sps_variant_type type,
                                           const void *elements, uint32_t count);
/**
 * Writes a packed array of reals, vectors or colors from double precision. Vectors are wide if the
 * writer's wide_reals is set, as in Godot's double-precision builds. Colors and a
 * PackedFloat32Array are always rounded to 32 bits. Since 0.1.
 *
 * @param reals the components of all elements.
 * @param count of elements.
 */
SPS_API sps_error sps_variant_write_packed_reals(sps_variant_writer *writer, sps_variant_type type,
                                                 const double *reals, uint32_t count);
/** Writes a PackedStringArray. Since 0.1. */
SPS_API sps_error sps_variant_write_packed_strings(sps_variant_writer *writer,
                                                   const char *const *texts, const size_t *bytes,
                                                   uint32_t count);

/* ---- On a stream */

/**
 * Puts a value from a writer: its length as u32 in the stream's byte order, then the value, as one
 * write. Godot: put_var. Since 0.1.
 *
 * @return the codes of sps_stream_put_u8(), and:
 *         - ERR_INVALID_PARAMETER: bytes is above UINT32_MAX or PTRDIFF_MAX.
 */
SPS_API sps_error sps_stream_put_var(sps_stream *stream, const void *value, size_t bytes);

/**
 * Takes a whole value, and waits for it. A reader decodes it. Godot: get_var. Since 0.1.
 *
 * @param out_value in the stream's memory, valid until the next call on this stream or its poller.
 * @return OK, or an error. A malformed value also returns OK: the reader reports it. The stream has
 *         then passed it, and can read the next value.
 *         - ERR_INVALID_DATA: the length is above max_value_bytes. Nothing is consumed.
 *         - ERR_FILE_EOF, FAILED, ERR_TIMEOUT, ERR_OUT_OF_MEMORY: as for a typed value.
 */
SPS_API sps_error sps_stream_get_var(sps_stream *stream, const uint8_t **out_value,
                                     size_t *out_bytes);

/** sps_stream_get_var() without waiting: ERR_BUSY if the value is not all there yet. Since 0.1. */
SPS_API sps_error sps_stream_try_get_var(sps_stream *stream, const uint8_t **out_value,
                                         size_t *out_bytes);

SPS_END_DECLARATIONS

#endif

/* SPDX-License-Identifier: MIT */
/**
 * @file variant.h
 * Godot's Variant on the wire: what put_var() writes and get_var() reads, in the format of Godot 4
 * ("Binary serialization API" in Godot's documentation).
 *
 * A reader walks over the bytes of one value and hands out one item after another: a value, or the begin
 * and the end of a container. A writer appends items. Neither makes a tree, and neither recurses; a
 * reader never allocates.
 *
 *     sps_variant_reader reader;
 *     reader.struct_size = sizeof reader;
 *     sps_variant_item item = {.struct_size = sizeof item};
 *     sps_variant_reader_init(&reader, data, bytes, NULL);
 *     while (sps_variant_reader_next(&reader, &item) == SPS_OK) {
 *         if (item.step == SPS_VARIANT_BEGIN) { … item.count elements follow … }
 *     }
 *
 * The elements of a dictionary are its keys and values in turn; those of an object, the names and values
 * of its properties. An object is never made into code: it is read as its class' name and its properties,
 * and only when the reader's options allow it.
 *
 * Whatever the bytes claim, a reader takes time and touches memory in proportion to what is there.
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

/** One of the SPS_VARIANT_… types; they are those of Godot's Variant.Type. */
typedef int32_t sps_variant_type;

enum {
    SPS_VARIANT_NIL = 0,
    SPS_VARIANT_BOOL = 1,
    SPS_VARIANT_INT = 2,
    SPS_VARIANT_FLOAT = 3,
    SPS_VARIANT_STRING = 4,
    SPS_VARIANT_VECTOR2 = 5,
    SPS_VARIANT_VECTOR2I = 6,
    SPS_VARIANT_RECT2 = 7,
    SPS_VARIANT_RECT2I = 8,
    SPS_VARIANT_VECTOR3 = 9,
    SPS_VARIANT_VECTOR3I = 10,
    SPS_VARIANT_TRANSFORM2D = 11,
    SPS_VARIANT_VECTOR4 = 12,
    SPS_VARIANT_VECTOR4I = 13,
    SPS_VARIANT_PLANE = 14,
    SPS_VARIANT_QUATERNION = 15,
    SPS_VARIANT_AABB = 16,
    SPS_VARIANT_BASIS = 17,
    SPS_VARIANT_TRANSFORM3D = 18,
    SPS_VARIANT_PROJECTION = 19,
    SPS_VARIANT_COLOR = 20,
    SPS_VARIANT_STRING_NAME = 21,
    SPS_VARIANT_NODE_PATH = 22,
    SPS_VARIANT_RID = 23,
    SPS_VARIANT_OBJECT = 24,
    SPS_VARIANT_CALLABLE = 25,
    SPS_VARIANT_SIGNAL = 26,
    SPS_VARIANT_DICTIONARY = 27,
    SPS_VARIANT_ARRAY = 28,
    SPS_VARIANT_PACKED_BYTE_ARRAY = 29,
    SPS_VARIANT_PACKED_INT32_ARRAY = 30,
    SPS_VARIANT_PACKED_INT64_ARRAY = 31,
    SPS_VARIANT_PACKED_FLOAT32_ARRAY = 32,
    SPS_VARIANT_PACKED_FLOAT64_ARRAY = 33,
    SPS_VARIANT_PACKED_STRING_ARRAY = 34,
    SPS_VARIANT_PACKED_VECTOR2_ARRAY = 35,
    SPS_VARIANT_PACKED_VECTOR3_ARRAY = 36,
    SPS_VARIANT_PACKED_COLOR_ARRAY = 37,
    SPS_VARIANT_PACKED_VECTOR4_ARRAY = 38,
    /** How many types there are. */
    SPS_VARIANT_TYPES = 39
};

/** What an item is: one of the values below. */
typedef int32_t sps_variant_step;

enum {
    /** A value that contains no other. */
    SPS_VARIANT_VALUE = 0,
    /** An array, a dictionary, or an object with its properties: its elements follow. */
    SPS_VARIANT_BEGIN = 1,
    /** The last element was the one before. */
    SPS_VARIANT_END = 2
};

/** What an item is like: bits. */
enum {
    /** Integers and reals have 64 bits on the wire, where 32 are usual. */
    SPS_VARIANT_WIDE = 1,
    /** A node path that begins at the root. */
    SPS_VARIANT_ABSOLUTE = 2
};

/** What the elements of a typed container are: one of the values below. */
typedef int32_t sps_variant_element_kind;

enum {
    /** Anything. */
    SPS_VARIANT_ANY = 0,
    /** A type of Variant's. */
    SPS_VARIANT_BUILTIN = 1,
    /** Objects of a class, by its name. */
    SPS_VARIANT_CLASS = 2,
    /** Objects of a script, by its path. */
    SPS_VARIANT_SCRIPT = 3
};

/** The type of a typed container's elements, for a writer. All zero but its size: it is not typed. */
typedef struct sps_variant_element {
    /** sizeof(sps_variant_element). */
    uint32_t struct_size;
    sps_variant_element_kind kind;
    /** With SPS_VARIANT_BUILTIN. */
    sps_variant_type type;
    /** With SPS_VARIANT_CLASS and SPS_VARIANT_SCRIPT: UTF-8, not terminated. */
    const char *name;
    size_t name_bytes;
} sps_variant_element;

/** The levels of containers that a value has at most: Godot's limit. */
enum { SPS_VARIANT_MAX_DEPTH = 1024 };

/**
 * The rule for the memory of a value that was decoded, in C++ and in Swift: it takes at most 4 bytes
 * for each byte that is read, and 16 MiB besides. A value that needs more is ERR_OUT_OF_MEMORY before
 * it takes more; the caller can set another limit. Since 0.1.
 *
 * Memory is counted in blocks, as malloc(3) hands them out. While a value is read, the list of
 * containers that have begun takes up to 256 KiB more.
 *
 * So a value of up to the default max_value_bytes is read if it takes at most 6 times its bytes:
 * ints take 3 times, nulls 6, packed arrays once. The most is about 18 times, of containers of
 * one value each: up to 1 MiB of them is read.
 */
enum { SPS_VARIANT_SPARE_MEMORY_BYTES = 16 * 1024 * 1024 };

/** One value, or the begin or end of a container. */
typedef struct sps_variant_item {
    /** sizeof(sps_variant_item), set by the caller. */
    uint32_t struct_size;
    sps_variant_step step;
    sps_variant_type type;
    /** SPS_VARIANT_WIDE and SPS_VARIANT_ABSOLUTE. */
    uint32_t flags;
    /**
     * Of a container: its elements; of a dictionary or object, its pairs. Of a packed array: its elements.
     * Of a vector and its kin: its components. Of a node path: its names, without the subnames.
     */
    uint32_t count;
    /** Of a node path: its subnames. */
    uint32_t subname_count;
    /** BOOL (0 or 1), INT, RID; the id of an OBJECT, and of the object that a SIGNAL is of. */
    int64_t integer;
    /** FLOAT. */
    double real;
    /**
     * STRING, STRING_NAME: UTF-8, not terminated. SIGNAL: its name. An OBJECT that begins: its class. Else
     * as on the wire: components, packed elements, and names, to be read with sps_variant_get_reals(),
     * sps_variant_get_integers() and sps_variant_next_string(). A PACKED_BYTE_ARRAY is its bytes. It lies in the memory that
     * is read, and need not be aligned.
     */
    const uint8_t *data;
    size_t data_bytes;
    /** Of a typed dictionary: what its keys are, as the fields of sps_variant_element. */
    sps_variant_element_kind key_kind;
    sps_variant_type key_type;
    const char *key_name;
    size_t key_name_bytes;
    /** Of a typed array or dictionary: what its elements, or its values, are. */
    sps_variant_element_kind value_kind;
    sps_variant_type value_type;
    const char *value_name;
    size_t value_name_bytes;
} sps_variant_item;

/* ---- Reading */

/** What a reader allows. */
typedef struct sps_variant_reader_options {
    /** sizeof(sps_variant_reader_options). */
    uint32_t struct_size;
    /** Levels of containers: 1 to 1,024. Default 1,024, as Godot. */
    uint32_t max_depth;
    /** Nonzero: objects with properties are read, as plain data. Default: they are ERR_UNAUTHORIZED. */
    uint32_t allow_objects;
} sps_variant_reader_options;

/** Why a reader has stopped: one of the values below. */
typedef int32_t sps_variant_fault;

enum {
    SPS_VARIANT_SOUND = 0,
    /** The bytes end before the value does. */
    SPS_VARIANT_TRUNCATED = 1,
    /** There is no such type. */
    SPS_VARIANT_UNKNOWN_TYPE = 2,
    /** More levels than max_depth. */
    SPS_VARIANT_TOO_DEEP = 3,
    /** A text that is no UTF-8 (RFC 3629). */
    SPS_VARIANT_NO_UTF8 = 4,
    /** A node path in the format before Godot 2.1. */
    SPS_VARIANT_OLD_NODE_PATH = 5,
    /** An object with properties, which the options do not allow. */
    SPS_VARIANT_OBJECT_NOT_ALLOWED = 6
};

/**
 * Walks over one value. The caller's memory, which needs no end and may be copied; what is inside is the
 * library's, but for struct_size. Set that alone: a reader is large, and init zeroes nothing of it.
 */
typedef struct sps_variant_reader {
    /** sizeof(sps_variant_reader), set by the caller before sps_variant_reader_init(). */
    uint32_t struct_size;
    const uint8_t *begin, *at, *end;
    const uint8_t *item;
    uint32_t depth;
    uint32_t max_depth;
    sps_error error;
    sps_variant_fault fault;
    uint32_t allows_objects;
    uint32_t is_begun;
    uint32_t levels[SPS_VARIANT_MAX_DEPTH];
} sps_variant_reader;

/**
 * Begins to read a value. Since 0.1.
 *
 * @param data what put_var() writes, without the length before it; borrowed while the reader is used, and
 *        while what it has handed out is.
 * @param options NULL for defaults.
 * @return OK; ERR_INVALID_PARAMETER (a max_depth above 1,024, options whose struct_size is 0, a
 *         reader whose struct_size is less than that of 0.1, no data, more than UINT32_MAX bytes).
 */
SPS_API sps_error sps_variant_reader_init(sps_variant_reader *reader, const void *data,
                                          size_t bytes, const sps_variant_reader_options *options);

/**
 * The next item. Since 0.1.
 *
 * @param out_item struct_size is to be set; the fields that the item's type does not have are 0. Undefined
 *        unless OK.
 * @return OK; ERR_FILE_EOF after the last item of the value; ERR_INVALID_DATA when it is malformed, or
 *         too deep; ERR_UNAUTHORIZED for an object with properties that is not allowed. After an error the
 *         same comes again; sps_variant_reader_fault() tells more.
 */
SPS_API sps_error sps_variant_reader_next(sps_variant_reader *reader, sps_variant_item *out_item);

/**
 * Goes past the elements of the container that began last and has not ended: the next item is what follows
 * its end. Since 0.1.
 *
 * @return OK; ERR_DOES_NOT_EXIST when none is open; else as sps_variant_reader_next().
 */
SPS_API sps_error sps_variant_reader_skip(sps_variant_reader *reader);

/**
 * How many bytes were read: after ERR_FILE_EOF, where the next value would begin; after another error,
 * where the malformed item begins. Since 0.1.
 */
SPS_API size_t sps_variant_reader_offset(const sps_variant_reader *reader);

/** Why the reader has stopped; SPS_VARIANT_SOUND when it has not, or is at the end. Since 0.1. */
SPS_API sps_variant_fault sps_variant_reader_fault(const sps_variant_reader *reader);

/**
 * Reads components of a vector and its kin, or of a packed array of reals, of vectors or colors, of
 * either width. Since 0.1.
 *
 * @param first the first component: the y of an array's second Vector2 is 3.
 * @return OK; ERR_INVALID_PARAMETER when the item has no reals; ERR_PARAMETER_RANGE_ERROR when it has not
 *         so many (nothing is read).
 */
SPS_API sps_error sps_variant_get_reals(const sps_variant_item *item, size_t first, size_t count,
                                        double *out_reals);

/** The same in single precision; what is wide is rounded. Since 0.1. */
SPS_API sps_error sps_variant_get_floats(const sps_variant_item *item, size_t first, size_t count,
                                         float *out_floats);

/** The same for vectors of integers and packed arrays of bytes and integers. Since 0.1. */
SPS_API sps_error sps_variant_get_integers(const sps_variant_item *item, size_t first, size_t count,
                                           int64_t *out_integers);

/**
 * The same where none has more than 32 bits: vectors, packed arrays of bytes and of 32-bit integers. A
 * PackedInt64Array is ERR_INVALID_PARAMETER. Since 0.1.
 */
SPS_API sps_error sps_variant_get_int32s(const sps_variant_item *item, size_t first, size_t count,
                                         int32_t *out_integers);

/**
 * One string of a packed array, or one name of a node path: the subnames follow the names. Since 0.1.
 *
 * @param io_position 0 at first; moves to the next.
 * @param out_text in the memory that is read, UTF-8, not terminated.
 * @return OK; ERR_FILE_EOF after the last; ERR_INVALID_PARAMETER when the item has no strings;
 *         ERR_INVALID_DATA when it is not of a reader, and malformed.
 */
SPS_API sps_error sps_variant_next_string(const sps_variant_item *item, size_t *io_position,
                                          const char **out_text, size_t *out_bytes);

/* ---- Writing */

/** Where a writer writes, and how. */
typedef struct sps_variant_writer_options {
    /** sizeof(sps_variant_writer_options). */
    uint32_t struct_size;
    /** Levels of containers: 1 to 1,024. Default 1,024. */
    uint32_t max_depth;
    /** Nonzero: vectors and their kin are written wide, as Godot's double-precision builds do. */
    uint32_t wide_reals;
    /** Bytes at most. Default 8,388,608 (8 MiB); with a buffer, its size. */
    uint32_t max_bytes;
    /** Where to write; borrowed. NULL: memory that grows, from the allocator. */
    void *buffer;
    size_t buffer_bytes;
    /** NULL: malloc, realloc and free. Copied. */
    const sps_allocator *allocator;
} sps_variant_writer_options;

/**
 * Appends one value. The caller's memory, which must not be copied; what is inside is the
 * library's, but for struct_size. Set that alone, as of a reader.
 */
typedef struct sps_variant_writer {
    /** sizeof(sps_variant_writer), set by the caller before sps_variant_writer_init(). */
    uint32_t struct_size;
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
} sps_variant_writer;

/**
 * Begins a value. Since 0.1.
 *
 * @param options NULL for defaults: memory that grows, 8 MiB at most.
 * @return OK; ERR_INVALID_PARAMETER (a max_depth above 1,024, options whose struct_size is 0, a
 *         writer whose struct_size is less than that of 0.1).
 */
SPS_API sps_error sps_variant_writer_init(sps_variant_writer *writer,
                                          const sps_variant_writer_options *options);

/** Frees what has grown. NULL is allowed. Since 0.1. */
SPS_API void sps_variant_writer_destroy(sps_variant_writer *writer);

/** Begins anew, in the same memory. Since 0.1. */
SPS_API void sps_variant_writer_reset(sps_variant_writer *writer);

/**
 * What was written, as put_var() writes it, but without the length before it. Since 0.1.
 *
 * @param out_data in the writer's memory, valid until the next call on it.
 * @return OK; ERR_UNCONFIGURED when nothing was written, or a container has not all of its elements.
 */
SPS_API sps_error sps_variant_writer_get_data(const sps_variant_writer *writer,
                                              const uint8_t **out_data, size_t *out_bytes);

/**
 * Writes any item: what a reader hands out is written as it was. Since 0.1.
 *
 * A container ends by itself with its last element, so an item that says END writes nothing. Inside an
 * object, each name is a STRING.
 *
 * @return OK; ERR_INVALID_PARAMETER: the item is none (a type that is not, data of a wrong size, text that
 *         is no UTF-8, a name that is no string); ERR_ALREADY_EXISTS: the value is whole already;
 *         ERR_OUT_OF_MEMORY: more than there is room for, or max_bytes; ERR_PARAMETER_RANGE_ERROR: more levels than
 *         max_depth. Nothing is written unless OK, and the writer can be used on.
 */
SPS_API sps_error sps_variant_write(sps_variant_writer *writer, const sps_variant_item *item);

/** Writes null. Since 0.1. @return as sps_variant_write(), as all that follow. */
SPS_API sps_error sps_variant_write_nil(sps_variant_writer *writer);
/** Writes a bool: anything but 0 is true. Since 0.1. */
SPS_API sps_error sps_variant_write_bool(sps_variant_writer *writer, uint32_t value);
/** Writes an int, in 32 bits where they suffice, as Godot does. Since 0.1. */
SPS_API sps_error sps_variant_write_int(sps_variant_writer *writer, int64_t value);
/** Writes a float, in 32 bits where they say the same, as Godot does. Since 0.1. */
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
 * Writes a NodePath from its names, none of which is taken apart. Since 0.1.
 *
 * @param flags 0 or SPS_VARIANT_ABSOLUTE.
 * @param names name_count names, then subname_count subnames, in UTF-8; bytes of each.
 */
SPS_API sps_error sps_variant_write_node_path_names(sps_variant_writer *writer, uint32_t flags,
                                                    const char *const *names, const size_t *bytes,
                                                    uint32_t name_count, uint32_t subname_count);
/**
 * Writes a vector, or another type that consists of reals: VECTOR2 to COLOR. Since 0.1.
 *
 * @param components as many as the type has: 3 of a VECTOR3, 12 of a TRANSFORM3D; a basis comes by its rows, as
 *        Godot writes it, a Transform2D by its columns.
 */
SPS_API sps_error sps_variant_write_reals(sps_variant_writer *writer, sps_variant_type type,
                                          const double *components);
/** Writes a vector of integers, or a RECT2I. Since 0.1. */
SPS_API sps_error sps_variant_write_integers(sps_variant_writer *writer, sps_variant_type type,
                                             const int32_t *components);
/** Writes a RID. Since 0.1. */
SPS_API sps_error sps_variant_write_rid(sps_variant_writer *writer, uint64_t id);
/** Writes an Object as its id, as put_var() does unless objects are allowed. Since 0.1. */
SPS_API sps_error sps_variant_write_object_id(sps_variant_writer *writer, uint64_t id);
/** Writes a Callable, of which nothing is sent. Since 0.1. */
SPS_API sps_error sps_variant_write_callable(sps_variant_writer *writer);
/** Writes a Signal. Since 0.1. */
SPS_API sps_error sps_variant_write_signal(sps_variant_writer *writer, const char *name,
                                           size_t bytes, uint64_t object_id);
/**
 * Begins an Array of so many elements, which are to be written next. Since 0.1.
 *
 * @param element the type of a typed array's elements; NULL: any.
 */
SPS_API sps_error sps_variant_write_array(sps_variant_writer *writer, uint32_t count,
                                          const sps_variant_element *element);
/** Begins a Dictionary of so many pairs: a key and its value in turn are to be written next. Since 0.1. */
SPS_API sps_error sps_variant_write_dictionary(sps_variant_writer *writer, uint32_t count,
                                               const sps_variant_element *key,
                                               const sps_variant_element *value);
/**
 * Begins an Object with so many properties, as put_var() writes it with full_objects: a name, which is a
 * String, and its value in turn are to be written next. Since 0.1.
 *
 * @param class_name UTF-8, not empty.
 */
SPS_API sps_error sps_variant_write_object(sps_variant_writer *writer, const char *class_name,
                                           size_t class_bytes, uint32_t count);
/**
 * Writes a packed array of bytes, numbers, vectors or colors. Since 0.1.
 *
 * @param elements uint8_t, int32_t, int64_t, float or double; of vectors and colors, floats, as many for each as it
 *        has components.
 * @param count of elements: vectors, not their components.
 */
SPS_API sps_error sps_variant_write_packed(sps_variant_writer *writer, sps_variant_type type,
                                           const void *elements, uint32_t count);
/**
 * Writes a packed array of reals, vectors or colors that the caller has in double precision. Vectors are
 * written wide when the writer's wide_reals say so, as Godot's double-precision builds do; colors and a
 * PackedFloat32Array never are, so that they are rounded. Since 0.1.
 *
 * @param reals as many for each element as it has components.
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
 * Puts a value that a writer has made: its length as u32 in the stream's byte order, then the value, as one
 * write. Godot: put_var. Since 0.1.
 *
 * @return as sps_stream_put_u8(); ERR_INVALID_PARAMETER when bytes is above UINT32_MAX.
 */
SPS_API sps_error sps_stream_put_var(sps_stream *stream, const void *value, size_t bytes);

/**
 * Takes a value whole, and waits for it; a reader tells what it is. Godot: get_var. Since 0.1.
 *
 * @param out_value in the stream's memory; valid until the next call on this stream or its poller.
 * @return OK, also when the value is malformed, which the reader tells: it has left the stream then, and
 *         the next can be read; ERR_INVALID_DATA when its length is above max_value_bytes: nothing is
 *         consumed; ERR_FILE_EOF, FAILED, ERR_TIMEOUT, ERR_OUT_OF_MEMORY as for a typed value.
 */
SPS_API sps_error sps_stream_get_var(sps_stream *stream, const uint8_t **out_value,
                                     size_t *out_bytes);

/** The same without waiting: ERR_BUSY when not all of it is there yet. Since 0.1. */
SPS_API sps_error sps_stream_try_get_var(sps_stream *stream, const uint8_t **out_value,
                                         size_t *out_bytes);

SPS_END_DECLARATIONS

#endif

// SPDX-License-Identifier: MIT
//
// Structs that cross the ABI. Each begins with a uint32_t struct_size, the size that the caller
// knows. So later versions can append fields.
#ifndef SPSI_SIZED_STRUCT_H
#define SPSI_SIZED_STRUCT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t spsi_struct_size(const void *of_caller) {
    uint32_t size;
    memcpy(&size, of_caller, sizeof size);
    return size;
}

// Reads the fields that the caller knows; the others are zero. NULL reads as all zero. False if
// struct_size is 0.
static inline bool spsi_struct_read(const void *of_caller, void *out_ours, size_t size) {
    const uint32_t known = of_caller != NULL ? spsi_struct_size(of_caller) : 0;
    if (known >= size) { // the usual case: the compiler knows the size
        memcpy(out_ours, of_caller, size);
        return true;
    }
    memset(out_ours, 0, size);
    if (known > 0) {
        memcpy(out_ours, of_caller, known);
    }
    return known > 0 || of_caller == NULL;
}

// Gives the caller what it knows of a struct of ours; its struct_size stays.
static inline void spsi_struct_write(const void *ours, void *of_caller, size_t size) {
    const uint32_t known = spsi_struct_size(of_caller);
    if (known < size) {
        memcpy(of_caller, ours, known);
        memcpy(of_caller, &known, known < sizeof known ? known : sizeof known);
    } else { // the usual case: the compiler knows both sizes
        memcpy(of_caller, ours, size);
        memcpy(of_caller, &known, sizeof known);
    }
}

// Whether the first struct of an array says how large each is. The size is the distance from one to
// the next, so a caller that forgot to set it would let us write anywhere.
static inline bool spsi_struct_has_stride(const void *first) {
    enum { MOST_STRUCT_BYTES = 4096 };
    const uint32_t stride = spsi_struct_size(first);
    return stride > 0 && stride <= MOST_STRUCT_BYTES;
}

// The same for an array of them, each as large as its first one says.
static inline void spsi_struct_write_at(const void *ours, void *first, size_t index, size_t size) {
    const uint32_t known = spsi_struct_size(first);
    uint8_t *of_caller = (uint8_t *)first + index * known;
    memcpy(of_caller, &known, known < sizeof known ? known : sizeof known);
    spsi_struct_write(ours, of_caller, size);
}

#endif

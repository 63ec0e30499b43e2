// SPDX-License-Identifier: MIT
#include "host/containers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/functions.h"
#include "host/report.h"
#include "host/strings.h"
#include "host/variants.h"

static int kind_of_elements(int kind) {
    return kind == GODOT_PACKED_STRING_ARRAY ? GODOT_STRING : HOST_VARIANT;
}

// ---- Blocks

// Each element has a block of its exact size, so that the address sanitizer sees a write past it.
static void *make_element(int kind) {
    void *element = malloc(host_size_of(kind));
    if (element == NULL) {
        abort();
    }
    host_make_empty(kind, element);
    return element;
}

static void *move_element(int kind, void *element) {
    void *moved = malloc(host_size_of(kind));
    if (moved == NULL) {
        abort();
    }
    memcpy(moved, element, host_size_of(kind));
    free(element);
    return moved;
}

static void free_element(int kind, void *element) {
    host_destroy(kind, element);
    free(element);
}

static void **resize_list(void **list, size_t count) {
    list = realloc(list, (count > 0 ? count : 1) * sizeof list[0]);
    if (list == NULL) {
        abort();
    }
    return list;
}

// ---- Containers

void host_make_container(int kind, void *place) {
    host_value *value = host_make(kind, place);
    value->container = calloc(1, sizeof *value->container);
    if (value->container == NULL) {
        abort();
    }
    value->container->references = 1;
}

// A packed array is a value; the others are references.
void host_copy_container(int kind, void *place, const void *source) {
    const host_value *from = host_find(kind, source);
    if (from->container == NULL) {
        host_make_empty(kind, place);
        return;
    }
    if (kind != GODOT_PACKED_STRING_ARRAY) {
        host_make(kind, place)->container = from->container;
        from->container->references++;
        return;
    }
    host_make_container(kind, place);
    const host_value *to = host_find(kind, place);
    host_resize(kind, place, from->container->count);
    for (size_t i = 0; i < from->container->count; i++) {
        host_destroy(GODOT_STRING, to->container->items[i]);
        host_copy(GODOT_STRING, to->container->items[i], from->container->items[i]);
        host_find_own(GODOT_STRING, to->container->items[i])->is_part = true;
    }
}

static void free_container(int kind, host_container *container) {
    for (size_t i = 0; i < container->count; i++) {
        free_element(kind_of_elements(kind), container->items[i]);
        if (container->keys != NULL) {
            free_element(HOST_VARIANT, container->keys[i]);
        }
    }
    free(container->items);
    free(container->keys);
    free(container);
}

void host_destroy_container(int kind, void *place) {
    host_container *container = host_find(kind, place)->container;
    if (container != NULL && --container->references == 0) {
        free_container(kind, container);
    }
    host_unmake(kind, place);
}

const host_container *host_contents(int kind, const void *place) {
    static const host_container empty;
    const host_container *container = host_find(kind, place)->container;
    return container != NULL ? container : &empty;
}

// ---- Elements

// The extension owns what it writes into an element no more, as soon as the element is looked at.
static void own_elements(int kind, const host_container *container) {
    for (size_t i = 0; i < container->count; i++) {
        host_find(kind_of_elements(kind), container->items[i])->is_part = true;
    }
}

void host_resize(int kind, void *place, size_t count) {
    const int element = kind_of_elements(kind);
    host_value *value = host_find(kind, place);
    if (value->container == NULL) {
        host_unmake(kind, place);
        host_make_container(kind, place);
        value = host_find(kind, place);
    }
    host_container *container = value->container;
    own_elements(kind, container);
    for (size_t i = count; i < container->count; i++) {
        free_element(element, container->items[i]);
    }
    container->items = resize_list(container->items, count);
    for (size_t i = 0; i < count; i++) {
        container->items[i] = i < container->count ? move_element(element, container->items[i])
                                                   : make_element(element);
    }
    container->count = count;
}

static void *element_at(int kind, const void *place, int64_t index) {
    const host_container *container = host_contents(kind, place);
    own_elements(kind, container);
    if (index < 0 || (size_t)index >= container->count) {
        host_fail("index %lld of %zu", (long long)index, container->count);
    }
    return container->items[index];
}

godot_variant *host_array_operator_index(godot_array *array, int64_t index) {
    ENTER();
    return element_at(GODOT_ARRAY, array, index);
}

godot_string *host_packed_string_array_operator_index(godot_packed_array *array, int64_t index) {
    ENTER();
    return element_at(GODOT_PACKED_STRING_ARRAY, array, index);
}

void host_array_set_typed(godot_array *array, int32_t type, const godot_string_name *class_name,
                          const godot_variant *script) {
    ENTER();
    host_container *container = host_find(GODOT_ARRAY, array)->container;
    const char *name = host_text_of_name(class_name);
    if (!host_knows(type) || host_type_of(script) != GODOT_NIL) {
        host_fail("an Array of type %d, with a script of type %d", type, host_type_of(script));
    }
    if (container->count > 0 || container->references > 1 || container->type != GODOT_NIL) {
        host_fail("the Array is not new");
    }
    if (name[0] != '\0' && type != GODOT_OBJECT) {
        host_fail("a class name, and the type is no Object");
    }
    container->type = type;
    snprintf(container->class_name, sizeof container->class_name, "%s", name);
}

void host_check_array(const void *array) {
    const host_container *container = host_contents(GODOT_ARRAY, array);
    own_elements(GODOT_ARRAY, container);
    for (size_t i = 0; i < container->count; i++) {
        const int type = host_type_of(container->items[i]);
        if (container->type != GODOT_NIL && type != container->type) {
            host_fail("element %zu of an Array of %s is a %s", i, host_type_name(container->type),
                      host_type_name(type));
        }
    }
}

// ---- Dictionaries

static size_t find_key(const host_container *container, const void *key) {
    size_t i = 0;
    while (i < container->count && !host_are_equal(container->keys[i], key)) {
        i++;
    }
    return i;
}

static void add_key(host_container *container, const void *key) {
    const size_t count = container->count + 1;
    container->keys = resize_list(container->keys, count);
    container->items = resize_list(container->items, count);
    void *copy = make_element(HOST_VARIANT);
    host_copy(HOST_VARIANT, copy, key);
    host_find_own(HOST_VARIANT, copy)->is_part = true;
    for (size_t i = 0; i < container->count; i++) {
        container->items[i] = move_element(HOST_VARIANT, container->items[i]);
    }
    container->keys[count - 1] = copy;
    container->items[count - 1] = make_element(HOST_VARIANT);
    container->count = count;
}

godot_variant *host_dictionary_operator_index(godot_dictionary *dictionary,
                                              const godot_variant *key) {
    ENTER();
    host_container *container = host_find(GODOT_DICTIONARY, dictionary)->container;
    own_elements(GODOT_DICTIONARY, container);
    const size_t nth = find_key(container, key);
    if (nth == container->count) {
        add_key(container, key);
    }
    return container->items[nth];
}

const void *host_value_of_key(const void *dictionary, const char *key) {
    const host_container *container = host_contents(GODOT_DICTIONARY, dictionary);
    own_elements(GODOT_DICTIONARY, container);
    for (size_t i = 0; i < container->count; i++) {
        if (strcmp(host_text_in(container->keys[i]), key) == 0) {
            return container->items[i];
        }
    }
    return NULL;
}

// SPDX-License-Identifier: MIT
#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/classes.h"
#include "host/editor.h"
#include "host/engine.h"
#include "host/functions.h"
#include "host/objects.h"
#include "host/report.h"
#include "host/values.h"

// ---- State

static int minor;
static const char *withheld;
static int32_t level = HOST_NO_LEVEL;
static godot_initialization initialization;
static bool is_loaded;
static int32_t last_level = GODOT_LEVEL_SCENE; // a game has no editor
static char the_library;                       // its address stands for the extension

int32_t host_level(void) {
    return level;
}

int host_minor(void) {
    return minor;
}

bool host_is_withheld(const char *name) {
    return withheld != NULL && strcmp(name, withheld) == 0;
}

const godot_library *host_library(void) {
    return (const godot_library *)&the_library;
}

// ---- Functions by name

typedef struct function_row {
    const char *name;
    godot_function function;
} function_row;

static const function_row functions[] = {
#define ROW(result, name, parameters) {#name, (godot_function)host_##name},
    GODOT_FUNCTIONS(ROW) GODOT_OPTIONAL_FUNCTIONS(ROW)
#undef ROW
};

// Functions that came after Godot 4.1.
typedef struct since {
    const char *name;
    int minor;
} since;

static const since newer[] = {
    {"string_resize", 2},
    {"string_name_new_with_utf8_chars", 2},
    {"string_new_with_utf8_chars_and_len2", 3},
    {"object_has_script_method", 3},
    {"variant_get_object_instance_id", 4},
    {"variant_get_ptr_internal_getter", 4},
    {"dictionary_set_typed", 4},
    {"classdb_construct_object2", 4},
    {"classdb_register_extension_class4", 4},
    {"get_godot_version2", 5},
    {"classdb_register_extension_class5", 5},
    {"register_main_loop_callbacks", 5},
    {"mem_alloc2", 6},
    {"mem_realloc2", 6},
    {"mem_free2", 6},
};

static bool is_there(const char *name) {
    for (size_t i = 0; i < sizeof newer / sizeof newer[0]; i++) {
        if (strcmp(newer[i].name, name) == 0) {
            return newer[i].minor <= minor;
        }
    }
    return true;
}

static godot_function get_proc_address(const char *name) {
    host_enter("get_proc_address");
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        if (strcmp(functions[i].name, name) == 0 && !host_is_withheld(name) && is_there(name)) {
            return functions[i].function;
        }
    }
    host_print("Attempt to get non-existent interface function", name);
    return NULL;
}

void host_print_error_with_message(const char *description, const char *message,
                                   const char *function, const char *file, int32_t line,
                                   godot_bool notify_editor) {
    ENTER();
    if (description == NULL || function == NULL || file == NULL || line < 0 || notify_editor > 1) {
        host_fail("an error has no place");
    }
    char place[128];
    snprintf(place, sizeof place, "%s: %s", function, description);
    host_print(place, message);
}

// ---- Enums

// Godot's Error has the values 0 to 48.
enum { ERRORS = 49 };

bool host_has_enum(const char *name) {
    const host_class *class;
    if (strcmp(name, "Error") == 0) {
        return true;
    }
    for (size_t i = 0; (class = host_class_at(i)) != NULL; i++) {
        for (size_t j = 0; j < class->constants.count; j++) {
            if (host_find_constant(name, class->constants.items[j].value) != NULL) {
                return true;
            }
        }
    }
    return false;
}

bool host_is_of_enum(const char *name, int64_t value) {
    if (strcmp(name, "Error") == 0) {
        return value >= 0 && value < ERRORS;
    }
    return host_find_constant(name, value) != NULL;
}

// ---- Life

void host_start(int of_minor, const char *missing) {
    minor = of_minor;
    withheld = missing;
    level = HOST_NO_LEVEL;
    host_make_classes(host_core_classes);
}

void host_begin_editor(void) {
    last_level = GODOT_LEVEL_EDITOR;
}

bool host_load(host_entry entry) {
    memset(&initialization, 0xA5, sizeof initialization);
    initialization.userdata = NULL;
    host_begin_call();
    is_loaded = entry(get_proc_address, (godot_library *)&the_library, &initialization) == 1;
    host_end_call();
    if (!is_loaded) {
        return false;
    }
    if (initialization.initialize == NULL || initialization.deinitialize == NULL ||
        initialization.minimum_initialization_level < GODOT_LEVEL_CORE ||
        initialization.minimum_initialization_level > GODOT_LEVEL_EDITOR) {
        host_fail("the entry has not filled its struct");
    }
    for (int32_t next = GODOT_LEVEL_CORE; next <= last_level; next++) {
        level = next;
        if (level == GODOT_LEVEL_SCENE) {
            host_make_classes(host_scene_classes);
        }
        host_begin_call();
        initialization.initialize(initialization.userdata, next);
        host_end_call();
    }
    level = HOST_NO_LEVEL;
    host_check_classes();
    return true;
}

void host_unload(void) {
    for (int32_t next = last_level; is_loaded && next >= GODOT_LEVEL_CORE; next--) {
        level = -next;
        host_begin_call();
        initialization.deinitialize(initialization.userdata, next);
        host_end_call();
    }
    level = HOST_NO_LEVEL;
    is_loaded = false;
}

void host_stop(void) {
    char text[900] = "";
    if (host_list_objects(text, sizeof text) > 0) {
        host_fail("objects are left:%s", text);
    }
    host_forget_classes();
    if (host_list_values(text, sizeof text) > 0) {
        host_fail("values are left:%s", text);
    }
    if (host_count_messages() > 0) {
        host_fail("printed: %s", host_message(0));
    }
    host_forget_values();
    host_forget_objects();
    host_forget_pages();
    last_level = GODOT_LEVEL_SCENE;
}

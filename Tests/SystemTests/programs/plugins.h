// SPDX-License-Identifier: MIT
//
// Loads and unloads plugin.c, for labs.
#ifndef PLUGINS_H
#define PLUGINS_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lab.h"

typedef struct plugin {
    void *library;
    int32_t (*connect)(const char *host);
    int32_t (*resolve)(const char *host);
    int32_t (*end)(uint32_t timeout_ms);
    int32_t (*listen)(const char *path);
    const char *(*version)(void);
} plugin;

static inline plugin load(const char *path, int scope) {
    plugin loaded = {.library = dlopen(path, RTLD_NOW | scope)};
    EXPECT(loaded.library != NULL, "%s", dlerror());
    *(void **)&loaded.connect = dlsym(loaded.library, "plugin_connect");
    *(void **)&loaded.resolve = dlsym(loaded.library, "plugin_resolve");
    *(void **)&loaded.end = dlsym(loaded.library, "plugin_end");
    *(void **)&loaded.listen = dlsym(loaded.library, "plugin_listen");
    *(void **)&loaded.version = dlsym(loaded.library, "plugin_version");
    return loaded;
}

static inline bool is_mapped(const char *name) {
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    EXPECT(maps != NULL, "no /proc");
    bool found = false;
    while (fgets(line, sizeof line, maps) != NULL) {
        found = found || strstr(line, name) != NULL;
    }
    fclose(maps);
    return found;
}

static inline void unload(const plugin *loaded, const char *path) {
    EXPECT(dlclose(loaded->library) == 0, "%s", dlerror());
    const char *slash = strrchr(path, '/');
    EXPECT(!is_mapped(slash + 1), "%s is still there", path);
}

#endif

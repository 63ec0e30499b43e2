// SPDX-License-Identifier: MIT
#include "host/editor.h"

#include <stdlib.h>
#include <string.h>

#include "host/functions.h"
#include "host/host.h"
#include "host/report.h"

enum { MOST_PAGES = 64 };

static char *pages[MOST_PAGES]; // copies: the extension may free its text
static size_t count;

void host_editor_help_load_xml_from_utf8_chars(const char *text) {
    ENTER();
    if (host_level() != GODOT_LEVEL_EDITOR) {
        host_fail("a page of the reference outside of the level of the editor");
    }
    if (text == NULL || strncmp(text, "<?xml ", 6) != 0) {
        host_fail("a page of the reference is no XML");
    }
    if (count == MOST_PAGES) {
        host_fail("too many pages");
    }
    pages[count++] = strdup(text);
}

const char *host_page(size_t nth) {
    return nth < count ? pages[nth] : NULL;
}

void host_forget_pages(void) {
    while (count > 0) {
        free(pages[--count]);
    }
}

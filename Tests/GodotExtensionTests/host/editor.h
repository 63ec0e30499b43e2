// SPDX-License-Identifier: MIT
//
// Godot's editor: the pages of the class reference that the extension gives it.
#ifndef HOST_EDITOR_H
#define HOST_EDITOR_H

#include <stddef.h>

// The text of a page, in the order of the calls; NULL: there are fewer.
const char *host_page(size_t nth);

void host_forget_pages(void);

#endif

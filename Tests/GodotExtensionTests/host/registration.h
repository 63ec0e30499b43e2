// SPDX-License-Identifier: MIT
//
// Of the list of classes, for the functions that register.
#ifndef HOST_REGISTRATION_H
#define HOST_REGISTRATION_H

#include "host/classes.h"

host_class *host_add_class(const char *name, host_class *parent);
void host_free_members(host_class *class);

#endif

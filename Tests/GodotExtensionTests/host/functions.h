// SPDX-License-Identifier: MIT
//
// The functions of the interface, as the host implements them: host_NAME for each name that the
// extension asks for. The compiler checks that both sides agree on the types.
#ifndef HOST_FUNCTIONS_H
#define HOST_FUNCTIONS_H

#include "interface/interface.h"

#define HOST_DECLARE(result, name, parameters) result host_##name parameters;
GODOT_FUNCTIONS(HOST_DECLARE)
GODOT_OPTIONAL_FUNCTIONS(HOST_DECLARE)
#undef HOST_DECLARE

#endif

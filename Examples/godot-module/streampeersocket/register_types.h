// SPDX-License-Identifier: MIT
#pragma once

#include "modules/register_module_types.h"

void initialize_streampeersocket_module(ModuleInitializationLevel p_level);
void uninitialize_streampeersocket_module(ModuleInitializationLevel p_level);

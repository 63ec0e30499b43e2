// SPDX-License-Identifier: MIT
#include "fault_scenarios.h"
const scenario message_scenarios[] = {{NULL, NULL, TCP}};
const scenario memory_scenarios[] = {{NULL, NULL, TCP}};

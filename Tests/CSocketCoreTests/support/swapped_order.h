// SPDX-License-Identifier: MIT
//
// A mutant: included before the files of the core that ask for the machine's byte order, it answers
// them with the other one. Tests that do not notice it would not notice a wrong byte order.
#ifndef SWAPPED_ORDER_H
#define SWAPPED_ORDER_H

#include "base/endian.h"

#define spsi_is_little_endian() (!spsi_is_little_endian())

#endif

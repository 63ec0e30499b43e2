// SPDX-License-Identifier: MIT
//
// The network and the host of the tests that run on simulated_machine.c.
#ifndef SIMULATED_MACHINE_H
#define SIMULATED_MACHINE_H

#include "streampeersocket_testing/simulation.h"

sps_simulation *network_of_test(void);
sps_simulated_host *host_of_test(void);

#endif

// SPDX-License-Identifier: MIT
//
// Shared by all files of the simulation: the names of its types, Linux's error numbers, and
// results.
//
// A world has hosts, links, names and connections. A host has sockets and selectors. A connection
// has two ends, and each end has a pipe of incoming bytes. Each future event is a timer in the
// world's heap. Each timer keeps a place in the heap as long as its owner exists. So an event never
// fails for lack of memory.
#ifndef SPSI_SIM_H
#define SPSI_SIM_H

#include "platform/platform.h"
#include "streampeersocket_testing/simulation.h"

// The error numbers of Linux, on every machine.
enum {
    SIM_ENOENT = 2,
    SIM_EIO = 5,
    SIM_EBADF = 9,
    SIM_EAGAIN = 11,
    SIM_ENOMEM = 12,
    SIM_EACCES = 13,
    SIM_EINVAL = 22,
    SIM_EMFILE = 24,
    SIM_EPIPE = 32,
    SIM_EDEADLK = 35,
    SIM_EOPNOTSUPP = 95,
    SIM_EADDRINUSE = 98,
    SIM_EADDRNOTAVAIL = 99,
    SIM_ENETUNREACH = 101,
    SIM_ECONNRESET = 104,
    SIM_ENOTCONN = 107,
    SIM_ETIMEDOUT = 110,
    SIM_ECONNREFUSED = 111,
    SIM_EHOSTUNREACH = 113,
    SIM_EAI_NONAME = -2,
    SIM_EAI_AGAIN = -3,
};

typedef sps_simulation sim_world;
typedef sps_simulated_host sim_host;
typedef struct sim_timer sim_timer;
typedef struct sim_heap sim_heap;
typedef struct sim_link sim_link;
typedef struct sim_name sim_name;
typedef struct sim_file sim_file;
typedef struct sim_socket sim_socket;
typedef struct sim_end sim_end;
typedef struct sim_connection sim_connection;
typedef struct sim_watch sim_watch;
typedef struct sim_callback sim_callback;

static inline spsi_result spsi_sim_result(spsi_code code, int32_t os_code) {
    return (spsi_result){code, os_code};
}

static inline spsi_result spsi_sim_done(void) {
    return (spsi_result){SPSI_DONE, 0};
}

static inline spsi_result spsi_sim_again(void) {
    return (spsi_result){SPSI_AGAIN, SIM_EAGAIN};
}

static inline spsi_result spsi_sim_no_memory(void) {
    return (spsi_result){SPSI_NO_MEMORY, SIM_ENOMEM};
}

#endif

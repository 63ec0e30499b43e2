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
    SPSI_SIM_ENOENT = 2,
    SPSI_SIM_EIO = 5,
    SPSI_SIM_EBADF = 9,
    SPSI_SIM_EAGAIN = 11,
    SPSI_SIM_ENOMEM = 12,
    SPSI_SIM_EACCES = 13,
    SPSI_SIM_EINVAL = 22,
    SPSI_SIM_EMFILE = 24,
    SPSI_SIM_EPIPE = 32,
    SPSI_SIM_EDEADLK = 35,
    SPSI_SIM_ENAMETOOLONG = 36,
    SPSI_SIM_EOPNOTSUPP = 95,
    SPSI_SIM_EADDRINUSE = 98,
    SPSI_SIM_EADDRNOTAVAIL = 99,
    SPSI_SIM_ENETUNREACH = 101,
    SPSI_SIM_ECONNRESET = 104,
    SPSI_SIM_ENOTCONN = 107,
    SPSI_SIM_ETIMEDOUT = 110,
    SPSI_SIM_ECONNREFUSED = 111,
    SPSI_SIM_EHOSTUNREACH = 113,
    SPSI_SIM_EAI_NONAME = -2,
    SPSI_SIM_EAI_AGAIN = -3,
};

typedef sps_simulation spsi_sim_world;
typedef sps_simulated_host spsi_sim_host;
typedef struct spsi_sim_timer spsi_sim_timer;
typedef struct spsi_sim_heap spsi_sim_heap;
typedef struct spsi_sim_link spsi_sim_link;
typedef struct spsi_sim_name spsi_sim_name;
typedef struct spsi_sim_file spsi_sim_file;
typedef struct spsi_sim_socket spsi_sim_socket;
typedef struct spsi_sim_end spsi_sim_end;
typedef struct spsi_sim_connection spsi_sim_connection;
typedef struct spsi_sim_watch spsi_sim_watch;
typedef struct spsi_sim_callback spsi_sim_callback;

static inline spsi_result spsi_sim_result(spsi_code code, int32_t os_code) {
    return (spsi_result){code, os_code};
}

static inline spsi_result spsi_sim_done(void) {
    return (spsi_result){SPSI_DONE, 0};
}

static inline spsi_result spsi_sim_again(void) {
    return (spsi_result){SPSI_AGAIN, SPSI_SIM_EAGAIN};
}

static inline spsi_result spsi_sim_no_memory(void) {
    return (spsi_result){SPSI_NO_MEMORY, SPSI_SIM_ENOMEM};
}

#endif

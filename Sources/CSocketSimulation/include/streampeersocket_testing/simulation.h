/* SPDX-License-Identifier: MIT */
/**
 * @file simulation.h
 * A network that exists in memory, for testing programs that use StreamPeerSocket: hosts with
 * addresses and names, links with latency that can be cut, a clock that costs no time to wait for, and
 * faults on demand. Everything follows from the calls that are made and from one number, the seed: the
 * same seed gives the same run, on every machine.
 *
 * Make a simulation, add hosts, and give the platform of a host to every stream, server, poller and IP
 * object that is to live there (sps_stream_options.platform and its like). From then on the program
 * under test is used as it is.
 *
 * **Time.** Nothing here waits or looks at the machine's clock. A call that waits (a get_data, a
 * poller's wait) moves the simulation's own clock on from one event to the next until what it waits for
 * has come. Meanwhile the callbacks of sps_simulation_every() run, which is how one thread holds a
 * server's frame loop and a client that waits. A wait without an end in which nothing can happen any
 * more fails at once (FAILED), so that a deadlock is a failed test and not a test that hangs. Each call
 * of the network takes call_us, so that a loop that only polls gets on as well.
 *
 * **Connections** are like those of Linux: in order, nothing lost or doubled while they live; what
 * came before a reset stays readable; a close with bytes that were not read sends a reset.
 *
 * One thread uses a simulation and all that lives in it. Objects of the library end before their
 * simulation. A parameter that is NULL where nothing is said of it is ERR_INVALID_PARAMETER.
 */
#ifndef STREAMPEERSOCKET_TESTING_SIMULATION_H
#define STREAMPEERSOCKET_TESTING_SIMULATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "streampeersocket/error.h"
#include "streampeersocket/export.h"
#include "streampeersocket/options.h"

SPS_BEGIN_DECLARATIONS

/** A simulated network, its clock and its chance. Opaque. */
typedef struct sps_simulation sps_simulation;

/** A machine in it. Opaque; ends with its simulation. */
typedef struct sps_simulated_host sps_simulated_host;

/** What a simulation is made with. */
typedef struct sps_simulation_options {
    /** sizeof(sps_simulation_options). */
    uint32_t struct_size;
    /** Microseconds that each call of the network takes. Default 1. */
    uint32_t call_us;
    /** What chance begins with. Default 0, a seed like any other. */
    uint64_t seed;
    /**
     * Microseconds after which a wait without an end counts as a deadlock although callbacks still run.
     * Default 3,600,000,000: an hour.
     */
    uint64_t longest_wait_us;
    /** NULL: malloc, realloc and free. Copied; its user_data must outlive the simulation. */
    const sps_allocator *allocator;
    /** NULL, or what gets each line of the trace (sps_simulation_get_trace_hash()), without a newline. */
    void (*trace)(void *user_data, const char *line);
    void *trace_user_data;
    /**
     * NULL, or where chance comes from instead of the seed: called for each number that is wanted, of which
     * what is left over by a division is used. So a test can decide itself what happens by chance, a fuzzer by
     * its input. sps_simulation_random() follows from the seed all the same. Since 0.1.
     */
    uint64_t (*random)(void *user_data);
    void *random_user_data;
} sps_simulation_options;

/**
 * Makes a simulation in which there is nothing yet. Its clock begins at one second. Since 0.1.
 *
 * @param options NULL for defaults.
 * @return OK; ERR_INVALID_PARAMETER (options with a struct_size of 0); ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_create(const sps_simulation_options *options,
                                sps_simulation **out_simulation);

/** Ends a simulation and its hosts; all objects that live in it must have ended. NULL is allowed. */
void sps_simulation_destroy(sps_simulation *simulation);

/* ---- Hosts and names */

/**
 * Adds a host. It has the loopback addresses, and those that are given. Since 0.1.
 *
 * @param name what the trace calls it, and a name by which the others find it. At most 63 bytes.
 * @param address its first address, IPv4 or IPv6; NULL: none but loopback.
 * @return OK; ERR_INVALID_PARAMETER (no address, an empty or too long name); ERR_ALREADY_EXISTS (the
 *         name or the address); ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_add_host(sps_simulation *simulation, const char *name, const char *address,
                                  sps_simulated_host **out_host);

/** Gives a host another address, up to 8. Since 0.1.
 * @return OK; ERR_INVALID_PARAMETER; ERR_ALREADY_EXISTS; ERR_CANT_ACQUIRE_RESOURCE (it has 8). */
sps_error sps_simulated_host_add_address(sps_simulated_host *host, const char *address);

/**
 * What goes into the `platform` of the options of streams, servers, pollers and IP objects. Borrowed: it
 * lives as long as the simulation. NULL for NULL. Since 0.1.
 */
const sps_platform *sps_simulated_host_platform(const sps_simulated_host *host);

/** How many sockets, path locks, pollers and look-ups a host has open; 0 for NULL. Since 0.1. */
size_t sps_simulated_host_open_handles(const sps_simulated_host *host);

/** How many sockets and locks a host may have open at a time; 0: no limit, the default. Beyond it a call
 * fails as when a process is out of descriptors. Since 0.1. @return OK; ERR_INVALID_PARAMETER. */
sps_error sps_simulated_host_set_handle_limit(sps_simulated_host *host, size_t limit);

/** Removes the files of Unix sockets whose programs are gone. Since 0.1. @return OK; ERR_INVALID_PARAMETER. */
sps_error sps_simulated_host_remove_files(sps_simulated_host *host);

/** What a name server answers. */
typedef int32_t sps_name_answer;
enum {
    SPS_NAME_ANSWER_ADDRESSES = 0, /**< the addresses of the name */
    SPS_NAME_ANSWER_UNKNOWN = 1,   /**< that there is no such name */
    SPS_NAME_ANSWER_NEVER = 2,     /**< nothing at all */
    SPS_NAME_ANSWER_FAILURE = 3,   /**< that the name server has none now (EAI_AGAIN) */
    /** The IPv4 addresses, and nothing at all for who asks for IPv6 ones or for both. */
    SPS_NAME_ANSWER_IPV4_ALONE = 4
};

/**
 * Adds an address to a name, and the name when it is new. Which comes first is what a look-up prefers.
 * Since 0.1.
 *
 * @param name at most 253 bytes.
 * @param address any address; no host need have it.
 * @return OK; ERR_INVALID_PARAMETER; ERR_CANT_ACQUIRE_RESOURCE (it has 16 addresses); ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_add_name(sps_simulation *simulation, const char *name,
                                  const char *address);

/**
 * Chooses what look-ups of a name come to, and after how long; also of one under way. The name is added when it
 * is new. Answers are not kept: each look-up asks. A name that was never added is unknown after 1 ms.
 * Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER; ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_set_name_answer(sps_simulation *simulation, const char *name,
                                         sps_name_answer answer, uint64_t delay_us);

/* ---- Links */

/** How two hosts are linked. A host's link to itself is its loopback. */
typedef struct sps_link_options {
    /** sizeof(sps_link_options). */
    uint32_t struct_size;
    /** At most this much more than the latency, by chance. Default 0. */
    uint32_t jitter_us;
    /** One way. Default 500; of a host to itself 0. */
    uint64_t latency_us;
    /** What each connection may send each way. Default 0: no limit. */
    uint64_t bytes_per_second;
} sps_link_options;

/** Links two hosts in this way, or one host to itself; what is under way arrives as it would have. Since 0.1.
 * @param options NULL for defaults.
 * @return OK; ERR_INVALID_PARAMETER (hosts of two simulations); ERR_OUT_OF_MEMORY. */
sps_error sps_simulation_set_link(sps_simulated_host *one, sps_simulated_host *other,
                                  const sps_link_options *options);

/** How a link is cut. */
typedef int32_t sps_link_cut;
enum {
    SPS_LINK_CUT_NOT = 0,    /**< it is whole */
    SPS_LINK_CUT_SILENT = 1, /**< nothing arrives, and nobody is told */
    SPS_LINK_CUT_UNREACHABLE =
        2,                    /**< the same, but a router answers those who connect: unreachable */
    SPS_LINK_CUT_REFUSING = 3 /**< who connects is refused; connections go on */
};

/**
 * Cuts a link, or mends it with SPS_LINK_CUT_NOT. What a connection has under way is sent again when the
 * link is whole, up to 200 ms later. Until then a connection may be given up: after its user timeout,
 * else 15 minutes, when bytes are not acknowledged; by keepalive when there are none. Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER; ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_cut_link(sps_simulated_host *one, sps_simulated_host *other,
                                  sps_link_cut cut);

/** Cuts a link silently, and mends it after a time. Since 0.1.
 * @return OK; ERR_INVALID_PARAMETER; ERR_OUT_OF_MEMORY. */
sps_error sps_simulation_stall_link(sps_simulated_host *one, sps_simulated_host *other,
                                    uint64_t stall_us);

/** Resets every TCP connection between two hosts, at both ends, as a router that lost its memory would.
 * Since 0.1. @return OK; ERR_INVALID_PARAMETER; ERR_OUT_OF_MEMORY. */
sps_error sps_simulation_reset_link(sps_simulated_host *one, sps_simulated_host *other);

/* ---- Time */

/** The simulation's clock, in microseconds; 0 for NULL. Since 0.1. */
uint64_t sps_simulation_now_us(const sps_simulation *simulation);

/** Lets a time pass, with all that happens in it. Since 0.1. @return OK; ERR_INVALID_PARAMETER. */
sps_error sps_simulation_advance(sps_simulation *simulation, uint64_t time_us);

/** Goes on to the next event, whenever that is, and lets it happen. Since 0.1.
 * @return OK; ERR_DOES_NOT_EXIST when nothing can happen; ERR_INVALID_PARAMETER. */
sps_error sps_simulation_step(sps_simulation *simulation);

typedef void (*sps_simulation_callback)(void *user_data);

/**
 * Calls back each time the interval is over: while anything waits, and in sps_simulation_advance() and
 * sps_simulation_step(). A callback may do what any code may, also wait; but it is not called again inside of
 * itself. Since 0.1.
 *
 * @param interval_us not 0.
 * @return OK; ERR_INVALID_PARAMETER; ERR_ALREADY_EXISTS (it is called back with this user_data
 *         already); ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_every(sps_simulation *simulation, uint64_t interval_us,
                               sps_simulation_callback callback, void *user_data);

/** Ends sps_simulation_every(); also from inside the callback. Since 0.1.
 * @return OK; ERR_DOES_NOT_EXIST; ERR_INVALID_PARAMETER. */
sps_error sps_simulation_stop_every(sps_simulation *simulation, sps_simulation_callback callback,
                                    void *user_data);

/** A number by chance that follows from the seed, for the test's own choices; 0 for NULL. Since 0.1. */
uint64_t sps_simulation_random(sps_simulation *simulation);

/* ---- Chaos */

/** How often things go another way than usual, in 1 of 1,000; 0 never, 1,000 always. */
typedef struct sps_simulation_chaos {
    /** sizeof(sps_simulation_chaos). */
    uint32_t struct_size;
    /** Reads and writes that do less than they could. */
    uint32_t short_reads;
    uint32_t short_writes;
    /** Writes that arrive in pieces. */
    uint32_t cut_deliveries;
    /** Writes that arrive later, and how much at most. */
    uint32_t late_deliveries;
    uint32_t late_us;
    /** Waits that tell of what is not so, and calls that say "not now" although they could. */
    uint32_t false_readiness;
    uint32_t false_again;
    /** Connects that are refused, and deliveries that end in a reset. */
    uint32_t refused_connects;
    uint32_t resets;
    /** Calls that are out of descriptors or of the OS's memory, where the OS may be. */
    uint32_t no_handles;
    uint32_t no_memory;
    /** Look-ups that fail. */
    uint32_t failed_lookups;
    /** Not 0: what happens at the same moment happens in an order by chance. */
    uint32_t shuffled;
} sps_simulation_chaos;

/** Begins with chaos, or ends it with NULL. Since 0.1.
 * @return OK; ERR_INVALID_PARAMETER (a struct_size of 0, a rate above 1,000). */
sps_error sps_simulation_set_chaos(sps_simulation *simulation, const sps_simulation_chaos *chaos);

/* ---- Faults by number */

/** What is called of the OS. */
typedef int32_t sps_simulated_call;
enum {
    SPS_CALL_OPEN = 0,
    SPS_CALL_BIND = 1,
    SPS_CALL_SET_OPTION = 2,
    SPS_CALL_GET_OPTION = 3,
    SPS_CALL_LISTEN = 4,
    SPS_CALL_ACCEPT = 5,
    SPS_CALL_CONNECT = 6,
    SPS_CALL_CONNECT_RESULT = 7,
    SPS_CALL_RECEIVE = 8,
    SPS_CALL_SEND = 9,
    SPS_CALL_AVAILABLE = 10,
    SPS_CALL_SHUTDOWN_WRITE = 11,
    SPS_CALL_WAIT = 12,
    SPS_CALL_SELECTOR_CREATE = 13,
    SPS_CALL_SELECTOR_SET = 14,
    SPS_CALL_SELECTOR_WAIT = 15,
    SPS_CALL_PEER_ADDRESS = 16,
    SPS_CALL_LOCAL_ADDRESS = 17,
    SPS_CALL_TCP_INFO = 18,
    SPS_CALL_PEER_CREDENTIALS = 19,
    SPS_CALL_ADOPT = 20,
    SPS_CALL_SET_FILE_MODE = 21,
    SPS_CALL_LOCK_PATH = 22,
    SPS_CALL_LOOKUP_START = 23,
    SPS_CALL_LOOKUP_RESULT = 24,
    SPS_CALL_LOCAL_ADDRESSES = 25,
    SPS_CALL_CLOSE = 26, /**< never fails */
    SPS_CALL_PENDING_FAILURE = 27,
    SPS_CALL_COUNT = 28,
    SPS_CALL_ANY = -1 /**< any that may fail */
};

/** How a call may fail. */
typedef int32_t sps_simulated_fault;
enum {
    SPS_FAULT_AGAIN = 0,            /**< EAGAIN: not now */
    SPS_FAULT_REFUSED = 1,          /**< ECONNREFUSED */
    SPS_FAULT_RESET = 2,            /**< ECONNRESET */
    SPS_FAULT_UNREACHABLE = 3,      /**< EHOSTUNREACH */
    SPS_FAULT_TIMED_OUT = 4,        /**< ETIMEDOUT: no acknowledgement */
    SPS_FAULT_NO_ANSWER = 5,        /**< ETIMEDOUT: no answer to keepalive */
    SPS_FAULT_ADDRESS_IN_USE = 6,   /**< EADDRINUSE */
    SPS_FAULT_ADDRESS_INVALID = 7,  /**< EADDRNOTAVAIL */
    SPS_FAULT_NAME_UNKNOWN = 8,     /**< EAI_NONAME */
    SPS_FAULT_DENIED = 9,           /**< EACCES */
    SPS_FAULT_NO_HANDLES = 10,      /**< EMFILE */
    SPS_FAULT_NO_MEMORY = 11,       /**< ENOMEM */
    SPS_FAULT_UNSUPPORTED = 12,     /**< the OS has nothing like it */
    SPS_FAULT_FAILED = 13,          /**< EIO */
    SPS_FAULT_NAME_UNANSWERED = 14, /**< EAI_AGAIN */
    SPS_FAULT_COUNT = 15
};

/** Whether a call may fail in this way at all, by its manual page on Linux or a BSD. Since 0.1. */
bool sps_simulated_call_may_fail(sps_simulated_call call, sps_simulated_fault fault);

/** A call's name, such as "receive"; "unknown" for none. Since 0.1. */
const char *sps_simulated_call_name(sps_simulated_call call);

/** A fault's name, such as "reset"; "unknown" for none. Since 0.1. */
const char *sps_simulated_fault_name(sps_simulated_fault fault);

/** How often something was called on all hosts so far; 0 for NULL and for no call. Since 0.1. */
uint64_t sps_simulation_count_calls(const sps_simulation *simulation, sps_simulated_call call);

/**
 * Lets one call fail, once. A receive or send that fails for good ends the connection, and its peer sees a
 * reset; a connect that fails ends the attempt. A second call takes the place of the first. Since 0.1.
 *
 * @param call what is to fail, or SPS_CALL_ANY.
 * @param nth counted from the simulation's beginning, from 1; 0: none.
 * @return OK; ERR_INVALID_PARAMETER, also when the call may not fail in this way. With SPS_CALL_ANY that
 *         shows when it comes: a call which may not fail so does not.
 */
sps_error sps_simulation_fail_call(sps_simulation *simulation, sps_simulated_call call,
                                   uint64_t nth, sps_simulated_fault fault);

/** Whether the call of sps_simulation_fail_call() has failed. false for NULL. Since 0.1. */
bool sps_simulation_has_failed_call(const sps_simulation *simulation);

/* ---- What has happened */

/**
 * A number for all that has happened so far: each call with its answer, and each event, makes a line of
 * text, and this is their hash (FNV-1a, 64 bits). Two runs that are alike have the same; 0 for NULL. Since 0.1.
 */
uint64_t sps_simulation_get_trace_hash(const sps_simulation *simulation);

/**
 * How often something was done that no OS takes well: a call with a handle that is not open, a close of
 * one that a poller still waits for. Each is a mistake of the library, or of a caller who has taken handles over;
 * 0 for NULL. Since 0.1.
 */
uint64_t sps_simulation_count_mistakes(const sps_simulation *simulation);

/** How many waits have failed since nothing could happen any more; 0 for NULL. Since 0.1. */
uint64_t sps_simulation_count_deadlocks(const sps_simulation *simulation);

SPS_END_DECLARATIONS

#endif

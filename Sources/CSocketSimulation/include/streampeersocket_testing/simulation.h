/* SPDX-License-Identifier: MIT */
/**
 * @file simulation.h
 * A network in memory, to test programs that use StreamPeerSocket. It has hosts with addresses and
 * names, links with latency that can be cut, a clock of its own, and faults on demand. A run
 * depends only on the calls and on one number, the seed. The same seed gives the same run on every
 * machine.
 *
 * Create a simulation and add hosts. Pass the platform of a host to every stream, server, poller
 * and IP object that lives there (sps_stream_options.platform and similar fields). Then use the
 * program under test as it is.
 *
 * **Time.** Nothing here blocks or reads the machine's clock. A call that waits (a get_data, a
 * poller's wait) advances the simulated clock from event to event until its result is there.
 * Meanwhile the callbacks of sps_simulation_every() run. So one thread can run a server's frame
 * loop and a client that waits. A wait without a timeout returns FAILED at once if nothing more can
 * happen. So a deadlock fails a test and does not hang it. Each call of the network takes call_us,
 * so that a loop that only polls advances the clock too.
 *
 * **Connections** are like those of Linux. While they live, bytes arrive in order, none lost or
 * doubled. Bytes from before a reset stay readable. A close with unread bytes sends a reset.
 *
 * One thread uses a simulation and all its objects. Objects of the library must end before their
 * simulation. A NULL parameter is ERR_INVALID_PARAMETER unless its comment allows it.
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

/** A simulated network with its clock and its random numbers. Opaque. */
typedef struct sps_simulation sps_simulation;

/** A simulated machine. Opaque. It ends with its simulation. */
typedef struct sps_simulated_host sps_simulated_host;

/** The options of a simulation. */
typedef struct sps_simulation_options {
    /** sizeof(sps_simulation_options). */
    uint32_t struct_size;
    /** Microseconds that each call of the network takes. Default 1. */
    uint32_t call_us;
    /** The seed of the random numbers. Default 0, a seed like any other. */
    uint64_t seed;
    /**
     * A wait without a timeout counts as a deadlock after this many microseconds, even if callbacks
     * still run. Default 3,600,000,000: one hour.
     */
    uint64_t longest_wait_us;
    /** NULL: malloc, realloc and free. Copied; its user_data must outlive the simulation. */
    const sps_allocator *allocator;
    /**
     * Optional: receives each line of the trace (sps_simulation_get_trace_hash()), without a
     * newline.
     */
    void (*trace)(void *user_data, const char *line);
    /** The first argument of trace. */
    void *trace_user_data;
    /**
     * Optional: the random source in place of the seed, for example a fuzzer's input. The
     * simulation calls it for each number and takes the remainder of a division.
     * sps_simulation_random() still follows from the seed. Since 0.1.
     */
    uint64_t (*random)(void *user_data);
    /** The argument of random. */
    void *random_user_data;
} sps_simulation_options;

/**
 * Creates an empty simulation. Its clock begins at one second. Since 0.1.
 *
 * @param options NULL for defaults.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: the options have a struct_size of 0.
 *         - ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_create(const sps_simulation_options *options,
                                sps_simulation **out_simulation);

/**
 * Frees a simulation and its hosts. All objects in it must have ended before. NULL is allowed.
 * Since 0.1.
 */
void sps_simulation_destroy(sps_simulation *simulation);

/* ---- Hosts and names */

/**
 * Adds a host. It has the loopback addresses and the given one. Since 0.1.
 *
 * @param name its name in the trace and for look-ups of other hosts. At most 63 bytes.
 * @param address its first address, IPv4 or IPv6. NULL: only loopback.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: the address is invalid, or the name is empty or too long.
 *         - ERR_ALREADY_EXISTS: the name or the address is in use.
 *         - ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_add_host(sps_simulation *simulation, const char *name, const char *address,
                                  sps_simulated_host **out_host);

/**
 * Adds an address to a host, up to 8. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: the address is invalid.
 *         - ERR_ALREADY_EXISTS: the address is in use.
 *         - ERR_CANT_ACQUIRE_RESOURCE: the host has 8 addresses.
 */
sps_error sps_simulated_host_add_address(sps_simulated_host *host, const char *address);

/**
 * Returns the platform for the options of streams, servers, pollers and IP objects. Borrowed: it
 * lives as long as the simulation. NULL for NULL. Since 0.1.
 */
const sps_platform *sps_simulated_host_platform(const sps_simulated_host *host);

/** Counts the open sockets, path locks, pollers and look-ups of a host. 0 for NULL. Since 0.1. */
size_t sps_simulated_host_open_handles(const sps_simulated_host *host);

/**
 * Limits the open sockets and locks of a host. 0, the default, sets no limit. Beyond it a call
 * fails as in a process without free descriptors. Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER.
 */
sps_error sps_simulated_host_set_handle_limit(sps_simulated_host *host, size_t limit);

/**
 * Removes the files of Unix sockets whose programs have ended. Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER.
 */
sps_error sps_simulated_host_remove_files(sps_simulated_host *host);

/** The answer of a name server. */
typedef int32_t sps_name_answer;
enum {
    SPS_NAME_ANSWER_ADDRESSES = 0, /**< the addresses of the name */
    SPS_NAME_ANSWER_UNKNOWN = 1,   /**< the name does not exist */
    SPS_NAME_ANSWER_NEVER = 2,     /**< no answer at all */
    SPS_NAME_ANSWER_FAILURE = 3,   /**< a server failure (EAI_AGAIN) */
    /** The IPv4 addresses. A look-up of IPv6 or of both families gets no answer. */
    SPS_NAME_ANSWER_IPV4_ALONE = 4
};

/**
 * Adds an address to a name. A new name is added too. Look-ups prefer addresses in the order of
 * these calls. Since 0.1.
 *
 * @param name at most 253 bytes.
 * @param address any address. It need not belong to a host.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: the name or the address is invalid.
 *         - ERR_CANT_ACQUIRE_RESOURCE: the name has 16 addresses.
 *         - ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_add_name(sps_simulation *simulation, const char *name,
                                  const char *address);

/**
 * Sets the answer to look-ups of a name, and its delay. It also applies to a look-up in progress. A
 * new name is added. Answers are not cached: each look-up asks. A name that was never added is
 * unknown after 1 ms. Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER; ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_set_name_answer(sps_simulation *simulation, const char *name,
                                         sps_name_answer answer, uint64_t delay_us);

/* ---- Links */

/** The properties of a link between two hosts. A host's link to itself is its loopback. */
typedef struct sps_link_options {
    /** sizeof(sps_link_options). */
    uint32_t struct_size;
    /** Limit of the random delay on top of the latency. Default 0. */
    uint32_t jitter_us;
    /** One-way latency. Default 500, or 0 for a host's link to itself. */
    uint64_t latency_us;
    /** Rate limit of each connection in each direction. Default 0: no limit. */
    uint64_t bytes_per_second;
} sps_link_options;

/**
 * Sets the link between two hosts, or of one host to itself. Data in flight keeps its arrival time.
 * Since 0.1.
 *
 * @param options NULL for defaults.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: for example hosts of two simulations.
 *         - ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_set_link(sps_simulated_host *one, sps_simulated_host *other,
                                  const sps_link_options *options);

/** How a link is cut. */
typedef int32_t sps_link_cut;
enum {
    SPS_LINK_CUT_NOT = 0,         /**< it is whole */
    SPS_LINK_CUT_SILENT = 1,      /**< nothing arrives, without any error */
    SPS_LINK_CUT_UNREACHABLE = 2, /**< silent, but a router reports connects as unreachable */
    SPS_LINK_CUT_REFUSING = 3     /**< connects are refused, connections continue */
};

/**
 * Cuts a link, or restores it with SPS_LINK_CUT_NOT. Since 0.1.
 *
 * Data in flight is retransmitted after the link is restored, up to 200 ms later. Until then a
 * connection may be given up. With unacknowledged bytes that happens after its user timeout, or 15
 * minutes. Without them, keepalive gives it up.
 *
 * @return OK; ERR_INVALID_PARAMETER; ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_cut_link(sps_simulated_host *one, sps_simulated_host *other,
                                  sps_link_cut cut);

/**
 * Cuts a link silently, and restores it after stall_us. Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER; ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_stall_link(sps_simulated_host *one, sps_simulated_host *other,
                                    uint64_t stall_us);

/**
 * Resets every TCP connection between two hosts, at both ends, like a router that lost its state.
 * Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER; ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_reset_link(sps_simulated_host *one, sps_simulated_host *other);

/* ---- Time */

/** Returns the simulation's clock in microseconds, or 0 for NULL. Since 0.1. */
uint64_t sps_simulation_now_us(const sps_simulation *simulation);

/**
 * Advances the clock, and runs all events on the way. Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER.
 */
sps_error sps_simulation_advance(sps_simulation *simulation, uint64_t time_us);

/**
 * Advances the clock to the next event and runs it. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_DOES_NOT_EXIST: nothing can happen.
 *         - ERR_INVALID_PARAMETER.
 */
sps_error sps_simulation_step(sps_simulation *simulation);

/**
 * Returns when the next event happens: an arrival, a timer of the network, the answer of a name
 * server, or a callback of sps_simulation_every(). Nothing happens and the clock stays. A scheduler
 * with timers of its own advances to the earlier one. Since 0.1.
 *
 * Timeouts of streams and pollers are not events of the network: the library checks them in its own
 * calls. sps_poller_get_timeout_us() returns when the next of them is due. sps_poller_wait() with a
 * timeout advances the clock to it.
 *
 * @param out_us the time on the simulation's clock, never in the past. 0 on failure.
 * @return OK, or:
 *         - ERR_DOES_NOT_EXIST: nothing can happen.
 *         - ERR_INVALID_PARAMETER.
 */
sps_error sps_simulation_next_event_us(const sps_simulation *simulation, uint64_t *out_us);

/** A function that sps_simulation_every() calls. */
typedef void (*sps_simulation_callback)(void *user_data);

/**
 * Runs a callback at each interval: while a call waits, and in sps_simulation_advance() and
 * sps_simulation_step(). A callback may make any call, also one that waits. It is not called again
 * inside itself. Since 0.1.
 *
 * @param interval_us not 0.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER.
 *         - ERR_ALREADY_EXISTS: the callback already runs with this user_data.
 *         - ERR_OUT_OF_MEMORY.
 */
sps_error sps_simulation_every(sps_simulation *simulation, uint64_t interval_us,
                               sps_simulation_callback callback, void *user_data);

/**
 * Ends the effect of sps_simulation_every(). The callback itself may call it. Since 0.1.
 *
 * @return OK; ERR_DOES_NOT_EXIST; ERR_INVALID_PARAMETER.
 */
sps_error sps_simulation_stop_every(sps_simulation *simulation, sps_simulation_callback callback,
                                    void *user_data);

/**
 * Returns a random number that follows from the seed, for the test's own choices. 0 for NULL.
 * Since 0.1.
 */
uint64_t sps_simulation_random(sps_simulation *simulation);

/* ---- Chaos */

/** Rates of deviations from the usual course, in 1 of 1,000. 0 means never, 1,000 always. */
typedef struct sps_simulation_chaos {
    /** sizeof(sps_simulation_chaos). */
    uint32_t struct_size;
    /** Short reads. */
    uint32_t short_reads;
    /** Short writes. */
    uint32_t short_writes;
    /** Writes that arrive in several parts. */
    uint32_t cut_deliveries;
    /** Writes that arrive later. */
    uint32_t late_deliveries;
    /** The limit of that delay, in microseconds. */
    uint32_t late_us;
    /** Waits that report a false readiness. */
    uint32_t false_readiness;
    /** Calls that would block although they could proceed. */
    uint32_t false_again;
    /** Connects that are refused. */
    uint32_t refused_connects;
    /** Deliveries that end in a reset. */
    uint32_t resets;
    /** Calls that fail without descriptors, if the OS's call can fail so. */
    uint32_t no_handles;
    /** Calls that fail without memory, if the OS's call can fail so. */
    uint32_t no_memory;
    /** Look-ups that fail. */
    uint32_t failed_lookups;
    /** Nonzero: events of the same moment happen in random order. */
    uint32_t shuffled;
} sps_simulation_chaos;

/**
 * Begins chaos, or ends it with NULL. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: a struct_size of 0, or a rate above 1,000.
 */
sps_error sps_simulation_set_chaos(sps_simulation *simulation, const sps_simulation_chaos *chaos);

/* ---- Faults by number */

/** A call of the OS. */
typedef int32_t sps_simulated_call;
enum {
    SPS_CALL_OPEN = 0,              /**< makes a socket */
    SPS_CALL_BIND = 1,              /**< binds a socket to an address */
    SPS_CALL_SET_OPTION = 2,        /**< sets an option of a socket */
    SPS_CALL_GET_OPTION = 3,        /**< reads an option of a socket */
    SPS_CALL_LISTEN = 4,            /**< lets a socket listen */
    SPS_CALL_ACCEPT = 5,            /**< takes a connection from a listening socket */
    SPS_CALL_CONNECT = 6,           /**< begins to connect a socket */
    SPS_CALL_CONNECT_RESULT = 7,    /**< reads the result of a connect */
    SPS_CALL_RECEIVE = 8,           /**< reads bytes from a socket */
    SPS_CALL_SEND = 9,              /**< writes bytes to a socket */
    SPS_CALL_AVAILABLE = 10,        /**< counts the bytes that a socket has received */
    SPS_CALL_SHUTDOWN_WRITE = 11,   /**< ends the sending side of a socket */
    SPS_CALL_WAIT = 12,             /**< waits for one socket */
    SPS_CALL_SELECTOR_CREATE = 13,  /**< makes the OS's object that waits for many sockets */
    SPS_CALL_SELECTOR_SET = 14,     /**< adds a socket to a selector, changes it, or removes it */
    SPS_CALL_SELECTOR_WAIT = 15,    /**< waits for the sockets of a selector */
    SPS_CALL_PEER_ADDRESS = 16,     /**< reads the address of the peer */
    SPS_CALL_LOCAL_ADDRESS = 17,    /**< reads the local address of a socket */
    SPS_CALL_TCP_INFO = 18,         /**< reads the TCP statistics of a connection */
    SPS_CALL_PEER_CREDENTIALS = 19, /**< reads the process and the user of a Unix peer */
    SPS_CALL_ADOPT = 20,            /**< takes over a descriptor of the caller's */
    SPS_CALL_SET_FILE_MODE = 21,    /**< sets the permission bits of a Unix socket's file */
    SPS_CALL_LOCK_PATH = 22,        /**< locks the path of a Unix server */
    SPS_CALL_LOOKUP_START = 23,     /**< begins the look-up of a name */
    SPS_CALL_LOOKUP_RESULT = 24,    /**< reads the result of a look-up */
    SPS_CALL_LOCAL_ADDRESSES = 25,  /**< lists the addresses of the host */
    SPS_CALL_CLOSE = 26,            /**< never fails */
    SPS_CALL_PENDING_FAILURE = 27,  /**< reads the pending failure of a socket */
    SPS_CALL_COUNT = 28,            /**< the number of calls */
    SPS_CALL_ANY = -1               /**< any call that can fail */
};

/** The failure of a call. */
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
    SPS_FAULT_UNSUPPORTED = 12,     /**< the OS does not support it */
    SPS_FAULT_FAILED = 13,          /**< EIO */
    SPS_FAULT_NAME_UNANSWERED = 14, /**< EAI_AGAIN */
    SPS_FAULT_COUNT = 15            /**< the number of faults */
};

/** Returns whether a call can fail in this way, by its manual page on Linux or a BSD. Since 0.1. */
bool sps_simulated_call_may_fail(sps_simulated_call call, sps_simulated_fault fault);

/** Returns the name of a call, such as "receive", or "unknown". Since 0.1. */
const char *sps_simulated_call_name(sps_simulated_call call);

/** Returns the name of a fault, such as "reset", or "unknown". Since 0.1. */
const char *sps_simulated_fault_name(sps_simulated_fault fault);

/**
 * Counts the calls of one kind on all hosts so far. 0 for NULL and for an unknown call. Since 0.1.
 */
uint64_t sps_simulation_count_calls(const sps_simulation *simulation, sps_simulated_call call);

/**
 * Makes one call fail, once. A receive or send that fails for good ends the connection, and its
 * peer sees a reset. A connect that fails ends the attempt. A second request replaces the first.
 * Since 0.1.
 *
 * @param call the call that fails, or SPS_CALL_ANY.
 * @param nth counted from the simulation's beginning, from 1. 0: none.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: also if the call cannot fail in this way. With SPS_CALL_ANY, the
 *           simulation checks that at the call itself. A call that cannot fail so does not fail.
 */
sps_error sps_simulation_fail_call(sps_simulation *simulation, sps_simulated_call call,
                                   uint64_t nth, sps_simulated_fault fault);

/** Returns whether the call of sps_simulation_fail_call() has failed. false for NULL. Since 0.1. */
bool sps_simulation_has_failed_call(const sps_simulation *simulation);

/* ---- What has happened */

/**
 * Returns a hash of all that has happened so far (FNV-1a, 64 bits). Each call with its result, and
 * each event, adds a line of text to it. Identical runs have the same hash. 0 for NULL. Since 0.1.
 */
uint64_t sps_simulation_get_trace_hash(const sps_simulation *simulation);

/**
 * Counts misuses of the OS: a call with a closed handle, or a close of a handle that a poller still
 * waits for. Each is a bug of the library, or of a caller that has released handles. 0 for NULL.
 * Since 0.1.
 */
uint64_t sps_simulation_count_mistakes(const sps_simulation *simulation);

/** Counts the waits that failed because nothing more could happen. 0 for NULL. Since 0.1. */
uint64_t sps_simulation_count_deadlocks(const sps_simulation *simulation);

SPS_END_DECLARATIONS

#endif

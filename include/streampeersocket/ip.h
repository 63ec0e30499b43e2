/* SPDX-License-Identifier: MIT */
/**
 * @file ip.h
 * Host names, and the addresses of this machine. The counterpart of Godot's IP. A connect by name
 * does not need it: sps_tcp_connect() resolves the name itself and tries every address. The first
 * address alone may refuse connections.
 *
 * Threads: the library runs look-ups on threads of its own. It starts them on demand and ends idle
 * ones. There are at most 16, or 64 while names take longer than a second. Callers that want the
 * same name share one look-up. A domain (the last two labels of a name) has at most 8 look-ups at a
 * time of each type. So a slow name or domain does not delay the others.
 *
 * Windows: the OS runs the look-ups, with the same limits. A look-up that no caller wants any more
 * is cancelled.
 *
 * Families: SPS_IP_TYPE_ANY prefers the families that this machine has an address of. Loopback and
 * link-local addresses do not count. A name server may be silent about another family.
 *
 * Cache: the library keeps found addresses for 60 seconds, for at most 64 names. sps_tcp_connect()
 * uses them too. It does not keep failures. If no address of a name accepts a connection, the name
 * leaves the cache at once. sps_ip_clear_cache() empties the cache.
 *
 * Fork: the process may fork at any time. The child has none of these threads and starts its own.
 * If the child waits for a look-up of the parent, the look-up begins again.
 *
 * tcp.h defines a host. Addresses and "localhost" need no look-up.
 */
#ifndef STREAMPEERSOCKET_IP_H
#define STREAMPEERSOCKET_IP_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"
#include "options.h"
#include "system_info.h"

SPS_BEGIN_DECLARATIONS

/**
 * The wanted address family: one of the SPS_IP_TYPE_… values. They are those of Godot's IP.Type.
 */
typedef int32_t sps_ip_type;

enum {
    /** Not accepted by any call: ERR_INVALID_PARAMETER. */
    SPS_IP_TYPE_NONE = 0,
    /** IPv4 addresses only. */
    SPS_IP_TYPE_IPV4 = 1,
    /** IPv6 addresses only. */
    SPS_IP_TYPE_IPV6 = 2,
    /** Either family. */
    SPS_IP_TYPE_ANY = 3
};

/** The state of a queued look-up. The values are those of Godot's IP.ResolverStatus. */
typedef int32_t sps_resolver_status;

enum {
    /** There is no such item. */
    SPS_RESOLVER_STATUS_NONE = 0,
    /** The look-up is in progress. */
    SPS_RESOLVER_STATUS_WAITING = 1,
    /** The addresses are there. */
    SPS_RESOLVER_STATUS_DONE = 2,
    /** The look-up failed. */
    SPS_RESOLVER_STATUS_ERROR = 3
};

/** The limit of queued items. Godot: RESOLVER_MAX_QUERIES. */
#define SPS_RESOLVER_MAX_QUERIES 256

/** A number that no item has. Godot: RESOLVER_INVALID_ID. */
#define SPS_RESOLVER_INVALID_ID (-1)

/** An address as NUL-terminated text (RFC 5952 for IPv6). A zone is a number: "fe80::1%2". */
typedef struct sps_host_text {
    /**
     * sizeof(sps_host_text). The caller sets it in the first element of an array, for all of them.
     * 0 and values above 4,096 are ERR_INVALID_PARAMETER.
     */
    uint32_t struct_size;
    /** The address as text, NUL-terminated. */
    char text[SPS_HOST_TEXT_BYTES];
} sps_host_text;

/** A queue of look-ups. Opaque. Unlike other objects, several threads may use it at once. */
typedef struct sps_ip sps_ip;

/** The options of sps_ip_create(). */
typedef struct sps_ip_options {
    /** sizeof(sps_ip_options). */
    uint32_t struct_size;
    /** Milliseconds that a waiting look-up may take, at most INT32_MAX. Default 30,000. */
    uint32_t timeout_ms;
    /**
     * NULL: malloc, realloc and free. Copied. One thread at a time calls it, but any thread that
     * uses the object may do so.
     */
    const sps_allocator *allocator;
    /** NULL: the machine's OS. Borrowed: it must outlive the object. */
    const sps_platform *platform;
} sps_ip_options;

/**
 * Creates a queue of look-ups. Since 0.1.
 *
 * @param options NULL for defaults.
 * @param out_ip owned by the caller, who ends it with sps_ip_destroy(). NULL on failure.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: the options or their allocator have a struct_size of 0, or
 *           timeout_ms is above INT32_MAX.
 *         - ERR_UNAVAILABLE: the platform is of another library version.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_ip_create(const sps_ip_options *options, sps_ip **out_ip);

/** Frees a queue with all of its items, done or not. NULL is allowed. Since 0.1. */
SPS_API void sps_ip_destroy(sps_ip *ip);

/**
 * Looks a host up and waits for it, at most timeout_ms of the options. Godot: resolve_hostname.
 * Since 0.1.
 *
 * @param type the call returns the first address of this family.
 * @param buffer empty unless OK. SPS_HOST_TEXT_BYTES always suffice.
 * @param out_length optional: without the NUL.
 * @return OK, or:
 *         - ERR_CANT_RESOLVE: the name does not exist, or the host has no address of this family.
 *         - ERR_QUERY_FAILED: no name server answered, or the answer was a server failure. Another
 *           call may succeed.
 *         - ERR_TIMEOUT: the time is over.
 *         - ERR_INVALID_PARAMETER: the host or the type is invalid, or buffer_bytes is 0.
 *         - ERR_PARAMETER_RANGE_ERROR: the buffer is too small.
 *         - ERR_CANT_ACQUIRE_RESOURCE: the OS has no descriptor.
 *         - ERR_OUT_OF_MEMORY: also if the OS creates no thread.
 */
SPS_API sps_error sps_ip_resolve_hostname(sps_ip *ip, const char *host, sps_ip_type type,
                                          char *buffer, size_t buffer_bytes, size_t *out_length);

/**
 * sps_ip_resolve_hostname() that returns all addresses, in the OS's order of preference (RFC 6724).
 * Godot: resolve_hostname_addresses. Since 0.1.
 *
 * @param out_addresses room for `capacity` addresses. The caller sets struct_size of the first one.
 * @param out_count how many there are. It may be more than were written.
 * @return the codes of sps_ip_resolve_hostname(), except ERR_PARAMETER_RANGE_ERROR.
 */
SPS_API sps_error sps_ip_resolve_hostname_addresses(sps_ip *ip, const char *host, sps_ip_type type,
                                                    sps_host_text *out_addresses, size_t capacity,
                                                    size_t *out_count);

/**
 * Begins to look a host up, and never waits. The item of an address is done at once.
 * Godot: resolve_hostname_queue_item. Since 0.1.
 *
 * @param out_id the item, valid until sps_ip_erase_resolve_item(). SPS_RESOLVER_INVALID_ID unless
 *         OK.
 * @return OK, or:
 *         - ERR_CANT_ACQUIRE_RESOURCE: SPS_RESOLVER_MAX_QUERIES items exist already.
 *         - ERR_INVALID_PARAMETER: the host or the type is invalid.
 *         - ERR_OUT_OF_MEMORY: also if the OS creates no thread.
 */
SPS_API sps_error sps_ip_queue_resolve_item(sps_ip *ip, const char *host, sps_ip_type type,
                                            int32_t *out_id);

/**
 * Returns the state of an item. If there is no such item, it returns OK and NONE. Never waits.
 * Godot: get_resolve_item_status. Since 0.1.
 */
SPS_API sps_error sps_ip_get_resolve_item_status(sps_ip *ip, int32_t id,
                                                 sps_resolver_status *out_status);

/**
 * Returns the first address of an item. Godot: get_resolve_item_address. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_BUSY: the look-up is still running.
 *         - ERR_CANT_RESOLVE, ERR_QUERY_FAILED, ERR_CANT_ACQUIRE_RESOURCE, ERR_OUT_OF_MEMORY: as
 *           for sps_ip_resolve_hostname().
 *         - ERR_DOES_NOT_EXIST: there is no such item.
 *         - ERR_PARAMETER_RANGE_ERROR: the buffer is too small. It is empty then.
 *         - ERR_INVALID_PARAMETER: buffer_bytes is 0.
 */
SPS_API sps_error sps_ip_get_resolve_item_address(sps_ip *ip, int32_t id, char *buffer,
                                                  size_t buffer_bytes, size_t *out_length);

/**
 * Returns all addresses of an item, with the codes of sps_ip_get_resolve_item_address() and the
 * parameters of sps_ip_resolve_hostname_addresses(). Godot: get_resolve_item_addresses. Since 0.1.
 */
SPS_API sps_error sps_ip_get_resolve_item_addresses(sps_ip *ip, int32_t id,
                                                    sps_host_text *out_addresses, size_t capacity,
                                                    size_t *out_count);

/**
 * Drops an item. Its look-up ends too unless another caller wants it. A later item may get its
 * number. Godot: erase_resolve_item. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_DOES_NOT_EXIST: there is no such item.
 */
SPS_API sps_error sps_ip_erase_resolve_item(sps_ip *ip, int32_t id);

/**
 * Removes a host from the cache. Items keep their addresses. Godot: clear_cache. Since 0.1.
 *
 * @param host NULL or "": all hosts.
 * @return OK, also if nothing was removed.
 */
SPS_API sps_error sps_ip_clear_cache(sps_ip *ip, const char *host);

/**
 * Ends the look-up threads, waits until they have ended, and empties the cache. Any thread may call
 * it. Since 0.1.
 *
 * Two programs need it. A plug-in calls it before it is unloaded, because its code must not go
 * while a thread runs in it. A program under a leak checker calls it before it ends.
 *
 * The caller need not destroy objects first, but look-ups that have not begun wait meanwhile. The
 * library stays usable afterwards. A plug-in that will be unloaded must not use it again.
 *
 * The library cannot stop a running look-up. It ends when a name server answers or the OS gives up,
 * which may take 30 seconds.
 *
 * @param timeout_ms how long to wait, at most INT32_MAX. 0 sets no limit.
 * @return OK if no thread is left, or:
 *         - ERR_TIMEOUT: some threads are left. The plug-in must stay loaded. The caller may repeat
 *           the call.
 *         - ERR_INVALID_PARAMETER: timeout_ms is above INT32_MAX.
 */
SPS_API sps_error sps_shutdown(uint32_t timeout_ms);

/**
 * Returns the addresses of this machine, interface by interface. It omits interfaces without an
 * address. Godot: get_local_addresses, get_local_interfaces. Since 0.1.
 *
 * @param out_addresses room for `capacity` addresses. The caller sets struct_size of the first one.
 *         NULL with a capacity of 0 only counts them.
 * @param out_count how many there are. It may be more than were written.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: capacity is not 0, and out_addresses is NULL or its struct_size
 *           is invalid.
 *         - ERR_CANT_ACQUIRE_RESOURCE: the OS has no descriptor.
 *         - ERR_OUT_OF_MEMORY.
 *         - FAILED: the OS does not report them.
 */
SPS_API sps_error sps_ip_get_local_addresses(sps_ip *ip, sps_local_address *out_addresses,
                                             size_t capacity, size_t *out_count);

SPS_END_DECLARATIONS

#endif

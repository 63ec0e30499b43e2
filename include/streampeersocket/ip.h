/* SPDX-License-Identifier: MIT */
/**
 * @file ip.h
 * Names of hosts and addresses of this machine. The counterpart of Godot's IP. Connecting by name
 * needs none of it: sps_tcp_connect() looks the name up by itself, and tries every address, while the
 * first one alone may be one at which nobody listens.
 *
 * Look-ups run on threads of the library's own, which begin when they are needed and end when they
 * are not: 16 at most, or 64 while names take longer than a second. Those who want the same name
 * share one look-up, and the names of one domain (their last two labels) have 8 at a time of each
 * type, so that a slow name or domain does not hold up the others. Of SPS_IP_TYPE_ANY, a family is
 * the second choice if the machine has no address of it other than loopback's and link-local ones:
 * its name server may be silent. What was found is kept for 60 seconds, 64 names at most, for
 * sps_tcp_connect() as well; what was not found is not kept, and a name none of whose addresses
 * could be connected to is forgotten at once. sps_ip_clear_cache() empties it.
 *
 * The process may fork at any time. The child has none of those threads, and starts its own; what
 * the parent was looking up is looked up anew if the child waits for it.
 *
 * A host is what tcp.h says: an address needs no look-up, and "localhost" neither.
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

/** Which addresses are wanted: one of the SPS_IP_TYPE_… values; they are those of Godot's IP.Type. */
typedef int32_t sps_ip_type;

enum {
    /** Not to be asked for: ERR_INVALID_PARAMETER. */
    SPS_IP_TYPE_NONE = 0,
    SPS_IP_TYPE_IPV4 = 1,
    SPS_IP_TYPE_IPV6 = 2,
    /** Either. */
    SPS_IP_TYPE_ANY = 3
};

/** What became of a queued look-up; the values are those of Godot's IP.ResolverStatus. */
typedef int32_t sps_resolver_status;

enum {
    /** There is no such item. */
    SPS_RESOLVER_STATUS_NONE = 0,
    SPS_RESOLVER_STATUS_WAITING = 1,
    SPS_RESOLVER_STATUS_DONE = 2,
    SPS_RESOLVER_STATUS_ERROR = 3
};

/** So many items may be queued at a time. Godot: RESOLVER_MAX_QUERIES. */
#define SPS_RESOLVER_MAX_QUERIES 256

/** The number of no item. Godot: RESOLVER_INVALID_ID. */
#define SPS_RESOLVER_INVALID_ID (-1)

/** An address as text, NUL-terminated (RFC 5952 for IPv6; a zone as its number: "fe80::1%2"). */
typedef struct sps_host_text {
    /** sizeof(sps_host_text), set by the caller in the first of an array: each is as large. */
    uint32_t struct_size;
    char text[SPS_HOST_TEXT_BYTES];
} sps_host_text;

/** A queue of look-ups. Opaque. Unlike other objects it may be used by several threads at once. */
typedef struct sps_ip sps_ip;

/** sps_ip_create(). */
typedef struct sps_ip_options {
    /** sizeof(sps_ip_options). */
    uint32_t struct_size;
    /** Milliseconds that a waiting look-up may take, at most INT32_MAX. Default 30,000. */
    uint32_t timeout_ms;
    /** NULL: malloc, realloc and free. Copied. Called by one thread at a time, but by any that uses
       the object. */
    const sps_allocator *allocator;
    /** NULL: the machine's OS. Borrowed; must outlive the object. */
    const sps_platform *platform;
} sps_ip_options;

/**
 * Makes a queue of look-ups. Since 0.1.
 *
 * @param options NULL for defaults.
 * @param out_ip the caller's, to end with sps_ip_destroy(); NULL on failure.
 * @return OK; ERR_INVALID_PARAMETER; ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_ip_create(const sps_ip_options *options, sps_ip **out_ip);

/** Ends a queue with all of its items, done or not. NULL is allowed. Since 0.1. */
SPS_API void sps_ip_destroy(sps_ip *ip);

/**
 * Looks a host up and waits for it, at most the time of the options. Godot: resolve_hostname.
 * Since 0.1.
 *
 * @param type the first address of this kind is given.
 * @param buffer SPS_HOST_TEXT_BYTES always do. Empty unless OK.
 * @param out_length optional; without the NUL.
 * @return OK; ERR_CANT_RESOLVE when there is no such name, or it, or the address that was given,
 *         has none of the kind; ERR_QUERY_FAILED when that cannot be told now, since no name server
 *         has answered or the one that did is broken: another call may find it; ERR_TIMEOUT;
 *         ERR_INVALID_PARAMETER for a host or a type that is none; ERR_PARAMETER_RANGE_ERROR when
 *         the buffer is too small; ERR_CANT_ACQUIRE_RESOURCE without descriptors;
 *         ERR_OUT_OF_MEMORY, also when there is no thread to be had.
 */
SPS_API sps_error sps_ip_resolve_hostname(sps_ip *ip, const char *host, sps_ip_type type,
                                          char *buffer, size_t buffer_bytes, size_t *out_length);

/**
 * The same, and gives all addresses of the kind, in the OS's order of preference (RFC 6724). Godot:
 * resolve_hostname_addresses. Since 0.1.
 *
 * @param out_addresses room for `capacity` of them; the first one's struct_size is to be set.
 * @param out_count how many there are, which may be more than were written.
 */
SPS_API sps_error sps_ip_resolve_hostname_addresses(sps_ip *ip, const char *host, sps_ip_type type,
                                                    sps_host_text *out_addresses, size_t capacity,
                                                    size_t *out_count);

/**
 * Begins to look a host up, and never waits; an address is done at once. Godot: resolve_hostname_queue_item. Since 0.1.
 *
 * @param out_id the item, until sps_ip_erase_resolve_item(); SPS_RESOLVER_INVALID_ID unless OK.
 * @return OK; ERR_CANT_ACQUIRE_RESOURCE when SPS_RESOLVER_MAX_QUERIES items are there;
 *         ERR_INVALID_PARAMETER; ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_ip_queue_resolve_item(sps_ip *ip, const char *host, sps_ip_type type,
                                            int32_t *out_id);

/**
 * What became of an item: OK, and NONE when there is no such item. Never waits. Godot:
 * get_resolve_item_status. Since 0.1.
 */
SPS_API sps_error sps_ip_get_resolve_item_status(sps_ip *ip, int32_t id,
                                                 sps_resolver_status *out_status);

/**
 * The first address of an item. Godot: get_resolve_item_address. Since 0.1.
 *
 * @return OK; ERR_BUSY while it is looked up; ERR_CANT_RESOLVE when it was not found;
 *         ERR_QUERY_FAILED, ERR_CANT_ACQUIRE_RESOURCE and ERR_OUT_OF_MEMORY as
 *         sps_ip_resolve_hostname(); ERR_DOES_NOT_EXIST when there is no such item;
 *         ERR_PARAMETER_RANGE_ERROR when the buffer is too small; ERR_INVALID_PARAMETER.
 */
SPS_API sps_error sps_ip_get_resolve_item_address(sps_ip *ip, int32_t id, char *buffer,
                                                  size_t buffer_bytes, size_t *out_length);

/** All addresses of an item; as above. Godot: get_resolve_item_addresses. Since 0.1. */
SPS_API sps_error sps_ip_get_resolve_item_addresses(sps_ip *ip, int32_t id,
                                                    sps_host_text *out_addresses, size_t capacity,
                                                    size_t *out_count);

/**
 * Drops an item, and gives up its look-up unless others want it. Its number is used again. Godot:
 * erase_resolve_item. Since 0.1.
 *
 * @return OK; ERR_DOES_NOT_EXIST when there is no such item.
 */
SPS_API sps_error sps_ip_erase_resolve_item(sps_ip *ip, int32_t id);

/**
 * Forgets what was found for a host, or for all with NULL or "". Items keep theirs. Godot: clear_cache.
 * Since 0.1.
 *
 * @return OK, also when nothing was kept.
 */
SPS_API sps_error sps_ip_clear_cache(sps_ip *ip, const char *host);

/**
 * Ends the threads on which names are looked up, waits until they are gone, and forgets what was
 * found. Two need it: a plug-in before it is unloaded, since its code must not go while a thread
 * still runs in it; and a program that a leak checker watches, before it ends. From any thread.
 * Objects need not be destroyed before, but look-ups that have not begun wait meanwhile. Everything
 * can be used afterwards; a plug-in must not.
 *
 * A look-up that runs cannot be stopped: it ends when a name server answers, or when the OS gives
 * up, which may take half a minute. Since 0.1.
 *
 * @param timeout_ms how long to wait, at most INT32_MAX; 0: as long as it takes.
 * @return OK, and no thread is left; ERR_TIMEOUT, and some are: the plug-in must stay loaded, and
 *         the call may be repeated; ERR_INVALID_PARAMETER.
 */
SPS_API sps_error sps_shutdown(uint32_t timeout_ms);

/**
 * The addresses of this machine, interface by interface. Interfaces without an address are left out.
 * Godot: get_local_addresses, get_local_interfaces. Since 0.1.
 *
 * @param out_addresses room for `capacity` of them, of which the first one's struct_size is to be
 *        set; or NULL with 0 to ask how many there are.
 * @param out_count how many there are, which may be more than were written.
 * @return OK; ERR_INVALID_PARAMETER; ERR_CANT_ACQUIRE_RESOURCE without descriptors;
 *         ERR_OUT_OF_MEMORY; FAILED when the OS does not tell.
 */
SPS_API sps_error sps_ip_get_local_addresses(sps_ip *ip, sps_local_address *out_addresses,
                                             size_t capacity, size_t *out_count);

SPS_END_DECLARATIONS

#endif

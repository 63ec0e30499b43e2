// SPDX-License-Identifier: MIT
//
// The network interfaces of the machine (getifaddrs(3), if_nametoindex(3)).
#ifndef _WIN32

#include "platform/posix/unix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/sized_struct.h"

uint32_t spsi_posix_scope_of(const sps_platform *platform, const char *interface_name) {
    (void)platform;
    return if_nametoindex(interface_name);
}

static bool is_ip(const struct ifaddrs *row) {
    return row->ifa_addr != NULL &&
           (row->ifa_addr->sa_family == AF_INET || row->ifa_addr->sa_family == AF_INET6);
}

// The family of a row's address if names could lead to it; else none.
static unsigned useful_family(const struct ifaddrs *row) {
    if (!is_ip(row) || (row->ifa_flags & IFF_UP) == 0) {
        return 0;
    }
    if (row->ifa_addr->sa_family == AF_INET) {
        const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)(const void *)row->ifa_addr;
        const uint32_t host = ntohl(ipv4->sin_addr.s_addr);
        const bool is_local = host >> 24 == IN_LOOPBACKNET || host >> 16 == 0xa9fe; // RFC 3927
        return is_local ? 0 : SPSI_IPV4;
    }
    const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)(const void *)row->ifa_addr;
    const bool is_local =
        IN6_IS_ADDR_LOOPBACK(&ipv6->sin6_addr) || IN6_IS_ADDR_LINKLOCAL(&ipv6->sin6_addr);
    return is_local ? 0 : SPSI_IPV6;
}

unsigned spsi_posix_useful_families(unsigned families) {
    struct ifaddrs *list;
    if (getifaddrs(&list) == -1) {
        return families;
    }
    unsigned useful = 0;
    for (const struct ifaddrs *row = list; row != NULL; row = row->ifa_next) {
        useful |= useful_family(row);
    }
    freeifaddrs(list);
    return (families & useful) != 0 ? families & useful : families;
}

static void write_row(const struct ifaddrs *row, sps_local_address *out) {
    memset(out, 0, sizeof *out);
    out->interface_index = if_nametoindex(row->ifa_name);
    snprintf(out->interface_name, sizeof out->interface_name, "%s", row->ifa_name);
    const socklen_t size = row->ifa_addr->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                                               : sizeof(struct sockaddr_in6);
    struct sockaddr_storage storage;
    memset(&storage, 0, sizeof storage);
    memcpy(&storage, row->ifa_addr, (size_t)size); // an int on 32-bit Android
    spsi_address address;
    spsi_posix_to_address(&storage, size, &address);
    spsi_ip_to_text(&address, out->host, sizeof out->host);
}

// The OS lists family by family.
static bool is_first_of_its_interface(const struct ifaddrs *list, const struct ifaddrs *row) {
    while (list != row && strcmp(list->ifa_name, row->ifa_name) != 0) {
        list = list->ifa_next;
    }
    return list == row;
}

// Writes the addresses of the interface of a row, from index `from` on; returns how many it has.
static size_t write_interface(const struct ifaddrs *first, sps_local_address *out_addresses,
                              size_t capacity, size_t from) {
    size_t count = 0;
    for (const struct ifaddrs *row = first; row != NULL; row = row->ifa_next) {
        if (!is_ip(row) || strcmp(row->ifa_name, first->ifa_name) != 0) {
            continue;
        }
        if (from + count < capacity) {
            sps_local_address address;
            write_row(row, &address);
            spsi_struct_write_at(&address, out_addresses, from + count, sizeof address);
        }
        count++;
    }
    return count;
}

spsi_result spsi_posix_local_addresses(const sps_platform *platform,
                                       sps_local_address *out_addresses, size_t capacity,
                                       size_t *out_count) {
    (void)platform;
    *out_count = 0;
    struct ifaddrs *list;
    if (getifaddrs(&list) == -1) {
        return spsi_posix_failure(errno);
    }
    for (const struct ifaddrs *row = list; row != NULL; row = row->ifa_next) {
        if (is_first_of_its_interface(list, row)) {
            *out_count += write_interface(row, out_addresses, capacity, *out_count);
        }
    }
    freeifaddrs(list);
    return spsi_posix_done();
}

#else
typedef int spsi_posix_interface_is_elsewhere; // ISO C wants a declaration in each file
#endif

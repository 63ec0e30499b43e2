// SPDX-License-Identifier: MIT
#ifdef _WIN32

#include "platform/windows/windows.h"

#include <string.h>

// afunix.h, which older SDKs lack. The path is UTF-8.
enum { UNIX_PATH_BYTES = 108 };
typedef struct unix_address {
    ADDRESS_FAMILY family;
    char path[UNIX_PATH_BYTES];
} unix_address;

static int from_unix(const spsi_address *address, SOCKADDR_STORAGE *out) {
    unix_address *to = (unix_address *)out;
    const size_t length = strlen(address->path);
    to->family = AF_UNIX;
    memcpy(to->path, address->path, length < UNIX_PATH_BYTES ? length : UNIX_PATH_BYTES - 1);
    return sizeof *to;
}

int spsi_windows_from_address(const spsi_address *address, SOCKADDR_STORAGE *out) {
    memset(out, 0, sizeof *out);
    if (address->family == SPSI_FAMILY_UNIX) {
        return from_unix(address, out);
    }
    if (address->family == SPSI_FAMILY_IPV4) {
        SOCKADDR_IN *ipv4 = (SOCKADDR_IN *)out;
        ipv4->sin_family = AF_INET;
        ipv4->sin_port = htons(address->port);
        memcpy(&ipv4->sin_addr, address->ip, 4);
        return sizeof *ipv4;
    }
    SOCKADDR_IN6 *ipv6 = (SOCKADDR_IN6 *)out;
    ipv6->sin6_family = AF_INET6;
    ipv6->sin6_port = htons(address->port);
    ipv6->sin6_scope_id = address->scope;
    memcpy(&ipv6->sin6_addr, address->ip, 16);
    return sizeof *ipv6;
}

static bool is_mapped(const uint8_t *ip) {
    static const uint8_t mark[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(ip, mark, sizeof mark) == 0;
}

static void read_ipv6(const SOCKADDR_IN6 *ipv6, spsi_address *out) {
    uint8_t ip[16];
    memcpy(ip, &ipv6->sin6_addr, sizeof ip);
    out->port = ntohs(ipv6->sin6_port);
    if (is_mapped(ip)) {
        out->family = SPSI_FAMILY_IPV4;
        memcpy(out->ip, ip + 12, 4);
        return;
    }
    out->family = SPSI_FAMILY_IPV6;
    out->scope = ipv6->sin6_scope_id;
    memcpy(out->ip, ip, sizeof ip);
}

static void read_unix(const unix_address *from, int size, spsi_address *out) {
    const int path_bytes = size - (int)offsetof(unix_address, path);
    out->family = SPSI_FAMILY_UNIX;
    if (path_bytes > 0) {
        memcpy(out->path, from->path,
               path_bytes < UNIX_PATH_BYTES ? (size_t)path_bytes : UNIX_PATH_BYTES);
    }
}

void spsi_windows_to_address(const SOCKADDR_STORAGE *from, int size, spsi_address *out) {
    memset(out, 0, sizeof *out);
    if (from->ss_family == AF_INET6) {
        read_ipv6((const SOCKADDR_IN6 *)from, out);
    } else if (from->ss_family == AF_INET) {
        const SOCKADDR_IN *ipv4 = (const SOCKADDR_IN *)from;
        out->family = SPSI_FAMILY_IPV4;
        out->port = ntohs(ipv4->sin_port);
        memcpy(out->ip, &ipv4->sin_addr, 4);
    } else {
        read_unix((const unix_address *)from, size, out);
    }
}

#else
typedef int spsi_windows_address_is_elsewhere; // ISO C wants a declaration in each file
#endif

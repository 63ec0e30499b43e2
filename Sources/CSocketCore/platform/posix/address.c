// SPDX-License-Identifier: MIT
#ifndef _WIN32

#include "platform/posix/unix.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static const size_t path_offset = offsetof(struct sockaddr_un, sun_path);

socklen_t spsi_posix_from_address(const spsi_address *address, struct sockaddr_storage *out) {
    memset(out, 0, sizeof *out);
    if (address->family == SPSI_FAMILY_UNIX) {
        struct sockaddr_un *unix_address = (struct sockaddr_un *)out;
        const size_t length = strlen(address->path);
        unix_address->sun_family = AF_UNIX;
        memcpy(unix_address->sun_path, address->path, length + 1);
        if (address->path[0] != SPSI_ABSTRACT_MARK) {
            return (socklen_t)(path_offset + length + 1);
        }
        unix_address->sun_path[0] = '\0';
        return (socklen_t)(path_offset + length); // every byte counts, so no NUL at its end
    }
    if (address->family == SPSI_FAMILY_IPV4) {
        struct sockaddr_in *ipv4 = (struct sockaddr_in *)out;
        ipv4->sin_family = AF_INET;
        ipv4->sin_port = htons(address->port);
        memcpy(&ipv4->sin_addr, address->ip, 4);
        return sizeof *ipv4;
    }
    struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)out;
    ipv6->sin6_family = AF_INET6;
    ipv6->sin6_port = htons(address->port);
    ipv6->sin6_scope_id = address->scope;
    memcpy(&ipv6->sin6_addr, address->ip, 16);
    return sizeof *ipv6;
}

static void read_ipv6(const struct sockaddr_in6 *ipv6, spsi_address *out) {
    out->port = ntohs(ipv6->sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&ipv6->sin6_addr)) {
        out->family = SPSI_FAMILY_IPV4;
        memcpy(out->ip, ipv6->sin6_addr.s6_addr + 12, 4);
        return;
    }
    out->family = SPSI_FAMILY_IPV6;
    out->scope = ipv6->sin6_scope_id;
    memcpy(out->ip, &ipv6->sin6_addr, 16);
}

// An unnamed socket has no path bytes. The path of an abstract one begins with a NUL and may have
// more (unix(7), "Address format"). Each NUL becomes the mark of abstract names.
static void read_unix(const struct sockaddr_un *from, socklen_t size, spsi_address *out) {
    out->family = SPSI_FAMILY_UNIX;
    if ((size_t)size <= path_offset) {
        return;
    }
    size_t length = (size_t)size - path_offset;
    if (length > SPSI_PATH_BYTES - 1) {
        length = SPSI_PATH_BYTES - 1;
    }
    memcpy(out->path, from->sun_path, length); // out is zeroed: NUL-terminated
    if (from->sun_path[0] == '\0' && spsi_unix_has_abstract_names(NULL)) {
        for (size_t i = 0; i < length; i++) {
            out->path[i] = out->path[i] != '\0' ? out->path[i] : SPSI_ABSTRACT_MARK;
        }
    }
}

void spsi_posix_to_address(const struct sockaddr_storage *from, socklen_t size, spsi_address *out) {
    memset(out, 0, sizeof *out);
    if (from->ss_family == AF_INET6) {
        read_ipv6((const struct sockaddr_in6 *)from, out);
    } else if (from->ss_family == AF_INET) {
        const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)from;
        out->family = SPSI_FAMILY_IPV4;
        out->port = ntohs(ipv4->sin_port);
        memcpy(out->ip, &ipv4->sin_addr, 4);
    } else {
        read_unix((const struct sockaddr_un *)from, size, out);
    }
}

bool spsi_ip_from_text(const char *text, spsi_address *out_address) {
    memset(out_address, 0, sizeof *out_address);
    if (inet_pton(AF_INET, text, out_address->ip) == 1) {
        out_address->family = SPSI_FAMILY_IPV4;
        return true;
    }
    struct sockaddr_in6 ipv6;
    memset(&ipv6, 0, sizeof ipv6);
    const bool is_ipv6 = inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1;
    read_ipv6(&ipv6, out_address);
    return is_ipv6;
}

void spsi_ip_to_text(const spsi_address *address, char *buffer, size_t size) {
    const int domain = address->family == SPSI_FAMILY_IPV4 ? AF_INET : AF_INET6;
    if (inet_ntop(domain, address->ip, buffer, (socklen_t)size) == NULL) {
        buffer[0] = '\0';
    } else if (address->family == SPSI_FAMILY_IPV6 && address->scope != 0) {
        const size_t length = strlen(buffer);
        snprintf(buffer + length, size - length, "%%%" PRIu32, address->scope);
    }
}

#else
typedef int spsi_posix_address_is_elsewhere; // ISO C wants a declaration in each file
#endif

// SPDX-License-Identifier: MIT
//
// The text of IP addresses.
#ifdef _WIN32

#include "platform/windows/windows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// The form that inet_pton(3) demands elsewhere: four decimal numbers without zeros before them, and
// nothing else. Windows has been more tolerant in some releases.
static bool is_ipv4(const char *text, uint8_t out[16]) {
    char written[INET_ADDRSTRLEN];
    return inet_pton(AF_INET, text, out) == 1 &&
           inet_ntop(AF_INET, out, written, sizeof written) != NULL && strcmp(text, written) == 0;
}

bool spsi_ip_from_text(const char *text, spsi_address *out_address) {
    memset(out_address, 0, sizeof *out_address);
    if (is_ipv4(text, out_address->ip)) {
        out_address->family = SPSI_FAMILY_IPV4;
        return true;
    }
    struct sockaddr_in6 ipv6;
    SOCKADDR_STORAGE storage;
    memset(&ipv6, 0, sizeof ipv6);
    ipv6.sin6_family = AF_INET6;
    const bool is_ipv6 = inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1;
    memset(&storage, 0, sizeof storage);
    memcpy(&storage, &ipv6, sizeof ipv6);
    spsi_windows_to_address(&storage, sizeof ipv6, out_address);
    return is_ipv6;
}

void spsi_ip_to_text(const spsi_address *address, char *buffer, size_t size) {
    const int family = address->family == SPSI_FAMILY_IPV4 ? AF_INET : AF_INET6;
    if (inet_ntop(family, address->ip, buffer, size) == NULL) {
        buffer[0] = '\0';
    } else if (address->family == SPSI_FAMILY_IPV6 && address->scope != 0) {
        const size_t length = strlen(buffer);
        snprintf(buffer + length, size - length, "%%%" PRIu32, address->scope);
    }
}

#else
typedef int spsi_windows_ip_text_is_elsewhere; // ISO C wants a declaration in each file
#endif

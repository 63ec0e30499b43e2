// SPDX-License-Identifier: MIT
//
// IP addresses and their text: parsed like inet_pton(3), written by RFC 5952. The functions of the
// OS do not write the same text everywhere, and the core does not export its own.
#include "address.h"

#include <stdio.h>
#include <string.h>

enum { GROUPS = 8 };

// ---- Text

// Parses one of the four numbers: up to three digits, without a leading zero.
static bool parse_number(const char **at, uint8_t *out) {
    unsigned value = 0;
    const char *first = *at;
    for (; **at >= '0' && **at <= '9'; ++*at) {
        value = value * 10 + (unsigned)(**at - '0');
        if (value > 255 || (*at > first && *first == '0')) {
            return false;
        }
    }
    *out = (uint8_t)value;
    return *at > first;
}

// False if the text has more than the address.
static bool parse_ipv4(const char *text, uint8_t out[4]) {
    for (int i = 0; i < 4; i++) {
        if (i > 0) {
            if (*text != '.') {
                return false;
            }
            text++;
        }
        if (!parse_number(&text, &out[i])) {
            return false;
        }
    }
    return *text == '\0';
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool parse_group(const char **at, uint8_t out[2]) {
    unsigned value = 0;
    int digits = 0;
    for (; hex_digit(**at) >= 0; ++*at, digits++) {
        if (digits == 4) {
            return false;
        }
        value = value * 16 + (unsigned)hex_digit(**at);
    }
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
    return digits > 0;
}

// Moves the bytes behind the gap to the end, and fills the gap with zeros.
static bool spread(uint8_t out[16], size_t size, size_t gap, bool has_gap) {
    if (!has_gap) {
        return size == 16;
    }
    memmove(out + 16 - (size - gap), out + gap, size - gap);
    memset(out + gap, 0, 16 - size);
    return size < 16;
}

// RFC 4291, 2.2: groups. One "::" may stand for some, and the last four bytes may be in IPv4 form.
static bool parse_ipv6(const char *text, uint8_t out[16]) {
    size_t size = 0, gap = 0;
    bool has_gap = false;
    if (text[0] == ':' && text[1] != ':') {
        return false;
    }
    text += text[0] == ':';
    while (*text != '\0') {
        if (*text == ':') { // the second colon of "::"
            if (has_gap) {
                return false;
            }
            has_gap = true;
            gap = size;
            text++;
            if (*text == '\0') {
                break;
            }
        }
        if (size <= 12 && parse_ipv4(text, out + size)) {
            return spread(out, size + 4, gap, has_gap);
        }
        if (size == 16 || !parse_group(&text, out + size) || (*text != ':' && *text != '\0')) {
            return false;
        }
        size += 2;
        if (*text == ':') {
            text++;
            if (*text == '\0') {
                return false;
            }
        }
    }
    return spread(out, size, gap, has_gap);
}

bool spsi_sim_ip_from_text(const char *text, spsi_address *out) {
    memset(out, 0, sizeof *out);
    if (text == NULL) {
        return false;
    }
    out->family = SPSI_FAMILY_IPV4;
    if (parse_ipv4(text, out->ip)) {
        return true;
    }
    out->family = SPSI_FAMILY_IPV6;
    const bool is_address = parse_ipv6(text, out->ip);
    spsi_sim_ip_unmap(out);
    return is_address;
}

// Finds the longest run of at least two zero groups, and the first of equal ones (RFC 5952, 4.2).
static int find_gap(const unsigned groups[GROUPS], int *out_length) {
    int best = -1;
    *out_length = 1;
    for (int i = 0; i < GROUPS; i++) {
        int length = 0;
        while (i + length < GROUPS && groups[i + length] == 0) {
            length++;
        }
        if (length > *out_length) {
            best = i;
            *out_length = length;
        }
        i += length;
    }
    return best;
}

static void write_ipv6(const uint8_t ip[16], char *text, size_t size) {
    unsigned groups[GROUPS];
    int gap_length;
    size_t at = 0;
    for (size_t i = 0; i < GROUPS; i++) {
        groups[i] = (unsigned)ip[2 * i] << 8 | ip[2 * i + 1];
    }
    const int gap = find_gap(groups, &gap_length);
    text[0] = '\0';
    for (int i = 0; i < GROUPS && at < size; i++) {
        if (i == gap) {
            at += (size_t)snprintf(text + at, size - at, "::");
            i += gap_length - 1;
        } else {
            const bool follows_gap = gap >= 0 && i == gap + gap_length;
            at += (size_t)snprintf(text + at, size - at, "%s%x", i > 0 && !follows_gap ? ":" : "",
                                   groups[i]);
        }
    }
}

void spsi_sim_ip_to_text(const spsi_address *address, char *text, size_t size) {
    const uint8_t *ip = address->ip;
    if (address->family == SPSI_FAMILY_IPV4) {
        snprintf(text, size, "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
    } else {
        write_ipv6(ip, text, size);
    }
}

// ---- Kinds

void spsi_sim_ip_unmap(spsi_address *address) {
    static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (address->family == SPSI_FAMILY_IPV6 && memcmp(address->ip, prefix, sizeof prefix) == 0) {
        address->family = SPSI_FAMILY_IPV4;
        memmove(address->ip, address->ip + 12, 4);
        memset(address->ip + 4, 0, 12);
    }
}

bool spsi_sim_ip_is_any(const spsi_address *address) {
    static const uint8_t zeros[16];
    return memcmp(address->ip, zeros, sizeof zeros) == 0;
}

bool spsi_sim_ip_is_loopback(const spsi_address *address) {
    static const uint8_t one[16] = {[15] = 1};
    return address->family == SPSI_FAMILY_IPV4 ? address->ip[0] == 127
                                               : memcmp(address->ip, one, sizeof one) == 0;
}

bool spsi_sim_ip_is_same(const spsi_address *one, const spsi_address *other) {
    return one->family == other->family && memcmp(one->ip, other->ip, sizeof one->ip) == 0;
}

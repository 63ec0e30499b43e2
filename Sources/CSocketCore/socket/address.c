// SPDX-License-Identifier: MIT
#include "socket/address.h"

#include <string.h>

#include "platform/calls.h"

enum {
    MAX_NAME_BYTES = 253, // RFC 1035, 2.3.4, as text
    MAX_ADDRESS_TEXT_BYTES = 45,
    MAX_ZONE_BYTES = 15, // IF_NAMESIZE, less the NUL
};

// ---- Hosts

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_name_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
}

// A name has labels between single dots; one dot may end it.
static bool is_name(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        const bool empty_label = text[i] == '.' && (i == 0 || text[i - 1] == '.');
        if (!is_name_character(text[i]) || empty_label) {
            return false;
        }
    }
    return true;
}

static bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Digits, or hexadecimal ones after 0x: what inet_aton(3) would take for a part of an address.
static bool is_number(const char *text, size_t length) {
    const bool hex = length >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    for (size_t i = hex ? 2 : 0; i < length; i++) {
        if (hex ? !is_hex_digit(text[i]) : !is_digit(text[i])) {
            return false;
        }
    }
    return length > 0;
}

// No name ends in a number (WHATWG URL, "ends in a number"). So "1.2.3", "256.1.1.1" and
// "0x7f000001" are errors and cause no look-up. One dot may follow.
static bool ends_in_number(const char *text, size_t length) {
    const size_t end = text[length - 1] == '.' ? length - 1 : length;
    size_t start = end;
    while (start > 0 && text[start - 1] != '.') {
        start--;
    }
    return is_number(text + start, end - start);
}

static bool is_decimal(const char *text) {
    while (is_digit(*text)) {
        text++;
    }
    return *text == '\0';
}

// A number, as it is shown, or else an interface, whose name may begin with a digit.
static uint32_t parse_zone(const sps_platform *platform, const char *zone) {
    const size_t length = strlen(zone);
    if (length == 0 || length > MAX_ZONE_BYTES) {
        return 0;
    }
    if (!is_decimal(zone)) {
        return spsi_os_scope_of(platform, zone);
    }
    uint64_t number = 0;
    for (size_t i = 0; i < length && number <= UINT32_MAX; i++) {
        number = number * 10 + (uint64_t)(zone[i] - '0');
    }
    return number <= UINT32_MAX ? (uint32_t)number : 0;
}

// An address with an optional zone: "fe80::1%eth0" (RFC 4007, 11).
static bool parse_address(const sps_platform *platform, const char *text,
                          spsi_address *out_address) {
    const char *percent = strchr(text, '%');
    const size_t length = percent != NULL ? (size_t)(percent - text) : strlen(text);
    char numeric[MAX_ADDRESS_TEXT_BYTES + 1];
    if (length > MAX_ADDRESS_TEXT_BYTES) {
        return false;
    }
    memcpy(numeric, text, length);
    numeric[length] = '\0';
    if (!spsi_ip_from_text(numeric, out_address)) {
        return false;
    }
    if (percent == NULL) {
        return true;
    }
    out_address->scope = parse_zone(platform, percent + 1);
    return out_address->family == SPSI_FAMILY_IPV6 && out_address->scope != 0;
}

static bool is_letter(char c, char lower) {
    return c == lower || c == lower - 'a' + 'A';
}

// "localhost", and every name under it, is this machine and nothing else (RFC 6761, 6.3).
static bool is_localhost(const char *text, size_t length) {
    static const char name[] = "localhost";
    const size_t name_length = sizeof name - 1;
    const size_t end = text[length - 1] == '.' ? length - 1 : length;
    if (end < name_length || (end > name_length && text[end - name_length - 1] != '.')) {
        return false;
    }
    for (size_t i = 0; i < name_length; i++) {
        if (!is_letter(text[end - name_length + i], name[i])) {
            return false;
        }
    }
    return true;
}

// IPv6 first, as the OS would give them (RFC 6724); a machine without it refuses at once.
static size_t write_loopback(spsi_address *out_addresses) {
    spsi_ip_from_text("::1", &out_addresses[0]);
    spsi_ip_from_text("127.0.0.1", &out_addresses[1]);
    return 2;
}

spsi_host_kind spsi_host_parse(const sps_platform *platform, const char *text,
                               spsi_address out_addresses[SPSI_KNOWN_ADDRESSES],
                               size_t *out_count) {
    *out_count = 0;
    const size_t length = text != NULL ? strlen(text) : 0;
    if (length == 0 || length > MAX_NAME_BYTES) {
        return SPSI_HOST_INVALID;
    }
    if (strchr(text, ':') != NULL || ends_in_number(text, length)) {
        *out_count = parse_address(platform, text, out_addresses) ? 1 : 0;
        return *out_count > 0 ? SPSI_HOST_KNOWN : SPSI_HOST_INVALID;
    }
    if (!is_name(text, length)) {
        return SPSI_HOST_INVALID;
    }
    if (is_localhost(text, length)) {
        *out_count = write_loopback(out_addresses);
        return SPSI_HOST_KNOWN;
    }
    return SPSI_HOST_NAME;
}

sps_error spsi_path_parse(const sps_platform *platform, const char *path,
                          spsi_address *out_address) {
    const size_t length = path != NULL ? strlen(path) : 0;
    if (length == 0 || length > spsi_os_max_path_bytes(platform)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (path[0] == SPSI_ABSTRACT_MARK) {
        if (length == 1) {
            return SPS_ERR_INVALID_PARAMETER;
        }
        if (!spsi_os_has_abstract_names(platform)) {
            return SPS_ERR_UNAVAILABLE;
        }
    }
    memset(out_address, 0, sizeof *out_address);
    out_address->family = SPSI_FAMILY_UNIX;
    memcpy(out_address->path, path, length + 1);
    return SPS_OK;
}

// ---- Binding

static spsi_result bind_with(const sps_platform *platform, const spsi_address *address,
                             bool dual_stack, spsi_option option, spsi_handle *out_handle) {
    spsi_handle handle;
    spsi_result result = spsi_os_open(platform, address->family, &handle);
    if (result.code != SPSI_DONE) {
        return result;
    }
    if (dual_stack) {
        result = spsi_os_set_option(platform, handle, SPSI_DUAL_STACK, 1);
    }
    if (result.code == SPSI_DONE && option == SPSI_REUSE_PORT) {
        result = spsi_os_set_option(platform, handle, SPSI_REBIND, 1);
    }
    if (result.code == SPSI_DONE) {
        result = spsi_os_set_option(platform, handle, option, 1);
    }
    if (result.code == SPSI_DONE) {
        result = spsi_os_bind(platform, handle, address);
    }
    if (result.code != SPSI_DONE) {
        spsi_os_close(platform, handle);
        return result;
    }
    *out_handle = handle;
    return result;
}

// Both families through one IPv6 socket; IPv4 alone on a machine that has no IPv6.
static spsi_result bind_any(const sps_platform *platform, spsi_address *address, spsi_option option,
                            spsi_handle *out_handle) {
    address->family = SPSI_FAMILY_IPV6;
    const spsi_result result = bind_with(platform, address, true, option, out_handle);
    if (result.code == SPSI_DONE || result.code == SPSI_ADDRESS_IN_USE ||
        result.code == SPSI_DENIED) {
        return result;
    }
    address->family = SPSI_FAMILY_IPV4;
    return bind_with(platform, address, false, option, out_handle);
}

static bool parse_bind_host(const sps_platform *platform, const char *host,
                            spsi_address *out_address) {
    spsi_address known[SPSI_KNOWN_ADDRESSES];
    size_t count;
    if (spsi_host_parse(platform, host, known, &count) != SPSI_HOST_KNOWN || count != 1) {
        return false; // a name, localhost among them, is not one address
    }
    *out_address = known[0];
    return true;
}

spsi_result spsi_bind_host(const sps_platform *platform, int32_t port, const char *host,
                           spsi_option option, spsi_handle *out_handle) {
    if (port < 0 || port > UINT16_MAX || host == NULL) {
        return (spsi_result){SPSI_ADDRESS_INVALID, 0};
    }
    spsi_address address;
    memset(&address, 0, sizeof address);
    const bool any = strcmp(host, "*") == 0;
    if (!any && !parse_bind_host(platform, host, &address)) {
        return (spsi_result){SPSI_ADDRESS_INVALID, 0};
    }
    address.port = (uint16_t)port;
    return any ? bind_any(platform, &address, option, out_handle)
               : bind_with(platform, &address, false, option, out_handle);
}

spsi_result spsi_bind_path(const sps_platform *platform, const spsi_address *address,
                           spsi_handle *out_handle) {
    spsi_handle handle;
    spsi_result result = spsi_os_open(platform, SPSI_FAMILY_UNIX, &handle);
    if (result.code != SPSI_DONE) {
        return result;
    }
    result = spsi_os_bind(platform, handle, address);
    if (result.code != SPSI_DONE) {
        spsi_os_close(platform, handle);
        return result;
    }
    *out_handle = handle;
    return result;
}

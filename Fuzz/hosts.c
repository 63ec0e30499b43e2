// SPDX-License-Identifier: MIT
//
// By the rules of tcp.h every text is an address, a name, or invalid. The text that the library
// reports for an address denotes the same address. By the rules of uds.h every text is a valid or
// an invalid path of a Unix socket. The simulated network knows no names.
#ifdef _WIN32
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#endif
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <streampeersocket/streampeersocket.h>
#include <streampeersocket_testing/simulation.h>

#include "fuzz.h"

enum { MOST_TEXT_BYTES = 300, MOST_NAME_BYTES = 253, MOST_PATH_BYTES = 107, MOST_ZONE_BYTES = 15 };

// ---- A second implementation of the rules

static bool is_all(const char *text, int (*is_one)(int c)) {
    for (; *text != '\0'; text++) {
        if (!is_one((unsigned char)*text)) {
            return false;
        }
    }
    return true;
}

static bool is_number(const char *label) {
    const bool is_hex = label[0] == '0' && (label[1] == 'x' || label[1] == 'X');
    return is_hex ? is_all(label + 2, isxdigit) : label[0] != '\0' && is_all(label, isdigit);
}

static bool is_zone(const char *zone) {
    const size_t length = strlen(zone);
    if (length == 0 || length > MOST_ZONE_BYTES) {
        return false;
    }
    if (!isdigit((unsigned char)zone[0])) { // the simulation's interfaces
        return strcmp(zone, "lo") == 0 || strcmp(zone, "eth0") == 0;
    }
    const unsigned long long number = strtoull(zone, NULL, 10);
    return is_all(zone, isdigit) && number > 0 && number <= UINT32_MAX;
}

static bool is_ipv6(const char *text) {
    char address[MOST_TEXT_BYTES + 1];
    struct in6_addr unused;
    strcpy(address, text);
    char *percent = strchr(address, '%');
    if (percent != NULL) {
        *percent = '\0';
    }
    return inet_pton(AF_INET6, address, &unused) == 1 && (percent == NULL || is_zone(percent + 1));
}

static int is_of_names(int c) {
    return isalnum(c) || c == '-' || c == '_' || c == '.';
}

// Removes the one dot that may end a name.
static void cut_last_dot(char *name) {
    const size_t length = strlen(name);
    if (length > 0 && name[length - 1] == '.') {
        name[length - 1] = '\0';
    }
}

static bool is_localhost(const char *name) {
    static const char localhost[] = "localhost";
    const size_t length = strlen(name), own = sizeof localhost - 1;
    if (length < own || (length > own && name[length - own - 1] != '.')) {
        return false;
    }
    for (size_t i = 0; i < own; i++) {
        if (tolower((unsigned char)name[length - own + i]) != localhost[i]) {
            return false;
        }
    }
    return true;
}

// Returns OK for a text that needs no look-up, and ERR_CANT_RESOLVE for a name.
static sps_error expected(const char *text) {
    char name[MOST_TEXT_BYTES + 1];
    struct in_addr unused;
    strcpy(name, text);
    cut_last_dot(name);
    const char *dot = strrchr(name, '.');
    if (text[0] == '\0' || strlen(text) > MOST_NAME_BYTES) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (strchr(text, ':') != NULL) {
        return is_ipv6(text) ? SPS_OK : SPS_ERR_INVALID_PARAMETER;
    }
    if (is_number(dot != NULL ? dot + 1 : name)) {
        return inet_pton(AF_INET, text, &unused) == 1 ? SPS_OK : SPS_ERR_INVALID_PARAMETER;
    }
    if (!is_all(name, is_of_names) || name[0] == '.' || name[0] == '\0' ||
        strstr(text, "..") != NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return is_localhost(name) ? SPS_OK : SPS_ERR_CANT_RESOLVE;
}

// ---- The library's answers

static void check_host(sps_ip *ip, const char *text) {
    char reported[SPS_HOST_TEXT_BYTES], again[SPS_HOST_TEXT_BYTES];
    size_t length;
    const sps_error error =
        sps_ip_resolve_hostname(ip, text, SPS_IP_TYPE_ANY, reported, sizeof reported, &length);
    FUZZ_ASSERT(error == expected(text));
    FUZZ_ASSERT(strlen(reported) == length && (length > 0) == (error == SPS_OK));
    if (error == SPS_OK) {
        FUZZ_ASSERT(sps_ip_resolve_hostname(ip, reported, SPS_IP_TYPE_ANY, again, sizeof again,
                                            NULL) == SPS_OK);
        FUZZ_ASSERT(strcmp(reported, again) == 0);
    }
}

static void check_path(const sps_stream_options *options, const char *text) {
    const size_t length = strlen(text);
    const bool is_path = length > 0 && length <= MOST_PATH_BYTES && strcmp(text, "@") != 0;
    sps_stream *stream;
    FUZZ_ASSERT(sps_uds_create(options, &stream) == SPS_OK);
    const sps_error error = sps_uds_connect(stream, text); // no server listens there
    FUZZ_ASSERT(error == (is_path ? SPS_FAILED : SPS_ERR_INVALID_PARAMETER));
    FUZZ_ASSERT((sps_uds_bind(stream, text) == SPS_OK) == is_path);
    sps_stream_destroy(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    char text[MOST_TEXT_BYTES + 1];
    const size_t length = bytes < MOST_TEXT_BYTES ? bytes : MOST_TEXT_BYTES;
    if (length > 0) {
        memcpy(text, data, length);
    }
    text[length] = '\0';
    sps_simulation *simulation;
    sps_simulated_host *host;
    sps_ip *ip;
    FUZZ_ASSERT(sps_simulation_create(NULL, &simulation) == SPS_OK);
    FUZZ_ASSERT(sps_simulation_add_host(simulation, "%", "10.0.0.1", &host) == SPS_OK);
    const sps_platform *platform = sps_simulated_host_platform(host);
    const sps_ip_options of_ip = {.struct_size = sizeof of_ip, .platform = platform};
    FUZZ_ASSERT(sps_ip_create(&of_ip, &ip) == SPS_OK);
    check_host(ip, text);
    sps_ip_destroy(ip);
    const sps_stream_options of_stream = {.struct_size = sizeof of_stream, .platform = platform};
    check_path(&of_stream, text);
    sps_simulation_destroy(simulation);
    return 0;
}

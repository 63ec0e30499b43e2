// SPDX-License-Identifier: MIT
//
// ip_lab TIMEOUT_MS STEP HOST...: Godot's IP with a name server. Prints one JSON object a step. A
// STEP is resolve (it waits), ipv4 (the same, only IPv4), queue (and polls until the end), or clear
// (empties the cache).
#include <string.h>

#include "lab.h"
#include "threads.h"

static void print_texts(sps_error error, const sps_host_text *texts, size_t count) {
    printf("\"error\": \"%s\", \"addresses\": [", sps_error_name(error));
    for (size_t i = 0; i < count; i++) {
        printf("%s\"%s\"", i > 0 ? ", " : "", texts[i].text);
    }
    printf("]");
}

static void resolve(sps_ip *ip, const char *host, sps_ip_type type) {
    sps_host_text texts[SPS_IP_MAX_ADDRESSES] = {{.struct_size = sizeof *texts}};
    size_t count;
    const sps_error error =
        sps_ip_resolve_hostname_addresses(ip, host, type, texts, SPS_IP_MAX_ADDRESSES, &count);
    print_texts(error, texts, count);
}

static void queue(sps_ip *ip, const char *host) {
    sps_host_text texts[SPS_IP_MAX_ADDRESSES] = {{.struct_size = sizeof *texts}};
    int32_t id;
    EXPECT_OK(sps_ip_queue_resolve_item(ip, host, SPS_IP_TYPE_ANY, &id));
    sps_resolver_status status;
    size_t count, waited = 0;
    EXPECT_OK(sps_ip_get_resolve_item_status(ip, id, &status));
    const sps_error early =
        sps_ip_get_resolve_item_addresses(ip, id, texts, SPS_IP_MAX_ADDRESSES, &count);
    for (; status == SPS_RESOLVER_STATUS_WAITING; waited++) {
        pause_us(500);
        EXPECT_OK(sps_ip_get_resolve_item_status(ip, id, &status));
    }
    const sps_error error =
        sps_ip_get_resolve_item_addresses(ip, id, texts, SPS_IP_MAX_ADDRESSES, &count);
    printf("\"early\": \"%s\", \"status\": %d, \"waited\": %s, ", sps_error_name(early), status,
           waited > 0 ? "true" : "false");
    print_texts(error, texts, count);
    EXPECT_OK(sps_ip_erase_resolve_item(ip, id));
}

int main(int argc, char **argv) {
    EXPECT(argc >= 2, "usage: ip_lab TIMEOUT_MS STEP HOST...");
    const sps_ip_options options = {.struct_size = sizeof options, .timeout_ms = number(argv[1])};
    const size_t threads = count_threads_at_rest();
    sps_ip *ip;
    EXPECT_OK(sps_ip_create(&options, &ip));
    for (int i = 2; i + 1 < argc; i += 2) {
        const uint64_t begin = now_us();
        printf("{");
        if (strcmp(argv[i], "resolve") == 0) {
            resolve(ip, argv[i + 1], SPS_IP_TYPE_ANY);
        } else if (strcmp(argv[i], "ipv4") == 0) {
            resolve(ip, argv[i + 1], SPS_IP_TYPE_IPV4);
        } else if (strcmp(argv[i], "queue") == 0) {
            queue(ip, argv[i + 1]);
        } else {
            printf("\"error\": \"%s\"", sps_error_name(sps_ip_clear_cache(ip, argv[i + 1])));
        }
        printf(", \"took\": %llu}\n", (unsigned long long)(now_us() - begin));
    }
    sps_ip_destroy(ip);
    // The leak sanitizer reports the resolver's memory of a thread that is just ending. Threads
    // that still look up silent names are no problem.
    wait_for_threads(threads, 1000000);
    return EXIT_SUCCESS;
}

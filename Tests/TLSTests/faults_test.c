// SPDX-License-Identifier: MIT
//
// Each allocation of OpenSSL and of the streams fails, once. Each call then returns a code, and
// nothing is left behind.
#include <openssl/crypto.h>
#include <string.h>

#include "support/links.h"

static unsigned long allocations, failing; // counted from 1; 0: none fails

static bool is_refused(void) {
    return ++allocations == failing;
}

static void *allocate(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return is_refused() ? NULL : malloc(size);
}

static void *resize(void *block, size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return is_refused() ? NULL : realloc(block, size);
}

static void release(void *block, const char *file, int line) {
    (void)file;
    (void)line;
    free(block);
}

// OpenSSL accepts its functions only before it allocates anything.
__attribute__((constructor)) static void replace_functions(void) {
    CRYPTO_set_mem_functions(allocate, resize, release);
}

static void *reallocate(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return new_bytes > old_bytes && is_refused() ? NULL : realloc(block, new_bytes);
}

static const sps_allocator counted = {.struct_size = sizeof counted, .reallocate = reallocate};

static bool is_connecting(const tls_link *link) {
    return tls_status(link->client) == SPS_TLS_STATUS_HANDSHAKING ||
           tls_status(link->server) == SPS_TLS_STATUS_HANDSHAKING;
}

// Sends a text both ways. A side that cannot has failed, or runs out of memory for a moment.
static bool exchange(tls_link *link) {
    char got[2][6] = {"", ""};
    sps_stream *sides[2] = {link->client, link->server};
    size_t sent[2] = {0, 0}, received[2] = {0, 0};
    for (int turn = 0; turn < 50; turn++) {
        for (int i = 0; i < 2; i++) {
            size_t count = 0;
            sps_stream_put_partial_data(sides[i], &"hello"[sent[i]], 5 - sent[i], &count);
            sent[i] += count;
            sps_stream_get_partial_data(sides[i], got[i] + received[i], 5 - received[i], &count);
            received[i] += count;
        }
        drive(link);
    }
    ck_assert_mem_eq(got[0], "hello", received[0]);
    ck_assert_mem_eq(got[1], "hello", received[1]);
    return received[0] == 5 && received[1] == 5;
}

// A connection from its options to its end. Returns whether all of it worked.
static bool run(sps_tls_version version) {
    const sps_tls_settings settings = {.struct_size = sizeof settings, .max_version = version};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &counted};
    sps_tls_options *client = NULL, *server = NULL;
    tls_link link = {.kind = OVER_PIPE, .pipe = make_pipe()};
    bool works =
        sps_tls_options_create_client(authority.certificate, NULL, &settings, &client) == SPS_OK &&
        sps_tls_options_create_server(game.key, game.certificate, NULL, &server) == SPS_OK &&
        sps_tls_create(&options, &link.client) == SPS_OK &&
        sps_tls_create(&options, &link.server) == SPS_OK &&
        sps_tls_connect_to_stream(link.client, link.pipe->streams[0], "game.test", client) ==
            SPS_OK &&
        sps_tls_accept_stream(link.server, link.pipe->streams[1], server) == SPS_OK;
    for (int turn = 0; works && turn < 100 && is_connecting(&link); turn++) {
        drive(&link);
    }
    works = works && exchange(&link);
    sps_tls_disconnect_from_stream(link.client);
    sps_stream_destroy(link.client);
    sps_stream_destroy(link.server);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    drop_pipe(link.pipe);
    return works;
}

enum { SHARES = 10 };

static void fail_each(sps_tls_version version, unsigned long first, unsigned long step) {
    failing = 0;
    run(version); // OpenSSL fetches its algorithms
    allocations = 0;
    ck_assert(run(version));
    const unsigned long count = allocations;
    ck_assert_uint_gt(count, 100);
    unsigned long harmless = 0;
    for (unsigned long nth = first; nth <= count; nth += step) {
        allocations = 0;
        failing = nth;
        harmless += run(version);
    }
    failing = 0;
    ck_assert_uint_lt(harmless, count / step);
    ck_assert(run(version)); // and afterwards all works
}

START_TEST(each_allocation_fails_with_1_2) {
    fail_each(SPS_TLS_VERSION_1_2, 1 + (unsigned long)_i, SHARES);
}
END_TEST

START_TEST(each_allocation_fails_with_1_3) {
    fail_each(SPS_TLS_VERSION_1_3, 1 + (unsigned long)_i, SHARES);
}
END_TEST

// The library makes an object for the whole process with the first stream. If that fails, the next
// stream makes it. Each test is a process.
START_TEST(the_first_stream_of_a_process) {
    sps_tls_options *options = client_options(NULL);
    tls_link link = make_link(OVER_PIPE);
    allocations = 0;
    failing = 1 + (unsigned long)_i;
    sps_tls_connect_to_stream(link.client, link.client_base, "game.test", options);
    failing = 0;
    sps_tls_disconnect_from_stream(link.client);
    OK(sps_tls_connect_to_stream(link.client, link.client_base, "game.test", options));
    drop_link(&link);
    sps_tls_options_destroy(options);
}
END_TEST

START_TEST(each_allocation_of_seeded_options_fails) {
    const sps_tls_settings settings = {.struct_size = sizeof settings, .insecure_seed = 1};
    sps_tls_options *options = client_options(&settings);
    sps_tls_options_destroy(options);
    allocations = 0;
    options = client_options(&settings);
    sps_tls_options_destroy(options);
    const unsigned long count = allocations;
    for (unsigned long nth = 1 + (unsigned long)_i; nth <= count; nth += SHARES) {
        allocations = 0;
        failing = nth;
        const sps_error error =
            sps_tls_options_create_client(authority.certificate, NULL, &settings, &options);
        ck_assert(error == SPS_OK || error == SPS_ERR_OUT_OF_MEMORY);
        failing = 0;
        sps_tls_options_destroy(options);
    }
}
END_TEST

Suite *tls_faults_suite(void) {
    Suite *suite = suite_create("tls_faults");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_loop_test(all, the_first_stream_of_a_process, 0, 40);
    tcase_add_loop_test(all, each_allocation_of_seeded_options_fails, 0, SHARES);
    tcase_add_loop_test(all, each_allocation_fails_with_1_2, 0, SHARES);
    tcase_add_loop_test(all, each_allocation_fails_with_1_3, 0, SHARES);
    return suite;
}

// SPDX-License-Identifier: MIT
//
// Memory that runs out for a moment. The call says so, and later the connection goes on.
#include <string.h>

#include "support/links.h"

static bool is_out_of_memory;

static void *reallocate(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return is_out_of_memory && new_bytes > old_bytes ? NULL : realloc(block, new_bytes);
}

static const sps_allocator allocator = {.struct_size = sizeof allocator, .reallocate = reallocate};
static const sps_stream_options counted = {.struct_size = sizeof counted, .allocator = &allocator};

// A link whose client has the allocator, over a pipe.
static tls_link make_poor_link(void) {
    tls_link link = make_link(OVER_PIPE);
    sps_stream_destroy(link.client);
    OK(sps_tls_create(&counted, &link.client));
    return link;
}

static void begin(tls_link *link) {
    sps_tls_options *client = client_options(NULL), *server = server_options(NULL);
    begin_link(link, client, "game.test", server);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
}

START_TEST(a_put_loses_nothing) {
    tls_link link = make_poor_link();
    begin(&link);
    finish_handshakes(&link);
    for (int i = 0; i < 100; i++) { // also if the stream below takes a part of the record
        const char text[] = {(char)('a' + i % 26), 0};
        size_t sent = 1;
        is_out_of_memory = true;
        link.pipe->lanes[1].most = link.pipe->lanes[1].size + (size_t)i % 30;
        IS(sps_stream_put_partial_data(link.client, text, 1, &sent), SPS_ERR_OUT_OF_MEMORY);
        ck_assert_uint_eq(sent, 0);
        IS(sps_stream_put_data(link.client, text, 1, NULL), SPS_ERR_OUT_OF_MEMORY);
        is_out_of_memory = false;
        link.pipe->lanes[1].most = SIZE_MAX;
        ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
        expect_delivery(&link, link.client, link.server, text);
    }
    drop_link(&link);
}
END_TEST

// Every flight of the handshake meets it, in every place.
START_TEST(a_handshake_goes_on) {
    tls_link link = make_poor_link();
    is_out_of_memory = true;
    begin(&link);
    int failures = 0;
    for (int turn = 0; turn < 20; turn++) {
        is_out_of_memory = turn % 5 != 4;
        link.pipe->lanes[1].most = (size_t)turn % 5 * 20 + link.pipe->lanes[1].size;
        const sps_error error = sps_tls_poll(link.client);
        ck_assert(error == SPS_OK || error == SPS_ERR_OUT_OF_MEMORY);
        failures += error == SPS_ERR_OUT_OF_MEMORY;
        sps_tls_poll(link.server);
    }
    ck_assert_int_gt(failures, 0);
    is_out_of_memory = false;
    link.pipe->lanes[1].most = SIZE_MAX;
    finish_handshakes(&link);
    expect_delivery(&link, link.client, link.server, "question");
    expect_delivery(&link, link.server, link.client, "answer");
    drop_link(&link);
}
END_TEST

START_TEST(an_end_goes_on) {
    tls_link link = make_poor_link();
    begin(&link);
    finish_handshakes(&link);
    is_out_of_memory = true;
    link.pipe->lanes[1].most = 0;
    IS(sps_tls_shutdown_write(link.client), SPS_ERR_OUT_OF_MEMORY);
    is_out_of_memory = false;
    link.pipe->lanes[1].most = SIZE_MAX;
    OK(sps_tls_shutdown_write(link.client));
    DRIVE_UNTIL(&link, tls_status(link.server) == SPS_TLS_STATUS_DISCONNECTED);
    drop_link(&link);
}
END_TEST

Suite *tls_memory_suite(void) {
    Suite *suite = suite_create("tls_memory");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_test(all, a_put_loses_nothing);
    tcase_add_test(all, a_handshake_goes_on);
    tcase_add_test(all, an_end_goes_on);
    return suite;
}

// SPDX-License-Identifier: MIT
//
// A seed and a time make a run of TLS repeat, byte for byte.
#include <string.h>

#include "support/links.h"

// The bytes that a run has put into both directions of the pipe.
typedef struct wire {
    uint8_t bytes[2][32768];
    size_t sizes[2];
} wire;

// Copies what is new in the pipe. Each lane is drained between two calls.
static void record(const tls_link *link, wire *wire) {
    for (int i = 0; i < 2; i++) {
        const pipe_lane *lane = &link->pipe->lanes[i];
        const size_t fresh = lane->total - wire->sizes[i];
        ck_assert_uint_le(fresh, lane->size);
        ck_assert_uint_le(lane->total, sizeof wire->bytes[i]);
        if (fresh > 0) {
            memcpy(wire->bytes[i] + wire->sizes[i], lane->bytes + lane->size - fresh, fresh);
        }
        wire->sizes[i] = lane->total;
    }
}

static void take_turns(tls_link *link, wire *wire) {
    sps_tls_poll(link->client);
    record(link, wire);
    sps_tls_poll(link->server);
    record(link, wire);
}

// Certificates are from now on valid for a month. The run is in two weeks.
static int64_t in_two_weeks(void) {
    return (int64_t)time(NULL) + 14 * 24 * 60 * 60;
}

static wire run(const identity *shown, sps_tls_version version, uint64_t seed, int64_t time_s) {
    wire made = {.sizes = {0, 0}};
    const sps_tls_settings of_client = {.struct_size = sizeof of_client,
                                        .max_version = version,
                                        .verify_time_s = time_s,
                                        .certificate = player.certificate,
                                        .key = player.key,
                                        .insecure_seed = seed};
    const sps_tls_settings of_server = {.struct_size = sizeof of_server,
                                        .verify_time_s = time_s,
                                        .client_certificates = SPS_TLS_CLIENT_CERTIFICATE_REQUIRED,
                                        .client_trusted_chain = authority.certificate,
                                        .insecure_seed = seed != 0 ? seed + 1 : 0};
    tls_link link = make_link(OVER_PIPE);
    sps_tls_options *client = client_options(&of_client), *server;
    OK(sps_tls_options_create_server(shown->key, shown->certificate, &of_server, &server));
    OK(sps_tls_connect_to_stream(link.client, link.client_base, "game.test", client));
    record(&link, &made);
    OK(sps_tls_accept_stream(link.server, link.server_base, server));
    record(&link, &made);
    for (int i = 0; i < 10; i++) {
        take_turns(&link, &made);
    }
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    OK(sps_stream_put_data(link.client, "question", 8, NULL));
    OK(sps_stream_put_data(link.server, "answer", 6, NULL));
    record(&link, &made);
    take_turns(&link, &made);
    OK(sps_tls_disconnect_from_stream(link.client));
    record(&link, &made);
    drop_link(&link);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    return made;
}

static bool is_same(const wire *one, const wire *other) {
    return one->sizes[0] == other->sizes[0] && one->sizes[1] == other->sizes[1] &&
           memcmp(one->bytes[0], other->bytes[0], one->sizes[0]) == 0 &&
           memcmp(one->bytes[1], other->bytes[1], one->sizes[1]) == 0;
}

START_TEST(a_seed_gives_the_same_bytes) {
    const sps_tls_version version = _i % 2 == 0 ? SPS_TLS_VERSION_1_2 : SPS_TLS_VERSION_1_3;
    const int64_t time_s = in_two_weeks();
    identity rsa = issue(&(identity_plan){
        .subject = "RSA", .names = "DNS:game.test", .issuer = &authority, .rsa_bits = 2048});
    const identity *shown = _i < 2 ? &game : &rsa;
    static wire first, second, other, secret[2];
    first = run(shown, version, 7, time_s);
    secret[0] = run(shown, version, 0, time_s);
    second = run(shown, version, 7, time_s);
    other = run(shown, version, 8, time_s);
    secret[1] = run(shown, version, 0, time_s);
    ck_assert_uint_gt(first.sizes[0], 500);
    ck_assert(is_same(&first, &second));
    ck_assert(!is_same(&first, &other));
    ck_assert(!is_same(&secret[0], &secret[1]));
    drop_identity(&rsa);
}
END_TEST

Suite *tls_replay_suite(void) {
    Suite *suite = suite_create("tls_replay");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_loop_test(all, a_seed_gives_the_same_bytes, 0, 4);
    return suite;
}

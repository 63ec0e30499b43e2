// SPDX-License-Identifier: MIT
#include "support/scripted_network.h"

#include <string.h>

scripted_network network;

static uint64_t now(const sps_platform *platform) {
    (void)platform;
    return network.now_us;
}

static spsi_result result(spsi_code code) {
    return (spsi_result){code, code == SPSI_DONE || code == SPSI_AGAIN ? 0 : 1000 + (int)code};
}

static spsi_result open_socket(const sps_platform *platform, spsi_family family,
                               spsi_handle *out_handle) {
    (void)platform;
    (void)family;
    ck_assert_uint_lt(network.opened, MAX_HANDLES);
    network.open++;
    *out_handle = (spsi_handle)network.opened++;
    return result(SPSI_DONE);
}

static void close_socket(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    (void)handle;
    network.open--;
}

static spsi_result outcome(spsi_handle handle) {
    const scripted_address *target = network.sockets[handle].target;
    const bool is_time =
        target->after_ms != SILENT &&
        network.now_us >= network.sockets[handle].begin_us + (uint64_t)target->after_ms * 1000;
    return result(is_time ? target->code : SPSI_AGAIN);
}

static spsi_result begin(const sps_platform *platform, spsi_handle handle,
                         const spsi_address *address) {
    (void)platform;
    char text[64];
    spsi_ip_to_text(address, text, sizeof text);
    for (size_t i = 0; i < network.count; i++) {
        if (strcmp(network.addresses[i].text, text) == 0) {
            network.sockets[handle].target = &network.addresses[i];
            network.sockets[handle].begin_us = network.now_us;
            network.sockets[handle].address = *address;
            return outcome(handle);
        }
    }
    ck_abort_msg("an address that the test does not have: %s", text);
    return result(SPSI_FAILED);
}

static spsi_result check(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    return outcome(handle);
}

static spsi_result local_address(const sps_platform *platform, spsi_handle handle,
                                 spsi_address *out) {
    (void)platform;
    (void)handle;
    memset(out, 0, sizeof *out);
    out->port = LOCAL_PORT;
    return result(SPSI_DONE);
}

static spsi_result peer_address(const sps_platform *platform, spsi_handle handle,
                                spsi_address *out) {
    (void)platform;
    *out = network.sockets[handle].address;
    return result(SPSI_DONE);
}

static spsi_result lookup_start(const sps_platform *platform, const char *name, unsigned families,
                                spsi_lookup **out_lookup) {
    (void)platform;
    (void)name;
    network.lookups++;
    *out_lookup = (spsi_lookup *)&network.answers[families];
    return result(SPSI_DONE);
}

static spsi_result lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                                 spsi_address *out, size_t capacity, size_t *out_count) {
    (void)platform;
    const unsigned families = (unsigned)((const spsi_code *)lookup - network.answers);
    const spsi_code all = network.resolved ? network.resolve_code : SPSI_AGAIN;
    const spsi_code code = network.is_split ? network.answers[families] : all;
    *out_count = 0;
    for (size_t i = 0; i < network.count && *out_count < capacity && code == SPSI_DONE; i++) {
        ck_assert(spsi_ip_from_text(network.addresses[i].text, &out[*out_count]));
        const unsigned family = out[*out_count].family == SPSI_FAMILY_IPV4 ? SPSI_IPV4 : SPSI_IPV6;
        *out_count += (family & families) != 0;
    }
    return result(code);
}

static spsi_result set_option(const sps_platform *platform, spsi_handle handle, spsi_option option,
                              uint32_t value) {
    (void)platform;
    (void)handle;
    (void)option;
    (void)value;
    return result(SPSI_DONE);
}

static void lookup_end(const sps_platform *platform, spsi_lookup *lookup, bool was_useful) {
    network.useful = was_useful;
    (void)platform;
    (void)lookup;
    network.lookups--;
}

static spsi_result no_bytes(const sps_platform *platform, spsi_handle handle, void *buffer,
                            size_t size, size_t *out) {
    (void)platform;
    (void)handle;
    (void)buffer;
    (void)size;
    *out = 0;
    return result(SPSI_AGAIN);
}

sps_stream *connect_by_name(const scripted_address *addresses, size_t count) {
    memset(&network, 0, sizeof network);
    network.platform = (sps_platform){
        SPSI_PLATFORM_HEAD,
        .now_us = now,
        .open = open_socket,
        .close = close_socket,
        .connect = begin,
        .connect_result = check,
        .receive = no_bytes,
        .local_address = local_address,
        .peer_address = peer_address,
        .lookup_start = lookup_start,
        .lookup_result = lookup_result,
        .lookup_end = lookup_end,
        .set_option = set_option,
    };
    network.now_us = 1000000;
    network.addresses = addresses;
    network.count = count;
    network.resolved = true;
    network.resolve_code = SPSI_DONE;
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .platform = &network.platform};
    sps_stream *stream;
    OK(sps_tcp_create(&options, &stream));
    OK(sps_tcp_connect(stream, "any.name", 80));
    return stream;
}

sps_error poll_after(sps_stream *stream, uint64_t ms) {
    network.now_us += ms * 1000;
    return sps_socket_poll(stream);
}

sps_connect_attempt attempt(const sps_stream *stream, size_t index) {
    sps_connect_attempt attempt = {.struct_size = sizeof attempt};
    OK(sps_tcp_get_connect_attempt(stream, index, &attempt));
    return attempt;
}

void expect_attempt(const sps_stream *stream, size_t index, const char *host,
                    sps_attempt_state state, uint64_t start_ms, uint64_t end_ms) {
    const sps_connect_attempt found = attempt(stream, index);
    ck_assert_str_eq(found.host, host);
    ck_assert_int_eq(found.port, 80);
    ck_assert_int_eq(found.state, state);
    ck_assert_uint_eq(found.start_us, start_ms * 1000);
    ck_assert_uint_eq(found.end_us, end_ms * 1000);
}

void expect_attempts(const sps_stream *stream, size_t count) {
    size_t found;
    OK(sps_tcp_get_connect_attempt_count(stream, &found));
    ck_assert_uint_eq(found, count);
}

void expect_failed(const sps_stream *stream, sps_close_reason reason) {
    ck_assert_int_eq(status_of(stream), SPS_STATUS_ERROR);
    expect_reason(stream, reason);
    ck_assert_int_eq(network.open, 0);
    ck_assert_int_eq(network.lookups, 0);
}

void end_stream(sps_stream *stream) {
    sps_stream_destroy(stream);
    ck_assert_int_eq(network.open, 0);
    ck_assert_int_eq(network.lookups, 0);
}

// SPDX-License-Identifier: MIT
//
// The functions of support/machine.c, on a host of a simulated network. Each test has a new one.
// Its seed is SPS_SIMULATION_SEED, or 1.
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTERPOSE_DECLARES_ONLY
#include "interpose.h"
#include "platform/calls.h"
#include "platform/platform.h"
#include "simulated_machine.h"
#include "streampeersocket_testing/simulation.h"
#include "support/support.h"

static sps_simulation *simulation;
static sps_simulated_host *host;

sps_simulation *network_of_test(void) {
    return simulation;
}

sps_simulated_host *host_of_test(void) {
    return host;
}

bool is_simulated(void) {
    return true;
}

bool has_unix_sockets(void) {
    return true;
}

uint64_t now_ms(void) {
    return sps_simulation_now_us(simulation) / 1000;
}

void pause_briefly(void) {
    OK(sps_simulation_advance(simulation, 500));
}

// ---- Places

place new_path(void) {
    static int count;
    place place = {.transport = UDS};
    snprintf(place.path, sizeof place.path, "/run/%d.sock", count++);
    return place;
}

// Bound sockets. The library would let others share the address, so they are not made through it.
static spsi_handle reserved[8];
static size_t reserved_count;

place unused_place(transport transport) {
    if (transport == UDS) {
        return new_path();
    }
    ck_assert(reserved_count < sizeof reserved / sizeof reserved[0]);
    const sps_platform *platform = sps_simulated_host_platform(host);
    const spsi_address loopback = {.family = SPSI_FAMILY_IPV4, .ip = {127, 0, 0, 1}};
    spsi_handle handle;
    spsi_address local;
    ck_assert_int_eq(spsi_os_open(platform, SPSI_FAMILY_IPV4, &handle).code, SPSI_DONE);
    ck_assert_int_eq(spsi_os_bind(platform, handle, &loopback).code, SPSI_DONE);
    ck_assert_int_eq(spsi_os_local_address(platform, handle, &local).code, SPSI_DONE);
    reserved[reserved_count++] = handle;
    return (struct place){.transport = TCP, .port = local.port};
}

// ---- The fixture

void set_up(void) {
    const char *seed = getenv("SPS_SIMULATION_SEED");
    const sps_simulation_options options = {.struct_size = sizeof options,
                                            .seed = seed != NULL ? strtoull(seed, NULL, 10) : 1};
    OK(sps_simulation_create(&options, &simulation));
    OK(sps_simulation_add_host(simulation, "test", "10.0.0.1", &host));
}

void tear_down(void) {
    while (reserved_count > 0) {
        const sps_platform *platform = sps_simulated_host_platform(host);
        spsi_os_close(platform, reserved[--reserved_count]);
    }
    ck_assert_uint_eq(sps_simulated_host_open_handles(host), 0);
    ck_assert_uint_eq(sps_simulation_count_mistakes(simulation), 0);
    ck_assert_uint_eq(sps_simulation_count_deadlocks(simulation), 0);
    sps_simulation_destroy(simulation);
}

// ---- The objects under test

static bool is_complete(const void *options, size_t size) {
    return options == NULL || *(const uint32_t *)options >= size;
}

// Tests may pass options with an invalid struct_size, or one from before `platform`. These options
// pass unchanged. Of other older ones the rest stays 0.
static bool take_stream_options(const sps_stream_options *options, sps_stream_options *own) {
    *own = (sps_stream_options){.struct_size = sizeof *own};
    if (!is_complete(options, offsetof(sps_stream_options, platform) + sizeof own->platform)) {
        return false;
    }
    if (options != NULL) {
        memcpy(own, options,
               options->struct_size < sizeof *own ? options->struct_size : sizeof *own);
    }
    own->platform = own->platform != NULL ? own->platform : sps_simulated_host_platform(host);
    return true;
}

sps_error simulated_tcp_create(const sps_stream_options *options, sps_stream **out_stream) {
    sps_stream_options own;
    return sps_tcp_create(take_stream_options(options, &own) ? &own : options, out_stream);
}

sps_error simulated_uds_create(const sps_stream_options *options, sps_stream **out_stream) {
    sps_stream_options own;
    return sps_uds_create(take_stream_options(options, &own) ? &own : options, out_stream);
}

typedef sps_error (*server_maker)(const sps_server_options *options, sps_server **out_server);

static sps_error create_server(server_maker make, const sps_server_options *options,
                               sps_server **out_server) {
    sps_server_options own = {.struct_size = sizeof own};
    sps_stream_options of_streams;
    if (!is_complete(options, sizeof own)) {
        return make(options, out_server);
    }
    own = options != NULL ? *options : own;
    if (!take_stream_options(own.stream, &of_streams)) {
        return make(options, out_server);
    }
    own.stream = &of_streams;
    return make(&own, out_server);
}

sps_error simulated_tcp_server_create(const sps_server_options *options, sps_server **out_server) {
    return create_server(sps_tcp_server_create, options, out_server);
}

sps_error simulated_uds_server_create(const sps_server_options *options, sps_server **out_server) {
    return create_server(sps_uds_server_create, options, out_server);
}

sps_error simulated_poller_create(const sps_poller_options *options, sps_poller **out_poller) {
    sps_poller_options own = {.struct_size = sizeof own};
    if (!is_complete(options, sizeof own)) {
        return sps_poller_create(options, out_poller);
    }
    own = options != NULL ? *options : own;
    own.platform = own.platform != NULL ? own.platform : sps_simulated_host_platform(host);
    return sps_poller_create(&own, out_poller);
}

sps_error simulated_ip_create(const sps_ip_options *options, sps_ip **out_ip) {
    sps_ip_options own = {.struct_size = sizeof own};
    if (!is_complete(options, sizeof own)) {
        return sps_ip_create(options, out_ip);
    }
    own = options != NULL ? *options : own;
    own.platform = own.platform != NULL ? own.platform : sps_simulated_host_platform(host);
    return sps_ip_create(&own, out_ip);
}

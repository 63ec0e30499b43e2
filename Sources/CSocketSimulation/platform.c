// SPDX-License-Identifier: MIT
//
// The platform table of a host. Each call begins with spsi_sim_call_begin(): it takes time, is
// counted, and may be one that must fail. Each call ends as a line of the trace.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "base/sized_struct.h"
#include "connection.h"
#include "faults.h"
#include "files.h"
#include "host.h"
#include "link.h"
#include "names.h"
#include "pipe.h"
#include "selector.h"
#include "sim.h"
#include "socket.h"
#include "trace.h"
#include "world.h"

enum {
    LOOPBACK_SCOPE = 1,
    NETWORK_SCOPE = 2,
    MAX_PATH = 107,
    SEGMENT_BYTES = 1460,
    FIRST_ID = 1000
};

static spsi_result finish(const spsi_sim_host *host, sps_simulated_call call, spsi_handle handle,
                          spsi_result result, uint64_t count) {
    assert(spsi_sim_call_may_return(call, result));
    spsi_sim_trace_call(host, call, handle, result, count);
    return result;
}

// Begins a call on a socket. NULL: the call has failed already, with *out_result.
static spsi_sim_socket *begin(const sps_platform *platform, sps_simulated_call call,
                              spsi_handle handle, spsi_result *out_result) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    const bool goes_on = spsi_sim_call_begin(host, call, out_result);
    spsi_sim_socket *socket = spsi_sim_socket_of(host, handle);
    if (socket == NULL) {
        *out_result = spsi_sim_result(SPSI_FAILED, SPSI_SIM_EBADF);
    }
    return goes_on ? socket : NULL;
}

static const spsi_result not_connected = {SPSI_FAILED, SPSI_SIM_ENOTCONN};

// Applies a simulated failure to the connection, as an OS would. AGAIN and NO_MEMORY are temporary.
// Any other failure breaks the connection.
static void apply_failure(const sps_platform *platform, spsi_handle handle, spsi_result result) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    const bool is_temporary = result.code == SPSI_AGAIN || result.code == SPSI_NO_MEMORY;
    const spsi_sim_socket *socket = spsi_sim_socket_of(host, handle);
    spsi_sim_end *end = socket != NULL ? socket->end : NULL;
    if (end == NULL) {
        return;
    }
    if (is_temporary) {
        spsi_sim_socket_notify(socket); // otherwise an edge-triggered wait would never end
        return;
    }
    if (end->is_established && spsi_sim_end_peer(end)->is_open && !end->is_dead) {
        spsi_sim_end_send_reset(end);
    }
    spsi_sim_end_kill(end, result.code, result.os_code);
    end->error = spsi_sim_done(); // this call returns the error
}

// ---- Sockets

static uint64_t now_us(const sps_platform *platform) {
    spsi_sim_world *world = spsi_sim_host_of(platform)->world;
    spsi_sim_pass_time(world, world->call_us);
    return world->now_us;
}

static spsi_result open_socket(const sps_platform *platform, spsi_family family,
                               spsi_handle *out_handle) {
    spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_result result;
    *out_handle = SPSI_NO_HANDLE;
    if (spsi_sim_call_begin(host, SPS_CALL_OPEN, &result)) {
        result = spsi_sim_socket_open(host, family, out_handle);
    }
    return finish(host, SPS_CALL_OPEN, *out_handle, result, (uint64_t)family);
}

static void close_socket(const sps_platform *platform, spsi_handle handle) {
    spsi_result result;
    spsi_sim_socket *socket = begin(platform, SPS_CALL_CLOSE, handle, &result);
    finish(spsi_sim_host_of(platform), SPS_CALL_CLOSE, handle, result, 0);
    if (socket != NULL) {
        spsi_sim_socket_close(socket);
    }
}

static spsi_result bind_socket(const sps_platform *platform, spsi_handle handle,
                               const spsi_address *address) {
    spsi_result result;
    spsi_sim_socket *socket = begin(platform, SPS_CALL_BIND, handle, &result);
    if (socket != NULL) {
        result = spsi_sim_socket_bind(socket, address);
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_BIND, handle, result, address->port);
}

static spsi_result set_option(const sps_platform *platform, spsi_handle handle, spsi_option option,
                              uint32_t value) {
    spsi_result result;
    spsi_sim_socket *socket = begin(platform, SPS_CALL_SET_OPTION, handle, &result);
    if (socket != NULL) {
        result = spsi_sim_socket_set_option(socket, option, value);
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_SET_OPTION, handle, result, value);
}

static spsi_result get_option(const sps_platform *platform, spsi_handle handle, spsi_option option,
                              uint32_t *out_value) {
    spsi_result result;
    const spsi_sim_socket *socket = begin(platform, SPS_CALL_GET_OPTION, handle, &result);
    *out_value = 0;
    if (socket != NULL) {
        *out_value = option == SPSI_SEND_BUFFER ? socket->options.send_buffer
                                                : socket->options.receive_buffer;
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_GET_OPTION, handle, result, *out_value);
}

static spsi_result listen_socket(const sps_platform *platform, spsi_handle handle,
                                 uint32_t backlog) {
    spsi_result result;
    spsi_sim_socket *socket = begin(platform, SPS_CALL_LISTEN, handle, &result);
    if (socket != NULL) {
        result = spsi_sim_socket_listen(socket, backlog);
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_LISTEN, handle, result, backlog);
}

static spsi_result accept_socket(const sps_platform *platform, spsi_handle handle,
                                 spsi_handle *out_handle, spsi_address *out_peer) {
    spsi_result result;
    spsi_sim_socket *socket = begin(platform, SPS_CALL_ACCEPT, handle, &result);
    *out_handle = SPSI_NO_HANDLE;
    if (socket != NULL) {
        result = spsi_sim_socket_accept(socket, out_handle, out_peer);
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_ACCEPT, handle, result,
                  (uint64_t)*out_handle);
}

static spsi_result connect_socket(const sps_platform *platform, spsi_handle handle,
                                  const spsi_address *address) {
    spsi_result result;
    spsi_address target = *address;
    spsi_sim_socket *socket = begin(platform, SPS_CALL_CONNECT, handle, &result);
    if (socket != NULL) {
        spsi_sim_ip_unmap(&target);
        result = spsi_sim_socket_connect(socket, &target);
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_CONNECT, handle, result, address->port);
}

static spsi_result result_of_connect(spsi_sim_socket *socket) {
    spsi_sim_end *end = socket->end;
    if (end == NULL) {
        return not_connected;
    }
    const spsi_result error = end->error;
    end->error = spsi_sim_done();
    if (error.code != SPSI_DONE) {
        return error;
    }
    return socket->state == SPSI_SIM_STATE_CONNECTED ? spsi_sim_done() : spsi_sim_again();
}

static spsi_result connect_result(const sps_platform *platform, spsi_handle handle) {
    spsi_result result;
    spsi_sim_socket *socket = begin(platform, SPS_CALL_CONNECT_RESULT, handle, &result);
    if (socket != NULL) {
        result = result_of_connect(socket);
    } else {
        apply_failure(platform, handle, result);
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_CONNECT_RESULT, handle, result, 0);
}

static spsi_result take_failure(spsi_sim_socket *socket) {
    if (socket->state != SPSI_SIM_STATE_CONNECTED) {
        return not_connected;
    }
    const spsi_result failure = socket->end->error;
    socket->end->error = spsi_sim_done();
    return failure;
}

static spsi_result pending_failure(const sps_platform *platform, spsi_handle handle) {
    spsi_result result;
    spsi_sim_socket *socket = begin(platform, SPS_CALL_PENDING_FAILURE, handle, &result);
    if (socket != NULL) {
        result = take_failure(socket);
    } else {
        apply_failure(platform, handle, result);
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_PENDING_FAILURE, handle, result, 0);
}

// ---- Bytes

static spsi_result receive_now(spsi_sim_socket *socket, void *buffer, size_t size,
                               size_t *out_received) {
    *out_received = 0;
    return socket->state == SPSI_SIM_STATE_CONNECTED
               ? spsi_sim_end_receive(socket->end, buffer, size, out_received)
               : not_connected;
}

static spsi_result receive(const sps_platform *platform, spsi_handle handle, void *buffer,
                           size_t size, size_t *out_received) {
    spsi_result result;
    spsi_sim_socket *socket = begin(platform, SPS_CALL_RECEIVE, handle, &result);
    *out_received = 0;
    if (socket != NULL) {
        result = receive_now(socket, buffer, size, out_received);
    } else {
        apply_failure(platform, handle, result);
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_RECEIVE, handle, result, *out_received);
}

// The condition of wait() and receive_waiting(). It is met too if the handle is closed meanwhile.
typedef struct wait_target {
    const spsi_sim_host *host;
    spsi_handle handle;
    unsigned interests;
} wait_target;

static bool is_ready(void *context) {
    const wait_target *target = context;
    const spsi_sim_socket *socket = target->host->slots[target->handle].socket;
    return socket == NULL || (spsi_sim_socket_readiness(socket) & target->interests) != 0;
}

static spsi_result receive_waiting(const sps_platform *platform, spsi_handle handle, void *buffer,
                                   size_t size, size_t *out_received) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_result result;
    spsi_sim_socket *socket = begin(platform, SPS_CALL_RECEIVE, handle, &result);
    *out_received = 0;
    if (socket == NULL) {
        apply_failure(platform, handle, result);
        return finish(host, SPS_CALL_RECEIVE, handle, result, 0);
    }
    wait_target target = {host, handle, SPSI_READABLE};
    result = spsi_sim_wait(host->world, is_ready, &target, SPSI_FOREVER);
    if (result.code == SPSI_DONE) {
        socket = spsi_sim_socket_of(host, handle);
        result = socket != NULL ? receive_now(socket, buffer, size, out_received)
                                : spsi_sim_result(SPSI_FAILED, SPSI_SIM_EBADF);
    }
    return finish(host, SPS_CALL_RECEIVE, handle, result, *out_received);
}

static spsi_result send_slices(const sps_platform *platform, spsi_handle handle,
                               const spsi_slice *slices, size_t count, size_t *out_sent) {
    spsi_result result;
    const spsi_sim_socket *socket = begin(platform, SPS_CALL_SEND, handle, &result);
    *out_sent = 0;
    if (socket == NULL) {
        apply_failure(platform, handle, result);
    } else if (socket->state == SPSI_SIM_STATE_CONNECTED) {
        result = spsi_sim_end_send(socket->end, slices, count, out_sent);
    } else {
        result = spsi_sim_result(SPSI_RESET, SPSI_SIM_EPIPE);
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_SEND, handle, result, *out_sent);
}

static spsi_result available(const sps_platform *platform, spsi_handle handle, size_t *out_bytes) {
    spsi_result result;
    const spsi_sim_socket *socket = begin(platform, SPS_CALL_AVAILABLE, handle, &result);
    *out_bytes = 0;
    if (socket != NULL && socket->end != NULL) {
        *out_bytes = (size_t)(socket->end->in.arrived - socket->end->in.read);
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_AVAILABLE, handle, result, *out_bytes);
}

static spsi_result shutdown_write(const sps_platform *platform, spsi_handle handle) {
    spsi_result result;
    const spsi_sim_socket *socket = begin(platform, SPS_CALL_SHUTDOWN_WRITE, handle, &result);
    if (socket != NULL) {
        const bool is_connected =
            socket->state == SPSI_SIM_STATE_CONNECTED && !socket->end->is_dead;
        result =
            is_connected ? spsi_sim_done() : spsi_sim_result(SPSI_RESET, not_connected.os_code);
        if (is_connected && !socket->end->has_sent_fin) {
            spsi_sim_end_send_fin(socket->end);
        }
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_SHUTDOWN_WRITE, handle, result, 0);
}

static spsi_result wait_socket(const sps_platform *platform, spsi_handle handle, unsigned interests,
                               uint64_t timeout_us) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_sim_world *world = host->world;
    spsi_result result;
    if (begin(platform, SPS_CALL_WAIT, handle, &result) != NULL &&
        !spsi_sim_chance(world, world->faults.chaos.false_readiness)) {
        wait_target target = {host, handle, interests};
        result = spsi_sim_wait(world, is_ready, &target, timeout_us);
    }
    return finish(host, SPS_CALL_WAIT, handle, result, interests);
}

// ---- Selectors, names and files

static spsi_result selector_create(const sps_platform *platform, const sps_allocator *allocator,
                                   spsi_selector **out_selector) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_result result;
    if (spsi_sim_call_begin(host, SPS_CALL_SELECTOR_CREATE, &result)) {
        result = spsi_sim_selector_create(platform, allocator, out_selector);
    }
    return finish(host, SPS_CALL_SELECTOR_CREATE, 0, result, 0);
}

// A call that only removes interests never fails.
static spsi_result selector_set(const sps_platform *platform, spsi_selector *selector,
                                spsi_handle handle, unsigned before, unsigned after, void *token) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_result result = spsi_sim_done();
    const bool adds = (after & ~before) != 0;
    if (!adds || spsi_sim_call_begin(host, SPS_CALL_SELECTOR_SET, &result)) {
        result = spsi_sim_selector_set(platform, selector, handle, before, after, token);
    }
    return finish(host, SPS_CALL_SELECTOR_SET, handle, result, after);
}

static spsi_result selector_wait(const sps_platform *platform, spsi_selector *selector,
                                 uint64_t timeout_us) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_result result;
    if (spsi_sim_call_begin(host, SPS_CALL_SELECTOR_WAIT, &result)) {
        result = spsi_sim_selector_wait(platform, selector, timeout_us);
    }
    return finish(host, SPS_CALL_SELECTOR_WAIT, 0, result, timeout_us);
}

static spsi_result lookup_start(const sps_platform *platform, const char *name, unsigned families,
                                spsi_lookup **out_lookup) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_result result;
    if (spsi_sim_call_begin(host, SPS_CALL_LOOKUP_START, &result)) {
        result = spsi_sim_lookup_start(platform, name, families, out_lookup);
    }
    return finish(host, SPS_CALL_LOOKUP_START, 0, result, strlen(name));
}

// While a look-up runs the call cannot fail.
static spsi_result lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                                 spsi_address *out_addresses, size_t capacity, size_t *out_count) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_result result =
        spsi_sim_lookup_result(platform, lookup, out_addresses, capacity, out_count);
    spsi_result failure;
    if (result.code != SPSI_AGAIN && !spsi_sim_call_begin(host, SPS_CALL_LOOKUP_RESULT, &failure)) {
        *out_count = 0;
        result = failure;
    }
    return finish(host, SPS_CALL_LOOKUP_RESULT, 0, result, *out_count);
}

static spsi_result set_file_mode(const sps_platform *platform, const char *path, uint32_t mode) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_result result;
    if (spsi_sim_call_begin(host, SPS_CALL_SET_FILE_MODE, &result)) {
        result = spsi_sim_set_file_mode(platform, path, mode);
    }
    return finish(host, SPS_CALL_SET_FILE_MODE, 0, result, mode);
}

static spsi_result lock_path(const sps_platform *platform, const char *path,
                             spsi_handle *out_lock) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_result result;
    *out_lock = SPSI_NO_HANDLE;
    if (spsi_sim_call_begin(host, SPS_CALL_LOCK_PATH, &result)) {
        result = spsi_sim_lock_path(platform, path, out_lock);
    }
    return finish(host, SPS_CALL_LOCK_PATH, *out_lock, result, 0);
}

// ---- Queries

static spsi_result peer_address(const sps_platform *platform, spsi_handle handle,
                                spsi_address *out_address) {
    spsi_result result;
    const spsi_sim_socket *socket = begin(platform, SPS_CALL_PEER_ADDRESS, handle, &result);
    memset(out_address, 0, sizeof *out_address);
    if (socket != NULL && socket->state == SPSI_SIM_STATE_CONNECTED) {
        *out_address = spsi_sim_end_peer(socket->end)->local;
    } else if (socket != NULL) {
        result = not_connected;
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_PEER_ADDRESS, handle, result,
                  out_address->port);
}

static spsi_result local_address(const sps_platform *platform, spsi_handle handle,
                                 spsi_address *out_address) {
    spsi_result result;
    const spsi_sim_socket *socket = begin(platform, SPS_CALL_LOCAL_ADDRESS, handle, &result);
    memset(out_address, 0, sizeof *out_address);
    if (socket != NULL) {
        *out_address = socket->local;
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_LOCAL_ADDRESS, handle, result,
                  out_address->port);
}

static void describe(const spsi_sim_end *end, sps_tcp_info *out_info) {
    const spsi_sim_pipe *out = &spsi_sim_end_peer(end)->in;
    const sps_link_options *link = &end->connection->link->options;
    const uint64_t round_trip_us = 2 * link->latency_us;
    out_info->round_trip_us = round_trip_us < UINT32_MAX ? (uint32_t)round_trip_us : UINT32_MAX;
    out_info->round_trip_variation_us = link->jitter_us;
    out_info->least_round_trip_us = out_info->round_trip_us;
    out_info->unacknowledged_segments =
        (uint32_t)((out->sent - out->acked + SEGMENT_BYTES - 1) / SEGMENT_BYTES);
    out_info->segment_bytes = SEGMENT_BYTES;
    out_info->congestion_window_segments = out->send_buffer / SEGMENT_BYTES;
    out_info->since_received_ms =
        (uint32_t)((end->connection->world->now_us - end->heard_us) / 1000);
    out_info->acknowledged_bytes = out->acked;
    out_info->received_bytes = end->in.arrived;
    out_info->delivery_bytes_per_second = link->bytes_per_second;
}

static spsi_result tcp_info(const sps_platform *platform, spsi_handle handle,
                            sps_tcp_info *out_info) {
    spsi_result result;
    const spsi_sim_socket *socket = begin(platform, SPS_CALL_TCP_INFO, handle, &result);
    if (socket != NULL) {
        const bool has_some = socket->end != NULL && socket->end->connection->link != NULL;
        result = has_some ? result : not_connected;
        if (has_some) {
            describe(socket->end, out_info);
        }
    }
    return finish(spsi_sim_host_of(platform), SPS_CALL_TCP_INFO, handle, result, 0);
}

// Every program of a host is one process of one user.
static spsi_result peer_credentials(const sps_platform *platform, spsi_handle handle,
                                    sps_peer_credentials *out_credentials) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_result result;
    if (begin(platform, SPS_CALL_PEER_CREDENTIALS, handle, &result) != NULL) {
        out_credentials->pid = (int32_t)(FIRST_ID + host->number);
        out_credentials->uid = FIRST_ID;
        out_credentials->gid = FIRST_ID;
    }
    return finish(host, SPS_CALL_PEER_CREDENTIALS, handle, result, 0);
}

static spsi_socket_kind inspect(const sps_platform *platform, spsi_handle handle,
                                spsi_family *out_family) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    if (handle < 0 || (size_t)handle >= host->slot_capacity || host->slots[handle].socket == NULL) {
        return SPSI_NO_STREAM_SOCKET;
    }
    const spsi_sim_socket *socket = host->slots[handle].socket;
    *out_family = socket->family;
    if (socket->state == SPSI_SIM_STATE_LISTENING) {
        return SPSI_LISTENING;
    }
    return socket->state == SPSI_SIM_STATE_CONNECTED ? SPSI_CONNECTED : SPSI_UNCONNECTED;
}

static spsi_result adopt(const sps_platform *platform, spsi_handle handle) {
    spsi_result result;
    begin(platform, SPS_CALL_ADOPT, handle, &result);
    return finish(spsi_sim_host_of(platform), SPS_CALL_ADOPT, handle, result, 0);
}

static size_t max_path_bytes(const sps_platform *platform) {
    (void)platform;
    return MAX_PATH;
}

static bool yes(const sps_platform *platform) {
    (void)platform;
    return true;
}

static uint32_t scope_of(const sps_platform *platform, const char *interface_name) {
    (void)platform;
    if (strcmp(interface_name, "lo") == 0) {
        return LOOPBACK_SCOPE;
    }
    return strcmp(interface_name, "eth0") == 0 ? NETWORK_SCOPE : 0;
}

static void write_row(const spsi_address *address, sps_local_address *out) {
    const bool is_loopback = spsi_sim_ip_is_loopback(address);
    memset(out, 0, sizeof *out);
    out->interface_index = is_loopback ? LOOPBACK_SCOPE : NETWORK_SCOPE;
    snprintf(out->interface_name, sizeof out->interface_name, "%s", is_loopback ? "lo" : "eth0");
    spsi_sim_ip_to_text(address, out->host, sizeof out->host);
}

static spsi_result local_addresses(const sps_platform *platform, sps_local_address *out_addresses,
                                   size_t capacity, size_t *out_count) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_result result;
    *out_count = 0;
    if (spsi_sim_call_begin(host, SPS_CALL_LOCAL_ADDRESSES, &result)) {
        spsi_address loopback[2];
        spsi_sim_ip_from_text("127.0.0.1", &loopback[0]);
        spsi_sim_ip_from_text("::1", &loopback[1]);
        *out_count = 2 + host->address_count;
        for (size_t i = 0; i < *out_count && i < capacity; i++) {
            sps_local_address address;
            write_row(i < 2 ? &loopback[i] : &host->addresses[i - 2], &address);
            spsi_struct_write_at(&address, out_addresses, i, sizeof address);
        }
    }
    return finish(host, SPS_CALL_LOCAL_ADDRESSES, 0, result, *out_count);
}

// One thread uses a simulation, so nothing is locked.
static void nothing(const sps_platform *platform) {
    (void)platform;
}

const sps_platform spsi_sim_platform = {
    SPSI_PLATFORM_HEAD,
    .now_us = now_us,
    .open = open_socket,
    .close = close_socket,
    .bind = bind_socket,
    .set_option = set_option,
    .get_option = get_option,
    .listen = listen_socket,
    .accept = accept_socket,
    .connect = connect_socket,
    .connect_result = connect_result,
    .pending_failure = pending_failure,
    .receive = receive,
    .receive_waiting = receive_waiting,
    .send = send_slices,
    .available = available,
    .shutdown_write = shutdown_write,
    .wait = wait_socket,
    .selector_create = selector_create,
    .selector_destroy = spsi_sim_selector_destroy,
    .selector_set = selector_set,
    .selector_wait = selector_wait,
    .selector_next = spsi_sim_selector_next,
    .selector_wake = spsi_sim_selector_wake,
    .selector_descriptor = spsi_sim_selector_descriptor,
    .descriptor = spsi_sim_descriptor,
    .peer_address = peer_address,
    .local_address = local_address,
    .tcp_info = tcp_info,
    .peer_credentials = peer_credentials,
    .inspect = inspect,
    .adopt = adopt,
    .max_path_bytes = max_path_bytes,
    .has_abstract_names = yes,
    .absolute_path = spsi_sim_absolute_path,
    .file_of = spsi_sim_file_of,
    .remove_file = spsi_sim_remove_file,
    .set_file_mode = set_file_mode,
    .refusal_is_proof = yes,
    .lock_path = lock_path,
    .unlock_path = spsi_sim_unlock_path,
    .scope_of = scope_of,
    .lookup_start = lookup_start,
    .lookup_result = lookup_result,
    .lookup_wait = spsi_sim_lookup_wait,
    .lookup_watch = spsi_sim_lookup_watch,
    .lookup_unwatch = spsi_sim_lookup_unwatch,
    .lookup_end = spsi_sim_lookup_end,
    .lookup_forget = spsi_sim_lookup_forget,
    .local_addresses = local_addresses,
    .lock = nothing,
    .unlock = nothing,
};

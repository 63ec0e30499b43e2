// SPDX-License-Identifier: MIT
#include "connect.h"

#include <string.h>

#include "memory.h"

enum { MAX_ADDRESSES = 16 };

struct spsi_connect {
    spsi_lookup *lookup; // while the name is looked up
    uint64_t deadline_us;
    uint16_t port;
    bool is_bound;      // the caller has chosen the local address,
    spsi_address local; // and each attempt takes it
    size_t next;        // the address to try
    size_t count;
    spsi_address addresses[MAX_ADDRESSES];
};

static sps_error create(spsi_socket *socket) {
    spsi_connect *connect = spsi_allocate_zeroed(&socket->stream.allocator, sizeof *connect);
    if (connect == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    const sps_platform *platform = socket->platform;
    connect->deadline_us = platform->now_us(platform) + (uint64_t)socket->connect_timeout_ms * 1000;
    connect->is_bound = socket->handle != SPSI_NO_HANDLE;
    if (connect->is_bound) {
        platform->local_address(platform, socket->handle, &connect->local);
    }
    socket->connect = connect;
    socket->os_error = 0;
    return SPS_OK;
}

void spsi_connect_end(spsi_socket *socket) {
    spsi_connect *connect = socket->connect;
    if (connect == NULL) {
        return;
    }
    if (connect->lookup != NULL) {
        socket->platform->lookup_end(socket->platform, connect->lookup);
    }
    spsi_free(&socket->stream.allocator, connect, sizeof *connect);
    socket->connect = NULL;
}

// ---- One attempt

// An IPv6 socket reaches IPv4 peers under mapped addresses (RFC 4291, 2.5.5.2).
static spsi_address as_mapped(const spsi_address *ipv4) {
    spsi_address mapped = *ipv4;
    mapped.family = SPSI_FAMILY_IPV6;
    memset(mapped.ip, 0, sizeof mapped.ip);
    mapped.ip[10] = mapped.ip[11] = 0xff;
    memcpy(mapped.ip + 12, ipv4->ip, 4);
    return mapped;
}

// The socket for an attempt: the one that the caller bound, another bound like it, or a new
// one.
static spsi_result open_attempt(spsi_socket *socket, const spsi_address *address) {
    const sps_platform *platform = socket->platform;
    const spsi_connect *connect = socket->connect;
    if (socket->handle != SPSI_NO_HANDLE) {
        return (spsi_result){SPSI_DONE, 0};
    }
    const spsi_family family = connect->is_bound ? connect->local.family : address->family;
    spsi_result result = platform->open(platform, family, &socket->handle);
    if (result.code != SPSI_DONE) {
        socket->handle = SPSI_NO_HANDLE;
        return result;
    }
    socket->family = family;
    if (connect->is_bound) {
        result = platform->bind(platform, socket->handle, &connect->local);
    }
    return result;
}

// Linux lets a socket connect to itself when the port that it is given for its own happens to
// be the one that nobody listens on (RFC 9293, 3.5: simultaneous open). Nobody wants that.
static bool is_connected_to_itself(const spsi_socket *socket, const spsi_address *address) {
    if (address->family == SPSI_FAMILY_UNIX) {
        return false;
    }
    spsi_address local;
    const spsi_result result =
        socket->platform->local_address(socket->platform, socket->handle, &local);
    return result.code == SPSI_DONE && local.family == address->family &&
           local.port == address->port && memcmp(local.ip, address->ip, sizeof local.ip) == 0;
}

// What a connection that stands comes to.
static spsi_result finish_attempt(spsi_socket *socket, const spsi_address *address) {
    if (is_connected_to_itself(socket, address)) {
        return (spsi_result){SPSI_REFUSED, 0};
    }
    const spsi_address peer = *address; // it is in what the next call frees
    spsi_connect_end(socket);
    spsi_socket_set_connected(socket, &peer);
    return (spsi_result){SPSI_DONE, 0};
}

static spsi_result start_attempt(spsi_socket *socket, const spsi_address *address) {
    const spsi_result opened = open_attempt(socket, address);
    if (opened.code != SPSI_DONE) {
        return opened;
    }
    const bool mapped = socket->family == SPSI_FAMILY_IPV6 && address->family == SPSI_FAMILY_IPV4;
    const spsi_address target = mapped ? as_mapped(address) : *address;
    const spsi_result result = socket->platform->connect(socket->platform, socket->handle, &target);
    return result.code == SPSI_DONE ? finish_attempt(socket, address) : result;
}

// ---- All attempts

// Notes why the attempt under way failed, and goes on to the next addresses until one may still
// succeed (AGAIN), stands (DONE), or none is left (why the last failed).
static spsi_result try_next(spsi_socket *socket, spsi_result result) {
    spsi_connect *connect = socket->connect;
    while (result.code != SPSI_DONE && result.code != SPSI_AGAIN) {
        socket->os_error = result.os_code;
        spsi_socket_close_handle(socket);
        if (++connect->next >= connect->count) {
            return result;
        }
        result = start_attempt(socket, &connect->addresses[connect->next]);
    }
    return result;
}

static spsi_result try_first(spsi_socket *socket) {
    return try_next(socket, start_attempt(socket, &socket->connect->addresses[0]));
}

sps_error spsi_connect_begin(spsi_socket *socket, const spsi_address *address) {
    const sps_error error = create(socket);
    if (error != SPS_OK) {
        return error;
    }
    socket->connect->addresses[0] = *address;
    socket->connect->count = 1;
    const spsi_result result = try_first(socket);
    if (result.code == SPSI_DONE) {
        return SPS_OK;
    }
    if (result.code == SPSI_AGAIN) {
        socket->status = SPS_STATUS_CONNECTING;
        return SPS_OK;
    }
    spsi_socket_close(socket, SPS_STATUS_NONE);
    const bool is_shortage = result.code == SPSI_NO_HANDLES || result.code == SPSI_NO_MEMORY;
    return is_shortage ? spsi_socket_error_of(result) : SPS_FAILED;
}

sps_error spsi_connect_begin_name(spsi_socket *socket, const char *name, uint16_t port) {
    const sps_error error = create(socket);
    if (error != SPS_OK) {
        return error;
    }
    socket->connect->port = port;
    const spsi_result result =
        socket->platform->lookup_start(socket->platform, name, &socket->connect->lookup);
    if (result.code != SPSI_DONE) {
        socket->connect->lookup = NULL;
        socket->os_error = result.os_code;
        spsi_connect_end(socket);
        return spsi_socket_error_of(result);
    }
    socket->status = SPS_STATUS_CONNECTING;
    return SPS_OK;
}

// Takes the look-up's answer, and begins with the first address.
static spsi_result poll_lookup(spsi_socket *socket) {
    spsi_connect *connect = socket->connect;
    const sps_platform *platform = socket->platform;
    const spsi_result result = platform->lookup_result(
        platform, connect->lookup, connect->addresses, MAX_ADDRESSES, &connect->count);
    if (result.code == SPSI_AGAIN) {
        return result;
    }
    platform->lookup_end(platform, connect->lookup);
    connect->lookup = NULL;
    if (result.code != SPSI_DONE) {
        return result;
    }
    for (size_t i = 0; i < connect->count; i++) {
        connect->addresses[i].port = connect->port;
    }
    return try_first(socket);
}

static spsi_result poll_attempt(spsi_socket *socket) {
    const sps_platform *platform = socket->platform;
    const spsi_address *address = &socket->connect->addresses[socket->connect->next];
    if (address->family == SPSI_FAMILY_UNIX) { // the backlog was full: again
        return try_next(socket, start_attempt(socket, address));
    }
    spsi_result result = platform->connect_result(platform, socket->handle);
    if (result.code == SPSI_DONE) {
        result = finish_attempt(socket, address);
    }
    return result.code == SPSI_DONE ? result : try_next(socket, result);
}

static sps_error give_up(spsi_socket *socket, spsi_result result) {
    if (result.os_code != 0) {
        socket->os_error = result.os_code;
    }
    spsi_socket_close(socket, SPS_STATUS_ERROR);
    return result.code == SPSI_NAME_UNKNOWN ? SPS_ERR_CANT_RESOLVE : SPS_ERR_CONNECTION_ERROR;
}

sps_error spsi_connect_poll(spsi_socket *socket) {
    const bool resolving = socket->connect->lookup != NULL;
    const spsi_result result = resolving ? poll_lookup(socket) : poll_attempt(socket);
    if (result.code == SPSI_DONE) {
        spsi_stream_flush(&socket->stream); // what was gathered meanwhile
        return SPS_OK;
    }
    if (result.code != SPSI_AGAIN) {
        return give_up(socket, result);
    }
    const sps_platform *platform = socket->platform;
    if (platform->now_us(platform) < socket->connect->deadline_us) {
        return SPS_OK;
    }
    return give_up(socket, (spsi_result){SPSI_TIMED_OUT, 0});
}

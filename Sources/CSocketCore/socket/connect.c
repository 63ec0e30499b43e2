// SPDX-License-Identifier: MIT
#include "socket/connect.h"

#include <string.h>

#include "base/memory.h"
#include "platform/calls.h"
#include "socket/connect_log.h"
#include "socket/race.h"
#include "socket/resolve.h"

// Everything that connecting needs, in one place, so that ending it ends all of it.
struct spsi_connect {
    uint64_t begin_us;
    uint64_t deadline_us;
    bool is_of_name; // a name is, or was, looked up:
    spsi_resolution resolution;
    bool resolving; // it is not done
    bool failed;    // no address could be connected to
    uint16_t port;
    spsi_race race;
};

void spsi_connect_renew_deadline(spsi_socket *socket) {
    spsi_connect *connect = socket->connect;
    if (connect != NULL) {
        const uint64_t time_us = (uint64_t)socket->settings.connect_timeout_ms * 1000;
        connect->deadline_us = connect->begin_us + time_us;
    }
}

static sps_error create(spsi_socket *socket) {
    const sps_allocator *allocator = &socket->stream.allocator;
    spsi_connect *connect = spsi_allocate(allocator, sizeof *connect);
    spsi_connect_log *log = spsi_connect_log_create(allocator);
    if (connect == NULL || log == NULL) {
        spsi_free(allocator, connect, sizeof *connect);
        spsi_connect_log_destroy(log, allocator);
        return SPS_ERR_OUT_OF_MEMORY;
    }
    const sps_platform *platform = socket->platform;
    connect->begin_us = spsi_os_now_us(platform);
    connect->is_of_name = false;
    connect->resolving = false;
    connect->failed = false;
    connect->port = 0;
    spsi_race_begin(&connect->race, platform, &socket->settings, socket->handle);
    spsi_race_set_watch(&connect->race, socket->stream.watch); // none runs yet
    socket->handle = SPSI_NO_HANDLE;                           // the race has it
    socket->connect = connect;
    spsi_connect_renew_deadline(socket);
    socket->os_error = 0;
    socket->close_reason = SPS_CLOSE_NONE;
    spsi_connect_forget(socket);
    socket->log = log;
    return SPS_OK;
}

static void watch_names(spsi_socket *socket, bool wanted) {
    spsi_connect *connect = socket->connect;
    if (connect->is_of_name) {
        const spsi_watch *watch = socket->stream.watch;
        spsi_resolution_watch(&connect->resolution, wanted ? watch->group->selector : NULL);
    }
}

bool spsi_connect_is_resolving(const spsi_socket *socket) {
    return socket->connect != NULL && socket->connect->resolving;
}

sps_error spsi_connect_set_watched(spsi_socket *socket, bool watched) {
    if (socket->connect == NULL) {
        return SPS_OK;
    }
    watch_names(socket, watched);
    const spsi_result result =
        spsi_race_set_watch(&socket->connect->race, watched ? socket->stream.watch : NULL);
    if (result.code != SPSI_DONE) {
        watch_names(socket, false);
    }
    return spsi_socket_error_of(result);
}

static uint64_t earlier(uint64_t one_us, uint64_t other_us) {
    return one_us < other_us ? one_us : other_us;
}

uint64_t spsi_connect_due_us(const spsi_socket *socket) {
    const spsi_connect *connect = socket->connect;
    uint64_t due_us = connect->deadline_us;
    if (connect->resolving) {
        due_us = earlier(due_us, spsi_resolution_due_us(&connect->resolution));
    }
    return connect->race.next > 0 ? earlier(due_us, spsi_race_due_us(&connect->race)) : due_us;
}

void spsi_connect_end(spsi_socket *socket) {
    spsi_connect *connect = socket->connect;
    if (connect == NULL) {
        return;
    }
    if (connect->is_of_name) {
        spsi_resolution_end(&connect->resolution, !connect->failed);
    }
    spsi_race_end(&connect->race);
    spsi_connect_log_update(socket->log, &connect->race, connect->begin_us);
    socket->log = spsi_connect_log_shrink(socket->log, &socket->stream.allocator);
    spsi_free(&socket->stream.allocator, connect, sizeof *connect);
    socket->connect = NULL;
}

void spsi_connect_forget(spsi_socket *socket) {
    spsi_connect_log_destroy(socket->log, &socket->stream.allocator);
    socket->log = NULL;
}

// The attempt whose address is chosen; NULL while that is open.
static const spsi_attempt *chosen_attempt(const spsi_socket *socket) {
    const spsi_connect *connect = socket->connect;
    return connect->resolving ? NULL : spsi_race_last_candidate(&connect->race);
}

bool spsi_connect_peer_address(const spsi_socket *socket, spsi_address *out_peer) {
    const spsi_attempt *attempt = chosen_attempt(socket);
    if (attempt != NULL) {
        *out_peer = attempt->address;
    }
    return attempt != NULL;
}

uint16_t spsi_connect_peer_port(const spsi_socket *socket) {
    return socket->connect->port;
}

bool spsi_connect_local_address(const spsi_socket *socket, spsi_address *out_local) {
    const spsi_connect *connect = socket->connect;
    if (connect->race.is_bound) {
        *out_local = connect->race.local;
        return true;
    }
    const sps_platform *platform = socket->platform;
    const spsi_attempt *attempt = chosen_attempt(socket);
    return attempt != NULL && attempt->state == SPSI_ATTEMPT_RUNNING &&
           spsi_os_local_address(platform, attempt->handle, out_local).code == SPSI_DONE;
}

// A connect that is out of time, be it ours or the OS's, has a reason of its own.
static sps_close_reason connect_reason(spsi_result result) {
    return result.code == SPSI_TIMED_OUT ? SPS_CLOSE_CONNECT_TIMED_OUT
                                         : spsi_close_reason_of(result);
}

// ---- Stages

// Goes on with the race; DONE when the socket is connected.
static spsi_result advance_race(spsi_socket *socket) {
    spsi_connect *connect = socket->connect;
    spsi_attempt *winner;
    const spsi_result result = spsi_race_advance(&connect->race, &winner);
    if (result.code == SPSI_DONE) {
        const spsi_address peer = winner->address; // the end below frees it
        socket->handle = winner->handle;
        spsi_connect_end(socket);
        spsi_socket_set_connected(socket, &peer);
    } else {
        spsi_connect_log_update(socket->log, &connect->race, connect->begin_us);
    }
    return result;
}

// Takes what the look-up has found, and races it. Addresses may come later than others have failed.
static spsi_result advance_names(spsi_socket *socket) {
    spsi_connect *connect = socket->connect;
    spsi_address addresses[SPSI_RACE_ADDRESSES];
    size_t count;
    const spsi_result found =
        spsi_resolution_advance(&connect->resolution, addresses, SPSI_RACE_ADDRESSES, &count);
    connect->resolving = found.code == SPSI_AGAIN;
    for (size_t i = 0; i < count; i++) {
        addresses[i].port = connect->port;
    }
    if (count > 0) {
        spsi_race_set_addresses(&connect->race, addresses, count);
    }
    if (connect->race.count == 0) {
        return found;
    }
    const bool more_may_come = connect->resolving;
    const spsi_result result = advance_race(socket);
    return more_may_come && result.code != SPSI_DONE ? found : result;
}

// A connection that stands at once is told of like every other.
static void tell_later(spsi_socket *socket) {
    if (socket->stream.watch != NULL) {
        spsi_socket_silence(socket);
        socket->stream.watch->status = SPS_STATUS_CONNECTING;
    }
}

sps_error spsi_connect_begin(spsi_socket *socket, const spsi_address *addresses, size_t count) {
    const sps_error error = create(socket);
    if (error != SPS_OK) {
        return error;
    }
    socket->connect->port = addresses[0].port;
    spsi_race_set_addresses(&socket->connect->race, addresses, count);
    const spsi_result result = advance_race(socket);
    if (result.code == SPSI_DONE) {
        tell_later(socket);
        return SPS_OK;
    }
    if (result.code == SPSI_AGAIN) {
        socket->status = SPS_STATUS_CONNECTING;
        spsi_socket_silence(socket);
        return SPS_OK;
    }
    socket->os_error = result.os_code;
    spsi_socket_close(socket, SPS_STATUS_NONE, connect_reason(result));
    spsi_socket_silence(socket);
    const bool is_shortage = result.code == SPSI_NO_HANDLES || result.code == SPSI_NO_MEMORY;
    return is_shortage ? spsi_socket_error_of(result) : SPS_FAILED;
}

sps_error spsi_connect_begin_name(spsi_socket *socket, const char *name, uint16_t port) {
    const sps_error error = create(socket);
    if (error != SPS_OK) {
        return error;
    }
    spsi_connect *connect = socket->connect;
    connect->port = port;
    const spsi_result result = spsi_resolution_begin(&connect->resolution, socket->platform, name);
    if (result.code == SPSI_DONE) {
        connect->is_of_name = true;
        connect->resolving = true;
        socket->status = SPS_STATUS_CONNECTING;
        if (socket->stream.watch != NULL) {
            watch_names(socket, true);
        }
        spsi_socket_silence(socket);
        return SPS_OK;
    }
    // Nothing changes: the socket that the caller has bound is its own again.
    socket->handle = connect->race.bound;
    connect->race.bound = SPSI_NO_HANDLE;
    socket->os_error = result.os_code;
    spsi_connect_end(socket);
    return spsi_socket_error_of(result);
}

static sps_error give_up(spsi_socket *socket, spsi_result result) {
    // When the time is over, what went wrong before is the better hint.
    socket->connect->failed = true;
    const int32_t before = socket->connect->race.failure.os_code;
    socket->os_error = result.os_code != 0 ? result.os_code : before;
    spsi_socket_close(socket, SPS_STATUS_ERROR, connect_reason(result));
    const bool is_of_names =
        result.code == SPSI_NAME_UNKNOWN || result.code == SPSI_NAME_UNANSWERED;
    return is_of_names ? SPS_ERR_CANT_RESOLVE : SPS_ERR_CONNECTION_ERROR;
}

sps_error spsi_connect_poll(spsi_socket *socket) {
    const bool resolving = socket->connect->resolving;
    const spsi_result result = resolving ? advance_names(socket) : advance_race(socket);
    if (result.code == SPSI_DONE) {
        spsi_stream_flush(&socket->stream); // what was gathered meanwhile
        return SPS_OK;
    }
    if (result.code != SPSI_AGAIN) {
        return give_up(socket, result);
    }
    const sps_platform *platform = socket->platform;
    if (spsi_os_now_us(platform) < socket->connect->deadline_us) {
        return SPS_OK;
    }
    return give_up(socket, (spsi_result){SPSI_TIMED_OUT, 0});
}

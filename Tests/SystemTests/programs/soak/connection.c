// SPDX-License-Identifier: MIT
#include "connection.h"

#include <string.h>
#include <unistd.h>

enum {
    GRACE_MS = 60000,
    IDLE_MS = 200,
    SLOW_ITEMS = 3,              // that a slow listener takes in a frame
    STUCK_US = 90 * 1000 * 1000, // far longer than anything takes, unless the machine stalls
};

// Fails with the item, the connection and the processes.
#define FAIL(connection, ...)                                                                      \
    do {                                                                                           \
        describe(connection);                                                                      \
        EXPECT(false, __VA_ARGS__);                                                                \
    } while (0)

static const char *const ending_names[ENDINGS] = {"half close", "graceful", "disconnect", "reset",
                                                  "destroy",    "idle",     "limit"};

static void describe(const connection *connection) {
    const plan *plan = &connection->plan;
    const side side = connection->process->side;
    fprintf(stderr,
            "process %u (%s), connection %u with %u by %s, to end by %s of the %s: said %ju of %u "
            "items (%ju bytes), heard %ju of %u (%ju bytes), next would be %s, of which %u "
            "bytes were heard; all said %d, all heard %d, introduced %d, blocked %d, has more %d\n",
            connection->process->who, side == CLIENT ? "client" : "server", connection->serial,
            connection->other, connection->is_tcp ? "TCP" : "Unix", ending_names[plan->ending],
            plan->ender == CLIENT ? "client" : "server", (uintmax_t)connection->mouth.items,
            plan->items[side], (uintmax_t)connection->mouth.bytes, (uintmax_t)connection->ear.items,
            plan->items[!side], (uintmax_t)connection->ear.bytes, speech_kind(&connection->ear),
            connection->ear.offset, connection->said_all, connection->heard_all,
            connection->is_introduced, connection->is_blocked, connection->has_more);
}

// ---- The plan

static uint64_t key_of(const process *process, uint32_t client, uint32_t serial) {
    return mix(process->seed ^ mix((uint64_t)client << 32 | serial));
}

static plan plan_of(uint64_t key) {
    chance dice = {key};
    plan plan = {
        .ending = (ending)pick(&dice, ENDINGS),
        .ender = pick(&dice, 2) ? SERVER : CLIENT,
        .big_endian = pick(&dice, 2),
    };
    for (unsigned i = 0; i < 2; i++) {
        plan.items[i] = pick(&dice, pick(&dice, 10) == 0 ? 1000 : 200);
        plan.burst[i] = 1 + plan.items[i] / 100 + pick(&dice, 20);
        plan.listens_slowly[i] = pick(&dice, 6) == 0;
        plan.moves_at[i] = pick(&dice, 3) == 0 ? pick(&dice, 60) : 0;
    }
    return plan;
}

static void follow_plan(connection *connection, uint64_t key) {
    const side side = connection->process->side;
    connection->plan = plan_of(key);
    connection->mouth.key = mix(key + (uint64_t)side);
    connection->ear.key = mix(key + (uint64_t)!side);
    EXPECT_OK(sps_stream_set_big_endian(connection->stream, connection->plan.big_endian));
}

static bool is_ender(const connection *connection) {
    return connection->plan.ender == connection->process->side;
}

// A speaker sends no sum if the connection is cut, or after a packet that is too long.
static bool has_sum(const plan *plan, side speaker) {
    const bool is_enders = plan->ender == speaker;
    return plan->ending == LIMIT                              ? is_enders
           : plan->ending == RESET || plan->ending == DESTROY ? !is_enders
                                                              : true;
}

// ---- Begin

static sps_packet_peer *make_packet_peer(const process *process, sps_stream *stream) {
    const sps_packet_options options = {.struct_size = sizeof options,
                                        .input_buffer_max_bytes = MOST_PACKET_BYTES,
                                        .allocator = &process->allocator};
    sps_packet_peer *packets;
    EXPECT_OK(sps_packet_stream_create(&options, &packets));
    EXPECT_OK(sps_packet_peer_set_stream(packets, stream));
    return packets;
}

// A hello is a packet. Its byte order is always the same.
static void say_hello(connection *connection) {
    const uint32_t hello[] = {connection->process->who, connection->serial};
    EXPECT_OK(sps_packet_peer_put_packet(connection->packets, hello, sizeof hello));
}

connection *connection_begin(process *process, sps_stream *stream, bool is_tcp, uint32_t other) {
    connection *made = calloc(1, sizeof *made);
    EXPECT(made != NULL && process->count < MOST_CONNECTIONS, "%zu connections", process->count);
    *made = (connection){
        .process = process,
        .stream = stream,
        .packets = make_packet_peer(process, stream),
        .is_tcp = is_tcp,
        .other = other,
        .progress_us = now_us(),
    };
    process->connections[process->count++] = made;
    process->totals.connections++;
    if (process->side == CLIENT && pick(&process->dice, 4) == 0) {
        made->is_polled = true;
        EXPECT_OK(sps_stream_set_write_batching(stream, true)); // until it is established
    } else {
        EXPECT_OK(sps_poller_add(process->poller, stream, made));
    }
    if (process->side == CLIENT) {
        made->serial = (uint32_t)process->totals.connections;
        follow_plan(made, key_of(process, process->who, made->serial));
        say_hello(made); // it stays in the batch until the connection is established
    }
    return made;
}

// ---- End

static void forget(connection *connection) {
    process *process = connection->process;
    for (size_t i = 0; i < process->count; i++) {
        if (process->connections[i] == connection) {
            process->connections[i] = process->connections[--process->count];
            break;
        }
    }
    process->totals.bytes_said += connection->mouth.bytes + connection->mouth.offset;
    process->totals.bytes_heard += connection->ear.bytes + connection->ear.offset;
    process->totals.items_said += connection->mouth.items;
    process->totals.items_heard += connection->ear.items;
    sps_packet_peer_destroy(connection->packets);
    sps_stream_destroy(connection->stream);
    free(connection);
}

#define BIT(reason) (1u << (reason))

// For each ending: the reasons at the ender and at the other, and which side must have received
// everything.
static const struct {
    uint32_t ender, other;
    bool ender_hears_all, other_hears_all;
} ends[ENDINGS] = {
    [HALF_CLOSE] = {BIT(SPS_CLOSE_PEER_FINISHED), BIT(SPS_CLOSE_PEER_FINISHED), true, true},
    [GRACEFUL] = {BIT(SPS_CLOSE_LOCAL), BIT(SPS_CLOSE_PEER_FINISHED), false, true},
    [DISCONNECT] = {BIT(SPS_CLOSE_LOCAL), BIT(SPS_CLOSE_PEER_FINISHED), true, true},
    [RESET] = {BIT(SPS_CLOSE_LOCAL), BIT(SPS_CLOSE_RESET), false, false},
    [DESTROY] = {BIT(SPS_CLOSE_LOCAL), BIT(SPS_CLOSE_PEER_FINISHED) | BIT(SPS_CLOSE_RESET), false,
                 false},
    [IDLE] = {BIT(SPS_CLOSE_IDLE), BIT(SPS_CLOSE_PEER_FINISHED), true, true},
    [LIMIT] = {BIT(SPS_CLOSE_LIMIT), BIT(SPS_CLOSE_PEER_FINISHED) | BIT(SPS_CLOSE_RESET), true,
               false},
};

static bool ends_as_planned(const connection *connection, sps_close_reason reason) {
    const ending ending = connection->plan.ending;
    const bool ender = is_ender(connection);
    uint32_t reasons = ender ? ends[ending].ender : ends[ending].other;
    if (ending == RESET && !connection->is_tcp) {
        reasons |= BIT(SPS_CLOSE_PEER_FINISHED); // a Unix socket cannot report a reset
    }
    const bool hears_all = ender ? ends[ending].ender_hears_all : ends[ending].other_hears_all;
    const bool is_known = connection->process->side == CLIENT || connection->is_introduced;
    return is_known && (reasons & BIT(reason)) && (connection->heard_all || !hears_all);
}

// The OS closes the sockets of a killed process. This process cannot know whether the other was
// killed.
static void report_cut(const connection *connection, sps_close_reason reason) {
    if (reason != SPS_CLOSE_PEER_FINISHED && reason != SPS_CLOSE_RESET) {
        FAIL(connection, "it ended with %s", sps_close_reason_name(reason));
    }
    const plan *plan = &connection->plan;
    const side side = connection->process->side;
    printf("{\"cut\": %u, \"connection\": %u, \"reason\": \"%s\", \"by\": \"%s\", "
           "\"ending\": \"%s of the %s\", \"said\": [%ju, %u], \"heard\": [%ju, %u]}\n",
           connection->other, connection->serial, sps_close_reason_name(reason),
           connection->is_tcp ? "TCP" : "Unix", ending_names[plan->ending],
           plan->ender == CLIENT ? "client" : "server", (uintmax_t)connection->mouth.items,
           plan->items[side], (uintmax_t)connection->ear.items, plan->items[!side]);
    connection->process->totals.cut++;
}

void report_refused(process *process, uint32_t other) {
    printf("{\"refused\": %u}\n", other);
    process->totals.refused++;
}

// Reports the result of the connection, and forgets it.
static void end(connection *connection, sps_close_reason reason) {
    process *process = connection->process;
    EXPECT(reason > SPS_CLOSE_NONE && reason < REASONS, "reason %d", (int)reason);
    process->totals.reasons[reason]++;
    if (ends_as_planned(connection, reason)) {
        process->totals.endings[connection->plan.ending]++;
    } else if (reason == SPS_CLOSE_REFUSED && process->side == CLIENT &&
               !connection->is_introduced) {
        report_refused(process, connection->other);
    } else {
        report_cut(connection, reason);
    }
    forget(connection);
}

// ---- Reading

static sps_error hear_hello(connection *connection) {
    const uint8_t *data;
    size_t count;
    uint32_t hello[2];
    const sps_error error = sps_packet_peer_get_packet(connection->packets, &data, &count);
    if (error != SPS_OK) {
        return error == SPS_ERR_UNAVAILABLE ? SPS_ERR_BUSY : error;
    }
    EXPECT(count == sizeof hello, "a hello of %zu bytes", count);
    memcpy(hello, data, count);
    connection->other = hello[0];
    connection->is_introduced = true;
    if (connection->process->side == SERVER) {
        connection->serial = hello[1];
        follow_plan(connection, key_of(connection->process, hello[0], hello[1]));
        say_hello(connection);
    } else if (hello[1] != connection->serial) {
        FAIL(connection, "the server's hello has %u", hello[1]);
    }
    return SPS_OK;
}

// After the last words nothing may come, except a packet that is too long.
static sps_error hear_nothing(connection *connection) {
    const uint8_t *data;
    size_t count;
    if (connection->plan.ending == LIMIT && is_ender(connection)) {
        const sps_error error = sps_packet_peer_get_packet(connection->packets, &data, &count);
        return error == SPS_ERR_UNAVAILABLE ? SPS_ERR_BUSY : error;
    }
    const sps_error error = sps_stream_peek(connection->stream, 1, &data, &count);
    if (error == SPS_OK) {
        FAIL(connection, "%zu bytes more than were said", count);
    }
    return error;
}

// A side that closes after it has heard everything must first have said everything.
static bool holds_back(const connection *connection) {
    size_t pending;
    EXPECT_OK(sps_stream_get_pending_write_bytes(connection->stream, &pending));
    return connection->plan.ending == HALF_CLOSE && !is_ender(connection) &&
           !connection->is_broken && (!connection->said_all || pending > 0);
}

static sps_error hear_sum(connection *connection) {
    if (has_sum(&connection->plan, (side)!connection->process->side)) {
        if (holds_back(connection)) {
            connection->has_more = true;
            return SPS_ERR_BUSY;
        }
        const sps_error error = speech_take_sum(&connection->ear, connection->stream);
        if (error != SPS_OK) {
            return error;
        }
    }
    connection->heard_all = true;
    return SPS_OK;
}

static sps_error hear_next(connection *connection) {
    if (!connection->is_introduced) {
        return hear_hello(connection);
    }
    if (connection->heard_all) {
        return hear_nothing(connection);
    }
    if (connection->ear.items == connection->plan.items[!connection->process->side]) {
        return hear_sum(connection);
    }
    return speech_take(&connection->ear, connection->stream, connection->packets);
}

// An item that will never be whole. Its first bytes must be right, too.
static void hear_rest(connection *connection) {
    const uint8_t *data;
    size_t count;
    if (!connection->is_introduced || connection->heard_all ||
        sps_stream_peek(connection->stream, 0, &data, &count) != SPS_OK || count == 0) {
        return;
    }
    const bool at_sum = connection->ear.items == connection->plan.items[!connection->process->side];
    if (!speech_begins_with(&connection->ear, at_sum, connection->plan.big_endian, data, count)) {
        FAIL(connection, "the last %zu bytes are wrong", count);
    }
    EXPECT_OK(sps_stream_consume(connection->stream, count));
}

// A slow listener takes this many items in a frame, and so lasts a few seconds at most.
static uint32_t slow_burst(uint32_t items) {
    return 1 + items / 100;
}

static void hear(connection *connection) {
    const plan *plan = &connection->plan;
    sps_error error = SPS_OK;
    connection->has_more = false;
    for (uint32_t heard = 0; error == SPS_OK; heard++) {
        if (connection->is_introduced && plan->listens_slowly[connection->process->side] &&
            heard >= slow_burst(plan->items[!connection->process->side])) {
            connection->has_more = true;
            return;
        }
        error = hear_next(connection);
        connection->progress_us = error == SPS_OK ? now_us() : connection->progress_us;
    }
    if (error == SPS_ERR_FILE_EOF || error == SPS_FAILED) {
        hear_rest(connection); // this closes the stream, and the poller reports it
    } else if (error == SPS_ERR_INVALID_DATA && reason_of(connection->stream) == SPS_CLOSE_LIMIT) {
        // It is closed, and the poller reports it.
    } else if (error != SPS_ERR_BUSY) {
        FAIL(connection, "hearing: %s",
             error == SPS_ERR_BUG ? "not the expected item" : sps_error_name(error));
    }
}

// ---- Printing

// Returns false if there was no room, which an event will report, or if the other side reads no
// more.
static bool was_put(connection *connection, sps_error error) {
    if (error == SPS_ERR_BUSY) {
        connection->is_blocked = true;
        connection->process->totals.refused_puts++;
    } else if (error == SPS_FAILED) {
        connection->is_broken = true;
    } else if (error != SPS_OK) {
        FAIL(connection, "putting %s: %s", speech_kind(&connection->mouth), sps_error_name(error));
    }
    return error == SPS_OK;
}

static bool may_say(const connection *connection) {
    const bool is_blocked = connection->is_blocked && !connection->is_finished;
    return !is_blocked && !connection->is_broken && !connection->said_all &&
           !connection->is_ending &&
           (connection->process->side == CLIENT || connection->is_introduced);
}

static void say_last_words(connection *connection) {
    const plan *plan = &connection->plan;
    sps_error error = SPS_OK;
    if (has_sum(plan, connection->process->side)) {
        error = speech_put_sum(&connection->mouth, connection->stream);
    } else if (plan->ending == LIMIT) {
        error = speech_put_oversized(connection->stream);
    }
    connection->said_all = was_put(connection, error);
}

static void say(connection *connection) {
    const side side = connection->process->side;
    const plan *plan = &connection->plan;
    bool goes_on = true;
    for (uint32_t left = plan->burst[side]; left > 0 && goes_on && may_say(connection); left--) {
        if (connection->mouth.items == plan->items[side]) {
            say_last_words(connection);
            return;
        }
        goes_on = was_put(connection,
                          speech_put(&connection->mouth, connection->stream, connection->packets));
        connection->progress_us = goes_on ? now_us() : connection->progress_us;
    }
}

// ---- Ending

static bool all_is_sent(const connection *connection) {
    size_t pending;
    EXPECT_OK(sps_stream_get_pending_write_bytes(connection->stream, &pending));
    return connection->said_all && pending == 0;
}

static void close_hard(connection *connection) {
    if (connection->is_tcp) {
        EXPECT_OK(sps_tcp_close_reset(connection->stream));
    } else {
        EXPECT_OK(sps_socket_disconnect(connection->stream));
    }
}

// The ender's next step after it has said everything. Some steps have to wait, so it runs each
// frame.
static void begin_to_end(connection *connection) {
    const bool is_done = all_is_sent(connection) && connection->heard_all;
    sps_error error = SPS_OK;
    switch (connection->plan.ending) {
    case HALF_CLOSE:
        error = sps_socket_shutdown_write(connection->stream); // ERR_BUSY: try in the next frame
        connection->is_ending = error == SPS_OK;
        break;
    case GRACEFUL:
        error = sps_socket_close_gracefully(connection->stream, GRACE_MS);
        connection->is_ending = error == SPS_OK;
        break;
    case DISCONNECT:
        if (is_done) {
            error = sps_socket_disconnect(connection->stream);
        }
        break;
    case RESET:
        close_hard(connection);
        break;
    case IDLE:
        if (is_done) {
            error = sps_socket_set_idle_timeout(connection->stream, IDLE_MS);
            connection->is_ending = true;
        }
        break;
    default: // destroyed below, or ended by the other side's word
        break;
    }
    if (error != SPS_OK && error != SPS_ERR_BUSY && error != SPS_FAILED) {
        FAIL(connection, "ending: %s", sps_error_name(error));
    }
}

// ---- Moving

static sps_stream *make_stream(const connection *connection) {
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .allocator = &connection->process->allocator};
    sps_stream *stream;
    EXPECT_OK(connection->is_tcp ? sps_tcp_create(&options, &stream)
                                 : sps_uds_create(&options, &stream));
    return stream;
}

static void go_on_with(connection *connection, sps_stream *stream) {
    sps_stream_destroy(connection->stream);
    connection->stream = stream;
    connection->is_blocked = false; // it has refused nothing
    EXPECT_OK(sps_stream_set_big_endian(stream, connection->plan.big_endian));
    EXPECT_OK(sps_packet_peer_set_stream(connection->packets, stream));
    if (!connection->is_polled) {
        EXPECT_OK(sps_poller_add(connection->process->poller, stream, connection));
    }
    connection->process->totals.moves++;
}

// Moves the connection to another stream. ERR_BUSY: this needs a moment with empty buffers. Returns
// false if the connection is gone. A socket that was reset meanwhile is not connected.
static bool move_to_another_stream(connection *connection) {
    intptr_t fd;
    sps_error error = connection->is_tcp ? sps_tcp_release_fd(connection->stream, &fd)
                                         : sps_uds_release_fd(connection->stream, &fd);
    if (error != SPS_OK) {
        EXPECT(error == SPS_ERR_BUSY, "release: %s", sps_error_name(error));
        return true;
    }
    connection->plan.moves_at[connection->process->side] = 0;
    sps_stream *stream = make_stream(connection);
    error = connection->is_tcp ? sps_tcp_adopt_fd(stream, fd) : sps_uds_adopt_fd(stream, fd);
    if (error != SPS_OK) {
        EXPECT(error == SPS_ERR_INVALID_PARAMETER, "adopt: %s", sps_error_name(error));
        close((int)fd);
        sps_stream_destroy(stream);
        end(connection, SPS_CLOSE_RESET);
        return false;
    }
    go_on_with(connection, stream);
    return true;
}

// Removes the stream from the poller and adds it again, or adds it the first time. No event may be
// lost.
static void leave_and_come_back(connection *connection) {
    if (!connection->is_polled) {
        EXPECT_OK(sps_poller_remove(connection->process->poller, connection->stream));
    }
    connection->is_polled = false;
    EXPECT_OK(sps_poller_add(connection->process->poller, connection->stream, connection));
    connection->process->totals.moves++;
    connection->plan.moves_at[connection->process->side] = 0;
}

// Returns false if the connection is gone.
static bool move_when_it_is_time(connection *connection) {
    const uint32_t at = connection->plan.moves_at[connection->process->side];
    if (at == 0 || connection->mouth.items < at || connection->is_ending) {
        return true;
    }
    if (at & 1) {
        leave_and_come_back(connection);
        return true;
    }
    return move_to_another_stream(connection);
}

// ---- A frame

static bool is_closed(const connection *connection) {
    const sps_status status = status_of(connection->stream);
    return status == SPS_STATUS_NONE || status == SPS_STATUS_ERROR;
}

static bool hears(const connection *connection) {
    return !(connection->is_ending && connection->plan.ending == GRACEFUL);
}

// Does what an event causes for the other streams. Returns false if the connection is gone.
static bool poll_and_hear(connection *connection) {
    const sps_error error = sps_socket_poll(connection->stream);
    EXPECT(error == SPS_OK || is_closed(connection), "poll: %s", sps_error_name(error));
    if (status_of(connection->stream) == SPS_STATUS_CONNECTED && hears(connection)) {
        connection->is_blocked = false;
        hear(connection);
    }
    if (is_closed(connection)) {
        end(connection, reason_of(connection->stream));
        return false;
    }
    if (status_of(connection->stream) == SPS_STATUS_CONNECTED) {
        const sps_error sent = sps_stream_set_write_batching(connection->stream, false);
        EXPECT(sent == SPS_OK || sent == SPS_ERR_BUSY || sent == SPS_FAILED, "unbatching: %s",
               sps_error_name(sent));
    }
    return true;
}

static void begin_to_end_when_it_is_time(connection *connection) {
    if (!connection->said_all || !connection->is_introduced || connection->is_ending ||
        !is_ender(connection) || is_closed(connection)) {
        return;
    }
    begin_to_end(connection);
    if (is_closed(connection) ? reason_of(connection->stream) == SPS_CLOSE_LOCAL
                              : connection->plan.ending == DESTROY) {
        end(connection, SPS_CLOSE_LOCAL); // the poller does not report this
    }
}

void connection_frame(connection *connection) {
    if (now_us() - connection->progress_us > STUCK_US) {
        FAIL(connection, "it is stuck");
    }
    if (connection->is_polled && !poll_and_hear(connection)) {
        return;
    }
    if (status_of(connection->stream) != SPS_STATUS_CONNECTED ||
        !move_when_it_is_time(connection)) {
        return;
    }
    say(connection);
    if (connection->has_more && hears(connection)) {
        hear(connection);
    }
    begin_to_end_when_it_is_time(connection);
}

void connection_handle(connection *connection, const sps_event *event) {
    if (event->kinds & SPS_EVENT_WRITABLE) {
        connection->is_blocked = false;
    }
    if (event->kinds & SPS_EVENT_FINISHED) {
        connection->is_finished = true; // only a put can report a later failure
    }
    if ((event->kinds & (SPS_EVENT_READABLE | SPS_EVENT_FINISHED)) && hears(connection)) {
        hear(connection);
    }
    if (event->kinds & SPS_EVENT_CLOSED) {
        EXPECT(is_closed(connection), "reported, and not closed");
        end(connection, event->close_reason);
    }
}

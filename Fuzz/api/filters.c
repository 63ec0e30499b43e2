// SPDX-License-Identifier: MIT
//
// Filters over streams of the model. A filter here passes bytes on as they are, so the bytes that
// it moves are those of its base. While it is open, only the filter uses the base: no other
// operation picks it. When the filter goes, its base goes too.
#include "api.h"

#include <string.h>

enum { SENTENCES = 2 };

static const char *const sentences[SENTENCES] = {"The filter has failed.", NULL};

static sps_stream *base_of(const filter *filter) {
    sps_stream *base = NULL;
    EXPECT(sps_custom_get_base(filter->stream, &base) == SPS_OK);
    return base;
}

// ---- The operations of the filter. They are called only while the base exists.

static bool is_final(sps_error error) {
    return error == SPS_ERR_FILE_EOF || error == SPS_FAILED;
}

// The caller has asked for a failure.
static sps_error fail(filter *filter) {
    EXPECT(sps_custom_set_failure(filter->stream, filter->failure,
                                  sentences[filter->failure % SENTENCES]) == SPS_OK);
    filter->has_failed = true;
    return SPS_FAILED;
}

static sps_error get(void *user_data, uint8_t *buffer, size_t size, size_t *out_count) {
    filter *filter = user_data;
    EXPECT(filter->has_connected && base_of(filter) != NULL);
    if (filter->failure != SPS_CLOSE_NONE) {
        return fail(filter);
    }
    const sps_error error = sps_stream_get_partial_data(base_of(filter), buffer, size, out_count);
    return is_final(error) || error == SPS_ERR_OUT_OF_MEMORY ? error : SPS_OK;
}

static sps_error put(void *user_data, const uint8_t *data, size_t size, size_t *out_count) {
    filter *filter = user_data;
    EXPECT(filter->has_connected && base_of(filter) != NULL);
    const sps_error error = sps_stream_put_partial_data(base_of(filter), data, size, out_count);
    return error == SPS_FAILED || error == SPS_ERR_OUT_OF_MEMORY ? error : SPS_OK;
}

static sps_error poll(void *user_data) {
    filter *filter = user_data;
    EXPECT(filter->is_open && base_of(filter) != NULL);
    if (filter->failure != SPS_CLOSE_NONE) {
        return fail(filter);
    }
    if (filter->handshakes > 0) {
        filter->handshakes--;
        EXPECT(sps_custom_poll_after(filter->stream, (int32_t)filter->handshakes) == SPS_OK);
        return SPS_ERR_BUSY;
    }
    filter->has_connected = true;
    return SPS_OK;
}

static sps_error shut_down(void *user_data) {
    filter *filter = user_data;
    EXPECT(filter->has_connected && base_of(filter) != NULL);
    return SPS_OK;
}

// Once after each open.
static void close(void *user_data) {
    filter *filter = user_data;
    EXPECT(filter->is_open);
    filter->is_open = false;
}

static void destroyed(void *user_data) {
    filter *filter = user_data;
    EXPECT(!filter->is_open);
    filter->is_destroyed = true;
}

// ---- Choices of the input

// NULL: there is none, or a callback runs.
static filter *pick_filter(world *world) {
    const unsigned byte = reader_byte(&world->calls);
    for (unsigned i = 0; i < FILTERS && world->depth == 0; i++) {
        filter *each = &world->filters[(byte + i) % FILTERS];
        if (each->stream != NULL) {
            world->busy_poller = each->poller; // a callback must not use it
            return each;
        }
    }
    return NULL;
}

static sps_status status_of_filter(const filter *filter) {
    sps_status status = SPS_STATUS_NONE;
    EXPECT(sps_socket_get_status(filter->stream, &status) == SPS_OK);
    return status;
}

// The base of an open filter is the filter's own.
bool is_carried(const world *world, const slot *slot) {
    for (int i = 0; i < FILTERS; i++) {
        if (world->filters[i].stream != NULL && world->filters[i].base == slot) {
            return true;
        }
    }
    return false;
}

// ---- Creation and the end

static void create(world *world) {
    filter *filter = &world->filters[reader_below(&world->calls, FILTERS)];
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .get_partial_data = get,
                                              .put_partial_data = put,
                                              .destroy = destroyed,
                                              .poll = poll,
                                              .shutdown_write = shut_down,
                                              .close = close};
    sps_allocator allocator;
    const sps_stream_options options = options_of(world, 0, &allocator);
    if (filter->stream != NULL || world->depth > 0) {
        return;
    }
    *filter = (struct filter){.poller = NO_POLLER};
    const sps_error error = sps_custom_create(&operations, filter, &options, &filter->stream);
    ANSWERS(world, error, CODE(SPS_OK) | CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT((error == SPS_OK) == (filter->stream != NULL));
    if (error == SPS_OK) {
        void *user_data = NULL;
        EXPECT(sps_custom_get_user_data(filter->stream, destroyed, &user_data) == SPS_OK &&
               user_data == filter);
        EXPECT(sps_custom_get_user_data(filter->stream, close, &user_data) == SPS_ERR_UNAVAILABLE &&
               user_data == NULL);
        EXPECT(status_of_filter(filter) == SPS_STATUS_NONE);
    }
}

static void drop_base(world *world, filter *filter) {
    slot *base = filter->base;
    if (base != NULL) {
        EXPECT(filter->stream == NULL || base_of(filter) == base->stream ||
               base_of(filter) == NULL);
        filter->base = NULL;
        world->touched |= 1U << (base - world->streams);
        destroy_stream(world, base);
        EXPECT(filter->stream == NULL || base_of(filter) == NULL);
    }
}

void destroy_filter(world *world, filter *filter) {
    sps_stream_destroy(filter->stream);
    filter->stream = NULL;
    EXPECT(filter->is_destroyed && !filter->is_open);
    drop_base(world, filter);
}

static void destroy(world *world) {
    filter *filter = pick_filter(world);
    say(world, SPS_OK);
    if (filter != NULL) {
        destroy_filter(world, filter);
    }
}

// The base goes first: the filter fails, and keeps what it has read ahead.
static void destroy_base(world *world) {
    filter *filter = pick_filter(world);
    say(world, SPS_OK);
    if (filter == NULL || filter->base == NULL) {
        return;
    }
    drop_base(world, filter);
    EXPECT(!filter->is_open);
    size_t count;
    const sps_error error =
        sps_stream_get_partial_data(filter->stream, scratch(world), MOST_WIRE_BYTES, &count);
    EXPECT(error == SPS_OK ? count > 0 : error == SPS_FAILED);
}

static void disconnect(world *world) {
    filter *filter = pick_filter(world);
    if (filter == NULL) {
        return;
    }
    ANSWERS(world, sps_socket_disconnect(filter->stream), CODE(SPS_OK));
    EXPECT(!filter->is_open && status_of_filter(filter) == SPS_STATUS_NONE);
    EXPECT(base_of(filter) == NULL);
    drop_base(world, filter);
}

// ---- Opening and polling

static bool may_carry(const slot *slot) {
    return slot->stream != NULL && slot->poller == NO_POLLER;
}

static void open(world *world) {
    filter *filter = pick_filter(world);
    slot *base = pick_stream(world);
    const uint32_t handshakes = reader_below(&world->calls, 4);
    if (filter == NULL || !may_carry(base)) {
        return;
    }
    const sps_status before = status_of_filter(filter);
    const bool was_open = before == SPS_STATUS_CONNECTING || before == SPS_STATUS_CONNECTED;
    if (!was_open) { // the last base of a filter that has ended
        drop_base(world, filter);
        filter->handshakes = handshakes;
        filter->is_open = true;
        filter->has_connected = filter->has_failed = false;
        filter->failure = SPS_CLOSE_NONE;
    }
    const sps_error error = sps_custom_open(filter->stream, base->stream);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_ALREADY_IN_USE) | CODE(SPS_ERR_INVALID_PARAMETER) |
                CODE(SPS_ERR_UNAVAILABLE) | CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT(!was_open || error == SPS_ERR_ALREADY_IN_USE);
    if (error == SPS_OK) {
        filter->base = base;
        EXPECT(base_of(filter) == base->stream);
    } else if (!was_open) {
        filter->is_open = false;
        EXPECT(filter->poller != NO_POLLER && status_of_filter(filter) == before);
    }
}

static void poll_filter(world *world) {
    filter *filter = pick_filter(world);
    if (filter == NULL) {
        return;
    }
    const sps_status before = status_of_filter(filter);
    const bool was_open = before == SPS_STATUS_CONNECTING || before == SPS_STATUS_CONNECTED;
    const sps_error error = sps_socket_poll(filter->stream);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_CONNECTION_ERROR) |
                CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT(was_open || (error == SPS_OK && status_of_filter(filter) == before));
    EXPECT(error != SPS_ERR_CONNECTION_ERROR || before == SPS_STATUS_CONNECTING);
    if (error == SPS_FAILED || error == SPS_ERR_CONNECTION_ERROR) {
        EXPECT(status_of_filter(filter) == SPS_STATUS_ERROR);
    }
}

static void make_fail(world *world) {
    enum { REASONS = 4 };
    static const sps_close_reason reasons[REASONS] = {SPS_CLOSE_TRUNCATED, SPS_CLOSE_PROTOCOL, 1000,
                                                      1001};
    filter *filter = pick_filter(world);
    const sps_close_reason reason = reasons[reader_below(&world->calls, REASONS)];
    say(world, SPS_OK);
    if (filter != NULL && filter->is_open && filter->failure == SPS_CLOSE_NONE) {
        filter->failure = reason;
    }
}

// ---- Bytes

static void get_through(world *world) {
    filter *filter = pick_filter(world);
    size_t size = reader_size(&world->calls), count = 1;
    const bool is_whole = reader_flag(&world->calls);
    size = size < MOST_WIRE_BYTES ? size : MOST_WIRE_BYTES;
    if (filter == NULL || filter->base == NULL) {
        return;
    }
    const sps_error error =
        is_whole ? sps_stream_get_data(filter->stream, scratch(world), size, &count)
                 : sps_stream_get_partial_data(filter->stream, scratch(world), size, &count);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_FILE_EOF) | CODE(SPS_ERR_TIMEOUT) |
                CODE(SPS_ERR_BUSY) | CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT(count <= size && (error != SPS_OK || !is_whole || count == size));
    expect_came(world, filter->base, scratch(world), count);
}

static void put_through(world *world) {
    filter *filter = pick_filter(world);
    const size_t size = reader_size(&world->calls);
    size_t count = 1;
    if (filter == NULL || filter->base == NULL || !may_offer(world, filter->base, size)) {
        return;
    }
    fill_pattern(world, filter->base, scratch(world), size);
    offer(world, filter->base, scratch(world), size);
    const sps_error error =
        sps_stream_put_partial_data(filter->stream, scratch(world), size, &count);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_TIMEOUT) |
                CODE(SPS_ERR_PARAMETER_RANGE_ERROR) | CODE(SPS_ERR_BUSY) |
                CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT(count <= size && (filter->has_connected || count == 0));
    settle_carried_put(world, filter->base, error, count);
}

static void shut_down_writing(world *world) {
    filter *filter = pick_filter(world);
    if (filter != NULL) {
        ANSWERS(world, sps_socket_shutdown_write(filter->stream),
                CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_BUSY) | CODE(SPS_ERR_OUT_OF_MEMORY));
    }
}

// ---- Pollers

static void add(world *world) {
    filter *filter = pick_filter(world);
    const int place = pick_poller(world);
    if (filter == NULL || place == NO_POLLER) {
        return;
    }
    const sps_error error = sps_poller_add(world->pollers[place], filter->stream, filter);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_UNAVAILABLE) | CODE(SPS_ERR_ALREADY_IN_USE) |
                CODE(SPS_ERR_INVALID_PARAMETER) | CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT((filter->poller == NO_POLLER) || error == SPS_ERR_ALREADY_IN_USE);
    filter->poller = error == SPS_OK ? place : filter->poller;
}

static void remove_it(world *world) {
    filter *filter = pick_filter(world);
    if (filter == NULL || filter->poller == NO_POLLER) {
        return;
    }
    ANSWERS(world, sps_poller_remove(world->pollers[filter->poller], filter->stream), CODE(SPS_OK));
    filter->poller = NO_POLLER;
}

// ---- Queries, also of streams that are no filters

static void ask_filter(world *world) {
    filter *filter = pick_filter(world);
    uint64_t time_us = 0;
    const char *message = NULL;
    sps_close_reason reason = -1;
    if (filter == NULL) {
        return;
    }
    ANSWERS(world, sps_custom_get_time_us(filter->stream, &time_us), CODE(SPS_OK));
    EXPECT(sps_custom_poll_after(filter->stream, -2) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_socket_get_close_message(filter->stream, &message) == SPS_OK && message != NULL);
    EXPECT(sps_socket_get_close_reason(filter->stream, &reason) == SPS_OK);
    EXPECT(reason != SPS_CLOSE_NONE || message[0] == '\0');
    const char *sentence = sentences[filter->failure % SENTENCES];
    if (filter->has_failed && reason == filter->failure) {
        EXPECT(strcmp(message, sentence != NULL ? sentence : "") == 0);
    }
}

static void ask_any(world *world) {
    const slot *slot = pick_stream(world);
    const sps_error error = slot->stream != NULL ? SPS_ERR_UNAVAILABLE : SPS_ERR_INVALID_PARAMETER;
    sps_stream *base = NULL;
    void *user_data = NULL;
    uint64_t time_us = 0;
    const char *message = NULL;
    ANSWERS(world, sps_custom_open(slot->stream, NULL), CODE(error));
    EXPECT(sps_custom_get_base(slot->stream, &base) == error && base == NULL);
    EXPECT(sps_custom_set_failure(slot->stream, 1000, "no") == error);
    EXPECT(sps_custom_poll_after(slot->stream, 0) == error);
    EXPECT(sps_custom_get_time_us(slot->stream, &time_us) == error);
    EXPECT(sps_custom_get_user_data(slot->stream, destroyed, &user_data) == error &&
           user_data == NULL);
    if (slot->stream != NULL && is_socket(slot)) {
        EXPECT(sps_socket_get_close_message(slot->stream, &message) == SPS_OK &&
               message[0] == '\0');
    } else {
        EXPECT(sps_socket_get_close_message(slot->stream, &message) == error);
    }
}

const row filter_rows[] = {
    {"create a filter", create, 0},
    {"destroy a filter", destroy, CLOSES},
    {"destroy a base", destroy_base, CLOSES},
    {"disconnect a filter", disconnect, CLOSES},
    {"open a filter", open, CLOSES | ANYTHING},
    {"poll a filter", poll_filter, 0},
    {"make a filter fail", make_fail, 0},
    {"get through a filter", get_through, 0},
    {"put through a filter", put_through, 0},
    {"shut down a filter", shut_down_writing, 0},
    {"add a filter", add, 0},
    {"remove a filter", remove_it, 0},
    {"ask a filter", ask_filter, 0},
    {"ask any stream for a filter", ask_any, 0},
};
const size_t filter_count = sizeof filter_rows / sizeof filter_rows[0];

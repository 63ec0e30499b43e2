// SPDX-License-Identifier: MIT
//
// Pollers: their members, their waits and their events.
#include "api.h"

static void create(world *world) {
    const unsigned which = reader_byte(&world->calls);
    const int place = (int)(which % POLLERS), host = (int)(which / POLLERS % HOSTS);
    const uint8_t limits = reader_byte(&world->calls);
    const sps_allocator allocator = allocator_of(world, which >> 4);
    const sps_poller_options options = {
        .struct_size = sizeof options,
        .max_events = limits & 1 ? 1 + reader_below(&world->calls, 4) : 0,
        .max_read_bytes = limits & 2 ? 1 + (uint32_t)reader_size(&world->calls) : 0,
        .max_time_us = limits & 4 ? 1 + reader_below(&world->calls, 50) : 0,
        .max_kept_bytes = limits & 8 ? 1 + (uint32_t)reader_size(&world->calls) : 0,
        .allocator = &allocator,
        .platform = platform_of(world, host),
    };
    if (world->pollers[place] != NULL) {
        return;
    }
    const sps_error error = sps_poller_create(&options, &world->pollers[place]);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_CANT_ACQUIRE_RESOURCE) | CODE(SPS_ERR_OUT_OF_MEMORY) |
                CODE(SPS_ERR_CANT_CREATE));
    EXPECT((error == SPS_OK) == (world->pollers[place] != NULL));
    world->poller_hosts[place] = host;
}

// An operation on a poller touches all streams in it.
static void touch_all_in(world *world, int poller) {
    for (int i = 0; i < STREAMS; i++) {
        const slot *slot = &world->streams[i];
        if (slot->stream != NULL && slot->poller == poller) {
            world->touched |= 1U << i;
        }
    }
}

static void destroy(world *world) {
    const int poller = pick_poller(world);
    if (poller == NO_POLLER) {
        return;
    }
    touch_all_in(world, poller);
    sps_poller_destroy(world->pollers[poller]);
    world->pollers[poller] = NULL;
    for (int i = 0; i < STREAMS; i++) {
        slot *slot = &world->streams[i];
        slot->poller = slot->poller == poller ? NO_POLLER : slot->poller;
    }
    for (int i = 0; i < SERVERS; i++) {
        server_slot *slot = &world->servers[i];
        slot->poller = slot->poller == poller ? NO_POLLER : slot->poller;
    }
    for (int i = 0; i < FILTERS; i++) {
        filter *filter = &world->filters[i];
        filter->poller = filter->poller == poller ? NO_POLLER : filter->poller;
    }
    say(world, SPS_OK);
}

static sps_poller *poller_at(const world *world, int place) {
    return place != NO_POLLER ? world->pollers[place] : NULL;
}

static void expect_added(const world *world, sps_error error, int place, int host, int before) {
    if (before != NO_POLLER) {
        EXPECT(error == SPS_ERR_ALREADY_IN_USE);
    } else if (world->poller_hosts[place] != host) {
        EXPECT(error == SPS_ERR_INVALID_PARAMETER);
    } else {
        EXPECT(error == SPS_OK || error == SPS_ERR_OUT_OF_MEMORY);
    }
}

static void add(world *world) {
    slot *slot = pick_stream(world);
    const int place = pick_poller(world);
    const sps_error error = sps_poller_add(poller_at(world, place), slot->stream, slot);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_UNAVAILABLE) | CODE(SPS_ERR_ALREADY_IN_USE) |
                CODE(SPS_ERR_INVALID_PARAMETER) | CODE(SPS_ERR_OUT_OF_MEMORY));
    if (place == NO_POLLER || slot->stream == NULL) {
        EXPECT(error == SPS_ERR_INVALID_PARAMETER);
    } else if (!is_socket(slot)) {
        EXPECT(error == SPS_ERR_UNAVAILABLE);
    } else {
        expect_added(world, error, place, slot->host, slot->poller);
    }
    if (error == SPS_OK) {
        slot->poller = place;
        slot->reported_closed = false;
        slot->reported_end = 0;
    } else if (slot->stream != NULL) {
        bool batching;
        EXPECT(sps_stream_is_write_batching(slot->stream, &batching) == SPS_OK);
        EXPECT(batching == slot->seen.batching); // nothing changes
    }
}

static void remove_it(world *world) {
    slot *slot = pick_stream(world);
    const int place = slot->poller != NO_POLLER ? slot->poller : pick_poller(world);
    const sps_error error = sps_poller_remove(poller_at(world, place), slot->stream);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_DOES_NOT_EXIST) | CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT((error == SPS_OK) == (slot->stream != NULL && slot->poller != NO_POLLER));
    slot->poller = NO_POLLER;
}

static void add_server(world *world) {
    server_slot *slot = pick_server(world);
    const int place = pick_poller(world);
    const sps_error error = sps_poller_add_server(poller_at(world, place), slot->server, slot);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_ALREADY_IN_USE) | CODE(SPS_ERR_INVALID_PARAMETER) |
                CODE(SPS_ERR_OUT_OF_MEMORY));
    if (place == NO_POLLER || slot->server == NULL) {
        EXPECT(error == SPS_ERR_INVALID_PARAMETER);
        return;
    }
    expect_added(world, error, place, slot->host, slot->poller);
    slot->poller = error == SPS_OK ? place : slot->poller;
}

static void remove_server(world *world) {
    server_slot *slot = pick_server(world);
    const int place = pick_poller(world);
    const sps_error error = sps_poller_remove_server(poller_at(world, place), slot->server);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_DOES_NOT_EXIST) | CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT((error == SPS_OK) ==
           (slot->server != NULL && place != NO_POLLER && slot->poller == place));
    slot->poller = error == SPS_OK ? NO_POLLER : slot->poller;
}

static void wait_for_events(world *world) {
    const int place = pick_poller(world);
    const uint8_t byte = reader_byte(&world->calls);
    const int32_t time_ms = byte < 64 ? 0 : byte == 255 ? -1 : byte == 254 ? -2 : byte;
    size_t count = 1;
    if (place == NO_POLLER) {
        ANSWERS(world, sps_poller_wait(NULL, 0, &count), CODE(SPS_ERR_INVALID_PARAMETER));
        return;
    }
    touch_all_in(world, place);
    if (world->depth == 0) {
        world->busy_poller = place;
    }
    const sps_error error = sps_poller_wait(world->pollers[place], time_ms, &count);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_INVALID_PARAMETER) | CODE(SPS_ERR_OUT_OF_MEMORY) |
                CODE(SPS_FAILED));
    EXPECT((error == SPS_ERR_INVALID_PARAMETER) == (time_ms < -1));
    EXPECT(error == SPS_OK || count == 0);
    EXPECT(count <= STREAMS + SERVERS + FILTERS);
}

static void check_stream_event(const world *world, const sps_event *event, int place) {
    slot *slot = event->user_data;
    EXPECT(event->server == NULL && slot->stream == event->stream && slot->poller == place);
    EXPECT((event->kinds & SPS_EVENT_CONNECTION_AVAILABLE) == 0);
    EXPECT((event->kinds & SPS_EVENT_READABLE) == 0 || slot->seen.buffered > 0);
    if (event->kinds & SPS_EVENT_FINISHED) {
        const int end = event->close_reason == SPS_CLOSE_PEER_FINISHED ? 1 : 2;
        EXPECT(slot->reported_end < end); // a failure may follow an orderly end
        slot->reported_end = end;
    }
    if (event->kinds & SPS_EVENT_CLOSED) {
        EXPECT(!slot->reported_closed && event->close_reason == slot->seen.reason);
        slot->reported_closed = true;
    } else {
        EXPECT((event->close_reason != SPS_CLOSE_NONE) ==
               ((event->kinds & SPS_EVENT_FINISHED) != 0));
    }
    (void)world;
}

static bool is_filter(const world *world, const void *user_data) {
    for (int i = 0; i < FILTERS; i++) {
        if (user_data == &world->filters[i]) {
            return true;
        }
    }
    return false;
}

static void check_filter_event(const sps_event *event, int place) {
    const filter *filter = event->user_data;
    EXPECT(event->stream == filter->stream && filter->poller == place);
    EXPECT((event->kinds & SPS_EVENT_CONNECTION_AVAILABLE) == 0);
    EXPECT((event->kinds & SPS_EVENT_CLOSED) == 0 || !filter->is_open);
}

static void take_event(world *world) {
    enum { ALL_KINDS = 63 };
    const int place = pick_poller(world);
    sps_event event = {.struct_size = sizeof event};
    const sps_error error = sps_poller_next_event(poller_at(world, place), &event);
    ANSWERS(world, error, CODE(SPS_OK) | CODE(SPS_ERR_BUSY) | CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT((error == SPS_ERR_INVALID_PARAMETER) == (place == NO_POLLER));
    EXPECT(event.struct_size == sizeof event);
    if (error != SPS_OK) {
        EXPECT(event.kinds == 0 && event.stream == NULL && event.server == NULL &&
               event.user_data == NULL);
        return;
    }
    EXPECT(event.kinds != 0 && (event.kinds & ~(uint32_t)ALL_KINDS) == 0);
    if (is_filter(world, event.user_data)) {
        check_filter_event(&event, place);
        return;
    }
    if (event.stream != NULL) {
        check_stream_event(world, &event, place);
        return;
    }
    const server_slot *slot = event.user_data;
    EXPECT(event.kinds == SPS_EVENT_CONNECTION_AVAILABLE && slot->server == event.server &&
           slot->poller == place);
}

static void get_timeout(world *world) {
    const int place = pick_poller(world);
    int64_t time_us = -2;
    ANSWERS(world, sps_poller_get_timeout_us(poller_at(world, place), &time_us),
            place != NO_POLLER ? CODE(SPS_OK) : CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT(place != NO_POLLER ? time_us >= -1 : time_us == -2);
    intptr_t fd = 0;
    ANSWERS(world, sps_poller_get_fd(poller_at(world, place), &fd),
            place != NO_POLLER ? CODE(SPS_ERR_UNAVAILABLE) : CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT(fd == -1);
}

static void wake(world *world) {
    const int place = pick_poller(world);
    ANSWERS(world, sps_poller_wake(poller_at(world, place)),
            place != NO_POLLER ? CODE(SPS_OK) : CODE(SPS_ERR_INVALID_PARAMETER));
}

// Called from a callback, to wake the poller that waits.
static void wake_all(world *world) {
    for (int i = 0; i < POLLERS; i++) {
        if (world->pollers[i] != NULL) {
            ANSWERS(world, sps_poller_wake(world->pollers[i]), CODE(SPS_OK));
        }
    }
}

const row poller_rows[] = {
    {"create a poller", create, 0},
    {"destroy a poller", destroy, MOVES},
    {"add", add, 0},
    {"remove", remove_it, MOVES},
    {"add a server", add_server, 0},
    {"remove a server", remove_server, 0},
    {"wait", wait_for_events, POLLS | WAITS},
    {"take an event", take_event, 0},
    {"time until the next wait", get_timeout, 0},
    {"wake", wake, 0},
    {"wake all", wake_all, 0},
};
const size_t poller_count = sizeof poller_rows / sizeof poller_rows[0];

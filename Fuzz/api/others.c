// SPDX-License-Identifier: MIT
//
// Packets, look-ups and invalid calls.
#include "api.h"

#include <string.h>

enum { PREFIX_BYTES = 4 };

// ---- Packets

static void create_packet_peer(world *world) {
    const uint32_t place = reader_below(&world->calls, PACKET_PEERS);
    const uint32_t input_bytes = (uint32_t)reader_size(&world->calls);
    const uint32_t output_bytes = (uint32_t)reader_size(&world->calls);
    const sps_allocator allocator = allocator_of(world, 0);
    const sps_packet_options options = {.struct_size = sizeof options,
                                        .input_buffer_max_bytes = input_bytes,
                                        .output_buffer_max_bytes = output_bytes,
                                        .allocator = &allocator};
    if (world->packet_peers[place] != NULL) {
        return;
    }
    const sps_error error = sps_packet_stream_create(&options, &world->packet_peers[place]);
    ANSWERS(world, error, CODE(SPS_OK) | CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT((error == SPS_OK) == (world->packet_peers[place] != NULL));
}

// Returns NULL if the packet peer has no stream, or if its stream is busy.
static slot *stream_of(world *world, uint32_t place) {
    const int number = world->packet_slots[place];
    slot *slot = number >= 0 ? &world->streams[number] : NULL;
    if (slot == NULL || is_busy(world, slot)) {
        return NULL;
    }
    set_busy(world, slot);
    return slot;
}

static void destroy_packet_peer(world *world) {
    const uint32_t place = reader_below(&world->calls, PACKET_PEERS);
    if (world->packet_slots[place] >= 0 && stream_of(world, place) == NULL) {
        return;
    }
    sps_packet_peer_destroy(world->packet_peers[place]);
    world->packet_peers[place] = NULL;
    world->packet_slots[place] = -1;
    say(world, SPS_OK);
}

static void set_stream(world *world) {
    const uint32_t place = reader_below(&world->calls, PACKET_PEERS);
    if (world->packet_peers[place] == NULL ||
        (world->packet_slots[place] >= 0 && stream_of(world, place) == NULL)) {
        return;
    }
    const slot *slot = pick_stream(world);
    sps_stream *reported = NULL;
    ANSWERS(world, sps_packet_peer_set_stream(world->packet_peers[place], slot->stream),
            CODE(SPS_OK));
    EXPECT(sps_packet_peer_get_stream(world->packet_peers[place], &reported) == SPS_OK &&
           reported == slot->stream);
    world->packet_slots[place] = slot->stream != NULL ? (int)(slot - world->streams) : -1;
}

static const uint64_t packet_codes = CODE(SPS_OK) | CODE(SPS_ERR_UNAVAILABLE) |
                                     CODE(SPS_ERR_FILE_EOF) | CODE(SPS_FAILED) |
                                     CODE(SPS_ERR_INVALID_DATA) | CODE(SPS_ERR_OUT_OF_MEMORY);

static void store_length(uint8_t prefix[PREFIX_BYTES], size_t size) {
    for (int i = 0; i < PREFIX_BYTES; i++) {
        prefix[i] = (uint8_t)(size >> (8 * i));
    }
}

static void get_packet(world *world) {
    const uint32_t place = reader_below(&world->calls, PACKET_PEERS);
    slot *slot = stream_of(world, place);
    if (world->packet_peers[place] == NULL || slot == NULL) {
        return;
    }
    const uint8_t *data = scratch(world);
    size_t size = 1;
    const sps_error error = sps_packet_peer_get_packet(world->packet_peers[place], &data, &size);
    sps_error reported = SPS_ERR_BUG;
    ANSWERS(world, error, packet_codes);
    EXPECT(sps_packet_peer_get_packet_error(world->packet_peers[place], &reported) == SPS_OK &&
           reported == error);
    if (error == SPS_OK) {
        uint8_t prefix[PREFIX_BYTES];
        store_length(prefix, size);
        expect_came(world, slot, prefix, PREFIX_BYTES);
        expect_came(world, slot, data, size);
        return;
    }
    EXPECT(data == NULL && size == 0);
    if (error == SPS_ERR_FILE_EOF) {
        record_dropped(world, slot);
    }
    const bool closes =
        error == SPS_ERR_INVALID_DATA || (error == SPS_ERR_FILE_EOF && !world->has_half_open);
    if (closes && is_socket(slot)) {
        EXPECT(status_of(slot) != SPS_STATUS_CONNECTED || slot->seen.pending > 0);
    }
}

static void count_packets(world *world) {
    const uint32_t place = reader_below(&world->calls, PACKET_PEERS);
    slot *slot = stream_of(world, place);
    if (world->packet_peers[place] == NULL || slot == NULL) {
        return;
    }
    size_t count = 1;
    const sps_error error =
        sps_packet_peer_get_available_packet_count(world->packet_peers[place], &count);
    ANSWERS(world, error, packet_codes);
    EXPECT(error == SPS_OK || count == 0);
    if (error == SPS_ERR_FILE_EOF) {
        record_dropped(world, slot);
    }
    for (; count > 0; count--) { // a counted packet can be taken
        const uint8_t *data;
        size_t size;
        uint8_t prefix[PREFIX_BYTES];
        EXPECT(sps_packet_peer_get_packet(world->packet_peers[place], &data, &size) == SPS_OK);
        store_length(prefix, size);
        expect_came(world, slot, prefix, PREFIX_BYTES);
        expect_came(world, slot, data, size);
    }
}

static void put_packet(world *world) {
    const uint32_t place = reader_below(&world->calls, PACKET_PEERS);
    const bool is_variant = reader_flag(&world->calls);
    const size_t size = reader_size(&world->calls);
    slot *slot = stream_of(world, place);
    if (world->packet_peers[place] == NULL || slot == NULL ||
        !may_offer(world, slot, PREFIX_BYTES + size)) {
        return;
    }
    uint32_t most = 0;
    EXPECT(sps_packet_peer_get_output_buffer_max_size(world->packet_peers[place], &most) == SPS_OK);
    uint8_t *wire = scratch(world), *bytes = wire + PREFIX_BYTES;
    fill_pattern(world, slot, wire, PREFIX_BYTES + size);
    store_length(wire, size);
    offer(world, slot, wire, size > 0 ? PREFIX_BYTES + size : 0);
    const sps_error error =
        is_variant ? sps_packet_peer_put_var(world->packet_peers[place], bytes, size)
                   : sps_packet_peer_put_packet(world->packet_peers[place], bytes, size);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_BUSY) | CODE(SPS_FAILED) | CODE(SPS_ERR_TIMEOUT) |
                CODE(SPS_ERR_OUT_OF_MEMORY) | CODE(SPS_ERR_PARAMETER_RANGE_ERROR) |
                CODE(SPS_ERR_INVALID_PARAMETER) | codes_of_kind(slot));
    // encode_buffer_max_size limits a Variant first.
    const bool is_too_large_a_variant = is_variant && error == SPS_ERR_OUT_OF_MEMORY;
    EXPECT((error == SPS_ERR_INVALID_PARAMETER) == (size > most) || is_too_large_a_variant);
    settle_put(world, slot, error, error == SPS_OK && size > 0 ? PREFIX_BYTES + size : 0);
}

static void limit_packets(world *world) {
    sps_packet_peer *peer = world->packet_peers[reader_below(&world->calls, PACKET_PEERS)];
    const uint32_t which = reader_below(&world->calls, 3),
                   exponent = reader_below(&world->calls, 32);
    const uint32_t bytes = 1U << exponent;
    uint32_t reported = 0;
    const sps_error error = which == 0   ? sps_packet_peer_set_input_buffer_max_size(peer, bytes)
                            : which == 1 ? sps_packet_peer_set_output_buffer_max_size(peer, bytes)
                                         : sps_packet_peer_set_encode_buffer_max_size(peer, bytes);
    ANSWERS(world, error, CODE(SPS_OK) | CODE(SPS_ERR_INVALID_PARAMETER));
    if (peer == NULL) {
        EXPECT(error == SPS_ERR_INVALID_PARAMETER);
        return;
    }
    EXPECT((error == SPS_OK) ==
           (which < 2 ? bytes <= (1U << 30) - 4 : bytes >= 1024 && exponent <= 28));
    EXPECT((which == 0   ? sps_packet_peer_get_input_buffer_max_size(peer, &reported)
            : which == 1 ? sps_packet_peer_get_output_buffer_max_size(peer, &reported)
                         : sps_packet_peer_get_encode_buffer_max_size(peer, &reported)) == SPS_OK);
    EXPECT(error != SPS_OK || reported >= bytes);
}

// ---- Look-ups

static const char *pick_name(world *world) {
    static const char *const names[] = {"many",     "never",     "one", "unknown",
                                        "10.0.0.1", "localhost", "",    "a b"};
    return names[reader_below(&world->calls, 8)];
}

static void create_ip(world *world) {
    const sps_allocator allocator = allocator_of(world, 1);
    const sps_ip_options options = {.struct_size = sizeof options,
                                    .timeout_ms = reader_time_ms(&world->calls),
                                    .allocator = &allocator,
                                    .platform = platform_of(world, 0)};
    if (world->ip != NULL || world->depth > 0) {
        return;
    }
    ANSWERS(world, sps_ip_create(&options, &world->ip), CODE(SPS_OK) | CODE(SPS_ERR_OUT_OF_MEMORY));
}

static void destroy_ip(world *world) {
    if (world->depth == 0) {
        sps_ip_destroy(world->ip);
        world->ip = NULL;
        say(world, SPS_OK);
    }
}

static void queue(world *world) {
    const char *name = pick_name(world);
    const sps_ip_type type = (sps_ip_type)reader_below(&world->calls, 5);
    int32_t id = 0;
    const sps_error error = sps_ip_queue_resolve_item(world->ip, name, type, &id);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_CANT_ACQUIRE_RESOURCE) | CODE(SPS_ERR_INVALID_PARAMETER) |
                CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT((error == SPS_OK) == (id != SPS_RESOLVER_INVALID_ID));
    EXPECT(error != SPS_OK || (type > 0 && type < 4 && world->ip != NULL));
}

static void ask_for_item(world *world) {
    const int32_t id = (int32_t)reader_below(&world->calls, 6) - 1;
    sps_resolver_status status = -1;
    char text[SPS_HOST_TEXT_BYTES];
    size_t length, count = 0;
    if (world->ip == NULL) {
        return;
    }
    EXPECT(sps_ip_get_resolve_item_status(world->ip, id, &status) == SPS_OK);
    const sps_error error =
        sps_ip_get_resolve_item_address(world->ip, id, text, sizeof text, &length);
    // A fault may come between the two calls. A real OS returns the same answer twice.
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_BUSY) | CODE(SPS_ERR_CANT_RESOLVE) |
                CODE(SPS_ERR_QUERY_FAILED) | CODE(SPS_ERR_CANT_ACQUIRE_RESOURCE) |
                CODE(SPS_ERR_DOES_NOT_EXIST) | CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT(status >= SPS_RESOLVER_STATUS_NONE && status <= SPS_RESOLVER_STATUS_ERROR);
    EXPECT((status == SPS_RESOLVER_STATUS_NONE) == (error == SPS_ERR_DOES_NOT_EXIST));
    EXPECT(error != SPS_ERR_BUSY || status == SPS_RESOLVER_STATUS_WAITING);
    sps_host_text all[2] = {{.struct_size = sizeof *all}};
    const sps_error of_all = sps_ip_get_resolve_item_addresses(world->ip, id, all, 2, &count);
    EXPECT((of_all == SPS_OK) == (count > 0));
}

static void erase_item(world *world) {
    const int32_t id = (int32_t)reader_below(&world->calls, 6) - 1;
    ANSWERS(world, sps_ip_erase_resolve_item(world->ip, id),
            CODE(SPS_OK) | CODE(SPS_ERR_DOES_NOT_EXIST) | CODE(SPS_ERR_INVALID_PARAMETER));
}

static void resolve(world *world) {
    const char *name = pick_name(world);
    const sps_ip_type type = (sps_ip_type)reader_below(&world->calls, 5);
    char text[SPS_HOST_TEXT_BYTES];
    size_t length = 0;
    const size_t size = reader_below(&world->calls, sizeof text);
    if (world->depth > 0) {
        return; // another call on it waits
    }
    const sps_error error = sps_ip_resolve_hostname(world->ip, name, type, text, size, &length);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_CANT_RESOLVE) | CODE(SPS_ERR_QUERY_FAILED) |
                CODE(SPS_ERR_TIMEOUT) | CODE(SPS_ERR_INVALID_PARAMETER) |
                CODE(SPS_ERR_PARAMETER_RANGE_ERROR) | CODE(SPS_ERR_CANT_ACQUIRE_RESOURCE) |
                CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT(error != SPS_OK || (length > 0 && strlen(text) == length && length < size));
}

static void ask_for_local_addresses(world *world) {
    sps_local_address all[3] = {{.struct_size = sizeof *all}};
    size_t count = 99;
    const sps_error error = sps_ip_get_local_addresses(world->ip, all, 3, &count);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_OUT_OF_MEMORY) |
                CODE(SPS_ERR_CANT_ACQUIRE_RESOURCE) | CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT(error != SPS_OK || count == 4);
    EXPECT(sps_ip_clear_cache(world->ip, NULL) ==
           (world->ip != NULL ? SPS_OK : SPS_ERR_INVALID_PARAMETER));
}

// ---- Invalid calls: the library refuses them and changes nothing

static void pass_no_options_size(world *world) {
    const sps_stream_options stream = {.read_buffer_bytes = 1};
    const sps_server_options server = {.backlog = 1};
    const sps_poller_options poller = {.max_events = 1};
    const sps_packet_options packet = {.input_buffer_max_bytes = 1};
    const sps_ip_options ip = {.timeout_ms = 1};
    const sps_custom_operations none = {0};
    sps_stream *made = (sps_stream *)world;
    sps_server *made_server = (sps_server *)world;
    sps_poller *made_poller = (sps_poller *)world;
    sps_packet_peer *made_peer = (sps_packet_peer *)world;
    sps_ip *made_ip = (sps_ip *)world;
    EXPECT(sps_tcp_create(&stream, &made) == SPS_ERR_INVALID_PARAMETER && made == NULL);
    EXPECT(sps_uds_create(&stream, &made) == SPS_ERR_INVALID_PARAMETER && made == NULL);
    EXPECT(sps_buffer_create(&stream, &made) == SPS_ERR_INVALID_PARAMETER && made == NULL);
    EXPECT(sps_custom_create(&none, NULL, NULL, &made) == SPS_ERR_INVALID_PARAMETER &&
           made == NULL);
    EXPECT(sps_custom_create(NULL, NULL, NULL, &made) == SPS_ERR_INVALID_PARAMETER && made == NULL);
    EXPECT(sps_tcp_server_create(&server, &made_server) == SPS_ERR_INVALID_PARAMETER &&
           made_server == NULL);
    EXPECT(sps_poller_create(&poller, &made_poller) == SPS_ERR_INVALID_PARAMETER &&
           made_poller == NULL);
    EXPECT(sps_packet_stream_create(&packet, &made_peer) == SPS_ERR_INVALID_PARAMETER &&
           made_peer == NULL);
    EXPECT(sps_ip_create(&ip, &made_ip) == SPS_ERR_INVALID_PARAMETER && made_ip == NULL);
    EXPECT(sps_tcp_create(NULL, NULL) == SPS_ERR_INVALID_PARAMETER);
    say(world, SPS_ERR_INVALID_PARAMETER);
}

// A struct_size of a future version, or an invalid one. The library reads the fields that it knows.
static void pass_any_size(world *world) {
    sps_allocator allocator = allocator_of(world, 0);
    struct {
        sps_stream_options known;
        uint8_t future[16];
    } options;
    memset(&options, 0, sizeof options);
    const uint32_t eights = reader_below(&world->calls, sizeof options / 8);
    options.known.struct_size = 8 * (eights + 1); // does not cut a field
    options.known.allocator = &allocator;
    options.known.platform = platform_of(world, 0);
    sps_stream *stream;
    const sps_error error = sps_buffer_create(&options.known, &stream);
    ANSWERS(world, error, CODE(SPS_OK) | CODE(SPS_ERR_OUT_OF_MEMORY));
    sps_stream_destroy(stream);
}

static void pass_huge_sizes(world *world) {
    slot *slot = pick_stream(world);
    const size_t huge = (size_t)PTRDIFF_MAX + 1 + reader_byte(&world->calls);
    const uint8_t *span;
    size_t count = 1;
    EXPECT(sps_stream_put_data(slot->stream, scratch(world), huge, &count) ==
               SPS_ERR_INVALID_PARAMETER &&
           count == 0);
    EXPECT(sps_stream_put_partial_data(slot->stream, scratch(world), huge, NULL) ==
           SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_get_data(slot->stream, scratch(world), huge, &count) ==
           SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_get_partial_data(slot->stream, scratch(world), huge, NULL) ==
           SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_peek(slot->stream, huge, &span, &count) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_consume(slot->stream, huge) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_put_string(slot->stream, "", huge) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_put_var(slot->stream, "", huge) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_put_text(slot->stream, "", huge) == SPS_ERR_INVALID_PARAMETER);
    say(world, SPS_ERR_INVALID_PARAMETER);
}

static void pass_null(world *world) {
    sps_stream *stream = pick_stream(world)->stream;
    EXPECT(sps_stream_put_data(stream, NULL, 1, NULL) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_get_data(stream, NULL, 1, NULL) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_peek(stream, 1, NULL, NULL) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_get_u32(stream, NULL) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_try_get_u64(stream, NULL) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_get_string(stream, 1, NULL, NULL) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_get_available_bytes(stream, NULL) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_get_pending_write_bytes(stream, NULL) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_stream_get_line(stream, 0, NULL, NULL) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_socket_get_status(stream, NULL) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_socket_get_close_reason(stream, NULL) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_poller_add(NULL, stream, NULL) == SPS_ERR_INVALID_PARAMETER);
    EXPECT(sps_server_take_connection(NULL, NULL) == SPS_ERR_INVALID_PARAMETER);
    sps_stream_destroy(NULL);
    sps_server_destroy(NULL);
    sps_poller_destroy(NULL);
    sps_packet_peer_destroy(NULL);
    sps_ip_destroy(NULL);
    say(world, SPS_ERR_INVALID_PARAMETER);
}

const row other_rows[] = {
    {"create a packet peer", create_packet_peer, 0},
    {"destroy a packet peer", destroy_packet_peer, 0},
    {"set a packet stream", set_stream, 0},
    {"get a packet", get_packet, MOVES},
    {"count packets", count_packets, MOVES},
    {"put a packet", put_packet, MOVES},
    {"limit packets", limit_packets, 0},
    {"create a look-up", create_ip, 0},
    {"destroy a look-up", destroy_ip, 0},
    {"queue a name", queue, 0},
    {"ask for an item", ask_for_item, 0},
    {"erase an item", erase_item, 0},
    {"resolve", resolve, 0},
    {"ask for local addresses", ask_for_local_addresses, 0},
    {"pass no options size", pass_no_options_size, 0},
    {"pass any size", pass_any_size, 0},
    {"pass huge sizes", pass_huge_sizes, 0},
    {"pass null", pass_null, 0},
    {"put in place", put_in_place, MOVES},
};
const size_t other_count = sizeof other_rows / sizeof other_rows[0];

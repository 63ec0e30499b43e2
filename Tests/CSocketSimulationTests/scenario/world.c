// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "scenario/story.h"

// Bytes or messages. A scenario that runs once for each of its calls has fewer.
enum { MOST_TOTAL = 200000, MOST_MESSAGES = 80, SHORT_TOTAL = 6000, SHORT_MESSAGES = 6 };

uint64_t draw(story *story, uint64_t below) {
    return sps_simulation_random(story->simulation) % below;
}

uint32_t draw_limit(story *story, uint32_t most) {
    return draw(story, 2) == 0 ? 0 : (uint32_t)(1 + draw(story, most));
}

uint64_t draw_total(story *story) {
    if (story->dialect != BYTES) {
        return draw(story, story->is_short ? SHORT_MESSAGES : MOST_MESSAGES);
    }
    const uint64_t most = story->is_short ? SHORT_TOTAL : MOST_TOTAL;
    return draw(story, story->count > USUAL_CLIENTS ? most / 10 : most);
}

void complain(story *story, const char *format, ...) {
    if (story->result.problem[0] == '\0') {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(story->result.problem, sizeof story->result.problem, format, arguments);
        va_end(arguments);
    }
}

void expect(story *story, sps_error error, const char *what) {
    if (error != SPS_OK) {
        complain(story, "%s is %s", what, sps_error_name(error));
    }
}

// ---- The memory of a seed

static void *reallocate(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    memory *memory = user_data;
    if (new_bytes > old_bytes) {
        memory->chance = memory->chance * UINT64_C(6364136223846793005) + 1442695040888963407;
        if (++memory->count == memory->fails_at ||
            (memory->chance >> 40) % 1000 < memory->missing) {
            return NULL;
        }
    }
    memory->bytes += (int64_t)new_bytes - (int64_t)old_bytes;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}

const sps_allocator *allocator_of(story *story) {
    static sps_allocator allocator;
    allocator = (sps_allocator){sizeof(sps_allocator), reallocate, &story->memory};
    return &allocator;
}

// ---- The network of a seed

static uint32_t rate(story *story, uint32_t most) {
    return draw(story, 3) == 0 ? 0 : (uint32_t)draw(story, most);
}

static void choose_chaos(story *story) {
    sps_simulation_chaos chaos = {.struct_size = sizeof chaos};
    chaos.short_reads = rate(story, 300);
    chaos.short_writes = rate(story, 300);
    chaos.cut_deliveries = rate(story, 500);
    chaos.late_deliveries = rate(story, 200);
    chaos.late_us = (uint32_t)draw(story, 300000);
    chaos.false_readiness = rate(story, 100);
    chaos.false_again = rate(story, 100);
    chaos.shuffled = (uint32_t)draw(story, 2);
    if (!story->is_gentle) {
        chaos.refused_connects = rate(story, 100);
        chaos.resets = rate(story, 10);
        chaos.no_handles = rate(story, 20);
        chaos.no_memory = rate(story, 20);
        chaos.failed_lookups = rate(story, 100);
    }
    expect(story, sps_simulation_set_chaos(story->simulation, &chaos), "chaos");
}

void build_network(story *story) {
    sps_simulation *simulation = story->simulation;
    expect(story, sps_simulation_add_host(simulation, "server", "10.0.0.1", &story->hosts[0]),
           "the server's host");
    if (story->is_uds) {
        story->hosts[1] = story->hosts[0];
    } else {
        expect(story, sps_simulation_add_host(simulation, "client", "10.0.0.2", &story->hosts[1]),
               "the clients' host");
    }
    expect(story, sps_simulation_add_host(simulation, "other", "10.0.0.3", &story->hosts[2]),
           "the other host");
    sps_link_options link = {.struct_size = sizeof link};
    link.latency_us = 1 + draw(story, 100000);
    link.jitter_us = (uint32_t)draw(story, 20000);
    link.bytes_per_second = draw(story, 3) == 0 ? 20000 + draw(story, 1000000) : 0;
    expect(story, sps_simulation_set_link(story->hosts[0], story->hosts[1], &link), "the link");
    if (draw(story, 3) == 0) { // a connect by name meets a host that refuses first
        expect(story, sps_simulation_add_name(simulation, "game.example", "10.0.0.3"), "the name");
    }
    expect(story, sps_simulation_add_name(simulation, "game.example", "10.0.0.1"), "the name");
    expect(story,
           sps_simulation_set_name_answer(simulation, "game.example", SPS_NAME_ANSWER_ADDRESSES,
                                          draw(story, 300000)),
           "the name's answer");
    story->memory.chance = draw(story, UINT64_MAX);
    if (!story->is_short) {
        choose_chaos(story);
        story->memory.missing = story->is_gentle ? 0 : rate(story, 30);
    }
}

// Long enough for all events of a gentle story.
static uint32_t draw_timeout(story *story) {
    if (!story->has_timeouts) {
        return 0;
    }
    const bool is_long =
        // the same in the runs with faults and in the run without
        story->is_gentle || story->is_short;
    return (uint32_t)(is_long ? 300000 + draw(story, 1000) : 1 + draw(story, 20000));
}

sps_stream_options options_at(story *story, int where) {
    sps_stream_options options = {
        .struct_size = sizeof options,
        .platform = sps_simulated_host_platform(story->hosts[where]),
        .allocator = allocator_of(story),
    };
    options.io_timeout_ms = draw_timeout(story);
    options.idle_timeout_ms = draw_timeout(story);
    options.keepalive_idle_ms = draw_timeout(story);
    options.user_timeout_ms = draw_timeout(story);
    options.read_buffer_bytes = draw_limit(story, 5000);
    options.os_send_buffer_bytes = draw_limit(story, 20000);
    options.os_receive_buffer_bytes = draw_limit(story, 20000);
    options.half_open = draw(story, 3) == 0;
    return options;
}

// ---- Shortages

bool is_shortage(sps_error error) {
    return error == SPS_ERR_OUT_OF_MEMORY || error == SPS_ERR_CANT_ACQUIRE_RESOURCE;
}

bool is_worth_a_retry(const story *story, sps_error error, int *tries) {
    return is_shortage(error) || (error != SPS_OK && story->is_short && (*tries)++ == 0);
}

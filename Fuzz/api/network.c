// SPDX-License-Identifier: MIT
//
// Events outside of the library: time, faults, chaos, links, names.
#include "api.h"

static void let_time_pass(world *world) {
    ANSWERS(
        world,
        sps_simulation_advance(world->simulation, (uint64_t)reader_time_ms(&world->calls) * 1000),
        CODE(SPS_OK));
}

static void let_an_event_happen(world *world) {
    ANSWERS(world, sps_simulation_step(world->simulation),
            CODE(SPS_OK) | CODE(SPS_ERR_DOES_NOT_EXIST));
}

// Makes one of the next calls of the OS fail.
static void fail_a_call(world *world) {
    const sps_simulated_call call = (sps_simulated_call)reader_below(&world->calls, SPS_CALL_COUNT);
    const uint64_t after = reader_below(&world->calls, 16);
    sps_simulated_fault fault = (sps_simulated_fault)reader_below(&world->calls, SPS_FAULT_COUNT);
    for (int i = 0; i < SPS_FAULT_COUNT && !sps_simulated_call_may_fail(call, fault); i++) {
        fault = (fault + 1) % SPS_FAULT_COUNT;
    }
    const uint64_t nth = sps_simulation_count_calls(world->simulation, call) + 1 + after;
    ANSWERS(world, sps_simulation_fail_call(world->simulation, call, nth, fault),
            CODE(SPS_OK) | CODE(SPS_ERR_INVALID_PARAMETER)); // a close never fails
}

static void fail_an_allocation(world *world) {
    account *account = &world->accounts[reader_below(&world->calls, 2)];
    account->fail_in = reader_below(&world->calls, 24); // 0: none
    account->fail_more = reader_below(&world->calls, 4);
    say(world, SPS_OK);
}

static void choose_chaos(world *world) {
    const uint8_t which = reader_byte(&world->calls), more = reader_byte(&world->calls);
    const uint32_t rate = 50 + 450 * reader_below(&world->calls, 2);
    const sps_simulation_chaos chaos = {
        .struct_size = sizeof chaos,
        .short_reads = which & 1 ? rate : 0,
        .short_writes = which & 2 ? rate : 0,
        .cut_deliveries = which & 4 ? rate : 0,
        .late_deliveries = which & 8 ? rate : 0,
        .late_us = 100000,
        .false_readiness = which & 16 ? rate : 0,
        .false_again = which & 32 ? rate : 0,
        .shuffled = which & 64,
        .refused_connects = more & 1 ? rate : 0,
        .resets = more & 2 ? rate / 8 : 0,
        .no_handles = more & 4 ? rate / 2 : 0,
        .no_memory = more & 8 ? rate / 2 : 0,
        .failed_lookups = more & 16 ? rate : 0,
    };
    ANSWERS(world, sps_simulation_set_chaos(world->simulation, &chaos), CODE(SPS_OK));
}

static void cut_or_mend(world *world) {
    const sps_link_cut cut = (sps_link_cut)reader_below(&world->calls, 4);
    ANSWERS(world, sps_simulation_cut_link(world->hosts[0], world->hosts[1], cut), CODE(SPS_OK));
}

static void stall(world *world) {
    const uint64_t stall_us = (uint64_t)reader_time_ms(&world->calls) * 1000;
    ANSWERS(world, sps_simulation_stall_link(world->hosts[0], world->hosts[1], stall_us),
            CODE(SPS_OK));
}

static void reset_link(world *world) {
    ANSWERS(world, sps_simulation_reset_link(world->hosts[0], world->hosts[1]), CODE(SPS_OK));
}

static void change_link(world *world) {
    const sps_link_options link = {.struct_size = sizeof link,
                                   .latency_us = 1 + 200U * reader_byte(&world->calls),
                                   .jitter_us = 100U * reader_byte(&world->calls)};
    ANSWERS(world, sps_simulation_set_link(world->hosts[0], world->hosts[1], &link), CODE(SPS_OK));
}

static void choose_name_answer(world *world) {
    static const char *const names[] = {"many", "never"};
    const char *name = names[reader_below(&world->calls, 2)];
    const sps_name_answer answer = (sps_name_answer)reader_below(&world->calls, 3);
    const uint64_t delay_us = (uint64_t)reader_time_ms(&world->calls) * 1000;
    ANSWERS(world, sps_simulation_set_name_answer(world->simulation, name, answer, delay_us),
            CODE(SPS_OK));
}

static void limit_handles(world *world) {
    sps_simulated_host *host = world->hosts[reader_below(&world->calls, HOSTS)];
    const size_t more = reader_below(&world->calls, 5);
    ANSWERS(world,
            sps_simulated_host_set_handle_limit(
                host, more < 4 ? sps_simulated_host_open_handles(host) + more : 0),
            CODE(SPS_OK));
}

static void remove_files(world *world) {
    ANSWERS(world,
            sps_simulated_host_remove_files(world->hosts[reader_below(&world->calls, HOSTS)]),
            CODE(SPS_OK));
}

// Schedules an event of the input while a call waits.
static void called_back(void *user_data) {
    world *world = user_data;
    if (world->is_paused) {
        return;
    }
    if (reader_is_empty(&world->calls)) {
        EXPECT(sps_simulation_stop_every(world->simulation, called_back, world) == SPS_OK);
        world->has_callback = false;
        return;
    }
    world->depth++;
    step(world);
    world->depth--;
}

static void call_back(world *world) {
    const uint64_t interval_us = 1000U * (1 + reader_below(&world->calls, 32));
    if (world->depth > 0) {
        return;
    }
    const sps_error error =
        world->has_callback
            ? sps_simulation_stop_every(world->simulation, called_back, world)
            : sps_simulation_every(world->simulation, interval_us, called_back, world);
    ANSWERS(world, error, CODE(SPS_OK));
    world->has_callback = !world->has_callback;
}

const row network_rows[] = {
    {"let time pass", let_time_pass, 0},
    {"let an event happen", let_an_event_happen, 0},
    {"fail a call", fail_a_call, 0},
    {"fail an allocation", fail_an_allocation, 0},
    {"choose chaos", choose_chaos, 0},
    {"cut or mend", cut_or_mend, 0},
    {"stall", stall, 0},
    {"reset the link", reset_link, 0},
    {"change the link", change_link, 0},
    {"choose a name's answer", choose_name_answer, 0},
    {"limit handles", limit_handles, 0},
    {"remove files", remove_files, 0},
    {"call back", call_back, 0},
};
const size_t network_count = sizeof network_rows / sizeof network_rows[0];

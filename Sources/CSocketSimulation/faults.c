// SPDX-License-Identifier: MIT
//
// The failures that each call can have, the one that the caller has armed, and chaos: random ones.
#include "faults.h"

#include <assert.h>

#include "base/sized_struct.h"
#include "host.h"
#include "platform/failures.h"
#include "random.h"
#include "sim.h"
#include "world.h"

// A debug build checks the whole world once in so many calls. At each call it would be slow.
enum { CALLS_PER_CHECK = 4 };

typedef struct call_row {
    const char *name;
    uint32_t failures; // one bit for each spsi_code
} call_row;

static const call_row calls[SPS_CALL_COUNT] = {
    [SPS_CALL_OPEN] = {"open", SPSI_OPEN_FAILURES},
    [SPS_CALL_BIND] = {"bind", SPSI_BIND_FAILURES},
    [SPS_CALL_SET_OPTION] = {"set_option", SPSI_OPTION_FAILURES},
    [SPS_CALL_GET_OPTION] = {"get_option", SPSI_OPTION_FAILURES},
    [SPS_CALL_LISTEN] = {"listen", SPSI_LISTEN_FAILURES},
    [SPS_CALL_ACCEPT] = {"accept", SPSI_ACCEPT_FAILURES},
    [SPS_CALL_CONNECT] = {"connect", SPSI_CONNECT_FAILURES},
    [SPS_CALL_CONNECT_RESULT] = {"connect_result", SPSI_CONNECT_RESULT_FAILURES},
    [SPS_CALL_RECEIVE] = {"receive", SPSI_RECEIVE_FAILURES},
    [SPS_CALL_SEND] = {"send", SPSI_SEND_FAILURES},
    [SPS_CALL_AVAILABLE] = {"available", SPSI_AVAILABLE_FAILURES},
    [SPS_CALL_SHUTDOWN_WRITE] = {"shutdown_write", SPSI_SHUTDOWN_WRITE_FAILURES},
    [SPS_CALL_WAIT] = {"wait", SPSI_WAIT_FAILURES},
    [SPS_CALL_SELECTOR_CREATE] = {"selector_create", SPSI_SELECTOR_CREATE_FAILURES},
    [SPS_CALL_SELECTOR_SET] = {"selector_set", SPSI_SELECTOR_SET_FAILURES},
    [SPS_CALL_SELECTOR_WAIT] = {"selector_wait", SPSI_SELECTOR_WAIT_FAILURES},
    [SPS_CALL_PEER_ADDRESS] = {"peer_address", SPSI_ADDRESS_FAILURES},
    [SPS_CALL_LOCAL_ADDRESS] = {"local_address", SPSI_ADDRESS_FAILURES},
    [SPS_CALL_TCP_INFO] = {"tcp_info", SPSI_TCP_INFO_FAILURES},
    [SPS_CALL_PEER_CREDENTIALS] = {"peer_credentials", SPSI_PEER_CREDENTIALS_FAILURES},
    [SPS_CALL_ADOPT] = {"adopt", SPSI_ADOPT_FAILURES},
    [SPS_CALL_SET_FILE_MODE] = {"set_file_mode", SPSI_SET_FILE_MODE_FAILURES},
    [SPS_CALL_LOCK_PATH] = {"lock_path", SPSI_LOCK_PATH_FAILURES},
    [SPS_CALL_LOOKUP_START] = {"lookup_start", SPSI_LOOKUP_START_FAILURES},
    [SPS_CALL_LOOKUP_RESULT] = {"lookup_result", SPSI_LOOKUP_RESULT_FAILURES},
    [SPS_CALL_LOCAL_ADDRESSES] = {"local_addresses", SPSI_LOCAL_ADDRESSES_FAILURES},
    [SPS_CALL_CLOSE] = {"close", 0},
    [SPS_CALL_PENDING_FAILURE] = {"pending_failure", SPSI_PENDING_FAILURES},
};

typedef struct fault_row {
    const char *name;
    spsi_result result;
} fault_row;

static const fault_row faults[SPS_FAULT_COUNT] = {
    [SPS_FAULT_AGAIN] = {"again", {SPSI_AGAIN, SPSI_SIM_EAGAIN}},
    [SPS_FAULT_REFUSED] = {"refused", {SPSI_REFUSED, SPSI_SIM_ECONNREFUSED}},
    [SPS_FAULT_RESET] = {"reset", {SPSI_RESET, SPSI_SIM_ECONNRESET}},
    [SPS_FAULT_UNREACHABLE] = {"unreachable", {SPSI_UNREACHABLE, SPSI_SIM_EHOSTUNREACH}},
    [SPS_FAULT_TIMED_OUT] = {"timed out", {SPSI_TIMED_OUT, SPSI_SIM_ETIMEDOUT}},
    [SPS_FAULT_NO_ANSWER] = {"no answer", {SPSI_NO_ANSWER, SPSI_SIM_ETIMEDOUT}},
    [SPS_FAULT_ADDRESS_IN_USE] = {"address in use", {SPSI_ADDRESS_IN_USE, SPSI_SIM_EADDRINUSE}},
    [SPS_FAULT_ADDRESS_INVALID] = {"address invalid",
                                   {SPSI_ADDRESS_INVALID, SPSI_SIM_EADDRNOTAVAIL}},
    [SPS_FAULT_NAME_UNKNOWN] = {"name unknown", {SPSI_NAME_UNKNOWN, SPSI_SIM_EAI_NONAME}},
    [SPS_FAULT_DENIED] = {"denied", {SPSI_DENIED, SPSI_SIM_EACCES}},
    [SPS_FAULT_NO_HANDLES] = {"no handles", {SPSI_NO_HANDLES, SPSI_SIM_EMFILE}},
    [SPS_FAULT_NO_MEMORY] = {"no memory", {SPSI_NO_MEMORY, SPSI_SIM_ENOMEM}},
    [SPS_FAULT_UNSUPPORTED] = {"unsupported", {SPSI_UNSUPPORTED, SPSI_SIM_EOPNOTSUPP}},
    [SPS_FAULT_FAILED] = {"failed", {SPSI_FAILED, SPSI_SIM_EIO}},
    [SPS_FAULT_NAME_UNANSWERED] = {"name unanswered", {SPSI_NAME_UNANSWERED, SPSI_SIM_EAI_AGAIN}},
};

static bool is_call(sps_simulated_call call) {
    return call >= 0 && call < SPS_CALL_COUNT;
}

static bool is_fault(sps_simulated_fault fault) {
    return fault >= 0 && fault < SPS_FAULT_COUNT;
}

bool sps_simulated_call_may_fail(sps_simulated_call call, sps_simulated_fault fault) {
    return is_call(call) && is_fault(fault) &&
           (calls[call].failures & SPSI_BIT(faults[fault].result.code)) != 0;
}

bool spsi_sim_call_may_return(sps_simulated_call call, spsi_result result) {
    if (result.code == SPSI_END) {
        return call == SPS_CALL_RECEIVE;
    }
    return result.code == SPSI_DONE || result.code == SPSI_AGAIN ||
           result.os_code == SPSI_SIM_EBADF || (calls[call].failures & SPSI_BIT(result.code)) != 0;
}

const char *sps_simulated_call_name(sps_simulated_call call) {
    return is_call(call) ? calls[call].name : "unknown";
}

const char *sps_simulated_fault_name(sps_simulated_fault fault) {
    return is_fault(fault) ? faults[fault].name : "unknown";
}

uint64_t sps_simulation_count_calls(const sps_simulation *simulation, sps_simulated_call call) {
    if (simulation == NULL) {
        return 0;
    }
    if (call == SPS_CALL_ANY) {
        return simulation->faults.count;
    }
    return is_call(call) ? simulation->faults.counts[call] : 0;
}

sps_error sps_simulation_fail_call(sps_simulation *simulation, sps_simulated_call call,
                                   uint64_t nth, sps_simulated_fault fault) {
    const bool is_possible =
        call == SPS_CALL_ANY ? is_fault(fault) : sps_simulated_call_may_fail(call, fault);
    if (simulation == NULL || !is_possible) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_sim_faults *own = &simulation->faults;
    own->armed_call = call;
    own->armed_nth = nth;
    own->armed_fault = fault;
    own->has_failed = false;
    return SPS_OK;
}

bool sps_simulation_has_failed_call(const sps_simulation *simulation) {
    return simulation != NULL && simulation->faults.has_failed;
}

// ---- Chaos

static bool are_rates(const sps_simulation_chaos *chaos) {
    const uint32_t rates[] = {
        chaos->short_reads,      chaos->short_writes,    chaos->cut_deliveries,
        chaos->late_deliveries,  chaos->false_readiness, chaos->false_again,
        chaos->refused_connects, chaos->resets,          chaos->no_handles,
        chaos->no_memory,        chaos->failed_lookups,
    };
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        if (rates[i] > 1000) {
            return false;
        }
    }
    return true;
}

sps_error sps_simulation_set_chaos(sps_simulation *simulation, const sps_simulation_chaos *chaos) {
    sps_simulation_chaos chosen;
    if (simulation == NULL || !spsi_struct_read(chaos, &chosen, sizeof chosen) ||
        !are_rates(&chosen)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    simulation->faults.chaos = chosen;
    return SPS_OK;
}

bool spsi_sim_chance(spsi_sim_world *world, uint32_t per_mille) {
    return per_mille > 0 && spsi_sim_random_below(&world->random, 1000) < per_mille;
}

static uint32_t rate_of(const sps_simulation_chaos *chaos, sps_simulated_call call,
                        sps_simulated_fault fault) {
    switch (fault) {
    case SPS_FAULT_NO_HANDLES:
        return chaos->no_handles;
    case SPS_FAULT_NO_MEMORY:
        return chaos->no_memory;
    case SPS_FAULT_AGAIN: // of a lock, AGAIN means that another caller holds it
        return call != SPS_CALL_LOCK_PATH ? chaos->false_again : 0;
    case SPS_FAULT_NAME_UNKNOWN:
        return call == SPS_CALL_LOOKUP_RESULT ? chaos->failed_lookups : 0;
    default:
        return 0;
    }
}

// Chooses a fault for a call by chance. SPS_FAULT_COUNT: none.
static sps_simulated_fault fault_by_chance(spsi_sim_world *world, sps_simulated_call call) {
    for (sps_simulated_fault fault = 0; fault < SPS_FAULT_COUNT; fault++) {
        if (sps_simulated_call_may_fail(call, fault) &&
            spsi_sim_chance(world, rate_of(&world->faults.chaos, call, fault))) {
            return fault;
        }
    }
    return SPS_FAULT_COUNT;
}

// ---- Each call

static bool is_armed(const spsi_sim_faults *own, sps_simulated_call call) {
    if (own->armed_nth == 0 || own->has_failed ||
        !sps_simulated_call_may_fail(call, own->armed_fault)) {
        return false;
    }
    return own->armed_call == SPS_CALL_ANY
               ? own->count == own->armed_nth
               : own->armed_call == call && own->counts[call] == own->armed_nth;
}

bool spsi_sim_call_begin(const spsi_sim_host *host, sps_simulated_call call,
                         spsi_result *out_result) {
    spsi_sim_world *world = host->world;
    spsi_sim_faults *own = &world->faults;
    assert(own->count % CALLS_PER_CHECK != 0 || spsi_sim_world_is_consistent(world));
    spsi_sim_pass_time(world, world->call_us);
    spsi_sim_run_due(world);
    own->counts[call]++;
    own->count += calls[call].failures != 0;
    sps_simulated_fault fault = SPS_FAULT_COUNT;
    if (is_armed(own, call)) {
        own->has_failed = true;
        fault = own->armed_fault;
    } else {
        fault = fault_by_chance(world, call);
    }
    *out_result = fault != SPS_FAULT_COUNT ? faults[fault].result : spsi_sim_done();
    return fault == SPS_FAULT_COUNT;
}

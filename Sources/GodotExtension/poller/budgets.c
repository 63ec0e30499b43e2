// SPDX-License-Identifier: MIT
//
// The limits of one wait as properties of SPSPoller and SPSNetworkLoop. The library takes them when
// it creates a poller. So a change makes a new poller, while the old one is empty.
#include "../endpoint/watch.h"
#include "poller.h"

static void change(struct spsi_godot_watcher *self, const char *method, uint32_t *option,
                   int64_t value) {
    const uint32_t before = *option;
    if (value < 0 || value > INT32_MAX) {
        spsi_godot_complain(&self->head, method, "The number is negative or too large.");
        return;
    }
    if (value == before) {
        return;
    }
    *option = (uint32_t)value;
    const sps_error error = spsi_godot_renew_watch(&self->watch);
    if (error == SPS_OK) {
        return;
    }
    *option = before;
    spsi_godot_complain(&self->head, method,
                        error == SPS_ERR_ALREADY_IN_USE
                            ? "Set this before a peer or a server is added."
                            : sps_error_message(error));
}

#define BUDGETS(X) X(max_events) X(max_read_bytes) X(max_time_us)

#define ACCESSORS(name)                                                                            \
    static void set_##name(void *instance, const void *const *arguments, void *result) {           \
        struct spsi_godot_watcher *self = instance;                                                \
        (void)result;                                                                              \
        change(self, "set_" #name, &self->watch.options.name, *(const int64_t *)arguments[0]);     \
    }                                                                                              \
    static void get_##name(void *instance, const void *const *arguments, void *result) {           \
        (void)arguments;                                                                           \
        *(int64_t *)result = ((const struct spsi_godot_watcher *)instance)->watch.options.name;    \
    }

#define METHOD_ROWS(name)                                                                          \
    {"set_" #name, set_##name, SPS_NOTHING, 0, 1, {{"value", SPS_INT, {0}}}},                      \
        {"get_" #name, get_##name, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},

#define PROPERTY_ROW(name) {#name, SPS_INT, "set_" #name, "get_" #name},

BUDGETS(ACCESSORS)

const struct spsi_godot_method spsi_godot_budget_methods[2 * SPS_BUDGET_COUNT] = {
    BUDGETS(METHOD_ROWS)};
const struct spsi_godot_property spsi_godot_budget_properties[SPS_BUDGET_COUNT] = {
    BUDGETS(PROPERTY_ROW)};

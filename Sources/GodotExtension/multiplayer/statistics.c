// SPDX-License-Identifier: MIT
//
// Answers about connections: the figures of TCP, how a connect went, and totals.
#include "../peer/figures.h"
#include "../values/containers.h"
#include "multiplayer.h"

static void get_tcp_info(void *instance, const void *const *arguments, void *result) {
    struct spsi_godot_multiplayer *self = instance;
    const struct spsi_godot_member *member =
        spsi_godot_member_find(self, *(const int64_t *)arguments[0]);
    sps_error error = SPS_ERR_DOES_NOT_EXIST;
    spsi_godot_set_dictionary(result);
    if (member != NULL) {
        error = spsi_godot_set_tcp_info(result, member->stream);
    }
    spsi_godot_remember(&self->endpoint, error);
}

// A server makes no attempts. A client has one member, or the connection that has ended.
static void get_connect_attempts(void *instance, const void *const *arguments, void *result) {
    const struct spsi_godot_multiplayer *self = instance;
    const sps_stream *stream = self->ended;
    (void)arguments;
    if (self->server == NULL && self->first != NULL) {
        stream = self->first->stream;
    }
    spsi_godot_set_attempts(result, stream);
}

static void get_pending_write_bytes(void *instance, const void *const *arguments, void *result) {
    const struct spsi_godot_member *member =
        spsi_godot_member_find(instance, *(const int64_t *)arguments[0]);
    size_t bytes = 0;
    if (member != NULL) {
        sps_stream_get_pending_write_bytes(member->stream, &bytes);
    }
    *(int64_t *)result = (int64_t)bytes;
}

static void pop_statistic(void *instance, const void *const *arguments, void *result) {
    struct spsi_godot_multiplayer *self = instance;
    const int64_t statistic = *(const int64_t *)arguments[0];
    *(double *)result = 0;
    if (statistic < 0 || statistic >= SPS_TOTALS) {
        spsi_godot_complain(&self->endpoint.head, "pop_statistic", "There is no such statistic.");
        return;
    }
    *(double *)result = (double)self->totals[statistic];
    self->totals[statistic] = 0;
}

static void set_attempt_delay_ms(void *instance, const void *const *arguments, void *result) {
    struct spsi_godot_multiplayer *self = instance;
    (void)result;
    spsi_godot_set_attempt_delay(&self->endpoint, &self->attempt_delay_ms, arguments[0]);
}

static void get_attempt_delay_ms(void *instance, const void *const *arguments, void *result) {
    (void)arguments;
    *(int64_t *)result = ((const struct spsi_godot_multiplayer *)instance)->attempt_delay_ms;
}

const struct spsi_godot_method spsi_godot_statistics_methods[SPS_STATISTICS_METHOD_COUNT] = {
    {"get_tcp_info", get_tcp_info, SPS_DICTIONARY, 0, 1, {{"id", SPS_INT, {0}}}},
    {"get_connect_attempts", get_connect_attempts, SPS_DICTIONARIES, GODOT_METHOD_CONST, 0, {{0}}},
    {"get_pending_write_bytes",
     get_pending_write_bytes,
     SPS_INT,
     GODOT_METHOD_CONST,
     1,
     {{"id", SPS_INT, {0}}}},
    {"pop_statistic",
     pop_statistic,
     SPS_REAL,
     0,
     1,
     {{"statistic", SPS_ENUM("SPSMultiplayerPeer.HostStatistic"), {0}}}},
    {"set_attempt_delay_ms", set_attempt_delay_ms, SPS_NOTHING, 0, 1, {{"value", SPS_INT, {0}}}},
    {"get_attempt_delay_ms", get_attempt_delay_ms, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
};

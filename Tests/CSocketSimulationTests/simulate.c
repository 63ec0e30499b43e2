// SPDX-License-Identifier: MIT
//
// Runs scenarios of many seeds: simulate [--seeds N] [--seed FIRST] [--trace] [--faults]. One that fails prints the end
// of its trace and a line that replays it; --trace prints all of it. With --faults every
// call of a short scenario fails in every way it may.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"

enum { LINES = 60, LINE_BYTES = 192 };

typedef struct tail {
    char lines[LINES][LINE_BYTES];
    size_t count;
} tail;

static void keep(void *user_data, const char *line) {
    tail *tail = user_data;
    snprintf(tail->lines[tail->count++ % LINES], LINE_BYTES, "%s", line);
}

static void print_line(void *user_data, const char *line) {
    (void)user_data;
    puts(line);
}

static void print_tail(const tail *tail) {
    const size_t first = tail->count > LINES ? tail->count - LINES : 0;
    for (size_t i = first; i < tail->count; i++) {
        puts(tail->lines[i % LINES]);
    }
}

// Whether all went well.
static bool run(uint64_t seed, scenario_result *total) {
    const scenario_result result = scenario_run(seed, NULL, NULL);
    total->bytes += result.bytes;
    total->broken += result.broken;
    total->trace_hash = total->trace_hash * 31 + result.trace_hash;
    if (result.problem[0] == '\0') {
        return true;
    }
    static tail tail;
    tail.count = 0;
    scenario_run(seed, keep, &tail);
    print_tail(&tail);
    printf("seed %" PRIu64 ": %s\nreplay: scripts/test simulate --seed %" PRIu64 " --trace\n", seed,
           result.problem, seed);
    return false;
}

static bool run_faults(uint64_t seed, scenario_result *total) {
    scenario_result result;
    scenario_fault fault;
    const uint64_t runs = scenario_run_all_faults(seed, &result, &fault);
    total->bytes += result.bytes;
    printf("seed %" PRIu64 ": %" PRIu64 " faults\n", seed, runs);
    if (result.problem[0] == '\0') {
        return true;
    }
    static tail tail;
    tail.count = 0;
    scenario_run_with_fault(seed, &fault, keep, &tail);
    print_tail(&tail);
    char text[64];
    scenario_describe_fault(&fault, text, sizeof text);
    printf("seed %" PRIu64 ", %s: %s\nreplay: scripts/test simulate --seed %" PRIu64 " --faults\n",
           seed, text, result.problem, seed);
    return false;
}

int main(int argc, char **argv) {
    uint64_t seeds = 1, first = 0;
    bool traces = false, faults = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc) {
            seeds = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            first = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--trace") == 0) {
            traces = true;
        } else if (strcmp(argv[i], "--faults") == 0) {
            faults = true;
        } else {
            fprintf(stderr, "usage: simulate [--seeds N] [--seed FIRST] [--trace] [--faults]\n");
            return 2;
        }
    }
    uint64_t failed = 0;
    scenario_result total = {0};
    for (uint64_t seed = first; seed < first + seeds && failed < 10; seed++) {
        if (traces && !faults) {
            scenario_run(seed, print_line, NULL);
        }
        failed += faults ? !run_faults(seed, &total) : !run(seed, &total);
    }
    printf("%" PRIu64 " seeds, %" PRIu64 " failed, %" PRIu64 " bytes, %" PRIu64
           " ends broken off, hash %016" PRIx64 "\n",
           seeds, failed, total.bytes, total.broken, total.trace_hash);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

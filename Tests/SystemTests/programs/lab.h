// SPDX-License-Identifier: MIT
//
// Shared by the lab programs: a clock, random numbers from a seed, and an exit with a message.
#ifndef LAB_H
#define LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <streampeersocket/streampeersocket.h>

// Ends the program unless `condition` holds. The other arguments are for printf.
#define EXPECT(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s: ", __FILE__, __LINE__, #condition);                \
            fprintf(stderr, __VA_ARGS__);                                                          \
            fputc('\n', stderr);                                                                   \
            exit(EXIT_FAILURE);                                                                    \
        }                                                                                          \
    } while (0)

#define EXPECT_OK(call)                                                                            \
    do {                                                                                           \
        const sps_error expect_error = (call);                                                     \
        EXPECT(expect_error == SPS_OK, "%s is %s", #call, sps_error_name(expect_error));           \
    } while (0)

// A program that hangs fails, too.
#define PATIENCE_US ((uint64_t)120 * 1000 * 1000)

static inline uint64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static inline void pause_us(uint32_t duration_us) {
    nanosleep(&(struct timespec){0, (long)duration_us * 1000}, NULL);
}

// splitmix64
static inline uint64_t mix(uint64_t value) {
    value += 0x9E3779B97F4A7C15;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
}

typedef struct chance {
    uint64_t state;
} chance;

// A number from 0 to `bound` - 1.
static inline uint32_t pick(chance *dice, uint32_t bound) {
    dice->state++;
    return (uint32_t)(mix(dice->state) % bound);
}

static inline sps_status status_of(const sps_stream *stream) {
    sps_status status;
    EXPECT_OK(sps_socket_get_status(stream, &status));
    return status;
}

static inline sps_close_reason reason_of(const sps_stream *stream) {
    sps_close_reason reason;
    EXPECT_OK(sps_socket_get_close_reason(stream, &reason));
    return reason;
}

static inline int os_error_of(const sps_stream *stream) {
    int32_t code;
    EXPECT_OK(sps_socket_get_os_error(stream, &code));
    return code;
}

static inline uint32_t number(const char *text) {
    char *end;
    const unsigned long value = strtoul(text, &end, 10);
    EXPECT(*text != '\0' && *end == '\0', "'%s' is no number", text);
    return (uint32_t)value;
}

#endif

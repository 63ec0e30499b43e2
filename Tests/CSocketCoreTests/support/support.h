// SPDX-License-Identifier: MIT
//
// What the tests share: waiting on conditions, two streams that are connected, counting what
// is left.
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "streampeersocket/streampeersocket.h"
#include "support/sanitizers.h"

SPS_BEGIN_DECLARATIONS

// The memory sanitizer knows nothing of what other people's libraries have written. What a test hands to
// libc is checked; what Check hands to it is not, before, after and in between.
void begin_checking(void);
void end_checking(void);

#if MEMORY_SANITIZER
#undef START_TEST
#define START_TEST(name)                                                                           \
    static void name##_checked(int _i CK_ATTRIBUTE_UNUSED);                                        \
    static void name##_fn(int _i) {                                                                \
        begin_checking();                                                                          \
        name##_checked(_i);                                                                        \
        end_checking();                                                                            \
    }                                                                                              \
    static const TTest name##_ttest = {#name, name##_fn, __FILE__, __LINE__};                      \
    static const TTest *name = &name##_ttest;                                                      \
    static void name##_checked(int _i CK_ATTRIBUTE_UNUSED)
#define _mark_point(file, line) (end_checking(), _mark_point(file, line), begin_checking())
#define _ck_assert_failed(...) (end_checking(), _ck_assert_failed(__VA_ARGS__))
#endif

// The names of suites, cases and tests pass by main.c, which can leave tests out.
Suite *begin_suite(const char *name);
TCase *begin_case(const char *name);
void add_wanted_test(TCase *test_case, const TTest *test, int signal, int exit_value, int begin,
                     int end);
#define suite_create(name) begin_suite(name)
#define tcase_create(name) begin_case(name)
#define _tcase_add_test(test_case, test, signal, exit_value, begin, end)                           \
    add_wanted_test((test_case), (test), (signal), (exit_value), (begin), (end))

// The call must answer this code.
#define IS(call, code) assert_code((call), (code), #call, __FILE__, __LINE__)
#define OK(call) IS(call, SPS_OK)

void assert_code(sps_error actual, sps_error expected, const char *call, const char *file,
                 int line);

// Repeats until the condition holds; fails after a generous deadline.
#define WAIT_UNTIL(condition)                                                                      \
    for (uint64_t deadline = now_ms() + 20000; !(condition);) {                                    \
        ck_assert_msg(now_ms() < deadline, "never came: %s", #condition);                          \
        pause_briefly();                                                                           \
    }

// Repeats the call while it answers OK; what it answers in the end must be this code.
#define BECOMES(call, code)                                                                        \
    do {                                                                                           \
        sps_error answer = SPS_OK;                                                                 \
        WAIT_UNTIL((answer = (call)) != SPS_OK);                                                   \
        assert_code(answer, (code), #call, __FILE__, __LINE__);                                    \
    } while (0)

// Whether a tool makes everything ten times slower: a sanitizer, or one that sets SPS_SLOW, such as valgrind.
bool is_slowed(void);

// Begins a test that valgrind cannot run, and says why.
#define NOT_IN_VALGRIND(why)                                                                       \
    if (getenv("SPS_VALGRIND") != NULL) {                                                          \
        printf("skipped: %s\n", why);                                                              \
        return;                                                                                    \
    }

uint64_t now_ms(void);
void pause_briefly(void);

// The same tests run on the simulated network; those that look at the machine itself do not.
bool is_simulated(void);
#define NEEDS_THE_MACHINE                                                                          \
    if (is_simulated()) {                                                                          \
        return;                                                                                    \
    }

// Every test of what TCP and UDS share runs over both: a loop test from 0 to TRANSPORTS, whose
// loop index is the transport.
typedef enum transport { TCP, UDS, TRANSPORTS } transport;

sps_stream *make_stream(transport transport, const sps_stream_options *options);
sps_server *make_server(transport transport, const sps_server_options *options);

// Where a server listens: a port of 127.0.0.1, or a path in the test's own directory.
typedef struct place {
    transport transport;
    int32_t port;
    char path[96];
} place;

// Listens on a free place, or the one that is there is none on after `nowhere`.
place listen_somewhere(sps_server *server, transport transport);
sps_error listen_at(sps_server *server, const place *place);
sps_error connect_to(sps_stream *stream, const place *place);

// A place where nobody listens. The port stays bound (but not listening) until the process
// ends, so that nobody else can take it and no connect can meet itself there.
place nowhere(transport transport);

// A path in the test's own directory at which there is nothing yet.
place new_path(void);

sps_status status_of(const sps_stream *stream);
sps_status polled_status(sps_stream *stream);
void expect_reason(const sps_stream *stream, sps_close_reason expected);

// A server with one connection.
typedef struct pair {
    sps_server *server;
    sps_stream *client;
    sps_stream *peer; // the server's side
    place place;
    sps_poller *poller; // that the client is in, or NULL
} pair;

pair connect_pair(transport transport);
pair connect_pair_with(transport transport, const sps_stream_options *options);
void close_pair(pair *pair);
sps_stream *take_from(sps_server *server);

// The same in two steps: a server that listens and a client that is still NONE; and, once the test has told the
// client to connect, both ends CONNECTED.
pair prepare_pair(transport transport, const sps_stream_options *options);
void complete_pair(pair *pair);

// Destroys the server's side.
void drop_peer(pair *pair);

// Waits until exactly so many bytes of the stream can be read at once.
void await_bytes(sps_stream *stream, size_t count);

// Waits for a value, which must be this; or the value must be there already.
void expect_u8(sps_stream *stream, uint8_t expected);
void expect_u8_now(sps_stream *stream, uint8_t expected);
void expect_u32(sps_stream *stream, uint32_t expected);
void expect_u32_now(sps_stream *stream, uint32_t expected);

// A server whose backlog is full. The last client stays CONNECTING; the others' connections wait to be taken.
typedef struct backlog {
    sps_server *server;
    place place;
    sps_stream *clients[64], *peers[64];
    size_t count; // of clients
    sps_stream *last;
} backlog;

backlog fill_backlog(transport transport, uint32_t connect_timeout_ms);
void take_from_backlog(backlog *backlog); // all that wait; there is room for the last client then
void close_backlog(backlog *backlog);

// The bytes of the pattern at an offset, so that a loss, a doubling or a swap shows.
void fill_pattern(uint8_t *bytes, size_t count, uint64_t offset);
bool is_pattern(const uint8_t *bytes, size_t count, uint64_t offset);

// Puts so much of the pattern (64 KiB at most), or all that the OS takes; returns the offset behind it.
uint64_t put_pattern(sps_stream *stream, size_t count, uint64_t offset);
uint64_t put_until_full(sps_stream *stream, uint64_t offset);

// Gets what is there, which must be the pattern from this offset, and moves the offset behind it. Answers what
// the get does.
sps_error get_pattern(sps_stream *stream, uint64_t *offset);

// The bytes of a text of hexadecimal digits, `most` of them at most.
size_t parse_hex(const char *hex, uint8_t *out, size_t most);

// How many descriptors the process has open, and how many threads it has.
int count_descriptors(void);
int count_threads(void);

// How many blocks of memory the program and the library hold that were allocated since; always 0 under a
// sanitizer that counts them itself.
void begin_counting_memory(void);
long count_memory_blocks(void);

// A checked fixture: no descriptor, thread, child process or memory is left by the test.
void begin_counting(void);
void expect_nothing_left(void);

// A checked fixture: the place for sockets.
void set_up(void);
void tear_down(void);

// A test case in a suite, with both fixtures; and with the first alone.
TCase *add_case(Suite *suite, const char *name);
TCase *add_bare_case(Suite *suite, const char *name);

// The suites of a program.
typedef Suite *(*suite_maker)(void);
extern const suite_maker suites[]; // ends with NULL

SPS_END_DECLARATIONS

#endif

// SPDX-License-Identifier: MIT
//
// Shared by the tests: waiting on conditions, two connected streams, counting leftovers.
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

// The memory sanitizer does not see writes of libraries that it did not compile. It checks what a
// test passes to libc. It does not check what the Check library passes, outside of tests.
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

// These wrappers pass the names of suites, cases and tests to main.c, which can leave tests out.
Suite *begin_suite(const char *name);
TCase *begin_case(const char *name);
void add_wanted_test(TCase *test_case, const TTest *test, int signal, int exit_value, int begin,
                     int end);
#define suite_create(name) begin_suite(name)
#define tcase_create(name) begin_case(name)
#define _tcase_add_test(test_case, test, signal, exit_value, begin, end)                           \
    add_wanted_test((test_case), (test), (signal), (exit_value), (begin), (end))

// Checks that the call returns this code.
#define IS(call, code) assert_code((call), (code), #call, __FILE__, __LINE__)
#define OK(call) IS(call, SPS_OK)

void assert_code(sps_error actual, sps_error expected, const char *call, const char *file,
                 int line);

// Repeats until the condition holds. Fails after a generous deadline.
#define WAIT_UNTIL(condition)                                                                      \
    for (uint64_t deadline = now_ms() + patience_ms(); !(condition);) {                            \
        ck_assert_msg(now_ms() < deadline, "never came: %s", #condition);                          \
        pause_briefly();                                                                           \
    }

// Repeats the call while it returns OK. Its last result must be this code.
#define BECOMES(call, code)                                                                        \
    do {                                                                                           \
        sps_error answer = SPS_OK;                                                                 \
        WAIT_UNTIL((answer = (call)) != SPS_OK);                                                   \
        assert_code(answer, (code), #call, __FILE__, __LINE__);                                    \
    } while (0)

// Whether a tool makes everything ten times slower: a sanitizer, or one that sets SPS_SLOW, such as
// valgrind or an emulator.
bool is_slowed(void);

// How long WAIT_UNTIL waits.
uint64_t patience_ms(void);

// Starts a test that valgrind cannot run, with the reason.
#define NOT_IN_VALGRIND(why)                                                                       \
    if (getenv("SPS_VALGRIND") != NULL) {                                                          \
        printf("skipped: %s\n", why);                                                              \
        return;                                                                                    \
    }

// Starts a test for which the emulator of a processor lacks a call, with the reason.
#define NOT_EMULATED(why)                                                                          \
    if (getenv("SPS_EMULATED") != NULL) {                                                          \
        printf("skipped: %s\n", why);                                                              \
        return;                                                                                    \
    }

uint64_t now_ms(void);
void pause_briefly(void);

// The same tests also run on the simulated network, except those that look at the machine itself.
bool is_simulated(void);
#define NEEDS_THE_MACHINE                                                                          \
    if (is_simulated()) {                                                                          \
        return;                                                                                    \
    }

// Every test of the common behaviour of TCP and UDS runs over both. It is a loop test from 0 to
// TRANSPORTS, and its loop index is the transport. A system without Unix sockets has only TCP.
typedef enum transport { TCP, UDS, MOST_TRANSPORTS } transport;
#define TRANSPORTS (has_unix_sockets() ? MOST_TRANSPORTS : UDS)

bool has_unix_sockets(void);
#define NEEDS_UNIX_SOCKETS                                                                         \
    if (!has_unix_sockets()) {                                                                     \
        return;                                                                                    \
    }

sps_stream *make_stream(transport transport, const sps_stream_options *options);
sps_server *make_server(transport transport, const sps_server_options *options);

// An address of a server: a port of 127.0.0.1, or a path in the test's own directory.
typedef struct place {
    transport transport;
    int32_t port;
    char path[96];
} place;

// Listens on a free place; or, in listen_at(), on this place.
place listen_somewhere(sps_server *server, transport transport);
sps_error listen_at(sps_server *server, const place *place);
sps_error connect_to(sps_stream *stream, const place *place);

// Returns a place without a server. The port stays bound, without listening, until the process
// ends. So no other program can use it, and no connect can connect to itself.
place unused_place(transport transport);

// Returns an unused path in the test's own directory.
place new_path(void);

sps_status status_of(const sps_stream *stream);
sps_status polled_status(sps_stream *stream);
void expect_reason(const sps_stream *stream, sps_close_reason expected);

// A server with one connection.
typedef struct pair {
    sps_server *server;
    sps_stream *client;
    sps_stream *peer; // the server's end of the connection
    place place;
    sps_poller *poller; // the client's poller, or NULL
} pair;

pair connect_pair(transport transport);
pair connect_pair_with(transport transport, const sps_stream_options *options);
void close_pair(pair *pair);
sps_stream *take_from(sps_server *server);

// The same in two steps. prepare_pair() makes a listening server and a client in status NONE. The
// test starts the connect. finish_pair() waits until both ends are CONNECTED.
pair prepare_pair(transport transport, const sps_stream_options *options);
void complete_pair(pair *pair);

// Destroys the server's end.
void drop_peer(pair *pair);

// Waits until exactly this many bytes of the stream can be read.
void await_bytes(sps_stream *stream, size_t count);

// Waits for this value; or checks that it is already there.
void expect_u8(sps_stream *stream, uint8_t expected);
void expect_u8_now(sps_stream *stream, uint8_t expected);
void expect_u32(sps_stream *stream, uint32_t expected);
void expect_u32_now(sps_stream *stream, uint32_t expected);

// A server with a full backlog. The last client stays CONNECTING. The server can take the
// connections of the others.
typedef struct backlog {
    sps_server *server;
    place place;
    sps_stream *clients[64], *peers[64];
    size_t count; // of clients
    sps_stream *last;
} backlog;

backlog fill_backlog(transport transport, uint32_t connect_timeout_ms);
void take_from_backlog(backlog *backlog); // takes all, so the last client gets room
void close_backlog(backlog *backlog);

// The pattern's bytes at an offset. A lost, repeated or swapped byte shows.
void fill_pattern(uint8_t *bytes, size_t count, uint64_t offset);
bool is_pattern(const uint8_t *bytes, size_t count, uint64_t offset);

// Puts `count` bytes of the pattern (at most 64 KiB), or all that the OS accepts. Returns the
// offset after them.
uint64_t put_pattern(sps_stream *stream, size_t count, uint64_t offset);
uint64_t put_until_full(sps_stream *stream, uint64_t offset);

// Gets the available bytes, which must be the pattern from this offset, and advances the offset.
// Returns the result of the get.
sps_error get_pattern(sps_stream *stream, uint64_t *offset);

// Parses hexadecimal digits into at most `most` bytes.
size_t parse_hex(const char *hex, uint8_t *out, size_t most);

// The number of open descriptors, threads and child processes of this process, without those that
// the OS keeps for itself.
int count_descriptors(void);
int count_threads(void);
int count_children(void);

// Allows as many descriptors as the OS does. Fails if there are fewer than this.
void allow_descriptors(size_t least);

// The clock of the machine, even if the tests have a simulated one.
double seconds_now(void);
void pause_machine(void); // a moment

// Lets a test that ends its process with status 0 fail. Check would pass it.
void refuse_early_end(void);
void allow_early_end(void);

// Why this system cannot run a test; NULL: it can.
const char *why_left_out(const char *test);

// The credentials of this process, as a peer sees them.
void expect_own_credentials(const sps_peer_credentials *credentials);

// Reads a line of a text without its end into the buffer. False: there is none.
bool read_line(FILE *file, char *buffer, size_t size);

// The number of blocks that the program and the library allocated since then, and still hold. It is
// always 0 with a sanitizer that counts them itself.
void begin_counting_memory(void);
long count_memory_blocks(void);

// Lets an allocation fail: the nth one of code in a file whose name contains this. With NULL, none
// fails from now on. Returns whether the one that was set before has failed. A sanitizer's build
// lets none fail.
bool fail_allocation(const char *library, long nth);

// A checked fixture: the test leaves no descriptor, thread, child process or memory.
void begin_counting(void);
void expect_nothing_left(void);

// A checked fixture: the directory for sockets.
void set_up(void);
void tear_down(void);

// Adds a test case to a suite: with both fixtures, or only with the first.
TCase *add_case(Suite *suite, const char *name);
TCase *add_bare_case(Suite *suite, const char *name);

// The suites of a program.
typedef Suite *(*suite_maker)(void);
extern const suite_maker suites[]; // ends with NULL

SPS_END_DECLARATIONS

#endif

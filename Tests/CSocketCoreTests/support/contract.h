// SPDX-License-Identifier: MIT
//
// Shared by the tests of platform_contract/: the platform under test, sockets over it, and waits.
// The tests include no header of an OS. A port adds one support file with the five functions of the
// first part. contract_machine.c, contract_windows.c and contract_simulated.c are the examples.
#ifndef TEST_CONTRACT_H
#define TEST_CONTRACT_H

#include "platform/calls.h"
#include "platform/failures.h"
#include "support/counting_allocator.h"
#include "support/support.h"

// ---- The part of a port

const sps_platform *platform_under_test(void);

// The contract leaves these to the OS. A test that needs one skips itself, and prints so.
typedef struct platform_facts {
    bool keeps_bytes_at_reset; // bytes that arrived before a reset can still be received
    bool reports_edges_once;   // with SPSI_EDGE, only new bytes make a handle readable again
    bool reports_broken;       // selectors report SPSI_BROKEN
    bool has_folders;          // a path may lie in a folder that is missing
    bool has_threads;          // later() runs beside the test, and not inside of its waits
} platform_facts;

platform_facts facts_of_platform(void);

// A fixture: whatever the platform needs before a test.
void prepare_platform(void);

// Runs an action beside the test, once. It may run before, during or after the test's next wait. A
// test has one at a time, and ends with finish_later().
void later(void (*action)(void *context), void *context);
void finish_later(void);

// Sends one byte as urgent data (RFC 6093). False: the platform has none.
bool send_urgent(spsi_handle handle, uint8_t byte);

// ---- Codes

// Checks the code of a result, and that only a failure has a code of the OS.
#define EXPECT(call, expected) expect_result((call), (expected), #call, __FILE__, __LINE__)
#define DONE(call) EXPECT(call, SPSI_DONE)

// Checks that the call fails, and in a way that failures.h lists.
#define FAILS(call, failures) expect_failure((call), (failures), #call, __FILE__, __LINE__)

void expect_result(spsi_result result, spsi_code expected, const char *call, const char *file,
                   int line);
void expect_failure(spsi_result result, unsigned failures, const char *call, const char *file,
                    int line);

// Leaves the test if the platform lacks something, and prints why.
#define NEEDS(condition, why)                                                                      \
    if (!(condition)) {                                                                            \
        printf("skipped: %s\n", why);                                                              \
        return;                                                                                    \
    }

// ---- Sockets. Tests loop over the families.

enum { FAMILIES = SPSI_FAMILY_UNIX + 1, IP_FAMILIES = SPSI_FAMILY_IPV6 + 1 };

#define NEEDS_FAMILY(family) NEEDS(has_family(family), name_of_family(family))

bool has_family(spsi_family family);
const char *name_of_family(spsi_family family);

// A loopback address with port 0, or a new path.
spsi_address free_place(spsi_family family);
bool is_same_address(const spsi_address *a, const spsi_address *b);

spsi_handle open_socket(spsi_family family);
void close_socket(spsi_handle handle);
void set_option(spsi_handle handle, spsi_option option, uint32_t value);
spsi_address local_address_of(spsi_handle handle);
spsi_family family_of(spsi_handle handle);
spsi_socket_kind kind_of(spsi_handle handle);

// Binds a socket to a free place, and returns it.
spsi_address bind_somewhere(spsi_handle handle, spsi_family family);

// Opens a server at a free place, or at this place.
spsi_handle listen_somewhere_on(spsi_family family, spsi_address *out_place);
spsi_handle listen_on(const spsi_address *place);

// Connects. The result is the last one: never AGAIN.
spsi_result connect_result_of(spsi_handle handle, const spsi_address *place);
spsi_handle connect_to_address(const spsi_address *place);
spsi_handle accept_from(spsi_handle listener, spsi_address *out_peer);

typedef struct connection {
    spsi_handle listener, client, server;
    spsi_address place; // of the listener
} connection;

connection open_connection(spsi_family family);
void close_connection(const connection *open);

// ---- Bytes

void send_text(spsi_handle handle, const char *text);
void receive_text(spsi_handle handle, const char *expected);

// Waits until a receive answers neither AGAIN nor bytes. Its code must be this one.
void receive_code(spsi_handle handle, spsi_code expected);

// Checks that there is nothing to read, and that the read does not wait.
void receive_nothing(spsi_handle handle);

// Waits until available() counts so many bytes.
void await_available(spsi_handle handle, size_t count);

// Sends the pattern until the socket takes no more. Returns the number of bytes.
uint64_t fill_socket(spsi_handle handle);

// Receives so many bytes of the pattern.
void receive_pattern(spsi_handle handle, uint64_t count);

// A wait may end so much before its timeout, because the OS may measure it with another clock than
// that of now_us().
enum { EARLY_US = 1000 };

// Waits for readiness, without a limit that a test could meet.
void await_ready(spsi_handle handle, unsigned interests);

// Closes a socket with SPSI_RESET_AT_CLOSE.
void reset_socket(spsi_handle handle);

// ---- Selectors

// Makes a selector, and counts its memory. The next one is made after this one is destroyed.
spsi_selector *make_selector(void);
void destroy_selector(spsi_selector *selector);
account *account_of_selector(void);

void watch(spsi_selector *selector, spsi_handle handle, unsigned before, unsigned after,
           void *token);

// One wait. Returns the bits that it reports for a token. Sets *out_others to the number of reports
// for other tokens.
unsigned wait_once(spsi_selector *selector, uint64_t timeout_us, const void *token,
                   size_t *out_others);

// Waits until the token is reported with all of these bits in one report.
void await_report(spsi_selector *selector, const void *token, unsigned mask);

// Waits until the selector has no more to report: readiness may be spurious, but not for ever.
void await_silence(spsi_selector *selector);

// ---- Cases

TCase *add_contract_case(Suite *suite, const char *name);

#endif

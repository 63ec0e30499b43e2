// SPDX-License-Identifier: MIT
//
// The library and its process: the use of Winsock, inherited handles, peers that are killed.
#ifdef _WIN32
#include "support/contract.h"

#include <stdio.h>
#include <stdlib.h>

#include "platform/windows/windows.h"

static const sps_platform *os(void) {
    return platform_under_test();
}

// ---- The use of Winsock

static bool is_winsock_in_use(void) {
    const SOCKET probe = socket(AF_INET, SOCK_STREAM, 0);
    if (probe == INVALID_SOCKET) {
        ck_assert_int_eq(WSAGetLastError(), WSANOTINITIALISED);
        return false;
    }
    closesocket(probe);
    return true;
}

// The other parts of this program give up their shares.
static void leave_winsock_to_the_library(void) {
    OK(sps_shutdown(20000));
    while (WSACleanup() == 0) {
    }
}

START_TEST(winsock_is_in_use_while_a_socket_is_open) {
    spsi_address peer;
    leave_winsock_to_the_library();
    connection open = open_connection(SPSI_FAMILY_IPV4);
    close_socket(open.client);
    close_socket(open.listener);
    OK(sps_shutdown(20000));
    ck_assert(is_winsock_in_use());
    DONE(spsi_os_peer_address(os(), open.server, &peer));
    close_socket(open.server);
    OK(sps_shutdown(20000));
    ck_assert(!is_winsock_in_use());
    OK(sps_shutdown(20000));
    close_socket(open_socket(SPSI_FAMILY_IPV4)); // it begins again
    ck_assert(is_winsock_in_use());
}
END_TEST

// The program's own use has a share of its own.
START_TEST(the_use_of_the_program_goes_on) {
    WSADATA data;
    leave_winsock_to_the_library();
    ck_assert_int_eq(WSAStartup(MAKEWORD(2, 2), &data), 0);
    close_socket(open_socket(SPSI_FAMILY_IPV4));
    OK(sps_shutdown(20000));
    ck_assert(is_winsock_in_use());
    WSACleanup();
    ck_assert(!is_winsock_in_use());
}
END_TEST

// The library did not open it, and closes it.
START_TEST(an_adopted_socket_counts_as_open) {
    WSADATA data;
    leave_winsock_to_the_library();
    ck_assert_int_eq(WSAStartup(MAKEWORD(2, 2), &data), 0);
    const spsi_handle handle = (spsi_handle)socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(kind_of(handle), SPSI_UNCONNECTED);
    DONE(spsi_os_adopt(os(), handle));
    WSACleanup();
    OK(sps_shutdown(20000));
    bind_somewhere(handle, SPSI_FAMILY_IPV4);
    close_socket(handle);
    OK(sps_shutdown(20000));
    ck_assert(!is_winsock_in_use());
}
END_TEST

static DWORD WINAPI open_often(void *unused) {
    (void)unused;
    for (int i = 0; i < 300; i++) {
        const spsi_handle handle = open_socket(SPSI_FAMILY_IPV4);
        bind_somewhere(handle, SPSI_FAMILY_IPV4);
        close_socket(handle);
    }
    return 0;
}

// A socket is never opened between an end of the use and the next begin.
START_TEST(the_use_ends_and_begins_beside_other_threads) {
    HANDLE thread = CreateThread(NULL, 0, open_often, NULL, 0, NULL);
    ck_assert_ptr_nonnull(thread);
    while (WaitForSingleObject(thread, 0) == WAIT_TIMEOUT) {
        OK(sps_shutdown(20000));
    }
    CloseHandle(thread);
}
END_TEST

// ---- Handles

START_TEST(children_inherit_no_socket) {
    connection open = open_connection(SPSI_FAMILY_IPV4);
    const spsi_handle handles[] = {open.listener, open.client, open.server};
    for (int i = 0; i < 3; i++) {
        DWORD flags;
        ck_assert(GetHandleInformation((HANDLE)handles[i], &flags));
        ck_assert_uint_eq(flags & HANDLE_FLAG_INHERIT, 0);
    }
    close_connection(&open);
}
END_TEST

// ---- A peer in another process

static const char port_name[] = "SPS_TEST_PORT";

// Runs in the child: connects, says so, and waits to be killed.
START_TEST(the_child_connects) {
    const char *port = getenv(port_name);
    if (port == NULL) {
        return;
    }
    spsi_address place = free_place(SPSI_FAMILY_IPV4);
    place.port = (uint16_t)atoi(port);
    const spsi_handle client = connect_to_address(&place);
    send_text(client, "x");
    Sleep(INFINITE);
}
END_TEST

static HANDLE start_child(uint16_t port) {
    char name[MAX_PATH], line[MAX_PATH + 64], text[16];
    ck_assert_uint_gt(GetModuleFileNameA(NULL, name, sizeof name), 0);
    snprintf(line, sizeof line, "\"%s\" --match the_child_connects", name);
    snprintf(text, sizeof text, "%u", (unsigned)port);
    SetEnvironmentVariableA(port_name, text);
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    ck_assert(CreateProcessA(name, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &child));
    SetEnvironmentVariableA(port_name, NULL);
    CloseHandle(child.hThread);
    return child.hProcess;
}

// Bytes that the peer has not read make its end a reset. Under wine it may be the end alone, as on
// the system below.
START_TEST(a_peer_that_is_killed_is_noticed) {
    spsi_address place, peer;
    const spsi_handle listener = listen_somewhere_on(SPSI_FAMILY_IPV4, &place);
    const HANDLE child = start_child(place.port);
    const spsi_handle server = accept_from(listener, &peer);
    await_ready(server, SPSI_READABLE);
    receive_text(server, "x");
    send_text(server, "unread");
    spsi_selector *selector = make_selector();
    int token;
    watch(selector, server, 0, SPSI_READABLE | SPSI_EDGE, &token);
    ck_assert(TerminateProcess(child, 1));
    await_report(selector, &token, SPSI_READABLE | SPSI_MORE);
    receive_code(server, SPSI_RESET);
    watch(selector, server, SPSI_READABLE | SPSI_EDGE, 0, NULL);
    destroy_selector(selector);
    WaitForSingleObject(child, INFINITE);
    CloseHandle(child);
    close_socket(server);
    close_socket(listener);
}
END_TEST

Suite *windows_process_suite(void) {
    Suite *suite = suite_create("windows_process");
    TCase *winsock = add_contract_case(suite, "winsock");
    tcase_add_test(winsock, winsock_is_in_use_while_a_socket_is_open);
    tcase_add_test(winsock, the_use_of_the_program_goes_on);
    tcase_add_test(winsock, an_adopted_socket_counts_as_open);
    tcase_add_test(winsock, the_use_ends_and_begins_beside_other_threads);
    TCase *processes = add_contract_case(suite, "processes");
    tcase_add_test(processes, the_child_connects);
    tcase_add_test(processes, children_inherit_no_socket);
    tcase_add_test(processes, a_peer_that_is_killed_is_noticed);
    return suite;
}
#else
typedef int windows_process_test_is_elsewhere; // ISO C wants a declaration in each file
#endif

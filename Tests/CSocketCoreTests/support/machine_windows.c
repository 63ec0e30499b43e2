// SPDX-License-Identifier: MIT
//
// Tests on Windows: its clock, its sockets, its files.
#include <stdio.h>
#include <string.h>

#include "support/sockets.h"
#include "support/support.h"

#include <windows.h>

static char directory[64];
static SOCKET reserved_ports[8];
static size_t reserved_count;

bool is_simulated(void) {
    return false;
}

uint64_t now_ms(void) {
    return (uint64_t)(seconds_now() * 1000);
}

void pause_briefly(void) {
    pause_machine();
}

// Windows has them since Windows 10 1803. Wine 8 does not.
static bool can_open_unix_socket(void) {
    WSADATA data;
    WSAStartup(MAKEWORD(2, 2), &data);
    const SOCKET one = socket(AF_UNIX, SOCK_STREAM, 0);
    closesocket(one);
    WSACleanup();
    return one != INVALID_SOCKET;
}

bool has_unix_sockets(void) {
    static bool is_known, has_them;
    if (!is_known) {
        is_known = true;
        has_them = can_open_unix_socket();
        if (!has_them) {
            puts("skipped: all over Unix sockets: this system does not have them");
        }
    }
    return has_them;
}

// ---- Places

place new_path(void) {
    static int count;
    place place = {.transport = UDS};
    snprintf(place.path, sizeof place.path, "%s\\%d.sock", directory, count++);
    return place;
}

place unused_place(transport transport) {
    if (transport == UDS) {
        return new_path();
    }
    ck_assert(reserved_count < sizeof reserved_ports / sizeof reserved_ports[0]);
    const SOCKET bound = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int size = sizeof address;
    ck_assert_int_eq(bind(bound, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(getsockname(bound, (struct sockaddr *)&address, &size), 0);
    reserved_ports[reserved_count++] = bound;
    return (struct place){.transport = TCP, .port = ntohs(address.sin_port)};
}

// ---- The fixture

// The name has the number of the process. Another one with it may have left a directory behind.
static void make_directory(void) {
    char parent[MAX_PATH + 1];
    ck_assert_uint_gt(GetTempPathA(sizeof parent, parent), 0);
    for (unsigned n = 0;; n++) {
        const int length = snprintf(directory, sizeof directory, "%ssps-%lu-%u", parent,
                                    (unsigned long)GetCurrentProcessId(), n);
        ck_assert_int_lt(length, (int)sizeof directory);
        if (CreateDirectoryA(directory, NULL)) {
            return;
        }
        ck_assert_uint_eq(GetLastError(), ERROR_ALREADY_EXISTS);
    }
}

void set_up(void) {
    WSADATA data;
    ck_assert_int_eq(WSAStartup(MAKEWORD(2, 2), &data), 0);
    make_directory();
}

// Removes the directory, and files that a failed test may have left.
static void remove_directory(void) {
    char pattern[sizeof directory + 2];
    WIN32_FIND_DATAA found;
    snprintf(pattern, sizeof pattern, "%s\\*", directory);
    HANDLE listing = FindFirstFileA(pattern, &found);
    while (listing != INVALID_HANDLE_VALUE) {
        char path[sizeof directory + sizeof found.cFileName + 1];
        snprintf(path, sizeof path, "%s\\%s", directory, found.cFileName);
        DeleteFileA(path);
        if (!FindNextFileA(listing, &found)) {
            FindClose(listing);
            listing = INVALID_HANDLE_VALUE;
        }
    }
    RemoveDirectoryA(directory);
}

void tear_down(void) {
    while (reserved_count > 0) {
        closesocket(reserved_ports[--reserved_count]);
    }
    remove_directory();
    WSACleanup();
}

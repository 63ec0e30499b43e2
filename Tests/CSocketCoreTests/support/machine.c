// SPDX-License-Identifier: MIT
//
// Tests on the real machine: its clock, its sockets, its files.
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "support/support.h"

static char directory[64];
static int reserved_ports[8];
static size_t reserved_count;

bool is_simulated(void) {
    return false;
}

bool has_unix_sockets(void) {
    return true;
}

uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void pause_briefly(void) {
    const struct timespec pause = {0, 500000};
    nanosleep(&pause, NULL);
}

// ---- Places

place new_path(void) {
    static int count;
    place place = {.transport = UDS};
    snprintf(place.path, sizeof place.path, "%s/%d.sock", directory, count++);
    return place;
}

place unused_place(transport transport) {
    if (transport == UDS) {
        return new_path();
    }
    ck_assert(reserved_count < sizeof reserved_ports / sizeof reserved_ports[0]);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    reserved_ports[reserved_count++] = fd;
    return (struct place){.transport = TCP, .port = ntohs(address.sin_port)};
}

// ---- The fixture

void set_up(void) {
    const char *parent = getenv("SPS_TEST_DIRECTORY"); // the mutation suite removes leftovers
    snprintf(directory, sizeof directory, "%s/sps-test-XXXXXX", parent != NULL ? parent : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

// Removes the directory, and files that a failed test may have left.
static void remove_directory(void) {
    DIR *listing = opendir(directory);
    for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;) {
        char path[sizeof directory + sizeof entry->d_name + 1];
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        unlink(path);
    }
    closedir(listing);
    rmdir(directory);
}

void tear_down(void) {
    while (reserved_count > 0) {
        close(reserved_ports[--reserved_count]);
    }
    remove_directory();
}

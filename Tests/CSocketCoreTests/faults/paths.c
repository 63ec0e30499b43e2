// SPDX-License-Identifier: MIT
//
// The files of Unix sockets.
#include "faults/scenarios.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "faults/connection.h"

// A server replaces the file of a dead server, and removes its own when it stops. A server that
// could not listen leaves the old file, or none.
static void stale_path(transport transport) {
    const place place = unused_place(transport);
    struct sockaddr_un dead = {.sun_family = AF_UNIX};
    snprintf(dead.sun_path, sizeof dead.sun_path, "%s", place.path);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT(bind(fd, (struct sockaddr *)&dead, sizeof dead) == 0);
    EXPECT(listen(fd, 1) == 0);
    close(fd);
    connection connection;
    if (make_connection(&connection, transport) && listen_at(connection.server, &place) == SPS_OK) {
        struct stat info;
        EXPECT(stat(place.path, &info) == 0);
        EXPECT((info.st_mode & 0777) == 0600);
        EXPECT(sps_server_stop(connection.server) == SPS_OK);
        EXPECT(access(place.path, F_OK) == -1);
    }
    end_connection(&connection);
    unlink(place.path);
}

static void relative_path(transport transport) {
    const place folder = unused_place(transport);
    char before[256];
    EXPECT(getcwd(before, sizeof before) != NULL);
    EXPECT(mkdir(folder.path, 0700) == 0 && chdir(folder.path) == 0);
    connection connection;
    if (make_connection(&connection, transport) &&
        sps_uds_server_listen(connection.server, "s") == SPS_OK) {
        EXPECT(access("s", F_OK) == 0);
        // The OS returned the directory, unless a fault prevented it.
        EXPECT(the_plan.struck > 0 || chdir(before) == 0);
    }
    end_connection(&connection);
    EXPECT(chdir(before) == 0 && rmdir(folder.path) == 0);
}

const scenario path_scenarios[] = {
    {"stale path", stale_path, UDS}, {"relative path", relative_path, UDS}, {NULL, NULL, UDS}};

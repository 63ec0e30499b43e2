// SPDX-License-Identifier: MIT
//
// copies_lab SHARED FIRST SECOND PATH: a program that depends on the library loads three plug-ins.
// SHARED depends on the same library. FIRST and SECOND have copies of their own. All look up names
// and listen on the same PATH, until FIRST is unloaded, and then SECOND.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <streampeersocket/streampeersocket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugins.h"
#include "threads.h"

static const char name[] = "localhost"; // of the hosts file

static void resolve(void) {
    sps_ip *ip;
    char text[SPS_HOST_TEXT_BYTES];
    EXPECT(sps_ip_create(NULL, &ip) == SPS_OK, "create");
    EXPECT(sps_ip_resolve_hostname(ip, name, SPS_IP_TYPE_ANY, text, sizeof text, NULL) == SPS_OK,
           "%s is not found", name);
    sps_ip_destroy(ip);
}

// In the child, each copy has its locks and starts threads of its own.
static void resolve_in_child(const plugin *loaded) {
    const pid_t child = fork();
    if (child == 0) {
        resolve();
        _exit(loaded->resolve(name) == SPS_OK ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    int status;
    EXPECT(waitpid(child, &status, 0) == child && status == 0, "the child: %d", status);
}

static sps_server *listen_at(const char *path) {
    sps_server *server;
    EXPECT(sps_uds_server_create(NULL, &server) == SPS_OK, "create");
    EXPECT(sps_uds_server_listen(server, path) == SPS_OK, "listen");
    return server;
}

static void end(const plugin *loaded, const char *path) {
    EXPECT(loaded->end(0) == SPS_OK, "end");
    unload(loaded, path);
}

int main(int argc, char **argv) {
    EXPECT(argc == 5, "usage: copies_lab SHARED FIRST SECOND PATH");
    const size_t threads = count_threads_at_rest();
    plugin loaded[3];
    for (size_t i = 0; i < 3; i++) { // the names of a copy must not meet another's
        loaded[i] = load(argv[1 + i], RTLD_GLOBAL);
    }
    EXPECT(loaded[0].version() == sps_version_string(), "two shared libraries");
    EXPECT(loaded[1].version() != sps_version_string(), "FIRST has no copy");
    EXPECT(loaded[1].version() != loaded[2].version(), "one copy for both");

    sps_server *server = listen_at(argv[4]);
    resolve();
    for (size_t i = 0; i < 3; i++) {
        EXPECT(loaded[i].resolve(name) == SPS_OK, "plug-in %zu", i);
        EXPECT(loaded[i].listen(argv[4]) == SPS_ERR_ALREADY_IN_USE, "plug-in %zu listens", i);
    }
    end(&loaded[1], argv[2]);
    resolve_in_child(&loaded[2]);
    sps_server_destroy(server);
    EXPECT(loaded[2].listen(argv[4]) == SPS_OK, "the path is free");
    end(&loaded[2], argv[3]);
    resolve();
    EXPECT(loaded[0].end(0) == SPS_OK, "the last end");
    EXPECT(wait_for_threads(threads, 0), "a thread is left");
    puts("done");
    return EXIT_SUCCESS;
}

// SPDX-License-Identifier: MIT
//
// plugin_lab PLUGIN ROUNDS HOST: loads a plug-in, makes it look up names, and unloads it, ROUNDS
// times. The first round looks up HOST, and polls the connect until a line comes on stdin. It
// prints the result of an end within 50 ms. Only then does HOST get its answer. The other rounds
// look up names with an immediate answer.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugins.h"
#include "threads.h"

// The fork handlers are gone together with the code.
static void fork_once(void) {
    const pid_t child = fork();
    if (child == 0) {
        _exit(EXIT_SUCCESS);
    }
    int status;
    EXPECT(waitpid(child, &status, 0) == child && status == 0, "the child: %d", status);
}

static void end(const plugin *loaded, const char *path) {
    EXPECT(loaded->end(0) == 0, "end");
    unload(loaded, path);
    fork_once();
}

static void run_held_round(const char *path, const char *host) {
    const plugin loaded = load(path, RTLD_LOCAL);
    EXPECT(loaded.connect(host) == 0, "connect");
    EXPECT(getchar() == '\n', "nothing to go on with");
    printf("%d\n", loaded.end(50));
    fflush(stdout);
    end(&loaded, path);
}

static void run_round(const char *path, const char *host) {
    const plugin loaded = load(path, RTLD_LOCAL);
    EXPECT(loaded.resolve(host) == 0, "%s is not found", host);
    end(&loaded, path);
}

int main(int argc, char **argv) {
    EXPECT(argc == 4, "usage: plugin_lab PLUGIN ROUNDS HOST");
    const size_t threads = count_threads_at_rest();
    run_held_round(argv[1], argv[3]);
    for (uint32_t i = 1; i < number(argv[2]); i++) {
        char host[64];
        snprintf(host, sizeof host, "n%u.test", i);
        run_round(argv[1], host);
    }
    EXPECT(wait_for_threads(threads, 0), "a thread is left"); // none, even without a wait
    puts("done");
    return EXIT_SUCCESS;
}

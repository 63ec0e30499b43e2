// SPDX-License-Identifier: MIT
//
// Runs the library while the OS gives less than usual. Prints a line of JSON for each run.
//
//     environment_lab tour FOLDER NAME [CONDITION...]
//         one run
//     environment_lab refusals FOLDER NAME
//         a run for each syscall and each of two errors
//     environment_lab descriptors FOLDER NAME
//         runs with no free descriptor, with one, with two, and so on
//     environment_lab memory FOLDER NAME
//         the same with memory, of the process and of the allocator
//     environment_lab connect HOST PORT [CONDITION...]
//         the reason why a connect fails
//
// Conditions: refuse=SYSCALL,ERRNO refuse=rest descriptors=FREE memory=KIB budget=BYTES no-proc
// root=FOLDER user=UID. NAME resolves to an address of this machine.
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lab.h"
#include "refuse.h"
#include "tour.h"

enum { MOST_SECONDS = 20, MOST_CONDITIONS = 8 };

// Shared by a run and its parent.
typedef struct outcome {
    report report;
    volatile long unlisted; // the number of a syscall that refuse.c does not list, or -1
    size_t in_use;          // bytes that the allocator holds at the end
    size_t descriptors;     // before the tour
} outcome;

static outcome *shared;

// ---- Memory that is counted and limited

static size_t budget = SIZE_MAX;

static void *reallocate(void *unused, void *block, size_t old_bytes, size_t new_bytes) {
    (void)unused;
    if (new_bytes > old_bytes && shared->in_use + new_bytes - old_bytes > budget) {
        return NULL;
    }
    void *moved = NULL;
    if (new_bytes == 0) {
        free(block);
    } else if ((moved = realloc(block, new_bytes)) == NULL) {
        return NULL;
    }
    shared->in_use += new_bytes - old_bytes;
    return moved;
}

// ---- Conditions

static void limit(int resource, rlim_t most) {
    EXPECT(setrlimit(resource, &(struct rlimit){most, most}) == 0, "setrlimit: %s",
           strerror(errno));
}

static size_t count_descriptors(pid_t pid) {
    char folder[64];
    snprintf(folder, sizeof folder, "/proc/%d/fd", (int)pid);
    DIR *listing = opendir(folder);
    EXPECT(listing != NULL, "%s", folder);
    size_t count = 0;
    while (readdir(listing) != NULL) {
        count++;
    }
    closedir(listing);
    return count - 2; // "." and ".."
}

static size_t address_space(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;
    EXPECT(file != NULL && fscanf(file, "%lu", &pages) == 1, "statm");
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void hide_proc(void) {
    EXPECT(unshare(CLONE_NEWNS) == 0, "unshare: %s", strerror(errno));
    EXPECT(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "mount");
    EXPECT(mount("none", "/proc", "tmpfs", MS_RDONLY, NULL) == 0, "mount");
}

static void refuse_named(const char *text) {
    char name[32] = "";
    unsigned error = 0;
    EXPECT(sscanf(text, "%31[^,],%u", name, &error) == 2, "refuse=%s", text);
    const refusal *refused = refusal_named(name);
    EXPECT(refused != NULL, "no syscall '%s' is listed", name);
    refuse(refused, (int)error);
}

// The value of NAME=VALUE, or NULL.
static const char *value_of(const char *condition, const char *name) {
    const size_t length = strlen(name);
    return strncmp(condition, name, length) == 0 && condition[length] == '='
               ? condition + length + 1
               : NULL;
}

static void meet(const char *condition) {
    const char *value;
    if ((value = value_of(condition, "refuse")) != NULL) {
        if (strcmp(value, "rest") == 0) {
            refuse_the_rest(&shared->unlisted);
        } else {
            refuse_named(value);
        }
    } else if ((value = value_of(condition, "descriptors")) != NULL) {
        limit(RLIMIT_NOFILE, count_descriptors(getpid()) - 1 + number(value));
    } else if ((value = value_of(condition, "memory")) != NULL) {
        limit(RLIMIT_AS, address_space() + (size_t)number(value) * 1024);
    } else if ((value = value_of(condition, "budget")) != NULL) {
        budget = number(value);
    } else if ((value = value_of(condition, "root")) != NULL) {
        EXPECT(chroot(value) == 0 && chdir("/") == 0, "chroot: %s", strerror(errno));
    } else if ((value = value_of(condition, "user")) != NULL) {
        EXPECT(setgid(number(value)) == 0 && setuid(number(value)) == 0, "setuid");
    } else if (strcmp(condition, "no-proc") == 0) {
        hide_proc();
    } else {
        EXPECT(false, "unknown: '%s'", condition);
    }
}

// ---- One run, in a process of its own

typedef struct run {
    const char *folder, *name; // for connect: host and port
    const char *conditions[MOST_CONDITIONS];
    size_t count;
} run;

// Sends no signal. If getpid(2) is refused, kill(getpid(), ...) is kill(-1, ...), which signals
// every process.
static void do_run(const run *run) {
    shared->descriptors = count_descriptors(getpid()) - 1; // of the listing itself
    for (size_t i = 0; i < run->count; i++) {
        meet(run->conditions[i]);
    }
    const sps_allocator allocator = {sizeof(sps_allocator), reallocate, NULL};
    const tour tour = {&shared->report, run->folder, run->name, &allocator};
    run_tour(&tour);
    for (;;) { // the parent checks what is left, and kills this process
        pause_us(MOST_SECONDS * 1000);
    }
}

// Prints a text as JSON. It leaves out quotes, since texts are only source code and names.
static void print_text(const char *name, const char *text) {
    printf("\"%s\": \"", name);
    for (; *text != '\0'; text++) {
        if (*text != '"' && *text != '\\' && *text != '\n') {
            putchar(*text);
        }
    }
    printf("\", ");
}

static void print_run(const run *run, const char *end, long left, double cpu_seconds) {
    printf("{\"conditions\": \"");
    for (size_t i = 0; i < run->count; i++) {
        printf("%s%s", i > 0 ? " " : "", run->conditions[i]);
    }
    printf("\", ");
    print_text("end", end);
    print_text("refusal", shared->report.refusal);
    print_text("mistake", shared->report.mistake);
    printf("\"calls\": %d, \"refused\": %d, \"unlisted\": %ld, \"descriptors_left\": %ld, "
           "\"bytes_left\": %zu, \"cpu_seconds\": %.2f}\n",
           shared->report.calls, shared->report.refused, shared->unlisted, left, shared->in_use,
           cpu_seconds);
    fflush(stdout);
}

static double cpu_seconds_of(const struct rusage *usage) {
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

// Waits until the run is done, has ended early, or has timed out. Returns NULL if it was done, or
// else a description.
static const char *wait_for(pid_t pid) {
    static char end[64];
    const uint64_t deadline_us = now_us() + MOST_SECONDS * UINT64_C(1000000);
    while (!shared->report.is_done) {
        int status;
        const pid_t ended = waitpid(pid, &status, WNOHANG);
        EXPECT(ended == 0 || ended == pid, "waitpid");
        if (ended == pid) {
            snprintf(end, sizeof end, "ended by itself: %#x", (unsigned)status);
            return end;
        }
        if (now_us() > deadline_us) {
            return "hangs";
        }
        pause_us(500);
    }
    return NULL;
}

static void watch_run(const run *run) {
    memset(shared, 0, sizeof *shared);
    shared->unlisted = -1;
    const pid_t pid = fork();
    EXPECT(pid >= 0, "fork");
    if (pid == 0) {
        do_run(run);
    }
    const char *end = wait_for(pid);
    const long left = end == NULL ? (long)count_descriptors(pid) - (long)shared->descriptors : 0;
    struct rusage usage;
    memset(&usage, 0, sizeof usage);
    if (end == NULL || strcmp(end, "hangs") == 0) {
        kill(pid, SIGKILL);
        EXPECT(wait4(pid, NULL, 0, &usage) == pid, "wait4");
    }
    print_run(run, end != NULL ? end : "done", left, cpu_seconds_of(&usage));
}

// ---- Many runs

static void run_with(const run *base, const char *format, const char *name, unsigned value) {
    char condition[64];
    snprintf(condition, sizeof condition, format, name, value);
    run run = *base;
    run.conditions[run.count++] = condition;
    watch_run(&run);
}

static void run_refusals(const run *base) {
    for (size_t i = 0; i < refusal_count(); i++) {
        const refusal *refused = refusal_at(i);
        if (refused->error != 0) {
            run_with(base, "refuse=%s,%u", refused->name, (unsigned)refused->error);
        } else {
            run_with(base, "refuse=%s,%u", refused->name, EPERM);
            run_with(base, "refuse=%s,%u", refused->name, ENOSYS);
        }
    }
}

static void run_descriptors(const run *base) {
    for (unsigned free_ones = 0; free_ones <= 12; free_ones++) {
        run_with(base, "%s=%u", "descriptors", free_ones);
    }
}

static void run_memory(const run *base) {
    for (unsigned kib = 0; kib <= 512; kib += 64) {
        run_with(base, "%s=%u", "memory", kib);
    }
    for (unsigned mib = 1; mib <= 128; mib *= 2) { // for a thread's stack and heap
        run_with(base, "%s=%u", "memory", mib * 1024);
    }
    for (unsigned bytes = 0; bytes <= 24000; bytes += 1000) {
        run_with(base, "%s=%u", "budget", bytes);
    }
}

// ---- A connect

static void run_connect(const run *run) {
    for (size_t i = 0; i < run->count; i++) {
        meet(run->conditions[i]);
    }
    const sps_stream_options options = {.struct_size = sizeof options, .connect_timeout_ms = 5000};
    sps_stream *stream;
    EXPECT_OK(sps_tcp_create(&options, &stream));
    sps_error error = sps_tcp_connect(stream, run->folder, (int32_t)number(run->name));
    while (error == SPS_OK && status_of(stream) == SPS_STATUS_CONNECTING) {
        error = sps_socket_poll(stream);
        pause_us(1000);
    }
    printf("{\"error\": \"%s\", \"reason\": \"%s\", \"os_error\": %d}\n", sps_error_name(error),
           sps_close_reason_name(reason_of(stream)), os_error_of(stream));
    sps_stream_destroy(stream);
}

int main(int argc, char **argv) {
    EXPECT(argc >= 4, "usage: see the source");
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EXPECT(shared != MAP_FAILED, "mmap");
    run base = {.folder = argv[2], .name = argv[3]};
    for (int i = 4; i < argc; i++) {
        EXPECT(base.count < MOST_CONDITIONS - 1, "too many conditions");
        base.conditions[base.count++] = argv[i];
    }
    if (strcmp(argv[1], "tour") == 0) {
        watch_run(&base);
    } else if (strcmp(argv[1], "refusals") == 0) {
        run_refusals(&base);
    } else if (strcmp(argv[1], "descriptors") == 0) {
        run_descriptors(&base);
    } else if (strcmp(argv[1], "memory") == 0) {
        run_memory(&base);
    } else if (strcmp(argv[1], "connect") == 0) {
        run_connect(&base);
    } else {
        EXPECT(false, "unknown: '%s'", argv[1]);
    }
    return EXIT_SUCCESS;
}

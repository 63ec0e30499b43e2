// SPDX-License-Identifier: MIT
#include "refuse.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lab.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

#define CALL(name)                                                                                 \
    { #name, SYS_##name, false, 0, 0 }

// Old architectures have calls that new ones lack.
static const refusal refusals[] = {
    CALL(socket),
    CALL(bind),
    CALL(listen),
    CALL(accept4),
    CALL(connect),
    CALL(getsockname),
    CALL(getpeername),
    CALL(setsockopt),
    CALL(getsockopt),
    CALL(sendto),
    CALL(sendmsg),
    CALL(recvfrom),
    CALL(recvmsg),
    CALL(shutdown),
    CALL(ioctl),
    CALL(fcntl),
    CALL(ppoll),
    CALL(epoll_create1),
    CALL(epoll_ctl),
    CALL(epoll_pwait),
    CALL(eventfd2),
    CALL(read),
    CALL(write),
    CALL(close),
    CALL(openat),
    CALL(fstat),
    CALL(newfstatat),
    CALL(lseek),
    CALL(flock),
    CALL(fchmod),
    CALL(fchown),
    CALL(fchmodat),
    CALL(fchmodat2),
    CALL(unlinkat),
    CALL(getcwd),
    CALL(mmap),
    CALL(munmap),
    CALL(mprotect),
    CALL(madvise),
    CALL(brk),
    CALL(clone),
    CALL(clone3),
    CALL(rt_sigprocmask),
    CALL(rt_sigaction),
    CALL(get_robust_list),
    CALL(set_robust_list),
    CALL(getrandom),
    CALL(prctl),
    CALL(sched_getaffinity),
    CALL(getpid),
    CALL(geteuid),
    CALL(uname),
    CALL(sendmmsg),
    CALL(prlimit64),
    CALL(sysinfo),
#ifdef SYS_poll
    CALL(poll),
    CALL(epoll_wait),
    CALL(open),
    CALL(stat),
    CALL(lstat),
    CALL(unlink),
    CALL(chmod),
    CALL(access),
    CALL(time),
#endif
    // A machine without an address family.
    {"socket-ipv6", SYS_socket, true, AF_INET6, EAFNOSUPPORT},
    {"socket-ipv4", SYS_socket, true, AF_INET, EAFNOSUPPORT},
    {"socket-unix", SYS_socket, true, AF_UNIX, EAFNOSUPPORT},
    {"socket-netlink", SYS_socket, true, AF_NETLINK, EAFNOSUPPORT},
};

// The allowed calls: those of the tour itself, and futex(2) and rseq(2). Without the last two glibc
// ends the process.
static const long needed[] = {
    SYS_futex,           SYS_rseq,      SYS_exit,          SYS_exit_group,      SYS_rt_sigreturn,
    SYS_clock_nanosleep, SYS_nanosleep, SYS_clock_gettime, SYS_restart_syscall, SYS_faccessat,
    SYS_chdir,
};

size_t refusal_count(void) {
    return sizeof refusals / sizeof refusals[0];
}

const refusal *refusal_at(size_t index) {
    return &refusals[index];
}

const refusal *refusal_named(const char *name) {
    for (size_t i = 0; i < refusal_count(); i++) {
        if (strcmp(refusals[i].name, name) == 0) {
            return &refusals[i];
        }
    }
    return NULL;
}

static void install(struct sock_filter *filter, size_t count) {
    const struct sock_fprog program = {(unsigned short)count, filter};
    EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
    EXPECT(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, "seccomp: %s",
           strerror(errno));
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))

enum { LOW_WORD = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0 };

void refuse(const refusal *refused, int error) {
    struct sock_filter filter[] = {
        LOAD(nr),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)refused->number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]) + LOW_WORD),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused->argument, 0, refused->has_argument ? 1 : 0),
        RETURN(SECCOMP_RET_ERRNO | (unsigned)error),
        RETURN(SECCOMP_RET_ALLOW),
    };
    install(filter, sizeof filter / sizeof filter[0]);
}

static volatile long *trapped;

static void record_trap(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    *trapped = info->si_syscall;
    _exit(EXIT_FAILURE);
}

void refuse_the_rest(volatile long *out_number) {
    enum { MOST = 2 * 256 };
    struct sock_filter filter[MOST] = {LOAD(nr)};
    size_t count = 1;
    for (size_t i = 0; i < refusal_count() + sizeof needed / sizeof needed[0]; i++) {
        const long number = i < refusal_count() ? refusals[i].number : needed[i - refusal_count()];
        EXPECT(count + 3 < MOST, "room");
        filter[count++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1);
        filter[count++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    }
    filter[count++] = (struct sock_filter)RETURN(SECCOMP_RET_TRAP);
    trapped = out_number;
    struct sigaction action = {.sa_sigaction = record_trap, .sa_flags = SA_SIGINFO};
    EXPECT(sigaction(SIGSYS, &action, NULL) == 0, "sigaction");
    install(filter, count);
}

// SPDX-License-Identifier: MIT
#include "support/fake_libc.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <limits.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

// The calls that fail. The worker threads of look-ups read this, too.
static struct {
    const char *call;
    int skipped, times, error;
} plan;
static pthread_mutex_t plan_mutex = PTHREAD_MUTEX_INITIALIZER;

static void tell(const char *call, int skipped, int times, int error) {
    pthread_mutex_lock(&plan_mutex);
    plan.call = call;
    plan.skipped = skipped;
    plan.times = times;
    plan.error = error;
    pthread_mutex_unlock(&plan_mutex);
}

void fail_next(const char *call, int error, int times) {
    tell(call, 0, times, error);
}

void fail_later(const char *call, int skipped, int error) {
    tell(call, skipped, 1, error);
}

bool all_have_failed(void) {
    pthread_mutex_lock(&plan_mutex);
    bool all = plan.times == 0;
    pthread_mutex_unlock(&plan_mutex);
    return all;
}

static bool fails(const char *call) {
    pthread_mutex_lock(&plan_mutex);
    bool is_planned = plan.times > 0 && strcmp(plan.call, call) == 0;
    bool is_now = is_planned && plan.skipped-- <= 0;
    if (is_now) {
        plan.skipped = 0;
        plan.times--;
        errno = plan.error;
    }
    pthread_mutex_unlock(&plan_mutex);
    return is_now;
}

// The definitions have names of their own, because headers declare some OS calls with special
// types. The linker knows them by the OS's names.
#define FAKE_AS(name, as, type, parameters, arguments)                                             \
    type fake_##name parameters __asm__(#name);                                                    \
    type fake_##name parameters {                                                                  \
        type(*real) parameters;                                                                    \
        *(void **)&real = dlsym(RTLD_NEXT, #name);                                                 \
        return fails(as) ? (type)-1 : real arguments;                                              \
    }
#define FAKE(name, type, parameters, arguments) FAKE_AS(name, #name, type, parameters, arguments)

FAKE(accept, int, (int fd, struct sockaddr *address, socklen_t *size), (fd, address, size))
FAKE_AS(accept4, "accept", int, (int fd, struct sockaddr *address, socklen_t *size, int flags),
        (fd, address, size, flags))
FAKE(bind, int, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size))
FAKE(connect, int, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size))
FAKE(getsockname, int, (int fd, struct sockaddr *address, socklen_t *size), (fd, address, size))
FAKE(getpeername, int, (int fd, struct sockaddr *address, socklen_t *size), (fd, address, size))
FAKE(setsockopt, int, (int fd, int level, int option, const void *value, socklen_t size),
     (fd, level, option, value, size))
FAKE(shutdown, int, (int fd, int how), (fd, how))
FAKE(poll, int, (struct pollfd * fds, nfds_t count, int ms), (fds, count, ms))
FAKE(epoll_wait, int, (int fd, struct epoll_event *events, int count, int ms),
     (fd, events, count, ms))
FAKE(epoll_ctl, int, (int fd, int operation, int of, struct epoll_event *event),
     (fd, operation, of, event))
FAKE(read, ssize_t, (int fd, void *buffer, size_t size), (fd, buffer, size))
FAKE(write, ssize_t, (int fd, const void *buffer, size_t size), (fd, buffer, size))
FAKE(flock, int, (int fd, int operation), (fd, operation))
FAKE(fstat, int, (int fd, struct stat *info), (fd, info))
FAKE(lstat, int, (const char *path, struct stat *info), (path, info))
char *fake_getcwd(char *buffer, size_t size) __asm__("getcwd");
char *fake_getcwd(char *buffer, size_t size) {
    char *(*real)(char *, size_t);
    *(void **)&real = dlsym(RTLD_NEXT, "getcwd");
    return fails("getcwd") ? NULL : real(buffer, size);
}
FAKE(getifaddrs, int, (struct ifaddrs * *list), (list))

// Refuses transfers of more than INT_MAX bytes, as macOS does.
static bool is_too_much(size_t size) {
    errno = EINVAL;
    return size > INT_MAX;
}

static size_t size_of(const struct msghdr *message) {
    size_t size = 0;
    for (size_t i = 0; i < (size_t)message->msg_iovlen; i++) {
        size += message->msg_iov[i].iov_len;
    }
    return size;
}

#define FAKE_TRANSFER(name, parameters, arguments, size)                                           \
    ssize_t fake_##name parameters __asm__(#name);                                                 \
    ssize_t fake_##name parameters {                                                               \
        ssize_t(*real) parameters;                                                                 \
        *(void **)&real = dlsym(RTLD_NEXT, #name);                                                 \
        return fails(#name) || is_too_much(size) ? -1 : real arguments;                            \
    }

FAKE_TRANSFER(recv, (int fd, void *buffer, size_t size, int flags), (fd, buffer, size, flags), size)
FAKE_TRANSFER(send, (int fd, const void *buffer, size_t size, int flags), (fd, buffer, size, flags),
              size)
FAKE_TRANSFER(sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags),
              size_of(message))

// The kernel passes a third argument of either type as a word.
#define FAKE_VARIADIC(name, first)                                                                 \
    int fake_##name(first, int second, ...) __asm__(#name);                                        \
    int fake_##name(first, int second, ...) {                                                      \
        int (*real)(first, int, ...);                                                              \
        *(void **)&real = dlsym(RTLD_NEXT, #name);                                                 \
        va_list list;                                                                              \
        va_start(list, second);                                                                    \
        void *third = va_arg(list, void *);                                                        \
        va_end(list);                                                                              \
        return fails(#name) ? -1 : real(FIRST, second, third);                                     \
    }
#define FIRST one
FAKE_VARIADIC(fcntl, int one)
FAKE_VARIADIC(open, const char *one)

// ---- TCP_INFO

static struct tcp_info info;
static bool has_info;

void set_tcp_info(unsigned retransmits, unsigned not_sent_bytes, unsigned probes) {
    memset(&info, 0, sizeof info);
    info.tcpi_retransmits = (uint8_t)retransmits;
    info.tcpi_notsent_bytes = not_sent_bytes;
    info.tcpi_probes = (uint8_t)probes;
    info.tcpi_min_rtt = UINT32_MAX; // the kernel's value before the first measurement
    has_info = true;
}

int fake_getsockopt(int fd, int level, int option, void *value,
                    socklen_t *size) __asm__("getsockopt");
int fake_getsockopt(int fd, int level, int option, void *value, socklen_t *size) {
    int (*real)(int, int, int, void *, socklen_t *);
    *(void **)&real = dlsym(RTLD_NEXT, "getsockopt");
    if (fails("getsockopt")) {
        return -1;
    }
    if (has_info && level == IPPROTO_TCP && option == TCP_INFO) {
        memcpy(value, &info, *size < sizeof info ? *size : sizeof info);
        return 0;
    }
    return real(fd, level, option, value, size);
}

// ---- Names, and the threads that look them up

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct {
    int code, error;
    size_t count, ipv6_count;
    bool is_held;
    int held_count;
} names;

void answer_names(int code, int error, size_t count) {
    pthread_mutex_lock(&mutex);
    names.code = code;
    names.error = error;
    names.count = count;
    names.ipv6_count = 0;
    pthread_mutex_unlock(&mutex);
}

void answer_names_of_both(size_t ipv6_count, size_t ipv4_count) {
    answer_names(0, 0, ipv4_count);
    pthread_mutex_lock(&mutex);
    names.ipv6_count = ipv6_count;
    pthread_mutex_unlock(&mutex);
}

static void set_held(bool is_held) {
    pthread_mutex_lock(&mutex);
    names.is_held = is_held;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

void hold_names(void) {
    set_held(true);
}

int count_held_names(void) {
    pthread_mutex_lock(&mutex);
    const int count = names.held_count;
    pthread_mutex_unlock(&mutex);
    return count;
}

void release_names(void) {
    set_held(false);
}

static struct addrinfo *make_row(int family, void *address, socklen_t size, struct addrinfo *next) {
    struct addrinfo *row = calloc(1, sizeof *row);
    row->ai_family = family;
    row->ai_addr = address;
    row->ai_addrlen = size;
    row->ai_next = next;
    return row;
}

static struct addrinfo *make_ipv4(size_t i, struct addrinfo *next) {
    struct sockaddr_in *address = calloc(1, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(0xc0000201 + (uint32_t)i);
    return make_row(AF_INET, address, sizeof *address, next);
}

static struct addrinfo *make_ipv6(size_t i, struct addrinfo *next) {
    struct sockaddr_in6 *address = calloc(1, sizeof *address);
    address->sin6_family = AF_INET6;
    inet_pton(AF_INET6, "2001:db8::1", &address->sin6_addr);
    address->sin6_addr.s6_addr[15] += (uint8_t)i;
    return make_row(AF_INET6, address, sizeof *address, next);
}

int fake_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                     struct addrinfo **out) __asm__("getaddrinfo");
int fake_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                     struct addrinfo **out) {
    (void)name;
    (void)service;
    (void)hints;
    pthread_mutex_lock(&mutex);
    names.held_count++;
    while (names.is_held) {
        pthread_cond_wait(&changed, &mutex);
    }
    names.held_count--;
    *out = NULL;
    for (size_t i = names.count; names.code == 0 && i > 0; i--) {
        *out = make_ipv4(i - 1, *out);
    }
    for (size_t i = names.ipv6_count; names.code == 0 && i > 0; i--) {
        *out = make_ipv6(i - 1, *out);
    }
    const int code = names.code;
    errno = names.error;
    pthread_mutex_unlock(&mutex);
    return code;
}

void fake_freeaddrinfo(struct addrinfo *list) __asm__("freeaddrinfo");
void fake_freeaddrinfo(struct addrinfo *list) {
    while (list != NULL) {
        struct addrinfo *next = list->ai_next;
        free(list->ai_addr);
        free(list);
        list = next;
    }
}

int fake_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                        void *argument) __asm__("pthread_create");
int fake_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                        void *argument) {
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    return fails("pthread_create") ? errno : real(thread, attributes, run, argument);
}

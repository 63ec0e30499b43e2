// SPDX-License-Identifier: MIT
//
// Gets that wait in the OS. Each takes one call once its descriptor can block. No other call of
// that descriptor blocks.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "platform/posix/unix.h"
#include "support/counting_platform.h"

typedef struct answerer {
    pthread_t thread;
    sps_stream *stream;
    bool answers_late; // only after the get waits by wait()
    bool may_answer;
} answerer;

static answerer answers;

// The get is about to wait in the OS. The value comes once it waits there.
static spsi_result receive_answer(const sps_platform *platform, spsi_handle handle, void *buffer,
                                  size_t size, size_t *out) {
    __atomic_store_n(&answers.may_answer, !answers.answers_late, __ATOMIC_RELEASE);
    return count_receive_waiting(platform, handle, buffer, size, out);
}

static spsi_result wait_for_answer(const sps_platform *platform, spsi_handle handle,
                                   unsigned interests, uint64_t timeout_us) {
    __atomic_store_n(&answers.may_answer, true, __ATOMIC_RELEASE);
    return count_wait(platform, handle, interests, timeout_us);
}

// Whether the test's thread waits in the OS (proc(5)). It is the first one, which has the number of
// the process. qemu makes /proc/PID/stat up, where every process runs, but not this file.
static bool test_waits(void) {
    char stat[256] = "", path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)getpid(), (int)getpid());
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(stat, sizeof stat, file));
    fclose(file);
    return strncmp(strrchr(stat, ')'), ") S", 3) == 0;
}

static void *answer(void *unused) {
    (void)unused;
    while (!__atomic_load_n(&answers.may_answer, __ATOMIC_ACQUIRE) || !test_waits()) {
        sched_yield();
    }
    OK(sps_stream_put_u32(answers.stream, 42));
    return NULL;
}

static void get_answer(const pair *pair, bool late) {
    answers = (answerer){.stream = pair->peer, .answers_late = late};
    counting.receive_waiting = receive_answer;
    counting.wait = wait_for_answer;
    ck_assert_int_eq(pthread_create(&answers.thread, NULL, answer, NULL), 0);
    uint32_t value;
    OK(sps_stream_get_u32(pair->client, &value));
    ck_assert_uint_eq(value, 42);
    ck_assert_int_eq(pthread_join(answers.thread, NULL), 0);
    called.send--; // the send of the value
    counting.receive_waiting = count_receive_waiting;
    counting.wait = count_wait;
}

// After the first waiting get, if the OS allows it.
START_TEST(a_get_that_waits_is_one_syscall) {
    NOT_IN_VALGRIND("its threads take turns, and wait for that")
    pair pair = counted_pair(_i);
    get_answer(&pair, false); // the first one makes the descriptor blocking
    memset(&called, 0, sizeof called);
    for (int i = 0; i < 3 && spsi_unix_dontwait_is_obeyed; i++) {
        get_answer(&pair, false);
        expect_calls(1, 0, 0, 0);
    }
    close_pair(&pair);
}
END_TEST

START_TEST(a_batch_that_leaves_before_a_get_waits_is_one_syscall_more) {
    NOT_IN_VALGRIND("its threads take turns, and wait for that")
    pair pair = counted_pair(_i);
    get_answer(&pair, false);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u32(pair.client, 1));
    memset(&called, 0, sizeof called);
    if (spsi_unix_dontwait_is_obeyed) {
        get_answer(&pair, false);
        expect_calls(2, 1, 0, 0); // nothing to read, the pending bytes, the wait
    }
    close_pair(&pair);
}
END_TEST

static bool never_waits(const sps_stream *stream) {
    return (fcntl((int)((const spsi_socket *)stream)->handle, F_GETFL) & O_NONBLOCK) != 0;
}

// The descriptor is blocking from then on, but only waiting gets block.
START_TEST(a_get_that_has_waited_makes_no_other_call_wait) {
    NOT_IN_VALGRIND("its threads take turns, and wait for that")
    pair pair = counted_pair(_i);
    get_answer(&pair, false);
    ck_assert_int_eq(never_waits(pair.client), !spsi_unix_dontwait_is_obeyed);
    uint32_t value;
    IS(sps_stream_try_get_u32(pair.client, &value), SPS_ERR_BUSY);
    OK(sps_socket_set_io_timeout(pair.client, 1));
    IS(sps_stream_get_u32(pair.client, &value), SPS_ERR_TIMEOUT);
    OK(sps_socket_poll(pair.client));
    static uint8_t bytes[1 << 20];
    size_t count;
    OK(sps_stream_get_partial_data(pair.client, bytes, sizeof bytes, &count));
    do {
        OK(sps_stream_put_partial_data(pair.client, bytes, sizeof bytes, &count));
    } while (count > 0);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 1));
    IS(sps_stream_flush(pair.client), SPS_ERR_BUSY);
    OK(sps_socket_close_gracefully(pair.client, 60000));
    OK(sps_socket_poll(pair.client));
    close_pair(&pair);
}
END_TEST

START_TEST(a_get_does_not_wait_after_its_own_batch_failed) {
    pair pair = counted_pair(_i);
    get_answer(&pair, false); // its descriptor is blocking now
    counting.send = fail_send;
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u32(pair.client, 1));
    uint8_t value;
    IS(sps_stream_get_u8(pair.client, &value), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

START_TEST(a_released_descriptor_does_not_block) {
    pair pair = counted_pair(_i);
    get_answer(&pair, false);
    intptr_t fd;
    OK(_i == TCP ? sps_tcp_release_fd(pair.client, &fd) : sps_uds_release_fd(pair.client, &fd));
    ck_assert_int_ne(fcntl((int)fd, F_GETFL) & O_NONBLOCK, 0);
    close((int)fd);
    close_pair(&pair);
}
END_TEST

// An adopted descriptor may have a limit of its own (SO_RCVTIMEO). It does not end a get.
START_TEST(a_limit_of_the_descriptor_does_not_end_a_get) {
    pair pair = counted_pair(_i);
    get_answer(&pair, false);
    const struct timeval limit = {.tv_usec = 1000};
    const int fd = (int)((const spsi_socket *)pair.client)->handle;
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    get_answer(&pair, true);
    close_pair(&pair);
}
END_TEST

Suite *blocking_gets_suite(void) {
    Suite *suite = suite_create("blocking_gets");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, a_get_that_waits_is_one_syscall, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_batch_that_leaves_before_a_get_waits_is_one_syscall_more, 0,
                        TRANSPORTS);
    tcase_add_loop_test(all, a_get_that_has_waited_makes_no_other_call_wait, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_get_does_not_wait_after_its_own_batch_failed, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_released_descriptor_does_not_block, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_limit_of_the_descriptor_does_not_end_a_get, 0, TRANSPORTS);
    return suite;
}

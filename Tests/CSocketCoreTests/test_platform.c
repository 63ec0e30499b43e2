// SPDX-License-Identifier: MIT
//
// What each call costs the OS, and what the OS's odd answers come to: a platform that counts
// its calls and can be told to answer something else, in front of the machine's own.
#include "platform/posix/unix.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "socket.h"
#include "support.h"

typedef struct counts {
    int receive, receive_waiting, send, wait, other;
} counts;

static counts called;
static size_t send_at_most = SIZE_MAX;
static size_t receive_at_most = SIZE_MAX;

static const sps_platform *os(void) {
    return spsi_os_platform();
}

static spsi_result count_receive(const sps_platform *platform, spsi_handle handle, void *buffer,
                                 size_t size, size_t *out) {
    called.receive++;
    const size_t most = size < receive_at_most ? size : receive_at_most;
    return os()->receive(platform, handle, buffer, most, out);
}

static spsi_result count_receive_waiting(const sps_platform *platform, spsi_handle handle,
                                         void *buffer, size_t size, size_t *out) {
    called.receive_waiting++;
    const size_t most = size < receive_at_most ? size : receive_at_most;
    return os()->receive_waiting(platform, handle, buffer, most, out);
}

static spsi_result count_send(const sps_platform *platform, spsi_handle handle,
                              const spsi_slice *slices, size_t count, size_t *out) {
    called.send++;
    spsi_slice cut[SPSI_MAX_SLICES];
    size_t left = send_at_most, used = 0;
    for (; used < count && left > 0; used++) {
        cut[used] = slices[used];
        cut[used].size = cut[used].size < left ? cut[used].size : left;
        left -= cut[used].size;
    }
    return os()->send(platform, handle, cut, used, out);
}

// A send that fails although the connection is alive.
static spsi_result fail_send(const sps_platform *platform, spsi_handle handle,
                             const spsi_slice *slices, size_t count, size_t *out) {
    (void)platform;
    (void)handle;
    (void)slices;
    (void)count;
    *out = 0;
    return (spsi_result){SPSI_FAILED, 12345};
}

static spsi_result count_wait(const sps_platform *platform, spsi_handle handle, unsigned interests,
                              uint64_t timeout_us) {
    called.wait++;
    return os()->wait(platform, handle, interests, timeout_us);
}

static spsi_result count_available(const sps_platform *platform, spsi_handle handle, size_t *out) {
    called.other++;
    return os()->available(platform, handle, out);
}

static sps_platform counting;

static pair counted_pair(transport transport) {
    counting = *os();
    counting.receive = count_receive;
    counting.receive_waiting = count_receive_waiting;
    counting.send = count_send;
    counting.wait = count_wait;
    counting.available = count_available;
    const sps_stream_options options = {.struct_size = sizeof options, .platform = &counting};
    pair pair = connect_pair_with(transport, &options);
    memset(&called, 0, sizeof called);
    return pair;
}

static void expect_calls(int receive, int send, int wait, int other) {
    ck_assert_int_eq(called.receive + called.receive_waiting, receive);
    ck_assert_int_eq(called.send, send);
    ck_assert_int_eq(called.wait, wait);
    ck_assert_int_eq(called.other, other);
    memset(&called, 0, sizeof called);
}

static void wait_for_bytes(sps_stream *stream, size_t count) {
    size_t available = 0;
    WAIT_UNTIL((sps_stream_get_available_bytes(stream, &available), available) >= count);
    memset(&called, 0, sizeof called);
}

START_TEST(poll_is_no_syscall_unless_connected) {
    pair pair = counted_pair(_i);
    OK(sps_socket_disconnect(pair.client));
    OK(sps_socket_poll(pair.client));
    expect_calls(0, 0, 0, 0);
    close_pair(&pair);
}
END_TEST

START_TEST(poll_is_one_syscall_in_each_direction) {
    pair pair = counted_pair(_i);
    OK(sps_socket_poll(pair.client));
    expect_calls(1, 0, 0, 0);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u32(pair.client, 1));
    OK(sps_stream_put_u32(pair.client, 1));
    expect_calls(0, 0, 0, 0);
    OK(sps_socket_poll(pair.client));
    expect_calls(1, 1, 0, 0);
    close_pair(&pair);
}
END_TEST

static spsi_result short_of_memory(const sps_platform *platform, spsi_handle handle,
                                   const spsi_slice *slices, size_t count, size_t *out) {
    (void)platform;
    (void)handle;
    (void)slices;
    (void)count;
    *out = 0;
    return (spsi_result){SPSI_NO_MEMORY, ENOBUFS};
}

// The socket is writable all the while, and the OS takes nothing.
START_TEST(a_wait_to_close_does_not_spin_when_memory_is_short) {
    pair pair = counted_pair(_i);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 1));
    counting.send = short_of_memory;
    IS(sps_socket_close_and_wait(pair.client, 100), SPS_ERR_TIMEOUT);
    ck_assert_int_le(called.wait, 20);
    close_pair(&pair);
}
END_TEST

START_TEST(a_failed_flush_while_closing_reads_nothing) {
    pair pair = counted_pair(_i);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 1));
    counting.send = short_of_memory;
    OK(sps_socket_close_gracefully(pair.client, 0));
    counting.send = count_send; // the peer's is the same
    OK(sps_stream_put_u32(pair.peer, 42));
    size_t unused;
    const spsi_socket *socket = (const spsi_socket *)pair.client;
    WAIT_UNTIL((os()->available(os(), socket->handle, &unused), unused) == 4);
    counting.send = fail_send;
    IS(sps_stream_set_write_batching(pair.client, false), SPS_FAILED);
    uint32_t value;
    IS(sps_stream_try_get_u32(pair.client, &value), SPS_FAILED);
    IS(sps_socket_poll(pair.client), SPS_FAILED);
    expect_reason(pair.client, SPS_CLOSE_FAILED);
    close_pair(&pair);
}
END_TEST

static spsi_result fail_listen(const sps_platform *platform, spsi_handle handle, uint32_t backlog) {
    (void)platform;
    (void)handle;
    (void)backlog;
    return (spsi_result){SPSI_NO_MEMORY, ENOBUFS};
}

static spsi_result fail_mode(const sps_platform *platform, const char *path, uint32_t mode) {
    (void)platform;
    (void)path;
    (void)mode;
    return (spsi_result){SPSI_DENIED, EPERM};
}

START_TEST(a_server_that_cannot_listen_leaves_no_file) {
    counting = *os();
    const sps_stream_options stream = {.struct_size = sizeof stream, .platform = &counting};
    const sps_server_options options = {
        .struct_size = sizeof options, .stream = &stream, .file_mode = 0600};
    sps_server *server = make_server(UDS, &options);
    const place place = nowhere(UDS);
    counting.listen = fail_listen;
    IS(listen_at(server, &place), SPS_ERR_OUT_OF_MEMORY);
    ck_assert_int_eq(access(place.path, F_OK), -1);
    counting.listen = os()->listen;
    counting.set_file_mode = fail_mode;
    IS(listen_at(server, &place), SPS_ERR_UNAUTHORIZED);
    ck_assert_int_eq(access(place.path, F_OK), -1);
    counting.set_file_mode = os()->set_file_mode;
    OK(listen_at(server, &place));
    sps_server_destroy(server);
}
END_TEST

static spsi_result no_file_mode(const sps_platform *platform, const char *path, uint32_t mode) {
    (void)mode;
    (void)platform;
    (void)path;
    ck_abort_msg("there is no file");
    return (spsi_result){SPSI_FAILED, 0};
}

static bool sees_no_file(const sps_platform *platform, const char *path, spsi_file *out_file) {
    (void)platform;
    (void)path;
    (void)out_file;
    return false;
}

static bool is_no_proof(const sps_platform *platform) {
    (void)platform;
    return false;
}

static sps_server *counted_server(transport transport) {
    counting = *os();
    const sps_stream_options stream = {.struct_size = sizeof stream, .platform = &counting};
    const sps_server_options options = {
        .struct_size = sizeof options, .stream = &stream, .file_mode = 0600};
    return make_server(transport, transport == UDS ? &options : NULL);
}

static spsi_result set_no_option(const sps_platform *platform, spsi_handle handle,
                                 spsi_option option, uint32_t value) {
    (void)platform;
    (void)handle;
    (void)option;
    (void)value;
    return (spsi_result){SPSI_UNSUPPORTED, ENOPROTOOPT};
}

START_TEST(an_option_that_the_os_does_not_have_is_unavailable) {
    pair pair = counted_pair(TCP);
    counting.set_option = set_no_option;
    IS(sps_tcp_set_user_timeout(pair.client, 1000), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_set_no_delay(pair.client, true), SPS_ERR_UNAVAILABLE);
    close_pair(&pair);
}
END_TEST

static spsi_result send_a_byte_and_then_none(const sps_platform *platform, spsi_handle handle,
                                             const spsi_slice *slices, size_t count, size_t *out) {
    (void)count;
    *out = 0;
    if (called.send++ > 0) {
        return (spsi_result){SPSI_NO_MEMORY, ENOBUFS};
    }
    const spsi_slice first = {slices[0].data, 1};
    return os()->send(platform, handle, &first, 1, out);
}

// ERR_OUT_OF_MEMORY would say that the value may be put again.
START_TEST(a_value_that_was_sent_in_part_cannot_be_repeated) {
    pair pair = counted_pair(_i);
    counting.send = send_a_byte_and_then_none;
    IS(sps_stream_put_u32(pair.client, 1), SPS_FAILED);
    IS(sps_stream_put_u32(pair.client, 1), SPS_FAILED);
    close_pair(&pair);
}
END_TEST

static spsi_result open_no_ipv6(const sps_platform *platform, spsi_family family,
                                spsi_handle *out_handle) {
    return family == SPSI_FAMILY_IPV6 ? (spsi_result){SPSI_UNSUPPORTED, EAFNOSUPPORT}
                                      : os()->open(platform, family, out_handle);
}

START_TEST(without_ipv6_any_address_is_ipv4s) {
    counting = *os();
    counting.open = open_no_ipv6;
    const sps_stream_options stream = {.struct_size = sizeof stream, .platform = &counting};
    const sps_server_options options = {.struct_size = sizeof options, .stream = &stream};
    sps_server *server = make_server(TCP, &options);
    OK(sps_tcp_server_listen(server, 0, "*"));
    sps_server_stop(server);
    sps_server_destroy(server);
}
END_TEST

// An abstract name has none; and somebody may have removed it already.
START_TEST(a_server_without_a_file_listens_all_the_same) {
    sps_server *server = counted_server(UDS);
    bool listens;
    counting.set_file_mode = no_file_mode;
    if (os()->has_abstract_names(os())) {
        counting.listen = fail_listen;
        char name[32];
        snprintf(name, sizeof name, "@sps-no-file-%d", (int)getpid());
        IS(sps_uds_server_listen(server, name), SPS_ERR_OUT_OF_MEMORY);
        counting.listen = os()->listen;
    }
    const place place = nowhere(UDS);
    counting.file_of = sees_no_file;
    OK(listen_at(server, &place));
    OK(sps_server_is_listening(server, &listens));
    ck_assert(listens);
    OK(sps_server_stop(server));
    ck_assert_int_eq(access(place.path, F_OK), 0); // it is nobody's that is known
    sps_server_destroy(server);
}
END_TEST

// On the BSDs and macOS a full backlog refuses, too.
START_TEST(where_a_refusal_is_no_proof_no_file_is_replaced) {
    const place place = nowhere(UDS);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    spsi_address address = {.family = SPSI_FAMILY_UNIX};
    memcpy(address.path, place.path, sizeof place.path);
    ck_assert_int_eq(os()->bind(os(), fd, &address).code, SPSI_DONE);
    close(fd); // a dead server's
    sps_server *server = counted_server(UDS);
    counting.refusal_is_proof = is_no_proof;
    IS(listen_at(server, &place), SPS_ERR_ALREADY_IN_USE);
    ck_assert_int_eq(access(place.path, F_OK), 0);
    counting.refusal_is_proof = os()->refusal_is_proof;
    OK(listen_at(server, &place));
    sps_server_destroy(server);
}
END_TEST

static spsi_result fail_available(const sps_platform *platform, spsi_handle handle, size_t *out) {
    (void)platform;
    (void)handle;
    static size_t count;
    *out = ++count; // which says nothing, since it has failed
    return (spsi_result){SPSI_FAILED, EIO};
}

// A put waits for a peer of whom nothing is heard, nor can be.
START_TEST(a_peer_that_cannot_be_looked_at_is_silent) {
    static const uint8_t bytes[65536];
    pair pair = counted_pair(_i);
    size_t sent;
    do {
        OK(sps_stream_put_partial_data(pair.client, bytes, sizeof bytes, &sent));
    } while (sent > 0);
    counting.available = fail_available;
    OK(sps_socket_set_idle_timeout(pair.client, 30));
    OK(sps_socket_set_io_timeout(pair.client, 5000));
    IS(sps_stream_put_data(pair.client, bytes, sizeof bytes, &sent), SPS_FAILED);
    WAIT_UNTIL(polled_status(pair.client) != SPS_STATUS_CONNECTED);
    expect_reason(pair.client, SPS_CLOSE_IDLE);
    close_pair(&pair);
}
END_TEST

// Somebody may have put it in the place of the server's file.
START_TEST(the_mode_of_what_a_link_leads_to_is_left_alone) {
    const place target = nowhere(UDS), link = nowhere(UDS);
    fclose(fopen(target.path, "w"));
    ck_assert_int_eq(chmod(target.path, 0600), 0);
    ck_assert_int_eq(symlink(target.path, link.path), 0);
    ck_assert_int_ne(os()->set_file_mode(os(), link.path, 0777).code, SPSI_DONE);
    struct stat info;
    ck_assert_int_eq(stat(target.path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 0777, 0600);
}
END_TEST

// A lock's file is removed under it, so one that waits may find itself with a file that is no more.
static place contested;
static int holders, most_holders, locked_times;

static void *contest(void *unused) {
    for (int i = 0; i < 3000; i++) {
        spsi_handle lock;
        if (os()->lock_path(os(), contested.path, &lock).code != SPSI_DONE) {
            continue;
        }
        const int now = __atomic_add_fetch(&holders, 1, __ATOMIC_SEQ_CST);
        if (now > __atomic_load_n(&most_holders, __ATOMIC_SEQ_CST)) {
            __atomic_store_n(&most_holders, now, __ATOMIC_SEQ_CST);
        }
        __atomic_add_fetch(&locked_times, 1, __ATOMIC_SEQ_CST);
        sched_yield();
        __atomic_sub_fetch(&holders, 1, __ATOMIC_SEQ_CST);
        os()->unlock_path(os(), contested.path, lock);
    }
    return unused;
}

START_TEST(a_paths_lock_has_one_holder) {
    contested = nowhere(UDS);
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, contest, NULL), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    ck_assert_int_gt(locked_times, 100);
    ck_assert_int_eq(most_holders, 1);
}
END_TEST

START_TEST(what_failed_cannot_be_shut_down) {
    pair pair = counted_pair(_i);
    OK(sps_stream_put_u32(pair.peer, 42));
    wait_for_bytes(pair.client, 4);
    counting.send = fail_send;
    IS(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED); // there is something to read
    IS(sps_socket_shutdown_write(pair.client), SPS_FAILED);
    uint32_t value;
    OK(sps_stream_get_u32(pair.client, &value));
    ck_assert_uint_eq(value, 42);
    close_pair(&pair);
}
END_TEST

// Also the one that wakes from idleness; what it did not take is there for the next get.
START_TEST(a_poll_that_wakes_up_is_one_syscall) {
    pair pair = counted_pair(_i);
    uint8_t bytes[1000], received[1000];
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    wait_for_bytes(pair.client, sizeof bytes);
    OK(sps_socket_poll(pair.client));
    expect_calls(1, 0, 0, 0);
    OK(sps_stream_get_data(pair.client, received, sizeof received, NULL));
    ck_assert(is_pattern(received, sizeof received, 0));
    close_pair(&pair);
}
END_TEST

START_TEST(small_gets_are_one_syscall_together) {
    pair pair = counted_pair(_i);
    for (uint32_t i = 0; i < 100; i++) {
        OK(sps_stream_put_u32(pair.peer, i));
    }
    expect_calls(0, 100, 0, 0);
    wait_for_bytes(pair.client, 400);
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t value;
        OK(sps_stream_get_u32(pair.client, &value));
        ck_assert_uint_eq(value, i);
    }
    expect_calls(1, 0, 0, 0);
    close_pair(&pair);
}
END_TEST

// ---- Gets that wait

typedef struct answerer {
    pthread_t thread;
    sps_stream *stream;
    bool answers_late; // not before the get waits by wait()
    bool may_answer;
} answerer;

static answerer answers;

// The get is about to be in the OS: the answer comes once it waits there.
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

// Whether the thread that the test runs in waits in the OS (proc(5), /proc/PID/stat).
static bool test_waits(void) {
    char stat[256] = "", path[32];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)getpid());
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
    called.send--; // the answer's
    counting.receive_waiting = count_receive_waiting;
    counting.wait = count_wait;
}

// Once it has waited, where the OS lets it.
START_TEST(a_get_that_waits_is_one_syscall) {
    NOT_IN_VALGRIND("its threads take turns, and wait for that")
    pair pair = counted_pair(_i);
    get_answer(&pair, false); // the first makes it so
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
        expect_calls(2, 1, 0, 0); // nothing is there yet; what was put; the wait
    }
    close_pair(&pair);
}
END_TEST

static bool never_waits(const sps_stream *stream) {
    return (fcntl((int)((const spsi_socket *)stream)->handle, F_GETFL) & O_NONBLOCK) != 0;
}

// Its descriptor waits from then on, and no call but such a get does.
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

START_TEST(a_descriptor_that_is_given_away_does_not_wait) {
    pair pair = counted_pair(_i);
    get_answer(&pair, false);
    intptr_t fd;
    OK(_i == TCP ? sps_tcp_release_fd(pair.client, &fd) : sps_uds_release_fd(pair.client, &fd));
    ck_assert_int_ne(fcntl((int)fd, F_GETFL) & O_NONBLOCK, 0);
    close((int)fd);
    close_pair(&pair);
}
END_TEST

// Its own limit (SO_RCVTIMEO) comes with a descriptor from elsewhere, and is none of the get's.
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

START_TEST(a_string_is_one_write) {
    pair pair = counted_pair(_i);
    OK(sps_stream_put_utf8_string(pair.client, "body", 4));
    OK(sps_stream_put_string(pair.client,
                             "b\xc3\xb6"
                             "dy",
                             5));
    expect_calls(0, 2, 0, 0);
    close_pair(&pair);
}
END_TEST

START_TEST(short_counts_lose_nothing) {
    pair pair = counted_pair(_i);
    send_at_most = 3;
    receive_at_most = 2;
    char text[100];
    memset(text, 'x', sizeof text);
    memcpy(text + 97, "end", 3);
    OK(sps_stream_put_utf8_string(pair.client, text, sizeof text));
    OK(sps_stream_put_u64(pair.client, UINT64_C(0x1122334455667788)));
    const char *got;
    size_t size;
    uint64_t value;
    OK(sps_stream_get_utf8_string(pair.peer, SPS_LENGTH_PREFIXED, &got, &size));
    ck_assert_uint_eq(size, sizeof text);
    ck_assert_mem_eq(got, text, sizeof text);
    OK(sps_stream_get_u64(pair.peer, &value));
    ck_assert_uint_eq(value, UINT64_C(0x1122334455667788));
    close_pair(&pair);
}
END_TEST

START_TEST(nothing_is_read_beyond_the_buffer) {
    counting = *os();
    counting.receive = count_receive;
    const sps_stream_options options = {
        .struct_size = sizeof options, .platform = &counting, .read_buffer_bytes = 100};
    pair pair = connect_pair_with(_i, &options);
    uint8_t bytes[1000] = {0};
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    memset(&called, 0, sizeof called);
    const uint8_t *span;
    size_t size = 0;
    WAIT_UNTIL((OK(sps_socket_poll(pair.client)), OK(sps_stream_peek(pair.client, 0, &span, &size)),
                size) > 0);
    for (int i = 0; i < 5; i++) {
        OK(sps_socket_poll(pair.client));
    }
    OK(sps_stream_peek(pair.client, 0, &span, &size));
    ck_assert_uint_eq(size, 100);
    close_pair(&pair);
}
END_TEST

// Nothing more is waited for of a peer that cannot be written to: what came before is read, and
// then it is the end.
START_TEST(a_write_that_fails_alone_ends_the_connection) {
    pair pair = counted_pair(_i);
    OK(sps_stream_put_u8(pair.peer, 9));
    counting.send = fail_send;
    wait_for_bytes(pair.client, 1);
    IS(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    int32_t os_error;
    OK(sps_socket_get_os_error(pair.client, &os_error));
    ck_assert_int_eq(os_error, 12345);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    uint8_t value;
    OK(sps_stream_get_u8(pair.client, &value));
    ck_assert_uint_eq(value, 9);
    IS(sps_stream_get_u8(pair.client, &value), SPS_FAILED); // and does not wait for ever
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    OK(sps_stream_set_write_batching(pair.peer, true));
    OK(sps_stream_put_u8(pair.peer, 1));
    IS(sps_socket_poll(pair.peer), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.peer), SPS_STATUS_ERROR);
    close_pair(&pair);
}
END_TEST

START_TEST(a_partial_put_that_fails_takes_nothing) {
    pair pair = counted_pair(_i);
    counting.send = fail_send;
    size_t sent = 9;
    IS(sps_stream_put_partial_data(pair.client, "x", 1, &sent), SPS_FAILED);
    ck_assert_uint_eq(sent, 0);
    counting.send = count_send;
    IS(sps_stream_put_partial_data(pair.client, "x", 1, &sent), SPS_FAILED); // it has ended
    WAIT_UNTIL(polled_status(pair.client) != SPS_STATUS_CONNECTED);
    expect_reason(pair.client, SPS_CLOSE_FAILED);
    close_pair(&pair);
}
END_TEST

START_TEST(a_get_does_not_wait_after_its_own_batch_failed) {
    pair pair = counted_pair(_i);
    get_answer(&pair, false); // its descriptor waits
    counting.send = fail_send;
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u32(pair.client, 1));
    uint8_t value;
    IS(sps_stream_get_u8(pair.client, &value), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

static spsi_result fail_shutdown(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    (void)handle;
    return (spsi_result){SPSI_FAILED, 107};
}

START_TEST(nothing_is_gathered_after_a_shutdown_that_failed) {
    pair pair = counted_pair(_i);
    counting.shutdown_write = fail_shutdown;
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u32(pair.client, 1));
    OK(sps_stream_flush(pair.client));
    OK(sps_stream_put_u32(pair.peer, 2));
    wait_for_bytes(pair.client, 4);
    OK(sps_socket_poll(pair.client));
    IS(sps_socket_shutdown_write(pair.client), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    IS(sps_stream_put_u32(pair.client, 3), SPS_FAILED);
    uint32_t value;
    OK(sps_stream_get_u32(pair.client, &value));
    ck_assert_uint_eq(value, 2);
    close_pair(&pair);
}
END_TEST

// ENOMEM and ENOBUFS pass: the call may be repeated, and nothing is lost.
static int shortages;

static spsi_result receive_with_shortage(const sps_platform *platform, spsi_handle handle,
                                         void *buffer, size_t size, size_t *out) {
    if (shortages-- > 0) {
        *out = 0;
        return (spsi_result){SPSI_NO_MEMORY, 12};
    }
    return os()->receive(platform, handle, buffer, size, out);
}

static spsi_result receive_waiting_with_shortage(const sps_platform *platform, spsi_handle handle,
                                                 void *buffer, size_t size, size_t *out) {
    if (shortages-- > 0) {
        *out = 0;
        return (spsi_result){SPSI_NO_MEMORY, 12};
    }
    return os()->receive_waiting(platform, handle, buffer, size, out);
}

static spsi_result send_with_shortage(const sps_platform *platform, spsi_handle handle,
                                      const spsi_slice *slices, size_t count, size_t *out) {
    if (shortages-- > 0) {
        *out = 0;
        return (spsi_result){SPSI_NO_MEMORY, 105};
    }
    return os()->send(platform, handle, slices, count, out);
}

START_TEST(a_shortage_of_the_os_passes) {
    pair pair = counted_pair(_i);
    counting.receive = receive_with_shortage;
    counting.receive_waiting = receive_waiting_with_shortage;
    counting.send = send_with_shortage;
    shortages = 1;
    IS(sps_stream_put_u32(pair.client, 7), SPS_ERR_OUT_OF_MEMORY);
    OK(sps_stream_put_u32(pair.client, 7));
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u32(pair.client, 8));
    shortages = 1;
    IS(sps_stream_flush(pair.client), SPS_ERR_OUT_OF_MEMORY);
    OK(sps_stream_flush(pair.client));
    uint32_t value;
    OK(sps_stream_put_u32(pair.client, 9)); // a get that waits must not leave this behind
    counting.receive = count_receive;
    shortages = 1;
    IS(sps_stream_get_u32(pair.client, &value), SPS_ERR_OUT_OF_MEMORY);
    OK(sps_stream_flush(pair.client));
    counting.receive = receive_with_shortage;
    shortages = 1;
    IS(sps_stream_get_u32(pair.peer, &value), SPS_ERR_OUT_OF_MEMORY);
    OK(sps_stream_get_u32(pair.peer, &value));
    ck_assert_uint_eq(value, 7);
    OK(sps_stream_get_u32(pair.peer, &value));
    ck_assert_uint_eq(value, 8);
    shortages = 1;
    IS(sps_socket_poll(pair.peer), SPS_ERR_OUT_OF_MEMORY);
    ck_assert_int_eq(status_of(pair.peer), SPS_STATUS_CONNECTED);
    close_pair(&pair);
}
END_TEST

static int no_delay_of(sps_stream *stream) {
    const spsi_socket *socket = (const spsi_socket *)stream;
    int value = -1;
    socklen_t size = sizeof value;
    ck_assert_int_eq(getsockopt((int)socket->handle, IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
    return value;
}

START_TEST(no_delay_is_the_oss_own_until_set) {
    pair pair = connect_pair(TCP);
    ck_assert_int_eq(no_delay_of(pair.client), 0);
    OK(sps_tcp_set_no_delay(pair.client, true));
    ck_assert_int_ne(no_delay_of(pair.client), 0);
    OK(sps_tcp_set_no_delay(pair.client, false));
    ck_assert_int_eq(no_delay_of(pair.client), 0);
    close_pair(&pair);
}
END_TEST

// A name with these addresses.
static const char *const addresses_of_name[] = {"::1", "127.0.0.2", "127.0.0.1"};

static spsi_result start_lookup(const sps_platform *platform, const char *name,
                                spsi_lookup **out_lookup) {
    (void)platform;
    (void)name;
    *out_lookup = (spsi_lookup *)(uintptr_t)addresses_of_name;
    return (spsi_result){SPSI_DONE, 0};
}

static spsi_result answer_lookup(const sps_platform *platform, spsi_lookup *lookup,
                                 spsi_address *out, size_t capacity, size_t *out_count) {
    (void)platform;
    (void)lookup;
    (void)capacity;
    for (*out_count = 0; *out_count < 3; (*out_count)++) {
        ck_assert(spsi_ip_from_text(addresses_of_name[*out_count], &out[*out_count]));
    }
    return (spsi_result){SPSI_DONE, 0};
}

static void end_lookup(const sps_platform *platform, spsi_lookup *lookup, bool was_useful) {
    (void)platform;
    (void)was_useful;
    (void)lookup;
}

START_TEST(every_address_of_a_name_is_tried) {
    counting = *os();
    counting.lookup_start = start_lookup;
    counting.lookup_result = answer_lookup;
    counting.lookup_end = end_lookup;
    const sps_stream_options options = {.struct_size = sizeof options, .platform = &counting};
    sps_server *server = make_server(TCP, NULL);
    const place place = listen_somewhere(server, TCP); // on 127.0.0.1 alone
    sps_stream *stream = make_stream(TCP, &options);
    if (_i == 1) { // each attempt takes the address that was bound
        OK(sps_tcp_bind(stream, 0, "*"));
    }
    OK(sps_tcp_connect(stream, "any.name", place.port));
    WAIT_UNTIL(polled_status(stream) != SPS_STATUS_CONNECTING);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    char host[SPS_HOST_TEXT_BYTES];
    OK(sps_tcp_get_connected_host(stream, host, sizeof host, NULL));
    ck_assert_str_eq(host, "127.0.0.1");
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

// A socket that met itself (RFC 9293, 3.5) is a refused one. The address is made to look so.
static spsi_address self;

static spsi_result local_is_self(const sps_platform *platform, spsi_handle handle,
                                 spsi_address *out) {
    (void)platform;
    (void)handle;
    *out = self;
    return (spsi_result){SPSI_DONE, 0};
}

// At once, or at a later poll, as the OS likes.
static void expect_refusal(sps_stream *stream, sps_error error) {
    if (error == SPS_OK) {
        WAIT_UNTIL((error = sps_socket_poll(stream)) != SPS_OK);
        IS(error, SPS_ERR_CONNECTION_ERROR);
    } else {
        IS(error, SPS_FAILED);
    }
    expect_reason(stream, SPS_CLOSE_REFUSED);
}

// The wildcard address reaches this machine, and so itself.
START_TEST(a_real_connection_to_itself_is_refused) {
    static const char *const hosts[] = {"127.0.0.1", "0.0.0.0"};
    sps_stream *stream = make_stream(TCP, NULL);
    OK(sps_tcp_bind(stream, 0, "127.0.0.1"));
    int32_t port;
    OK(sps_tcp_get_local_port(stream, &port));
    expect_refusal(stream, sps_tcp_connect(stream, hosts[_i], port));
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(no_delay_may_be_set_while_connecting) {
    sps_server *server = make_server(TCP, NULL);
    const place place = listen_somewhere(server, TCP);
    sps_stream *stream = make_stream(TCP, NULL);
    OK(sps_tcp_connect(stream, "localhost", place.port));
    OK(sps_tcp_set_no_delay(stream, true));
    WAIT_UNTIL(polled_status(stream) == SPS_STATUS_CONNECTED);
    ck_assert_int_ne(no_delay_of(stream), 0);
    OK(sps_socket_disconnect(stream));
    OK(connect_to(stream, &place)); // a new connection has the OS's own again
    WAIT_UNTIL(polled_status(stream) == SPS_STATUS_CONNECTED);
    ck_assert_int_eq(no_delay_of(stream), 0);
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

START_TEST(a_connection_to_itself_is_refused) {
    sps_server *server = make_server(TCP, NULL);
    const place place = listen_somewhere(server, TCP);
    ck_assert(spsi_ip_from_text("127.0.0.1", &self));
    self.port = (uint16_t)place.port;
    counting = *os();
    counting.local_address = local_is_self;
    const sps_stream_options options = {.struct_size = sizeof options, .platform = &counting};
    sps_stream *stream = make_stream(TCP, &options);
    expect_refusal(stream, connect_to(stream, &place));
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

START_TEST(an_idle_peer_is_small) {
    ck_assert_uint_le(sizeof(spsi_socket), 512);
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u32(pair.peer, 1));
    uint32_t value;
    OK(sps_stream_get_u32(pair.client, &value));
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 1));
    ck_assert_ptr_nonnull(pair.client->in.block);
    ck_assert_ptr_nonnull(pair.client->out.block);
    for (int i = 0; i < 100; i++) { // idle for a while
        OK(sps_socket_poll(pair.client));
    }
    ck_assert_ptr_null(pair.client->in.block);
    ck_assert_ptr_null(pair.client->out.block);
    close_pair(&pair);
}
END_TEST

static size_t packets_of(sps_packet_peer *packets) {
    size_t count = 99;
    OK(sps_packet_peer_get_available_packet_count(packets, &count));
    return count;
}

START_TEST(packets_cost_few_syscalls) {
    pair pair = counted_pair(_i);
    sps_packet_peer *client, *peer;
    OK(sps_packet_stream_create(NULL, &client));
    OK(sps_packet_stream_create(NULL, &peer));
    OK(sps_packet_peer_set_stream(client, pair.client));
    OK(sps_packet_peer_set_stream(peer, pair.peer));
    for (int i = 0; i < 100; i++) {
        OK(sps_packet_peer_put_packet(client, "four", 4));
    }
    expect_calls(0, 100, 0, 0); // length and bytes are one write
    wait_for_bytes(pair.peer, 800);
    for (size_t left = 100; left > 0; left--) {
        const uint8_t *data;
        size_t bytes;
        ck_assert_uint_eq(packets_of(peer), left);
        OK(sps_packet_peer_get_packet(peer, &data, &bytes));
    }
    expect_calls(1, 0, 0, 0);
    ck_assert_uint_eq(packets_of(peer), 0);
    expect_calls(1, 0, 0, 0);
    OK(sps_stream_set_write_batching(pair.client, true));
    for (int i = 0; i < 100; i++) {
        OK(sps_packet_peer_put_packet(client, "four", 4));
    }
    OK(sps_stream_flush(pair.client));
    expect_calls(0, 1, 0, 0);
    sps_packet_peer_destroy(client);
    sps_packet_peer_destroy(peer);
    close_pair(&pair);
}
END_TEST

Suite *platform_suite(void) {
    Suite *suite = suite_create("platform");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, poll_is_no_syscall_unless_connected, 0, TRANSPORTS);
    tcase_add_loop_test(all, poll_is_one_syscall_in_each_direction, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_poll_that_wakes_up_is_one_syscall, 0, TRANSPORTS);
    tcase_add_loop_test(all, what_failed_cannot_be_shut_down, 0, TRANSPORTS);
    tcase_add_test(all, a_paths_lock_has_one_holder);
    tcase_add_test(all, a_server_that_cannot_listen_leaves_no_file);
    tcase_add_test(all, an_option_that_the_os_does_not_have_is_unavailable);
    tcase_add_loop_test(all, a_value_that_was_sent_in_part_cannot_be_repeated, 0, TRANSPORTS);
    tcase_add_test(all, without_ipv6_any_address_is_ipv4s);
    tcase_add_test(all, a_server_without_a_file_listens_all_the_same);
    tcase_add_test(all, where_a_refusal_is_no_proof_no_file_is_replaced);
    tcase_add_loop_test(all, a_peer_that_cannot_be_looked_at_is_silent, 0, TRANSPORTS);
    tcase_add_test(all, the_mode_of_what_a_link_leads_to_is_left_alone);
    tcase_add_loop_test(all, a_wait_to_close_does_not_spin_when_memory_is_short, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_failed_flush_while_closing_reads_nothing, 0, TRANSPORTS);
    tcase_add_loop_test(all, small_gets_are_one_syscall_together, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_get_that_waits_is_one_syscall, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_batch_that_leaves_before_a_get_waits_is_one_syscall_more, 0,
                        TRANSPORTS);
    tcase_add_loop_test(all, a_get_that_has_waited_makes_no_other_call_wait, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_descriptor_that_is_given_away_does_not_wait, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_limit_of_the_descriptor_does_not_end_a_get, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_string_is_one_write, 0, TRANSPORTS);
    tcase_add_loop_test(all, packets_cost_few_syscalls, 0, TRANSPORTS);
    tcase_add_loop_test(all, short_counts_lose_nothing, 0, TRANSPORTS);
    tcase_add_loop_test(all, nothing_is_read_beyond_the_buffer, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_idle_peer_is_small, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_write_that_fails_alone_ends_the_connection, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_partial_put_that_fails_takes_nothing, 0, TRANSPORTS);
    tcase_add_test(all, no_delay_is_the_oss_own_until_set);
    tcase_add_loop_test(all, every_address_of_a_name_is_tried, 0, 2);
    tcase_add_loop_test(all, a_get_does_not_wait_after_its_own_batch_failed, 0, TRANSPORTS);
    tcase_add_loop_test(all, nothing_is_gathered_after_a_shutdown_that_failed, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_shortage_of_the_os_passes, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_real_connection_to_itself_is_refused, 0, 2);
    tcase_add_test(all, no_delay_may_be_set_while_connecting);
    tcase_add_test(all, a_connection_to_itself_is_refused);
    return suite;
}

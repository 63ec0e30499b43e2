// SPDX-License-Identifier: MIT
//
// The file, mode and lock of a Unix server. A server leaves no stale file, and replaces no file in
// use.
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/counting_platform.h"

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
    sps_server *server = counted_server(UDS);
    const place place = unused_place(UDS);
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

// An abstract name has no file. The file may also be removed already.
START_TEST(a_server_without_a_file_still_listens) {
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
    const place place = unused_place(UDS);
    counting.file_of = sees_no_file;
    counting.set_file_mode = fail_mode;
    // never with another mode than the requested one
    IS(listen_at(server, &place), SPS_ERR_UNAUTHORIZED);
    unlink(place.path);
    counting.set_file_mode = os()->set_file_mode;
    OK(listen_at(server, &place));
    OK(sps_server_is_listening(server, &listens));
    ck_assert(listens);
    OK(sps_server_stop(server));
    ck_assert_int_eq(access(place.path, F_OK), 0); // the server cannot identify it
    sps_server_destroy(server);
}
END_TEST

static bool is_no_proof(const sps_platform *platform) {
    (void)platform;
    return false;
}

// On the BSDs and macOS a full backlog also refuses.
START_TEST(an_uncertain_refusal_replaces_no_file) {
    const place place = unused_place(UDS);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    spsi_address address = {.family = SPSI_FAMILY_UNIX};
    memcpy(address.path, place.path, sizeof place.path);
    ck_assert_int_eq(os()->bind(os(), fd, &address).code, SPSI_DONE);
    close(fd); // of a dead server
    sps_server *server = counted_server(UDS);
    counting.refusal_is_proof = is_no_proof;
    IS(listen_at(server, &place), SPS_ERR_ALREADY_IN_USE);
    ck_assert_int_eq(access(place.path, F_OK), 0);
    counting.refusal_is_proof = os()->refusal_is_proof;
    OK(listen_at(server, &place));
    sps_server_destroy(server);
}
END_TEST

static spsi_result no_absolute_path(const sps_platform *platform, const char *path, char *buffer,
                                    size_t buffer_bytes) {
    (void)platform;
    (void)path;
    (void)buffer;
    (void)buffer_bytes;
    return (spsi_result){SPSI_DENIED, EACCES};
}

START_TEST(without_a_working_directory_a_server_still_listens) {
    const place folder = unused_place(UDS);
    char before[256];
    ck_assert_ptr_nonnull(getcwd(before, sizeof before));
    ck_assert_int_eq(mkdir(folder.path, 0700), 0);
    ck_assert_int_eq(chdir(folder.path), 0);
    sps_server *server = counted_server(UDS);
    counting.absolute_path = no_absolute_path;
    OK(sps_uds_server_listen(server, "s"));
    ck_assert_int_eq(access("s", F_OK), 0);
    sps_server_destroy(server);
    ck_assert_int_eq(access("s", F_OK), -1);
    ck_assert_int_eq(chdir(before), 0);
    ck_assert_int_eq(rmdir(folder.path), 0);
}
END_TEST

static spsi_result no_lock(const sps_platform *platform, const char *path, spsi_handle *out_lock) {
    (void)platform;
    (void)path;
    (void)out_lock;
    return (spsi_result){SPSI_DENIED, EPERM};
}

static spsi_result listen_after_removal(const sps_platform *platform, spsi_handle handle,
                                        uint32_t backlog) {
    spsi_address address;
    ck_assert_int_eq(os()->local_address(platform, handle, &address).code, SPSI_DONE);
    ck_assert_int_eq(unlink(address.path), 0);
    return os()->listen(platform, handle, backlog);
}

// Another user's lock may remain, or the file system may have no locks.
START_TEST(without_a_lock_a_server_listens_but_replaces_no_file) {
    const place place = unused_place(UDS);
    sps_server *server = counted_server(UDS), *second = counted_server(UDS);
    counting.lock_path = no_lock;
    OK(listen_at(server, &place));
    IS(listen_at(second, &place), SPS_ERR_ALREADY_IN_USE);
    intptr_t fd;
    OK(sps_server_release_fd(server, &fd));
    close((int)fd); // the file of a dead server stays
    IS(listen_at(second, &place), SPS_ERR_ALREADY_IN_USE);
    counting.lock_path = os()->lock_path;
    OK(listen_at(second, &place));
    sps_server_destroy(second);
    // A process with the lock removes this server's file before it listens.
    counting.lock_path = no_lock;
    counting.listen = listen_after_removal;
    IS(listen_at(server, &place), SPS_ERR_ALREADY_IN_USE);
    counting.listen = os()->listen;
    sps_server_destroy(server);
}
END_TEST

// Another user may have put a link in the place of the server's file.
START_TEST(the_mode_of_a_links_target_does_not_change) {
    const place target = unused_place(UDS), link = unused_place(UDS);
    fclose(fopen(target.path, "w"));
    ck_assert_int_eq(chmod(target.path, 0600), 0);
    ck_assert_int_eq(symlink(target.path, link.path), 0);
    ck_assert_int_ne(os()->set_file_mode(os(), link.path, 0777).code, SPSI_DONE);
    struct stat info;
    ck_assert_int_eq(stat(target.path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 0777, 0600);
}
END_TEST

// The owner of a lock removes its file. A waiting process may then have locked a file that no
// longer exists.
static place contested;
static int holders, most_holders, locked_times;

static void *contest(void *unused) {
    while (__atomic_load_n(&locked_times, __ATOMIC_SEQ_CST) < 1000) {
        spsi_handle lock;
        if (os()->lock_path(os(), contested.path, &lock).code != SPSI_DONE) {
            sched_yield(); // another thread holds it, and must run
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
    contested = unused_place(UDS);
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, contest, NULL), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    ck_assert_int_eq(most_holders, 1);
}
END_TEST

Suite *server_file_suite(void) {
    Suite *suite = suite_create("server_file");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_server_that_cannot_listen_leaves_no_file);
    tcase_add_test(all, a_server_without_a_file_still_listens);
    tcase_add_test(all, an_uncertain_refusal_replaces_no_file);
    tcase_add_test(all, without_a_working_directory_a_server_still_listens);
    tcase_add_test(all, without_a_lock_a_server_listens_but_replaces_no_file);
    tcase_add_test(all, the_mode_of_a_links_target_does_not_change);
    tcase_add_test(all, a_paths_lock_has_one_holder);
    return suite;
}

// SPDX-License-Identifier: MIT
//
// The lock of a path, and the lock's file. The library retries until it, or another process, has
// the lock. It leaves files of others alone.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/system_calls.h"

static bool is_there(const char *path) {
    return access(path, F_OK) == 0;
}

// A path, and the file of its lock.
typedef struct lockable {
    char path[sizeof((place *)NULL)->path];
    char file[sizeof((place *)NULL)->path + 16];
} lockable;

static lockable new_lockable(void) {
    const place place = unused_place(UDS);
    lockable at;
    snprintf(at.path, sizeof at.path, "%s", place.path);
    snprintf(at.file, sizeof at.file, "%s.sps-lock", place.path);
    return at;
}

START_TEST(a_lock_is_retried_until_a_process_holds_it) {
    const lockable at = new_lockable();
    static const struct {
        const char *call;
        int error;
    } passing[] = {
        {"open", EEXIST}, // another process made the file meanwhile
        {"open", EINTR},
        {"flock", EINTR},
        {"lstat", ENOENT}, // the owner of the lock removed the file
    };
    spsi_handle lock;
    for (size_t i = 0; i < COUNT(passing); i++) {
        fail_next(passing[i].call, passing[i].error, 1);
        expect(os()->lock_path(os(), at.path, &lock), SPSI_DONE, 0);
        os()->unlock_path(os(), at.path, lock);
        ck_assert(!is_there(at.file));
    }
    fail_next("open", EMFILE, 1);
    expect(os()->lock_path(os(), at.path, &lock), SPSI_NO_HANDLES, EMFILE);
    DONE(os()->lock_path(os(), at.path, &lock));
    fail_next("fstat", EIO, 1); // the library cannot identify the file, so it leaves it
    os()->unlock_path(os(), at.path, lock);
    ck_assert(is_there(at.file));
}
END_TEST

START_TEST(a_lock_that_fails_leaves_no_file_and_ends) {
    const lockable at = new_lockable();
    static const struct {
        const char *call;
        int error;
        spsi_code code;
    } lasting[] = {
        {"flock", ENOLCK, SPSI_FAILED},
        {"flock", EPERM, SPSI_DENIED}, // as under a seccomp(2) filter
        {"fstat", EPERM, SPSI_DENIED},
        {"lstat", EACCES, SPSI_DENIED},
    };
    spsi_handle lock;
    for (size_t i = 0; i < COUNT(lasting); i++) {
        fail_next(lasting[i].call, lasting[i].error, 1);
        expect(os()->lock_path(os(), at.path, &lock), lasting[i].code, lasting[i].error);
        ck_assert(!is_there(at.file));
    }
    fail_next("open", EEXIST, 100); // as if other processes made and removed it for ever
    expect(os()->lock_path(os(), at.path, &lock), SPSI_AGAIN, 0);
}
END_TEST

static mode_t lock_mode_in(mode_t folder_mode) {
    const place folder = unused_place(UDS);
    ck_assert_int_eq(mkdir(folder.path, 0700), 0);
    ck_assert_int_eq(chmod(folder.path, folder_mode), 0);
    char path[sizeof folder.path + 8], file[sizeof path + 16];
    snprintf(path, sizeof path, "%s/s", folder.path);
    snprintf(file, sizeof file, "%s.sps-lock", path);
    const mode_t before = umask(0077);
    spsi_handle lock;
    DONE(os()->lock_path(os(), path, &lock));
    umask(before);
    struct stat info;
    ck_assert_int_eq(stat(file, &info), 0);
    os()->unlock_path(os(), path, lock);
    ck_assert_int_eq(rmdir(folder.path), 0);
    return info.st_mode & 0777;
}

// A killed process leaves its file. Every user who may write in the folder, and no other, must be
// able to take the lock.
START_TEST(a_lock_needs_write_permission_in_the_folder) {
    ck_assert_uint_eq(lock_mode_in(0700), 0400);
    ck_assert_uint_eq(lock_mode_in(0755), 0400);
    ck_assert_uint_eq(lock_mode_in(0775), 0440);
    ck_assert_uint_eq(lock_mode_in(01777), 0444);
}
END_TEST

// A forked child has a copy of the lock's descriptor.
START_TEST(a_lock_ends_although_a_child_has_it_too) {
    const lockable at = new_lockable();
    fclose(fopen(at.file, "w"));
    ck_assert_int_eq(link(at.file, at.path), 0); // a second link keeps the file after its removal
    spsi_handle lock, again;
    DONE(os()->lock_path(os(), at.path, &lock));
    const int kept = dup((int)lock); // a child has such a copy
    os()->unlock_path(os(), at.path, lock);
    ck_assert_int_eq(link(at.path, at.file), 0);
    DONE(os()->lock_path(os(), at.path, &again));
    os()->unlock_path(os(), at.path, again);
    close(kept);
    unlink(at.path);
}
END_TEST

// A user's own file may have the name of the lock's file.
START_TEST(a_lock_file_with_content_is_not_removed) {
    const lockable at = new_lockable();
    spsi_handle lock;
    ck_assert_int_eq(mkfifo(at.file, 0600), 0);
    DONE(os()->lock_path(os(), at.path, &lock));
    os()->unlock_path(os(), at.path, lock);
    ck_assert(is_there(at.file));
    unlink(at.file);
    FILE *written = fopen(at.file, "w");
    fputs("mine", written);
    fclose(written);
    DONE(os()->lock_path(os(), at.path, &lock));
    os()->unlock_path(os(), at.path, lock);
    ck_assert(is_there(at.file));
}
END_TEST

// The library removes only the file that it made.
START_TEST(a_file_of_another_device_stays) {
    const place place = unused_place(UDS);
    const spsi_handle handle = open_socket(SPSI_FAMILY_UNIX);
    spsi_address address = {.family = SPSI_FAMILY_UNIX};
    memcpy(address.path, place.path, sizeof place.path);
    DONE(os()->bind(os(), handle, &address));
    spsi_file file;
    ck_assert(os()->file_of(os(), place.path, &file));
    const spsi_file other = {file.device + 1, file.number};
    os()->remove_file(os(), place.path, &other);
    ck_assert(is_there(place.path));
    os()->remove_file(os(), place.path, &file);
    ck_assert(!is_there(place.path));
    os()->close(os(), handle);
}
END_TEST

static void expect_absolute(const char *path, const char *expected) {
    char absolute[SPSI_ABSOLUTE_PATH_BYTES];
    DONE(os()->absolute_path(os(), path, absolute, sizeof absolute));
    ck_assert_str_eq(absolute, expected);
}

START_TEST(a_relative_path_has_an_absolute_one) {
    char before[256], expected[sizeof before + 8], small[8];
    ck_assert_ptr_nonnull(getcwd(before, sizeof before));
    snprintf(expected, sizeof expected, "%s/a/../b", before);
    expect_absolute("a/../b", expected);
    fail_next("getcwd", EACCES, 1); // an absolute path needs no current directory
    expect_absolute("/a/b", "/a/b");
    expect(os()->absolute_path(os(), "b", expected, sizeof expected), SPSI_DENIED, EACCES);
    ck_assert_int_eq(chdir("/"), 0);
    expect_absolute("a", "/a");
    expect(os()->absolute_path(os(), "123456", small, sizeof small), SPSI_DONE, 0);
    expect(os()->absolute_path(os(), "1234567", small, sizeof small), SPSI_ADDRESS_INVALID,
           ENAMETOOLONG);
    ck_assert_int_eq(chdir(before), 0);
}
END_TEST

Suite *path_calls_suite(void) {
    Suite *suite = suite_create("path_calls");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_lock_is_retried_until_a_process_holds_it);
    tcase_add_test(all, a_lock_that_fails_leaves_no_file_and_ends);
    tcase_add_test(all, a_lock_needs_write_permission_in_the_folder);
    tcase_add_test(all, a_lock_ends_although_a_child_has_it_too);
    tcase_add_test(all, a_lock_file_with_content_is_not_removed);
    tcase_add_test(all, a_file_of_another_device_stays);
    tcase_add_test(all, a_relative_path_has_an_absolute_one);
    return suite;
}

// SPDX-License-Identifier: MIT
//
// The files of Unix sockets, abstract names, absolute paths, and the locks of paths.
#include <stdio.h>
#include <string.h>

#include "support/contract.h"

static const sps_platform *os(void) {
    return platform_under_test();
}

static spsi_file file_at(const spsi_address *place) {
    spsi_file file = {0};
    ck_assert(spsi_os_file_of(os(), place->path, &file));
    return file;
}

static bool has_file(const spsi_address *place) {
    spsi_file unused;
    return spsi_os_file_of(os(), place->path, &unused);
}

static void remove_at(const spsi_address *place) {
    const spsi_file file = file_at(place);
    spsi_os_remove_file(os(), place->path, &file);
    ck_assert(!has_file(place));
}

// ---- Files

START_TEST(a_bound_socket_has_a_file_that_outlives_it) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    const spsi_handle handle = open_socket(SPSI_FAMILY_UNIX);
    const spsi_address place = bind_somewhere(handle, SPSI_FAMILY_UNIX);
    const spsi_file file = file_at(&place);
    close_socket(handle);
    const spsi_file later = file_at(&place);
    ck_assert(spsi_file_is_same(&file, &later));
    remove_at(&place);
}
END_TEST

START_TEST(a_file_keeps_others_from_its_path) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    const spsi_handle dead = open_socket(SPSI_FAMILY_UNIX), next = open_socket(SPSI_FAMILY_UNIX);
    const spsi_address place = bind_somewhere(dead, SPSI_FAMILY_UNIX);
    close_socket(dead);
    EXPECT(spsi_os_bind(os(), next, &place), SPSI_ADDRESS_IN_USE);
    remove_at(&place);
    DONE(spsi_os_bind(os(), next, &place));
    close_socket(next);
    remove_at(&place);
}
END_TEST

START_TEST(only_the_same_file_is_removed) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    const spsi_handle one = open_socket(SPSI_FAMILY_UNIX), other = open_socket(SPSI_FAMILY_UNIX);
    const spsi_address place = bind_somewhere(one, SPSI_FAMILY_UNIX);
    const spsi_address second = bind_somewhere(other, SPSI_FAMILY_UNIX);
    const spsi_file file = file_at(&place), of_other = file_at(&second);
    ck_assert(!spsi_file_is_same(&file, &of_other));
    spsi_os_remove_file(os(), place.path, &of_other);
    ck_assert(has_file(&place) && has_file(&second));
    spsi_os_remove_file(os(), place.path, &file);
    ck_assert(!has_file(&place) && has_file(&second));
    spsi_os_remove_file(os(), place.path, &file); // nothing is there
    close_socket(one);
    close_socket(other);
    remove_at(&second);
}
END_TEST

START_TEST(a_file_of_another_kind_is_no_file_of_a_socket) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    NEEDS(facts_of_platform().has_folders, "no other files here");
    const spsi_address place = free_place(SPSI_FAMILY_UNIX);
    FILE *stream = fopen(place.path, "w");
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert(!has_file(&place));
    const spsi_handle handle = open_socket(SPSI_FAMILY_UNIX);
    EXPECT(spsi_os_bind(os(), handle, &place), SPSI_ADDRESS_IN_USE);
    close_socket(handle);
    ck_assert_int_eq(remove(place.path), 0);
}
END_TEST

START_TEST(a_mode_needs_a_file) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    const spsi_address nowhere = free_place(SPSI_FAMILY_UNIX);
    const spsi_handle handle = open_socket(SPSI_FAMILY_UNIX);
    const spsi_address place = bind_somewhere(handle, SPSI_FAMILY_UNIX);
    EXPECT(spsi_os_set_file_mode(os(), nowhere.path, 0600), SPSI_REFUSED);
    ck_assert(!has_file(&nowhere));
    DONE(spsi_os_set_file_mode(os(), place.path, 0600));
    DONE(spsi_os_listen(os(), handle, 0));
    close_socket(connect_to_address(&place));
    close_socket(handle);
    remove_at(&place);
}
END_TEST

static spsi_address longest_place(void) {
    spsi_address place = free_place(SPSI_FAMILY_UNIX);
    const size_t longest = spsi_os_max_path_bytes(os()), length = strlen(place.path);
    ck_assert_uint_gt(longest, length);
    ck_assert_uint_lt(longest, sizeof place.path);
    memset(place.path + length, 'x', longest - length);
    place.path[longest] = '\0';
    return place;
}

START_TEST(the_longest_path_is_not_cut) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    const spsi_address place = longest_place();
    const spsi_handle listener = listen_on(&place);
    const spsi_address local = local_address_of(listener);
    ck_assert_str_eq(local.path, place.path);
    const spsi_handle client = connect_to_address(&place);
    spsi_address peer;
    DONE(spsi_os_peer_address(os(), client, &peer));
    ck_assert_str_eq(peer.path, place.path);
    close_socket(client);
    close_socket(listener);
    remove_at(&place);
}
END_TEST

START_TEST(a_path_in_a_missing_folder_is_invalid) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    NEEDS(facts_of_platform().has_folders, "no folders here");
    spsi_address place = free_place(SPSI_FAMILY_UNIX);
    const size_t length = strlen(place.path);
    spsi_handle lock;
    ck_assert_uint_lt(length + 2, sizeof place.path);
    memcpy(place.path + length, "/x", 3);
    const spsi_handle handle = open_socket(SPSI_FAMILY_UNIX);
    EXPECT(spsi_os_bind(os(), handle, &place), SPSI_ADDRESS_INVALID);
    EXPECT(spsi_os_lock_path(os(), place.path, &lock), SPSI_ADDRESS_INVALID);
    ck_assert(!has_file(&place));
    close_socket(handle);
}
END_TEST

// ---- Abstract names

// A name that no other process uses at this time.
static spsi_address abstract_place(void) {
    spsi_address place = free_place(SPSI_FAMILY_UNIX);
    memmove(place.path + 1, place.path, strlen(place.path) + 1);
    place.path[0] = SPSI_ABSTRACT_MARK;
    return place;
}

START_TEST(an_abstract_name_ends_with_its_socket) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    NEEDS(spsi_os_has_abstract_names(os()), "no abstract names here");
    const spsi_address place = abstract_place();
    for (int i = 0; i < 2; i++) {
        spsi_address peer;
        const spsi_handle listener = listen_on(&place), second = open_socket(SPSI_FAMILY_UNIX);
        EXPECT(spsi_os_bind(os(), second, &place), SPSI_ADDRESS_IN_USE);
        close_socket(second);
        const spsi_handle client = connect_to_address(&place);
        DONE(spsi_os_peer_address(os(), client, &peer));
        ck_assert_str_eq(peer.path, place.path);
        close_socket(client);
        close_socket(listener);
        const spsi_handle late = open_socket(SPSI_FAMILY_UNIX);
        EXPECT(spsi_os_connect(os(), late, &place), SPSI_REFUSED);
        close_socket(late);
    }
}
END_TEST

// ---- Absolute paths

START_TEST(a_relative_path_becomes_absolute) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    static char once[SPSI_ABSOLUTE_PATH_BYTES], twice[SPSI_ABSOLUTE_PATH_BYTES];
    const char *relative = "a/b.sock";
    DONE(spsi_os_absolute_path(os(), relative, once, sizeof once));
    const size_t length = strlen(once);
    ck_assert_uint_ge(length, strlen(relative));
    ck_assert_str_eq(once + length - strlen("b.sock"), "b.sock");
    DONE(spsi_os_absolute_path(os(), once, twice, sizeof twice));
    ck_assert_str_eq(once, twice);
}
END_TEST

START_TEST(a_path_that_does_not_fit_is_no_path) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    static char path[SPSI_ABSOLUTE_PATH_BYTES];
    DONE(spsi_os_absolute_path(os(), "b.sock", path, sizeof path));
    const size_t size = strlen(path) + 1;
    char *room = malloc(size);
    ck_assert_ptr_nonnull(room);
    DONE(spsi_os_absolute_path(os(), "b.sock", room, size));
    ck_assert_str_eq(room, path);
    FAILS(spsi_os_absolute_path(os(), "b.sock", room, size - 1), SPSI_ABSOLUTE_PATH_FAILURES);
    free(room);
}
END_TEST

// ---- Locks

START_TEST(one_caller_locks_a_path) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    const spsi_address place = free_place(SPSI_FAMILY_UNIX), other = free_place(SPSI_FAMILY_UNIX);
    for (int i = 0; i < 3; i++) {
        spsi_handle lock, second, of_other;
        DONE(spsi_os_lock_path(os(), place.path, &lock));
        EXPECT(spsi_os_lock_path(os(), place.path, &second), SPSI_AGAIN);
        DONE(spsi_os_lock_path(os(), other.path, &of_other));
        spsi_os_unlock_path(os(), other.path, of_other);
        EXPECT(spsi_os_lock_path(os(), place.path, &second), SPSI_AGAIN);
        spsi_os_unlock_path(os(), place.path, lock);
    }
}
END_TEST

START_TEST(a_lock_leaves_the_path_alone) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    const spsi_address place = longest_place();
    spsi_handle lock;
    DONE(spsi_os_lock_path(os(), place.path, &lock));
    ck_assert(!has_file(&place));
    const spsi_handle listener = listen_on(&place);
    const spsi_file file = file_at(&place);
    close_socket(connect_to_address(&place));
    spsi_os_unlock_path(os(), place.path, lock);
    const spsi_file later = file_at(&place);
    ck_assert(spsi_file_is_same(&file, &later));
    close_socket(connect_to_address(&place));
    close_socket(listener);
    remove_at(&place);
}
END_TEST

typedef struct rivals {
    spsi_address place;
    bool has_lock;
} rivals;

static void try_to_lock(void *of_rivals) {
    rivals *rivals = of_rivals;
    spsi_handle lock;
    const spsi_result result = spsi_os_lock_path(os(), rivals->place.path, &lock);
    rivals->has_lock = result.code == SPSI_DONE;
    if (rivals->has_lock) {
        spsi_os_unlock_path(os(), rivals->place.path, lock);
    }
}

START_TEST(a_lock_keeps_other_threads_out) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    NEEDS(facts_of_platform().has_threads, "no threads here");
    rivals rivals = {.place = free_place(SPSI_FAMILY_UNIX), .has_lock = true};
    spsi_handle lock;
    DONE(spsi_os_lock_path(os(), rivals.place.path, &lock));
    later(try_to_lock, &rivals);
    finish_later();
    ck_assert(!rivals.has_lock);
    spsi_os_unlock_path(os(), rivals.place.path, lock);
    later(try_to_lock, &rivals);
    finish_later();
    ck_assert(rivals.has_lock);
}
END_TEST

Suite *contract_paths_suite(void) {
    Suite *suite = suite_create("contract_paths");
    TCase *all = add_contract_case(suite, "all");
    tcase_add_test(all, a_bound_socket_has_a_file_that_outlives_it);
    tcase_add_test(all, a_file_keeps_others_from_its_path);
    tcase_add_test(all, only_the_same_file_is_removed);
    tcase_add_test(all, a_file_of_another_kind_is_no_file_of_a_socket);
    tcase_add_test(all, a_mode_needs_a_file);
    tcase_add_test(all, the_longest_path_is_not_cut);
    tcase_add_test(all, a_path_in_a_missing_folder_is_invalid);
    tcase_add_test(all, an_abstract_name_ends_with_its_socket);
    tcase_add_test(all, a_relative_path_becomes_absolute);
    tcase_add_test(all, a_path_that_does_not_fit_is_no_path);
    tcase_add_test(all, one_caller_locks_a_path);
    tcase_add_test(all, a_lock_leaves_the_path_alone);
    tcase_add_test(all, a_lock_keeps_other_threads_out);
    return suite;
}

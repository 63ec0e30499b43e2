// SPDX-License-Identifier: MIT
//
// Paths on Windows: what is refused, and locks and permissions of files.
#include "platform/windows/windows.h"

#include <sddl.h>
#include <stdio.h>
#include <string.h>

#include "platform/windows/wide_text.h"
#include "support/support.h"

static const char not_utf8[][4] = {"\xff", "a\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80"};

// ---- Text

START_TEST(text_is_converted_exactly) {
    static const char text[] = "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80";
    enum { UNITS = 10 }; // the last character has two, and there is a NUL
    WCHAR wide[UNITS];
    char back[sizeof text];
    ck_assert(!spsi_wide_from_utf8(text, wide, UNITS - 1));
    ck_assert(spsi_wide_from_utf8(text, wide, UNITS));
    ck_assert(!spsi_wide_to_utf8(wide, back, sizeof back - 1));
    ck_assert(spsi_wide_to_utf8(wide, back, sizeof back));
    ck_assert_str_eq(back, text);
}
END_TEST

START_TEST(text_that_is_not_utf8_is_refused) {
    WCHAR wide[16];
    char back[16];
    for (size_t i = 0; i < sizeof not_utf8 / sizeof not_utf8[0]; i++) {
        ck_assert_msg(!spsi_wide_from_utf8(not_utf8[i], wide, 16), "row %d", (int)i);
    }
    ck_assert(!spsi_wide_to_utf8(L"half of a pair: \xd800", back, sizeof back));
}
END_TEST

// ---- Paths

static spsi_code absolute(const char *path, char *out, size_t size) {
    return spsi_windows_absolute_path(NULL, path, out, size).code;
}

static void expect_refused(const char *path) {
    char out[SPSI_ABSOLUTE_PATH_BYTES];
    spsi_file file;
    spsi_handle lock;
    ck_assert_msg(absolute(path, out, sizeof out) == SPSI_ADDRESS_INVALID, "%s", path);
    ck_assert_int_eq(spsi_windows_check_path(path).code, SPSI_ADDRESS_INVALID);
    ck_assert_int_eq(spsi_windows_lock_path(NULL, path, &lock).code, SPSI_ADDRESS_INVALID);
    ck_assert_int_eq(spsi_windows_set_file_mode(NULL, path, 0600).code, SPSI_ADDRESS_INVALID);
    ck_assert(!spsi_windows_file_of(NULL, path, &file));
}

START_TEST(devices_and_other_machines_are_refused) {
    static const char *const paths[] = {"\\\\.\\pipe\\x",
                                        "//./pipe/x",
                                        "\\\\?\\C:\\x",
                                        "\\\\?\\pipe\\x",
                                        "NUL",
                                        "C:\\x\\nul",
                                        "COM1.txt",
                                        "\\\\server\\x\\y",
                                        "//server/share/x",
                                        "C:\\x:stream",
                                        "\\\\localhost\\pipe\\x"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        expect_refused(paths[i]);
    }
}
END_TEST

START_TEST(text_of_paths_is_checked) {
    static char much[10001];
    memset(much, 'x', sizeof much - 1);
    expect_refused(much);
    expect_refused("");
    for (size_t i = 0; i < sizeof not_utf8 / sizeof not_utf8[0]; i++) {
        expect_refused(not_utf8[i]);
    }
}
END_TEST

START_TEST(a_relative_path_becomes_absolute) {
    char folder[SPSI_ABSOLUTE_PATH_BYTES], path[SPSI_ABSOLUTE_PATH_BYTES];
    ck_assert_int_eq(absolute(".", folder, sizeof folder), SPSI_DONE);
    ck_assert_int_eq(absolute("x/../\xc3\xbc", path, sizeof path), SPSI_DONE);
    ck_assert_uint_eq(strncmp(path, folder, strlen(folder)), 0);
    ck_assert_str_eq(path + strlen(path) - 3, "\\\xc3\xbc");
    ck_assert_int_eq(absolute("x", path, 4), SPSI_ADDRESS_INVALID); // too small for any
    ck_assert_int_eq(absolute("C:\\x\\s", path, sizeof path), SPSI_DONE);
    ck_assert_str_eq(path, "C:\\x\\s");
}
END_TEST

// The public calls answer what uds.h says, with or without Unix sockets.
START_TEST(bad_paths_have_documented_errors) {
    static char much[10001];
    memset(much, 'x', sizeof much - 1);
    static const char *const paths[] = {"\\\\.\\pipe\\x", "\xff", "NUL", much};
    sps_stream *stream = make_stream(UDS, NULL);
    sps_server *server = make_server(UDS, NULL);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        IS(sps_uds_server_listen(server, paths[i]), SPS_ERR_INVALID_PARAMETER);
        const sps_error bound = sps_uds_bind(stream, paths[i]);
        const sps_error connected = sps_uds_connect(stream, paths[i]);
        ck_assert(bound == SPS_ERR_INVALID_PARAMETER || !has_unix_sockets());
        ck_assert(bound == SPS_ERR_INVALID_PARAMETER || bound == SPS_ERR_UNAVAILABLE);
        ck_assert(connected == SPS_ERR_INVALID_PARAMETER || connected == SPS_FAILED);
        ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    }
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

START_TEST(without_the_driver_unix_sockets_are_unavailable) {
    if (has_unix_sockets()) {
        return;
    }
    const place place = new_path();
    sps_stream *stream = make_stream(UDS, NULL);
    sps_server *server = make_server(UDS, NULL);
    IS(sps_uds_server_listen(server, place.path), SPS_ERR_UNAVAILABLE);
    IS(sps_uds_bind(stream, place.path), SPS_ERR_UNAVAILABLE);
    IS(sps_uds_connect(stream, place.path), SPS_FAILED);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

START_TEST(a_host_of_10000_bytes_is_an_error) {
    static char much[10001];
    memset(much, 'x', sizeof much - 1);
    sps_stream *stream = make_stream(TCP, NULL);
    IS(sps_tcp_connect(stream, much, 80), SPS_ERR_INVALID_PARAMETER);
    sps_stream_destroy(stream);
}
END_TEST

// ---- Locks

static bool is_there(const char *path, const char *suffix) {
    char full[128];
    snprintf(full, sizeof full, "%s%s", path, suffix);
    return GetFileAttributesA(full) != INVALID_FILE_ATTRIBUTES;
}

static void make_file(const char *path, const char *suffix, const char *content) {
    char full[128];
    snprintf(full, sizeof full, "%s%s", path, suffix);
    FILE *file = fopen(full, "w");
    ck_assert_ptr_nonnull(file);
    fputs(content, file);
    fclose(file);
}

static spsi_code try_lock(const place *place, spsi_handle *out) {
    return spsi_windows_lock_path(NULL, place->path, out).code;
}

START_TEST(a_lock_has_one_holder) {
    const place place = new_path();
    spsi_handle first, second;
    ck_assert_int_eq(try_lock(&place, &first), SPSI_DONE);
    ck_assert_int_eq(try_lock(&place, &second), SPSI_AGAIN);
    ck_assert(is_there(place.path, ".sps-lock"));
    spsi_windows_unlock_path(NULL, place.path, first);
    ck_assert(!is_there(place.path, ".sps-lock"));
    ck_assert_int_eq(try_lock(&place, &second), SPSI_DONE);
    spsi_windows_unlock_path(NULL, place.path, second);
}
END_TEST

// A machine that stops may leave the file. A file with content is somebody's own.
START_TEST(a_lock_file_that_was_left_is_locked) {
    const place place = new_path();
    static const char *const contents[] = {"", "mine"};
    for (size_t i = 0; i < 2; i++) {
        spsi_handle first, second;
        make_file(place.path, ".sps-lock", contents[i]);
        ck_assert_int_eq(try_lock(&place, &first), SPSI_DONE);
        ck_assert_int_eq(try_lock(&place, &second), SPSI_AGAIN);
        spsi_windows_unlock_path(NULL, place.path, first);
        ck_assert_int_eq(is_there(place.path, ".sps-lock"), i == 1);
    }
}
END_TEST

START_TEST(a_lock_needs_its_folder) {
    place place = new_path();
    spsi_handle lock;
    strcat(place.path, "\\nonesuch");
    ck_assert_int_eq(try_lock(&place, &lock), SPSI_ADDRESS_INVALID);
}
END_TEST

// ---- Files

START_TEST(a_file_that_is_not_a_socket_is_never_removed) {
    const place place = new_path();
    const spsi_file any = {0, 0};
    spsi_file file;
    make_file(place.path, "", "mine");
    ck_assert(!spsi_windows_file_of(NULL, place.path, &file));
    spsi_windows_remove_file(NULL, place.path, &any);
    ck_assert(is_there(place.path, ""));
}
END_TEST

// Whether the access list of a file lets everyone (S-1-1-0) in.
static bool is_for_everyone(const char *path) {
    char text[1024] = "";
    BYTE descriptor[1024];
    DWORD needed;
    LPSTR found = NULL;
    ck_assert(
        GetFileSecurityA(path, DACL_SECURITY_INFORMATION, descriptor, sizeof descriptor, &needed));
    ck_assert(ConvertSecurityDescriptorToStringSecurityDescriptorA(
        descriptor, SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &found, NULL));
    snprintf(text, sizeof text, "%s", found);
    LocalFree(found);
    return strstr(text, ";;;WD)") != NULL;
}

START_TEST(a_mode_is_an_access_list) {
    const place place = new_path();
    make_file(place.path, "", "");
    ck_assert_int_eq(spsi_windows_set_file_mode(NULL, place.path, 0777).code, SPSI_DONE);
    ck_assert(is_for_everyone(place.path));
    ck_assert_int_eq(spsi_windows_set_file_mode(NULL, place.path, 0660).code, SPSI_DONE);
    ck_assert(!is_for_everyone(place.path));
    ck_assert(is_there(place.path, "")); // the owner still sees it
    ck_assert_int_eq(spsi_windows_set_file_mode(NULL, "nonesuch", 0600).code, SPSI_REFUSED);
}
END_TEST

Suite *windows_paths_suite(void) {
    Suite *suite = suite_create("windows_paths");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, text_is_converted_exactly);
    tcase_add_test(all, text_that_is_not_utf8_is_refused);
    tcase_add_test(all, devices_and_other_machines_are_refused);
    tcase_add_test(all, text_of_paths_is_checked);
    tcase_add_test(all, a_relative_path_becomes_absolute);
    tcase_add_test(all, bad_paths_have_documented_errors);
    tcase_add_test(all, without_the_driver_unix_sockets_are_unavailable);
    tcase_add_test(all, a_host_of_10000_bytes_is_an_error);
    tcase_add_test(all, a_lock_has_one_holder);
    tcase_add_test(all, a_lock_file_that_was_left_is_locked);
    tcase_add_test(all, a_lock_needs_its_folder);
    tcase_add_test(all, a_file_that_is_not_a_socket_is_never_removed);
    tcase_add_test(all, a_mode_is_an_access_list);
    return suite;
}

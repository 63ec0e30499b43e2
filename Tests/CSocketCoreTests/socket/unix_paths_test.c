// SPDX-License-Identifier: MIT
//
// Unix sockets: the file at a path, permission to connect, and names without a file.
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/support.h"

static struct sockaddr_un address_of(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    ck_assert_uint_lt(strlen(path), sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    return address;
}

// Makes a file like that of a killed server.
static void leave_stale(const char *path) {
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    const struct sockaddr_un address = address_of(path);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    close(fd);
}

static void expect_no_lock_file(const place *place) {
    char path[sizeof place->path + 16];
    snprintf(path, sizeof path, "%s.sps-lock", place->path);
    ck_assert_int_eq(access(path, F_OK), -1);
}

static void expect_serves(sps_server *server, const place *place) {
    sps_stream *stream = make_stream(UDS, NULL);
    OK(connect_to(stream, place));
    sps_stream *peer = take_from(server);
    sps_stream_destroy(stream);
    sps_stream_destroy(peer);
}

START_TEST(the_socket_file_goes_with_the_server) {
    sps_server *server = make_server(UDS, NULL);
    const place place = listen_somewhere(server, UDS);
    struct stat info;
    ck_assert_int_eq(stat(place.path, &info), 0);
    ck_assert(S_ISSOCK(info.st_mode));
    OK(sps_server_stop(server));
    ck_assert_int_eq(stat(place.path, &info), -1);
    OK(listen_at(server, &place));
    sps_server_destroy(server);
    ck_assert_int_eq(stat(place.path, &info), -1);
}
END_TEST

// stop() removes only the file that listen() made.
START_TEST(stop_removes_only_its_own_file) {
    sps_server *first = make_server(UDS, NULL), *second = make_server(UDS, NULL);
    const place place = listen_somewhere(first, UDS);
    ck_assert_int_eq(unlink(place.path), 0);
    OK(listen_at(second, &place));
    OK(sps_server_stop(first));
    sps_stream *stream = make_stream(UDS, NULL);
    OK(connect_to(stream, &place)); // the second is still there
    sps_stream_destroy(stream);
    ck_assert_int_eq(unlink(place.path), 0);
    FILE *file = fopen(place.path, "w"); // a file with data
    ck_assert_ptr_nonnull(file);
    fclose(file);
    OK(sps_server_stop(second));
    ck_assert_int_eq(unlink(place.path), 0);
    sps_server_destroy(first);
    sps_server_destroy(second);
}
END_TEST

START_TEST(a_stale_file_is_replaced) {
    sps_server *server = make_server(UDS, NULL);
    const place place = unused_place(UDS);
    leave_stale(place.path);
    OK(listen_at(server, &place));
    expect_serves(server, &place);
    expect_no_lock_file(&place);
    sps_server_destroy(server);
    ck_assert_int_eq(access(place.path, F_OK), -1);
}
END_TEST

START_TEST(a_live_servers_file_is_not_touched) {
    sps_server *first = make_server(UDS, NULL), *second = make_server(UDS, NULL);
    const place place = listen_somewhere(first, UDS);
    struct stat before, after;
    ck_assert_int_eq(lstat(place.path, &before), 0);
    IS(listen_at(second, &place), SPS_ERR_ALREADY_IN_USE);
    ck_assert_int_eq(lstat(place.path, &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    bool listening;
    OK(sps_server_is_listening(second, &listening));
    ck_assert(!listening);
    // The probe was a connection, and has ended.
    sps_stream *probe = take_from(first);
    WAIT_UNTIL(polled_status(probe) == SPS_STATUS_NONE);
    sps_stream_destroy(probe);
    expect_serves(first, &place);
    expect_no_lock_file(&place);
    sps_server_destroy(first);
    sps_server_destroy(second);
}
END_TEST

START_TEST(a_live_server_whose_backlog_is_full_is_live) {
    backlog backlog = fill_backlog(UDS, 60000);
    sps_server *second = make_server(UDS, NULL);
    IS(listen_at(second, &backlog.place), SPS_ERR_ALREADY_IN_USE);
    ck_assert_int_eq(access(backlog.place.path, F_OK), 0);
    close_backlog(&backlog);
    sps_server_destroy(second);
}
END_TEST

START_TEST(a_file_that_is_not_a_socket_is_never_removed) {
    sps_server *server = make_server(UDS, NULL);
    const place file = unused_place(UDS), folder = unused_place(UDS), link = unused_place(UDS),
                pipe_file = unused_place(UDS), dangling = unused_place(UDS);
    FILE *opened = fopen(file.path, "w");
    ck_assert_ptr_nonnull(opened);
    fclose(opened);
    ck_assert_int_eq(mkdir(folder.path, 0700), 0);
    ck_assert_int_eq(symlink(file.path, link.path), 0);
    ck_assert_int_eq(symlink("/nonesuch", dangling.path), 0);
    ck_assert_int_eq(mkfifo(pipe_file.path, 0600), 0);
    const place *const all[] = {&file, &folder, &link, &pipe_file, &dangling};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct stat before, after;
        ck_assert_int_eq(lstat(all[i]->path, &before), 0);
        IS(listen_at(server, all[i]), SPS_ERR_ALREADY_IN_USE);
        ck_assert_int_eq(lstat(all[i]->path, &after), 0);
        ck_assert_uint_eq(before.st_ino, after.st_ino);
        ck_assert_uint_eq(before.st_mode, after.st_mode);
        expect_no_lock_file(all[i]);
    }
    ck_assert_int_eq(rmdir(folder.path), 0);
    sps_server_destroy(server);
}
END_TEST

// A symbolic link to a stale socket belongs to a user, too.
START_TEST(a_link_to_a_stale_socket_is_not_removed) {
    sps_server *server = make_server(UDS, NULL);
    const place stale = unused_place(UDS), link = unused_place(UDS);
    leave_stale(stale.path);
    ck_assert_int_eq(symlink(stale.path, link.path), 0);
    IS(listen_at(server, &link), SPS_ERR_ALREADY_IN_USE);
    ck_assert_int_eq(access(stale.path, F_OK), 0);
    sps_server_destroy(server);
}
END_TEST

START_TEST(a_datagram_socket_is_not_stale) {
    sps_server *server = make_server(UDS, NULL);
    const place place = unused_place(UDS);
    const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    const struct sockaddr_un address = address_of(place.path);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    IS(listen_at(server, &place), SPS_ERR_ALREADY_IN_USE);
    ck_assert_int_eq(access(place.path, F_OK), 0);
    close(fd);
    sps_server_destroy(server);
}
END_TEST

// A user's own file has the name of the lock.
START_TEST(a_lock_file_of_another_owner_stays) {
    sps_server *server = make_server(UDS, NULL);
    const place place = unused_place(UDS);
    char path[sizeof place.path + 16];
    snprintf(path, sizeof path, "%s.sps-lock", place.path);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("mine", file);
    fclose(file);
    OK(listen_at(server, &place));
    ck_assert_int_eq(access(path, F_OK), 0);
    unlink(path);
    sps_server_destroy(server);
}
END_TEST

// The lock's name may be a link or a pipe. The server neither follows it nor waits for it. It
// listens without the lock, but then replaces no file.
START_TEST(a_link_in_place_of_the_lock_is_not_followed) {
    sps_server *server = make_server(UDS, NULL);
    const place place = unused_place(UDS), target = unused_place(UDS);
    char path[sizeof place.path + 16];
    snprintf(path, sizeof path, "%s.sps-lock", place.path);
    FILE *file = fopen(target.path, "w");
    ck_assert_ptr_nonnull(file);
    fclose(file);
    ck_assert_int_eq(symlink(target.path, path), 0);
    OK(listen_at(server, &place));
    expect_serves(server, &place);
    ck_assert_int_eq(access(target.path, F_OK), 0);
    sps_server_destroy(server);
    leave_stale(place.path);
    server = make_server(UDS, NULL);
    IS(listen_at(server, &place), SPS_ERR_ALREADY_IN_USE);
    unlink(path);
    OK(listen_at(server, &place));
    sps_server_destroy(server);
}
END_TEST

START_TEST(the_files_mode_is_a_choice) {
    static const uint32_t modes[] = {0600, 0660, 0777};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        const sps_server_options options = {.struct_size = sizeof options, .file_mode = modes[i]};
        sps_server *server = make_server(UDS, &options);
        const place place = listen_somewhere(server, UDS);
        struct stat info;
        ck_assert_int_eq(stat(place.path, &info), 0);
        ck_assert_uint_eq(info.st_mode & 0777, modes[i]);
        sps_server_destroy(server);
    }
    const sps_server_options bad = {.struct_size = sizeof bad, .file_mode = 01000};
    sps_server *server;
    IS(sps_uds_server_create(&bad, &server), SPS_ERR_INVALID_PARAMETER);
}
END_TEST

// ---- Names without a file

// Without abstract names (the portable side) a listen returns ERR_UNAVAILABLE. The test checks no
// more.
static bool has_abstract_names(void) {
    char name[32];
    snprintf(name, sizeof name, "@sps-probe-%d", (int)getpid());
    sps_stream *stream = make_stream(UDS, NULL);
    const sps_error error = sps_uds_bind(stream, name);
    sps_stream_destroy(stream);
    if (error == SPS_ERR_UNAVAILABLE) {
        printf("no abstract names on this platform: they are answered with ERR_UNAVAILABLE\n");
        return false;
    }
    OK(error);
    return true;
}

START_TEST(abstract_names) {
    if (!has_abstract_names()) {
        return;
    }
    place place = {.transport = UDS};
    snprintf(place.path, sizeof place.path, "@sps-test-%d", (int)getpid());
    sps_server *server = make_server(UDS, NULL), *second = make_server(UDS, NULL);
    OK(listen_at(server, &place));
    IS(listen_at(second, &place), SPS_ERR_ALREADY_IN_USE);
    ck_assert_int_eq(access(place.path, F_OK), -1);
    expect_no_lock_file(&place);
    sps_stream *stream = make_stream(UDS, NULL);
    char own[sizeof place.path + 8], path[SPS_PATH_TEXT_BYTES];
    snprintf(own, sizeof own, "%s-client", place.path);
    OK(sps_uds_bind(stream, own));
    OK(connect_to(stream, &place));
    sps_stream *peer = take_from(server);
    OK(sps_uds_get_connected_path(stream, path, sizeof path, NULL));
    ck_assert_str_eq(path, place.path);
    OK(sps_uds_get_connected_path(peer, path, sizeof path, NULL));
    ck_assert_str_eq(path, own);
    // The OS knows this abstract name, without a NUL at its end.
    struct sockaddr_un address = address_of(place.path);
    address.sun_path[0] = '\0';
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(place.path));
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, size), 0);
    close(fd);
    sps_stream_destroy(stream);
    sps_stream_destroy(peer);
    sps_server_destroy(server);
    OK(listen_at(second, &place)); // the name ends with the socket
    sps_server_destroy(second);
}
END_TEST

START_TEST(invalid_abstract_names) {
    sps_stream *stream = make_stream(UDS, NULL);
    IS(sps_uds_connect(stream, "@"), SPS_ERR_INVALID_PARAMETER);
    IS(sps_uds_bind(stream, "@"), SPS_ERR_INVALID_PARAMETER);
    char path[200];
    memset(path, 'x', sizeof path);
    path[0] = '@';
    path[108] = '\0';
    // too long; the library never cuts it
    IS(sps_uds_connect(stream, path), SPS_ERR_INVALID_PARAMETER);
    if (has_abstract_names()) {
        path[107] = '\0';
        IS(sps_uds_connect(stream, path), SPS_FAILED);
    }
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_file_may_begin_with_the_mark) {
    char before[256];
    ck_assert_ptr_nonnull(getcwd(before, sizeof before));
    const place inside = unused_place(UDS);
    char folder[sizeof inside.path];
    memcpy(folder, inside.path, sizeof folder);
    *strrchr(folder, '/') = '\0';
    ck_assert_int_eq(chdir(folder), 0);
    sps_server *server = make_server(UDS, NULL);
    OK(sps_uds_server_listen(server, "./@file"));
    ck_assert_int_eq(access("@file", F_OK), 0);
    sps_server_destroy(server);
    ck_assert_int_eq(access("@file", F_OK), -1);
    ck_assert_int_eq(chdir(before), 0);
}
END_TEST

// ---- The working directory

static bool is_there(const char *path) {
    return access(path, F_OK) == 0;
}

static void enter(const char *folder) {
    ck_assert_int_eq(chdir(folder), 0);
}

// A server that listens on "s" in a new working directory.
typedef struct entered {
    place folder;
    char before[256];
    sps_server *server;
} entered;

static entered listen_inside(void) {
    entered inside = {.folder = unused_place(UDS), .server = make_server(UDS, NULL)};
    ck_assert_ptr_nonnull(getcwd(inside.before, sizeof inside.before));
    ck_assert_int_eq(mkdir(inside.folder.path, 0700), 0);
    enter(inside.folder.path);
    ck_assert_int_eq(mkdir("other", 0700), 0);
    OK(sps_uds_server_listen(inside.server, "s"));
    ck_assert(is_there("s"));
    return inside;
}

static void leave(entered *inside, const char *folder) {
    sps_server_destroy(inside->server);
    enter(folder);
    ck_assert_int_eq(rmdir("other"), 0);
    enter(inside->before);
    ck_assert_int_eq(rmdir(folder), 0);
}

// Daemons change their directory.
START_TEST(a_servers_file_is_found_from_another_folder) {
    entered inside = listen_inside();
    for (int i = 0; i < 2; i++) {
        enter("other");
        leave_stale("s"); // another process's file of the same name
        OK(sps_server_stop(inside.server));
        ck_assert(!is_there("../s"));
        ck_assert(is_there("s"));
        unlink("s");
        enter("..");
        OK(sps_uds_server_listen(inside.server, "s"));
    }
    leave(&inside, inside.folder.path);
}
END_TEST

START_TEST(a_servers_file_is_found_in_a_renamed_folder) {
    entered inside = listen_inside();
    const place renamed = unused_place(UDS);
    ck_assert_int_eq(rename(inside.folder.path, renamed.path), 0);
    OK(sps_server_stop(inside.server));
    ck_assert(!is_there("s"));
    leave(&inside, renamed.path);
}
END_TEST

// A server whose file was replaced does not remove the other file.
START_TEST(a_file_in_place_of_a_servers_stays) {
    entered inside = listen_inside();
    unlink("s");
    leave_stale("s");
    enter("other");
    leave_stale("s");
    OK(sps_server_stop(inside.server));
    ck_assert(is_there("s") && is_there("../s"));
    unlink("s");
    unlink("../s");
    leave(&inside, inside.folder.path);
}
END_TEST

START_TEST(a_released_servers_lock_file_stays) {
    entered inside = listen_inside();
    intptr_t fd;
    OK(sps_server_release_fd(inside.server, &fd));
    close((int)fd);
    enter("other");
    OK(sps_server_stop(inside.server));
    ck_assert(is_there("../s"));
    unlink("../s");
    leave(&inside, inside.folder.path);
}
END_TEST

// ---- The participants

START_TEST(the_peers_credentials) {
    pair pair = connect_pair(UDS);
    sps_stream *const both[] = {pair.client, pair.peer};
    for (size_t i = 0; i < 2; i++) {
        sps_peer_credentials peer = {.struct_size = sizeof peer, .pid = -1};
        const sps_error error = sps_uds_get_peer_credentials(both[i], &peer);
        if (error == SPS_ERR_UNAVAILABLE) { // the portable side, compiled on Linux
            printf("the platform does not tell the peer's credentials\n");
            break;
        }
        OK(error);
        expect_own_credentials(&peer);
        ck_assert_uint_eq(peer.struct_size, sizeof peer);
    }
    sps_peer_credentials none = {.struct_size = 0}, some = {.struct_size = sizeof some};
    IS(sps_uds_get_peer_credentials(pair.client, &none), SPS_ERR_INVALID_PARAMETER);
    IS(sps_uds_get_peer_credentials(pair.client, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_uds_get_peer_credentials(NULL, &some), SPS_ERR_INVALID_PARAMETER);
    OK(sps_socket_disconnect(pair.client));
    IS(sps_uds_get_peer_credentials(pair.client, &some), SPS_FAILED);
    close_pair(&pair);
    sps_stream *tcp = make_stream(TCP, NULL);
    IS(sps_uds_get_peer_credentials(tcp, &some), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(tcp);
}
END_TEST

Suite *unix_paths_suite(void) {
    Suite *suite = suite_create("unix_paths");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, the_socket_file_goes_with_the_server);
    tcase_add_test(all, stop_removes_only_its_own_file);
    tcase_add_test(all, a_stale_file_is_replaced);
    tcase_add_test(all, a_live_servers_file_is_not_touched);
    tcase_add_test(all, a_live_server_whose_backlog_is_full_is_live);
    tcase_add_test(all, a_file_that_is_not_a_socket_is_never_removed);
    tcase_add_test(all, a_link_to_a_stale_socket_is_not_removed);
    tcase_add_test(all, a_datagram_socket_is_not_stale);
    tcase_add_test(all, a_lock_file_of_another_owner_stays);
    tcase_add_test(all, a_link_in_place_of_the_lock_is_not_followed);
    tcase_add_test(all, the_files_mode_is_a_choice);
    tcase_add_test(all, abstract_names);
    tcase_add_test(all, invalid_abstract_names);
    tcase_add_test(all, a_file_may_begin_with_the_mark);
    tcase_add_test(all, a_servers_file_is_found_from_another_folder);
    tcase_add_test(all, a_servers_file_is_found_in_a_renamed_folder);
    tcase_add_test(all, a_file_in_place_of_a_servers_stays);
    tcase_add_test(all, a_released_servers_lock_file_stays);
    tcase_add_test(all, the_peers_credentials);
    return suite;
}

// SPDX-License-Identifier: MIT
//
// Host names and local addresses in the C++ header.
#include <algorithm>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "support/cpp_support.hpp"

namespace {

using namespace std::string_literals;
using sps::IP;

using Strings = std::vector<std::string>;

START_TEST(localhost_has_an_address_of_each_kind) {
    IP ip;
    ck_assert(ip.resolve_hostname("localhost", IP::TYPE_IPV4) == "127.0.0.1");
    ck_assert(ip.resolve_hostname("localhost", IP::TYPE_IPV6) == "::1");
    Strings both = ip.resolve_hostname_addresses("localhost");
    std::sort(both.begin(), both.end());
    ck_assert(both == Strings({"127.0.0.1", "::1"}));
    OK(ip.get_last_error());
}
END_TEST

START_TEST(an_address_is_its_own_name) {
    IP ip;
    ck_assert(ip.resolve_hostname("127.0.0.1") == "127.0.0.1");
    ck_assert(ip.resolve_hostname_addresses("::1") == Strings({"::1"}));
}
END_TEST

START_TEST(after_a_shutdown_everything_works_again) {
    IS(IP::shutdown(-1), sps::ERR_INVALID_PARAMETER);
    OK(IP::shutdown());
    IP ip;
    ck_assert(ip.resolve_hostname("any.invalid").empty());
    IS(ip.get_last_error(), sps::ERR_CANT_RESOLVE);
    OK(IP::shutdown(20000));
}
END_TEST

START_TEST(an_address_of_another_kind_is_not_found) {
    IP ip;
    ck_assert(ip.resolve_hostname("127.0.0.1", IP::TYPE_IPV6).empty());
    IS(ip.get_last_error(), sps::ERR_CANT_RESOLVE);
    ck_assert(ip.resolve_hostname_addresses("::1", IP::TYPE_IPV4).empty());
    IS(ip.get_last_error(), sps::ERR_CANT_RESOLVE);
}
END_TEST

START_TEST(an_invalid_host_is_an_error) {
    IP ip;
    for (const std::string &host : {"bad name!"s, "localhost\0x"s, ""s}) {
        ck_assert(ip.resolve_hostname(host).empty());
        IS(ip.get_last_error(), sps::ERR_INVALID_PARAMETER);
        ck_assert(ip.resolve_hostname_addresses(host).empty());
        IS(ip.get_last_error(), sps::ERR_INVALID_PARAMETER);
        ck_assert_int_eq(ip.resolve_hostname_queue_item(host), IP::RESOLVER_INVALID_ID);
        IS(ip.get_last_error(), sps::ERR_INVALID_PARAMETER);
    }
}
END_TEST

START_TEST(an_item_is_there_until_it_is_erased) {
    IP ip;
    const int id = ip.resolve_hostname_queue_item("localhost", IP::TYPE_IPV4);
    ck_assert_int_ge(id, 0);
    WAIT_UNTIL(ip.get_resolve_item_status(id) == IP::RESOLVER_STATUS_DONE);
    ck_assert(ip.get_resolve_item_address(id) == "127.0.0.1");
    ck_assert(ip.get_resolve_item_addresses(id) == Strings({"127.0.0.1"}));
    OK(ip.erase_resolve_item(id));
    ck_assert_int_eq(ip.get_resolve_item_status(id), IP::RESOLVER_STATUS_NONE);
    ck_assert(ip.get_resolve_item_address(id).empty());
    IS(ip.get_last_error(), sps::ERR_DOES_NOT_EXIST);
    ck_assert(ip.get_resolve_item_addresses(id).empty());
    IS(ip.get_last_error(), sps::ERR_DOES_NOT_EXIST);
    IS(ip.erase_resolve_item(id), sps::ERR_DOES_NOT_EXIST);
}
END_TEST

START_TEST(an_item_that_was_not_found_is_an_error) {
    IP ip;
    const int id = ip.resolve_hostname_queue_item("127.0.0.1", IP::TYPE_IPV6);
    WAIT_UNTIL(ip.get_resolve_item_status(id) == IP::RESOLVER_STATUS_ERROR);
    ck_assert(ip.get_resolve_item_address(id).empty());
    IS(ip.get_last_error(), sps::ERR_CANT_RESOLVE);
}
END_TEST

START_TEST(the_queue_of_look_ups_has_a_limit) {
    IP ip;
    for (int i = 0; i < IP::RESOLVER_MAX_QUERIES; i++) {
        ck_assert_int_ne(ip.resolve_hostname_queue_item("::1"), IP::RESOLVER_INVALID_ID);
    }
    ck_assert_int_eq(ip.resolve_hostname_queue_item("::1"), IP::RESOLVER_INVALID_ID);
    IS(ip.get_last_error(), sps::ERR_CANT_ACQUIRE_RESOURCE);
}
END_TEST

START_TEST(the_cache_can_be_cleared_by_host_and_as_a_whole) {
    IP ip;
    OK(ip.clear_cache("localhost"));
    OK(ip.clear_cache());
    IS(ip.clear_cache("localhost\0x"s), sps::ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(this_machine_has_its_loopback_address) {
    const IP ip;
    const Strings addresses = ip.get_local_addresses();
    OK(ip.get_last_error());
    ck_assert(std::find(addresses.begin(), addresses.end(), "127.0.0.1") != addresses.end());
}
END_TEST

START_TEST(interfaces_have_the_local_addresses_among_them) {
    const IP ip;
    Strings addresses;
    std::vector<int> indices;
    for (const IP::Interface &interface : ip.get_local_interfaces()) {
        ck_assert_int_gt(interface.index, 0);
        ck_assert(!interface.name.empty());
        ck_assert(interface.friendly == interface.name);
        ck_assert(!interface.addresses.empty());
        ck_assert(std::find(indices.begin(), indices.end(), interface.index) == indices.end());
        indices.push_back(interface.index);
        addresses.insert(addresses.end(), interface.addresses.begin(), interface.addresses.end());
    }
    OK(ip.get_last_error());
    ck_assert(addresses == ip.get_local_addresses());
}
END_TEST

// The singleton lasts as long as the process. It is made before the tests, so no test seems to leak
// it.
void make_singleton() {
    IP::get_singleton();
}

START_TEST(there_is_one_ip_for_all_threads) {
    IP *elsewhere = nullptr;
    std::thread([&elsewhere] { elsewhere = IP::get_singleton(); }).join();
    ck_assert_ptr_nonnull(elsewhere);
    ck_assert_ptr_eq(IP::get_singleton(), elsewhere);
    ck_assert(IP::get_singleton()->resolve_hostname("::1") == "::1");
}
END_TEST

START_TEST(each_thread_has_its_own_last_error_of_an_ip) {
    IP ip;
    sps::Error elsewhere = sps::OK;
    std::thread([&ip, &elsewhere] {
        ip.resolve_hostname("bad name!");
        elsewhere = ip.get_last_error();
    }).join();
    IS(elsewhere, sps::ERR_INVALID_PARAMETER);
    OK(ip.get_last_error());
}
END_TEST

} // namespace

extern "C" Suite *cpp_ip_suite() {
    Suite *suite = suite_create("cpp_ip");
    TCase *all = add_case(suite, "all");
    tcase_add_unchecked_fixture(all, make_singleton, nullptr);
    tcase_add_test(all, localhost_has_an_address_of_each_kind);
    tcase_add_test(all, an_address_is_its_own_name);
    tcase_add_test(all, after_a_shutdown_everything_works_again);
    tcase_add_test(all, an_address_of_another_kind_is_not_found);
    tcase_add_test(all, an_invalid_host_is_an_error);
    tcase_add_test(all, an_item_is_there_until_it_is_erased);
    tcase_add_test(all, an_item_that_was_not_found_is_an_error);
    tcase_add_test(all, the_queue_of_look_ups_has_a_limit);
    tcase_add_test(all, the_cache_can_be_cleared_by_host_and_as_a_whole);
    tcase_add_test(all, this_machine_has_its_loopback_address);
    tcase_add_test(all, interfaces_have_the_local_addresses_among_them);
    tcase_add_test(all, there_is_one_ip_for_all_threads);
    tcase_add_test(all, each_thread_has_its_own_last_error_of_an_ip);
    return suite;
}

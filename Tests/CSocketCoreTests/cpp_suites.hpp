// SPDX-License-Identifier: MIT
//
// The suites of the C++ headers, each in a file of its own.
#ifndef CPP_SUITES_HPP
#define CPP_SUITES_HPP

#include <check.h>

Suite *cpp_header_suite();
Suite *cpp_ip_suite();
Suite *cpp_lifetime_suite();
Suite *cpp_packet_suite();
Suite *cpp_poller_suite();
Suite *cpp_port_suite();
Suite *cpp_socket_suite();
Suite *cpp_streams_suite();
Suite *cpp_variant_suite();
Suite *cpp_variant_cost_suite();
Suite *cpp_variant_streams_suite();
Suite *cpp_variant_wire_suite();

#endif

// SPDX-License-Identifier: MIT
#include "cpp_suites.hpp"
#include "support.h"

extern "C" {
const suite_maker suites[] = {cpp_header_suite,
                              cpp_ip_suite,
                              cpp_lifetime_suite,
                              cpp_packet_suite,
                              cpp_poller_suite,
                              cpp_port_suite,
                              cpp_socket_suite,
                              cpp_streams_suite,
                              cpp_variant_suite,
                              cpp_variant_cost_suite,
                              cpp_variant_streams_suite,
                              cpp_variant_wire_suite,
                              nullptr};
}

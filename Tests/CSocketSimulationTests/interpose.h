// SPDX-License-Identifier: MIT
//
// Included before the tests of the core, to create their objects on the simulated network.
#ifndef TEST_INTERPOSE_H
#define TEST_INTERPOSE_H

#include "streampeersocket/streampeersocket.h"

sps_error simulated_tcp_create(const sps_stream_options *options, sps_stream **out_stream);
sps_error simulated_uds_create(const sps_stream_options *options, sps_stream **out_stream);
sps_error simulated_tcp_server_create(const sps_server_options *options, sps_server **out_server);
sps_error simulated_uds_server_create(const sps_server_options *options, sps_server **out_server);
sps_error simulated_poller_create(const sps_poller_options *options, sps_poller **out_poller);
sps_error simulated_ip_create(const sps_ip_options *options, sps_ip **out_ip);

#ifndef INTERPOSE_DECLARES_ONLY
#define sps_tcp_create simulated_tcp_create
#define sps_uds_create simulated_uds_create
#define sps_tcp_server_create simulated_tcp_server_create
#define sps_uds_server_create simulated_uds_server_create
#define sps_poller_create simulated_poller_create
#define sps_ip_create simulated_ip_create
#endif

#endif

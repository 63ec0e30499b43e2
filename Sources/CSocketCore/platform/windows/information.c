// SPDX-License-Identifier: MIT
//
// Reports on connections.
#ifdef _WIN32

#include "platform/windows/windows.h"

#include <string.h>

// Declared here, because the headers' own depend on the release that a program is built for.
#define GET_TCP_INFO _WSAIORW(IOC_VENDOR, 39)      // SIO_TCP_INFO, Windows 10 1703
#define GET_UNIX_PEER_PID _WSAIOR(IOC_VENDOR, 256) // SIO_AF_UNIX_GETPEERPID, afunix.h

typedef struct tcp_info { // TCP_INFO_v0
    ULONG state;
    ULONG segment_bytes;
    ULONG64 age_ms;
    BOOLEAN has_timestamps;
    ULONG round_trip_us;
    ULONG least_round_trip_us;
    ULONG in_flight_bytes;
    ULONG congestion_window_bytes;
    ULONG send_window_bytes, receive_window_bytes, receive_buffer_bytes;
    ULONG64 sent_bytes, received_bytes;
    ULONG reordered_bytes, retransmitted_bytes;
    ULONG fast_retransmits, duplicate_acks, timeouts;
    UCHAR syn_retransmits;
} tcp_info;

// Windows counts bytes where other systems count segments.
static uint32_t segments(const tcp_info *info, ULONG bytes) {
    const ULONG size = info->segment_bytes;
    return size != 0 ? bytes / size + (bytes % size != 0) : 0;
}

spsi_result spsi_windows_tcp_info(const sps_platform *platform, spsi_handle handle,
                                  sps_tcp_info *out_info) {
    (void)platform;
    DWORD version = 0, size = 0;
    tcp_info info;
    memset(&info, 0, sizeof info);
    const spsi_result result =
        spsi_windows_result(WSAIoctl((SOCKET)handle, GET_TCP_INFO, &version, sizeof version, &info,
                                     sizeof info, &size, NULL, NULL));
    if (result.code != SPSI_DONE) {
        // An older provider calls the operation or its parameter invalid.
        const bool is_unknown = result.os_code == WSAEINVAL || result.os_code == WSAEFAULT;
        return is_unknown ? (spsi_result){SPSI_UNSUPPORTED, result.os_code} : result;
    }
    const ULONG least = info.least_round_trip_us;
    out_info->round_trip_us = info.round_trip_us;
    out_info->least_round_trip_us = least == UINT32_MAX ? 0 : least;
    out_info->retransmits = segments(&info, info.retransmitted_bytes);
    out_info->unacknowledged_segments = segments(&info, info.in_flight_bytes);
    out_info->congestion_window_segments = segments(&info, info.congestion_window_bytes);
    out_info->segment_bytes = info.segment_bytes;
    out_info->received_bytes = info.received_bytes;
    return result;
}

// Windows knows the process of a Unix socket's peer, and no user.
spsi_result spsi_windows_peer_credentials(const sps_platform *platform, spsi_handle handle,
                                          sps_peer_credentials *out_credentials) {
    (void)platform;
    ULONG pid = 0;
    DWORD size = 0;
    const spsi_result result = spsi_windows_result(
        WSAIoctl((SOCKET)handle, GET_UNIX_PEER_PID, NULL, 0, &pid, sizeof pid, &size, NULL, NULL));
    out_credentials->pid = (int32_t)pid;
    out_credentials->uid = out_credentials->gid = UINT32_MAX;
    return result;
}

#else
typedef int spsi_windows_information_is_elsewhere; // ISO C wants a declaration in each file
#endif

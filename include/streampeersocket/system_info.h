/* SPDX-License-Identifier: MIT */
/**
 * @file system_info.h
 * Data that the OS reports about connections, peers, names and this machine. Functions of tcp.h,
 * uds.h and ip.h fill these structs. A platform (options.h) provides their contents.
 */
#ifndef STREAMPEERSOCKET_SYSTEM_INFO_H
#define STREAMPEERSOCKET_SYSTEM_INFO_H

#include <stdint.h>

#include "export.h"

SPS_BEGIN_DECLARATIONS

/** A buffer of this size holds the text of any address with its terminating NUL. */
#define SPS_HOST_TEXT_BYTES 64

/**
 * A look-up returns at most this many addresses of a name, and omits the rest. Half of the room is
 * reserved for each family, so one family never displaces the other.
 */
#define SPS_IP_MAX_ADDRESSES 16

/** The OS's data about a connection (TCP_INFO). A number that the OS does not report is 0. */
typedef struct sps_tcp_info {
    /** sizeof(sps_tcp_info), set by the caller before the call. */
    uint32_t struct_size;
    /** The smoothed round-trip time (RFC 6298), in microseconds. */
    uint32_t round_trip_us;
    /** The variation of the round-trip time, in microseconds. */
    uint32_t round_trip_variation_us;
    /** The shortest recent round-trip time, in microseconds. */
    uint32_t least_round_trip_us;
    /** Segments retransmitted since the connection was established. */
    uint32_t retransmits;
    /** Segments in flight: sent and not acknowledged. */
    uint32_t unacknowledged_segments;
    /** Bytes that the OS took and has not sent yet. */
    uint32_t not_sent_bytes;
    /** The limit of segments in flight (RFC 5681). */
    uint32_t congestion_window_segments;
    /** The size limit of one segment. */
    uint32_t segment_bytes;
    /** Milliseconds since the last data arrived. */
    uint32_t since_received_ms;
    /** Bytes that the peer acknowledged since the connection was established. */
    uint64_t acknowledged_bytes;
    /** Bytes received since the connection was established. */
    uint64_t received_bytes;
    /** The recent delivery rate of the path, in bytes a second. */
    uint64_t delivery_bytes_per_second;
} sps_tcp_info;

/** The process at the other end at the time of the connect. */
typedef struct sps_peer_credentials {
    /** sizeof(sps_peer_credentials), set by the caller before the call. */
    uint32_t struct_size;
    /**
     * The process, or 0 if the OS does not report it. The process may have ended, and another may
     * have its number.
     */
    int32_t pid;
    /** The user of the process, or UINT32_MAX if the OS does not report it. */
    uint32_t uid;
    /** The group of the process, or UINT32_MAX if the OS does not report it. */
    uint32_t gid;
} sps_peer_credentials;

/** One address of this machine. */
typedef struct sps_local_address {
    /**
     * sizeof(sps_local_address). The caller sets it in the first element of an array, for all of
     * them. 0 and values above 4,096 are ERR_INVALID_PARAMETER.
     */
    uint32_t struct_size;
    /** The number of the network interface with this address. */
    uint32_t interface_index;
    /** The interface's name, NUL-terminated: "eth0". */
    char interface_name[SPS_HOST_TEXT_BYTES];
    /** The address as text, NUL-terminated. */
    char host[SPS_HOST_TEXT_BYTES];
} sps_local_address;

SPS_END_DECLARATIONS

#endif

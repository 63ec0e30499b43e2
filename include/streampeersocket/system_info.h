/* SPDX-License-Identifier: MIT */
/**
 * @file system_info.h
 * What the OS tells about connections, peers, names and this machine. Functions of tcp.h, uds.h and
 * ip.h fill these structs; a platform (options.h) provides what they hold.
 */
#ifndef STREAMPEERSOCKET_SYSTEM_INFO_H
#define STREAMPEERSOCKET_SYSTEM_INFO_H

#include <stdint.h>

#include "export.h"

SPS_BEGIN_DECLARATIONS

/** A buffer of this size holds the text of any address, with its terminating NUL. */
#define SPS_HOST_TEXT_BYTES 64

/** No name has more addresses than this. Those that come after it are left out, but never all of one
    family: half of the room is either's own. */
#define SPS_IP_MAX_ADDRESSES 16

/** What the OS knows of a connection (TCP_INFO). A number that the OS does not tell is 0. */
typedef struct sps_tcp_info {
    /** sizeof(sps_tcp_info), set by the caller before the call. */
    uint32_t struct_size;
    /** The smoothed round-trip time (RFC 6298), in microseconds, and how much it varies. */
    uint32_t round_trip_us;
    uint32_t round_trip_variation_us;
    /** The shortest round trip seen lately, in microseconds. */
    uint32_t least_round_trip_us;
    /** Segments sent again since the connection stood. */
    uint32_t retransmits;
    /** Segments that are on their way and not acknowledged. */
    uint32_t unacknowledged_segments;
    /** Bytes that the OS took and has not sent yet. */
    uint32_t not_sent_bytes;
    /** How many segments may be on their way (RFC 5681), and how large one may be. */
    uint32_t congestion_window_segments;
    uint32_t segment_bytes;
    /** Milliseconds since data came last. */
    uint32_t since_received_ms;
    /** Bytes that the peer acknowledged, and that came from it, since the connection stood. */
    uint64_t acknowledged_bytes;
    uint64_t received_bytes;
    /** What the path delivered lately, in bytes a second. */
    uint64_t delivery_bytes_per_second;
} sps_tcp_info;

/** Who was at the other end when the connection was made. */
typedef struct sps_peer_credentials {
    /** sizeof(sps_peer_credentials), set by the caller before the call. */
    uint32_t struct_size;
    /** The process, or 0 where the OS does not tell. It may be gone, and its number another's. */
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
} sps_peer_credentials;

/** One address of this machine. */
typedef struct sps_local_address {
    /** sizeof(sps_local_address), set by the caller in the first of an array: each is as large. */
    uint32_t struct_size;
    /** The number of the network interface that has it. */
    uint32_t interface_index;
    /** The interface's name, NUL-terminated: "eth0". */
    char interface_name[SPS_HOST_TEXT_BYTES];
    char host[SPS_HOST_TEXT_BYTES];
} sps_local_address;

SPS_END_DECLARATIONS

#endif

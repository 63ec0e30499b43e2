/* SPDX-License-Identifier: MIT */
/**
 * @file options.h
 * The options of a stream or a server. Every field has a default, and zero means that default. Set
 * struct_size, leave the rest zero, and change the fields that matter. NULL in place of the options
 * means all defaults.
 */
#ifndef STREAMPEERSOCKET_OPTIONS_H
#define STREAMPEERSOCKET_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "export.h"

SPS_BEGIN_DECLARATIONS

/** The network of the sockets: the machine's OS, or a simulated network. Opaque. */
typedef struct sps_platform sps_platform;

/**
 * The source of memory. One function does it all, so that it fits an engine's own heap:
 *
 * - block is NULL: allocate new_bytes, aligned for any object. Return NULL if there is no memory.
 * - new_bytes is 0: free block, return NULL.
 * - Otherwise: resize block from old_bytes to new_bytes, and keep its contents. If there is no
 *   memory, return NULL and leave block as it was.
 *
 * A struct_size of 0 is ERR_INVALID_PARAMETER, as in other options. Only calls on the objects that
 * were created with the allocator call it, on the thread of that call.
 */
typedef struct sps_allocator {
    /** sizeof(sps_allocator). */
    uint32_t struct_size;
    /** NULL: malloc, realloc and free. */
    void *(*reallocate)(void *user_data, void *block, size_t old_bytes, size_t new_bytes);
    /** The first argument of reallocate. */
    void *user_data;
} sps_allocator;

/**
 * The limits of one stream. For a socket, a time or an OS buffer size above INT32_MAX is
 * ERR_INVALID_PARAMETER. Other streams ignore these fields. A filter uses io_timeout_ms.
 */
typedef struct sps_stream_options {
    /** sizeof(sps_stream_options): tells the library which fields the caller knows. */
    uint32_t struct_size;
    /** sps_socket_set_connect_timeout(). Default 30,000. A custom stream ignores it. */
    uint32_t connect_timeout_ms;
    /**
     * Limit of the read-ahead in bytes. Default 65,536. The queue exceeds it only for one larger
     * value. The library allocates it at the first byte. It frees the memory after the stream has
     * been empty for a while.
     */
    uint32_t read_buffer_bytes;
    /** Limit of the bytes that wait while writes are batched. Default 65,536. */
    uint32_t write_buffer_bytes;
    /**
     * Limit of a string that is read, in bytes. A longer one is ERR_INVALID_DATA. Default 8,388,608
     * (8 MiB). Values above INT32_MAX - 4 count as that. Memory grows as bytes arrive, whatever a
     * length prefix claims.
     */
    uint32_t max_value_bytes;
    /** NULL: malloc, realloc and free. Copied. Its user_data must outlive the stream. */
    const sps_allocator *allocator;
    /**
     * NULL: the machine's OS. Borrowed: it must outlive the stream. A platform of another library
     * version is ERR_UNAVAILABLE. The testing library and this library must be of one release.
     */
    const sps_platform *platform;
    /** sps_socket_set_io_timeout(). Default 0: no limit. */
    uint32_t io_timeout_ms;
    /** sps_socket_set_idle_timeout(). Default 0: no limit. */
    uint32_t idle_timeout_ms;
    /** sps_tcp_set_user_timeout(). Default 0: the OS's limit. TCP only. */
    uint32_t user_timeout_ms;
    /** sps_tcp_set_keepalive(). Default 0: off. TCP only. */
    uint32_t keepalive_idle_ms;
    /** Milliseconds from one probe to the next. Default 0: the OS's value. */
    uint32_t keepalive_interval_ms;
    /** Unanswered probes that end the connection. Default 0: the OS's value. */
    uint32_t keepalive_count;
    /** sps_socket_set_os_buffers(). Default 0: the OS chooses and adapts. */
    uint32_t os_send_buffer_bytes;
    /**
     * os_send_buffer_bytes for received bytes. A TCP server sets it on its own socket, and its
     * connections inherit it. TCP must know the window's size before a connection is established
     * (tcp(7)).
     */
    uint32_t os_receive_buffer_bytes;
    /**
     * The low-water mark of a poller. After a put returned ERR_BUSY, the poller reports
     * SPS_EVENT_WRITABLE once at most this many bytes are pending. Default: half of
     * write_buffer_bytes.
     */
    uint32_t write_low_mark_bytes;
    /**
     * 1: the end of the peer does not close the stream, so this side can still reply. The stream
     * stays CONNECTED until this side closes it or shuts down writing, or until the connection
     * breaks. stream.h has the rules under "Half-close". Default 0: as in Godot, the stream closes
     * once every byte is read. A custom stream ignores it. Since 0.1.
     */
    uint32_t half_open;
} sps_stream_options;

/** How a server listens, and the options of its connections. */
typedef struct sps_server_options {
    /** sizeof(sps_server_options). */
    uint32_t struct_size;
    /** Connections that may wait to be taken. Default: as many as the OS allows. */
    uint32_t backlog;
    /** Options of the server's own memory, and of each stream that it hands out. Copied. */
    const sps_stream_options *stream;
    /**
     * 1: several servers, in several processes of one user, may listen on one TCP port. The OS
     * distributes the connections among them (SO_REUSEPORT). Each of them must request it.
     */
    uint32_t reuse_port;
    /**
     * Permission bits of a Unix server's file, such as 0660. They are set before a client can
     * connect. A process that may write to the file may connect (unix(7)). Default 0: 0777 without
     * the process's umask. An abstract name has no file and no permissions.
     * Windows: the owner, administrators and the system may connect. Everyone may if the mode has
     * the write bit of others (0002). The other bits mean nothing there.
     */
    uint32_t file_mode;
} sps_server_options;

SPS_END_DECLARATIONS

#endif

/* SPDX-License-Identifier: MIT */
/**
 * @file options.h
 * What may be chosen when a stream or a server is made. Every field has a default, and zero
 * means that default: set struct_size, leave the rest zero, change what you care about. A NULL
 * pointer in place of the options means all defaults.
 */
#ifndef STREAMPEERSOCKET_OPTIONS_H
#define STREAMPEERSOCKET_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "export.h"

SPS_BEGIN_DECLARATIONS

/** Where the sockets live: the machine's OS, or a simulated network. Opaque. */
typedef struct sps_platform sps_platform;

/**
 * Where memory comes from. One function does it all, so that it fits an engine's own heap:
 *
 * - block NULL: allocate new_bytes, aligned for any object; NULL when there is no memory.
 * - new_bytes 0: free block, return NULL.
 * - else: resize block from old_bytes to new_bytes, keeping its contents; when there is no
 *   memory, return NULL and leave block as it was.
 *
 * One whose struct_size is 0 is ERR_INVALID_PARAMETER, as other options are.
 * It is called only from inside the calls on the objects that were made with it, on the thread
 * that makes them, and never from another.
 */
typedef struct sps_allocator {
    /** sizeof(sps_allocator). */
    uint32_t struct_size;
    /** NULL: malloc, realloc and free. */
    void *(*reallocate)(void *user_data, void *block, size_t old_bytes, size_t new_bytes);
    void *user_data;
} sps_allocator;

/** How much one stream may use. A time above INT32_MAX is ERR_INVALID_PARAMETER. */
typedef struct sps_stream_options {
    /** sizeof(sps_stream_options): tells the library which fields the caller knows. */
    uint32_t struct_size;
    /**
     * Milliseconds from connect until the connection must stand, look-up of the name included.
     * Default 30,000. It means nothing to a custom stream.
     */
    uint32_t connect_timeout_ms;
    /**
     * Bytes that are read ahead at most; the queue grows past it only for one value that is
     * larger. Default 65,536. It is allocated at the first byte, and given back when the
     * stream has been drained for a while.
     */
    uint32_t read_buffer_bytes;
    /** Bytes that may wait to be sent while writes are batched. Default 65,536. */
    uint32_t write_buffer_bytes;
    /**
     * The largest string that is read, in bytes; a longer one is ERR_INVALID_DATA.
     * Default 8,388,608 (8 MiB). Memory grows as bytes arrive, whatever a length claims.
     */
    uint32_t max_value_bytes;
    /** NULL: malloc, realloc and free. Copied; its user_data must outlive the stream. */
    const sps_allocator *allocator;
    /** NULL: the machine's OS. Borrowed; must outlive the stream. One of another version of the library is
        ERR_UNAVAILABLE: the testing library and this one are of one release. */
    const sps_platform *platform;
    /** sps_socket_set_io_timeout(). Default 0: a get or put waits as long as it takes. */
    uint32_t io_timeout_ms;
    /** sps_socket_set_idle_timeout(). Default 0: none. */
    uint32_t idle_timeout_ms;
    /** sps_tcp_set_user_timeout(). Default 0: as the OS has it. TCP only. */
    uint32_t user_timeout_ms;
    /** sps_tcp_set_keepalive(). Default 0: off. TCP only. */
    uint32_t keepalive_idle_ms;
    /** Milliseconds from one probe to the next. Default 0: as the OS has it. */
    uint32_t keepalive_interval_ms;
    /** Probes without an answer that end the connection. Default 0: as the OS has it. */
    uint32_t keepalive_count;
    /** sps_socket_set_os_buffers(). Default 0: the OS chooses, and adapts. */
    uint32_t os_send_buffer_bytes;
    /** The same for what arrives. A TCP server sets it on its own socket, whose connections inherit it:
       the size of TCP's window must be known before a connection is made (tcp(7)). */
    uint32_t os_receive_buffer_bytes;
    /**
     * In a poller, after a put was answered ERR_BUSY: SPS_EVENT_WRITABLE is told once no more bytes
     * than these wait to be sent. Default: half of write_buffer_bytes.
     */
    uint32_t write_low_mark_bytes;
} sps_stream_options;

/** How a server listens, and what its connections are made with. */
typedef struct sps_server_options {
    /** sizeof(sps_server_options). */
    uint32_t struct_size;
    /** Connections that may wait to be taken. Default: as many as the OS allows. */
    uint32_t backlog;
    /** For the server's own memory, and for each stream that it hands out. Copied. */
    const sps_stream_options *stream;
    /**
     * 1: several servers, of as many processes of one user, may listen on one TCP port, and the OS
     * shares the connections out among them (SO_REUSEPORT). Each of them must ask for it.
     */
    uint32_t reuse_port;
    /**
     * Permission bits of a Unix server's file, such as 0660, set before anyone can connect: whoever
     * may write to the file may connect (unix(7)). An abstract
     * name has no file, and no permissions. Default 0: 0777 less the process's umask.
     */
    uint32_t file_mode;
} sps_server_options;

SPS_END_DECLARATIONS

#endif

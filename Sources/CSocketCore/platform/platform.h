// SPDX-License-Identifier: MIT
//
// The porter's contract: everything that the library asks of an operating system, and the only
// door to it. Nothing above platform/ includes an OS header. To port, fill one sps_platform
// table in a folder of its own; posix/ with linux/ or bsd/ beneath it is the example, and
// windows/README.md is the plan for Winsock.
//
// What holds for every function:
// - None waits, but receive_waiting(), wait(), selector_wait() and lookup_wait(). No socket is inherited
//   by child processes from the moment that it exists (where the OS can do that).
// - EINTR is retried inside, except by close(), where the descriptor is gone either way (close(2),
//   NOTES). No call raises SIGPIPE. Nothing of the whole process is changed.
// - Handles are borrowed, results are returned by value, and `os_code` keeps the OS's own number.
// - How each may fail is listed in failures.h; no caller must rely on less.
// - A function may be called for different handles from different threads at once.
#ifndef SPSI_PLATFORM_H
#define SPSI_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "streampeersocket/options.h"
#include "streampeersocket/system_info.h"

// A socket: a descriptor on Unix, a SOCKET on Windows.
typedef intptr_t spsi_handle;
#define SPSI_NO_HANDLE ((spsi_handle)-1)

// What an OS call came to. The first three are no failures.
typedef enum spsi_code {
    SPSI_DONE,            // it is done; counts tell how much
    SPSI_AGAIN,           // nothing can be done now; wait() tells when
    SPSI_END,             // receive: the peer will send no more
    SPSI_REFUSED,         // nobody listens there
    SPSI_RESET,           // the peer, or its OS, ended the connection hard
    SPSI_UNREACHABLE,     // there is no way to the address
    SPSI_TIMED_OUT,       // the OS gave up on the peer: what was sent is not acknowledged
    SPSI_NO_ANSWER,       // the OS gave up on the peer: its probes were not answered
    SPSI_ADDRESS_IN_USE,  // somebody else has the address
    SPSI_ADDRESS_INVALID, // the address is none of this machine's, or of no use for the socket
    SPSI_NAME_UNKNOWN,    // the name has no address
    SPSI_NAME_UNANSWERED, // whether it has one cannot be told now: no name server has answered
    SPSI_DENIED,          // no permission
    SPSI_NO_HANDLES,      // no descriptors left
    SPSI_NO_MEMORY,       // no memory left
    SPSI_UNSUPPORTED,     // this OS has nothing like it
    SPSI_FAILED           // anything else
} spsi_code;

typedef struct spsi_result {
    spsi_code code;
    int32_t os_code; // 0 when nothing failed
} spsi_result;

typedef enum spsi_family { SPSI_FAMILY_IPV4, SPSI_FAMILY_IPV6, SPSI_FAMILY_UNIX } spsi_family;

// Sets of IP families, with the values of sps_ip_type (ip.c checks it).
enum { SPSI_IPV4 = 1, SPSI_IPV6 = 2 };

// Holds sun_path of any Unix, which has 108 bytes at most, and a NUL, which a peer's may lack.
#define SPSI_PATH_BYTES 109

// Holds the path of the longest working directory that an OS takes as part of a path, and the path
// of a Unix socket behind it.
#define SPSI_ABSOLUTE_PATH_BYTES (4096 + SPSI_PATH_BYTES)

// What a text begins with that names no file but an abstract socket (unix(7)).
#define SPSI_ABSTRACT_MARK '@'

// An address of any family. IPv4 uses the first four bytes of ip.
typedef struct spsi_address {
    spsi_family family;
    uint16_t port;              // host order; IP only
    uint32_t scope;             // zone of an IPv6 link-local address (RFC 4007), else 0
    uint8_t ip[16];             // network order
    char path[SPSI_PATH_BYTES]; // NUL-terminated; Unix only, empty for an unnamed socket
} spsi_address;

// The identity of a file. No two files that exist at the same time share it.
typedef struct spsi_file {
    uint64_t device;
    uint64_t number;
} spsi_file;

static inline bool spsi_file_is_same(const spsi_file *a, const spsi_file *b) {
    return a->device == b->device && a->number == b->number;
}

// What set_option() sets. Durations in milliseconds, rounded up to what the OS counts in.
typedef enum spsi_option {
    SPSI_DUAL_STACK,     // before bind: an IPv6 socket speaks to IPv4 peers too (RFC 3493, 5.3)
    SPSI_REBIND,         // before bind, a TCP server: the address may be bound although
                         // connections of an earlier server linger (TIME_WAIT), but never while a
                         // server listens there
    SPSI_SHARED_BIND,    // before bind, a client: several that do not listen may have the address
    SPSI_REUSE_PORT,     // before bind, a TCP server: several that all ask for it may listen
    SPSI_NO_DELAY,       // small writes leave at once (TCP_NODELAY)
    SPSI_SEND_BUFFER,    // bytes
    SPSI_RECEIVE_BUFFER, // bytes
    SPSI_KEEPALIVE_IDLE, // until the first probe; 0 turns probing off
    SPSI_KEEPALIVE_INTERVAL, // from one probe to the next
    SPSI_KEEPALIVE_COUNT,    // of probes that end the connection
    SPSI_USER_TIMEOUT,       // that sent bytes may go without acknowledgement; 0: as the OS has it
    SPSI_RESET_AT_CLOSE,     // close() sends a reset
} spsi_option;

// What a socket that comes from elsewhere is.
typedef enum spsi_socket_kind {
    SPSI_NO_STREAM_SOCKET,
    SPSI_UNCONNECTED,
    SPSI_LISTENING,
    SPSI_CONNECTED
} spsi_socket_kind;

// A piece of memory to send.
typedef struct spsi_slice {
    const uint8_t *data;
    size_t size;
} spsi_slice;

// What wait() waits for; may be combined.
typedef enum spsi_interest { SPSI_READABLE = 1, SPSI_WRITABLE = 2 } spsi_interest;

#define SPSI_FOREVER UINT64_MAX

// Many handles, and one wait for all of them.
typedef struct spsi_selector spsi_selector;

// What a selector is asked besides spsi_interest. With SPSI_EDGE the selector reports SPSI_READABLE
// only for new bytes: the caller reads until a read is short. SPSI_EDGE alone asks for SPSI_BROKEN,
// which an OS reports if it can.
enum { SPSI_EDGE = 4 };

// What a selector tells besides spsi_interest. SPSI_MORE: the end, a failure or urgent data is
// there, and a read that brings less than it has room for has not emptied the socket. SPSI_WOKEN:
// of no handle, but of selector_wake(). SPSI_BROKEN: the connection has failed, as
// pending_failure() tells.
enum { SPSI_MORE = 4, SPSI_WOKEN = 8, SPSI_BROKEN = 16 };

typedef struct spsi_ready {
    void *token; // NULL when it is of no handle
    unsigned mask;
} spsi_ready;

typedef enum spsi_waker { SPSI_WAKER_CALLER, SPSI_WAKER_LOOKUP } spsi_waker;

// A look-up of a name under way.
typedef struct spsi_lookup spsi_lookup;

// The selector to wake once a look-up is done. The caller owns the memory and keeps it valid from
// lookup_watch() to lookup_unwatch().
typedef struct spsi_lookup_watch {
    struct spsi_lookup_watch *next;
    spsi_selector *selector;
} spsi_lookup_watch;

// What a table is of. Raise it if a call's contract or a struct of this file changes; that a call
// is added the size tells.
enum { SPSI_PLATFORM_VERSION = 1 };

#define SPSI_PLATFORM_HEAD .version = SPSI_PLATFORM_VERSION, .table_bytes = sizeof(sps_platform)

struct sps_platform {
    // A table may come from a library that is linked apart, such as the simulated network's. The
    // core takes only one of its own version: spsi_platform_or_os().
    uint32_t version;
    uint32_t table_bytes;

    // Microseconds on a clock that never jumps or goes back.
    uint64_t (*now_us)(const sps_platform *platform);

    // Opens a stream socket.
    spsi_result (*open)(const sps_platform *platform, spsi_family family, spsi_handle *out_handle);

    // Closes; the handle is gone, whatever happens.
    void (*close)(const sps_platform *platform, spsi_handle handle);

    // Gives the socket a local address.
    spsi_result (*bind)(const sps_platform *platform, spsi_handle handle,
                        const spsi_address *address);

    // Sets an option; a flag with 1 or 0. UNSUPPORTED where the OS has nothing like it.
    spsi_result (*set_option)(const sps_platform *platform, spsi_handle handle, spsi_option option,
                              uint32_t value);

    // Reads SPSI_SEND_BUFFER or SPSI_RECEIVE_BUFFER.
    spsi_result (*get_option)(const sps_platform *platform, spsi_handle handle, spsi_option option,
                              uint32_t *out_value);

    // Listens; backlog 0 means as many as the OS allows.
    spsi_result (*listen)(const sps_platform *platform, spsi_handle handle, uint32_t backlog);

    // Accepts a connection. AGAIN if the backlog is empty. Skips connections that the peer reset while
    // they were in the backlog. After many of them it answers AGAIN, and wait() reports the rest.
    spsi_result (*accept)(const sps_platform *platform, spsi_handle handle, spsi_handle *out_handle,
                          spsi_address *out_peer);

    // Begins to connect: DONE at once, or AGAIN. After AGAIN, connect_result() tells; for a
    // Unix socket AGAIN means instead that the backlog is full and connect must be called
    // again.
    spsi_result (*connect)(const sps_platform *platform, spsi_handle handle,
                           const spsi_address *address);

    // DONE when the connection stands, AGAIN while it is being made, else why it failed.
    spsi_result (*connect_result)(const sps_platform *platform, spsi_handle handle);

    // Reads up to size (not 0) bytes; DONE with at least one, AGAIN, END, or a failure.
    spsi_result (*receive)(const sps_platform *platform, spsi_handle handle, void *buffer,
                           size_t size, size_t *out_received);

    // Like receive(), but waits without limit if the read would block. May still return AGAIN; the
    // caller then uses wait() and receive().
    spsi_result (*receive_waiting)(const sps_platform *platform, spsi_handle handle, void *buffer,
                                   size_t size, size_t *out_received);

    // Sends the slices in order as one write; DONE with at least one byte, AGAIN, or a failure.
    // count is at most SPSI_MAX_SLICES.
    spsi_result (*send)(const sps_platform *platform, spsi_handle handle, const spsi_slice *slices,
                        size_t count, size_t *out_sent);

    // Takes the failure that the connection has come to and that no transfer has told yet; DONE if
    // there is none. Bytes that came before it can still be received, and then the answer is END.
    spsi_result (*pending_failure)(const sps_platform *platform, spsi_handle handle);

    // How many bytes receive() would give now.
    spsi_result (*available)(const sps_platform *platform, spsi_handle handle, size_t *out_bytes);

    // Sends the end of the stream.
    spsi_result (*shutdown_write)(const sps_platform *platform, spsi_handle handle);

    // Waits until one of the interests may go on (or the socket failed),
    // DONE; or until timeout_us are over (SPSI_FOREVER: never), AGAIN.
    spsi_result (*wait)(const sps_platform *platform, spsi_handle handle, unsigned interests,
                        uint64_t timeout_us);

    // Makes a selector; its memory comes from the allocator, which outlives it.
    spsi_result (*selector_create)(const sps_platform *platform, const sps_allocator *allocator,
                                   spsi_selector **out_selector);
    void (*selector_destroy)(const sps_platform *platform, spsi_selector *selector);

    // Changes what a handle is watched for, from `before` to `after`, sets of interests and SPSI_EDGE;
    // 0: it is not watched, and must not be when it is closed. NO_MEMORY, and nothing changed. A change
    // that only takes away never fails. Only it may allocate.
    spsi_result (*selector_set)(const sps_platform *platform, spsi_selector *selector,
                                spsi_handle handle, unsigned before, unsigned after, void *token);

    // Waits until something is to be told, DONE, or until timeout_us are over, AGAIN. What the wait
    // before has left untold is dropped.
    spsi_result (*selector_wait)(const sps_platform *platform, spsi_selector *selector,
                                 uint64_t timeout_us);

    // What the last wait tells, one after the other; false when that was all. A failure is told as
    // every interest. May tell what is no longer so.
    bool (*selector_next)(const sps_platform *platform, spsi_selector *selector,
                          spsi_ready *out_ready);

    // Ends the wait that is under way, or the next. From any thread, and from a signal's handler.
    void (*selector_wake)(const sps_platform *platform, spsi_selector *selector, spsi_waker waker);

    // The address of the peer of a connected socket.
    spsi_result (*peer_address)(const sps_platform *platform, spsi_handle handle,
                                spsi_address *out_address);

    // The socket's own address.
    spsi_result (*local_address)(const sps_platform *platform, spsi_handle handle,
                                 spsi_address *out_address);

    // What the OS knows of a TCP connection; struct_size is not touched, and the rest is zeroed.
    spsi_result (*tcp_info)(const sps_platform *platform, spsi_handle handle,
                            sps_tcp_info *out_info);

    // Reads the credentials of a Unix socket's peer. Leaves struct_size as it is.
    spsi_result (*peer_credentials)(const sps_platform *platform, spsi_handle handle,
                                    sps_peer_credentials *out_credentials);

    // What a handle is that comes from elsewhere, and its family. Changes nothing.
    spsi_socket_kind (*inspect)(const sps_platform *platform, spsi_handle handle,
                                spsi_family *out_family);

    // Gives such a handle what open() gives: it does not wait, and is not inherited. Also for a handle
    // that is given away.
    spsi_result (*adopt)(const sps_platform *platform, spsi_handle handle);

    // The longest path of a Unix socket, without the NUL.
    size_t (*max_path_bytes)(const sps_platform *platform);

    // Whether there are abstract names.
    bool (*has_abstract_names)(const sps_platform *platform);

    // Writes the absolute path that a relative one stands for now, NUL-terminated, which goes on to
    // lead there when the working directory is another; an absolute one as it is. What is written
    // on failure is of no use.
    spsi_result (*absolute_path)(const sps_platform *platform, const char *path, char *buffer,
                                 size_t buffer_bytes);

    // Which file a path names now; false when there is none.
    bool (*file_of)(const sps_platform *platform, const char *path, spsi_file *out_file);

    // Removes a Unix socket's file, if the path still names that very file.
    void (*remove_file)(const sps_platform *platform, const char *path, const spsi_file *file);

    // Sets the permission bits of a Unix socket's file.
    spsi_result (*set_file_mode)(const sps_platform *platform, const char *path, uint32_t mode);

    // True if a refused connect to a Unix socket's file proves that no server listens there. If
    // false, the server's backlog may be full instead.
    bool (*refusal_is_proof)(const sps_platform *platform);

    // DONE, and nobody else who asks has the path until unlock_path(), in no other process either;
    // AGAIN when somebody has it now. The path need not exist. A lock ends with the process that
    // has it, and what that leaves behind shuts nobody out who may put a socket there.
    spsi_result (*lock_path)(const sps_platform *platform, const char *path, spsi_handle *out_lock);
    void (*unlock_path)(const sps_platform *platform, const char *path, spsi_handle lock);

    // The number of a network interface, for the zone of an IPv6 address; 0 when there is none.
    uint32_t (*scope_of)(const sps_platform *platform, const char *interface_name);

    // Begins to look up the addresses of a name, without waiting: those of these families
    // (SPSI_IPV4, SPSI_IPV6, or both). Of both, one that is of no use on this machine need not be
    // asked for if the other has an address. The look-up's memory comes from the OS's heap, never
    // from an sps_allocator: it may outlive the stream that began it.
    spsi_result (*lookup_start)(const sps_platform *platform, const char *name, unsigned families,
                                spsi_lookup **out_lookup);

    // AGAIN while it runs. DONE: the addresses, one at least, in the OS's order of preference, port
    // 0; at most capacity of them, and at most SPS_IP_MAX_ADDRESSES, of which neither family has
    // all if both were found. Else why it failed. Never frees the look-up.
    spsi_result (*lookup_result)(const sps_platform *platform, spsi_lookup *lookup,
                                 spsi_address *out_addresses, size_t capacity, size_t *out_count);

    // Waits for a look-up: DONE when it has come to its end, AGAIN when timeout_us are over.
    spsi_result (*lookup_wait)(const sps_platform *platform, spsi_lookup *lookup,
                               uint64_t timeout_us);

    // Wakes a selector when the look-up is done; at once when it is.
    void (*lookup_watch)(const sps_platform *platform, spsi_lookup *lookup,
                         spsi_lookup_watch *watch);
    void (*lookup_unwatch)(const sps_platform *platform, spsi_lookup *lookup,
                           spsi_lookup_watch *watch);

    // Ends a look-up, done or not. One that the OS will not stop is abandoned: it ends by
    // itself and touches nothing of the caller's. An answer that was of no use is not kept for
    // others.
    void (*lookup_end)(const sps_platform *platform, spsi_lookup *lookup, bool was_useful);

    // Answers are kept for a while, for whoever asks again (ip.h tells how long). Forgets that of a
    // name, or all with NULL.
    void (*lookup_forget)(const sps_platform *platform, const char *name);

    // The addresses of this machine; writes at most capacity, and counts all. Each is as large as
    // the first one's struct_size says.
    spsi_result (*local_addresses)(const sps_platform *platform, sps_local_address *out_addresses,
                                   size_t capacity, size_t *out_count);

    // A lock for the few objects that several threads may use at once. Held for moments only.
    void (*lock)(const sps_platform *platform);
    void (*unlock)(const sps_platform *platform);
};

// What waits to be sent, a length, and a body.
#define SPSI_MAX_SLICES 3

// The machine's own OS.
const sps_platform *spsi_os_platform(void);

// Forgets the answers of its look-ups, and waits until no thread of theirs is left: DONE, or AGAIN
// when timeout_us are over. Meanwhile none begins; afterwards they go on.
spsi_result spsi_os_shutdown(uint64_t timeout_us);

// The platform that the caller has chosen; the OS for NULL. NULL for a table of another version.
static inline const sps_platform *spsi_platform_or_os(const sps_platform *chosen) {
    if (chosen == NULL) {
        return spsi_os_platform();
    }
    const bool is_ours =
        chosen->version == SPSI_PLATFORM_VERSION && chosen->table_bytes == sizeof *chosen;
    return is_ours ? chosen : NULL;
}

// Two that every OS has alike, so they stand outside the table: the address of a numeric text
// without a zone (inet_pton(3)), false when it is none, and of an IPv4 address inside IPv6 (RFC
// 4291, 2.5.5.2) the IPv4 one, since not every IPv6 socket may speak IPv4; and its text
// (inet_ntop(3), RFC 5952), with its zone as a number.
bool spsi_ip_from_text(const char *text, spsi_address *out_address);
void spsi_ip_to_text(const spsi_address *address, char *buffer, size_t size);

#endif

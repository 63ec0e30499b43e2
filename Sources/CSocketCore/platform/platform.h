// SPDX-License-Identifier: MIT
//
// The porter's contract: everything that the library asks of an operating system. This is the only
// door to the OS. No file above platform/ includes an OS header. A port fills one sps_platform
// table in a folder of its own. posix/ with linux/ or bsd/ is the example. docs/new-platform.md
// leads through a port. The tests of Tests/CSocketCoreTests/platform_contract/ check this contract.
//
// Rules for every function:
// - Only receive_waiting(), wait(), selector_wait() and lookup_wait() block.
// - Child processes do not inherit a socket, from its creation on, if the OS can do that.
// - The function retries EINTR. close() does not, because the descriptor is closed either way
//   (close(2), NOTES). No call raises SIGPIPE or changes process-wide state.
// - The caller owns the handles. `os_code` of a result is the OS's own number.
// - failures.h lists the possible failures of each. Callers must expect all of them.
// - Different threads may call a function at the same time, for different handles.
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

// The result of an OS call. The first three are not failures.
typedef enum spsi_code {
    SPSI_DONE,            // done; out counts say how much
    SPSI_AGAIN,           // the call would block; wait() waits for readiness
    SPSI_END,             // receive: the peer will send no more
    SPSI_REFUSED,         // no server listens there
    SPSI_RESET,           // the peer, or its OS, reset the connection
    SPSI_UNREACHABLE,     // no route to the address
    SPSI_TIMED_OUT,       // the peer did not acknowledge data
    SPSI_NO_ANSWER,       // the peer did not answer keepalive probes
    SPSI_ADDRESS_IN_USE,  // another socket has the address
    SPSI_ADDRESS_INVALID, // the address is not local, or does not fit the socket
    SPSI_NAME_UNKNOWN,    // the name has no address
    SPSI_NAME_UNANSWERED, // no name server has answered; the name may exist
    SPSI_DENIED,          // no permission
    SPSI_NO_HANDLES,      // no descriptors left
    SPSI_NO_MEMORY,       // no memory left
    SPSI_UNSUPPORTED,     // this OS does not have it
    SPSI_FAILED           // any other failure
} spsi_code;

typedef struct spsi_result {
    spsi_code code;
    int32_t os_code; // 0 for DONE and END; without meaning for AGAIN
} spsi_result;

typedef enum spsi_family { SPSI_FAMILY_IPV4, SPSI_FAMILY_IPV6, SPSI_FAMILY_UNIX } spsi_family;

// Sets of IP families, with the values of sps_ip_type (ip.c checks it).
enum { SPSI_IPV4 = 1, SPSI_IPV6 = 2 };

// The size of sun_path on every Unix, at most 108 bytes, and a NUL. A peer's path may lack its NUL.
#define SPSI_PATH_BYTES 109

// The longest working directory that an OS accepts in a path, and the path of a Unix socket.
#define SPSI_ABSOLUTE_PATH_BYTES (4096 + SPSI_PATH_BYTES)

// The first character of an abstract name (unix(7)). Other paths name files.
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

// The options of set_option(). Durations are milliseconds, rounded up to the OS's unit.
typedef enum spsi_option {
    SPSI_DUAL_STACK,         // before bind: an IPv6 socket accepts IPv4 peers too (RFC 3493, 5.3)
    SPSI_REBIND,             // before bind, a TCP server: binds although connections of an earlier
                             // server are in TIME_WAIT, but never while a server listens there
    SPSI_SHARED_BIND,        // before bind: sockets that do not listen may share an address
    SPSI_REUSE_PORT,         // before bind, a TCP server: servers that all set it share a port
    SPSI_NO_DELAY,           // sends small writes at once (TCP_NODELAY)
    SPSI_SEND_BUFFER,        // bytes
    SPSI_RECEIVE_BUFFER,     // bytes
    SPSI_KEEPALIVE_IDLE,     // time until the first probe; 0 disables probes
    SPSI_KEEPALIVE_INTERVAL, // time between probes
    SPSI_KEEPALIVE_COUNT,    // unanswered probes that end the connection
    SPSI_USER_TIMEOUT,       // limit for unacknowledged bytes; 0: the OS's default
    SPSI_RESET_AT_CLOSE,     // close() sends a reset
} spsi_option;

// The kind of a socket that the library did not create.
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

// The interests of wait(). A set of them is allowed.
typedef enum spsi_interest { SPSI_READABLE = 1, SPSI_WRITABLE = 2 } spsi_interest;

#define SPSI_FOREVER UINT64_MAX

// Many handles, and one wait for all of them.
typedef struct spsi_selector spsi_selector;

// A further interest for selectors. With SPSI_EDGE the selector may report SPSI_READABLE only for
// new bytes, and SPSI_WRITABLE only for new room. So the caller reads until a read is short. Bytes
// and room from before the change of interests count as new. SPSI_EDGE alone asks for SPSI_BROKEN,
// which an OS reports if it can.
enum { SPSI_EDGE = 4 };

// Further bits that a selector reports.
// - SPSI_MORE: the end, a failure or urgent data is there. A short read does not prove that the
//   socket is drained. A selector that reports it again in the next wait may leave this bit out.
// - SPSI_WOKEN: selector_wake() was called with SPSI_WAKER_CALLER. It belongs to no handle.
// - SPSI_BROKEN: the connection has failed. pending_failure() says why.
enum { SPSI_MORE = 4, SPSI_WOKEN = 8, SPSI_BROKEN = 16 };

typedef struct spsi_ready {
    void *token; // of selector_set(); NULL for a wake
    unsigned mask;
} spsi_ready;

typedef enum spsi_waker { SPSI_WAKER_CALLER, SPSI_WAKER_LOOKUP } spsi_waker;

// A look-up of a name in flight.
typedef struct spsi_lookup spsi_lookup;

// The selector to wake once a look-up is done. The caller owns the memory and keeps it valid from
// lookup_watch() to lookup_unwatch().
typedef struct spsi_lookup_watch {
    struct spsi_lookup_watch *next;
    spsi_selector *selector;
} spsi_lookup_watch;

// The version of the table. Raise it if a contract or a struct of this file changes. A new function
// changes table_bytes.
enum { SPSI_PLATFORM_VERSION = 1 };

#define SPSI_PLATFORM_HEAD .version = SPSI_PLATFORM_VERSION, .table_bytes = sizeof(sps_platform)

struct sps_platform {
    // A table may come from a separately linked library, such as the simulated network. The core
    // accepts only tables of its own version: spsi_platform_or_os().
    uint32_t version;
    uint32_t table_bytes;

    // Microseconds on a monotonic clock.
    uint64_t (*now_us)(const sps_platform *platform);

    // Opens a stream socket.
    spsi_result (*open)(const sps_platform *platform, spsi_family family, spsi_handle *out_handle);

    // Closes the handle. The handle is invalid afterwards, in every case.
    void (*close)(const sps_platform *platform, spsi_handle handle);

    // Binds the socket to a local address, once. ADDRESS_IN_USE also for a path that names a file
    // of any kind. ADDRESS_INVALID also for a path whose folder is missing, and for a second call.
    spsi_result (*bind)(const sps_platform *platform, spsi_handle handle,
                        const spsi_address *address);

    // Sets an option. The value of a flag is 1 or 0. UNSUPPORTED if the OS does not have it.
    spsi_result (*set_option)(const sps_platform *platform, spsi_handle handle, spsi_option option,
                              uint32_t value);

    // Reads SPSI_SEND_BUFFER or SPSI_RECEIVE_BUFFER: at least what was set, or the OS's limit.
    spsi_result (*get_option)(const sps_platform *platform, spsi_handle handle, spsi_option option,
                              uint32_t *out_value);

    // Listens. Backlog 0 means the OS's maximum. ADDRESS_IN_USE if bind() has not said so before.
    spsi_result (*listen)(const sps_platform *platform, spsi_handle handle, uint32_t backlog);

    // Accepts a connection. AGAIN if the backlog is empty. Skips the failures of connections that
    // the peer reset while they were in the backlog. After many of them it answers AGAIN, and
    // wait() reports the rest. An OS may also hand such a connection out. Then receive() answers
    // RESET.
    spsi_result (*accept)(const sps_platform *platform, spsi_handle handle, spsi_handle *out_handle,
                          spsi_address *out_peer);

    // Begins to connect. DONE: the connection is established. AGAIN, TCP: in progress; ask
    // connect_result(). AGAIN, Unix: the server's backlog is full; call connect() again. REFUSED,
    // also for a path without a file, comes from here or from connect_result().
    spsi_result (*connect)(const sps_platform *platform, spsi_handle handle,
                           const spsi_address *address);

    // DONE if the connection is established, AGAIN while it is in progress, else the failure.
    spsi_result (*connect_result)(const sps_platform *platform, spsi_handle handle);

    // Reads up to size bytes (not 0). DONE with at least one byte, AGAIN, END, or a failure.
    spsi_result (*receive)(const sps_platform *platform, spsi_handle handle, void *buffer,
                           size_t size, size_t *out_received);

    // Like receive(), but waits without limit if the read would block. May still return AGAIN; the
    // caller then uses wait() and receive().
    spsi_result (*receive_waiting)(const sps_platform *platform, spsi_handle handle, void *buffer,
                                   size_t size, size_t *out_received);

    // Sends the slices in order as one write. DONE with at least one byte, AGAIN, or a failure.
    // RESET after shutdown_write(), and once the peer's OS has refused bytes. count is at most
    // SPSI_MAX_SLICES.
    spsi_result (*send)(const sps_platform *platform, spsi_handle handle, const spsi_slice *slices,
                        size_t count, size_t *out_sent);

    // Takes the connection's failure that no transfer has returned yet. DONE: there is none. Bytes
    // that arrived before it can still be received, if the OS keeps them. Then receive() answers
    // END, or the failure again.
    spsi_result (*pending_failure)(const sps_platform *platform, spsi_handle handle);

    // The number of bytes that receive() could read now.
    spsi_result (*available)(const sps_platform *platform, spsi_handle handle, size_t *out_bytes);

    // Shuts down the writing side: sends the end of the stream. RESET if the peer has reset the
    // connection.
    spsi_result (*shutdown_write)(const sps_platform *platform, spsi_handle handle);

    // Waits for readiness of one of the interests, or a failure of the socket: DONE. AGAIN after
    // timeout_us (SPSI_FOREVER: no limit). A wait may end a millisecond early, because the OS may
    // measure it with another clock.
    spsi_result (*wait)(const sps_platform *platform, spsi_handle handle, unsigned interests,
                        uint64_t timeout_us);

    // Creates a selector. Its memory comes from the allocator, which is not NULL and outlives it.
    spsi_result (*selector_create)(const sps_platform *platform, const sps_allocator *allocator,
                                   spsi_selector **out_selector);
    void (*selector_destroy)(const sps_platform *platform, spsi_selector *selector);

    // Changes the interests of a handle from `before` to `after`: sets of spsi_interest and
    // SPSI_EDGE. 0: not watched; the caller sets 0 before it closes the handle. NO_MEMORY changes
    // nothing. A change that only removes interests never fails. The token stays the same while a
    // handle is watched, and is not NULL. Of the functions for a selector only selector_create()
    // and this one allocate.
    spsi_result (*selector_set)(const sps_platform *platform, spsi_selector *selector,
                                spsi_handle handle, unsigned before, unsigned after, void *token);

    // Waits for readiness, DONE, or until timeout_us are over, AGAIN. Drops what selector_next()
    // has not returned since the wait before.
    spsi_result (*selector_wait)(const sps_platform *platform, spsi_selector *selector,
                                 uint64_t timeout_us);

    // Returns the handles that the last wait found ready, one at a time. False: no more. A failed
    // handle is ready for every interest. Readiness may be spurious, but ends. The caller may
    // change interests meanwhile. A handle that it has ceased to watch may still be returned.
    bool (*selector_next)(const sps_platform *platform, spsi_selector *selector,
                          spsi_ready *out_ready);

    // Ends the current wait, or the next. Callable from any thread and from a signal handler.
    void (*selector_wake)(const sps_platform *platform, spsi_selector *selector, spsi_waker waker);

    // The OS's descriptor of a selector: readable while selector_wait() would return before its
    // time. SPSI_NO_HANDLE: the OS has none.
    spsi_handle (*selector_descriptor)(const sps_platform *platform, const spsi_selector *selector);

    // The OS's descriptor of a handle, which other code can wait for. SPSI_NO_HANDLE: none.
    spsi_handle (*descriptor)(const sps_platform *platform, spsi_handle handle);

    // The address of the peer of a connected socket.
    spsi_result (*peer_address)(const sps_platform *platform, spsi_handle handle,
                                spsi_address *out_address);

    // The socket's own address.
    spsi_result (*local_address)(const sps_platform *platform, spsi_handle handle,
                                 spsi_address *out_address);

    // Reads what the OS knows of a TCP connection. Leaves struct_size as it is. Unknown fields are
    // 0.
    spsi_result (*tcp_info)(const sps_platform *platform, spsi_handle handle,
                            sps_tcp_info *out_info);

    // Reads the credentials of a Unix socket's peer. Leaves struct_size as it is.
    spsi_result (*peer_credentials)(const sps_platform *platform, spsi_handle handle,
                                    sps_peer_credentials *out_credentials);

    // The kind and family of a handle that open() did not create. Changes nothing.
    spsi_socket_kind (*inspect)(const sps_platform *platform, spsi_handle handle,
                                spsi_family *out_family);

    // Makes such a handle non-blocking and close-on-exec, as open() does. Also called before a
    // handle is released to the caller.
    spsi_result (*adopt)(const sps_platform *platform, spsi_handle handle);

    // The longest path of a Unix socket, without the NUL.
    size_t (*max_path_bytes)(const sps_platform *platform);

    // Whether the OS has abstract names.
    bool (*has_abstract_names)(const sps_platform *platform);

    // Writes the absolute path of a relative one, NUL-terminated. It stays valid if the working
    // directory changes. An absolute path is copied. A path that does not fit is a failure. On
    // failure the buffer's content is undefined.
    spsi_result (*absolute_path)(const sps_platform *platform, const char *path, char *buffer,
                                 size_t buffer_bytes);

    // The file of a Unix socket that a path names now. False: there is none, or one of another
    // kind.
    bool (*file_of)(const sps_platform *platform, const char *path, spsi_file *out_file);

    // Removes a Unix socket's file if the path still names the same file.
    void (*remove_file)(const sps_platform *platform, const char *path, const spsi_file *file);

    // Sets the permission bits of a Unix socket's file. REFUSED: there is no file.
    spsi_result (*set_file_mode)(const sps_platform *platform, const char *path, uint32_t mode);

    // True if a refused connect to a Unix socket's file proves that no server listens there. If
    // false, the server's backlog may be full instead.
    bool (*refusal_is_proof)(const sps_platform *platform);

    // Locks a path against all other callers, in every process, until unlock_path(). AGAIN if
    // another caller holds the lock. The path need not exist, and nothing is made there.
    // ADDRESS_INVALID: its folder is missing. A lock ends with its process. A file that the process
    // leaves behind locks out no user who may create a socket there.
    spsi_result (*lock_path)(const sps_platform *platform, const char *path, spsi_handle *out_lock);
    void (*unlock_path)(const sps_platform *platform, const char *path, spsi_handle lock);

    // The number of a network interface, for the zone of an IPv6 address. 0: no such interface.
    uint32_t (*scope_of)(const sps_platform *platform, const char *interface_name);

    // Begins to look up the addresses of a name: SPSI_IPV4, SPSI_IPV6, or both. With both, the
    // platform may skip a family that this machine cannot use, if the other has an address. The
    // name has at most 253 bytes, and may be the text of an address. A name below .invalid is
    // unknown without a question to a server (RFC 6761, 6.4). The look-up's memory comes from the
    // OS's heap, because it may outlive the stream and its allocator.
    spsi_result (*lookup_start)(const sps_platform *platform, const char *name, unsigned families,
                                spsi_lookup **out_lookup);

    // AGAIN while it runs. DONE: at least one address, in the OS's order of preference, with port
    // 0. At most capacity, and at most SPS_IP_MAX_ADDRESSES. If both families were found, each gets
    // a share of that. Any other code is the failure. Never frees the look-up.
    spsi_result (*lookup_result)(const sps_platform *platform, spsi_lookup *lookup,
                                 spsi_address *out_addresses, size_t capacity, size_t *out_count);

    // Waits for the end of a look-up: DONE. AGAIN after timeout_us, which is not SPSI_FOREVER.
    spsi_result (*lookup_wait)(const sps_platform *platform, spsi_lookup *lookup,
                               uint64_t timeout_us);

    // Wakes a selector once the look-up is done; at once if it is done already.
    void (*lookup_watch)(const sps_platform *platform, spsi_lookup *lookup,
                         spsi_lookup_watch *watch);
    void (*lookup_unwatch)(const sps_platform *platform, spsi_lookup *lookup,
                           spsi_lookup_watch *watch);

    // Ends a look-up, done or not. If the OS cannot stop it, it ends by itself later and touches no
    // memory of the caller. `was_useful` false: the platform does not keep the answer for others.
    void (*lookup_end)(const sps_platform *platform, spsi_lookup *lookup, bool was_useful);

    // Forgets the kept answer of a name; NULL: all answers. ip.h says how long answers are kept.
    void (*lookup_forget)(const sps_platform *platform, const char *name);

    // The addresses of this machine. Writes at most capacity and counts all. struct_size of the
    // first element is the size of each. With capacity 0 there need be no element.
    spsi_result (*local_addresses)(const sps_platform *platform, sps_local_address *out_addresses,
                                   size_t capacity, size_t *out_count);

    // A lock for the few objects that threads may share. Callers hold it for moments only.
    void (*lock)(const sps_platform *platform);
    void (*unlock)(const sps_platform *platform);
};

// Pending bytes, a length, and a body.
#define SPSI_MAX_SLICES 3

// The machine's own OS.
const sps_platform *spsi_os_platform(void);

// Forgets the answers of its look-ups and waits until no look-up thread is left: DONE. AGAIN after
// timeout_us. No look-up begins meanwhile; they continue afterwards.
spsi_result spsi_os_shutdown(uint64_t timeout_us);

// The caller's platform, or the OS for NULL. Returns NULL for a table of another version.
static inline const sps_platform *spsi_platform_or_os(const sps_platform *chosen) {
    if (chosen == NULL) {
        return spsi_os_platform();
    }
    const bool is_ours =
        chosen->version == SPSI_PLATFORM_VERSION && chosen->table_bytes == sizeof *chosen;
    return is_ours ? chosen : NULL;
}

// Every OS does these two alike, so they are not in the table.
// Parses a numeric address without a zone (inet_pton(3)). False: it is none. An IPv4 address inside
// IPv6 (RFC 4291, 2.5.5.2) becomes IPv4, because not every IPv6 socket can reach IPv4 peers.
// The text of an address (inet_ntop(3), RFC 5952), with its zone as a number.
bool spsi_ip_from_text(const char *text, spsi_address *out_address);
void spsi_ip_to_text(const spsi_address *address, char *buffer, size_t size);

#endif

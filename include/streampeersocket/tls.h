/* SPDX-License-Identifier: MIT */
/**
 * @file tls.h
 * TLS over any stream: TCP, Unix, custom. The counterpart of Godot's StreamPeerTLS and TLSOptions.
 * It is a library of its own, streampeersocket-tls, over OpenSSL 3.
 *
 *     sps_stream *tls;
 *     sps_tls_create(NULL, &tls);
 *     sps_tls_connect_to_stream(tls, tcp, "example.org", NULL);
 *     for (each frame) {
 *         sps_tls_poll(tls);
 *         sps_tls_get_status(tls, &status);
 *         …
 *     }
 *
 * A TLS stream is an sps_stream: a filter (custom.h). Once it is CONNECTED, every get and put,
 * packet, line and Variant works on it. A poller takes it, and reports its events. The calls of
 * socket.h that custom.h lists work on it too. On another stream, the calls of this file return
 * ERR_UNAVAILABLE.
 *
 * The stream below:
 *
 * - It is borrowed, as custom.h says. Only the TLS stream reads and writes it, from connect until
 *   the end. Its settings stay with the caller.
 * - It may still be CONNECTING. The handshake begins once it is connected.
 * - It stays open when TLS ends. The caller disconnects it.
 *
 * Waiting:
 *
 * - No call waits for a handshake. While HANDSHAKING, gets and puts return FAILED, except that
 *   batched puts gather. They leave after the handshake.
 * - A handshake must be complete within connect_timeout_ms of the options. The default is 30,000.
 *   The time begins when the stream below is connected. Its connect has a timeout of its own.
 * - Calls of stream.h that wait do so on a connected TLS stream.
 *
 * Hostile peers:
 *
 * - One poll, get or put reads at most about 64 KiB, and the bytes that the stream below has
 *   buffered then. The next call, or the next turn of a poller, reads the rest. Over another
 *   filter this limit does not apply.
 * - A peer may send 32 messages of the protocol in a row: new keys, tickets, requests for a
 *   renegotiation. Data in either direction resets the count. One more message is
 *   SPS_TLS_FAILURE_BAD_RECORD, with the close reason SPS_CLOSE_PROTOCOL. OpenSSL limits empty
 *   records and warnings.
 *
 * The end:
 *
 * - A peer ends in order with the alert close_notify. After every byte is read, gets return
 *   ERR_FILE_EOF and the status is DISCONNECTED.
 * - The stream below can end without that alert. That may be an attack that cuts data off. After
 *   every byte is read, gets return FAILED. The status is ERROR, the failure
 *   SPS_TLS_FAILURE_TRUNCATED.
 * - A protocol whose messages carry their own length may treat both alike.
 *
 * The library refuses renegotiation, compression, early data, and versions before TLS 1.2. It
 * changes no process-wide state, with one exception. It clears the calling thread's queue of
 * OpenSSL errors (ERR_clear_error(3)).
 */
#ifndef STREAMPEERSOCKET_TLS_H
#define STREAMPEERSOCKET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "certificates.h"
#include "error.h"
#include "export.h"
#include "options.h"
#include "stream.h"

SPS_BEGIN_DECLARATIONS

/* ---- Options */

/** One of the SPS_TLS_VERSION_… values. They are the numbers of the protocol. */
typedef int32_t sps_tls_version;

enum {
    SPS_TLS_VERSION_NONE = 0,     /**< not connected, or the default */
    SPS_TLS_VERSION_1_2 = 0x0303, /**< TLS 1.2 (RFC 5246) */
    SPS_TLS_VERSION_1_3 = 0x0304  /**< TLS 1.3 (RFC 8446) */
};

/** The demand of a server: one of the SPS_TLS_CLIENT_CERTIFICATE_… values. */
typedef uint32_t sps_tls_client_certificates;

enum {
    /** The server does not ask for a certificate. */
    SPS_TLS_CLIENT_CERTIFICATE_NONE = 0,
    /** It asks, and accepts clients without one. A certificate that is sent must be trusted. */
    SPS_TLS_CLIENT_CERTIFICATE_OPTIONAL = 1,
    /** It refuses clients without a trusted certificate. */
    SPS_TLS_CLIENT_CERTIFICATE_REQUIRED = 2
};

/** Settings beyond Godot's. Zero means the default of a field. All pointers are borrowed. */
typedef struct sps_tls_settings {
    /** sizeof(sps_tls_settings). */
    uint32_t struct_size;
    /**
     * The lowest version that is accepted. Default: TLS 1.2, or the MinProtocol of the machine's
     * openssl.cnf if that is higher.
     */
    sps_tls_version min_version;
    /** The highest version. Default: TLS 1.3, or the MaxProtocol of the machine's openssl.cnf. */
    sps_tls_version max_version;
    /** A server's demand. Default: none. A client ignores it. */
    sps_tls_client_certificates client_certificates;
    /**
     * Application protocols (ALPN, RFC 7301), most preferred first, such as "h2". Each has 1 to 255
     * bytes. A server selects the first of its own list that the client offers. Without a common
     * one the server refuses the handshake. A client accepts a server that selects none.
     */
    const char *const *protocols;
    /** The number of protocols. */
    size_t protocol_count;
    /** A client's own certificate, with its chain. A server ignores it. */
    const sps_x509_certificate *certificate;
    /** The private key of that certificate. */
    const sps_crypto_key *key;
    /** A server's trusted authorities for client certificates. A client ignores it. */
    const sps_x509_certificate *client_trusted_chain;
    /**
     * A file that the secrets of all connections are appended to, in the format of SSLKEYLOGFILE.
     * With it, tools such as Wireshark read the traffic, so it is for debugging only. The library
     * never reads the environment variable. Only the owner can read the new file. Default: none.
     */
    const char *key_log_path;
    /**
     * The time at which certificates must be valid, in seconds from 1970-01-01 00:00 UTC. Default:
     * the clock of the machine. A program on a simulated network sets it.
     */
    int64_t verify_time_s;
    /**
     * 1: no session is resumed. By default a client resumes its last session with the same name,
     * from the same options object, and saves a round of signatures. A ticket that the server
     * refuses only costs the saving. Without a name nothing is resumed. A server changes the key of
     * its tickets every two hours, and the key before opens tickets for two more.
     */
    uint32_t no_resumption;
    /**
     * Lists of revoked certificates (CRL, RFC 5280), as PEM text. Each certificate of a chain is
     * checked against the list of its issuer. The list for the peer's own certificate must be
     * there. A certificate above it passes if there is no list of its issuer. An expired list
     * rejects the chain. So does an incomplete list, for example one of some reasons only.
     * It needs a trusted chain of the caller's. Default: nothing is checked for revocation.
     */
    const void *revocation_lists;
    /** The length of that text. */
    size_t revocation_bytes;
    /**
     * 1: TLS 1.2 also accepts the other ciphers that the machine's OpenSSL enables, for old peers.
     * By default it accepts only those with forward secrecy and AEAD (RFC 9325, 4.2): ECDHE, and
     * DHE for a client. TLS 1.3 has no others.
     */
    uint32_t old_ciphers;
    /**
     * For tests that replay: every random number of the connections follows from this number. Two
     * runs with the same options, calls and certificates then put the same bytes into the stream
     * below. Each connection is open to anybody who knows the number. No session is resumed. The
     * connections of the options must be of one thread. Default, 0: the numbers are secret.
     */
    uint64_t insecure_seed;
} sps_tls_settings;

/**
 * The options of any number of connections: the counterpart of Godot's TLSOptions. Opaque. It never
 * changes, so several threads may use it at the same time. Create it once and keep it: it holds the
 * parsed certificates and the sessions to resume.
 */
typedef struct sps_tls_options sps_tls_options;

/**
 * Creates the options of a client that verifies the certificate of the server: its chain, its
 * validity, and its name (RFC 9525). Godot: TLSOptions.client. Since 0.1.
 *
 * @param trusted_chain the trusted certificates. Any of them can end a chain, also the server's own
 *         certificate. NULL: those of the operating system. SSL_CERT_FILE and SSL_CERT_DIR override
 *         their place, as in OpenSSL. If the file cannot be read and SSL_CERT_DIR is set, only
 *         the folder counts. The messages of SPS_TLS_FAILURE_UNKNOWN_ISSUER and _SELF_SIGNED then
 *         name the file. The process keeps the first certificates that it reads without a failure.
 *         After a failure the next call reads them again.
 * @param common_name_override the name to request and verify, in place of the one of
 *         sps_tls_connect_to_stream(). NULL or empty: none.
 * @param settings NULL for defaults.
 * @param out_options NULL on failure.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: settings has a struct_size of 0, an unknown version, a minimum
 *           above the maximum, or an invalid protocol. Or it has a certificate without a key, or
 *           revocation lists without a trusted chain.
 *         - ERR_UNCONFIGURED: a given certificate or key object is empty, or the key is public
 *           only.
 *         - ERR_INVALID_DATA: the key is not the key of the certificate, or revocation_lists is not
 *           a list.
 *         - ERR_UNAVAILABLE: the operating system's certificates are not found. Or the file of
 *           SSL_CERT_FILE cannot be read, and SSL_CERT_DIR is not set. Pass trusted_chain.
 *         - ERR_UNAUTHORIZED: the security level of this machine's OpenSSL refuses the certificate
 *           or the key, for example RSA with 1,024 bits. Or max_version is below the machine's
 *           minimum, and min_version is not set.
 *         - ERR_FILE_CANT_OPEN: the file of key_log_path.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_tls_options_create_client(const sps_x509_certificate *trusted_chain,
                                                    const char *common_name_override,
                                                    const sps_tls_settings *settings,
                                                    sps_tls_options **out_options);

/**
 * Creates the options of a client that does not verify names. Without trusted_chain it verifies
 * nothing: any server passes, also an attacker. With it, the chain must end there.
 * Godot: TLSOptions.client_unsafe. Since 0.1.
 *
 * @return the codes of sps_tls_options_create_client().
 */
SPS_TLS_API sps_error sps_tls_options_create_client_unsafe(
    const sps_x509_certificate *trusted_chain, const sps_tls_settings *settings,
    sps_tls_options **out_options);

/**
 * Creates the options of a server. Godot: TLSOptions.server. Since 0.1.
 *
 * @param key the private key of the server's certificate.
 * @param certificate the server's certificate and the intermediate ones, in any order. All of them
 *         are sent.
 * @return the codes of sps_tls_options_create_client(), or:
 *         - ERR_INVALID_PARAMETER: also if key or certificate is NULL, or if client certificates
 *           are wanted without client_trusted_chain.
 */
SPS_TLS_API sps_error sps_tls_options_create_server(const sps_crypto_key *key,
                                                    const sps_x509_certificate *certificate,
                                                    const sps_tls_settings *settings,
                                                    sps_tls_options **out_options);

/**
 * Releases the options. Connections that use them continue, and free them at their end. NULL is
 * allowed and does nothing. Since 0.1.
 */
SPS_TLS_API void sps_tls_options_destroy(sps_tls_options *options);

/** Returns whether the options are a server's. Godot: TLSOptions.is_server. Since 0.1. */
SPS_TLS_API sps_error sps_tls_options_is_server(const sps_tls_options *options,
                                                bool *out_is_server);

/** Returns whether the options are unsafe. Godot: TLSOptions.is_unsafe_client. Since 0.1. */
SPS_TLS_API sps_error sps_tls_options_is_unsafe_client(const sps_tls_options *options,
                                                       bool *out_is_unsafe);

/**
 * Returns the override. It is empty without one, and lives as long as the options.
 * Godot: TLSOptions.get_common_name_override. Since 0.1.
 */
SPS_TLS_API sps_error sps_tls_options_get_common_name_override(const sps_tls_options *options,
                                                               const char **out_name);

/**
 * Returns a new object with the trusted certificates. The caller destroys it. It is NULL if they
 * are those of the operating system. Godot: TLSOptions.get_trusted_ca_chain. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_tls_options_get_trusted_ca_chain(const sps_tls_options *options,
                                                           sps_x509_certificate **out_chain);

/**
 * Returns a new object with this side's own certificates, or NULL without any. The caller destroys
 * it. Godot: TLSOptions.get_own_certificate. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_tls_options_get_own_certificate(const sps_tls_options *options,
                                                          sps_x509_certificate **out_certificate);

/**
 * Returns a new object with this side's own key, or NULL without one. The caller destroys it.
 * Godot: TLSOptions.get_private_key. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_tls_options_get_private_key(const sps_tls_options *options,
                                                      sps_crypto_key **out_key);

/* ---- Streams */

/** One of the SPS_TLS_STATUS_… values. They are those of Godot's StreamPeerTLS.Status. */
typedef int32_t sps_tls_status;

enum {
    /** New, disconnected, or ended in order by the peer. */
    SPS_TLS_STATUS_DISCONNECTED = 0,
    /** The handshake is in progress. sps_tls_poll() continues it. */
    SPS_TLS_STATUS_HANDSHAKING = 1,
    /** The caller can read or write, or bytes that came before the end are still unread. */
    SPS_TLS_STATUS_CONNECTED = 2,
    /** The handshake or the connection failed: sps_tls_get_failure(). */
    SPS_TLS_STATUS_ERROR = 3,
    /** The certificate of the server is for other names. */
    SPS_TLS_STATUS_ERROR_HOSTNAME_MISMATCH = 4
};

/**
 * Creates a TLS stream in status DISCONNECTED. Since 0.1.
 *
 * @param options NULL for defaults. The default of read_buffer_bytes is 65,536. OpenSSL's own
 *         memory does not come from the allocator.
 * @param out_tls NULL on failure.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: the options or their allocator have a struct_size of 0.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_tls_create(const sps_stream_options *options, sps_stream **out_tls);

/**
 * Begins a handshake as a client. It never waits: sps_tls_poll() continues it.
 * Godot: connect_to_stream. Since 0.1.
 *
 * @param stream the stream below.
 * @param common_name the name of the server: a host name, or an IP address. The handshake requests
 *         a host name (SNI), and verifies either. Names outside ASCII must be in their A-label form
 *         (xn--…). NULL or empty only with client_unsafe.
 * @param options NULL: a verifying client with the operating system's certificates. The first use
 *         in a process parses those, which takes milliseconds. To move that to the program's start,
 *         create options there, and keep them: each call with NULL creates new ones.
 * @return OK, or an error. The status is unchanged, unless it says otherwise:
 *         - ERR_INVALID_PARAMETER: the options are a server's, the name is missing or invalid, or
 *           stream is the TLS stream itself.
 *         - ERR_ALREADY_IN_USE: the status is HANDSHAKING or CONNECTED. Or the stream below carries
 *           another filter. Or the TLS stream and the stream below are in pollers.
 *         - ERR_UNAVAILABLE: options is NULL, and the operating system has no certificates. Or the
 *           TLS stream is in a poller, and the lowest stream is not a socket.
 *         - ERR_CONNECTION_ERROR: the stream below is a socket that is not connected. Or the
 *           handshake failed at once, and the status is ERROR.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_tls_connect_to_stream(sps_stream *tls, sps_stream *stream,
                                                const char *common_name, sps_tls_options *options);

/**
 * Begins a handshake as a server. It never waits. Godot: accept_stream. Since 0.1.
 *
 * @return the codes of sps_tls_connect_to_stream().
 */
SPS_TLS_API sps_error sps_tls_accept_stream(sps_stream *tls, sps_stream *stream,
                                            sps_tls_options *options);

/**
 * Advances the TLS stream without waiting. It polls the stream below, continues a handshake, sends
 * what is pending, reads ahead, and detects the end. The same as sps_socket_poll(). Godot: poll.
 * Since 0.1.
 *
 * @return by status:
 *         - DISCONNECTED, ERROR: OK, and nothing happens.
 *         - HANDSHAKING: OK, or ERR_CONNECTION_ERROR. After the error the status is ERROR or
 *           ERROR_HOSTNAME_MISMATCH. Once the handshake is complete, the call goes on as if
 *           CONNECTED, with its codes.
 *         - CONNECTED: OK or FAILED.
 *           - OK and status DISCONNECTED: the peer has finished in order, and every byte was read.
 *           - FAILED and status ERROR: the connection broke, and every byte was read.
 *         - In each: ERR_OUT_OF_MEMORY. Nothing changes. Call again.
 */
SPS_TLS_API sps_error sps_tls_poll(sps_stream *tls);

/** Returns the status. Godot: get_status. Since 0.1. */
SPS_TLS_API sps_error sps_tls_get_status(const sps_stream *tls, sps_tls_status *out_status);

/** Returns the stream below, or NULL after a disconnect. Godot: get_stream. Since 0.1. */
SPS_TLS_API sps_error sps_tls_get_stream(const sps_stream *tls, sps_stream **out_stream);

/**
 * Ends TLS at once, in every status. The status becomes DISCONNECTED. If it was CONNECTED, the
 * library offers pending bytes and the alert close_notify to the stream below, once. Unread bytes
 * are dropped. The stream below stays open. Godot: disconnect_from_stream. Since 0.1.
 */
SPS_TLS_API sps_error sps_tls_disconnect_from_stream(sps_stream *tls);

/**
 * Sends the alert close_notify: the peer reads an orderly end, and this side can still read. Later
 * puts return FAILED. Gets report the end of the peer, which completes the end of both sides. The
 * same as sps_socket_shutdown_write(). Since 0.1.
 *
 * A peer that uses TLS 1.2 may drop what it has not sent yet (RFC 5246, 7.2.1).
 *
 * If only a part of a message of the protocol has come, such as a ticket, the alert must wait for
 * the rest. This call returns OK, and the next poll or get after the rest sends the alert.
 *
 * @return OK, also if it was done before, or:
 *         - ERR_BUSY: the stream below does not take all bytes now. Call again.
 *         - FAILED: the TLS stream is not connected, or the connection broke.
 *         - ERR_OUT_OF_MEMORY: call again.
 */
SPS_TLS_API sps_error sps_tls_shutdown_write(sps_stream *tls);

/**
 * Ends TLS in order. It sends pending bytes and the alert close_notify. Then it reads and drops
 * what the peer sends, until the peer has finished too. sps_tls_poll() or a poller drives these
 * steps. Since 0.1.
 *
 * Meanwhile the status stays CONNECTED. Gets find nothing, and puts return FAILED after the alert.
 *
 * - Completed: the status is DISCONNECTED and the close reason SPS_CLOSE_LOCAL.
 * - Timed out: the status is ERROR and the close reason SPS_CLOSE_GRACE_TIMED_OUT.
 *
 * @param timeout_ms limit for all steps, at most INT32_MAX. 0 means the default of 30,000.
 * @return OK. The stream may be closed already: read the status. Or:
 *         - FAILED: the TLS stream is not connected, or the connection broke.
 *         - ERR_INVALID_PARAMETER: timeout_ms is above INT32_MAX. Nothing changes.
 */
SPS_TLS_API sps_error sps_tls_close_gracefully(sps_stream *tls, uint32_t timeout_ms);

/* ---- Failures */

/** Why a TLS stream failed: one of the SPS_TLS_FAILURE_… values. */
typedef int32_t sps_tls_failure;

enum {
    /** Nothing failed since the handshake began. */
    SPS_TLS_FAILURE_NONE = 0,
    /** The peer's certificate, or one of its chain, has expired. */
    SPS_TLS_FAILURE_EXPIRED = 1,
    /** It is not valid yet. The clock of this machine may be wrong. */
    SPS_TLS_FAILURE_NOT_YET_VALID = 2,
    /** No trusted authority has issued it, or an intermediate certificate is missing. */
    SPS_TLS_FAILURE_UNKNOWN_ISSUER = 3,
    /** It is signed by itself, and not trusted. */
    SPS_TLS_FAILURE_SELF_SIGNED = 4,
    /** It is for other names than the expected one. */
    SPS_TLS_FAILURE_WRONG_NAME = 5,
    /** Its issuer has revoked it. */
    SPS_TLS_FAILURE_REVOKED = 6,
    /** Another rule rejects it: a weak key, a wrong purpose, a bad signature. */
    SPS_TLS_FAILURE_BAD_CERTIFICATE = 7,
    /** The client sent no certificate, and this server requires one. */
    SPS_TLS_FAILURE_NO_CERTIFICATE = 8,
    /** The two sides have no version of TLS in common. */
    SPS_TLS_FAILURE_PROTOCOL_VERSION = 9,
    /** The two sides have no cipher, group or signature algorithm in common. */
    SPS_TLS_FAILURE_NO_SHARED_CIPHER = 10,
    /** The two sides have no application protocol (ALPN) in common. */
    SPS_TLS_FAILURE_NO_SHARED_PROTOCOL = 11,
    /** The peer ended the connection with another alert: sps_tls_get_alert(). */
    SPS_TLS_FAILURE_PEER_ALERT = 12,
    /** The peer does not speak TLS. */
    SPS_TLS_FAILURE_NOT_TLS = 13,
    /** The peer broke the protocol, or bytes were changed on the way. */
    SPS_TLS_FAILURE_BAD_RECORD = 14,
    /** The stream below ended during the handshake. */
    SPS_TLS_FAILURE_HANDSHAKE_CUT = 15,
    /** The stream below ended without close_notify, or failed. Data may be missing. */
    SPS_TLS_FAILURE_TRUNCATED = 16,
    /** There was no memory for the handshake, or for a record. */
    SPS_TLS_FAILURE_NO_MEMORY = 17,
    /** The handshake or a graceful close was not complete in time. */
    SPS_TLS_FAILURE_TIMED_OUT = 18,
    /** Any other failure. The message has the words of OpenSSL. */
    SPS_TLS_FAILURE_OTHER = 19
};

/** Returns why the stream failed last. It stays until the next connect or accept. Since 0.1. */
SPS_TLS_API sps_error sps_tls_get_failure(const sps_stream *tls, sps_tls_failure *out_failure);

/**
 * Returns the name of a failure, such as "TLS_FAILURE_EXPIRED", or "UNKNOWN" for another number.
 * The text is static: never freed, never NULL. Since 0.1.
 */
SPS_TLS_API const char *sps_tls_failure_name(sps_tls_failure failure);

/**
 * Returns an English sentence that explains the last failure to a person, with names, dates and
 * what to do about it. It is empty if nothing failed. It contains no secret. Texts of the peer's
 * certificate are in it; control characters are replaced. Since 0.1.
 *
 * @param out_message NUL-terminated, at most 511 bytes, in the stream's memory. It is valid until
 *         the next call on the stream.
 */
SPS_TLS_API sps_error sps_tls_get_message(const sps_stream *tls, const char **out_message);

/**
 * Returns the number of the last alert that the peer sent, or -1 if it sent none
 * (RFC 8446, 6). close_notify is 0. Since 0.1.
 */
SPS_TLS_API sps_error sps_tls_get_alert(const sps_stream *tls, int32_t *out_alert);

/* ---- What was negotiated */

/** The parameters of a connection. The texts live until the next call on the stream. */
typedef struct sps_tls_info {
    /** sizeof(sps_tls_info). The caller sets it. The library fills the fields that it covers. */
    uint32_t struct_size;
    /** The version of the protocol. */
    sps_tls_version version;
    /** The cipher's standard name, such as "TLS_AES_256_GCM_SHA384". */
    const char *cipher;
    /** The application protocol (ALPN), or empty. */
    const char *protocol;
    /** The name that the client requested (SNI), or empty. */
    const char *server_name;
    /** The name of the group of the key exchange, such as "x25519", or empty. */
    const char *group;
    /** 1: the session was resumed. No certificate was sent. */
    uint32_t is_resumed;
} sps_tls_info;

/**
 * Returns the parameters of the connection. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: also if struct_size is 0.
 *         - ERR_UNCONFIGURED: no handshake has completed since connect, or TLS was disconnected.
 */
SPS_TLS_API sps_error sps_tls_get_info(const sps_stream *tls, sps_tls_info *out_info);

/**
 * Returns a new object with the certificates that the peer sent, its own first. The caller destroys
 * it. In a resumed session it has only the peer's own. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_UNCONFIGURED: as for sps_tls_get_info().
 *         - ERR_DOES_NOT_EXIST: the peer sent none.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_tls_get_peer_certificate(const sps_stream *tls,
                                                   sps_x509_certificate **out_certificate);

SPS_END_DECLARATIONS

#endif

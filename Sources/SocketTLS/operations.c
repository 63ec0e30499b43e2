// SPDX-License-Identifier: MIT
//
// The operations of the filter. None of them waits.
#include "stream.h"

#include <string.h>

static spsi_tls_stream *of(void *user_data) {
    return user_data;
}

static const spsi_tls_backend *backend_of(const spsi_tls_stream *tls) {
    return tls->options->backend;
}

// ---- Failing

static sps_close_reason reason_of(sps_tls_failure failure) {
    switch (failure) {
    case SPS_TLS_FAILURE_EXPIRED:
    case SPS_TLS_FAILURE_NOT_YET_VALID:
    case SPS_TLS_FAILURE_UNKNOWN_ISSUER:
    case SPS_TLS_FAILURE_SELF_SIGNED:
    case SPS_TLS_FAILURE_WRONG_NAME:
    case SPS_TLS_FAILURE_REVOKED:
    case SPS_TLS_FAILURE_BAD_CERTIFICATE:
    case SPS_TLS_FAILURE_NO_CERTIFICATE:
        return SPS_CLOSE_UNTRUSTED;
    case SPS_TLS_FAILURE_NO_MEMORY:
        return SPS_CLOSE_NO_RESOURCES;
    case SPS_TLS_FAILURE_HANDSHAKE_CUT:
    case SPS_TLS_FAILURE_TRUNCATED:
        return SPS_CLOSE_TRUNCATED;
    case SPS_TLS_FAILURE_TIMED_OUT:
        return SPS_CLOSE_CONNECT_TIMED_OUT;
    default:
        return SPS_CLOSE_PROTOCOL;
    }
}

// An alert about a certificate has a failure of its own only on the side that rejects.
static bool is_about_certificates(const spsi_tls_fault *fault) {
    return fault->failure == SPS_TLS_FAILURE_PEER_ALERT &&
           ((fault->alert >= 42 && fault->alert <= 46) || fault->alert == 48 || fault->alert == 49);
}

// Reports the fault to the library of streams.
static sps_error report(spsi_tls_stream *tls, sps_close_reason reason) {
    tls->end = SPS_FAILED;
    sps_custom_set_failure(tls->stream, reason, tls->fault.message);
    return SPS_FAILED;
}

static sps_error fail(spsi_tls_stream *tls) {
    const bool is_refusal = is_about_certificates(&tls->fault);
    return report(tls, is_refusal ? SPS_CLOSE_UNTRUSTED : reason_of(tls->fault.failure));
}

// The stream below was never connected.
static bool is_of_connect(sps_close_reason reason) {
    return reason == SPS_CLOSE_REFUSED || reason == SPS_CLOSE_UNREACHABLE ||
           reason == SPS_CLOSE_CONNECT_TIMED_OUT || reason == SPS_CLOSE_NAME_NOT_FOUND ||
           reason == SPS_CLOSE_LOOKUP_FAILED;
}

// The stream below has ended, but TLS has not.
static sps_error fail_cut(spsi_tls_stream *tls) {
    sps_close_reason reason = SPS_CLOSE_NONE;
    if (tls->io.base != NULL) {
        sps_socket_get_close_reason(tls->io.base, &reason);
    }
    const bool is_reset = reason != SPS_CLOSE_NONE && reason != SPS_CLOSE_PEER_FINISHED;
    const char *name = is_reset ? sps_close_reason_name(reason) : "end of stream";
    if (tls->is_connected) {
        spsi_tls_fail(&tls->fault, SPS_TLS_FAILURE_TRUNCATED,
                      "The connection ended without the peer's close_notify (%s). Data may be "
                      "missing.",
                      name);
    } else if (is_of_connect(reason)) {
        spsi_tls_fail(&tls->fault, SPS_TLS_FAILURE_HANDSHAKE_CUT,
                      "The stream below could not connect to the peer (%s).", name);
    } else {
        spsi_tls_fail(&tls->fault, SPS_TLS_FAILURE_HANDSHAKE_CUT,
                      "The peer ended the connection during the handshake (%s). It may not speak "
                      "TLS on this port, or may refuse this client.",
                      name);
    }
    return report(tls, is_reset ? reason : SPS_CLOSE_TRUNCATED);
}

// The result of a call in which nothing could move, for example ERR_OUT_OF_MEMORY.
static sps_error take_trouble(spsi_tls_stream *tls, sps_error otherwise) {
    const sps_error trouble = tls->io.trouble;
    tls->io.trouble = SPS_OK;
    return trouble != SPS_OK ? trouble : otherwise;
}

// ---- Deadlines

static bool is_late(spsi_tls_stream *tls, uint32_t timeout_ms) {
    uint64_t now_us = 0;
    sps_custom_get_time_us(tls->stream, &now_us);
    if (tls->deadline_us == 0) {
        tls->deadline_us = now_us + (uint64_t)timeout_ms * 1000;
        sps_custom_poll_after(tls->stream, (int32_t)timeout_ms);
    }
    return now_us >= tls->deadline_us;
}

static void end_deadline(spsi_tls_stream *tls) {
    if (tls->deadline_us != 0) {
        tls->deadline_us = 0;
        sps_custom_poll_after(tls->stream, -1);
    }
}

// ---- The handshake

static bool is_base_connecting(const spsi_tls_stream *tls) {
    sps_status status;
    return sps_socket_get_status(tls->io.base, &status) == SPS_OK &&
           status == SPS_STATUS_CONNECTING;
}

static sps_error wait_for_handshake(spsi_tls_stream *tls) {
    if (tls->io.read_end != SPS_OK) {
        return fail_cut(tls);
    }
    if (is_late(tls, tls->handshake_timeout_ms)) {
        spsi_tls_fail(&tls->fault, SPS_TLS_FAILURE_TIMED_OUT,
                      "The handshake was not complete after %u ms.",
                      (unsigned)tls->handshake_timeout_ms);
        return fail(tls);
    }
    return take_trouble(tls, SPS_ERR_BUSY);
}

static sps_error advance_handshake(spsi_tls_stream *tls) {
    if (tls->io.base == NULL) {
        return report(tls, SPS_CLOSE_LOCAL);
    }
    if (is_base_connecting(tls)) {
        return SPS_ERR_BUSY; // the connect below has a deadline of its own
    }
    const spsi_tls_step step = backend_of(tls)->handshake(tls->session);
    spsi_tls_io_flush(&tls->io);
    switch (step) {
    case SPSI_TLS_DONE:
        tls->is_connected = true;
        tls->io.trouble = SPS_OK;
        end_deadline(tls);
        return SPS_OK;
    case SPSI_TLS_WAIT:
        return wait_for_handshake(tls);
    case SPSI_TLS_END:
        return fail_cut(tls);
    default:
        return fail(tls);
    }
}

// ---- The end

// Writes close_notify, once. In the middle of a message from the peer it must wait.
static void write_close(spsi_tls_stream *tls) {
    if (!tls->has_closed || tls->owes_close) {
        tls->has_closed = true;
        tls->owes_close = backend_of(tls)->close(tls->session) == SPSI_TLS_WAIT;
    }
}

// Offers the stream below what a step has left to send: records, and a close_notify that waited.
static bool send_rest(spsi_tls_stream *tls) {
    if (tls->owes_close) {
        write_close(tls);
    }
    return spsi_tls_io_flush(&tls->io);
}

static sps_error shutdown_write(void *user_data) {
    spsi_tls_stream *tls = of(user_data);
    spsi_tls_io_begin(&tls->io);
    write_close(tls);
    if (!spsi_tls_io_flush(&tls->io)) {
        return take_trouble(tls, SPS_ERR_BUSY);
    }
    // A close_notify that must wait follows with a later poll or get.
    return tls->io.write_end == SPS_OK ? take_trouble(tls, SPS_OK) : SPS_FAILED;
}

// A graceful close: everything that was put leaves, then close_notify, then the peer's is awaited.
static sps_error advance_close(spsi_tls_stream *tls) {
    size_t unsent = 0;
    sps_stream_get_pending_write_bytes(tls->stream, &unsent);
    if (unsent == 0) {
        shutdown_write(tls);
    }
    if (is_late(tls, tls->grace_ms)) {
        spsi_tls_fail(&tls->fault, SPS_TLS_FAILURE_TIMED_OUT,
                      "The peer did not finish within the %u ms of a graceful close.",
                      (unsigned)tls->grace_ms);
        return report(tls, SPS_CLOSE_GRACE_TIMED_OUT);
    }
    return SPS_OK;
}

static sps_error poll_tls(void *user_data) {
    spsi_tls_stream *tls = of(user_data);
    spsi_tls_io_begin(&tls->io);
    if (!tls->is_connected) {
        return advance_handshake(tls);
    }
    const bool has_left = send_rest(tls);
    if (tls->drains) {
        return advance_close(tls);
    }
    return take_trouble(tls, has_left && !tls->owes_close ? SPS_OK : SPS_ERR_BUSY);
}

static void close_tls(void *user_data) {
    spsi_tls_stream *tls = of(user_data);
    if (tls->session == NULL) {
        return;
    }
    if (tls->is_connected && tls->end != SPS_FAILED) {
        write_close(tls);
    }
    spsi_tls_io_flush(&tls->io);
    backend_of(tls)->session_destroy(tls->session);
    tls->session = NULL;
    tls->is_connected = false;
    spsi_tls_io_close(&tls->io);
    sps_tls_options_destroy(tls->options);
    tls->options = NULL;
}

static void destroy(void *user_data) {
    spsi_tls_stream *tls = of(user_data);
    const sps_allocator allocator = tls->io.allocator;
    spsi_tls_reallocate(&allocator, tls, sizeof *tls, 0);
}

// ---- Bytes

static sps_error end_of_reading(spsi_tls_stream *tls, spsi_tls_step step) {
    switch (step) {
    case SPSI_TLS_END:
        if (tls->fault.failure != SPS_TLS_FAILURE_NONE) {
            return fail(tls); // a peek has met an alert, and OpenSSL forgets it
        }
        tls->end = SPS_ERR_FILE_EOF;
        if (tls->drains) {
            sps_custom_set_failure(tls->stream, SPS_CLOSE_LOCAL, NULL);
        }
        return tls->end;
    case SPSI_TLS_FAILED:
        return fail(tls);
    case SPSI_TLS_WAIT:
        return tls->io.read_end != SPS_OK ? fail_cut(tls) : take_trouble(tls, SPS_OK);
    default:
        return SPS_OK;
    }
}

// Reads the records that are there, with at most one read of the stream below that may need a
// syscall.
static spsi_tls_step read_all(spsi_tls_stream *tls, uint8_t *buffer, size_t most,
                              size_t *out_read) {
    spsi_tls_step step;
    do {
        size_t count;
        step = backend_of(tls)->read(tls->session, buffer + *out_read, most - *out_read, &count);
        *out_read += count;
    } while (step == SPSI_TLS_DONE && *out_read < most && spsi_tls_io_may_read_on(&tls->io));
    return step;
}

// A graceful close drops what comes, until no bytes are there or the share of this call (io.h) is
// used up.
static spsi_tls_step drain(spsi_tls_stream *tls, uint8_t *scratch, size_t most) {
    spsi_tls_step step;
    do {
        size_t count;
        step = backend_of(tls)->read(tls->session, scratch, most, &count);
    } while (step == SPSI_TLS_DONE);
    return step;
}

static sps_error get(void *user_data, uint8_t *buffer, size_t byte_count, size_t *out_received) {
    spsi_tls_stream *tls = of(user_data);
    *out_received = 0;
    if (tls->end != SPS_OK) {
        return tls->end;
    }
    spsi_tls_io_begin(&tls->io);
    const spsi_tls_step step = tls->drains ? drain(tls, buffer, byte_count)
                                           : read_all(tls, buffer, byte_count, out_received);
    send_rest(tls);                   // answers to the peer, such as a new key or an alert
    return end_of_reading(tls, step); // bytes that came before it come first
}

static sps_error get_available(void *user_data, size_t *out_bytes) {
    spsi_tls_stream *tls = of(user_data);
    *out_bytes = 0;
    if (tls->end != SPS_OK || tls->drains) {
        return SPS_OK;
    }
    spsi_tls_io_begin(&tls->io);
    backend_of(tls)->peek(tls->session, out_bytes); // a get meets what goes wrong
    send_rest(tls);
    return SPS_OK;
}

// The largest growth of a record: its header, a vector, a tag or a padding (RFC 5246, 6.2.3).
enum { RECORD_OVERHEAD_BYTES = 512 };

// Several records leave as one write, which saves more than the copy costs.
enum {
    FLIGHT_RECORDS = 4,
    FLIGHT_BYTES = FLIGHT_RECORDS * (SPSI_TLS_RECORD_BYTES + RECORD_OVERHEAD_BYTES),
};

// Writes one record. Or, if the stream below would send each at once, up to four of them as one.
// END: the stream below takes nothing any more, and has lost them.
static spsi_tls_step put_flight(spsi_tls_stream *tls, const uint8_t *data, size_t left,
                                size_t *out_moved) {
    spsi_tls_io *io = &tls->io;
    size_t limit = left < SPSI_TLS_RECORD_BYTES ? left : SPSI_TLS_RECORD_BYTES;
    const bool has_room = spsi_tls_io_has_room(io, limit + RECORD_OVERHEAD_BYTES);
    if (io->write_end != SPS_OK) {
        return SPSI_TLS_END;
    }
    const bool may_gather = has_room && left > limit && spsi_tls_io_sends_at_once(io);
    const bool gathers = may_gather && spsi_tls_io_reserve(io, FLIGHT_BYTES);
    if (!has_room || (!gathers && !spsi_tls_io_reserve(io, limit + RECORD_OVERHEAD_BYTES))) {
        return SPSI_TLS_WAIT;
    }
    if (gathers) {
        limit = left < FLIGHT_RECORDS * SPSI_TLS_RECORD_BYTES
                    ? left
                    : FLIGHT_RECORDS * SPSI_TLS_RECORD_BYTES;
    }
    io->gathers = gathers;
    io->is_direct = !gathers;
    spsi_tls_step step = SPSI_TLS_DONE;
    while (step == SPSI_TLS_DONE && *out_moved < limit) {
        const size_t rest = limit - *out_moved;
        const size_t count = rest < SPSI_TLS_RECORD_BYTES ? rest : SPSI_TLS_RECORD_BYTES;
        step = backend_of(tls)->write(tls->session, data + *out_moved, count);
        *out_moved += step == SPSI_TLS_DONE ? count : 0;
    }
    io->is_direct = io->gathers = false;
    spsi_tls_io_flush(io);
    if (io->write_end == SPS_OK || step == SPSI_TLS_FAILED) {
        return step;
    }
    *out_moved = 0;
    return SPSI_TLS_END;
}

static sps_error put(void *user_data, const uint8_t *data, size_t byte_count, size_t *out_sent) {
    spsi_tls_stream *tls = of(user_data);
    *out_sent = 0;
    spsi_tls_io_begin(&tls->io);
    if (tls->has_closed || tls->end == SPS_FAILED) {
        return SPS_FAILED;
    }
    spsi_tls_step step = SPSI_TLS_DONE;
    while (step == SPSI_TLS_DONE && *out_sent < byte_count) {
        size_t moved = 0;
        step = put_flight(tls, data + *out_sent, byte_count - *out_sent, &moved);
        *out_sent += moved;
        if (spsi_tls_io_has_pending(&tls->io)) {
            break;
        }
    }
    if (step == SPSI_TLS_FAILED || step == SPSI_TLS_END) {
        return step == SPSI_TLS_FAILED ? fail(tls) : SPS_FAILED;
    }
    return *out_sent > 0 ? SPS_OK : take_trouble(tls, SPS_OK);
}

const sps_custom_operations spsi_tls_operations = {
    .struct_size = sizeof(sps_custom_operations),
    .get_partial_data = get,
    .put_partial_data = put,
    .get_available_bytes = get_available,
    .destroy = destroy,
    .poll = poll_tls,
    .shutdown_write = shutdown_write,
    .close = close_tls,
};

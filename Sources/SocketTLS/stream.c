// SPDX-License-Identifier: MIT
//
// The calls of a TLS stream.
#include "stream.h"

#include <string.h>

#include "object.h"

enum {
    DEFAULT_HANDSHAKE_MS = 30000,
    DEFAULT_GRACE_MS = 30000,
};

sps_error spsi_tls_stream_of(const sps_stream *stream, spsi_tls_stream **out) {
    *out = NULL;
    void *user_data = NULL;
    const sps_error error =
        sps_custom_get_user_data(stream, spsi_tls_operations.destroy, &user_data);
    *out = user_data;
    return error;
}

// ---- Creating

static sps_error read_options(const sps_stream_options *given, sps_stream_options *out) {
    *out = (sps_stream_options){.struct_size = sizeof *out};
    if (given == NULL) {
        return SPS_OK;
    }
    const uint32_t size = given->struct_size;
    memcpy(out, given, size < sizeof *out ? size : sizeof *out);
    return size == 0 || out->connect_timeout_ms > INT32_MAX ? SPS_ERR_INVALID_PARAMETER : SPS_OK;
}

static sps_error read_allocator(const sps_allocator *given, sps_allocator *out) {
    *out = (sps_allocator){.struct_size = sizeof *out};
    if (given == NULL) {
        return SPS_OK;
    }
    const uint32_t size = given->struct_size;
    memcpy(out, given, size < sizeof *out ? size : sizeof *out);
    return size == 0 ? SPS_ERR_INVALID_PARAMETER : SPS_OK;
}

sps_error sps_tls_create(const sps_stream_options *options, sps_stream **out_tls) {
    if (out_tls == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_tls = NULL;
    sps_stream_options known;
    sps_allocator allocator;
    if (read_options(options, &known) != SPS_OK ||
        read_allocator(known.allocator, &allocator) != SPS_OK) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_tls_stream *tls = spsi_tls_reallocate(&allocator, NULL, 0, sizeof *tls);
    if (tls == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    *tls = (spsi_tls_stream){.io = {.allocator = allocator}};
    tls->handshake_timeout_ms =
        known.connect_timeout_ms != 0 ? known.connect_timeout_ms : DEFAULT_HANDSHAKE_MS;
    spsi_tls_fault_clear(&tls->fault);
    const sps_error error = sps_custom_create(&spsi_tls_operations, tls, options, &tls->stream);
    if (error != SPS_OK) {
        spsi_tls_reallocate(&allocator, tls, sizeof *tls, 0);
        return error;
    }
    *out_tls = tls->stream;
    return SPS_OK;
}

// ---- Opening

static bool is_open(const spsi_tls_stream *tls) {
    sps_status status = SPS_STATUS_NONE;
    sps_socket_get_status(tls->stream, &status);
    return status == SPS_STATUS_CONNECTING || status == SPS_STATUS_CONNECTED;
}

// A socket that is not even connecting. Other streams have no status.
static bool is_unconnected(const sps_stream *base) {
    sps_status status;
    return sps_socket_get_status(base, &status) == SPS_OK &&
           (status == SPS_STATUS_NONE || status == SPS_STATUS_ERROR);
}

static void discard(spsi_tls_stream *tls) {
    if (tls->session != NULL) {
        tls->options->backend->session_destroy(tls->session);
        tls->session = NULL;
    }
    spsi_tls_io_close(&tls->io);
    sps_tls_options_destroy(tls->options);
    tls->options = NULL;
}

static void reset(spsi_tls_stream *tls) {
    spsi_tls_fault_clear(&tls->fault);
    tls->deadline_us = 0;
    tls->end = SPS_OK;
    tls->is_connected = tls->has_closed = tls->owes_close = tls->drains = tls->is_disconnected =
        false;
}

// Takes over the reference to the options.
static sps_error open_tls(spsi_tls_stream *tls, sps_stream *base, const char *name,
                          sps_tls_options *options) {
    reset(tls);
    tls->options = options;
    spsi_tls_io_open(&tls->io, base);
    sps_error error = options->backend->session_create(options->context, name, &tls->io,
                                                       &tls->fault, &tls->session);
    if (error == SPS_OK) {
        error = sps_custom_open(tls->stream, base);
    }
    if (error != SPS_OK) {
        discard(tls);
        return error;
    }
    return tls->fault.failure != SPS_TLS_FAILURE_NONE ? SPS_ERR_CONNECTION_ERROR : SPS_OK;
}

static sps_error check_streams(const sps_stream *stream, const sps_stream *base,
                               spsi_tls_stream **out) {
    const sps_error error = spsi_tls_stream_of(stream, out);
    if (error != SPS_OK) {
        return error;
    }
    if (base == NULL || base == stream) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (is_open(*out)) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    return is_unconnected(base) ? SPS_ERR_CONNECTION_ERROR : SPS_OK;
}

sps_error sps_tls_connect_to_stream(sps_stream *stream, sps_stream *base, const char *common_name,
                                    sps_tls_options *options) {
    spsi_tls_stream *tls;
    sps_error error = check_streams(stream, base, &tls);
    if (error != SPS_OK) {
        return error;
    }
    const bool is_server = options != NULL && options->role == SPSI_TLS_SERVER;
    const bool is_safe = options == NULL || options->role == SPSI_TLS_CLIENT;
    const bool is_overridden = options != NULL && options->common_name_override[0] != '\0';
    char name[SPSI_TLS_NAME_SIZE];
    const char *given = is_overridden ? options->common_name_override : common_name;
    if (is_server || !spsi_tls_name_copy(given, name) || (is_safe && name[0] == '\0')) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    error = spsi_tls_options_retain(options, &options);
    return error == SPS_OK ? open_tls(tls, base, name[0] != '\0' ? name : NULL, options) : error;
}

sps_error sps_tls_accept_stream(sps_stream *stream, sps_stream *base, sps_tls_options *options) {
    spsi_tls_stream *tls;
    const sps_error error = check_streams(stream, base, &tls);
    if (error != SPS_OK) {
        return error;
    }
    if (options == NULL || options->role != SPSI_TLS_SERVER) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_tls_options_retain(options, &options);
    return open_tls(tls, base, NULL, options);
}

// ---- Going on

sps_error sps_tls_poll(sps_stream *stream) {
    spsi_tls_stream *tls;
    const sps_error error = spsi_tls_stream_of(stream, &tls);
    return error == SPS_OK ? sps_socket_poll(stream) : error;
}

sps_error sps_tls_get_status(const sps_stream *stream, sps_tls_status *out_status) {
    spsi_tls_stream *tls;
    if (out_status == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_status = SPS_TLS_STATUS_DISCONNECTED;
    const sps_error error = spsi_tls_stream_of(stream, &tls);
    if (error != SPS_OK) {
        return error;
    }
    sps_status status = SPS_STATUS_NONE;
    sps_socket_get_status(stream, &status);
    const bool is_closed = status == SPS_STATUS_NONE || status == SPS_STATUS_ERROR;
    *out_status = status;
    if (is_closed && tls->fault.failure != SPS_TLS_FAILURE_NONE && !tls->is_disconnected) {
        *out_status = tls->fault.failure == SPS_TLS_FAILURE_WRONG_NAME
                          ? SPS_TLS_STATUS_ERROR_HOSTNAME_MISMATCH
                          : SPS_TLS_STATUS_ERROR;
    }
    return SPS_OK;
}

sps_error sps_tls_get_stream(const sps_stream *stream, sps_stream **out_stream) {
    spsi_tls_stream *tls;
    if (out_stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_stream = NULL;
    const sps_error error = spsi_tls_stream_of(stream, &tls);
    return error == SPS_OK ? sps_custom_get_base(stream, out_stream) : error;
}

// ---- Ending

sps_error sps_tls_disconnect_from_stream(sps_stream *stream) {
    spsi_tls_stream *tls;
    const sps_error error = spsi_tls_stream_of(stream, &tls);
    if (error != SPS_OK) {
        return error;
    }
    tls->is_disconnected = true;
    return sps_socket_disconnect(stream);
}

sps_error sps_tls_shutdown_write(sps_stream *stream) {
    spsi_tls_stream *tls;
    const sps_error error = spsi_tls_stream_of(stream, &tls);
    return error == SPS_OK ? sps_socket_shutdown_write(stream) : error;
}

// Drops the bytes that the stream has read ahead.
static void drop_unread(sps_stream *stream) {
    const uint8_t *data;
    size_t count;
    sps_stream_peek(stream, 0, &data, &count);
    sps_stream_consume(stream, count);
}

sps_error sps_tls_close_gracefully(sps_stream *stream, uint32_t timeout_ms) {
    spsi_tls_stream *tls;
    sps_error error = spsi_tls_stream_of(stream, &tls);
    if (error != SPS_OK) {
        return error;
    }
    if (timeout_ms > INT32_MAX) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (!tls->is_connected) {
        return SPS_FAILED;
    }
    tls->drains = true;
    tls->grace_ms = timeout_ms != 0 ? timeout_ms : DEFAULT_GRACE_MS;
    tls->deadline_us = 0;
    drop_unread(stream);
    error = sps_socket_poll(stream);
    return error == SPS_FAILED ? error : SPS_OK;
}

// ---- Asking

sps_error sps_tls_get_failure(const sps_stream *stream, sps_tls_failure *out_failure) {
    spsi_tls_stream *tls;
    if (out_failure == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_error error = spsi_tls_stream_of(stream, &tls);
    *out_failure = error == SPS_OK ? tls->fault.failure : SPS_TLS_FAILURE_NONE;
    return error;
}

sps_error sps_tls_get_message(const sps_stream *stream, const char **out_message) {
    spsi_tls_stream *tls;
    if (out_message == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_error error = spsi_tls_stream_of(stream, &tls);
    *out_message = error == SPS_OK ? tls->fault.message : "";
    return error;
}

sps_error sps_tls_get_alert(const sps_stream *stream, int32_t *out_alert) {
    spsi_tls_stream *tls;
    if (out_alert == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_error error = spsi_tls_stream_of(stream, &tls);
    *out_alert = error == SPS_OK ? tls->fault.alert : -1;
    return error;
}

sps_error sps_tls_get_info(const sps_stream *stream, sps_tls_info *out_info) {
    spsi_tls_stream *tls;
    if (out_info == NULL || out_info->struct_size == 0) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_error error = spsi_tls_stream_of(stream, &tls);
    if (error != SPS_OK) {
        return error;
    }
    if (!tls->is_connected) {
        return SPS_ERR_UNCONFIGURED;
    }
    const uint32_t size = out_info->struct_size;
    sps_tls_info info = {0};
    tls->options->backend->describe(tls->session, &info);
    info.struct_size = size;
    memcpy(out_info, &info, size < sizeof info ? size : sizeof info);
    return SPS_OK;
}

sps_error sps_tls_get_peer_certificate(const sps_stream *stream,
                                       sps_x509_certificate **out_certificate) {
    spsi_tls_stream *tls;
    if (out_certificate == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_certificate = NULL;
    sps_error error = spsi_tls_stream_of(stream, &tls);
    if (error != SPS_OK) {
        return error;
    }
    if (!tls->is_connected) {
        return SPS_ERR_UNCONFIGURED;
    }
    const spsi_tls_backend *backend = tls->options->backend;
    spsi_tls_certificates *sent;
    error = backend->peer_certificates(tls->session, &sent);
    if (error == SPS_OK) {
        error = spsi_tls_certificate_wrap(sent, out_certificate);
        backend->certificates_release(sent);
    }
    return error;
}

// SPDX-License-Identifier: MIT
#include <string.h>

#include "support/ciphers.h"

enum { DATA = 1, HELLO, FINISH, END };

static int made, opened, closed, destroyed;

void expect_no_ciphers(void) {
    ck_assert_int_eq(destroyed, made);
    ck_assert_int_eq(closed, opened);
}

static uint8_t key_byte(uint8_t key, uint64_t position) {
    return (uint8_t)(key + position * 7 + (position >> 8) * 13);
}

static size_t least(size_t one, size_t other) {
    return one < other ? one : other;
}

// ---- Records that go out

static sps_error give_up(cipher *cipher, sps_close_reason reason, const char *why) {
    cipher->failed = true;
    sps_custom_set_failure(cipher->stream, reason, why);
    return SPS_FAILED;
}

// OK when nothing is left, ERR_BUSY, ERR_OUT_OF_MEMORY, or FAILED.
static sps_error send_out(cipher *cipher) {
    while (cipher->out_from < cipher->out_to) {
        size_t sent = 0;
        const sps_error error = sps_stream_put_partial_data(
            cipher->base, cipher->out + cipher->out_from, cipher->out_to - cipher->out_from, &sent);
        cipher->out_from += sent;
        if (error != SPS_OK || sent == 0) {
            return error != SPS_OK ? error : SPS_ERR_BUSY;
        }
    }
    cipher->out_from = cipher->out_to = 0;
    return SPS_OK;
}

static void add_record(cipher *cipher, uint8_t type, const uint8_t *bytes, size_t count) {
    uint8_t *out = cipher->out + cipher->out_to;
    ck_assert_uint_le(cipher->out_to + HEADER_BYTES + count, sizeof cipher->out);
    out[0] = (uint8_t)count;
    out[1] = (uint8_t)(count >> 8);
    out[2] = type;
    for (size_t i = 0; i < count; i++) {
        out[HEADER_BYTES + i] =
            bytes[i] ^ (type == DATA ? key_byte(cipher->own_key, cipher->put_at++) : 0);
    }
    cipher->out_to += HEADER_BYTES + count;
}

static sps_error put_partial(void *user_data, const uint8_t *data, size_t count, size_t *out_sent) {
    cipher *cipher = user_data;
    cipher->puts++;
    if (cipher->next_put != SPS_OK) {
        const sps_error error = cipher->next_put;
        cipher->next_put = SPS_OK;
        return error;
    }
    if (cipher->failed) {
        return SPS_FAILED;
    }
    const sps_error before = send_out(cipher);
    if (before != SPS_OK) {
        return before;
    }
    *out_sent = least(count, MOST_RECORD);
    add_record(cipher, DATA, data, *out_sent);
    const sps_error after = send_out(cipher);
    return after == SPS_FAILED ? SPS_FAILED : SPS_OK;
}

static sps_error shutdown_write(void *user_data) {
    cipher *cipher = user_data;
    if (!cipher->shut_down) {
        const sps_error before = send_out(cipher);
        if (before != SPS_OK) {
            return before;
        }
        add_record(cipher, END, NULL, 0);
        cipher->shut_down = true;
    }
    return send_out(cipher);
}

// ---- Records that come in

// Handles one record. False: a part of it is missing.
static bool take_record(cipher *cipher) {
    const size_t count = (size_t)(cipher->raw[0] | cipher->raw[1] << 8);
    const uint8_t type = cipher->raw[2];
    if (cipher->raw_count < HEADER_BYTES || cipher->raw_count < HEADER_BYTES + count) {
        return false;
    }
    const uint8_t *bytes = cipher->raw + HEADER_BYTES;
    if (type == HELLO && count == 1 && !cipher->has_hello) {
        cipher->other_key = bytes[0];
        cipher->has_hello = true;
        add_record(cipher, FINISH, NULL, 0);
    } else if (type == FINISH && cipher->has_hello && !cipher->has_finish) {
        cipher->has_finish = true;
    } else if (type == END && cipher->has_finish) {
        cipher->ended = true;
    } else if (type == DATA && cipher->has_finish && !cipher->ended && count <= MOST_RECORD) {
        for (size_t i = 0; i < count; i++) {
            cipher->plain[i] = bytes[i] ^ key_byte(cipher->other_key, cipher->got_at++);
        }
        cipher->plain_from = 0;
        cipher->plain_to = count;
    } else {
        give_up(cipher, SPS_CLOSE_PROTOCOL, "an unexpected record");
        return false;
    }
    cipher->raw_count -= HEADER_BYTES + count;
    memmove(cipher->raw, cipher->raw + HEADER_BYTES + count, cipher->raw_count);
    return true;
}

// Reads and handles records until it holds plain bytes. OK, ERR_BUSY, or the end.
static sps_error take_in(cipher *cipher) {
    while (cipher->plain_from == cipher->plain_to && !cipher->ended && !cipher->failed) {
        if (cipher->raw_count >= HEADER_BYTES && take_record(cipher)) {
            continue;
        }
        if (cipher->failed || cipher->raw_count == sizeof cipher->raw) {
            return give_up(cipher, SPS_CLOSE_PROTOCOL, "a record that is too long");
        }
        size_t count = 0;
        const sps_error error =
            sps_stream_get_partial_data(cipher->base, cipher->raw + cipher->raw_count,
                                        sizeof cipher->raw - cipher->raw_count, &count);
        cipher->raw_count += count;
        if (error == SPS_ERR_FILE_EOF) {
            return give_up(cipher, SPS_CLOSE_TRUNCATED, "the base ended without an end mark");
        }
        if (error == SPS_FAILED) {
            cipher->failed = true; // the base tells why
        } else if (count == 0) {
            return error != SPS_OK ? error : SPS_ERR_BUSY;
        }
    }
    if (cipher->plain_from < cipher->plain_to) {
        return SPS_OK;
    }
    return cipher->failed ? SPS_FAILED : SPS_ERR_FILE_EOF;
}

static sps_error get_partial(void *user_data, uint8_t *buffer, size_t count, size_t *out_received) {
    cipher *cipher = user_data;
    cipher->gets++;
    if (cipher->next_get != SPS_OK) {
        const sps_error error = cipher->next_get;
        cipher->next_get = cipher->fails_on ? error : SPS_OK;
        return error;
    }
    const sps_error error = take_in(cipher);
    if (error != SPS_OK) {
        return error;
    }
    *out_received = least(count, cipher->plain_to - cipher->plain_from);
    if (cipher->most_plain != 0) {
        *out_received = least(*out_received, cipher->most_plain);
    }
    memcpy(buffer, cipher->plain + cipher->plain_from, *out_received);
    cipher->plain_from += *out_received;
    return SPS_OK;
}

static sps_error get_available(void *user_data, size_t *out_bytes) {
    cipher *cipher = user_data;
    const sps_error error = take_in(cipher);
    *out_bytes = cipher->plain_to - cipher->plain_from;
    return error == SPS_FAILED ? SPS_FAILED : SPS_OK;
}

// ---- The whole

static bool is_late(cipher *cipher) {
    uint64_t now_us;
    OK(sps_custom_get_time_us(cipher->stream, &now_us));
    return cipher->deadline_us != 0 && now_us >= cipher->deadline_us;
}

// A base that still connects can neither be read nor written.
static bool is_base_ready(const cipher *cipher) {
    sps_status status = SPS_STATUS_CONNECTED;
    const sps_error error = sps_socket_get_status(cipher->base, &status);
    return error == SPS_ERR_UNAVAILABLE || status != SPS_STATUS_CONNECTING;
}

// OK when it can go on, or the code of a poll that cannot.
static sps_error shake(cipher *cipher) {
    sps_error error = take_in(cipher);
    if (error == SPS_ERR_FILE_EOF) {
        return SPS_FAILED;
    }
    error = error == SPS_ERR_BUSY ? SPS_OK : error;
    return error == SPS_OK ? send_out(cipher) : error;
}

static sps_error advance(cipher *cipher) {
    if (is_base_ready(cipher)) {
        sps_error error = send_out(cipher);
        if (!cipher->has_finish && (error == SPS_OK || error == SPS_ERR_BUSY)) {
            error = shake(cipher);
        }
        if (error != SPS_OK && error != SPS_ERR_BUSY) {
            return error;
        }
        if (cipher->has_finish) {
            return error; // it may hold a record
        }
    }
    return is_late(cipher) ? give_up(cipher, SPS_CLOSE_CONNECT_TIMED_OUT, "no handshake in time")
                           : SPS_ERR_BUSY;
}

static sps_error poll_cipher(void *user_data) {
    cipher *cipher = user_data;
    cipher->polls++;
    if (cipher->next_poll != SPS_OK) {
        const sps_error error = cipher->next_poll;
        cipher->next_poll = SPS_OK;
        return error;
    }
    return advance(cipher);
}

static void close_cipher(void *user_data) {
    cipher *cipher = user_data;
    cipher->closes++;
    closed++;
    if (cipher->has_finish && !cipher->failed) {
        shutdown_write(cipher); // says goodbye
    }
}

static void destroy_cipher(void *user_data) {
    destroyed++;
    free(user_data);
}

const sps_custom_operations cipher_operations = {.struct_size = sizeof cipher_operations,
                                                 .get_partial_data = get_partial,
                                                 .put_partial_data = put_partial,
                                                 .get_available_bytes = get_available,
                                                 .destroy = destroy_cipher,
                                                 .poll = poll_cipher,
                                                 .shutdown_write = shutdown_write,
                                                 .close = close_cipher};

cipher *try_cipher(const sps_stream_options *options, sps_error *out_error) {
    static uint8_t next_key = 17;
    cipher *cipher = calloc(1, sizeof *cipher);
    ck_assert_ptr_nonnull(cipher);
    cipher->own_key = next_key = (uint8_t)(next_key + 31);
    *out_error = sps_custom_create(&cipher_operations, cipher, options, &cipher->stream);
    if (*out_error != SPS_OK) {
        free(cipher);
        return NULL;
    }
    made++;
    return cipher;
}

cipher *make_cipher(const sps_stream_options *options) {
    sps_error error;
    cipher *cipher = try_cipher(options, &error);
    OK(error);
    return cipher;
}

sps_error open_cipher(cipher *cipher, sps_stream *base) {
    sps_stream *const before = cipher->base;
    struct cipher fresh = {.stream = cipher->stream,
                           .base = base,
                           .own_key = cipher->own_key,
                           .handshake_ms = cipher->handshake_ms,
                           .most_plain = cipher->most_plain,
                           .polls = cipher->polls,
                           .gets = cipher->gets,
                           .puts = cipher->puts,
                           .closes = cipher->closes};
    const sps_status status = status_of(cipher->stream);
    if (status == SPS_STATUS_NONE || status == SPS_STATUS_ERROR) {
        *cipher = fresh;
        const uint8_t key = cipher->own_key;
        add_record(cipher, HELLO, &key, 1);
    }
    const sps_error error = sps_custom_open(cipher->stream, base);
    opened += error == SPS_OK;
    if (error != SPS_OK) {
        cipher->base = before;
    } else if (cipher->handshake_ms != 0 && status_of(cipher->stream) == SPS_STATUS_CONNECTING) {
        OK(sps_custom_get_time_us(cipher->stream, &cipher->deadline_us));
        cipher->deadline_us += (uint64_t)cipher->handshake_ms * 1000;
        OK(sps_custom_poll_after(cipher->stream, cipher->handshake_ms));
    }
    return error;
}

cipher *make_cipher_over(sps_stream *base) {
    cipher *cipher = make_cipher(NULL);
    OK(open_cipher(cipher, base));
    return cipher;
}

void shake_hands(sps_stream *one, sps_stream *other) {
    WAIT_UNTIL(
        (OK(sps_socket_poll(one)), OK(sps_socket_poll(other)),
         status_of(one) == SPS_STATUS_CONNECTED && status_of(other) == SPS_STATUS_CONNECTED));
}

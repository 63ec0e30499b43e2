// SPDX-License-Identifier: MIT
//
// The script decides about each record: it passes, or is changed, dropped, repeated, swapped with
// the next one, or another record comes before it. The wire knows which changes a receiver must
// notice: those of encrypted records, and of messages that the handshake's digests cover.
#include "tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum {
    CHANGE_CIPHER_SPEC = 20,
    HANDSHAKE = 22,
    APPLICATION_DATA = 23,
    CHANGES_FROM = 0x80, // smaller bytes of the script: so many more records pass
};

uint8_t script_next(script *script) {
    return script->at < script->size ? script->bytes[script->at++] : 0;
}

void lane_begin(lane *lane) {
    lane->intact_bytes = SIZE_MAX;
    lane->has_change = lane->is_cut = lane->has_cipher = lane->is_1_2 = lane->rejects_more = false;
    lane->passing = 0;
    lane->record_bytes = lane->held_bytes = 0;
}

static size_t content_bytes(const lane *lane) {
    return (size_t)lane->record[3] << 8 | lane->record[4];
}

static bool is_encrypted(const lane *lane) {
    return lane->record[0] == APPLICATION_DATA || (lane->is_1_2 && lane->has_cipher);
}

// Messages of a handshake that are not encrypted are covered by its Finished messages.
static bool is_covered(const lane *lane) {
    return is_encrypted(lane) || lane->record[0] == HANDSHAKE;
}

static void note(lane *lane, bool is_noticed, size_t intact_bytes, const char *change) {
    lane->has_change = true;
    if (is_noticed && intact_bytes < lane->intact_bytes) {
        lane->intact_bytes = intact_bytes;
    }
    if (is_traced()) {
        fprintf(stderr, "%s: %s%s\n", lane->name, change, is_noticed ? "" : " (may be tolerated)");
    }
}

static void deliver(lane *lane, const uint8_t *bytes, size_t size) {
    if (size > 0 && !lane->is_cut) {
        lane->deliver(lane->context, bytes, size);
    }
}

static void flip(lane *lane, size_t before) {
    size_t at = script_next(lane->script);
    at = (at << 8 | script_next(lane->script)) % lane->record_bytes;
    const uint8_t bits = script_next(lane->script);
    // Only an encrypted record authenticates its header.
    const bool is_noticed =
        is_encrypted(lane) || (lane->record[0] == HANDSHAKE && at >= RECORD_HEADER_BYTES);
    note(lane, is_noticed, before, "changed");
    lane->record[at] ^= bits != 0 ? bits : 1;
}

static void remove_byte(lane *lane, size_t before) {
    const size_t at = script_next(lane->script) % lane->record_bytes;
    note(lane, is_covered(lane), before, "a byte is missing");
    memmove(lane->record + at, lane->record + at + 1, lane->record_bytes - at - 1);
    lane->record_bytes--;
}

static void insert(lane *lane, bool is_record, size_t before) {
    uint8_t bytes[RECORD_HEADER_BYTES + UINT8_MAX] = {0, 3, 3, 0, 0};
    size_t size = 0;
    if (is_record) {
        bytes[0] = script_next(lane->script);
        size = RECORD_HEADER_BYTES;
    }
    const uint8_t count = script_next(lane->script);
    bytes[4] = is_record ? count : bytes[4];
    for (unsigned i = 0; i < count; i++) {
        bytes[size++] = script_next(lane->script);
    }
    if (size > 0) {
        note(lane, lane->rejects_more, before, "inserted");
        deliver(lane, bytes, size);
    }
}

static void hold(lane *lane, size_t before) {
    note(lane, is_encrypted(lane), before, "held back");
    memcpy(lane->held, lane->record, lane->record_bytes);
    lane->held_bytes = lane->record_bytes;
    lane->record_bytes = 0;
}

static void cut(lane *lane) {
    const size_t kept = script_next(lane->script) % lane->record_bytes;
    note(lane, false, 0, "cut");
    deliver(lane, lane->record, kept);
    lane->is_cut = true;
}

static void change(lane *lane, uint8_t kind, size_t before, size_t after) {
    switch (kind % 8) {
    case 0:
        flip(lane, before);
        break;
    case 1:
        note(lane, is_covered(lane), before, "dropped");
        lane->record_bytes = 0;
        break;
    case 2:
        note(lane, is_covered(lane), after, "repeated");
        deliver(lane, lane->record, lane->record_bytes);
        break;
    case 3:
        if (lane->held_bytes == 0) {
            hold(lane, before);
        }
        break;
    case 4:
        cut(lane);
        break;
    case 5:
        remove_byte(lane, before);
        break;
    default:
        insert(lane, kind % 8 == 6, before);
        break;
    }
}

static void trace(const lane *lane) {
    fprintf(stderr, "%s: ", lane->name);
    for (size_t i = 0; i < lane->record_bytes; i++) {
        fprintf(stderr, "%02x", lane->record[i]);
    }
    fprintf(stderr, "\n");
}

static void pass_record(lane *lane, size_t before, size_t after) {
    const bool is_cipher = lane->record[0] == CHANGE_CIPHER_SPEC;
    const bool has_held = lane->held_bytes > 0;
    if (is_traced()) {
        trace(lane);
    }
    if (lane->passing > 0) {
        lane->passing--;
    } else {
        const uint8_t fate = script_next(lane->script);
        if (fate < CHANGES_FROM) {
            lane->passing = fate;
        } else {
            change(lane, fate, before, after);
        }
    }
    deliver(lane, lane->record, lane->record_bytes);
    if (has_held) {
        deliver(lane, lane->held, lane->held_bytes);
        lane->held_bytes = 0;
    }
    lane->has_cipher |= is_cipher;
    lane->record_bytes = 0;
}

void lane_carry(lane *lane, const uint8_t *bytes, size_t size, size_t before, size_t after) {
    while (size > 0) {
        size_t needed = RECORD_HEADER_BYTES;
        needed += lane->record_bytes < needed ? 0 : content_bytes(lane);
        size_t count = needed - lane->record_bytes;
        count = count < size ? count : size;
        FUZZ_ASSERT(sizeof lane->record - lane->record_bytes >= count);
        memcpy(lane->record + lane->record_bytes, bytes, count);
        lane->record_bytes += count;
        bytes += count;
        size -= count;
        if (lane->record_bytes >= RECORD_HEADER_BYTES &&
            lane->record_bytes == RECORD_HEADER_BYTES + content_bytes(lane)) {
            pass_record(lane, before, after);
        }
    }
}

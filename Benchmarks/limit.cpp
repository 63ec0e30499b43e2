// SPDX-License-Identifier: MIT
//
// The limit: what a program costs that is written by hand for this work alone, on a blocking socket.
#include <cstring>
#include <sys/socket.h>

#include "rows.hpp"

static void fail(benchmark::State &p_state, bool p_good) {
    if (!p_good) {
        p_state.SkipWithError("the connection broke");
    }
}

static void get_u32(benchmark::State &p_state, Transport p_transport) {
    static uint8_t buffer[PIECE_BYTES];
    const int fd = start_partner(p_transport, Partner::feeds);
    size_t head = 0, tail = 0;
    for (auto _ : p_state) {
        for (size_t i = 0; i < VALUES; i++) {
            if (tail - head < sizeof(uint32_t)) {
                memmove(buffer, buffer + head, tail - head);
                tail -= head;
                head = 0;
                const ssize_t count = recv(fd, buffer + tail, sizeof buffer - tail, 0);
                if (count <= 0) {
                    fail(p_state, false);
                    break;
                }
                tail += static_cast<size_t>(count);
            }
            uint32_t value;
            memcpy(&value, buffer + head, sizeof value);
            head += sizeof value;
            benchmark::DoNotOptimize(value);
        }
    }
    p_state.SetItemsProcessed(p_state.iterations() * static_cast<int64_t>(VALUES));
    end_partner(fd);
}

static bool send_all(int p_fd, const uint8_t *p_bytes, size_t p_count) {
    while (p_count > 0) {
        const ssize_t sent = send(p_fd, p_bytes, p_count, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        p_bytes += sent;
        p_count -= static_cast<size_t>(sent);
    }
    return true;
}

static void put_u32(benchmark::State &p_state, Transport p_transport) {
    static uint8_t buffer[PIECE_BYTES];
    const int fd = start_partner(p_transport, Partner::drains);
    size_t tail = 0;
    for (auto _ : p_state) {
        for (uint32_t i = 0; i < VALUES; i++) {
            if (sizeof buffer - tail < sizeof i) {
                fail(p_state, send_all(fd, buffer, tail));
                tail = 0;
            }
            memcpy(buffer + tail, &i, sizeof i);
            tail += sizeof i;
            benchmark::ClobberMemory();
        }
    }
    p_state.SetItemsProcessed(p_state.iterations() * static_cast<int64_t>(VALUES));
    end_partner(fd);
}

static void ping_pong(benchmark::State &p_state, Transport p_transport) {
    uint8_t message[MESSAGE_BYTES] = {};
    const int fd = start_partner(p_transport, Partner::echoes);
    for (auto _ : p_state) {
        fail(p_state, send_all(fd, message, sizeof message) &&
                          recv(fd, message, sizeof message, MSG_WAITALL) == sizeof message);
    }
    p_state.SetItemsProcessed(p_state.iterations());
    end_partner(fd);
}

static void bulk_in(benchmark::State &p_state, Transport p_transport) {
    static uint8_t piece[PIECE_BYTES];
    const int fd = start_partner(p_transport, Partner::feeds);
    for (auto _ : p_state) {
        fail(p_state, recv(fd, piece, sizeof piece, MSG_WAITALL) == sizeof piece);
    }
    p_state.SetItemsProcessed(p_state.iterations());
    end_partner(fd);
}

static void bulk_out(benchmark::State &p_state, Transport p_transport) {
    static uint8_t piece[PIECE_BYTES];
    const int fd = start_partner(p_transport, Partner::drains);
    for (auto _ : p_state) {
        fail(p_state, send_all(fd, piece, sizeof piece));
    }
    p_state.SetItemsProcessed(p_state.iterations());
    end_partner(fd);
}

const Implementation limit = {"limit", get_u32, put_u32, ping_pong, bulk_in, bulk_out};

// SPDX-License-Identifier: MIT
#include "bench.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <sys/socket.h>

#include "counts.h"

constexpr size_t WARM_PART = 8; // a warm-up does this part of the items
constexpr int NO_SUCH_ROW = 69; // EX_UNAVAILABLE

void check(bool p_good, const char *p_what) {
    if (!p_good) {
        perror(p_what);
        exit(EXIT_FAILURE);
    }
}

static uint64_t read_clock(clockid_t p_clock) {
    timespec now;
    clock_gettime(p_clock, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
}

bool Meter::add(size_t p_items) {
    seen_ += p_items;
    if (begin_ == 0) {
        if (seen_ > items_ / WARM_PART) {
            begin_ = seen_;
            switches_ = context_switches();
            blocks_ = allocations();
            time_ = read_clock(CLOCK_MONOTONIC);
            processor_ = read_clock(CLOCK_PROCESS_CPUTIME_ID);
        }
        return true;
    }
    if (seen_ - begin_ < items_) {
        return true;
    }
    const uint64_t processor = read_clock(CLOCK_PROCESS_CPUTIME_ID) - processor_;
    const uint64_t time = read_clock(CLOCK_MONOTONIC) - time_;
    printf("items %zu processor_ns %" PRIu64 " time_ns %" PRIu64 "\n", seen_ - begin_, processor,
           time);
    printf("switches %zu of %zu\n", context_switches() - switches_, seen_ - begin_);
    if (blocks_ >= 0) {
        printf("allocations %ld of %zu\n", allocations() - blocks_, seen_ - begin_);
    }
    return false;
}

Samples::Samples(const Work &p_work)
    : to_warm_(p_work.items / WARM_PART + 1), wanted_(p_work.items) {
    taken_.reserve(wanted_);
}

Samples::~Samples() {
    for (const uint64_t each : taken_) {
        printf("sample_ns %" PRIu64 "\n", each);
    }
}

uint64_t Samples::now() {
    return read_clock(CLOCK_MONOTONIC);
}

bool Samples::end() {
    const uint64_t taken = now() - begin_;
    if (to_warm_ > 0) {
        to_warm_--;
        return true;
    }
    taken_.push_back(taken);
    return taken_.size() < wanted_;
}

void activate_peers() {
    char byte = 0;
    check(send(CONTROL_FD, &byte, sizeof byte, MSG_NOSIGNAL) == sizeof byte &&
              recv(CONTROL_FD, &byte, sizeof byte, 0) == sizeof byte,
          "partner");
}

uint16_t partner_port() {
    uint16_t port;
    check(recv(CONTROL_FD, &port, sizeof port, 0) == sizeof port, "partner");
    return port;
}

void tell_partner(uint16_t p_port) {
    check(send(CONTROL_FD, &p_port, sizeof p_port, MSG_NOSIGNAL) == sizeof p_port, "partner");
}

size_t take_values(const uint8_t *p_bytes, size_t p_count) {
    size_t head = 0;
    for (; p_count - head >= VALUE_BYTES; head += VALUE_BYTES) {
        uint32_t value;
        memcpy(&value, p_bytes + head, sizeof value);
        keep(value);
    }
    return head / VALUE_BYTES;
}

size_t Arrivals::take(size_t p_arrived) {
    const size_t count = kept_ + p_arrived;
    const size_t values = take_values(bytes_, count);
    kept_ = count - values * VALUE_BYTES;
    memmove(bytes_, bytes_ + values * VALUE_BYTES, kept_);
    return values;
}

void fill_piece(uint8_t (&r_piece)[PIECE_BYTES]) {
    for (uint32_t i = 0; i < VALUES; i++) {
        memcpy(r_piece + i * VALUE_BYTES, &i, VALUE_BYTES);
        asm volatile("" : : : "memory"); // the compiler must really have stored it
    }
}

OwnPair::OwnPair() {
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0, "socketpair");
}

void OwnPair::feed_piece() {
    static const uint8_t piece[PIECE_BYTES] = {};
    check(send(fds[1], piece, sizeof piece, 0) == sizeof piece, "send");
}

void OwnPair::drain_piece() {
    static uint8_t piece[PIECE_BYTES];
    check(recv(fds[1], piece, sizeof piece, MSG_WAITALL) == sizeof piece, "recv");
}

static size_t heap_bytes_before = 0; // anything of the work was made

void print_memory(const Work &p_work) {
    printf("bytes_a_peer %zu\n", (heap_bytes() - heap_bytes_before) / p_work.peers);
}

static Run find_row(const std::string &p_row, const Rows &p_rows) {
    const struct {
        const char *name;
        Run run;
    } table[] = {
        {"get_u32", p_rows.get_u32},
        {"put_u32", p_rows.put_u32},
        {"ping_pong", p_rows.ping_pong},
        {"bulk_in", p_rows.bulk_in},
        {"bulk_out", p_rows.bulk_out},
        {"span_u32", p_rows.span_u32 != nullptr ? p_rows.span_u32 : p_rows.get_u32},
        {"block_u32", p_rows.block_u32 != nullptr ? p_rows.block_u32 : p_rows.put_u32},
        {"frames", p_rows.frames},
        {"encode_dictionary", p_rows.variants.encode_dictionary},
        {"decode_dictionary", p_rows.variants.decode_dictionary},
        {"encode_packed", p_rows.variants.encode_packed},
        {"decode_packed", p_rows.variants.decode_packed},
        {"trips", p_rows.served.trips},
        {"idle", p_rows.served.idle},
        {"connects", p_rows.served.connects},
        {"accepts", p_rows.served.accepts},
        {"tls_ping_pong", p_rows.tls.ping_pong},
        {"tls_bulk_in", p_rows.tls.bulk_in},
        {"tls_bulk_out", p_rows.tls.bulk_out},
        {"tls_idle", p_rows.tls.idle},
        {"count_get", p_rows.count_get},
        {"count_put", p_rows.count_put},
        {"count_try_get", p_rows.count_try_get},
    };
    for (const auto &each : table) {
        if (p_row == each.name) {
            return each.run;
        }
    }
    return nullptr;
}

int run_row(int p_argc, char **p_argv, const Rows &p_rows) {
    if (p_argc != 5) {
        fprintf(stderr, "usage: %s ROW TRANSPORT ITEMS PEERS\n", p_argv[0]);
        return EXIT_FAILURE;
    }
    const Run run = find_row(p_argv[1], p_rows);
    if (run == nullptr) {
        const bool is_tls = std::string(p_argv[1]).rfind("tls_", 0) == 0;
        fprintf(stderr, "%s\n", is_tls ? "OpenSSL was not found" : p_rows.why_no_frames);
        return NO_SUCH_ROW;
    }
    const Transport transport = std::string(p_argv[2]) == "tcp" ? Transport::tcp : Transport::uds;
    heap_bytes_before = heap_bytes();
    run({transport, strtoul(p_argv[3], nullptr, 10), strtoul(p_argv[4], nullptr, 10)});
    return EXIT_SUCCESS;
}

// SPDX-License-Identifier: MIT
//
// The limit: the cost of a program that is hand-written for this work alone. It uses blocking
// sockets, and one epoll_wait(2) a frame for many peers.
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls.hpp"

static size_t receive(void *p_buffer, size_t p_count, int p_flags) {
    const ssize_t count = recv(FIRST_FD, p_buffer, p_count, p_flags);
    check(count > 0, "recv");
    return static_cast<size_t>(count);
}

static void send_all(const uint8_t *p_bytes, size_t p_count) {
    while (p_count > 0) {
        const ssize_t sent = send(FIRST_FD, p_bytes, p_count, MSG_NOSIGNAL);
        check(sent > 0, "send");
        p_bytes += sent;
        p_count -= static_cast<size_t>(sent);
    }
}

static void get_u32(const Work &p_work) {
    static Arrivals arrivals;
    Meter meter(p_work);
    while (meter.add(arrivals.take(receive(arrivals.room(), arrivals.room_bytes(), 0)))) {
    }
}

static void put_u32(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    Meter meter(p_work);
    do {
        fill_piece(piece);
        send_all(piece, sizeof piece);
    } while (meter.add(VALUES));
}

static void ping_pong(const Work &p_work) {
    uint8_t message[MESSAGE_BYTES] = {};
    Samples samples(p_work);
    do {
        samples.begin();
        send_all(message, sizeof message);
        receive(message, sizeof message, MSG_WAITALL);
    } while (samples.end());
}

static void bulk_in(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    Meter meter(p_work);
    do {
        check(receive(piece, sizeof piece, MSG_WAITALL) == sizeof piece, "recv");
    } while (meter.add(1));
}

static void bulk_out(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    Meter meter(p_work);
    do {
        send_all(piece, sizeof piece);
    } while (meter.add(1));
}

// Edge-triggered, so the OS need not check the sockets again that were read.
static int watch_peers(const Work &p_work) {
    const int poller = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < p_work.peers; i++) {
        epoll_event event = {};
        event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
        event.data.fd = FIRST_FD + static_cast<int>(i);
        check(epoll_ctl(poller, EPOLL_CTL_ADD, event.data.fd, &event) == 0, "epoll_ctl");
    }
    return poller;
}

// Runs one frame, and returns the number of bytes read.
static size_t frame(int p_poller) {
    static epoll_event events[1024];
    static uint8_t buffer[PIECE_BYTES];
    size_t bytes = 0;
    const int count = epoll_wait(p_poller, events, 1024, 0);
    for (int i = 0; i < count; i++) {
        const ssize_t received = recv(events[i].data.fd, buffer, sizeof buffer, MSG_DONTWAIT);
        check(received > 0, "recv");
        bytes += static_cast<size_t>(received);
    }
    return bytes;
}

static void frames(const Work &p_work) {
    measure_frames(p_work, [poller = watch_peers(p_work)] { return frame(poller); });
}

/* ---- Echoes on many connections, and connections that come and go */

static void trips(const Work &p_work) {
    static const uint8_t message[MESSAGE_BYTES] = {};
    static epoll_event events[1024];
    static uint8_t buffer[PIECE_BYTES];
    const int poller = watch_peers(p_work);
    Meter meter(p_work);
    for (size_t i = 0; i < p_work.peers; i++) {
        send(FIRST_FD + static_cast<int>(i), message, sizeof message, MSG_NOSIGNAL);
    }
    size_t done;
    do {
        done = static_cast<size_t>(epoll_wait(poller, events, 1024, -1));
        for (size_t i = 0; i < done; i++) {
            const int fd = events[i].data.fd;
            check(recv(fd, buffer, sizeof buffer, MSG_DONTWAIT) == sizeof message, "recv");
            check(send(fd, message, sizeof message, MSG_NOSIGNAL) == sizeof message, "send");
        }
    } while (meter.add(done));
}

// Nothing of the heap: the figure is a bound of the harness.
static void idle(const Work &p_work) {
    print_memory(p_work);
}

static sockaddr_in loopback(uint16_t p_port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(p_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void connects(const Work &p_work) {
    const sockaddr_in address = loopback(partner_port());
    Meter meter(p_work);
    do {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        check(connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0,
              "connect");
        close(fd);
    } while (meter.add(1));
}

static void accepts(const Work &p_work) {
    static uint8_t buffer[PIECE_BYTES];
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    sockaddr *generic = reinterpret_cast<sockaddr *>(&address);
    check(bind(listener, generic, size) == 0 && listen(listener, 1) == 0 &&
              getsockname(listener, generic, &size) == 0,
          "listen");
    tell_partner(ntohs(address.sin_port));
    Meter meter(p_work);
    do {
        const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        check(recv(fd, buffer, sizeof buffer, 0) == 0, "recv");
        close(fd);
    } while (meter.add(1));
}

/* ---- Variants: their bytes, copied */

template <size_t bytes> static void copy(const Work &p_work) {
    static uint8_t from[bytes], to[bytes];
    memset(from, 1, sizeof from); // so that it has memory of its own
    measure_values(p_work, [] {
        keep_memory(from);
        memcpy(to, from, sizeof to);
        keep_memory(to);
    });
}

/* ---- For callgrind */

static void take_piece(int p_fd, Arrivals &r_arrivals, int p_flags) {
    const ssize_t count = recv(p_fd, r_arrivals.room(), r_arrivals.room_bytes(), p_flags);
    check(r_arrivals.take(static_cast<size_t>(count)) == VALUES, "recv");
}

COUNTED void count_get(int p_fd, Arrivals &r_arrivals) {
    take_piece(p_fd, r_arrivals, 0);
}

COUNTED void count_try_get(int p_fd, Arrivals &r_arrivals) {
    take_piece(p_fd, r_arrivals, MSG_DONTWAIT);
}

COUNTED void count_put(int p_fd, uint8_t (&r_piece)[PIECE_BYTES]) {
    fill_piece(r_piece);
    check(send(p_fd, r_piece, sizeof r_piece, MSG_NOSIGNAL) == sizeof r_piece, "send");
}

template <void (*Count)(int, Arrivals &)> static void count_gets(const Work &p_work) {
    static Arrivals arrivals;
    OwnPair pair;
    for (size_t done = 0; done < p_work.items; done += VALUES) {
        pair.feed_piece();
        Count(pair.fds[0], arrivals);
    }
}

static void count_puts(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    OwnPair pair;
    for (size_t done = 0; done < p_work.items; done += VALUES) {
        count_put(pair.fds[0], piece);
        pair.drain_piece();
    }
}

int main(int argc, char **argv) {
    const Rows rows = {
        get_u32,
        put_u32,
        ping_pong,
        bulk_in,
        bulk_out,
        frames,
        count_gets<count_get>,
        count_puts,
        count_gets<count_try_get>,
        "",
        nullptr,
        nullptr,
        {copy<DICTIONARY_BYTES>, copy<DICTIONARY_BYTES>, copy<PACKED_BYTES>, copy<PACKED_BYTES>},
        {trips, idle, connects, accepts},
        tls_rows};
    return run_row(argc, argv, rows);
}

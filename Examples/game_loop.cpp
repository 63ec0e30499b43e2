// SPDX-License-Identifier: MIT
//
// game_loop [FRAMES]: a game's loop, with a server and two clients in one process. It has 60 frames
// a second. In each frame a client polls its one socket and sends its position. The server sends
// all positions to all clients. It has many sockets, so it waits in a poller until the next frame
// begins. No side waits for a peer.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <streampeersocket.hpp>

namespace {

struct Update {
    uint32_t tick;
    float x, y;
};

constexpr int UPDATE_BYTES = 12; // on the wire: u32, float, float

// One put takes all of it or nothing. Three puts could leave a partial message.
sps::Error put_update(sps::StreamPeer &peer, const Update &update) {
    sps::StreamPeerBuffer message;
    message.put_u32(update.tick);
    message.put_float(update.x);
    message.put_float(update.y);
    return peer.put_data(message.get_data_array());
}

// Takes a whole message or nothing. After peek() has shown all of it, the gets find it in memory.
std::optional<Update> try_get_update(sps::StreamPeer &peer) {
    peer.peek(UPDATE_BYTES);
    if (peer.get_last_error() != sps::OK) {
        return std::nullopt; // ERR_BUSY: not all of it has arrived yet
    }
    return Update{peer.get_u32(), peer.get_float(), peer.get_float()};
}

// The position of every player at a tick, to check the received positions.
Update position_at(uint32_t tick) {
    const float angle = static_cast<float>(tick) / 10.0F;
    return {tick, std::cos(angle), std::sin(angle)};
}

bool is_right(const Update &update) {
    const Update expected = position_at(update.tick);
    return !(update.x < expected.x) && !(update.x > expected.x) && !(update.y < expected.y) &&
           !(update.y > expected.y);
}

using Clock = std::chrono::steady_clock;

struct Server {
    sps::SocketPoller poller;
    sps::TCPServer socket;
    std::vector<std::unique_ptr<sps::StreamPeerTCP>> players;

    sps::Error start() {
        const sps::Error error = socket.listen(0, "127.0.0.1"); // port 0: any that is free
        return error == sps::OK ? poller.add(socket) : error;
    }

    void take_new_players() {
        while (auto player = socket.take_connection()) {
            poller.add(*player, player.get());
            players.push_back(std::move(player));
        }
    }

    // Puts gather, and leave in one piece at the next wait. A player who reads too slowly delays no
    // other. ERR_BUSY means that this player misses an update. The next one is newer anyway.
    void tell_everybody(const Update &update) {
        for (auto &player : players) {
            put_update(*player, update);
        }
    }

    // A closed player has left the poller, too.
    void drop(const sps::StreamPeerTCP *lost) {
        const auto is_lost = [lost](const auto &player) { return player.get() == lost; };
        players.erase(std::remove_if(players.begin(), players.end(), is_lost), players.end());
    }

    void handle(const sps::SocketEvent &event) {
        if (event.is_of(socket)) {
            take_new_players();
            return;
        }
        auto *player = event.get_user_data<sps::StreamPeerTCP>();
        while (const auto update = try_get_update(*player)) {
            tell_everybody(*update);
        }
        if (player->get_last_error() != sps::ERR_BUSY) { // the last try: it is gone
            drop(player);
        }
    }

    void run_until(Clock::time_point end) {
        for (auto now = Clock::now(); now < end; now = Clock::now()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now);
            poller.wait(static_cast<int>(left.count()));
            for (const sps::SocketEvent &event : poller.events()) {
                handle(event);
            }
        }
    }
};

struct Client {
    sps::StreamPeerTCP socket;
    int messages = 0;
    int errors = 0;

    bool start(int port) {
        return socket.connect_to_host("127.0.0.1", port) == sps::OK &&
               socket.set_write_batching(true) == sps::OK;
    }

    void run_frame(uint32_t tick) {
        errors += socket.poll() != sps::OK;
        switch (socket.get_status()) {
        case sps::StreamPeerSocket::STATUS_CONNECTING:
            return; // later
        case sps::StreamPeerSocket::STATUS_CONNECTED:
            break;
        default:
            errors++;
            return;
        }
        while (const auto update = try_get_update(socket)) {
            messages++;
            errors += !is_right(*update);
        }
        errors += socket.get_last_error() != sps::ERR_BUSY;
        errors += put_update(socket, position_at(tick)) != sps::OK;
        errors += socket.flush() != sps::OK;
    }
};

int run(uint32_t frames) {
    Server server;
    const sps::Error error = server.start();
    if (error != sps::OK) {
        std::fprintf(stderr, "game_loop: cannot listen: %s\n", sps::error_message(error));
        return EXIT_FAILURE;
    }
    Client clients[2];
    for (auto &client : clients) {
        client.errors += !client.start(server.socket.get_local_port());
    }
    auto next_frame = Clock::now();
    for (uint32_t tick = 0; tick < frames; tick++) {
        for (auto &client : clients) {
            client.run_frame(tick);
        }
        next_frame += std::chrono::microseconds(1000000 / 60);
        server.run_until(next_frame);
    }
    const int messages = clients[0].messages + clients[1].messages;
    const int errors = clients[0].errors + clients[1].errors;
    std::printf("%u frames, %d messages, %d errors\n", frames, messages, errors);
    return errors == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace

int main(int argc, char **argv) {
    char *end = nullptr;
    const long frames = argc == 2 ? std::strtol(argv[1], &end, 10) : 120;
    if (argc > 2 || (end != nullptr && *end != '\0') || frames < 1 || frames > 1000000) {
        std::fprintf(stderr, "usage: game_loop [FRAMES]\n");
        return 2;
    }
    return run(static_cast<uint32_t>(frames));
}

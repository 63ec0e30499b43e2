// SPDX-License-Identifier: MIT
//
// lobby [PORT]: a server for any number of players. It sends each string back.
// A player that reads slowly holds up nobody and loses nothing. Port 0 lets the OS choose.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <streampeersocket.hpp>

class Lobby {
  public:
    sps::Error start(int port) {
        const sps::Error error = server.listen(port);
        return error == sps::OK ? poller.add(server) : error;
    }

    int get_port() const { return server.get_local_port(); }

    void frame(int timeout_ms) { // 0: once a frame; -1: in a thread of its own
        poller.wait(timeout_ms);
        for (const sps::SocketEvent &event : poller.events()) {
            if (event.is_of(server)) {
                take_players();
                continue;
            }
            auto *player = event.get_user_data<Player>();
            if (serve(*player) != sps::ERR_BUSY) { // the stream has closed, or sent nonsense
                players.erase(player);             // which takes it out of the poller
            }
        }
    }

  private:
    struct Player {
        std::unique_ptr<sps::StreamPeerTCP> peer;
        std::optional<std::string> unsent; // the peer reads too slowly to take it
    };

    // Serves one player until nothing is left to read, or until its write buffer is full.
    // Both end with ERR_BUSY, and the poller reports when the player can go on.
    static sps::Error serve(Player &player) {
        while (player.unsent || (player.unsent = player.peer->try_get_utf8_string())) {
            if (player.peer->put_utf8_string(*player.unsent) != sps::OK) {
                break;
            }
            player.unsent.reset();
        }
        return player.peer->get_last_error();
    }

    void take_players() {
        while (auto peer = server.take_connection()) {
            auto player = std::make_unique<Player>();
            player->peer = std::move(peer);
            if (poller.add(*player->peer, player.get()) == sps::OK) {
                players[player.get()] = std::move(player);
            }
        }
    }

    sps::SocketPoller poller;
    sps::TCPServer server;
    std::map<Player *, std::unique_ptr<Player>> players;
};

int main(int argc, char **argv) {
    Lobby lobby;
    const sps::Error error = lobby.start(argc > 1 ? std::atoi(argv[1]) : 7777);
    if (error != sps::OK) {
        std::fprintf(stderr, "lobby: %s\n", sps::error_message(error));
        return EXIT_FAILURE;
    }
    std::printf("listening on port %d\n", lobby.get_port());
    std::fflush(stdout);
    for (;;) {
        lobby.frame(-1);
    }
}

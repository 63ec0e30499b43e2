// SPDX-License-Identifier: MIT
//
// squares host PORT [FRAMES]
// squares join HOST PORT [FRAMES]
//
// Two windows share two squares: each moves its own, and shows the other's. Move yours with the
// arrow keys, or it moves by itself. The network has its turn once a frame and never waits. With
// FRAMES a side leaves after that many frames together, and both know each other's last position.
// Port 0 lets the OS choose.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

// SDL must not replace main().
#define SDL_MAIN_HANDLED
#include <SDL.h>
#include <streampeersocket.hpp>

namespace {
constexpr float SIZE = 32; // of a square
constexpr float STEP = 4;  // of a frame

// The connection to the other side.
class Link {
  public:
    sps::Error host(int port) {
        sps_stream_options of_streams = options();
        sps_server_options of_server{};
        of_server.struct_size = sizeof of_server;
        of_server.stream = &of_streams;
        server = sps::TCPServer(&of_server);
        poller.add(server);
        return server.listen(port);
    }

    sps::Error join(const char *host, int port) {
        const sps_stream_options of_stream = options();
        peer = std::make_unique<sps::StreamPeerTCP>(&of_stream);
        poller.add(*peer);
        return peer->connect_to_host(host, port);
    }

    int get_port() const { return server.get_local_port(); }

    bool is_connected() const { return peer && peer->get_status() == peer->STATUS_CONNECTED; }

    // SPS_CLOSE_NONE until the connection has ended, or could not be established.
    int get_reason() const { return peer ? int(peer->get_close_reason()) : int(SPS_CLOSE_NONE); }

    // Sends and receives all that can move now. Returns the newest position, if one has come.
    std::optional<sps::Vector2> frame() {
        std::optional<sps::Vector2> newest;
        poller.wait(0);
        for (const sps::SocketEvent &event : poller.events()) {
            if (event.is_of(server)) {
                take_guest();
                continue;
            }
            while (const std::optional<sps::Variant> value = peer->try_get_var()) {
                if (const auto position = value->get<sps::Vector2>()) {
                    newest = position;
                }
            }
            if (peer->get_last_error() == sps::ERR_INVALID_DATA) {
                peer->disconnect_from_host(); // it sends nonsense
            }
        }
        return newest;
    }

    // false: the write buffer is full. The position of a later frame is newer anyway.
    bool put(const sps::Vector2 &position) { return peer->put_var(position) == sps::OK; }

    // Ends this side's half, behind everything that was put. The other half stays open.
    bool finish() { return peer->shutdown_write() == sps::OK; }

  private:
    // Half-open: the side that leaves first still hears the other until that leaves too.
    static sps_stream_options options() {
        sps_stream_options options{};
        options.struct_size = sizeof options;
        options.half_open = 1;
        return options;
    }

    // The first guest stays. Others are closed at once.
    void take_guest() {
        while (auto guest = server.take_connection()) {
            if (!peer && poller.add(*guest) == sps::OK) {
                peer = std::move(guest);
            }
        }
    }

    sps::SocketPoller poller;
    sps::TCPServer server;
    std::unique_ptr<sps::StreamPeerTCP> peer;
};

struct Window {
    bool open() {
        SDL_SetMainReady();
        return SDL_Init(SDL_INIT_VIDEO) == 0 &&
               SDL_CreateWindowAndRenderer(480, 360, 0, &window, &renderer) == 0;
    }

    ~Window() {
        SDL_DestroyRenderer(renderer);
        SDL_DestroyWindow(window);
        SDL_Quit();
    }

    void draw(const sps::Vector2 &mine, const std::optional<sps::Vector2> &other) {
        SDL_SetRenderDrawColor(renderer, 24, 26, 36, 255);
        SDL_RenderClear(renderer);
        SDL_SetRenderDrawColor(renderer, 90, 190, 140, 255);
        square(mine);
        SDL_SetRenderDrawColor(renderer, 240, 170, 70, 255);
        square(other.value_or(sps::Vector2(-SIZE, -SIZE)));
        SDL_RenderPresent(renderer);
    }

    void square(const sps::Vector2 &at) {
        const SDL_FRect where{at.x, at.y, SIZE, SIZE};
        SDL_RenderFillRectF(renderer, &where);
    }

    SDL_Window *window = nullptr;
    SDL_Renderer *renderer = nullptr;
};

void move(sps::Vector2 &at, float angle) {
    const Uint8 *keys = SDL_GetKeyboardState(nullptr);
    const auto held = [keys](int key) { return keys[key] != 0 ? STEP : 0; };
    const float dx = held(SDL_SCANCODE_RIGHT) - held(SDL_SCANCODE_LEFT);
    const float dy = held(SDL_SCANCODE_DOWN) - held(SDL_SCANCODE_UP);
    const bool is_idle = std::fabs(dx) + std::fabs(dy) < STEP / 2;
    at.x += is_idle ? STEP * std::cos(angle) : dx;
    at.y += is_idle ? STEP * std::sin(angle) : dy;
}

int play(Link &link, bool is_host, int limit) {
    Window window;
    if (!window.open()) {
        std::fprintf(stderr, "squares: %s\n", SDL_GetError());
        return EXIT_FAILURE;
    }
    sps::Vector2 mine(is_host ? 100 : 340, 120);
    std::optional<sps::Vector2> other;
    int frames = 0; // with the other
    bool has_finished = false;
    while (SDL_QuitRequested() == SDL_FALSE && link.get_reason() == SPS_CLOSE_NONE) {
        if (const auto newest = link.frame()) {
            other = newest;
        }
        if (link.is_connected() && (limit == 0 || frames < limit)) {
            move(mine, static_cast<float>(frames) / 20);
            const bool is_last = frames + 1 == limit;
            frames += link.put(mine) || !is_last; // the last position must arrive: put it again
        } else if (link.is_connected() && !has_finished && link.finish()) {
            has_finished = true;
            std::printf("%d frames\n", frames);
        }
        window.draw(mine, other);
        SDL_Delay(1000 / 60);
    }
    const int reason = link.get_reason(); // SPS_CLOSE_NONE: the user has closed the window
    std::printf("%s, mine %.2f %.2f", sps::close_reason_name(reason), mine.x, mine.y);
    other ? std::printf(", other %.2f %.2f\n", other->x, other->y) : std::puts(", no other");
    return (reason == SPS_CLOSE_PEER_FINISHED && other) || reason == SPS_CLOSE_NONE ? EXIT_SUCCESS
                                                                                    : EXIT_FAILURE;
}

} // namespace

int main(int argc, char **argv) {
    const bool is_host = argc > 1 && std::strcmp(argv[1], "host") == 0;
    char **arguments = argv + (is_host ? 2 : 3); // PORT [FRAMES]
    const auto count = argv + argc - arguments;
    if (count < 1 || count > 2 || (!is_host && std::strcmp(argv[1], "join") != 0)) {
        std::fprintf(stderr, "usage: squares host PORT [FRAMES] | join HOST PORT [FRAMES]\n");
        return 2;
    }
    const int port = std::atoi(arguments[0]);
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    Link link;
    const sps::Error error = is_host ? link.host(port) : link.join(argv[2], port);
    if (error != sps::OK) {
        std::fprintf(stderr, "squares: %s\n", sps::error_message(error));
        return EXIT_FAILURE;
    }
    if (is_host) {
        std::printf("listening on port %d\n", link.get_port());
    }
    return play(link, is_host, count == 2 ? std::atoi(arguments[1]) : 0);
}

// SPDX-License-Identifier: MIT
//
// echo_asio [PORT]: the poller in Asio's io_context. Asio waits for the descriptor, which stays the
// poller's own.
#include <chrono>
#include <cstdlib>

#include <asio.hpp>

#include "echo.h"

namespace {

class EmbeddedPoller {
  public:
    EmbeddedPoller(asio::io_context &context, echo &server)
        : context_(context), server_(server), descriptor_(context, echo_descriptor(&server)),
          timer_(context) {
        await_descriptor();
        await_time();
    }

    ~EmbeddedPoller() { descriptor_.release(); } // or Asio would close it

  private:
    void await_descriptor() {
        descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                               [this](const std::error_code &error) {
                                   if (!error && turn()) {
                                       await_descriptor();
                                   }
                               });
    }

    // A new time cancels the wait for the last one.
    void await_time() {
        const int timeout_ms = echo_timeout_ms(&server_);
        if (timeout_ms < 0) {
            timer_.cancel();
            return;
        }
        timer_.expires_after(std::chrono::milliseconds(timeout_ms));
        timer_.async_wait([this](const std::error_code &error) {
            if (!error) {
                turn();
            }
        });
    }

    bool turn() {
        if (!echo_turn(&server_)) {
            context_.stop();
            return false;
        }
        await_time();
        return true;
    }

    asio::io_context &context_;
    echo &server_;
    asio::posix::stream_descriptor descriptor_;
    asio::steady_timer timer_;
};

} // namespace

int main(int argc, char **argv) {
    echo server;
    if (!echo_open(&server, argc > 1 ? std::atoi(argv[1]) : 7777)) {
        return EXIT_FAILURE;
    }
    {
        asio::io_context context(1);
        EmbeddedPoller poller(context, server);
        context.run();
    }
    echo_close(&server);
    return EXIT_SUCCESS;
}

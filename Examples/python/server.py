#!/usr/bin/env python3
"""server.py [PORT]: sends each string back to its player. Port 0 lets the OS choose.

A player that reads slowly holds up nobody and loses nothing. One poller waits for all.
"""
import itertools
import sys
from ctypes import POINTER, byref, c_char, c_int32, c_size_t, string_at

import sps


class Player:
    def __init__(self, stream):
        self.stream = stream
        self.unsent = None  # the player reads too slowly to take it


class Server:
    def __init__(self, library, port):
        self.library = library
        self.players = {}  # number: player. The number is the user_data of its events.
        self.numbers = itertools.count(1)
        self.poller = POINTER(sps.sps_poller)()
        self.server = POINTER(sps.sps_server)()
        self.check(library.sps_poller_create(None, byref(self.poller)))
        self.check(library.sps_tcp_server_create(None, byref(self.server)))
        self.check(library.sps_tcp_server_listen(self.server, port, b"*"))
        self.check(library.sps_poller_add_server(self.poller, self.server, None))

    def check(self, error):
        if error != sps.SPS_OK:
            raise SystemExit(f"server.py: {self.library.sps_error_message(error).decode()}")

    def port(self):
        port = c_int32()
        self.check(self.library.sps_tcp_server_get_local_port(self.server, byref(port)))
        return port.value

    def frame(self, timeout_ms):
        """Serves all players. 0: once a frame of another loop."""
        self.check(self.library.sps_poller_wait(self.poller, timeout_ms, None))
        event = sps.sps_event()
        while self.library.sps_poller_next_event(self.poller, byref(event)) == sps.SPS_OK:
            if event.kinds & sps.SPS_EVENT_CONNECTION_AVAILABLE:
                self.take_players()
            elif event.stream and self.serve(self.players[event.user_data]) != sps.SPS_ERR_BUSY:
                # The stream has closed, or sent nonsense.
                self.library.sps_stream_destroy(self.players.pop(event.user_data).stream)

    def take_players(self):
        stream = POINTER(sps.sps_stream)()
        while self.library.sps_server_take_connection(self.server, byref(stream)) == sps.SPS_OK:
            number, player = next(self.numbers), Player(stream)
            self.check(self.library.sps_poller_add(self.poller, stream, number))
            self.players[number] = player
            stream = POINTER(sps.sps_stream)()

    def serve(self, player):
        """Until nothing is left to read, or the write buffer is full. Both are ERR_BUSY, and the
        poller reports when the player can go on."""
        text, count = POINTER(c_char)(), c_size_t()
        while True:
            if player.unsent is None:
                error = self.library.sps_stream_try_get_utf8_string(
                    player.stream, sps.SPS_LENGTH_PREFIXED, byref(text), byref(count))
                if error != sps.SPS_OK:
                    return error
                player.unsent = string_at(text, count.value)
            error = self.library.sps_stream_put_utf8_string(
                player.stream, player.unsent, len(player.unsent))
            if error != sps.SPS_OK:
                return error
            player.unsent = None

    def close(self):
        for player in self.players.values():
            self.library.sps_stream_destroy(player.stream)
        self.library.sps_server_destroy(self.server)
        self.library.sps_poller_destroy(self.poller)


def main(port=7777):
    server = Server(sps.load(), int(port))
    print(f"listening on port {server.port()}", flush=True)
    try:
        while True:
            server.frame(500)  # Python handles Ctrl-C between calls, and a signal ends no wait
    except KeyboardInterrupt:
        pass
    finally:
        server.close()


if __name__ == "__main__":
    main(*sys.argv[1:2])

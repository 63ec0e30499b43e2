#!/usr/bin/env python3
"""asyncio_server.py [PORT]: server.py inside asyncio, beside the other tasks of a program.

The poller has one descriptor for all of its streams, and says when it needs its next turn.
"""
import asyncio
import signal
import sys
from ctypes import byref, c_int64, c_ssize_t

import sps
from server import Server


class LoopServer(Server):
    """Code outside of frame() that puts to a player calls sps_poller_wake() afterwards."""

    def __init__(self, library, port):
        super().__init__(library, port)
        self.loop, self.timer = asyncio.get_running_loop(), None
        self.descriptor = c_ssize_t()
        self.check(library.sps_poller_get_fd(self.poller, byref(self.descriptor)))
        self.loop.add_reader(self.descriptor.value, self.turn)
        self.turn()

    def turn(self):
        """The descriptor is readable, or the time is over."""
        self.frame(0)
        time_us = c_int64()
        self.check(self.library.sps_poller_get_timeout_us(self.poller, byref(time_us)))
        if self.timer is not None:
            self.timer.cancel()
        self.timer = (self.loop.call_later(time_us.value / 1e6, self.turn)
                      if time_us.value >= 0 else None)

    def close(self):
        self.loop.remove_reader(self.descriptor.value)
        if self.timer is not None:
            self.timer.cancel()
        super().close()


async def main(port=7777):
    server = LoopServer(sps.load(), int(port))
    print(f"listening on port {server.port()}", flush=True)
    ended = asyncio.Event()
    server.loop.add_signal_handler(signal.SIGINT, ended.set)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:2]))

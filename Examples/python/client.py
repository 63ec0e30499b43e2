#!/usr/bin/env python3
"""client.py HOST PORT TEXT: sends a string to an echo server, and prints the answer.

It polls once a frame, as a game does. No call waits.
"""
import sys
import time
from ctypes import POINTER, byref, c_char, c_size_t, string_at

import sps


class Client:
    def __init__(self, library, host, port):
        self.library = library
        self.stream = POINTER(sps.sps_stream)()
        check(library, library.sps_tcp_create(None, byref(self.stream)))
        check(library, library.sps_tcp_connect(self.stream, host.encode(), port))

    def poll(self):
        """Drives the connection. Returns whether it is established."""
        status = sps.sps_status()
        self.library.sps_socket_poll(self.stream)
        self.library.sps_socket_get_status(self.stream, byref(status))
        if status.value not in (sps.SPS_STATUS_CONNECTING, sps.SPS_STATUS_CONNECTED):
            raise SystemExit(f"no answer: {self.close_reason()}")
        return status.value == sps.SPS_STATUS_CONNECTED

    def close_reason(self):
        reason = sps.sps_close_reason()
        self.library.sps_socket_get_close_reason(self.stream, byref(reason))
        return self.library.sps_close_reason_name(reason).decode()

    def send(self, text):
        encoded = text.encode()
        check(self.library, self.library.sps_stream_put_utf8_string(
            self.stream, encoded, len(encoded)))

    def receive(self):
        """The next string, or None if it is not all there yet."""
        text, count = POINTER(c_char)(), c_size_t()
        error = self.library.sps_stream_try_get_utf8_string(
            self.stream, sps.SPS_LENGTH_PREFIXED, byref(text), byref(count))
        if error == sps.SPS_OK:
            return string_at(text, count.value).decode()  # valid until the next call: a copy
        if error != sps.SPS_ERR_BUSY:
            check(self.library, error)
        return None

    def close(self):
        self.library.sps_stream_destroy(self.stream)


def check(library, error):
    if error != sps.SPS_OK:
        raise SystemExit(f"client.py: {library.sps_error_message(error).decode()}")


def main(host, port, text):
    client, is_sent = Client(sps.load(), host, int(port)), False
    try:
        while True:
            if client.poll():
                if not is_sent:
                    client.send(text)
                    is_sent = True
                answer = client.receive()
                if answer is not None:
                    print(answer)
                    return
            time.sleep(1 / 60)  # the rest of the frame
    finally:
        client.close()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit("usage: client.py HOST PORT TEXT")
    main(*sys.argv[1:])

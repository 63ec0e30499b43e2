"""A name server (RFC 1035) whose answers a test decides."""

import ipaddress
import select
import socket
import struct
import threading

A, AAAA = 1, 28
SERVFAIL, NXDOMAIN, REFUSED = 2, 3, 5


class NameServer(threading.Thread):
    """Answers each question with the result of `answer(name, kind)`: addresses as text, a response
    code, or None for silence. It leaves out addresses of the other kind. It listens on the loopback
    of a namespace."""

    def __init__(self, machine, answer):
        super().__init__(daemon=True)
        self.answer = answer
        self.asked = []  # (name, kind), in the order of their arrival
        self.front = machine.socket(socket.SOCK_DGRAM, "127.0.0.1", 53)
        self.wake, self.stopped = socket.socketpair()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.wake.send(b"x")
        self.join()
        for each in (self.front, self.wake, self.stopped):
            each.close()

    def run(self):
        while True:
            ready, _, _ = select.select([self.front, self.stopped], [], [])
            if self.stopped in ready:
                return
            self._take(*self.front.recvfrom(65536))

    def _take(self, question, asker):
        name, kind, end = parse(question)
        self.asked.append((name, kind))
        result = self.answer(name, kind)
        if result is not None:
            self.front.sendto(reply(question[:end], kind, result), asker)


def parse(question):
    """The requested name and kind, and the end of the question."""
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode())
        at += 1 + question[at]
    return ".".join(labels), struct.unpack_from("!H", question, at + 1)[0], at + 5


def reply(question, kind, result):
    is_code = isinstance(result, int)
    code = result if is_code else 0
    found = [] if is_code else [ipaddress.ip_address(text) for text in result]
    found = [each.packed for each in found if each.version == (4 if kind == A else 6)]
    header = question[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(found), 0, 0)
    records = [struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(each)) + each for each in found]
    return header + question[12:] + b"".join(records)

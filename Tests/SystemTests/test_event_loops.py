"""The poller inside event loops of others: it serves 1,000 peers, and idle ones cost nothing."""

import os
import select
import signal
import socket
import subprocess
import time

import pytest
from conftest import BUILD

LOOPS = ("epoll", "glib", "libuv", "asio")
PEERS = 1000
IDLE_SECONDS = 0.5


class Server:
    def __init__(self, loop):
        program = os.path.join(BUILD, "Examples", f"echo_{loop}")
        self.process = subprocess.Popen([program, "0"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[-1])
        self.peers = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(PEERS)]

    def cpu_ns(self):
        with open(f"/proc/{self.process.pid}/schedstat") as file:
            return int(file.read().split()[0])

    def sleeps(self):
        """How often the program has slept. An idle program is sleeping all the time."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(file.read().split("\nvoluntary_ctxt_switches:")[1].split()[0])

    def end(self):
        """Ends the program with a signal. Returns the number of its turns."""
        for peer in self.peers:
            peer.close()
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0
        return int(out.split()[0])


@pytest.fixture(params=LOOPS)
def server(request):
    server = Server(request.param)
    yield server
    for peer in server.peers:
        peer.close()
    server.process.kill()
    server.process.communicate()


def ask_all(server, text):
    """Each peer asks, and then each reads its answer."""
    for number, peer in enumerate(server.peers):
        peer.sendall(b"%s %d\n" % (text, number))
    for number, peer in enumerate(server.peers):
        expected = b"%s %d\n" % (text, number)
        got = b""
        while len(got) < len(expected):
            assert select.select([peer], [], [], 20)[0], "no answer"
            got += peer.recv(4096)
        assert got == expected


def test_it_serves_many_peers_and_idles(server):
    ask_all(server, b"first")
    ask_all(server, b"second")
    busy_ns, before = server.cpu_ns(), server.sleeps()
    time.sleep(IDLE_SECONDS)  # the time that is measured
    assert server.sleeps() - before <= 5
    assert server.cpu_ns() - busy_ns < IDLE_SECONDS * 1e9 / 50
    ask_all(server, b"third")
    # Each message and each connection takes a turn at most, and a turn often takes many.
    assert server.end() <= 5 * PEERS


def test_a_peer_that_reads_late_gets_everything(server):
    peer = server.peers[0]
    size = 4 << 20
    peer.setblocking(False)
    sent = received = 0
    while received < size:
        reads = [peer] if sent == size or received < sent // 2 else []
        writes = [peer] if sent < size else []
        readable, writable, _ = select.select(reads, writes, [], 20)
        assert readable or writable
        if writable:
            sent += peer.send(b"x" * min(65536, size - sent))
        if readable:
            received += len(peer.recv(65536))
    ask_all(server, b"others")

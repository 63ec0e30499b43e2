"""Examples/nio: a connection goes from the library to SwiftNIO and back."""

import contextlib
import os
import socket
import threading

import pytest
from conftest import NIO, wait_until


@pytest.fixture
def handover(start):
    server = start(os.path.join(NIO, "handover"), 0)
    line = server.read_line()
    assert line.startswith("listening on port ")
    return server, int(line.split()[-1])


def answers(lines):
    """Each line with the name of its owner in front. A line may change the owner."""
    owner = "StreamPeerSocket"
    for line in lines:
        yield f"{owner}: {line}"
        owner = {"nio": "NIO", "back": "StreamPeerSocket"}.get(line, owner)


def sockets_of(process):
    folder = f"/proc/{process.pid}/fd"
    links = []
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):  # closed since
            links.append(os.readlink(os.path.join(folder, name)))
    return sum(link.startswith("socket:") for link in links)


def test_each_owner_answers_in_turn(handover):
    """The client waits for each answer. After any handover one descriptor of its is open."""
    server, port = handover
    lines = ["one", "nio", "two", "back", "three", "nio", "back", "nio", "four", "back"]
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        received = client.makefile()
        for line, answer in zip(lines, answers(lines)):
            client.sendall(f"{line}\n".encode())
            assert received.readline() == f"{answer}\n"
        received.close()
        wait_until(lambda: sockets_of(server.process) == 2, "the listener and the connection")
    assert server.finish() == (0, b"", "")


def test_handovers_lose_no_byte(handover):
    """The client sends all lines at once, so each owner has read lines of the next one."""
    server, port = handover
    lines = []
    for number in range(20_000):
        lines += [str(number)] + {50: ["nio"], 99: ["back"]}.get(number % 100, [])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:

        def send():
            client.sendall("".join(f"{line}\n" for line in lines).encode())
            client.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        received = b"".join(iter(lambda: client.recv(65536), b""))
        sender.join()
    assert received.decode().splitlines() == list(answers(lines))
    assert server.finish() == (0, b"", "")


def test_a_client_may_leave_either_owner(handover):
    server, port = handover
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(b"nio\nlast\n")
        client.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: client.recv(65536), b""))
    assert received == b"StreamPeerSocket: nio\nNIO: last\n"
    assert server.finish() == (0, b"", "")

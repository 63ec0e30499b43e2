"""The programs in Examples/."""

import os
import select
import socket
import struct

import pytest
from conftest import ROOT, program, run

SWIFT_PACKAGE = os.path.join(ROOT, "Examples", "swift")
SWIFT_SCRATCH = os.path.join(ROOT, ".build", "examples")


@pytest.fixture(scope="session")
def swift_examples():
    """Builds the Swift examples as a user's package. Returns the folder of the programs."""
    status, out, err = run(
        "swift", "build", "--disable-build-manifest-caching", "--package-path", SWIFT_PACKAGE,
        "--scratch-path", SWIFT_SCRATCH, seconds=600,
    )
    assert status == 0, (out, err)
    return os.path.join(SWIFT_SCRATCH, "debug")


def test_echo_client(echo):
    _, port, _ = echo
    status, out, err = run(program("echo_client"), "127.0.0.1", port, "hello, 日本語")
    assert (status, err) == (0, "")
    assert out.decode().strip() == "hello, 日本語"


def test_echo_client_on_a_refused_port(closed_port):
    status, out, err = run(program("echo_client"), "127.0.0.1", closed_port, "x")
    assert status != 0 and out == b"" and err.count("\n") == 1


def test_game_loop():
    status, out, err = run(program("game_loop"), 60)
    assert (status, err) == (0, "")
    assert out.decode().startswith("60 frames, ") and out.decode().strip().endswith("0 errors")


def test_network_test():
    """Passes for every seed. The same seed gives the same run."""
    for seed in (1, 2, 3):
        status, out, err = run(program("network_test"), seed)
        assert (status, err) == (0, ""), out
        assert out.count(b"passed") == 5
        assert run(program("network_test"), seed)[1] == out


# A message that a lobby accepts, by its number, and the answer to it.
def number(index):
    return struct.pack("<I", index), struct.pack("<I", index + 1)


def text(index):
    encoded = f"{index} ".encode() + b"x" * 1000
    message = struct.pack("<I", len(encoded)) + encoded
    return message, message


def flood(message, size):
    """About that many bytes of messages, and the answers to them."""
    if message is number:
        count = size // 4
        values = struct.pack(f"<{count + 1}I", *range(count + 1))
        return values[:-4], values[4:]
    sent = b"".join(message(index)[0] for index in range(size // 1000))
    return sent, sent


@pytest.fixture(params=["c", "cpp", "swift"])
def lobby(request, start):
    """A lobby: its process, its port, and the format of its messages."""
    if request.param == "swift":
        path = os.path.join(request.getfixturevalue("swift_examples"), "lobby")
    else:
        path = program(f"lobby_{request.param}")
    server = start(path, 0)
    line = server.read_line()
    assert line.startswith("listening on port ")
    return server, int(line.split()[-1]), number if request.param == "c" else text


def exchange(port, message, answer):
    """A player that asks once, and gets an answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as player:
        player.sendall(message)
        assert player.recv(len(answer), socket.MSG_WAITALL) == answer


def test_a_lobby_answers(lobby):
    _, port, message = lobby
    exchange(port, *message(7))


def test_a_slow_player_loses_nothing_and_delays_no_other(lobby):
    server, port, message = lobby
    sent, expected = flood(message, 16 * 1024 * 1024)
    with socket.socket() as player:
        player.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20_000)
        player.connect(("127.0.0.1", port))
        player.setblocking(False)
        place = 0
        # The player reads nothing, so the lobby stops reading from it in the end.
        while place < len(sent) and select.select([], [player], [], 1)[1]:
            place += player.send(sent[place : place + 65536])
        assert place < len(sent)
        exchange(port, *message(0))
        received = bytearray()
        while len(received) < len(expected):
            readable, writable, _ = select.select(
                [player], [player] if place < len(sent) else [], [], 60)
            assert readable or writable
            if readable:
                chunk = player.recv(1 << 20)
                assert chunk
                received += chunk
            if writable:
                place += player.send(sent[place : place + 65536])
        assert received == expected
    exchange(port, *message(0))
    assert server.process.poll() is None


@pytest.mark.parametrize("lobby", ["cpp", "swift"], indirect=True)
def test_the_swift_client(lobby, swift_examples):
    _, port, _ = lobby
    client = os.path.join(swift_examples, "client")
    status, out, err = run(client, "127.0.0.1", port, "hello, 日本語")
    assert (status, out.decode().strip(), err) == (0, "hello, 日本語", "")


def test_the_swift_client_on_a_refused_port(swift_examples, closed_port):
    client = os.path.join(swift_examples, "client")
    status, out, _ = run(client, "127.0.0.1", closed_port, "x")
    assert (status, out) == (1, b"no answer: CLOSE_REFUSED\n")

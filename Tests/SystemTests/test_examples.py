"""The programs in Examples/."""

import os
import select
import signal
import socket
import struct

import pytest
from conftest import DEADLINE, accepts, program, run, wait_until


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


# ---- Swift with await: a server's process, and its port


def listening(server):
    line = server.read_line()
    assert line.startswith("listening on port ")
    return server, int(line.split()[-1])


@pytest.fixture
def chat(start, swift_examples):
    return listening(start(os.path.join(swift_examples, "chat"), 0))


@pytest.fixture
def service(start, swift_examples):
    return lambda *arguments: listening(
        start(os.path.join(swift_examples, "service"), 0, *arguments))


class Game:
    """A member of the chat, with the bytes that Godot's PacketPeerStream writes for a String."""

    def __init__(self, port, name, receive_buffer=0):
        self.socket = socket.socket()
        self.socket.settimeout(DEADLINE)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", port))
        self.say(name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, text):
        encoded = text.encode()
        value = struct.pack("<II", 4, len(encoded)) + encoded + bytes(-len(encoded) % 4)
        self.socket.sendall(struct.pack("<I", len(value)) + value)

    def hear(self):
        """The next line, or None at the end."""
        head = self.socket.recv(4, socket.MSG_WAITALL)
        if not head:
            return None
        (size,) = struct.unpack("<I", head)
        value = self.socket.recv(size, socket.MSG_WAITALL)
        kind, length = struct.unpack_from("<II", value)
        assert kind == 4 and size == 8 + length + -length % 4
        return value[8 : 8 + length].decode()


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm") as pages:
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_everyone_in_the_chat_hears_everything(chat):
    _, port = chat
    with Game(port, "ann") as ann:
        assert ann.hear() == "ann joined"
        with Game(port, "ben") as ben:
            assert (ann.hear(), ben.hear()) == ("ben joined", "ben joined")
            ben.say("hello, 日本語")
            ann.say("")
            for game in (ann, ben):
                assert {game.hear(), game.hear()} == {"ben: hello, 日本語", "ann: "}
            with Game(port, "ann") as other:
                assert (other.hear(), other.hear()) == ("ann is taken", None)
        assert ann.hear() == "ben left"


@pytest.mark.parametrize("data", [
    pytest.param(struct.pack("<III", 8, 2, 7), id="another type"),
    pytest.param(struct.pack("<I", 1 << 30), id="too large"),
    pytest.param(struct.pack("<III", 8, 1000, 0), id="no value"),
])
def test_bad_bytes_end_one_game(chat, data):
    _, port = chat
    with Game(port, "ann") as ann, Game(port, "eve") as eve:
        assert eve.hear() in ("ann joined", "eve joined")
        eve.socket.sendall(data)
        while ann.hear() != "eve left":
            pass
        ann.say("still here")
        assert ann.hear() == "ann: still here"


def test_a_slow_game_delays_no_other_and_is_dropped(chat):
    """The chat keeps no more than 100 lines for it, of 20 MB."""
    server, port = chat
    with Game(port, "slow", receive_buffer=20_000), Game(port, "ann") as ann:
        ann.say("begin")
        while ann.hear() != "ann: begin":
            pass
        before = resident_bytes(server.process.pid)
        line = "x" * 4000
        # A slow computer may need more than the 5 seconds after which the slow game is dropped.
        heard = []
        for _ in range(5000):
            ann.say(line)
            heard.append(ann.hear())
            while heard[-1] == "slow left":
                heard.append(ann.hear())
        assert heard.count(f"ann: {line}") == 5000
        assert resident_bytes(server.process.pid) - before < 8_000_000
        if "slow left" not in heard:
            assert ann.hear() == "slow left"


@pytest.mark.parametrize("request_to_end", [signal.SIGTERM, signal.SIGINT])
def test_the_chat_ends_in_order(chat, request_to_end):
    server, port = chat
    with Game(port, "ann") as ann:
        assert ann.hear() == "ann joined"
        ann.say("bye")
        assert ann.hear() == "ann: bye"
        server.process.send_signal(request_to_end)
        assert ann.hear() is None
    assert server.finish() == (0, b"", "")


def test_the_service_answers_an_open_request_before_it_ends(service):
    server, port = service()
    with (socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as client,
          socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as idle):
        idle.sendall(b"20\n22\n\n")
        assert idle.recv(3, socket.MSG_WAITALL) == b"42\n"
        # The answer to the first request shows that the service has read the begin of the second.
        client.sendall(b"1\n\n2\n")
        assert client.recv(2, socket.MSG_WAITALL) == b"1\n"
        server.process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b""
        wait_until(lambda: not accepts(("127.0.0.1", port)), "the end of listening")
        client.sendall(b"3\n\n")
        assert client.recv(2, socket.MSG_WAITALL) == b"5\n"
        assert client.recv(1) == b""
        # Neither client closes its side.
        assert server.finish() == (0, b"", "")


def test_the_service_answers_a_client_that_has_finished(service):
    _, port = service()
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as client:
        client.sendall(b"1\n2\n\nx\n")
        client.shutdown(socket.SHUT_WR)
        answers = b"3\nnot a number: x\n"
        assert client.makefile("rb").read(len(answers)) == answers
        assert client.recv(1) == b""


def test_the_service_cuts_a_request_that_outlasts_the_shutdown(service):
    server, port = service(0)
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as client:
        client.sendall(b"1\n\n2\n")
        assert client.recv(2, socket.MSG_WAITALL) == b"1\n"
        server.process.send_signal(signal.SIGTERM)
        assert client.recv(1) == b""
    assert server.finish() == (1, b"", "")

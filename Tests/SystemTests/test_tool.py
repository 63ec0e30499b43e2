"""The streampeer tool: its output, and its exit status."""

import os
import random
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest
from conftest import TOOL, run, wait_until

BLOCK = random.Random(1).randbytes(3_000_000)


def one_line(text):
    return text.count("\n") == 1 and text.endswith("\n")


# ---- echo


def test_echo_serves_many_clients_and_sums_up(echo):
    server, port, path = echo
    for target in ([f"unix:{path}"], ["127.0.0.1", port], ["localhost", port]):
        status, out, err = run(TOOL, "connect", *target, data=BLOCK)
        assert (status, err) == (0, "")
        assert out == BLOCK
    server.process.send_signal(signal.SIGTERM)
    status, out, err = server.finish()
    assert (status, err) == (0, "")
    assert out.decode().startswith(f"served 3 clients, {3 * len(BLOCK)} bytes, ")
    assert not os.path.exists(path)


def test_connect_accepts_the_address_that_echo_prints(start):
    server = start(TOOL, "echo", "--tcp", "[::1]:0")
    place = server.read_line().removeprefix("listening on ")
    assert run(TOOL, "connect", place, data=b"pasted") == (0, b"pasted", "")


def test_echo_with_clients_at_once_and_one_that_does_not_read(echo):
    server, port, _ = echo
    with socket.create_connection(("127.0.0.1", port)) as deaf:
        deaf.setblocking(False)
        with pytest.raises(BlockingIOError):
            while True:
                deaf.send(BLOCK)
        clients = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(20)]
        for number, client in enumerate(clients):
            client.sendall(b"%d\n" % number)
        for number, client in enumerate(clients):
            assert client.makefile("rb").readline() == b"%d\n" % number
            client.close()
    server.process.send_signal(signal.SIGINT)
    status, out, _ = server.finish()
    assert status == 0
    assert out.startswith(b"served 21 clients, ")


def test_echo_sends_all_back_after_a_half_close(echo):
    _, port, _ = echo
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        got = []
        reader = threading.Thread(target=lambda: got.append(client.makefile("rb").read()))
        reader.start()
        client.sendall(BLOCK)
        client.shutdown(socket.SHUT_WR)
        reader.join()
    assert got == [BLOCK]


def send_until_full(client):
    """Sends without reading until the buffers of the tool and of the OS are full."""
    client.setblocking(False)
    for _ in range(50):
        try:
            while True:
                client.send(BLOCK)
        except BlockingIOError:
            time.sleep(0.002)  # time for the tool to read; the amount does not matter


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


@pytest.mark.parametrize("transport", ["tcp", "unix"])
@pytest.mark.parametrize("floods", [True, False], ids=["that flood", "that send a little"])
def test_echo_keeps_nothing_of_clients_that_reset(echo, transport, floods):
    server, port, path = echo
    descriptors = f"/proc/{server.process.pid}/fd"
    before = len(os.listdir(descriptors))
    places = {"tcp": (socket.AF_INET, ("127.0.0.1", port)), "unix": (socket.AF_UNIX, path)}
    family, address = places[transport]
    for _ in range(5 if floods else 200):
        client = socket.socket(family)
        client.connect(address)
        if floods:
            send_until_full(client)
        else:
            client.send(b"x" * 5000)
        reset(client)
    wait_until(lambda: len(os.listdir(descriptors)) == before, "the end of each connection")


def test_echo_without_options_picks_a_port(start):
    server = start(TOOL, "echo")
    line = server.read_line()
    assert line.startswith("listening on 127.0.0.1:")
    assert int(line.rpartition(":")[2]) > 0


def test_echo_on_ipv6(start):
    server = start(TOOL, "echo", "--tcp", "[::1]:0")
    line = server.read_line()
    assert line.startswith("listening on [::1]:")
    status, out, _ = run(TOOL, "connect", "::1", line.rpartition(":")[2], data=b"six")
    assert (status, out) == (0, b"six")


def test_echo_on_a_taken_place_is_one_line(echo):
    _, port, path = echo
    for arguments in (["--tcp", f"127.0.0.1:{port}"], ["--unix", path]):
        status, out, err = run(TOOL, "echo", *arguments)
        assert (status, out) == (1, b"")
        assert one_line(err) and "already in use" in err


# ---- connect


def test_connect_shows_each_status_with_its_time(echo):
    _, port, _ = echo
    status, out, err = run(TOOL, "connect", "--verbose", "localhost", port, data=b"x")
    assert (status, out) == (0, b"x")
    assert f"127.0.0.1 port {port}: connected\n" in err  # the timeline of attempts
    lines = [line.split() for line in err.splitlines() if line.startswith("+")]
    assert [line[2] for line in lines] == [        "STATUS_CONNECTING", "STATUS_CONNECTED", "STATUS_NONE",
    ]
    times = [float(line[0]) for line in lines]
    assert times == sorted(times)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_refused_connection_is_one_line(host, closed_port):
    status, out, err = run(TOOL, "connect", host, closed_port)
    assert (status, out) == (1, b"")
    assert one_line(err) and "refused" in err and host in err


def test_a_missing_unix_socket_is_one_line(socket_path):
    status, out, err = run(TOOL, "connect", f"unix:{socket_path}")
    assert (status, out) == (1, b"")
    assert one_line(err) and "no such file" in err


def test_an_unknown_name_is_one_line():
    status, out, err = run(TOOL, "connect", "no-such-host.invalid", 80)
    assert (status, out) == (1, b"")
    assert one_line(err) and "resolve" in err


def test_a_timeout_is_one_line(start):
    with socket.socket() as full:  # a listener with a full backlog does not answer
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = []
        try:
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(full.getsockname())
                fillers.append(filler)
            port = full.getsockname()[1]
            status, out, err = run(TOOL, "connect", "--timeout", "0.3", "127.0.0.1", port)
        finally:
            for filler in fillers:
                filler.close()
    assert (status, out) == (1, b"")
    assert one_line(err) and "timed out" in err


def test_a_broken_connection_is_reported_after_the_earlier_bytes(start):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = start(TOOL, "connect", "127.0.0.1", listener.getsockname()[1])
        client.process.stdin.write(b"never read")
        client.process.stdin.flush()
        peer, _ = listener.accept()
        wait_until(lambda: peer.recv(100, socket.MSG_PEEK) == b"never read", "the bytes")
        peer.sendall(b"last words")
        peer.close()  # with unread bytes: a reset
    status, out, err = client.finish()
    assert out == b"last words"
    assert status == 1 and one_line(err) and "reset" in err


def test_an_unreadable_stdin_is_not_an_end(tmp_path):
    """The server does not see an end of the client, and the exit status reports the error."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        folder = os.open(tmp_path, os.O_RDONLY)  # a read of it fails with EISDIR
        try:
            done = subprocess.run([TOOL, "connect", "127.0.0.1", str(listener.getsockname()[1])],
                                  stdin=folder, capture_output=True, text=True, timeout=60)
        finally:
            os.close(folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert one_line(done.stderr) and "cannot read stdin: is a directory" in done.stderr


# ---- Arguments


@pytest.mark.parametrize("command", (["echo", "--unix"], ["connect"], ["inspect"]))
def test_an_argument_that_is_not_utf8_names_no_other_file(command, tmp_path):
    name = ("unix:" if command == ["connect"] else "") + f"{tmp_path}/" + os.fsdecode(b"\xff")
    status, out, err = run(TOOL, *command, name)
    assert (status, out) == (64, b"")
    assert one_line(err) and "is not UTF-8" in err
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["connect", "127.0.0.1"],
        ["connect", "127.0.0.1:0"],
        ["connect", "127.0.0.1", "0"],
        ["connect", "127.0.0.1", "65536"],
        ["connect", "127.0.0.1", "-1"],
        ["connect", "127.0.0.1", "http"],
        ["connect", "unix:x", "80"],
        ["connect", "--timeout", "0", "127.0.0.1", "80"],
        ["connect", "--timeout", "nan", "127.0.0.1", "80"],
        ["connect"],
        ["echo", "--tcp", "127.0.0.1"],
        ["echo", "--tcp", "127.0.0.1:65536"],
        ["echo", "--tcp", "::1:80"],
        ["echo", "--tcp", ":80"],
        ["echo", "extra"],
        ["demo", "--size", "0"],
        ["demo", "--size", "x"],
        ["--nonsense"],
        ["nonsense"],
    ],
)
def test_a_bad_argument_is_one_line(arguments):
    status, out, err = run(TOOL, *arguments)
    assert (status, out) == (64, b"")
    assert one_line(err) and err.startswith("streampeer: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["connect", "256.0.0.1", "80"],
        ["connect", "a b", "80"],
        ["connect", "unix:", ],
        ["connect", "unix:" + "p" * 200],
        ["echo", "--tcp", "192.0.2.1:0"],
        ["echo", "--tcp", "localhost:0"],
        ["echo", "--unix", "p" * 200],
        ["echo", "--unix", "/nonesuch/folder/s"],
    ],
)
def test_an_invalid_address_is_one_line(arguments):
    status, out, err = run(TOOL, *arguments)
    assert (status, out) == (1, b"")
    assert one_line(err) and "no such" in err


@pytest.mark.parametrize("arguments", [[], ["demo"], ["echo"], ["connect"]])
def test_help(arguments):
    status, out, err = run(TOOL, *arguments, "--help")
    assert (status, err) == (0, "")
    assert b"USAGE: streampeer" in out
    assert subprocess.run([TOOL, "help", *arguments], capture_output=True).returncode == 0


def test_the_version_is_that_of_the_library():
    header = open(os.path.join(os.path.dirname(__file__), "../../include/streampeersocket/version.h"))
    parts = [line.split()[2] for line in header if line.startswith("#define SPS_VERSION_")]
    status, out, _ = run(TOOL, "--version")
    assert (status, out.decode().strip()) == (0, ".".join(parts))

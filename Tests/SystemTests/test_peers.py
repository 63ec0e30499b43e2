"""Programs of others: redis-server, socat, Godot 3."""

import os
import random
import socket

import pytest
from conftest import TOOL, accepts, program, run, wait_until

BLOCK = random.Random(2).randbytes(2_000_000)
GODOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "godot3")


# ---- redis-server


@pytest.fixture
def redis(start, free_port, socket_path, tmp_path):
    start(
        "redis-server", "--port", free_port, "--bind", "127.0.0.1", "--unixsocket", socket_path,
        "--save", "", "--appendonly", "no", "--dir", tmp_path,
    )
    wait_until(lambda: accepts(("127.0.0.1", free_port)), "redis on TCP")
    wait_until(lambda: accepts(socket_path), "redis on its Unix socket")
    return free_port, socket_path


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_redis_ping_set_and_get_a_mebibyte(redis, kind):
    port, path = redis
    status, out, err = run(program("redis_client"), kind, port if kind == "tcp" else path)
    assert (status, out, err) == (0, b"ok\n", "")


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_redis_through_the_tool(redis, kind):
    port, path = redis
    target = ["127.0.0.1", port] if kind == "tcp" else [f"unix:{path}"]
    status, out, err = run(TOOL, "connect", *target, data=b"PING\r\nQUIT\r\n")
    assert (status, out, err) == (0, b"+PONG\r\n+OK\r\n", "")


def test_redis_through_the_swift_example(redis, swift_examples):
    status, out, err = run(os.path.join(swift_examples, "redis"), "127.0.0.1", redis[0])
    assert (status, err) == (0, "")
    assert out.decode() == (
        "hello,\r\n日本語\nnothing\n1000000 bytes\n10000 replies, 10001 in the counter\n"
        "news: one\nnews: two\nnews: three\n")


def test_the_swift_example_without_redis(swift_examples, closed_port):
    status, out, err = run(os.path.join(swift_examples, "redis"), "127.0.0.1", closed_port)
    assert (status, err) == (1, "")
    assert out.decode().startswith(f"127.0.0.1:{closed_port}: nobody listens there")


# ---- socat


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_socat_as_client(echo, kind):
    _, port, path = echo
    address = f"TCP:127.0.0.1:{port}" if kind == "tcp" else f"UNIX-CONNECT:{path}"
    # -t: how long socat continues to read after its stdin has ended.
    status, out, err = run("socat", "-t", 60, "-", address, data=BLOCK)
    assert (status, err) == (0, "")
    assert out == BLOCK


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_socat_as_server(start, free_port, socket_path, kind):
    if kind == "tcp":
        listen, target = f"TCP-LISTEN:{free_port},bind=127.0.0.1", ["127.0.0.1", free_port]
        listening = lambda: f":{free_port:04X} 00000000:0000 0A" in open("/proc/net/tcp").read()
    else:
        listen, target = f"UNIX-LISTEN:{socket_path}", [f"unix:{socket_path}"]
        listening = lambda: os.path.exists(socket_path)
    start("socat", "-t", 60, listen, "EXEC:cat")
    wait_until(listening, "socat listening")
    status, out, err = run(TOOL, "connect", *target, data=BLOCK)
    assert (status, err) == (0, "")
    assert out == BLOCK


# ---- Godot 3, headless


@pytest.fixture
def godot(start, tmp_path):
    def run_script(script, *arguments):
        home = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
        return start(
            "godot3-server", "--path", GODOT, "--script", script, *arguments, env=home,
            cwd=tmp_path,
        )

    return run_script


def read_until(process, word):
    """The line that begins with the word. Godot prints a banner first."""
    while not (line := process.read_line()).startswith(word):
        pass
    return line


@pytest.mark.parametrize("order", ["little", "big"])
def test_godot_as_client_of_the_echo_server(echo, godot, order):
    _, port, _ = echo
    client = godot("client.gd", port, order)
    status, out, err = client.finish()
    assert status == 0, (out, err)
    assert b"\nall values equal\n" in b"\n" + out


@pytest.mark.parametrize("order", ["little", "big"])
def test_godot_as_server_for_the_library(godot, free_port, order):
    server = godot("server.gd", free_port, order)
    read_until(server, "listening")
    status, out, err = run(program("typed_peer"), free_port, order)
    assert (status, out, err) == (0, b"ok\n", "")
    status, out, err = server.finish()
    assert status == 0, (out, err)


def test_games_in_the_swift_chat(start, swift_examples, godot):
    chat = start(os.path.join(swift_examples, "chat"), 0)
    port = chat.read_line().split()[-1]
    ann = godot("chat.gd", port, "ann")
    assert read_until(ann, "heard") == "heard ann joined"
    ben = godot("chat.gd", port, "ben", "hello, 日本語", "bye")
    for game in (ann, ben):
        for line in ("ben joined", "ben: hello, 日本語", "ben: bye"):
            assert read_until(game, "heard") == f"heard {line}"
        status, out, err = game.finish()
        assert status == 0, (out, err)
    chat.process.terminate()
    assert chat.finish() == (0, b"", "")

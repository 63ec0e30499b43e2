"""Examples in programs that have a loop of their own: LÖVE and SDL."""

import contextlib
import os
import re
import socket
import struct
import zlib

import pytest
from conftest import BUILD, DEADLINE, ROOT, program

LOVE = os.path.join(ROOT, "Examples", "love2d")
CORE = os.path.join(BUILD, "libstreampeersocket.so")


# ---- LÖVE

@pytest.fixture
def screen(start):
    """A display of its own, whose number the server chooses."""
    reader, writer = os.pipe()
    with open(reader, "rb") as chosen:
        server = start("Xvfb", "-displayfd", writer, "-screen", "0", "640x480x24",
                       "-nolisten", "tcp", pass_fds=[writer])
        os.close(writer)
        yield f":{int(chosen.readline())}"
        server.process.terminate()  # it removes its lock file
        server.finish()


@pytest.fixture
def love(start, screen, tmp_path):
    environment = {**os.environ, "DISPLAY": screen, "HOME": str(tmp_path), "SPS_LIBRARY": CORE,
                   "LIBGL_ALWAYS_SOFTWARE": "1"}
    return lambda *arguments: start("love", LOVE, "127.0.0.1", *arguments, env=environment)


def colors(path):
    """The size of a PNG, and how many colors it has at least."""
    with open(path, "rb") as file:
        data = file.read()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    place, packed, count = 8, b"", 0
    while place < len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        if kind == b"IHDR":
            width, height = struct.unpack_from(">II", data, place + 8)
        elif kind == b"PLTE":
            count = size // 3
        elif kind == b"IDAT":
            packed += data[place + 8 : place + 8 + size]
        place += size + 12
    # Without a palette: a picture of one color has few distinct bytes, whatever its row filters.
    return width, height, count or len(set(zlib.decompress(packed))) // 4


def test_a_game_in_love_talks_to_an_echo_server(love, echo, tmp_path):
    _, port, _ = echo
    picture = tmp_path / "screen.png"
    status, out, err = love(port, "echoes=5", f"screenshot={picture}").finish()
    assert (status, out) == (0, b"5 echoes, connected\n"), err
    width, height, count = colors(picture)
    assert (width, height) == (480, 270) and count > 10  # smooth text, bars and a ball


def test_a_silent_server_stops_no_frame_in_love(love):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        status, out, err = love(silent.getsockname()[1], "frames=30").finish()
        assert (status, out) == (0, b"0 echoes, connected\n"), err


def test_a_game_in_love_says_why_it_has_no_server(love, closed_port):
    status, out, err = love(closed_port, "echoes=1").finish()
    assert (status, out) == (1, b"0 echoes, CLOSE_REFUSED\n"), err


# ---- SDL

@pytest.fixture
def squares(start):
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy"}
    return lambda *arguments: start(program("squares"), *arguments, env=environment)


@pytest.fixture
def host(squares):
    """A host that leaves after 20 frames with its guest, and its port."""
    started = squares("host", 0, 20)
    line = started.read_line()
    assert line.startswith("listening on port ")
    return started, int(line.split()[-1])


def last_positions(started):
    """Waits for the end. Returns where the own square was, and the other."""
    status, out, err = started.finish()
    found = re.fullmatch(r"20 frames\nCLOSE_PEER_FINISHED, mine (.*), other (.*)\n", out.decode())
    assert status == 0 and found, (status, out, err)
    return found[1], found[2]


def test_two_windows_share_their_squares(squares, host):
    first, port = host
    mine, other = last_positions(squares("join", "127.0.0.1", port, 20))
    assert last_positions(first) == (other, mine)
    assert mine != other


def test_a_silent_guest_stops_no_frame(host):
    started, port = host
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), DEADLINE)) as guest:
        assert started.read_line() == "20 frames"
        # The host has said everything, and still waits for the guest's end.
        while guest.recv(4096):
            pass
    status, out, _ = started.finish()
    assert (status, out.decode().partition(", mine ")[0]) == (1, "CLOSE_PEER_FINISHED")
    assert out.endswith(b", no other\n")


def test_nonsense_ends_the_connection(host):
    started, port = host
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), DEADLINE)) as guest:
        guest.sendall(struct.pack("<II", 4, 0xFFFF))  # no such type
        while guest.recv(4096):
            pass
    status, out, _ = started.finish()
    assert status == 1 and out.startswith(b"CLOSE_LOCAL, mine ")

"""The README, followed word by word in an empty folder, with a HOME of its own."""

import os
import re
import socket
import struct
import subprocess

import pytest
from conftest import DEADLINE, ROOT, VERSION, copy_checkout

SECONDS = 280
# Commands of the README that other tests run, and the test.
ELSEWHERE = {"./scripts/demo": "test_demo.py", "./scripts/test": "test_runner.py"}
MAIN = """
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

int main(int, char **argv) {
    sps::StreamPeerTCP peer;
    if (peer.connect_to_host("127.0.0.1", std::atoi(argv[1])) != sps::OK) {
        return 2;
    }
    do {
        frame(peer);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } while (peer.get_status() != sps::StreamPeerTCP::STATUS_NONE &&
             peer.get_status() != sps::StreamPeerTCP::STATUS_ERROR);
    std::printf("%s\\n", sps_close_reason_name(peer.get_close_reason()));
    return 0;
}
"""
LISTS = """cmake_minimum_required(VERSION 3.21)
project(game LANGUAGES C CXX)
add_executable(game main.cpp)
"""
SWIFT_MAIN = """import StreamPeerSocket
let peer = StreamPeerTCP()
print(peer.getStatus(), peer.connectToHost("", port: 1))
"""


def readme():
    with open(os.path.join(ROOT, "README.md")) as file:
        return file.read()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", readme(), flags=re.S | re.M)


def commands():
    """The shell blocks that no other test runs."""
    return [block for block in blocks("sh") if not all(
        any(line.startswith(known) for known in ELSEWHERE) for line in block.splitlines())]


def environment(home):
    """What a new user has: nothing of this project and nothing of this machine's user."""
    kept = ("PATH", "LANG", "TMPDIR", "SSL_CERT_FILE", "CMAKE_C_COMPILER_LAUNCHER",
            "CMAKE_CXX_COMPILER_LAUNCHER", "CCACHE_DIR", "CCACHE_BASEDIR", "CCACHE_NOHASHDIR")
    return {"HOME": str(home), **{name: os.environ[name] for name in kept if name in os.environ}}


def do(folder, home, *lines):
    """Types lines into a shell."""
    done = subprocess.run(["sh", "-e", "-u", "-c", "\n".join(lines)], cwd=folder, text=True,
                          capture_output=True, timeout=SECONDS, env=environment(home))
    assert done.returncode == 0, (lines, done.stdout[-3000:], done.stderr[-3000:])
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An empty folder, and in it a clone of the repository."""
    folder = tmp_path_factory.mktemp("home")
    copy_checkout(folder / "StreamPeerSocket")
    return folder


@pytest.fixture(scope="module")
def installed(home):
    """After the commands under Install."""
    for block in commands():
        do(home / "StreamPeerSocket", home, block)
    assert (home / "sps" / "include" / "streampeersocket.hpp").exists()
    return home


def test_every_command_is_run():
    assert [block for block in commands() if "cmake --install" not in block] == []
    for name in ELSEWHERE.values():
        assert os.path.exists(os.path.join(ROOT, "Tests", "SystemTests", name))


@pytest.fixture(scope="module")
def game(installed):
    """A program of the README's lines: the CMake ones, and the C++ one with a main function."""
    folder = installed / "game"
    folder.mkdir()
    [lists], [code] = blocks("cmake"), blocks("cpp")
    (folder / "CMakeLists.txt").write_text(LISTS + lists)
    (folder / "main.cpp").write_text(code + MAIN)
    [option] = re.findall(r"# (-D\S+)", lists)
    do(folder, installed, f"cmake -B build {option}", "cmake --build build")
    return folder / "build" / "game"


def string(text):
    return struct.pack("<I", len(text)) + text


def receive(connection, size):
    """Exactly so many bytes."""
    received = b""
    while len(received) < size:
        chunk = connection.recv(size - len(received))
        assert chunk, "the program has closed the connection"
        received += chunk
    return received


def test_the_cpp_program_answers(game, home):
    """It returns each string, also one that arrives in two parts, until its peer finishes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE)
        port = str(server.getsockname()[1])
        program = subprocess.Popen([game, port], stdout=subprocess.PIPE, env=environment(home))
        try:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(DEADLINE)
                sent = string(b"hello") + string("grüße".encode())
                connection.sendall(sent[:-3])
                assert receive(connection, 9) == string(b"hello")
                connection.sendall(sent[-3:])
                assert receive(connection, len(sent) - 9) == sent[9:]
                connection.shutdown(socket.SHUT_WR)
                out, _ = program.communicate(timeout=DEADLINE)
        finally:
            program.kill()
            program.communicate()
    assert (program.returncode, out) == (0, b"CLOSE_PEER_FINISHED\n")


def manifest():
    """A manifest with the README's lines: the dependency, and the product in the target."""
    [lines] = blocks("swift")
    dependency = next(line for line in lines.splitlines() if line.startswith("dependencies:"))
    [product] = re.findall(r"// and to the target: (\.product\(.*\))", lines)
    return (f"// swift-tools-version: 6.2\nimport PackageDescription\nlet package = Package(\n"
            f'  name: "game", platforms: [.macOS(.v13)],\n  {dependency},\n'
            f'  targets: [.executableTarget(name: "game", dependencies: [{product}])])\n')


def test_the_swift_package_is_found(home):
    """By the path of the README, from a folder beside the clone."""
    folder = home / "swift-game"
    (folder / "Sources" / "game").mkdir(parents=True)
    (folder / "Package.swift").write_text(manifest())
    (folder / "Sources" / "game" / "main.swift").write_text(SWIFT_MAIN)
    do(folder, home, "swift build --quiet")
    assert do(folder, home, ".build/debug/game") == \
        "STATUS_NONE ERR_INVALID_PARAMETER: invalid parameter\n"


def test_the_version_is_this_one():
    short = VERSION.rpartition(".")[0]
    assert f"State: version {short}," in readme()
    assert f'from: "{VERSION}")' in readme()

"""Shared by the system tests: the built programs, programs of others, and their start and end."""

import contextlib
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
BUILD = os.environ.get("SPS_BUILD", os.path.join(ROOT, "build", "dev"))
# Swift: modules and programs of the library's package, the tool, and programs of Examples/nio.
SWIFT = os.environ.get("SPS_SWIFT", os.path.join(ROOT, ".build", "debug"))
TOOL = os.environ.get("SPS_TOOL", os.path.join(ROOT, ".build", "tools", "debug", "streampeer"))
NIO = os.environ.get("SPS_NIO", os.path.join(ROOT, ".build", "nio", "debug"))
sys.path.insert(0, os.path.join(ROOT, "scripts"))  # the modules of the scripts
from releasing import places  # noqa: E402

VERSION = places.read_version(ROOT)
DEADLINE = 60  # seconds; generous, since no step should take one
# For one test. The longest one measures for a minute. (The tests of the runner wait less.)
TEST_SECONDS = int(os.environ.get("SPS_TEST_SECONDS", "300"))


def holdings():
    """What a test must give back: descriptors, child processes, network namespaces."""
    held = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # the descriptor of the listing is closed
            held.append(f"descriptor {os.readlink(f'/proc/self/fd/{name}')}")
    with open(f"/proc/self/task/{os.getpid()}/children") as children:
        for pid in children.read().split():
            with open(f"/proc/{pid}/comm") as name:
                held.append(f"process {name.read().strip()}")
    for folder in ("/run/netns", "/etc/netns"):
        with contextlib.suppress(FileNotFoundError):
            # Those of this process only: other test files may run in parallel.
            held += [f"network {name}" for name in os.listdir(folder)
                     if name.startswith(f"sps-{os.getpid()}-")]
    return held


@pytest.fixture(scope="session", autouse=True)
def alarm():
    """Interrupts and fails a test that hangs. The other tests continue."""

    def give_up(*_):
        name = os.environ.get("PYTEST_CURRENT_TEST", "a test").rpartition("::")[2].split()[0]
        pytest.fail(f"{name}: not done after {TEST_SECONDS} s")

    before = signal.signal(signal.SIGALRM, give_up)
    yield
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def nothing_is_left(alarm):
    """Checks the leftovers of every test: set up first, torn down last."""
    before = holdings()
    signal.alarm(TEST_SECONDS)
    yield
    signal.alarm(0)
    left = holdings()
    for each in before:
        if each in left:
            left.remove(each)
    assert not left, f"left behind: {', '.join(left)}"


class Program:
    """A program that runs during the test."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            **options,
        )
        self.seen = b""

    def read_line(self):
        """The next line of stdout without its newline. Fails at the deadline, or at the end."""
        end = time.monotonic() + DEADLINE
        while b"\n" not in self.seen:
            left = end - time.monotonic()
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, left))
            chunk = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            assert chunk, f"no line came: {self.seen!r} {self.stop()}"
            self.seen += chunk
        line, _, self.seen = self.seen.partition(b"\n")
        return line.decode()

    def finish(self, data=None):
        """Waits for the end. Returns the exit status, the output since the last read, and
        stderr."""
        out, err = self.process.communicate(data, timeout=DEADLINE)
        return self.process.returncode, self.seen + out, err.decode(errors="replace")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        return self.finish()


@pytest.fixture
def start():
    """Starts programs that end with the test."""
    with contextlib.ExitStack() as stack:

        def start_program(*command, **options):
            program = Program([str(part) for part in command], **options)
            stack.callback(program.stop)
            return program

        yield start_program


def run(*command, data=b"", seconds=DEADLINE, **options):
    """Runs a program to its end. Returns the exit status, stdout and stderr."""
    done = subprocess.run(
        [str(part) for part in command], input=data, capture_output=True, timeout=seconds,
        **options,
    )
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def good(*command, seconds=240, **options):
    """Runs a program, such as a build, that must succeed. Returns its output."""
    status, out, err = run(*command, seconds=seconds, **options)
    assert status == 0, (command, out.decode(), err)
    return out.decode()


def wait_until(condition, what):
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.005)


def accepts(address):
    """Whether a server listens at (host, port), or at a path."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(address) == 0


@pytest.fixture
def free_port():
    """An unused port. The started program binds it at once. It is below the ephemeral ports
    (ip(7)), so the kernel does not give it to tests that run in parallel."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", random.randrange(20000, 32000)))
            return probe.getsockname()[1]


@pytest.fixture
def closed_port():
    """A port that refuses: bound and not listening, until the test ends."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.fixture
def socket_path(tmp_path_factory):
    """A short path for a Unix socket. (pytest's own folders are too long for one.)"""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="sps-") as folder:
        yield os.path.join(folder, "s")


def program(name):
    """The path of a program that CMake built."""
    for folder in ("Examples", os.path.join("Tests", "SystemTests", "programs")):
        path = os.path.join(BUILD, folder, name)
        if os.path.exists(path):
            return path
    raise AssertionError(f"{name} is not built in {BUILD}")


@pytest.fixture(scope="session")
def swift_examples():
    """Builds the Swift examples as a user's package. Returns the folder of the programs."""
    scratch = os.path.join(ROOT, ".build", "examples")
    status, out, err = run(
        "swift", "build", "--disable-build-manifest-caching",
        "--package-path", os.path.join(ROOT, "Examples", "swift"), "--scratch-path", scratch,
        seconds=600,
    )
    assert status == 0, (out, err)
    return os.path.join(scratch, "debug")


def copy_checkout(folder):
    """Copies the files of this checkout that git knows or would add, to a new folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
        capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        source, target = os.path.join(ROOT, name), Path(folder) / name
        if os.path.exists(source):  # a file may be deleted and not yet committed
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return Path(folder)


def git(*arguments, folder):
    """Runs git as a user of the test, without the configuration of this machine."""
    environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
    done = subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@localhost", *arguments],
                          cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout


def make_repository(folder, tag):
    """A repository with the files of a folder in one tagged commit."""
    git("init", "--quiet", folder=folder)
    git("add", "--all", "--force", folder=folder)
    git("commit", "--quiet", "--message", "files", folder=folder)
    git("tag", tag, folder=folder)


def make_program(folder, body):
    """Makes a shell program, and returns its path."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def echo(start, socket_path):
    """streampeer echo on TCP and a Unix socket: the program, its port, its path."""
    server = start(TOOL, "echo", "--tcp", "127.0.0.1:0", "--unix", socket_path)
    first, second = server.read_line(), server.read_line()
    assert first.startswith("listening on 127.0.0.1:")
    assert second == f"listening on unix:{socket_path}"
    return server, int(first.rpartition(":")[2]), socket_path

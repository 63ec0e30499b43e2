"""Environments in which the OS gives less than usual: syscalls that seccomp(2) refuses, no /proc,
few descriptors, little memory, another user, no IPv6. Each call of the library returns an error
that its header names. No call hangs, and nothing stays open. (Programs: environments/)"""

import contextlib
import json
import os
import socket
import subprocess
import tempfile

import pytest

import network
from conftest import DEADLINE, program, run

pytestmark = pytest.mark.skipif(
    not network.possible(), reason="needs root and ip(8), to make networks and to hide /proc"
)

NAME = "known.test"
NOBODY = 65534
# Rounded up for a loaded machine. A loop that never rests uses a whole wait of 0.2 s, several
# times.
MOST_CPU_SECONDS = 0.3
EPERM, ENOSYS = 1, 38


@pytest.fixture(scope="module")
def machine():
    with network.namespace("limited") as made:
        made.write("hosts", f"127.0.0.1 localhost {NAME}\n::1 localhost\n")
        made.write("resolv.conf", "nameserver 127.0.0.1\n")
        made.write("nsswitch.conf", "hosts: files\n")
        yield made


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="sps-") as made:
        os.chmod(made, 0o1777)
        yield made


def tours(machine, kind, folder, *conditions):
    """The results of all runs of one kind."""
    command = machine.command(program("environment_lab"), kind, folder, NAME, *conditions)
    status, out, err = run(*command)
    assert status == 0, err
    done = [json.loads(line) for line in out.decode().splitlines()]
    assert done
    return done


def check(done, may_leave_descriptors=False):
    """Checks that apply to every run."""
    result = json.dumps(done)
    assert done["end"] == "done", result
    assert done["mistake"] == "", result
    assert done["bytes_left"] == 0, result
    assert done["descriptors_left"] == 0 or may_leave_descriptors, result
    assert done["cpu_seconds"] < MOST_CPU_SECONDS, result


def tour(machine, folder, *conditions):
    done, = tours(machine, "tour", folder, *conditions)
    check(done)
    return done


def test_without_a_condition_nothing_is_refused(machine, folder):
    assert tour(machine, folder)["refused"] == 0


def test_every_syscall_of_a_tour_is_listed(machine, folder):
    done, = tours(machine, "tour", folder, "refuse=rest")
    assert done["unlisted"] == -1, "name it in environments/refuse.c"
    check(done)
    assert done["refused"] == 0


def test_each_syscall_may_be_refused(machine, folder, record_property):
    runs = tours(machine, "refusals", folder)
    for done in runs:
        check(done, may_leave_descriptors=done["conditions"].startswith("refuse=close,"))
    refused = sum(done["refused"] > 0 for done in runs)
    record_property("runs", f"{len(runs)}, of which {refused} were refused something")
    assert refused > len(runs) / 4


def test_descriptors_may_be_few(machine, folder):
    runs = tours(machine, "descriptors", folder)
    for done in runs:
        check(done)
    assert runs[0]["refused"] > 0 and runs[-1]["refused"] == 0


def test_memory_may_be_little(machine, folder):
    runs = tours(machine, "memory", folder)
    for done in runs:
        check(done)
    assert runs[0]["refused"] > 0 and runs[-1]["refused"] == 0


@pytest.mark.parametrize("conditions", [
    ["no-proc"],
    ["no-proc", f"refuse=fchmodat2,{ENOSYS}"],  # Linux before 6.6
    [f"user={NOBODY}"],
    [f"user={NOBODY}", f"refuse=fchmodat2,{EPERM}"],
], ids=" ".join)
def test_missing_features_are_not_needed(machine, folder, conditions):
    assert tour(machine, folder, *conditions)["refused"] == 0


def test_an_empty_root_is_enough(machine, folder):
    os.mkdir(os.path.join(folder, "s"))
    done, = tours(machine, "tour", "/s", f"root={folder}")
    check(done)
    assert "ERR_CANT_RESOLVE" in done["refusal"]  # there is no /etc/hosts


# In another user's folder, a link could replace the file, and chmod(2) would follow it.
def test_a_mode_is_refused_where_it_could_change_another_file(machine, folder):
    os.chown(folder, NOBODY, NOBODY)
    done = tour(machine, folder, "no-proc", f"refuse=fchmodat2,{ENOSYS}")
    assert "sps_uds_server_listen" in done["refusal"]
    assert os.listdir(folder) == []


# ---- The lock of a Unix server's path

def listen_as(user, path):
    """The result of a server's listening. The server ends again."""
    server = subprocess.run([program("listen_lab"), "serve", path], user=user, stdin=subprocess.DEVNULL,
                            capture_output=True, timeout=DEADLINE)
    return server.stdout.decode().split()[0]


@contextlib.contextmanager
def umask(mask):
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize("owner, mode", [(0, 0o1777), (NOBODY, 0o755)], ids=["sticky", "other-owner"])
def test_a_killed_process_blocks_no_server(folder, owner, mode):
    os.chown(folder, owner, owner)
    os.chmod(folder, mode)
    path = os.path.join(folder, "s")
    lock = path + ".sps-lock"
    left = 0
    with umask(0o077):
        for number in range(400):
            kill_a_listener(path, number)
            left += os.path.exists(lock)
            if left:
                break
    assert left, "no kill met a lock"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    assert listen_as(NOBODY, path) == "OK"
    assert listen_as(0, path) == "OK"


def kill_a_listener(path, number):
    """Kills a process that only listens."""
    command = [program("listen_lab"), "relisten", path]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as listener:
        listener.stdout.read(1)
        with contextlib.suppress(subprocess.TimeoutExpired):
            listener.wait(0.0001 * (number % 20))
        listener.kill()


@pytest.mark.parametrize("mode", [0o600, 0o000])
def test_a_lock_of_another_user_blocks_no_server(folder, mode):
    path = os.path.join(folder, "s")
    with open(path + ".sps-lock", "w"):
        os.chmod(path + ".sps-lock", mode)
    assert listen_as(NOBODY, path) == "OK"


# ---- No IPv6

def sysctl(machine, name, value):
    machine.sysctl(**{f"ipv6/conf/{interface}/{name}": value for interface in ("all", "default", "lo")})


@pytest.fixture
def without_ipv6(machine):
    sysctl(machine, "disable_ipv6", 1)
    yield machine
    sysctl(machine, "disable_ipv6", 0)


def connect(machine, host, *conditions, port=9):
    command = [program("environment_lab"), "connect", host, port, *conditions]
    status, out, err = run(*machine.command(*command))
    assert status == 0, err
    return json.loads(out)


def test_a_tour_without_ipv6(without_ipv6, folder):
    assert tour(without_ipv6, folder)["refused"] == 0


@pytest.mark.parametrize("host", ["::1", "2001:db8::1", "fe80::1%1"])
def test_without_ipv6_an_address_of_it_is_unreachable(without_ipv6, host):
    assert connect(without_ipv6, host)["reason"] == "CLOSE_UNREACHABLE"


def test_on_a_machine_that_has_no_such_family_its_addresses_are_unreachable(machine):
    assert connect(machine, "::1", "refuse=socket-ipv6,97")["reason"] == "CLOSE_UNREACHABLE"


def test_without_a_free_port_nothing_is_reported_as_unreachable(machine):
    with contextlib.ExitStack() as held:
        with machine.entered():
            server = held.enter_context(socket.create_server(("127.0.0.1", 0)))
            machine.sysctl(ip_local_port_range="20000 20001")
            held.callback(machine.sysctl, ip_local_port_range="32768 60999")
            for _ in range(2):
                held.enter_context(socket.create_connection(server.getsockname()))
        result = connect(machine, "127.0.0.1", port=server.getsockname()[1])
        assert result["reason"] == "CLOSE_FAILED", result

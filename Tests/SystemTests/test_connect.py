"""Connecting and closing, on networks of the tests' own (network.py). The tests print each figure
and put it into the report. SPS_SEED chooses another course for random tests."""

import contextlib
import errno
import json
import os
import re
import select
import socket
import stat
import subprocess
import threading
import time

import pytest
from conftest import TOOL, accepts, program, run, wait_until
from network import (
    DNSMASQ, DROPS4, DROPS6, RELAY, REFUSES6, SERVER4, SERVER6, SILENT, Network, Relay, namespace,
    possible,
)

SEED = os.environ.get("SPS_SEED", "1")
PORT = 7000  # these networks have no other program
PATIENCE = 240  # seconds, with time for sanitizers
IMPATIENT = "timeout:1 attempts:1"  # resolv.conf(5)

needs_networks = pytest.mark.skipif(not possible(), reason="only root makes network namespaces")


def lab(command):
    """The output of a lab program: one JSON object."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr + done.stdout
    print(done.stdout.strip())
    return json.loads(done.stdout)


class Listener(threading.Thread):
    """Takes connections, gives each a byte, and keeps the latest open."""

    KEPT = 100

    def __init__(self, sockets):
        super().__init__(daemon=True)
        self.sockets = sockets
        self.kept = []
        self.wake, self.stopped = socket.socketpair()

    def run(self):
        while True:
            ready, _, _ = select.select([*self.sockets, self.stopped], [], [])
            if self.stopped in ready:
                return
            for listening in ready:
                with contextlib.suppress(OSError):  # the client may have gone
                    self.kept.append(listening.accept()[0])
                    self.kept[-1].send(b"x")
            for peer in self.kept[:-self.KEPT]:
                peer.close()
            del self.kept[:-self.KEPT]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.wake.send(b"x")
        self.join()
        for each in (*self.sockets, *self.kept, self.wake, self.stopped):
            each.close()


@pytest.fixture
def network(start):
    """A network whose client asks dnsmasq, and whose server listens at PORT."""
    with Network.made() as made:
        start(*made.dnsmasq())
        wait_until(lambda: answers(made, DNSMASQ), "dnsmasq")
        listen = lambda host: made.server.socket(socket.SOCK_STREAM, host, PORT)
        with Listener([listen(SERVER4), listen(SERVER6)]):
            yield made


def answers(network, name_server):
    with network.client.entered():
        probe = socket.socket()
    with probe:
        return probe.connect_ex((name_server, 53)) == 0


@pytest.fixture
def relay(network):
    with Relay(network):
        network.ask(RELAY, IMPATIENT)
        yield


def connect(network, host, timeout_ms=30000):
    """One connect of the client, to its end."""
    done = lab(network.client.command(program("connect_lab"), "connect", timeout_ms, host, PORT))
    assert done["call"] < 20_000, done  # us; the flood measures the actual duration
    return done


def assert_connected(done, host):
    assert (done["error"], done["status"], done["reason"]) == ("OK", 2, "CLOSE_NONE"), done
    winner = [attempt["host"] for attempt in done["attempts"] if attempt["state"] == 2]
    assert winner == [host], done


def assert_timed_out(done, timeout_ms):
    assert (done["error"], done["status"], done["reason"]) == (
        "ERR_CONNECTION_ERROR", 3, "CLOSE_CONNECT_TIMED_OUT"), done
    assert timeout_ms * 1000 <= done["took"] <= (timeout_ms + 20) * 1000, done


# ---- Names


@needs_networks
@pytest.mark.parametrize("name, host", [
    ("both.test", SERVER6), ("four.test", SERVER4), ("a.good.test", SERVER6),
    (SERVER4, SERVER4), (SERVER6, SERVER6),
])
def test_a_host_is_found(network, name, host):
    done = connect(network, name)
    assert_connected(done, host)
    assert done["took"] < 1_000_000, done


@needs_networks
def test_an_unknown_name(network):
    done = connect(network, "unknown.test")
    assert (done["error"], done["status"], done["reason"], done["attempts"]) == (
        "ERR_CANT_RESOLVE", 3, "CLOSE_NAME_NOT_FOUND", [])


@needs_networks
def test_a_name_server_that_never_answers(network):
    with network.server.socket(socket.SOCK_DGRAM, SILENT, 53):
        network.ask(SILENT, IMPATIENT)
        assert_timed_out(connect(network, "both.test", 300), 300)
        done = connect(network, "both.test")  # the OS gives up before the deadline
        assert (done["error"], done["reason"]) == ("ERR_CANT_RESOLVE", "CLOSE_LOOKUP_FAILED")
        assert 1_000_000 <= done["took"] < 3_000_000, done


@needs_networks
def test_a_name_server_that_answers_late(network, relay):
    # with 5, the default, the result would depend on the OS's timing
    network.ask(RELAY, "timeout:10")
    done = connect(network, "late.test")
    assert_connected(done, SERVER6)
    assert 5_000_000 <= done["took"] < 6_000_000, done
    assert_timed_out(connect(network, "late.test", 1000), 1000)


@needs_networks
@pytest.mark.parametrize("silent", ["n%u.silent.test", "silent.test"], ids=["names", "one-name"])
def test_silent_names_delay_neither_the_caller_nor_other_names(
        network, relay, record_property, silent):
    done = lab(network.client.command(program("connect_lab"), "flood", 1000, silent,
                                      "n%u.good.test", PORT))
    record_property("microseconds", json.dumps(done))
    _, median, percentile99, most = done["calls"]
    assert percentile99 <= 1000, f"sps_tcp_connect() took {median} us, 1 % {percentile99} to {most}"
    assert done["waiting"] == 1000, "they are to be silent all the time"
    assert done["meanwhile"][3] < done["alone"][3] + 100_000, done


# ---- IP


def ask_ip(network, timeout_ms, *steps):
    """The result of each step of ip_lab."""
    status, out, err = run(*network.client.command(program("ip_lab"), timeout_ms, *steps))
    assert (status, err) == (0, ""), err
    print(out.decode())
    return [json.loads(line) for line in out.splitlines()]


@needs_networks
@pytest.mark.parametrize("step", ["resolve", "queue"])
def test_ip_resolves_names(network, step):
    both, four, unknown = ask_ip(network, 0, step, "both.test", step, "four.test", step, "unknown.test")
    assert (both["error"], sorted(both["addresses"])) == ("OK", [SERVER4, SERVER6])
    assert (four["error"], four["addresses"]) == ("OK", [SERVER4])
    assert (unknown["error"], unknown["addresses"]) == ("ERR_CANT_RESOLVE", [])
    if step == "queue":
        assert [each["status"] for each in (both, four, unknown)] == [2, 2, 3]


@needs_networks
def test_ip_keeps_what_was_found_until_it_is_cleared(network, relay):
    network.ask(RELAY, "timeout:10")
    first, again, queued, cleared, kept, forgotten, anew = ask_ip(
        network, 0, "queue", "late.test", "resolve", "late.test", "queue", "late.test",
        "clear", "other.test", "resolve", "late.test", "clear", "late.test", "resolve", "late.test")
    for each in (first, anew):
        assert each["error"] == "OK" and 5_000_000 <= each["took"] < 6_000_000, each
    assert first["waited"] and first["early"] == "ERR_BUSY", first
    for each in (again, queued, kept):
        assert each["addresses"] == first["addresses"] and each["took"] < 100_000, each
    assert queued["waited"] is False
    assert cleared["error"] == forgotten["error"] == "OK"
    late = ask_ip(network, 300, "resolve", "late.test")[0]  # another process has another cache
    assert late["error"] == "ERR_TIMEOUT" and 300_000 <= late["took"] < 1_000_000, late


# ---- Racing


@needs_networks
def test_ipv6_drops_and_ipv4_answers(network):
    done = connect(network, "drop6.test")
    assert_connected(done, SERVER4)
    first, second = done["attempts"]
    assert (first["host"], first["state"]) == (DROPS6, 4)
    assert 250_000 <= second["start"] - first["start"], done
    assert done["took"] <= 300_000, done


@needs_networks
@pytest.mark.parametrize("host, hosts", [
    ("drop.test", [DROPS6, DROPS4]), (DROPS4, [DROPS4]), (DROPS6, [DROPS6]),
])
def test_all_addresses_drop(network, host, hosts):
    done = connect(network, host, 1000)
    assert_timed_out(done, 1000)
    assert [attempt["host"] for attempt in done["attempts"]] == hosts
    assert [attempt["state"] for attempt in done["attempts"]] == [4] * len(hosts)


@needs_networks
def test_ipv6_refuses_and_ipv4_answers(network):
    done = connect(network, "refuse6.test")
    assert_connected(done, SERVER4)
    first, second = done["attempts"]
    assert (first["host"], first["state"], first["os"]) == (REFUSES6, 3, errno.ECONNREFUSED)
    assert second["start"] - first["end"] < 10_000, done
    assert done["took"] < 125_000, done


@needs_networks
def test_the_tool_prints_the_timeline(network, start):
    tool = start(*network.client.command(TOOL, "connect", "--verbose", "drop6.test", PORT))
    result = b""
    while result.count(b"\n  ") < 2 or not result.endswith(b"\n"):  # two attempts
        chunk = os.read(tool.process.stderr.fileno(), 65536)
        assert chunk, result
        result += chunk
    print(result.decode())
    attempts = re.findall(r"^  ([\d.]+) s to ([\d.]+) s  (\S+) port (\d+): (.*)$", result.decode(),
                          re.MULTILINE)
    assert [attempt[2:] for attempt in attempts] == [
        (DROPS6, str(PORT), "abandoned"), (SERVER4, str(PORT), "connected")]
    assert 0.250 <= float(attempts[1][0]) <= float(attempts[1][1]) <= 0.300


# ---- Cancelling


@needs_networks
def test_ten_thousand_cancels_leave_nothing(network, relay, record_property):
    hosts = ["silent.test", "b.silent.test", "late.test", "n%u.good.test", "both.test",
             "refuse6.test", "drop.test", "n%u.drop.test", "drop6.test", DROPS4, SERVER4, SERVER6]
    done = lab(network.client.command(program("connect_lab"), "cancel", SEED, 10_000, PORT, *hosts))
    record_property("cancels", json.dumps(done))
    assert done["cancelled"] == 10_000
    assert (done["descriptors"], done["bytes"], done["blocks"]) == (0, 0, 0), done
    # An attempt that timed out does not count as a cancel. Each phase has had its share.
    assert done["phases"].pop("over") < 1000, done
    assert all(count >= 100 for count in done["phases"].values()), done


# ---- A link that is cut during a connection


def next_event(program):
    event = json.loads(program.read_line())
    print(event)
    return event["at"] / 1e6, event


@needs_networks
@pytest.mark.parametrize("silently", [True, False], ids=["silence", "unreachable"])
@pytest.mark.parametrize("watch, reason, status, least, slack", [
    # 1 s idle and three probes, 1 s apart; the OS guarantees it
    ("keepalive", "CLOSE_KEEPALIVE", 3, 4.0, 1.5),
    ("idle", "CLOSE_IDLE", 3, 1.5, 0.1),
    # the OS checks at its next send; the put causes one
    ("user", "CLOSE_NOT_ACKNOWLEDGED", 0, 2.0, 1.5),
])
def test_a_cut_link_is_noticed(network, start, record_property, watch, reason, status, least,
                               slack, silently):
    client = start(*network.client.command(program("connect_lab"), "hold", watch, SERVER4, PORT))
    heard, _ = next_event(client)  # the server's only byte has arrived
    before = time.monotonic()
    network.cut(silently)
    after = time.monotonic()
    end, what = next_event(client)
    record_property("seconds", end - after)
    assert (what["reason"], what["error"], what["status"]) == (reason, "FAILED", status), what
    since = before if watch == "user" else heard
    until = heard if watch == "idle" else after
    assert since + least <= end <= until + least + slack, (heard, before, after, what)
    assert client.finish()[0] == 0


# ---- Closing


@pytest.mark.parametrize("kind", ["tcp", "uds"])
@needs_networks
def test_fifty_thousand_closes_lose_nothing(record_property, kind):
    with namespace("alone") as machine:
        done = lab(machine.command(program("close_lab"), kind, SEED, 50_000))
    record_property("closes", json.dumps(done))
    assert sum(done["closes"].values()) == 50_000
    assert all(count > 5000 for count in done["closes"].values()), done
    for ending in ("half_close", "disconnect", "graceful"):
        assert done["exact"][ending] == done["closes"][ending]


# ---- Paths


def serve(start, path):
    """A server: its program, and the result of its listening."""
    server = start(program("listen_lab"), "serve", path)
    return server, server.read_line()


def process_that_serves(path):
    """The number of the process that serves there."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        client.connect(path)
        return int.from_bytes(client.recv(4, socket.MSG_WAITALL), "little")


def identity(path):
    found = os.lstat(path)
    return found.st_ino, stat.S_IFMT(found.st_mode), found.st_size


def is_refused(start, path):
    before = identity(path)
    server, result = serve(start, path)
    assert result == "ERR_ALREADY_IN_USE"
    assert server.finish()[0] == 0
    assert identity(path) == before
    assert os.listdir(os.path.dirname(path)).count(os.path.basename(path) + ".sps-lock") == 0


def test_a_stale_file_is_replaced(start, socket_path):
    first, result = serve(start, socket_path)
    assert result == "OK"
    first.process.kill()
    first.process.wait()
    assert not accepts(socket_path) and stat.S_ISSOCK(os.lstat(socket_path).st_mode)
    second, result = serve(start, socket_path)
    assert result == "OK"
    assert process_that_serves(socket_path) == second.process.pid
    assert second.finish()[0] == 0
    assert os.listdir(os.path.dirname(socket_path)) == []


def test_a_live_file_is_left_alone(start, socket_path):
    first, result = serve(start, socket_path)
    assert result == "OK"
    is_refused(start, socket_path)
    assert process_that_serves(socket_path) == first.process.pid


def test_a_live_server_with_a_full_backlog_is_left_alone(start, socket_path):
    with socket.socket(socket.AF_UNIX) as server, contextlib.ExitStack() as waiting:
        server.bind(socket_path)
        server.listen(0)
        refused = 0
        while refused == 0:  # until its backlog is full
            client = waiting.enter_context(socket.socket(socket.AF_UNIX))
            client.setblocking(False)
            refused = client.connect_ex(socket_path)
        assert refused == errno.EAGAIN
        is_refused(start, socket_path)


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_SEQPACKET])
def test_a_live_socket_of_another_kind_is_left_alone(start, socket_path, kind):
    with socket.socket(socket.AF_UNIX, kind) as other:
        other.bind(socket_path)
        if kind == socket.SOCK_SEQPACKET:
            other.listen()
        is_refused(start, socket_path)


def leave_stale(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)


def write_file(path):
    with open(path, "w") as file:
        file.write("precious")


def link_to(make):
    def make_link(path):
        make(path + "-target")
        os.symlink(path + "-target", path)

    return make_link


@pytest.mark.parametrize("make", [
    write_file, lambda path: open(path, "w").close(), os.mkdir, os.mkfifo, link_to(write_file),
    link_to(leave_stale), link_to(lambda path: None),
], ids=["file", "empty-file", "directory", "fifo", "link-to-file", "link-to-stale",
        "link-to-nothing"])
def test_a_file_that_is_not_a_socket_is_never_removed(start, socket_path, make):
    make(socket_path)
    folder = os.path.dirname(socket_path)
    before = sorted(os.listdir(folder))
    is_refused(start, socket_path)
    assert sorted(os.listdir(folder)) == before


def test_a_replaced_file_stays_at_the_stop(start, socket_path):
    first, result = serve(start, socket_path)
    assert result == "OK"
    os.rename(socket_path, socket_path + "-before")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(socket_path)
        other.listen()
        before = identity(socket_path)
        assert first.finish()[0] == 0
        assert identity(socket_path) == before


def test_a_leftover_lock_blocks_no_server(start, socket_path):
    open(socket_path + ".sps-lock", "w").close()
    leave_stale(socket_path)
    server, result = serve(start, socket_path)
    assert result == "OK"
    assert process_that_serves(socket_path) == server.process.pid
    assert server.finish()[0] == 0
    assert os.listdir(os.path.dirname(socket_path)) == []


def test_one_of_two_simultaneous_servers_wins(socket_path, record_property):
    done = lab([program("listen_lab"), "race", SEED, 1000, socket_path])
    record_property("races", json.dumps(done))
    assert done["rounds"] == sum(done["won"]) == 1000
    assert done["stale"] >= 500, done

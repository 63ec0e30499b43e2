"""The soak test. Servers and clients (programs/soak) talk at random, and some are killed now and
then.

    python3 Tests/SystemTests/soak.py --minutes 5 --seed 7

Half of the servers and of the clients live from the start to the end. Every few seconds SIGKILL
ends one of the others, and a new process takes its place. Each process checks every byte that it
receives. A process cannot know whether the process at the other end was killed, so this program
checks that. It also checks that long-lived processes stay the same. At quiet moments without
connections they must have the same descriptors and threads, and no more memory late than early.
"""

import argparse
import contextlib
import json
import os
import queue
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from conftest import program

PATIENCE = 180  # seconds, for steps that take less than one
KILL_EVERY = 6  # seconds, on average
QUIETS = 60  # in an hour; a short run has one every few seconds
ENDINGS = ("half close", "graceful", "disconnect", "reset", "destroy", "idle", "limit")
REASONS = (
    "none", "local", "peer finished", "reset", "refused", "unreachable", "connect timed out",
    "name not found", "not acknowledged", "no resources", "failed", "keepalive", "idle",
    "put timed out", "grace timed out", "limit",
)
# Otherwise freed memory may count as used.
EXACT_HEAP = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}
# The allowed growth of the median from the first quarter to the last. Library: its poller keeps up
# to 32 KiB of buffers, and their number varies. Heap: also the memory of stdio and of look-ups.
# Pages: also memory that malloc has not returned yet.
MORE = {"allocated": 40 * 1024, "heap": 48 * 1024, "resident": 1024 * 1024}


class Wrong(AssertionError):
    """A violation of what the soak test checks."""


class Member:
    """One process of the soak test."""

    def __init__(self, who, side, index, mortal, command, folder):
        self.who, self.side, self.index, self.mortal = who, side, index, mortal
        self.log = open(os.path.join(folder, f"{side}-{index}-{who}.log"), "w")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
            env={**os.environ, **EXACT_HEAP},
        )
        self.lines = queue.Queue()
        self.samples = []
        self.totals = None
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def __str__(self):
        return f"{self.side} {self.index} (process {self.who})"

    def read(self):
        for line in self.process.stdout:
            self.log.write(line)
            self.log.flush()
            if line.endswith("\n"):  # otherwise the process was killed inside the line
                self.lines.put(json.loads(line))

    def tell(self, command):
        try:
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
        except BrokenPipeError as broken:
            raise Wrong(f"{self} has ended by itself: {self.end()}") from broken

    def end(self):
        """The way in which it ended, and what it printed about it."""
        self.process.wait(PATIENCE)
        with open(self.log.name) as log:
            return f"status {self.process.returncode}\n{log.read()[-3000:]}"

    def kill(self):
        self.process.kill()
        self.close()

    def close(self):
        """After its end: closes this side's files."""
        self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        with contextlib.suppress(BrokenPipeError):  # a command that came too late
            self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()

    def entries(self, what):
        return len(os.listdir(f"/proc/{self.process.pid}/{what}"))

    def resident(self):
        """Its own pages in bytes, without shared libraries."""
        with open(f"/proc/{self.process.pid}/smaps_rollup") as rollup:
            sizes = dict(line.split(":") for line in rollup.readlines()[1:])
        return 1024 * sum(int(sizes[name].split()[0]) for name in ("Private_Dirty", "Swap"))

    def sample(self, report):
        """Measures it while it is idle, except for cancelled look-ups, which have a thread each."""
        # the loop, and the reader of commands
        threads = self.samples[0]["threads"] if self.samples else 2
        deadline = time.monotonic() + 30
        while self.entries("task") > threads and time.monotonic() < deadline:
            time.sleep(0.01)
        self.samples.append({
            "descriptors": self.entries("fd"), "threads": self.entries("task"),
            "resident": self.resident(), "allocated": report["allocated"], "heap": report["heap"],
        })


def warm(samples):
    """Without the first samples: all buffers were used once."""
    return samples[max(1, len(samples) // 10):] or samples


def early_and_late(samples, what):
    quarter = max(1, len(samples) // 4)
    values = [sample[what] for sample in samples]
    return statistics.median(values[:quarter]), statistics.median(values[-quarter:])


def judge_steadiness(member):
    """Descriptors and threads must be constant. The memory of a long-lived process must not
    grow."""
    for what in "descriptors", "threads":
        seen = [sample[what] for sample in member.samples]
        if len(set(seen)) > 1:
            raise Wrong(f"{member} had {seen} {what} at quiet moments")
    samples = warm(member.samples)
    if len(samples) < 8:
        return
    for what, more in MORE.items():
        early, late = early_and_late(samples, what)
        if samples[0]["heap"] > 0 and late > early + more:  # a sanitizer has a heap of its own
            seen = [sample[what] for sample in member.samples]
            raise Wrong(f"{member}: {what} grew from {early} to {late} bytes: {seen}")


class Soak:
    """All processes, and their reports."""

    def __init__(self, seed, servers, clients, connections):
        self.dice, self.seed = random.Random(seed), seed
        self.connections = connections
        self.folder = tempfile.mkdtemp(prefix="sps-soak-")
        self.count = 0
        self.killed = set()
        self.kills = {"server": 0, "client": 0}
        self.unknown = 0  # connections that ended at a server before the hello
        self.ports = {}  # by a server's number
        self.last_totals = []  # of the killed processes
        self.servers = [self.start("server", i, mortal=2 * i >= servers) for i in range(servers)]
        self.clients = [self.start("client", i, mortal=2 * i >= clients) for i in range(clients)]

    @property
    def members(self):
        return self.servers + self.clients

    # ---- Starting and killing

    def path(self, index):
        return os.path.join(self.folder, f"{index}.socket")

    def start(self, side, index, mortal):
        self.count += 1
        last = self.path(index) if side == "server" else str(self.connections)
        command = [program("soak_lab"), side, str(self.count), str(self.seed), last]
        member = Member(self.count, side, index, mortal, command, self.folder)
        if side == "server":
            self.ports[member.who] = self.next_line(member, "port")
            for client in getattr(self, "clients", []):
                self.introduce(member, client)
        else:
            for server in self.servers:
                self.introduce(server, member)
        return member

    def introduce(self, server, client):
        port = self.ports[server.who]
        client.tell(f"server {server.index} {server.who} {port} {self.path(server.index)}")

    def kill_one(self):
        """Kills one of the mortal processes, and starts another after a moment."""
        group = self.dice.choice([self.servers, self.clients, self.clients])
        victim = self.dice.choice([member for member in group if member.mortal])
        self.read_lines()
        self.killed.add(victim.who)  # recorded before the kill, so no report can come earlier
        victim.kill()
        self.read_lines_of(victim)
        self.kills[victim.side] += 1
        judge_steadiness(victim)
        self.last_totals.append(victim.totals)
        self.watch(self.dice.choice([0, 0, 0.5, 1.5]))  # sometimes long enough for others to notice
        group[victim.index] = self.start(victim.side, victim.index, True)

    # ---- Reading the reports

    def handle(self, member, report):
        if "endings" in report:
            member.totals = report
        elif report.get("cut") == 0 and member.side == "server":
            self.unknown += 1
            if self.unknown > self.connections * self.kills["client"]:
                raise Wrong(f"{member}: {self.unknown} connections have ended before a hello")
        else:
            who = report.get("cut", report.get("refused"))
            if who is not None and who not in self.killed:
                self.find_failed(who)
                raise Wrong(f"{member} lost a connection with one that lives: {report}")

    def find_failed(self, who):
        """The peers of a failed process notice it first. This finds the process itself, whose
        report says more."""
        for member in self.members:
            with contextlib.suppress(subprocess.TimeoutExpired):
                if member.who == who and member.process.wait(20) is not None:
                    raise Wrong(f"{member} has ended by itself: {member.end()}")

    def read_lines_of(self, member):
        while not member.lines.empty():
            self.handle(member, member.lines.get())

    def read_lines(self):
        """Checks the reports. Fails if a process has ended that was not killed."""
        for member in self.members:
            self.read_lines_of(member)
            if member.process.poll() is not None and member.who not in self.killed:
                raise Wrong(f"{member} has ended by itself: {member.end()}")

    def next_line(self, member, what):
        """The next report of that kind."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                report = member.lines.get(timeout=0.2)
            except queue.Empty:
                if member.process.poll() is not None and member.lines.empty():
                    raise Wrong(f"{member} has ended by itself: {member.end()}") from None
                continue
            self.handle(member, report)
            if what in report:
                return report[what]
        raise Wrong(f"{member} never reported '{what}'")

    def watch(self, seconds):
        """Lets the processes run."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read_lines()
            time.sleep(min(0.2, max(0, end - time.monotonic())))

    # ---- Quiet moments

    def quiet(self):
        """Lets all connections end, and measures every process."""
        for group in self.clients, self.servers:  # a server is quiet if its clients are
            for member in group:
                member.tell("quiet")
            for member in group:
                self.next_line(member, "quiet")
        for member in self.members:
            member.sample(member.totals)

    def go(self):
        for member in self.servers + self.clients:
            member.tell("go")

    # ---- The whole test

    def run(self, seconds):
        begin = time.monotonic()
        interval = max(4, min(60, seconds / QUIETS))
        next_quiet, next_kill = begin + interval, begin + KILL_EVERY / 2
        while time.monotonic() - begin < seconds:
            now = time.monotonic()
            if now >= next_quiet:
                self.quiet()
                self.go()
                next_quiet = time.monotonic() + interval
            elif now >= next_kill:
                self.kill_one()
                next_kill = time.monotonic() + self.dice.uniform(0.5, 1.5) * KILL_EVERY
            else:
                self.watch(min(next_quiet, next_kill) - now)
        self.quiet()

    def stop(self):
        """Every process must free everything, or end with a failure."""
        for member in self.members:
            member.tell("stop")
        for member in self.members:
            self.next_line(member, "end")
            if member.process.wait(PATIENCE) != 0:
                raise Wrong(f"{member}: {member.end()}")
            judge_steadiness(member)

    def end(self, failed):
        for member in self.members:
            member.kill()
        if failed:
            print(f"the logs are in {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder)

    def figures(self):
        """The counts of all processes, including the last reports of the killed ones."""
        report = [totals for totals in self.last_totals if totals and "endings" in totals]
        report += [member.totals for member in self.members]

        def total(name):
            return sum(totals[name] for totals in report)

        def totals_of(name, names):
            sums = (sum(totals[name][i] for totals in report) for i in range(len(names)))
            return dict(zip(names, sums))

        return {
            "connections": total("connections"), "cut": total("cut"), "refused": total("refused"),
            "duds": total("duds"), "moves": total("moves"), "refused_puts": total("refused_puts"),
            "items_heard": sum(totals["items"][1] for totals in report),
            "bytes_heard": sum(totals["bytes"][1] for totals in report),
            "endings": totals_of("endings", ENDINGS), "reasons": totals_of("reasons", REASONS),
            "kills": self.kills, "processes": self.count,
            "steadiness": {str(member): self.steadiness(member) for member in self.members
                           if not member.mortal},
        }

    @staticmethod
    def steadiness(member):
        samples = warm(member.samples)
        names = ("descriptors", "threads", "allocated", "heap", "resident")
        return {what: early_and_late(samples, what) for what in names}


def run(minutes, seed, servers=2, clients=4, connections=12):
    """Runs a soak test, and returns its figures. Raises Wrong, and keeps the logs, if a check
    fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    print(f"soak: {minutes} minutes, seed {seed}", flush=True)
    soak = Soak(seed, servers, clients, connections)
    failed = True
    try:
        soak.run(minutes * 60)
        soak.stop()
        figures = soak.figures()
        failed = False
    finally:
        soak.end(failed)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figures["processor"] = round(seconds / (time.monotonic() - begin), 2)
    return figures


def show(figures):
    for name, value in figures.items():
        if name != "steadiness":
            print(f"{name}: {json.dumps(value)}")
    for member, values in figures["steadiness"].items():
        report = (f"{what} {early:,.0f} -> {late:,.0f}" for what, (early, late) in values.items())
        print(f"{member}, early -> late: {', '.join(report)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Random traffic between processes; some are killed.")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--connections", type=int, default=12, help="of each client")
    chosen = parser.parse_args()
    show(run(chosen.minutes, chosen.seed, chosen.servers, chosen.clients, chosen.connections))

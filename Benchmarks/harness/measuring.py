"""Runs the programs, each work of each implementation in a process of its own."""

import os
import random
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass, field

from hdrh.histogram import HdrHistogram

from .building import COUNTS_ALLOCATIONS, LAUNCH, TLS_FOLDER
from .works import LIMITS

NO_SUCH_ROW = 69  # EX_UNAVAILABLE
PATIENCE = 120  # seconds
LONGEST = 60_000_000_000  # nanoseconds; to three digits
DIGITS = 3


@dataclass
class Outcome:
    """What the rounds of one row came to for one implementation."""

    unit: str = "ns"
    rounds: list = field(default_factory=list)
    elapsed: list = field(default_factory=list)  # nanoseconds an item, waiting included
    latencies: HdrHistogram = None


class Run:
    """All rounds of all works, in random order within each round."""

    def __init__(self, programs, works, quick):
        self.programs = programs
        self.works = works
        self.quick = quick
        self.outcomes = {}  # by (row, implementation)
        self.left_out = {}  # the reasons

    def measure(self, rounds, seed):
        choose = random.Random(seed)
        for number in range(rounds):
            pairs = [(work, name) for work in self.works for name in self.programs
                     if work.has(name) and not (work.is_counted and number > 0)]
            choose.shuffle(pairs)
            for work, name in pairs:
                if any((row, name) not in self.left_out for row in work.rows):
                    self.run(work, name, seed + number)
            if sys.stderr.isatty():
                print(f"\rround {number + 1} of {rounds}", end="\n" * (number + 1 == rounds),
                      file=sys.stderr, flush=True)

    def run(self, work, name, seed):
        env = os.environ | {"BENCH_TLS": os.path.abspath(TLS_FOLDER)}
        if work.allocations_row:
            env["LD_PRELOAD"] = os.path.abspath(COUNTS_ALLOCATIONS)
        done = subprocess.run(self.command(work, name, seed), capture_output=True, text=True,
                              timeout=PATIENCE, env=env)
        if done.returncode not in (0, NO_SUCH_ROW):
            raise SystemExit(f"{work.name} {work.transport} {name} failed: {done.stderr.strip()}")
        self.note_cost(work, name, done.stdout)
        self.note_latencies(work, name, done.stdout)
        self.note_instructions(work, name, done.stderr)
        self.note_memory(work, name, done.stdout)
        self.note_count(work.switches_row, name, "switches", done.stdout)
        self.note_count(work.allocations_row, name, "allocations", done.stdout)
        for row in work.rows:
            if (row, name) not in self.outcomes:
                self.left_out[row, name] = done.stderr.strip().splitlines()[-1]

    def command(self, work, name, seed):
        items = work.quick_items if self.quick else work.items
        program = [self.programs[name], work.name, work.transport, str(items), str(work.peers)]
        if not work.instructions_row:
            return [LAUNCH, work.transport, work.partner, str(work.peers), str(seed), *program]
        # A program has a function of the work's name; what happens inside is counted.
        return ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                f"--toggle-collect={work.name}", *program]

    def outcome(self, row, name, unit="ns"):
        return self.outcomes.setdefault((row, name), Outcome(unit))

    def note_cost(self, work, name, output):
        found = re.search(r"^items (\d+) processor_ns (\d+) time_ns (\d+)$", output, re.MULTILINE)
        if found and work.cost_row:
            items, processor, elapsed = map(int, found.groups())
            outcome = self.outcome(work.cost_row, name)
            outcome.rounds.append(processor / items)
            outcome.elapsed.append(elapsed / items)

    def note_latencies(self, work, name, output):
        samples = [int(each) for each in re.findall(r"^sample_ns (\d+)$", output, re.MULTILINE)]
        if not samples:
            return
        outcome = self.outcome(work.latency_row, name)
        outcome.rounds.append(statistics.median(samples))
        if outcome.latencies is None:
            outcome.latencies = HdrHistogram(1, LONGEST, DIGITS)
        for sample in samples:
            outcome.latencies.record_value(sample)

    def note_instructions(self, work, name, errors):
        found = re.search(r"Collected : (\d+)", errors)
        if found:
            items = work.quick_items if self.quick else work.items
            outcome = self.outcome(work.instructions_row, name, "instructions")
            outcome.rounds.append(int(found.group(1)) / items)

    def note_memory(self, work, name, output):
        found = re.search(r"^bytes_a_peer (\d+)$", output, re.MULTILINE)
        if found:
            used = int(found.group(1))
            if name == "limit":
                used = LIMITS.get(work.memory_row, used)
            self.outcome(work.memory_row, name, "bytes").rounds.append(used)

    def note_count(self, row, name, unit, output):
        found = re.search(rf"^{unit} (\d+) of (\d+)$", output, re.MULTILINE)
        if found and row:
            count, items = map(int, found.groups())
            self.outcome(row, name, unit).rounds.append(count / items)

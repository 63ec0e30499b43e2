"""The growth of costs. Twice as much work may take about twice as many instructions, counted by
valgrind. A count is the same in every run, so one run is enough. Programs take a case and a size:
PROGRAM CASE SIZE. The case `nothing` measures the start of a program, which is subtracted."""

import atexit
import functools
import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from conftest import DEADLINE, SWIFT, program

MOST_GROWTH = 2.2  # above a logarithm, or a buffer that has just grown; quadratic growth gives 4


@dataclass
class Case:
    name: str
    size: int
    program: str = "growth_lab"
    most: float = MOST_GROWTH  # a case with another limit says why


# To add a program, add lines here. If CMake does not build it, add a function that finds it to
# PATHS.
CASES = [
    Case("line_drips", 100_000),
    Case("line_drips_in_a_poller", 60_000),
    Case("until_drips", 40_000),
    Case("part_drips", 40_000),
    Case("string_drips", 100_000),
    Case("utf8_drips", 100_000),
    Case("var_drips", 100_000),
    Case("peek_drips", 100_000),
    Case("packet_drips", 100_000),
    Case("packets_are_taken", 20_000),
    Case("lines_are_taken", 20_000),
    Case("buffer_grows", 20_000),
    Case("text_is_put", 100_000),
    Case("arrays_are_written_and_read", 10_000),
    Case("dictionaries_are_written_and_read", 10_000),
    Case("texts_are_written_and_read", 200_000),
    Case("packed_strings_are_read", 10_000),
    Case("members_come_and_go", 200),
    Case("members_are_served", 200),
    Case("plain_keys_are_put_and_found", 2000, "growth_cpp"),
    Case("text_keys_are_put_and_found", 2000, "growth_cpp"),
    Case("array_keys_are_put_and_found", 2000, "growth_cpp"),
    Case("dictionary_keys_are_put_and_found", 2000, "growth_cpp"),
    Case("plain_keys_are_erased", 2000, "growth_cpp"),
    Case("array_keys_are_erased", 2000, "growth_cpp"),
    Case("keys_come_and_go", 2000, "growth_cpp"),
    Case("dictionaries_are_compared", 2000, "growth_cpp"),
    Case("dictionaries_with_array_keys_are_compared", 2000, "growth_cpp"),
    Case("dictionaries_with_dictionary_keys_are_compared", 2000, "growth_cpp"),
    Case("dictionaries_are_read_and_copied", 2000, "growth_cpp"),
    Case("dictionaries_with_array_keys_are_read_and_copied", 2000, "growth_cpp"),
    Case("a_key_is_read_again", 2000, "growth_cpp"),
    Case("deep_values_are_copied", 2000, "growth_cpp"),
    Case("many_are_deep", 100, "growth_cpp"),
    Case("texts_are_printed", 2000, "growth_cpp"),
    Case("an_array_grows", 20_000, "growth_cpp"),
    Case("packed_arrays_are_read", 10_000, "growth_cpp"),
    Case("bytes_are_got", 10_000, "growth_cpp"),
    Case("combining_marks", 2000, "swift_growth"),
    Case("set_of_dictionaries", 200, "swift_growth"),
    Case("plain_keys_in_another_order", 400, "swift_growth"),
    Case("nested_keys_in_another_order", 300, "swift_growth"),
    Case("nested_keys_that_are_the_same", 300, "swift_growth"),
    Case("empty_dictionaries", 2000, "swift_growth"),
    Case("empty_arrays", 2000, "swift_growth"),
    Case("claims", 800, "swift_growth"),
    Case("deep_arrays", 20, "swift_growth"),
    Case("deep_dictionaries", 15, "swift_growth"),
    Case("bytes_of_codable", 16_000, "swift_growth"),
    Case("last_keys_are_removed", 400, "swift_growth"),
    Case("first_keys_are_removed", 400, "swift_growth"),
    Case("keys_come_and_go", 400, "swift_growth"),
]


@functools.lru_cache
def stripped_swift_growth():
    """A copy without debug information, because valgrind cannot read Swift's."""
    built = os.path.join(SWIFT, "swift_growth")
    copy = os.path.join(tempfile.mkdtemp(), "swift_growth")
    atexit.register(shutil.rmtree, os.path.dirname(copy))
    subprocess.run(["strip", "--strip-debug", "-o", copy, built], check=True)
    return copy


# Programs that CMake does not build: a name, and a function that returns the path.
PATHS = {"swift_growth": stripped_swift_growth}


def path_of(name):
    return PATHS[name]() if name in PATHS else program(name)


def count(name, case, size):
    """The instructions of a run."""
    valgrind = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
    command = [*valgrind, path_of(name), case, str(size)]
    done = subprocess.run(command, capture_output=True, timeout=2 * DEADLINE)
    messages = done.stderr.decode(errors="replace")
    assert done.returncode == 0, messages
    return int(re.search(r"Collected : (\d+)", messages)[1])


@functools.lru_cache
def cost_of_starting(name):
    return count(name, "nothing", 0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.program}-{case.name}")
def test_twice_the_work_costs_about_twice(case, record_property):
    start = cost_of_starting(case.program)
    sizes = (case.size, 2 * case.size)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = pool.map(lambda size: count(case.program, case.name, size) - start, sizes)
    once, twice = runs
    record_property("instructions", f"{once}, {twice}")
    assert once > start / 4, f"too small to tell: {once} instructions, and {start} for starting"
    assert twice / once <= case.most, f"{once} instructions become {twice}: {twice / once:.2f} times"

"""The suites that run only when they are named: they take long, or measure rather than test."""

import os
import sys

from .coverage import coverage
from .run import Tally, require, require_python, run_in_session
from .suites import PARSER, SANITIZER_ENV, Suite, checked, cmake_build, pytest, swift_tests

MEMCHECK = (
    "valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full",
    "--errors-for-leak-kinds=definite,indirect", "--show-leak-kinds=definite,indirect",
    "--soname-synonyms=somalloc=NONE",  # the tests' malloc (support_memory.c) is valgrind's then
    f"--suppressions={os.path.join(os.path.dirname(os.path.abspath(__file__)), 'valgrind.supp')}",
)
SOAK_ENDS_SECONDS = 600  # for what comes before and after its minutes
# Valgrind runs one thread at a time, some twenty times slower.
SLOW_ENV = {"CK_TIMEOUT_MULTIPLIER": "10", "SPS_SLOW": "1", "SPS_VALGRIND": "1"}


def valgrind():
    """The tests that are C: of random operations there are enough in the other suites."""
    require("command=valgrind:valgrind")
    if not cmake_build("build/test", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"):
        return Tally(failed=1)
    return checked("build/test", ("core_public_tests", "core_internal_tests"), SLOW_ENV, MEMCHECK)


def sanitize_swift_thread():
    # Two threads of that test count in one variable, in a signal's handler, which is the test's own matter.
    options = ("--sanitize", "thread", "--skip", "aThousandSignalsASecondDoNoHarm")
    return swift_tests(os.path.join(".build", "thread"), *options, env=SANITIZER_ENV)


def soak():
    """Shows its figures while it goes; SPS_SOAK_MINUTES (60) and SPS_SEED (1) choose another."""
    if not cmake_build("build/test", "-DCMAKE_BUILD_TYPE=RelWithDebInfo", targets=["soak_lab"]):
        return Tally(failed=1)
    minutes, seed = os.environ.get("SPS_SOAK_MINUTES", "60"), os.environ.get("SPS_SEED", "1")
    command = [pytest(), "Tests/SystemTests/soak.py", "--minutes", minutes, "--seed", seed]
    deadline = float(minutes) * 60 + SOAK_ENDS_SECONDS
    wrong = run_in_session(command, {"SPS_BUILD": os.path.abspath("build/test")}, deadline, sys.stdout)
    if wrong:
        print(f"failed: {' '.join(command)}: {wrong}")
    return Tally(passed=int(not wrong), failed=int(bool(wrong)))


def mutation(*arguments):
    """Its module can be imported only now."""
    require_python(*PARSER)
    from .mutation import mutation as run_mutants

    return run_mutants(*arguments)


ALL = [
    Suite("coverage", "the branches of the C core that the C and C++ tests take", coverage),
    Suite("soak", "an hour of processes that talk, and some are killed; --minutes M", soak),
    Suite("mutation", "small changes of the C core, one by one, that the tests should notice", mutation),
    Suite("valgrind", "the C tests of core, under valgrind's memcheck", valgrind),
    Suite("sanitize-swift-thread", "swift, under the thread sanitizer", sanitize_swift_thread),
]

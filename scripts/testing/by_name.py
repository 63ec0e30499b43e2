"""The suites that run only when they are named: they take long, or measure rather than test."""

import os

from .coverage import coverage
from .run import Tally, require
from .suites import SANITIZER_ENV, Suite, checked, cmake_build, swift_tests

MEMCHECK = (
    "valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full",
    "--errors-for-leak-kinds=definite,indirect", "--show-leak-kinds=definite,indirect",
    "--soname-synonyms=somalloc=NONE",  # the tests' malloc (support_memory.c) is valgrind's then
    f"--suppressions={os.path.join(os.path.dirname(os.path.abspath(__file__)), 'valgrind.supp')}",
)
# Valgrind runs one thread at a time, some twenty times slower.
SLOW_ENV = {"CK_TIMEOUT_MULTIPLIER": "10", "SPS_SLOW": "1"}


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


ALL = [
    Suite("coverage", "the branches of the C core that the C and C++ tests take", coverage),
    Suite("valgrind", "the C tests of core, under valgrind's memcheck", valgrind),
    Suite("sanitize-swift-thread", "swift, under the thread sanitizer", sanitize_swift_thread),
]

"""The suites that run only when they are named: they take long, or measure rather than test."""

import os
import subprocess

from .coverage import coverage
from .run import Tally, require_python
from .suites import Suite, cmake_build, pytest


def soak():
    """Shows its figures while it goes; SPS_SOAK_MINUTES (60) and SPS_SEED (1) choose another."""
    if not cmake_build("build/test", "-DCMAKE_BUILD_TYPE=RelWithDebInfo", target="soak_lab"):
        return Tally(failed=1)
    minutes, seed = os.environ.get("SPS_SOAK_MINUTES", "60"), os.environ.get("SPS_SEED", "1")
    command = [pytest(), "Tests/SystemTests/soak.py", "--minutes", minutes, "--seed", seed]
    env = {**os.environ, "SPS_BUILD": os.path.abspath("build/test")}
    good = subprocess.run(command, env=env, stdin=subprocess.DEVNULL).returncode == 0
    return Tally(passed=int(good), failed=int(not good))


def require_parser():
    """Installs what finds the mutants."""
    require_python("tree_sitter:tree-sitter==0.26.1", "tree_sitter_c:tree-sitter-c==0.24.2")


def mutation(*arguments):
    """Its module can be imported only now."""
    require_parser()
    from .mutation import mutation as run_mutants

    return run_mutants(*arguments)


ALL = [
    Suite("coverage", "the branches of the C core that the C and C++ tests take", coverage),
    Suite("soak", "an hour of processes that talk, and some are killed; --minutes M", soak),
    Suite("mutation", "small changes of the C core, one by one, that the tests should notice", mutation),
]

"""The suites that run only when they are named: they take long, or measure rather than test."""

import os
import subprocess

from .coverage import coverage
from .run import Tally
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


ALL = [
    Suite("coverage", "the branches of the C core that the C and C++ tests take", coverage),
    Suite("soak", "an hour of processes that talk, and some are killed; --minutes M", soak),
]

"""Spin checks models. A promise must hold in every order of events, and the model must find each
fault that a test puts back into it."""

import os
import re
import subprocess

import pytest
from conftest import DEADLINE, ROOT

MODEL = os.path.join(ROOT, "Tests", "Models", "stream_in_a_poller.pml")


def errors_of(folder, *macros):
    """The number of Spin's errors: failed assertions, and promises that are never kept."""
    def do(*command):
        return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True,
                              timeout=DEADLINE).stdout

    do("spin", *(f"-D{macro}" for macro in macros), "-a", MODEL)
    do("cc", "-O1", "-w", "-o", "pan", "pan.c")
    report = do("./pan", "-a", "-f", "-m1000000")
    assert "max search depth too small" not in report
    return int(re.search(r"errors: (\d+)", report)[1])


def test_a_stream_in_a_poller_is_never_stuck_nor_cut_off(tmp_path):
    assert errors_of(tmp_path) == 0


@pytest.mark.parametrize(
    "fault", ["FAILED_WRITE_IS_NOT_REPORTED", "ONE_END_IS_REPORTED", "REFUSED_PUT_IS_FORGOTTEN"])
def test_the_model_finds_a_fault_that_is_put_back(tmp_path, fault):
    assert errors_of(tmp_path, fault) > 0

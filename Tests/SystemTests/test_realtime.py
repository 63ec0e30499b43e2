"""The warm paths allocate nothing, take no lock and make no call that blocks."""

import subprocess

from conftest import program


def lab(*arguments):
    return subprocess.run([program("realtime_lab"), *arguments], capture_output=True, text=True,
                          timeout=120)


def test_warm_frames_are_realtime():
    done = lab()
    assert done.returncode == 0 and done.stdout == "realtime\n", done.stderr


def test_the_sanitizer_finds_a_violation():
    done = lab("--allocate")
    assert done.returncode != 0 and "malloc" in done.stderr

"""streampeer demo: the main features, printed as lines."""

import os
import pty
import subprocess

from conftest import DEADLINE, TOOL, run


def test_the_demo_prints_its_steps():
    status, out, err = run(TOOL, "demo", "--size", 3)
    text = out.decode()
    assert status == 0, err
    for line in (
        "[TCP] listening on ", "[Unix] listening on unix:", "STATUS_CONNECTING", "STATUS_CONNECTED",
        "utf8 string", "26 values equal", "3 MiB to the server", "3 MiB to the client", "checksum",
        'read "the last words"', "connection refused", "STATUS_NONE",
    ):
        assert line in text
    # Without a terminal the progress is plain lines.
    lines = err.splitlines()
    assert "  [TCP] up 100 %" in lines and "  [Unix] down 100 %" in lines
    assert "\r" not in err


def test_a_terminal_gets_a_bar():
    ours, theirs = pty.openpty()
    child = subprocess.Popen([TOOL, "demo", "--size", "1"], stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:  # EIO: the other side of the terminal has closed
        pass
    os.close(ours)
    assert child.wait(timeout=DEADLINE) == 0
    assert b"\r  [TCP] up [#########################] 100 %" in shown

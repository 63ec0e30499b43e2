#!/usr/bin/env python3
"""Guards a test program for CTest: guard.py KIND PROGRAM [ARGUMENT...]

The program runs in a session of its own (setsid(2)). It fails when its exit status is not 0, when it
is not done at its deadline, or when it leaves a process running; all of the session is killed. The
last line says how many tests passed, failed and were skipped. KIND says how they are counted:

    plain    the program is one test
    step     no test, unless it fails: a build
    check    by the TAP report of the Check framework; SPS_UNDER names a command to run it under.
             With CK_FORK=no each of its tests is a process of its own
    pytest   by the JUnit report of pytest
    swift    by the reports of swift test
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

TESTS_SECONDS = 1200  # of one program; what takes so long has hung
TEST_SECONDS = 300  # of one test
GRACE_SECONDS = 5


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def total(self):
        return self.passed + self.failed + self.skipped

    def __add__(self, other):
        return Tally(self.passed + other.passed, self.failed + other.failed,
                     self.skipped + other.skipped)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


# ---- Sessions

def processes_of(session):
    """The processes of a session that still run, whatever their process group: pids and names."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else []):
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/stat") as stat:
                name, _, rest = stat.read().partition("(")[2].rpartition(")")
            state, _, _, of = rest.split()[:4]
            if int(of) == session and state != "Z":
                found[int(pid)] = name
    return found


def end_session(session):
    """Kills the processes that a program has left; their names."""
    end = time.monotonic() + GRACE_SECONDS
    while processes_of(session) and time.monotonic() < end:
        time.sleep(0.01)
    names = []
    while left := processes_of(session):
        names += left.values()
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    return sorted(set(names))


def run_in_session(command, env, timeout, output):
    """Runs a program in a session that ends with it: what went wrong, or None."""
    program = subprocess.Popen(
        command, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, stdout=output,
        stderr=subprocess.STDOUT, start_new_session=True,
    )
    wrong = None
    try:
        if program.wait(timeout) != 0:
            wrong = f"exit status {program.returncode}"
    except subprocess.TimeoutExpired:
        wrong = f"not done after {timeout} s"
        program.terminate()  # a runner of tests ends its tests
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(GRACE_SECONDS)
    finally:
        left = end_session(program.pid)
        program.wait()
    return wrong or (f"left running: {', '.join(left)}" if left else None)


def run(command, env=None, timeout=TESTS_SECONDS):
    """True if the program succeeded in time and left nothing running. Else prints its output."""
    # A file and no pipe, which would stay open as long as anybody has it.
    with tempfile.TemporaryFile() as output:
        wrong = run_in_session(command, env, timeout, output)
        if wrong:
            output.seek(0)
            text = output.read().decode(errors="replace")
            print(f"failed: {' '.join(command)}: {wrong}\n{text[-20000:]}", flush=True)
        output.seek(0)
        for line in sorted({line for line in output if line.startswith(b"skipped: ")}):
            print(line.decode(errors="replace").strip())
    return not wrong


# ---- Counting

def judge(command, succeeded, tally, is_whole=True):
    """A failure that no report names counts, too; a success without a test is a failure."""
    if not is_whole or tally.total == 0:
        print(f"failed: {' '.join(command)}: its report is not whole: {tally}")
        return tally + Tally(failed=1)
    return tally if succeeded or tally.failed else tally + Tally(failed=1)


def tap(text):
    """Counts the lines of a TAP report; and whether all that it announces are there."""
    lines = text.splitlines()
    tally = Tally(passed=sum(line.startswith("ok ") for line in lines),
                  failed=sum(line.startswith("not ok ") for line in lines))
    return tally, f"1..{tally.total}" in lines


def junit(paths):
    """Counts the cases of JUnit reports; and whether no report is cut short."""
    tally, is_whole = Tally(), True
    for path in filter(os.path.exists, paths):
        try:
            cases = list(ElementTree.parse(path).iter("testcase"))
        except ElementTree.ParseError as error:
            print(f"failed: {path}: {error}")
            is_whole = False
            continue
        for case in cases:
            tags = {child.tag for child in case}
            if tags & {"failure", "error"}:
                tally += Tally(failed=1)
            elif "skipped" in tags:
                tally += Tally(skipped=1)
            else:
                tally += Tally(passed=1)
    return tally, is_whole


def run_check(command, env=None, timeout=TESTS_SECONDS):
    """A suite of Check. It forks for each test, or guard.py starts it for each."""
    if os.environ.get("CK_FORK") != "no" or "--suite" not in command:
        return run_report(command, env, timeout)
    listed = subprocess.run([*command, "--tests"], stdout=subprocess.PIPE, text=True, check=False)
    lines = [line.strip() for line in listed.stdout.splitlines()]
    print(*(line for line in lines if line.startswith("skipped: ")), sep="\n")
    names = dict.fromkeys(line for line in lines if line and " " not in line)
    return sum((run_report([*command, "--test", name], env, TEST_SECONDS) for name in names),
               Tally(failed=listed.returncode != 0))


def run_report(command, env=None, timeout=TESTS_SECONDS):
    """A program that ends before its report does, or runs no test, counts as one that failed."""
    with tempfile.NamedTemporaryFile(suffix=".tap") as report:
        under = os.environ.get("SPS_UNDER", "").split()
        succeeded = run([*under, *command], {**(env or {}), "CK_TAP_LOG_FILE_NAME": report.name},
                        timeout)
        with open(report.name, errors="replace") as text:
            return judge(command, succeeded, *tap(text.read()))


def run_junit(command, option, env=None, timeout=TESTS_SECONDS):
    """A program that writes a JUnit report where the option says."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.xml")
        # Swift Testing writes a report of its own beside the one of XCTest.
        reports = [report, os.path.join(folder, "report-swift-testing.xml")]
        succeeded = run([*command, *option, report], env, timeout)
        return judge(command, succeeded, *junit(reports))


def run_plain(command, passed=1):
    good = run(command)
    return Tally(passed=passed if good else 0, failed=int(not good))


KINDS = {
    "plain": run_plain,
    "step": lambda command: run_plain(command, passed=0),
    "check": run_check,
    "pytest": lambda command: run_junit(command, ["-o", "junit_family=xunit2", "--junit-xml"]),
    "swift": lambda command: run_junit(command, ["--xunit-output"]),
}


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    tally = KINDS[sys.argv[1]](sys.argv[2:])
    print(tally)
    return 0 if tally.failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())

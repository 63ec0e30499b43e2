"""Running programs, and counting what their tests came to."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


PACKAGES = os.path.join("build", "python")


class MissingTool(Exception):
    """Something is not installed and cannot be."""


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def total(self):
        return self.passed + self.failed + self.skipped

    def __add__(self, other):
        return Tally(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def require(*needs):
    """Installs what is missing, or raises MissingTool with what to install."""
    done = subprocess.run(["scripts/require", *needs], stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise MissingTool(done.stderr.strip().splitlines()[-1])
    sys.stderr.write(done.stderr)


def require_swift():
    done = subprocess.run(["scripts/require-swift"], stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise MissingTool(done.stderr.strip())


def require_python(*packages):
    """Makes packages of PyPI importable: "MODULE:PACKAGE". They are installed in the build folder."""
    sys.path.insert(0, os.path.abspath(PACKAGES))
    missing = [need.partition(":")[2] for need in packages if not is_importable(need.partition(":")[0])]
    if not missing:
        return
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode:
        require("command=pip3:python3-pip")
    print(f"installing {' '.join(missing)}", file=sys.stderr)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", PACKAGES, *missing]
    if subprocess.run(command, capture_output=True).returncode:
        raise MissingTool(f"please install: pip install {' '.join(missing)}")


def is_importable(module):
    """Asked of a new Python, since this one remembers what it has not found."""
    probe = [sys.executable, "-c", f"import sys; sys.path.insert(0, {PACKAGES!r}); import {module}"]
    return subprocess.run(probe, capture_output=True).returncode == 0


def clang():
    """The clang of the Swift toolchain: the sanitizers come with it."""
    require_swift()
    swift = subprocess.run(
        ["sh", "-c", "readlink -f $(command -v swift)"], capture_output=True, text=True
    ).stdout.strip()
    found = os.path.join(os.path.dirname(swift), "clang")
    if not os.path.exists(found):
        raise MissingTool(f"no clang beside {swift}")
    return found


BUILD_SECONDS = 1800
TESTS_SECONDS = 1200  # of one program; generous, since what takes so long has hung
GRACE_SECONDS = 5


def processes_of(session):
    """What still runs of a session (setsid(2)), whatever its process group: pids and names."""
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
    """Kills what a program has left; their names."""
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
    """A program in a session of its own, which ends with it: what went wrong, or None."""
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


def run(command, env=None, timeout=BUILD_SECONDS):
    """Runs a program; True when it succeeded, in its time, and left nothing running.

    Its output is shown only when it did not.
    """
    # A file and no pipe, which would stay open as long as anybody has it.
    with tempfile.TemporaryFile() as output:
        wrong = run_in_session(command, env, timeout, output)
        if wrong:
            output.seek(0)
            text = output.read().decode(errors="replace")
            complain(f"failed: {' '.join(command)}: {wrong}\n{text[-20000:]}")
    return not wrong


def complain(text):
    """In one piece, since programs may run side by side."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def tap(text):
    """Counts the lines of a TAP report, and whether all that it announces are there."""
    lines = text.splitlines()
    passed = sum(line.startswith("ok ") for line in lines)
    failed = sum(line.startswith("not ok ") for line in lines)
    return Tally(passed, failed), f"1..{passed + failed}" in lines


def check_binary(path, env=None, *options, timeout=TESTS_SECONDS, under=()):
    """Runs a program of the Check framework; its TAP lines are counted.

    A program that ends before its report does, or runs no test, counts as one that failed. `under` is a
    command that runs it.
    """
    with tempfile.NamedTemporaryFile(suffix=".tap") as report:
        command = [*under, path, *options]
        good = run(command, {**(env or {}), "CK_TAP_LOG_FILE_NAME": report.name}, timeout)
        with open(report.name, errors="replace") as lines:
            tally, is_whole = tap(lines.read())
    if not is_whole or tally.total == 0:
        complain(f"failed: {' '.join(command)}: its report is not whole: {tally}")
        return tally + Tally(failed=1)
    return tally if good or tally.failed else tally + Tally(failed=1)


def suites_of(path, env):
    """How many suites a program of Check has that can run alone (main.c)."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        counted = subprocess.run([path, "--count"], env={**os.environ, **(env or {})},
                                 stdout=subprocess.PIPE, text=True, timeout=60)
        if counted.stdout.strip().isdigit():
            return int(counted.stdout)
    return 0


def check_binaries(paths, env=None, under=()):
    """Runs programs of Check suite by suite, some side by side: they wait more than they compute.

    `under` is a command that runs them, such as valgrind's.
    """
    tally, jobs = Tally(), []
    for path in paths:
        count = suites_of(path, env)
        jobs += [(path, str(nth)) for nth in range(count)]
        if count == 0:
            complain(f"failed: {path} --count: no suite")
            tally += Tally(failed=1)

    def run_job(job):
        path, nth = job
        return check_binary(path, env, "--suite", nth, under=under)

    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        return sum(pool.map(run_job, jobs), tally)


def junit(paths):
    """Counts what files in JUnit's format tell; one that is cut short is a failure."""
    tally = Tally()
    for path in filter(os.path.exists, paths):
        try:
            cases = list(ElementTree.parse(path).iter("testcase"))
        except ElementTree.ParseError as error:
            complain(f"failed: {path}: {error}")
            tally += Tally(failed=1)
            continue
        for case in cases:
            if case.find("failure") is not None or case.find("error") is not None:
                tally += Tally(failed=1)
            elif case.find("skipped") is not None:
                tally += Tally(skipped=1)
            else:
                tally += Tally(passed=1)
    return tally


def with_junit(command, reports, env=None, timeout=TESTS_SECONDS):
    """Runs a test program that writes reports.

    A failure that no report tells counts, too, and a success that none tells is none.
    """
    succeeded = run(command, env, timeout)
    tally = junit(reports)
    if succeeded and tally.total == 0:
        complain(f"failed: {' '.join(command)}: no test ran")
        succeeded = False
    return tally if succeeded or tally.failed else tally + Tally(failed=1)

"""Running programs, and counting what their tests came to."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
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


def run(command, env=None, timeout=1800):
    """Runs a program; True when it succeeded. Its output is shown only when it did not."""
    environment = {**os.environ, **(env or {})}
    try:
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, timeout=timeout,
        )
        output, succeeded = done.stdout, done.returncode == 0
    except subprocess.TimeoutExpired as late:
        output, succeeded = (late.stdout or b"") + b"\ntimed out", False
    if not succeeded:
        text = output.decode(errors="replace")
        print(f"failed: {' '.join(command)}\n{text[-20000:]}", flush=True)
    return succeeded


def check_binary(path, env=None):
    """Runs a program of the Check framework; its TAP lines are counted."""
    with tempfile.NamedTemporaryFile(suffix=".tap") as tap:
        succeeded = run([path], {**(env or {}), "CK_TAP_LOG_FILE_NAME": tap.name})
        lines = open(tap.name, errors="replace").read().splitlines()
    passed = sum(line.startswith("ok ") for line in lines)
    failed = sum(line.startswith("not ok ") for line in lines)
    return Tally(passed, failed + (0 if succeeded or failed else 1))


def junit(paths):
    """Counts what files in JUnit's format tell."""
    tally = Tally()
    for path in paths:
        if not os.path.exists(path):
            continue
        for case in ElementTree.parse(path).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                tally += Tally(failed=1)
            elif case.find("skipped") is not None:
                tally += Tally(skipped=1)
            else:
                tally += Tally(passed=1)
    return tally


def with_junit(command, reports, env=None):
    """Runs a test program that writes reports; a failure that no report tells counts, too."""
    succeeded = run(command, env)
    tally = junit(reports)
    return tally if succeeded or tally.failed else tally + Tally(failed=1)

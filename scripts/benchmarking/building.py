"""Builds the programs. One that cannot be built is left out, and the reason is told."""

import os
import subprocess
import sys

from testing.run import MissingTool, require, require_swift, run
from testing.suites import BUILD_ANEW, C_TOOLS

FOLDER = os.path.join("build", "bench")
PROGRAMS = os.path.join(FOLDER, "Benchmarks")
SWIFT_PACKAGE = os.path.join("Benchmarks", "Swift")
SWIFT_FOLDER = os.path.join(".build", "bench")
LAUNCH = os.path.join(PROGRAMS, "launch")
PACKAGES = os.path.join("build", "python")
PEERS = {"libuv": "library=libuv:libuv1-dev", "asio": "header=asio.hpp:libasio-dev"}


def build_c(names):
    """The programs in C and C++ by name, and why some are not there."""
    require(*C_TOOLS)
    reasons = {}
    for name in set(PEERS) & set(names):
        try:
            require(PEERS[name])
        except MissingTool as missing:
            reasons[name] = str(missing)
    built = [name for name in names if name not in reasons]
    targets = [f"{name}_benchmarks" for name in built]
    configure = ["cmake", "-S", ".", "-B", FOLDER, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                 "-DSPS_BUILD_BENCHMARKS=ON", "-DSPS_BUILD_TESTS=OFF", "-DSPS_BUILD_EXAMPLES=OFF"]
    if not run(configure) or not run(["cmake", "--build", FOLDER, "--target", "launch", *targets]):
        raise SystemExit(1)
    return {name: os.path.join(PROGRAMS, f"{name}_benchmarks") for name in built}, reasons


def build_swift(names):
    """The programs in Swift by name, and why some are not there."""
    command = ["swift", "build", "-c", "release", *BUILD_ANEW, "--package-path", SWIFT_PACKAGE,
               "--scratch-path", SWIFT_FOLDER, "--product"]
    programs, reasons = {}, {}
    for name in names:
        try:
            require_swift()
            require("command=git:git")
        except MissingTool as missing:
            reasons[name] = str(missing)
            continue
        if run([*command, f"{name}_benchmarks"]):
            programs[name] = os.path.join(SWIFT_FOLDER, "release", f"{name}_benchmarks")
        else:
            reasons[name] = "its package did not build, see above"
    return programs, reasons


def build(names):
    """The programs of implementations by name, and why some are not there."""
    swift_names = [name for name in names if name in ("swift", "nio")]
    programs, reasons = build_c([name for name in names if name not in swift_names])
    swift_programs, swift_reasons = build_swift(swift_names)
    return {**programs, **swift_programs}, {**reasons, **swift_reasons}


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

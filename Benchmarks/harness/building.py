"""Builds the programs. One that cannot be built is left out, and the reason is told."""

import os

from testing.guard import run
from testing.suites import setup

from .works import AWAITED

FOLDER = os.path.join("build", "bench")
PROGRAMS = os.path.join(FOLDER, "Benchmarks")
SWIFT_PACKAGE = os.path.join("Benchmarks", "Swift")
SWIFT_FOLDER = os.path.join(".build", "bench")
LAUNCH = os.path.join(PROGRAMS, "launch")
COUNTS_ALLOCATIONS = os.path.join(PROGRAMS, "liballocations.so")
TLS_FOLDER = os.path.join(FOLDER, "tls")  # the certificate of the rows of TLS
# With its cached plan Swift 6.3.1 stops at "unknown build description" when a source has changed.
BUILD_ANEW = ("--disable-build-manifest-caching",)
PEERS = ("libuv", "asio")
SWIFT = ("swift", "nio", *AWAITED)


def build_c(names):
    """The programs in C and C++ by name, and why some are not there."""
    if missing := setup("core"):
        raise SystemExit(missing)
    missing = {name: setup(name) for name in set(PEERS) & set(names)}
    reasons = {name: reason for name, reason in missing.items() if reason}
    built = [name for name in names if name not in reasons]
    targets = [f"{name}_benchmarks" for name in built]
    configure = ["cmake", "-S", ".", "-B", FOLDER, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                 "-DSPS_BUILD_BENCHMARKS=ON", "-DSPS_BUILD_EXAMPLES=OFF"]
    build = ["cmake", "--build", FOLDER, "--target", "launch", "allocations", *targets]
    if not run(configure) or not run(build):
        raise SystemExit(1)
    return {name: os.path.join(PROGRAMS, f"{name}_benchmarks") for name in built}, reasons


def make_certificate():
    """A certificate and its key for the programs, which are servers. Nobody verifies it."""
    if missing := setup("command=openssl:openssl"):
        raise SystemExit(missing)
    os.makedirs(TLS_FOLDER, exist_ok=True)
    made = run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-subj", "/CN=bench", "-days", "30",
                "-keyout", os.path.join(TLS_FOLDER, "key.pem"),
                "-out", os.path.join(TLS_FOLDER, "certificate.pem")])
    if not made:
        raise SystemExit(1)


def build_swift(names):
    """The programs in Swift by name, and why some are not there."""
    command = ["swift", "build", "-c", "release", *BUILD_ANEW, "--package-path", SWIFT_PACKAGE,
               "--scratch-path", SWIFT_FOLDER, "--product"]
    programs, reasons = {}, {}
    missing = setup("demo") if names else None
    for name in names:
        if missing:
            reasons[name] = missing
        elif run([*command, f"{name}_benchmarks"]):
            programs[name] = os.path.join(SWIFT_FOLDER, "release", f"{name}_benchmarks")
        else:
            reasons[name] = "its package did not build, see above"
    return programs, reasons


def build(names):
    """The programs of implementations by name, and why some are not there."""
    swift_names = [name for name in names if name in SWIFT]
    programs, reasons = build_c([name for name in names if name not in swift_names])
    swift_programs, swift_reasons = build_swift(swift_names)
    return {**programs, **swift_programs}, {**reasons, **swift_reasons}

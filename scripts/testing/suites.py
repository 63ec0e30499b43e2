"""The suites: which preset of CMakePresets.json each builds, and which labels of CTest it runs."""

import contextlib
import itertools
import json
import os
import re
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

from . import wine
from .guard import Tally, run, run_in_session

BUILD_SECONDS = 1800
SOAK_ENDS_SECONDS = 600  # for what comes before and after its minutes
MAY_INSTALL = True
LAST_LINES = 15  # of a failed test, for the end of a long log
FAILURES = []  # one text for each failed test of CTest
OPTIONS = {}  # what the command line says of simulate, soak and mutation


@dataclass
class Suite:
    name: str
    group: str  # quick, thorough, or by name
    summary: str
    # Of CTest, and what it is configured and built with. More than one in a tuple.
    preset: str | tuple = "dev"
    labels: str = ""  # of CTest; empty: the name
    targets: tuple = ("all",)  # of CMake; "preset": those of its preset for builds
    program: tuple = ()  # runs in place of CTest
    variable: str = ""  # of the environment: names a program that no script installs

    @property
    def presets(self):
        return (self.preset,) if isinstance(self.preset, str) else self.preset


CHECK = ("check_programs",)
PYTHON = "python3"
# Other processors and another libc, which this machine runs or emulates. The first are those that
# differ most: 32 bits with musl, ARM, and a big-endian one.
EMULATED = ("linux-musl-x86", "linux-aarch64", "linux-s390x")
EMULATED_MORE = ("linux-musl", "linux-armhf", "linux-riscv64")
WINDOWS = "windows-mingw"
# scripts/foreign builds the tests' libraries for these.
FOREIGN = (*EMULATED, *EMULATED_MORE, WINDOWS)
TABLE = [
    Suite("style", "quick", "code is formatted; folders of the core include only lower ones",
          targets=()),
    Suite("headers", "quick", "each public header alone, C99 and C++17, gcc and clang", targets=()),
    Suite("core", "quick", "the C core and the C++ header", targets=CHECK),
    Suite("faults", "quick", "each call to the OS fails in each way, and each allocation",
          targets=("fault_tests",)),
    Suite("simulation", "quick", "the core on the simulated network, and that itself",
          targets=("simulation_tests", "core_simulated_tests",
                   "platform_contract_simulated_tests")),
    Suite("simulate", "quick", "random scenarios against a model; --seeds N, --seed FIRST",
          targets=("simulate",)),
    Suite("model", "quick", "every order of events of a stream in a poller (Spin)", targets=()),
    Suite("swift", "quick", "the Swift module", targets=()),
    Suite("programs", "quick", "the tool, demo, README and these scripts"),
    Suite("mutants", "quick", "the mutation run makes mutants, and notices them", targets=()),
    Suite("peers", "quick", "against redis-server, socat and Godot 3"),
    Suite("gzip", "quick", "the library for gzip: transformers, filters, faults, bombs",
          targets=("gzip_tests",)),
    Suite("gzip-large", "thorough", "gzip: a gibibyte through 64 KiB, and ten of zeros", "release",
          targets=("gzip_large_tests",)),
    Suite("tls", "quick", "TLS: against itself, OpenSSL, GnuTLS, haproxy, nginx, curl and others",
          targets=("tls_tests", "tls_simulated_tests", "tls_fault_tests", "tls_lab")),
    Suite("godot-extension", "quick", "the extension for Godot, in a strict stand-in for Godot",
          targets=("godot_extension_tests", "godot_registrations")),
    Suite("godot", "quick", "the extension in a real Godot, which GODOT4 names",
          targets=("streampeersocket_godot",), variable="GODOT4"),
    Suite("release", "thorough", "core, faults and simulation, optimized as users get them",
          "release",
          "core|faults|simulation|gzip", CHECK),
    Suite("portable", "thorough", "the C core on the platform side that any Unix could use",
          "portable",
          "core", CHECK),
    Suite("emulated", "thorough", "core, faults and simulation: musl, 32 bits, ARM, s390x",
          EMULATED, "core|faults|simulation", ("preset",)),
    Suite("windows", "thorough", "core, faults and simulation on Windows, under wine", WINDOWS,
          "core|faults|simulation|simulate", (*CHECK, "simulate")),
    Suite("cross", "thorough", "macOS, iOS and the BSDs: all compiles and links; exports, releases",
          targets=()),
    Suite("hosts", "thorough", "programs of others: how they build, and what they include first",
          "release"),
    Suite("install", "thorough", "the installed library, as build systems and SwiftPM find it",
          "release"),
    Suite("abi", "thorough", "the ABI is the baseline's, old programs run, the files are hardened",
          "release"),
    Suite("examples", "thorough", "the programs in Examples, and how they end"),
    Suite("packages", "thorough", "Debian, Meson, Conan and vcpkg packages, built and used",
          "release"),
    Suite("benchmarks", "thorough", "scripts/bench measures what it is asked to", targets=()),
    Suite("connect", "thorough", "names, racing, cancelling, cut links: in networks of its own"),
    Suite("environments", "thorough", "seccomp, no /proc, few descriptors, fork, dlclose, names"),
    Suite("growth", "thorough", "twice the work costs about twice the instructions (valgrind)",
          "release"),
    Suite("docs", "thorough", "each public symbol has a page: DocC and doxygen, no warning"),
    Suite("crowd", "thorough", "a poller with 9,000 peers, or 5,000 with TLS; killed processes",
          "release"),
    Suite("realtime", "thorough", "warm paths neither allocate nor lock nor block", "realtime",
          targets=("realtime_lab",)),
    Suite("sanitize-core", "thorough", "core, under the address and undefined sanitizers", "asan",
          "core|faults|simulation|gzip|tls|godot-extension", CHECK),
    Suite("sanitize-memory", "thorough", "what of core is C, under the memory sanitizer", "msan",
          "core|faults|simulation", CHECK),
    Suite("sanitize-thread", "thorough", "core and cancelling, under the thread sanitizer (gcc)",
          "tsan", "core|connect"),
    Suite("stress", "thorough", "2,000 connections and 100,000 tasks, under the thread sanitizer",
          "tsan", targets=()),
    Suite("sanitize-swift", "thorough", "swift, sanitized: Swift for addresses, C for both", "asan",
          "swift", targets=()),
    Suite("sanitize-programs", "thorough", "programs, peers, connect and crowd, sanitized", "asan",
          "programs"),
    Suite("emulated-more", "by name", "the same on musl with 64 bits, 32-bit ARM and RISC-V",
          EMULATED_MORE, "core|faults|simulation", ("preset",)),
    Suite("coverage", "by name", "the branches of the C core that the C and C++ tests take",
          program=(PYTHON, "scripts/testing/coverage.py")),
    Suite("soak", "by name", "an hour of processes that talk, and some are killed; --minutes M",
          targets=("soak_lab",), program=(PYTHON, "Tests/SystemTests/soak.py")),
    Suite("tool-package", "by name", "the Debian package of the tool, built with Swift",
          targets=()),
    Suite("mutation", "by name", "small changes of the C core, one by one; --mutants N, --seed S",
          targets=CHECK, program=(PYTHON, "Tests/Mutation/mutation.py")),
    Suite("valgrind", "by name", "the C tests of core, under valgrind's memcheck", "valgrind",
          "core", ("core_public_tests", "core_internal_tests")),
    Suite("sanitize-swift-thread", "by name", "swift, under the thread sanitizer", "tsan", "swift",
          targets=()),
]
ALL = {suite.name: suite for suite in TABLE}
# A preset of tests that is configured and built as another preset.
CONFIGURED = {"valgrind": "release"}


def choose(names):
    groups = {"thorough"} if "thorough" in names else set() if names else {"quick"}
    return [suite for suite in TABLE if suite.name in names or suite.group in groups]


# ---- Building

def setup(*names, install=True):
    """Installs the tools of suites where it may. Returns what is still missing, or None."""
    if install and MAY_INSTALL and subprocess.run(["scripts/setup", *names]).returncode == 0:
        return None
    looked = subprocess.run(["scripts/setup", "--no-install", *names], stderr=subprocess.PIPE,
                            text=True)
    return looked.stderr.strip() if looked.returncode else None


def configure(preset, anew=True):
    folder = os.path.join("build", CONFIGURED.get(preset, preset))
    if preset in FOREIGN and not run(["scripts/foreign", preset], timeout=BUILD_SECONDS):
        return False
    # A cache that was made with another compiler makes CMake start over and forget the options, the
    # sanitizer among them.
    if anew:
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(folder, "CMakeCache.txt"))
    elif os.path.exists(os.path.join(folder, "build.ninja")):
        # CMake's files may have changed.
        return run(["cmake", "--build", folder, "--target", "build.ninja"])
    return run(["cmake", "--preset", os.path.basename(folder)])


def build(preset, targets):
    if not targets:
        return True
    folder = os.path.join("build", CONFIGURED.get(preset, preset))
    print(f"building {folder}: {' '.join(targets)}", flush=True)
    command = ["cmake", "--build", folder, "--target", *targets]
    if "preset" in targets:
        command = ["cmake", "--build", "--preset", preset]
    return run(command, timeout=BUILD_SECONDS)


# ---- Running

def tally_of(case):
    """The tally of a test of CTest: what guard.py has counted, or one."""
    output = case.findtext("system-out") or ""
    counted = re.findall(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", output, flags=re.M)
    tally = Tally(*map(int, counted[-1])) if counted else Tally()
    if case.get("status") != "run":
        return tally if tally.failed else tally + Tally(failed=1)
    return tally if counted else Tally(passed=1)


def read_labels(*command):
    """The label of each test of CTest, by name."""
    listed = subprocess.run([*command, "--show-only=json-v1"], stdout=subprocess.PIPE)
    tests = json.loads(listed.stdout)["tests"] if listed.returncode == 0 else []
    return {test["name"]: each["value"][0] for test in tests for each in test["properties"]
            if each["name"] == "LABELS"}


def read_report(path, labels):
    """The tallies by label of a JUnit report of CTest; None if it is cut short."""
    tallies = {}
    try:
        for case in ElementTree.parse(path).iter("testcase"):
            label = labels.get(case.get("name"), "others")
            tallies[label] = tallies.get(label, Tally()) + tally_of(case)
    except (OSError, ElementTree.ParseError):
        return None
    return tallies


def left_out(preset, path):
    """What a foreign system does not run, and why: lines of the build, and of the tests' output."""
    lines = set()
    with contextlib.suppress(OSError), open(f"build/{preset}/left-out.txt") as text:
        lines.update(line.rstrip("\n") for line in text)
    with contextlib.suppress(OSError, ElementTree.ParseError):
        for case in ElementTree.parse(path).iter("testcase"):
            output = case.findtext("system-out") or ""
            lines.update(re.findall(r"^skipped: .*$", output, flags=re.M))
    return sorted(lines)


def last_words(preset, path):
    """How each test that failed ends: texts."""
    with contextlib.suppress(OSError, ElementTree.ParseError):
        for case in ElementTree.parse(path).iter("testcase"):
            if case.get("status") != "run":
                lines = (case.findtext("system-out") or "").strip().splitlines()
                yield "\n".join([f"-- failed: {case.get('name')} on {preset}",
                                 *lines[-LAST_LINES:]])


def run_ctest(preset, labels, *options):
    """Runs tests of CTest side by side, because they mostly wait. Returns tallies by label."""
    command = ["ctest", "--preset", preset, "-L", f"^({labels})$", *options]
    # Sanitized tests compute more, and others' deadlines must not suffer from it. A tool that
    # makes tests slow has longer deadlines.
    processors = os.cpu_count() or 1
    beside = processors * 3 if preset in FOREIGN else processors + (2 if preset == "dev" else 1)
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.xml")
        done = subprocess.run([*command, "-j", str(beside), "--output-junit", report])
        tallies = read_report(report, read_labels(*command))
        FAILURES.extend(last_words(preset, report))
        for line in left_out(preset, report) if preset in FOREIGN else ():
            print(f"{preset}: {line}")
    if tallies is None or (done.returncode and not any(each.failed for each in tallies.values())):
        print(f"failed: {' '.join(command)}: exit status {done.returncode}")
        tallies = {**(tallies or {}), "ctest": Tally(failed=1)}
    return tallies


def arguments_of(suite):
    """The arguments and the seconds of a program that runs in place of CTest."""
    seed = OPTIONS.get("seed") or os.environ.get("SPS_SEED", "1")
    if suite.name == "soak":
        minutes = OPTIONS.get("minutes") or os.environ.get("SPS_SOAK_MINUTES", "60")
        return ["--minutes", minutes, "--seed", seed], float(minutes) * 60 + SOAK_ENDS_SECONDS
    if suite.name == "mutation":
        return ["--mutants", OPTIONS.get("mutants") or "400", "--seed", seed], 6 * 3600
    return [], 3600


def run_program(suite):
    """Shows what the program prints while it runs. It is one test."""
    options, seconds = arguments_of(suite)
    env = {"SPS_BUILD": os.path.abspath("build/dev"), "PYTHONPATH": "scripts:build/python"}
    wrong = run_in_session([*suite.program, *options], env, seconds, None)
    if wrong:
        print(f"failed: {' '.join(suite.program)}: {wrong}")
    return Tally(passed=int(not wrong), failed=int(bool(wrong)))


def run_seeds():
    """`simulate` with options of its own: each processor has its share of the seeds."""
    first = int(OPTIONS.get("seed") or 1000)
    count = int(OPTIONS.get("seeds") or (1 if OPTIONS.get("seed") else 2000))
    flags = [f"--{name}" for name in ("trace", "faults") if OPTIONS.get(name)]
    processors = min(os.cpu_count() or 1, count)
    shares = [first + count * nth // processors for nth in range(processors + 1)]
    simulate = "build/dev/Tests/CSocketSimulationTests/simulate"
    commands = ([simulate, "--seed", str(begin), "--seeds", str(end - begin), *flags]
                for begin, end in itertools.pairwise(shares))
    programs = [subprocess.Popen(command) for command in commands]
    failed = sum(program.wait() != 0 for program in programs)
    return Tally(passed=len(programs) - failed, failed=failed)


def run_preset(preset, chosen):
    """The tallies by name of suites that one preset builds."""
    targets = sorted({target for suite in chosen for target in suite.targets})
    if not configure(preset) or not build(preset, ["all"] if "all" in targets else targets):
        return {suite.name: Tally(failed=1) for suite in chosen}
    tallies = {suite.name: run_program(suite) for suite in chosen if suite.program}
    if any(OPTIONS.get(name) for name in ("seeds", "seed", "trace", "faults")):
        tallies.update({suite.name: run_seeds() for suite in chosen if suite.name == "simulate"})
    chosen = [suite for suite in chosen if suite.name not in tallies]
    if not chosen:
        return tallies
    labels = {suite.name: suite.labels or suite.name for suite in chosen}
    only = ["-R", "^core_(public|internal)_tests"] if preset == "valgrind" else []
    found = run_ctest(preset, "|".join(labels.values()), *only)
    for name, label in labels.items():
        mine = [found.pop(each) for each in label.split("|") if each in found]
        tallies[name] = sum(mine, Tally())
        if tallies[name].total == 0:
            print(f"failed: {name}: no test ran")
            tallies[name] = Tally(failed=1)
    # What is left is a build that a test needs.
    return {**tallies, **{label: tally for label, tally in found.items() if tally.failed}}


def skip(name, missing):
    """What tests come to whose tools are missing: a failure in continuous integration."""
    print(f"skipped: {name}: {missing}")
    return Tally(failed=1) if os.environ.get("CI") == "true" else Tally(skipped=1)


def run_suites(chosen):
    """Runs suites, those of one preset together; prints what each came to. Their sum."""
    tallies, start, ready = {}, time.monotonic(), []
    is_short = setup(*[suite.name for suite in chosen])
    for suite in chosen:
        missing = is_short and setup(suite.name, install=False)
        if suite.variable and not os.environ.get(suite.variable):
            print(f"skipped: {suite.name}: {suite.variable} names no program, so nothing ran")
            tallies[suite.name] = Tally(skipped=1)
        elif missing:
            tallies[suite.name] = skip(suite.name, missing)
        else:
            ready.append(suite)
    for preset in dict.fromkeys(preset for suite in ready for preset in suite.presets):
        began = time.monotonic()
        with wine.running() if preset == WINDOWS else contextlib.nullcontext():
            found = run_preset(preset, [suite for suite in ready if preset in suite.presets])
        for name, tally in found.items():
            if preset in FOREIGN:
                print(f"-- {name} on {preset}: {tally}", flush=True)
            tallies[name] = tallies.get(name, Tally()) + tally
        print(f"-- {preset}: {time.monotonic() - began:.0f} s", flush=True)
    print(*FAILURES, sep="\n")
    for name, tally in tallies.items():
        print(f"-- {name}: {tally}")
    print(f"{time.monotonic() - start:.0f} s")
    return sum(tallies.values(), Tally())

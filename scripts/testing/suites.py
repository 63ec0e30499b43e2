"""The suites, in the order in which they run."""

import contextlib
import glob
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Callable

from .run import (
    TESTS_SECONDS, MissingTool, Tally, check_binaries, clang, require, require_python, require_swift,
    run, with_junit,
)

C_TOOLS = (
    "command=cc:build-essential", "command=c++:build-essential", "command=cmake:cmake",
    "command=ninja:ninja-build", "command=pkg-config:pkg-config",
)
C_TEST_TOOLS = C_TOOLS + ("library=check:check", "library=jansson:libjansson-dev")
PEERS = (
    "command=redis-server:redis-server", "command=socat:socat",
    "command=godot3-server:godot3-server",
)
NETWORKS = ("command=ip:iproute2", "command=dnsmasq:dnsmasq-base")
# A failed allocation is a case of ours; an unknown leak ends the process that has it.
SANITIZER_ENV = {
    "ASAN_OPTIONS": "allocator_may_return_null=1:detect_leaks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "allocator_may_return_null=1",
    "MSAN_OPTIONS": "allocator_may_return_null=1",
    "CK_TIMEOUT_MULTIPLIER": "5",  # of Check: a test's time, when everything is slower
}


@dataclass
class Suite:
    name: str
    summary: str
    run: Callable[[], Tally]


def cmake_build(folder, *options, targets=("all",)):
    """Configures and builds; True when both went well. A run after the first builds what changed."""
    require(*C_TEST_TOOLS)
    # A cache that was made with another compiler makes CMake start over and forget the options, the
    # sanitizer among them.
    with contextlib.suppress(FileNotFoundError):
        os.remove(os.path.join(folder, "CMakeCache.txt"))
    configure = ["cmake", "-S", ".", "-B", folder, "-G", "Ninja", "-DSPS_BUILD_TESTS=ON",
                 "-DSPS_WARNINGS_AS_ERRORS=ON"]
    return run([*configure, *options]) and run(["cmake", "--build", folder, "--target", *targets])


def clang_build(folder, sanitizers, *options, targets=("all",)):
    """With clang, whose sanitizers come with their own linker."""
    compiler = clang()
    return cmake_build(
        folder, f"-DCMAKE_C_COMPILER={compiler}", f"-DCMAKE_CXX_COMPILER={compiler}++",
        "-DCMAKE_BUILD_TYPE=Debug", f"-DSPS_SANITIZE={sanitizers}",
        "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld", "-DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=lld",
        *options, targets=targets,
    )


def sanitized_cmake_build():
    return clang_build("build/sanitize", "address,undefined")


CORE = ("cpp_header_tests", "core_public_tests", "core_internal_tests", "syscall_tests")
SIMULATION = ("simulation_tests", "core_simulated_tests")


def checked(folder, names, env=None, under=()):
    """Programs of Check, of which some run at once: those that take longest come first."""
    tests = os.path.join(folder, "Tests")
    found = [os.path.join(tests, "CSocketSimulationTests" if name in SIMULATION else
                          "CSocketCoreTests", name) for name in names]
    return check_binaries(found, env, under)


def core_tests(folder, env=None):
    return checked(folder, CORE, env) + replays(folder, env)


def fuzzers():
    return sorted(os.path.basename(os.path.dirname(seeds)) for seeds in glob.glob("Fuzz/corpus/*/"))


def replays(folder, env=None):
    """What the fuzzers begin with, and have found."""
    tally = Tally()
    for name in fuzzers():
        program = os.path.join(folder, "Fuzz", f"replay_{name}")
        good = run([program, *sorted(glob.glob(f"Fuzz/corpus/{name}/*"))], env)
        tally += Tally(passed=int(good), failed=int(not good))
    return tally


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", *patterns], capture_output=True, text=True)
    return listed.stdout.split()


def style():
    """The formatters have nothing to change."""
    require("command=clang-format:clang-format", "command=git:git")
    require_swift()
    c_files = tracked("*.c", "*.h", "*.hpp", "*.cpp")
    results = (
        run(["clang-format", "--dry-run", "-Werror", *c_files]),
        run(["swift", "format", "lint", "--strict", *tracked("*.swift")]),
    )
    return Tally(passed=sum(results), failed=len(results) - sum(results))


TESTING_HEADERS = "Sources/CSocketSimulation/include"


def header_compiles(compiler, standard, header):
    """A file of its own that includes it twice: alone, and guarded."""
    flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-Iinclude",
             f"-I{TESTING_HEADERS}"]
    root = TESTING_HEADERS if header.startswith(TESTING_HEADERS) else "include"
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "alone.c" if standard == "c99" else "alone.cpp")
        with open(name, "w") as source:
            source.write(f'#include "{os.path.relpath(header, root)}"\n' * 2 + "extern int x;\n")
        return run([compiler, f"-std={standard}", *flags, name])


def headers():
    """Each public header alone, as C99 and as C++17, with every warning an error."""
    require(*C_TOOLS)
    swift_clang = clang()
    c_headers = glob.glob("include/streampeersocket/*.h") + glob.glob(f"{TESTING_HEADERS}/*/*.h")
    cpp_headers = glob.glob("include/**/*.hpp", recursive=True)
    jobs = [(compiler, "c99", header)
            for compiler in ("gcc", swift_clang) for header in c_headers]
    jobs += [(compiler, "c++17", header)
             for compiler in ("g++", f"{swift_clang}++") for header in c_headers + cpp_headers]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        good = sum(pool.map(lambda job: header_compiles(*job), jobs))
    return Tally(passed=good, failed=len(jobs) - good)


def core():
    if not cmake_build("build/test", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"):
        return Tally(failed=1)
    return core_tests("build/test")


def faults():
    if not cmake_build("build/test", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"):
        return Tally(failed=1)
    return checked("build/test", ["fault_tests"])


def simulation():
    if not cmake_build("build/test", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"):
        return Tally(failed=1)
    return checked("build/test", SIMULATION)


@dataclass
class Seeds:
    """What `scripts/test simulate` runs; its options change it."""

    count: int = 2000
    first: int = 1000
    trace: bool = False
    faults: bool = False


SEEDS = Seeds()


def simulate():
    """Each processor has its share of the seeds; one that fails prints the end of its trace."""
    if not cmake_build("build/test", "-DCMAKE_BUILD_TYPE=RelWithDebInfo", targets=["simulate"]):
        return Tally(failed=1)
    program = os.path.join("build", "test", "Tests", "CSocketSimulationTests", "simulate")
    processors = min(os.cpu_count() or 1, SEEDS.count)
    runs = []
    for i in range(processors):
        begin, end = (SEEDS.first + SEEDS.count * n // processors for n in (i, i + 1))
        options = ["--trace"] * SEEDS.trace + ["--faults"] * SEEDS.faults
        command = [program, "--seed", str(begin), "--seeds", str(end - begin), *options]
        runs.append(subprocess.Popen(command, stdout=None if SEEDS.trace else subprocess.PIPE))
    return sum((seeds_done(each) for each in runs), Tally())


def seeds_done(program):
    """The tally of a program that runs seeds. A scenario takes milliseconds; its faults, a second."""
    try:
        output, _ = program.communicate(timeout=TESTS_SECONDS + SEEDS.count)
    except subprocess.TimeoutExpired:
        program.kill()
        output, _ = program.communicate()
        print(f"failed: {' '.join(program.args)}: hangs")
    if not SEEDS.trace:
        print(output.decode(errors="replace")[-20000:], end="")
    good = program.returncode == 0
    return Tally(passed=int(good), failed=int(not good))


def portable():
    """The side of the platform that any Unix could use, on this one."""
    options = ("-DSPS_PLATFORM=bsd", "-DSPS_BUILD_EXAMPLES=OFF")
    if not cmake_build("build/portable", *options):
        return Tally(failed=1)
    return core_tests("build/portable", {"SPS_PORTABLE": "1"})


# With its cached plan Swift 6.3.1 stops at "unknown build description" when a source has changed.
BUILD_ANEW = ("--disable-build-manifest-caching",)


def swift_tests(scratch, *options, env=None):
    require_swift()
    require("command=cc:build-essential", "command=git:git")
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.xml")
        # Swift Testing writes a report of its own beside the one of XCTest.
        reports = [report, os.path.join(folder, "report-swift-testing.xml")]
        # Nothing here uses XCTest, whose runner leaks by itself.
        command = ["swift", "test", "--disable-xctest", *BUILD_ANEW, "--scratch-path", scratch,
                   "--xunit-output", report]
        return with_junit([*command, *options], reports, env)


def swift():
    return swift_tests(".build")


def pytest():
    """A python that has pytest: this one, or the one that Debian's package belongs to."""
    for python in (sys.executable, "/usr/bin/python3"):
        probe = subprocess.run([python, "-c", "import pytest"], stderr=subprocess.DEVNULL)
        if probe.returncode == 0:
            return python
    require("command=py.test-3:python3-pytest")
    return "/usr/bin/python3"


def system_tests(cmake_folder, scratch, *files, env=None, only=None):
    python = pytest()
    tool = os.path.abspath(os.path.join(scratch, "debug", "streampeer"))
    paths = {"SPS_BUILD": os.path.abspath(cmake_folder), "SPS_TOOL": tool}
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.xml")
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
        command += ["-k", only] if only else []
        tests = [os.path.join("Tests", "SystemTests", name) for name in files]
        return with_junit([*command, *tests], [report], {**(env or {}), **paths})


# The tool, and what the system tests exchange values with.
SWIFT_PROGRAMS = ("streampeer", "variant_peer")


def swift_build(scratch, *options, products=SWIFT_PROGRAMS):
    require_swift()
    require("command=cc:build-essential", "command=git:git")
    command = ["swift", "build", *BUILD_ANEW, "--scratch-path", scratch, *options]
    return all(run([*command, "--product", name]) for name in products)


def build_plain():
    return cmake_build("build/test", "-DCMAKE_BUILD_TYPE=RelWithDebInfo") and swift_build(".build")


# What finds the places of mutants.
PARSER = ("tree_sitter:tree-sitter==0.26.1", "tree_sitter_c:tree-sitter-c==0.24.2")


def programs():
    require(*C_TOOLS)
    require_python(*PARSER)
    if not build_plain():
        return Tally(failed=1)
    return system_tests("build/test", ".build", "test_tool.py", "test_inspect.py",
                        "test_examples.py", "test_demo.py", "test_exchange.py", "test_abi.py",
                        "test_package.py", "test_readme.py", "test_scripts.py", "test_runner.py",
                        "test_mutation.py", "test_bench.py")


# Whose macros and whose builds are tried.
HOSTS = ("header=X11/Xlib.h:libx11-dev", "header=curses.h:libncurses-dev", "command=meson:meson")


def hosts():
    require(*C_TOOLS, *HOSTS)
    targets = ("streampeersocket", "streampeersocket_static", "streampeersocket_testing")
    if not cmake_build("build/test", "-DCMAKE_BUILD_TYPE=RelWithDebInfo", targets=targets):
        return Tally(failed=1)
    return system_tests("build/test", ".build", "test_hosts.py", env={"SPS_CLANG": clang()})


def peers():
    require(*PEERS)
    if not build_plain():
        return Tally(failed=1)
    return system_tests("build/test", ".build", "test_peers.py")


def connect():
    require(*NETWORKS)
    if not build_plain():
        return Tally(failed=1)
    return system_tests("build/test", ".build", "test_connect.py")


# Each is a file of tests of its own.
ENVIRONMENTS = ("test_environments.py", "test_fork.py", "test_names.py", "test_plugin.py")


def environments():
    require(*NETWORKS)
    if not cmake_build("build/test", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"):
        return Tally(failed=1)
    return system_tests("build/test", ".build", *ENVIRONMENTS)


def model():
    require(*C_TOOLS, "command=spin:spin")
    return system_tests("build/test", ".build", "test_models.py")


# Each is a file of tests that count.
GROWTH = ("test_growth.py",)


def growth():
    require("command=valgrind:valgrind", "command=strip:binutils")
    built = (cmake_build("build/test", "-DCMAKE_BUILD_TYPE=RelWithDebInfo")
             and swift_build(".build", products=("swift_growth",)))
    if not built:
        return Tally(failed=1)
    return system_tests("build/test", ".build", *GROWTH)


def finds_leaks(folder, env):
    """Whether the sanitizer looks for leaks at all here: a test that leaves memory must fail."""
    probe = os.path.join(folder, "Tests", "CSocketCoreTests", "runner_probe")
    done = subprocess.run([probe], env={**os.environ, **env, "CK_RUN_CASE": "memory"},
                          capture_output=True, timeout=TESTS_SECONDS)
    good = done.returncode != 0 and b"leaked" in done.stderr
    if not good:
        print(f"failed: {probe}: a leak was not found")
    return Tally(passed=int(good), failed=int(not good))


def sanitize_core():
    if not sanitized_cmake_build():
        return Tally(failed=1)
    folder, names = "build/sanitize", ("fault_tests", *CORE, *SIMULATION)
    return (finds_leaks(folder, SANITIZER_ENV) + checked(folder, names, SANITIZER_ENV)
            + replays(folder, SANITIZER_ENV))


def sanitize_memory():
    """All that is C alone: the C++ library is not built with this sanitizer, and syscall_tests puts its own
    calls in the place of the sanitizer's."""
    names = ("fault_tests", "core_public_tests", "core_internal_tests", *SIMULATION)
    if not clang_build("build/memory", "memory", "-DSPS_BUILD_EXAMPLES=OFF", "-DCMAKE_C_FLAGS=-O1",
                       targets=[*names, *(f"replay_{name}" for name in fuzzers())]):
        return Tally(failed=1)
    return checked("build/memory", names, SANITIZER_ENV) + replays("build/memory", SANITIZER_ENV)


SANITIZE_SCRATCH = os.path.join(".build", "sanitize")
# Swift itself has no undefined sanitizer on Linux; the C in it does, in the runtime of the other.
SWIFT_SANITIZE = (
    "--sanitize", "address", "-Xcc", "-fsanitize=undefined", "-Xcc", "-fno-sanitize-recover=all",
)


def sanitize_thread():
    """With gcc: the clang of the Swift toolchain cannot link this one for plain C."""
    require(*NETWORKS)
    options = ("-DCMAKE_C_COMPILER=gcc", "-DCMAKE_CXX_COMPILER=g++", "-DCMAKE_BUILD_TYPE=Debug",
               "-DSPS_SANITIZE=thread", "-DSPS_BUILD_EXAMPLES=OFF")
    if not cmake_build("build/thread", *options):
        return Tally(failed=1)
    tally = core_tests("build/thread", SANITIZER_ENV)
    return tally + system_tests("build/thread", ".build", "test_connect.py", env=SANITIZER_ENV,
                                only="cancels or closes")


def realtime():
    if not clang_build("build/realtime", "realtime", "-DSPS_BUILD_EXAMPLES=OFF",
                       targets=["realtime_lab"]):
        return Tally(failed=1)
    return system_tests("build/realtime", ".build", "test_realtime.py")


def crowd():
    if not cmake_build("build/test", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"):
        return Tally(failed=1)
    return system_tests("build/test", ".build", "test_poller.py", "test_soak.py")


def sanitize_swift():
    return swift_tests(SANITIZE_SCRATCH, *SWIFT_SANITIZE, env=SANITIZER_ENV)


def sanitize_programs():
    require(*PEERS, *NETWORKS)
    built = sanitized_cmake_build() and swift_build(SANITIZE_SCRATCH, *SWIFT_SANITIZE)
    if not built:
        return Tally(failed=1)
    files = ("test_tool.py", "test_inspect.py", "test_examples.py", "test_demo.py",
             "test_exchange.py", "test_peers.py", "test_connect.py", "test_poller.py",
             "test_soak.py")
    env = {**SANITIZER_ENV, "SPS_CROWD_PEERS": "2000", "SPS_CROWD_SECONDS": "5",
           "SPS_SOAK_MINUTES": "0.2"}
    return system_tests("build/sanitize", SANITIZE_SCRATCH, *files, env=env)


ALL = [
    Suite("style", "C, C++ and Swift are formatted", style),
    Suite("headers", "each public header alone, C99 and C++17, gcc and clang", headers),
    Suite("core", "the C core and the C++ header", core),
    Suite("faults", "each call to the OS fails in each way, and each allocation", faults),
    Suite("simulation", "the core on the simulated network, and that itself", simulation),
    Suite("simulate", "random scenarios against a model; --seeds N, --seed FIRST", simulate),
    Suite("model", "every order of what can happen to a stream in a poller (Spin)", model),
    Suite("portable", "the C core on the platform side that any Unix could use", portable),
    Suite("swift", "the Swift façade", swift),
    Suite("programs", "the tool, demo, examples, installing, benchmarks, these scripts", programs),
    Suite("hosts", "programs of others: how they build, and what they include first", hosts),
    Suite("peers", "against redis-server, socat and Godot 3", peers),
    Suite("connect", "names, racing, cancelling, cut links, closes: in networks of its own", connect),
    Suite("environments", "seccomp, no /proc, few descriptors, fork, dlclose, names", environments),
    Suite("growth", "twice the work costs about twice the instructions (valgrind)", growth),
    Suite("crowd", "a poller with 9,000 peers for a minute; processes that are killed", crowd),
    Suite("realtime", "warm paths neither allocate nor lock nor block", realtime),
    Suite("sanitize-core", "core, under the address and undefined sanitizers", sanitize_core),
    Suite("sanitize-memory", "what of core is C, under the memory sanitizer", sanitize_memory),
    Suite("sanitize-thread", "core and cancelling, under the thread sanitizer (gcc)", sanitize_thread),
    Suite("sanitize-swift", "swift, sanitized: Swift for addresses, C for both", sanitize_swift),
    Suite("sanitize-programs", "programs, peers and connect, sanitized", sanitize_programs),
]

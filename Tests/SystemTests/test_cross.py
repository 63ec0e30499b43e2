"""Systems of which nothing runs here: macOS, iOS and the BSDs.

The steps `cross.PRESET` of CTest have built everything for them, with warnings as errors. These
tests read the result: the exported symbols, the oldest release that has each imported one, and the
names and defences of the libraries.
"""

import os
import re

import pytest
from conftest import ROOT, VERSION, good
from testing import platforms

CORE, SIMULATED = "Tests/CSocketCoreTests", "Tests/CSocketSimulationTests"
PROGRAMS = (
    f"{CORE}/core_public_tests", f"{CORE}/core_internal_tests", f"{CORE}/fault_tests",
    f"{CORE}/platform_contract_tests", f"{SIMULATED}/core_simulated_tests",
    f"{SIMULATED}/simulation_tests", f"{SIMULATED}/simulate",
    "Examples/echo_client", "Examples/lobby_c", "Examples/network_test",
)
NOT_LINUX = "`syscall_tests` and tests in C++"
ROWS = {
    preset: platforms.row(target, preset, *cells) for target, preset, *cells in (
        ("macOS 13, arm64", "macos-arm64", "yes", "no", NOT_LINUX),
        ("macOS 13, x86-64", "macos-x86_64", "yes", "no", NOT_LINUX),
        ("iOS 16, arm64", "ios-arm64", "static libraries", "no",
         "tests: nothing to link with"),
        ("FreeBSD 14, x86-64", "freebsd-x86_64", "yes", "no", NOT_LINUX),
        ("OpenBSD, x86-64", "openbsd-x86_64", "yes", "no", NOT_LINUX),
        ("NetBSD 10, x86-64", "netbsd-x86_64", "yes", "no", NOT_LINUX),
    )}
DARWIN = [preset for preset in ROWS if preset.startswith("macos")]
BSDS = [preset for preset in ROWS if "bsd" in preset]
# The loader and the linker of zig look for these two.
OF_THE_LINKER = {"___dso_handle", "__mh_dylib_header"}


def build_of(preset):
    return os.path.join(ROOT, "build", preset)


def library_of(preset):
    name = "libstreampeersocket.dylib" if preset in DARWIN else "libstreampeersocket.so"
    return os.path.join(build_of(preset), name)


def tool(*command):
    return good(*command)


def mapped():
    with open(os.path.join(ROOT, "Sources/CSocketCore/streampeersocket.map")) as file:
        return set(re.findall(r"\b(sps_\w+);", file.read()))


def compiler_of(preset, tool):
    """The target of a preset, and a function that calls its compiler as CMake does."""
    with open(os.path.join(build_of(preset), "CMakeCache.txt")) as file:
        cache = dict(re.findall(r"^(\w+):\w+=(.*)$", file.read(), flags=re.M))
    folder = f"zig-{cache['SPS_ZIG_VERSION']}" if cache.get("SPS_ZIG_VERSION") else "zig"
    script = os.path.join(ROOT, "build", "foreign", folder, tool)

    def compiler(target, *arguments):
        good(script, f"--target={target}", *arguments)

    return cache["SPS_ZIG_TARGET"], compiler


@pytest.mark.parametrize("preset", [*DARWIN, *BSDS])
def test_the_library_the_tests_and_the_examples_are_linked(preset):
    for program in PROGRAMS:
        assert os.path.exists(os.path.join(build_of(preset), program)), program
    assert os.path.exists(library_of(preset))


@pytest.mark.parametrize("preset", ROWS)
def test_the_static_libraries_are_there(preset):
    for name in ("libstreampeersocket.a", "libstreampeersocket_testing.a"):
        symbols = tool("llvm-nm", "-g", "--defined-only", os.path.join(build_of(preset), name))
        assert re.search(r" [TDS] _?sps_\w+", symbols), name


@pytest.mark.parametrize("preset", [*DARWIN, *BSDS])
def test_the_exports_are_those_of_the_map(preset):
    options = ("-g",) if preset in DARWIN else ("-D",)
    listed = tool("llvm-nm", "--defined-only", *options, library_of(preset))
    names = set(re.findall(r"^\w+ [A-Z] ([^@\s]+)", listed, flags=re.M)) - OF_THE_LINKER
    prefix = "_" if preset in DARWIN else ""
    assert names - {"STREAMPEERSOCKET_0.1"} == {prefix + name for name in mapped()}


@pytest.mark.parametrize("preset", DARWIN)
def test_a_library_of_macos_says_its_names_and_releases(preset):
    headers = tool("llvm-objdump", "--macho", "--private-headers", library_of(preset))
    major = VERSION.split(".")[0]
    identity = re.search(r"LC_ID_DYLIB\n.*\n +name (\S+) .*\n.*\n +current version (\S+)\n"
                         r" *compatibility version (\S+)", headers)
    assert identity.groups() == (f"@rpath/libstreampeersocket.{major}.dylib", VERSION,
                                 f"{major}.0.0")
    assert re.search(r"LC_BUILD_VERSION\n.*\n +platform macos\n.*\n +minos 13\.0\n", headers)
    assert re.findall(r"LC_LOAD_DYLIB\n.*\n +name (\S+)", headers) == ["/usr/lib/libSystem.B.dylib"]
    assert "TWOLEVEL" in headers and "NOUNDEFS" in headers


@pytest.mark.parametrize("preset", BSDS)
def test_a_library_of_a_bsd_is_hardened(preset):
    said = tool("llvm-readobj", "-d", "-l", "-n", library_of(preset))
    major = VERSION.split(".")[0]
    assert f"Library soname: [libstreampeersocket.so.{major}]" in said
    needed = set(re.findall(r"NEEDED +Shared library: \[lib(\w+)", said))
    assert "c" in needed and needed <= {"c", "pthread", "thr"}, needed
    # The linker of zig 0.15.2 makes no such segment for NetBSD.
    assert ("PT_GNU_RELRO" in said) == (preset != "netbsd-x86_64")
    assert re.search(r"FLAGS_1? .*NOW|BIND_NOW", said)
    assert "TEXTREL" not in said
    assert re.search(r"NODELETE", said)
    stack = re.search(r"PT_GNU_STACK(?s:.*?)Flags \[ \(0x(\w)\)", said)
    assert stack is None or int(stack.group(1), 16) & 1 == 0  # OpenBSD has no such header


# Programs are linked for FreeBSD 14, because zig's start file needs it. A library has none.
def test_the_library_needs_no_symbol_newer_than_freebsd_13(tmp_path):
    target, compiler = compiler_of("freebsd-x86_64", "zig-cc")
    archive = os.path.join(build_of("freebsd-x86_64"), "libstreampeersocket_internal.a")
    assert target == "x86_64-freebsd.14.0"
    compiler("x86_64-freebsd.13.0", "-shared", "-Wl,--no-undefined", "-o", str(tmp_path / "all.so"),
             "-Wl,--whole-archive", archive, "-Wl,--no-whole-archive", "-lpthread")


@pytest.mark.parametrize("preset", [*DARWIN, *BSDS])
def test_the_cpp_headers_compile(preset, tmp_path):
    source = tmp_path / "headers.cpp"
    source.write_text("#include <streampeersocket.hpp>\n"
                      "int main() { sps::StreamPeerTCP peer; return peer.get_status(); }\n")
    target, compiler = compiler_of(preset, "zig-c++")
    compiler(target, "-std=c++17", "-Wall", "-Wextra", "-Werror", "-c", "-o",
             str(tmp_path / "headers.o"), "-I", os.path.join(ROOT, "include"), str(source))


def test_the_document_has_these_rows(capsys):
    with capsys.disabled():
        print("\n" + "\n".join(ROWS.values()))
    assert platforms.differences(ROWS, ROOT) == []

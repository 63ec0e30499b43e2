"""The add-on for Godot for every system. The step `cross.godot` of CTest has built it.

Nothing runs here. These tests read the libraries: what they export, what they need, and the oldest
release that has it.
"""

import re
from pathlib import Path

import pytest
from conftest import ROOT, good
from releasing import godot

FOLDER = Path(ROOT, "build", "godot", godot.FOLDER, "bin")
ENTRY = "sps_godot_initialize"
# The linker of zig adds these two.
OF_THE_LINKER = {"___dso_handle", "__mh_dylib_header"}
GLIBC = (2, 28)
DLLS = {"advapi32", "iphlpapi", "kernel32", "msvcrt", "ntdll", "ws2_32"}


def library(part):
    return next(path for path in FOLDER.iterdir() if part in path.name)


def test_each_system_has_its_library():
    assert {path.name for path in FOLDER.iterdir()} == {row.file for row in godot.TABLE.values()}


@pytest.mark.parametrize("part", ["linux.x86_64", "linux.arm64"])
def test_a_library_for_linux(part):
    listed = good("llvm-nm", "-D", "--defined-only", library(part))
    assert [line.split()[-1] for line in listed.splitlines()] == [ENTRY]
    said = good("llvm-readobj", "-d", "-l", "-V", library(part))
    needed = set(re.findall(r"NEEDED +Shared library: \[(?:lib)?([\w-]+)", said))
    assert needed <= {"c", "pthread", "ld-linux-aarch64"}
    versions = {tuple(map(int, each.split("."))) for each in re.findall(r"GLIBC_([\d.]+)", said)}
    assert versions and max(versions) <= GLIBC
    assert "PT_GNU_RELRO" in said and re.search(r"FLAGS_1? .*NOW|BIND_NOW", said)


def test_the_library_for_windows():
    exports = good("llvm-readobj", "--coff-exports", library("windows"))
    assert re.findall(r"Name: (\w+)$", exports, flags=re.M) == [ENTRY]
    imports = good("llvm-readobj", "--coff-imports", library("windows"))
    assert {each.lower() for each in re.findall(r"Name: (\S+)\.dll", imports, flags=re.I)} <= DLLS


def test_the_library_for_macos():
    both = library("macos")
    for processor in ("arm64", "x86_64"):
        listed = good("llvm-nm", f"--arch={processor}", "-g", "--defined-only", both)
        names = set(re.findall(r"^\w+ [A-Z] (\S+)$", listed, flags=re.M))
        assert names - OF_THE_LINKER == {f"_{ENTRY}"}
        headers = good("llvm-objdump", "--macho", f"--arch={processor}", "--private-headers", both)
        assert re.search(r"platform macos\n.*\n +minos 13\.0\n", headers)
        assert re.findall(r"LC_LOAD_DYLIB\n.*\n +name (\S+)", headers) == [
            "/usr/lib/libSystem.B.dylib"]
    # The processors of Apple run signed code only. The linker signs it.
    assert "LC_CODE_SIGNATURE" in good("llvm-objdump", "--macho", "--arch=arm64",
                                       "--private-headers", both)

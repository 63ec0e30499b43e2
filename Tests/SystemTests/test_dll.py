"""The DLL as a file: its exports, what it needs, and the defences of the linker."""

import glob
import os
import re

import pytest
from conftest import BUILD, ROOT, run

# Libraries that every Windows 10 has.
SYSTEM = {"advapi32.dll", "iphlpapi.dll", "kernel32.dll", "msvcrt.dll", "ntdll.dll", "ws2_32.dll"}
DEFENCES = ("HIGH_ENTROPY_VA", "DYNAMIC_BASE", "NX_COMPAT")


@pytest.fixture(scope="module")
def headers():
    paths = glob.glob(os.path.join(BUILD, "*streampeersocket-0.dll"))
    assert len(paths) == 1, "the name has the major version"
    status, out, err = run("x86_64-w64-mingw32-objdump", "-p", paths[0])
    assert status == 0, err
    return out.decode()


def test_the_exports_are_those_of_the_map(headers):
    with open(os.path.join(ROOT, "Sources/CSocketCore/streampeersocket.map")) as file:
        wanted = re.findall(r"^ +(sps_[a-z0-9_]+);", file.read(), flags=re.M)
    table = headers.split("[Ordinal/Name Pointer] Table", 1)[1].split("\n\n", 1)[0]
    exported = re.findall(r"^\s*\[ *\d+\] (?:\+base\[ *\d+\] +\w+ )?(\w+)$", table, flags=re.M)
    assert sorted(exported) == sorted(wanted) and len(wanted) > 100


def test_it_needs_windows_alone(headers):
    needed = {name.lower() for name in re.findall(r"DLL Name: (\S+)", headers)}
    assert needed <= SYSTEM and "ws2_32.dll" in needed


@pytest.mark.parametrize("defence", DEFENCES)
def test_windows_may_defend_it(headers, defence):
    assert re.search(rf"^\s+{defence}$", headers, flags=re.M)


def test_two_builds_may_be_alike(headers):
    assert re.search(r"^Time/Date\s.* (1970|1969)$", headers, flags=re.M)  # the local time of 0

"""The programs of an old release: an archive of its headers and public tests.

A clone may be shallow, and a package of a distribution has no history. So the archive holds
sources: the headers, and the tests of the C functions and of the C++ headers, as they were then.
"""

import io
import os
import re
import subprocess
import tarfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TESTS = os.path.join("Tests", "CSocketCoreTests")
FIXTURES = os.path.join("Tests", "StreamPeerSocketTests", "Fixtures")
PROGRAMS = {"core_public_tests": "c99", "cpp_header_tests": "c++17"}  # and their languages


def archive_of(number):
    return os.path.join(ROOT, "Tests", "ABI", f"programs-{number[0]}.{number[1]}.tar.xz")


# ---- Packing

def sources_of(program):
    """The sources of a test program, as CMakeLists.txt lists them."""
    with open(os.path.join(ROOT, TESTS, "CMakeLists.txt")) as file:
        listed = file.read()
    own = re.search(rf"add_suite\({program} \S+\n(.*?)\)", listed, flags=re.S)
    shared = re.search(r"set\(support (.*?)\)", listed, flags=re.S)
    return (own[1] + " " + shared[1]).split()


def table_of(sources):
    """The table of suites that CMake would write."""
    tests = [os.path.join(ROOT, TESTS, name) for name in sources if "support/" not in name]
    made = subprocess.run(
        ["cmake", "-D", f"SOURCES={';'.join(tests)}", "-D", "FILE=/dev/stdout", "-P",
         os.path.join(ROOT, "cmake", "ListSuites.cmake")], capture_output=True, text=True)
    if made.returncode or "suites[]" not in made.stdout:
        raise RuntimeError(f"no table of suites: {made.stderr}")
    return made.stdout


def contents():
    """The files of the archive: path and bytes."""
    files = {}

    def add(path, name):
        with open(os.path.join(ROOT, path), "rb") as file:
            files[name] = file.read()

    for folder, name in (("include", "include"), (FIXTURES, "Fixtures")):
        for place, _, found in os.walk(os.path.join(ROOT, folder)):
            for each in found:
                path = os.path.relpath(os.path.join(place, each), os.path.join(ROOT, folder))
                add(os.path.join(folder, path), os.path.join(name, path))
    for each in os.listdir(os.path.join(ROOT, TESTS, "support")):
        if each.endswith((".h", ".hpp")):
            add(os.path.join(TESTS, "support", each), os.path.join("tests", "support", each))
    for program in PROGRAMS:
        sources = sources_of(program)
        for each in sources:
            add(os.path.join(TESTS, each), os.path.join("tests", each))
        files[f"tests/{program}_table.c"] = table_of(sources).encode()
        files[f"tests/{program}.txt"] = "\n".join([*sources, f"{program}_table.c"]).encode()
    return files


def pack(path):
    """Writes the archive. The same tree makes the same bytes."""
    with tarfile.open(path, "w:xz", preset=9) as archive:
        for name, data in sorted(contents().items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def unpack(path, folder):
    with tarfile.open(path) as archive:
        archive.extractall(folder)

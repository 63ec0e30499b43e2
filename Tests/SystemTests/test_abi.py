"""The ABI: programs and libraries with headers of different releases.

A later release appends fields to structs. Here each public struct gains two fields. Programs of the
first release run with today's library and with such a later one. A program that knows the later
fields runs with today's library.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import BUILD, ROOT, run

sys.path.insert(0, os.path.join(ROOT, "Tests", "ABI"))
import programs

HEADERS = os.path.join(ROOT, "include")
CORE = os.path.join(ROOT, "Sources", "CSocketCore")
TESTS = os.path.join(ROOT, "Tests", "CSocketCoreTests")
SUITE_SECONDS = 240
# Suites of the first release that say nothing of the ABI. This one counts the work of inline code.
LEFT_OUT = {"cpp_variant_cost"}
FIRST = programs.archive_of((0, 1))
# The suites that fill, receive or pass structs. The others would only take time.
SUITES = ("bad_input", "memory_stream", "custom_stream", "custom_stream_partial_writes",
          "descriptors", "ip", "packets", "poller_events", "poller_members", "queries",
          "random_variants", "server", "hostile_input", "variant_reading", "variant_bad_input",
          "hostile_variants", "variant_writing", "godot_scalars")
STRUCT = re.compile(r"^typedef struct (sps_\w+) \{\n(.*?)^\} \1;", flags=re.S | re.M)
CPP = ("-std=gnu++17", "-fno-exceptions", "-fno-rtti")
LATER = "    uint64_t of_later;\n    const void *also_of_later;\n"


def structs():
    """The public structs that are not handles, and their members."""
    found = {}
    for header in glob.glob(os.path.join(HEADERS, "streampeersocket", "*.h")):
        for name, body in STRUCT.findall(open(header).read()):
            found[name] = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
    return found


def grow_headers(folder):
    """The headers, with two more fields in each struct."""
    shutil.copytree(HEADERS, folder)
    for header in glob.glob(os.path.join(folder, "streampeersocket", "*.h")):
        text = STRUCT.sub(rf"typedef struct \1 {{\n\2{LATER}}} \1;", open(header).read())
        with open(header, "w") as file:
            file.write(text)
    return folder


def compile_all(sources, folder, *options):
    """Compiles C and C++ to objects."""
    def compile_one(source):
        is_c = str(source).endswith(".c")
        made = os.path.join(folder, os.path.basename(os.path.dirname(source)) +
                            os.path.basename(source) + ".o")
        compiler = ["cc", "-std=gnu99"] if is_c else ["c++", *CPP]
        done = subprocess.run([*compiler, "-w", "-fPIC", *options, "-c", source, "-o", made],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return made

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(compile_one, sources))


def link(*command):
    done = subprocess.run(["c++", *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def flags_of(*packages):
    return subprocess.run(["pkg-config", "--cflags", "--libs", *packages], check=True,
                          capture_output=True, text=True).stdout.split()


def suites_of(table):
    """The suites of a program, by its table of them."""
    with open(table) as file:
        names = re.findall(r"^    (\w+)_suite,$", file.read(), flags=re.M)
    return [name for name in names if name not in LEFT_OUT]


def run_suites(program, folder, suites, library):
    """Runs the suites in parallel, since they mostly wait, with a library in a folder."""
    environment = {**os.environ, "LD_LIBRARY_PATH": str(library)}

    def run_one(suite):
        place = os.path.join(folder, suite)
        os.makedirs(place)
        os.symlink(os.path.join(os.path.dirname(program), "Fixtures"),
                   os.path.join(place, "Fixtures"))
        return run(program, env={**environment, "CK_RUN_SUITE": suite}, cwd=place,
                   seconds=SUITE_SECONDS)

    with ThreadPoolExecutor(os.cpu_count() + 1) as pool:
        for suite, (status, out, err) in zip(suites, pool.map(run_one, suites)):
            assert status == 0 and b"100%" in out, (suite, out.decode(), err)


@pytest.fixture(scope="module")
def later_library(tmp_path_factory):
    """The folder of a library whose structs have grown."""
    folder = tmp_path_factory.mktemp("later")
    headers = grow_headers(folder / "include")
    sources = glob.glob(os.path.join(CORE, "**", "*.c"), recursive=True)
    objects = compile_all(sources, folder, "-I", headers, "-I", CORE, "-DSPS_BUILDING",
                          "-fvisibility=hidden")
    version_script = os.path.join(CORE, "streampeersocket.map")
    link("-shared", "-Wl,-soname,libstreampeersocket.so.0", "-o",
         folder / "libstreampeersocket.so.0", f"-Wl,--version-script={version_script}", *objects,
         "-lpthread")
    return folder


@pytest.fixture(scope="module")
def first_programs(tmp_path_factory):
    """The folder of the first release's tests, built with its headers."""
    folder = tmp_path_factory.mktemp("first")
    programs.unpack(FIRST, folder)
    options = ["-I", folder / "include", "-I", folder / "tests", "-D_GNU_SOURCE",
               "-DPORTABLE_PLATFORM=0", '-DFIXTURES="Fixtures"']
    common = folder / "tests" / "support" / "cpp_support.hpp"
    done = subprocess.run(["c++", *CPP, "-w", "-fPIC", *options, "-x", "c++-header", common, "-o",
                           f"{common}.gch"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for program in programs.PROGRAMS:
        listed = (folder / "tests" / f"{program}.txt").read_text().split()
        objects = folder / f"{program}_objects"
        objects.mkdir()
        made = [compile_all([folder / "tests" / name for name in listed if name.endswith(kind)],
                            objects, *options, *more)
                for kind, more in ((".c", ()), (".cpp", ("-include", "support/cpp_support.hpp")))]
        link("-o", folder / program, *made[0], *made[1], "-L", BUILD, "-lstreampeersocket",
             *flags_of("check", "jansson"), "-lpthread")
    return folder


def test_every_public_struct_begins_with_its_size():
    found = structs()
    assert len(found) > 15
    for name, body in found.items():
        assert body.strip().startswith("uint32_t struct_size;"), name


def test_no_public_struct_holds_another():
    """A struct that grows would move the fields after it."""
    found = structs()
    for name, body in found.items():
        for other in found:
            assert not re.search(rf"\b{other} \w+", body), (name, other)


# ---- Old programs, new library

@pytest.mark.parametrize("program", programs.PROGRAMS)
def test_programs_of_the_first_release_run_on_this_library(first_programs, tmp_path, program):
    suites = suites_of(first_programs / "tests" / f"{program}_table.c")
    assert len(suites) > 10
    run_suites(first_programs / program, tmp_path, suites, BUILD)


@pytest.mark.parametrize("program", programs.PROGRAMS)
def test_programs_of_the_first_release_run_on_a_later_library(first_programs, later_library,
                                                              tmp_path, program):
    suites = suites_of(first_programs / "tests" / f"{program}_table.c")
    run_suites(first_programs / program, tmp_path, suites, later_library)


# ---- New programs, old library

def test_a_program_of_a_later_release_runs_on_this_library(tmp_path):
    headers = grow_headers(tmp_path / "include")
    names = programs.sources_of("core_public_tests")
    table = tmp_path / "table.c"
    table.write_text(programs.table_of(names))
    fixtures = os.path.join(ROOT, programs.FIXTURES)
    os.symlink(fixtures, tmp_path / "Fixtures")
    sources = [*(os.path.join(TESTS, name) for name in names), table]
    objects = compile_all(sources, tmp_path, "-I", headers, "-I", TESTS, "-D_GNU_SOURCE",
                          "-DHAS_POLLER_DESCRIPTORS=1", '-DFIXTURES="Fixtures"')
    program = tmp_path / "tests"
    link("-o", program, *objects, "-L", BUILD, "-lstreampeersocket",
         *flags_of("check", "jansson"), "-lpthread")
    run_suites(program, tmp_path, SUITES, BUILD)

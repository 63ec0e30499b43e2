"""The ABI: programs and libraries with headers of different releases.

A later release appends fields to structs. Here each public struct gains two fields. A program that
knows them runs the C tests with a library that does not, and the reverse.
"""

import glob
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from conftest import BUILD, ROOT, run

HEADERS = os.path.join(ROOT, "include")
CORE = os.path.join(ROOT, "Sources", "CSocketCore")
TESTS = os.path.join(ROOT, "Tests", "CSocketCoreTests")
PROGRAM = os.path.join(BUILD, "Tests", "CSocketCoreTests", "core_public_tests")
# The suites that fill, receive or pass structs. The others would only take time.
SUITES = ("bad_input", "memory_stream", "custom_stream", "custom_stream_partial_writes",
          "descriptors", "ip", "packets", "poller_events", "poller_members", "random_variants",
          "server", "hostile_input", "variant_reading", "variant_bad_input", "hostile_variants",
          "variant_writing", "godot_scalars")
STRUCT = re.compile(r"^typedef struct (sps_\w+) \{\n(.*?)^\} \1;", flags=re.S | re.M)
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


def compile_all(sources, headers, folder, *options):
    """Compiles them to objects."""
    def compile_one(source):
        made = os.path.join(folder, os.path.basename(os.path.dirname(source)) +
                            os.path.basename(source) + ".o")
        done = subprocess.run(["cc", "-std=gnu99", "-g", "-w", "-fPIC", "-I", headers, *options,
                               "-c", source, "-o", made], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return made

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(compile_one, sources))


def link(*command):
    done = subprocess.run(["cc", *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def flags_of(*packages):
    return subprocess.run(["pkg-config", "--cflags", "--libs", *packages], check=True,
                          capture_output=True, text=True).stdout.split()


def run_suites(program, folder, **environment):
    """Runs the suites in parallel, since they mostly wait."""
    def run_one(suite):
        place = os.path.join(folder, suite)
        os.makedirs(place)
        return run(program, env={**os.environ, **environment, "CK_RUN_SUITE": suite}, cwd=place)

    with ThreadPoolExecutor(os.cpu_count() + 1) as pool:
        for suite, (status, out, err) in zip(SUITES, pool.map(run_one, SUITES)):
            assert status == 0 and b"100%" in out, (suite, out.decode(), err)


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


def test_a_program_of_a_later_release_runs_on_this_library(tmp_path):
    headers = grow_headers(tmp_path / "include")
    listed = open(os.path.join(TESTS, "CMakeLists.txt")).read()
    names = re.search(r"add_suite\(core_public_tests streampeersocket\n(.*?)\)", listed, flags=re.S)
    shared = re.search(r"set\(support (.*?)\)", listed, flags=re.S)
    sources = [os.path.join(TESTS, name) for name in (names[1] + " " + shared[1]).split()]
    sources.append(PROGRAM + "_table.c")
    fixtures = os.path.join(ROOT, "Tests", "StreamPeerSocketTests", "Fixtures")
    objects = compile_all(sources, headers, tmp_path, "-D_GNU_SOURCE", "-DPORTABLE_PLATFORM=0",
                          f'-DFIXTURES="{fixtures}"', "-I", TESTS)
    program = tmp_path / "tests"
    link("-o", program, *objects, "-L", BUILD, f"-Wl,-rpath,{BUILD}", "-lstreampeersocket",
         *flags_of("check", "jansson"), "-lpthread")
    run_suites(program, tmp_path)


def test_a_program_of_this_release_runs_on_a_later_library(tmp_path):
    headers = grow_headers(tmp_path / "include")
    sources = glob.glob(os.path.join(CORE, "**", "*.c"), recursive=True)
    objects = compile_all(sources, headers, tmp_path, "-DSPS_BUILDING", "-fvisibility=hidden",
                          "-I", CORE)
    library = tmp_path / "libstreampeersocket.so.0"
    link("-shared", "-Wl,-soname,libstreampeersocket.so.0", "-o", library, *objects, "-lpthread")
    run_suites(PROGRAM, tmp_path, LD_PRELOAD=str(library))

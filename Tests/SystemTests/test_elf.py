"""The libraries as files: the defences of the compiler and the linker, and the cost of loading.

These tests read the release build, as users get it.
"""

import os
import platform
import re
import subprocess

import pytest
from conftest import BUILD, run

CORE = "streampeersocket"
NEEDED = {  # besides libc and its loader
    CORE: (),
    "streampeersocket-gzip": ("libstreampeersocket.so.0", "libz.so", "libzstd.so"),
    "streampeersocket-tls": ("libstreampeersocket.so.0", "libssl.so", "libcrypto.so"),
}
MOST_STRIPPED_BYTES = 150 * 1024
# The relocations that are addresses in the library itself. Each is a write at every load: tables of
# functions need them, and tables of texts must not.
MOST_RELATIVE = {CORE: 100, "streampeersocket-gzip": 40, "streampeersocket-tls": 120}
# The pages that a load writes: of relocated constants, and of variables.
MOST_WRITABLE_BYTES = 8192
# No symbol of a later glibc: Debian 12 and Ubuntu 22.04 have it. Linked with an older glibc the
# library needs less, down to 2.17.
MOST_GLIBC = (2, 35)
IS_X86 = platform.machine() == "x86_64"


def path_of(library):
    return os.path.join(BUILD, f"lib{library}.so")


@pytest.fixture(params=NEEDED)
def library(request):
    if not os.path.exists(path_of(request.param)):
        pytest.skip(f"{request.param} is not built")
    return request.param


def readelf(library, *options):
    status, out, err = run("readelf", "-W", *options, path_of(library))
    assert status == 0, err
    return out.decode()


def imports(library):
    """The undefined symbols, and the versions that they need."""
    _, out, _ = run("nm", "-D", "--undefined-only", "--with-symbol-versions", path_of(library))
    return dict(re.findall(r"^ +[Uw] ([^@\s]+)@?@?(\S*)$", out.decode(), flags=re.M))


def sections(library):
    """The size of each section."""
    found = re.findall(r"^ +\[ *\d+\] (\.\S+) +\S+ +\w+ \w+ (\w+) ", readelf(library, "-S"),
                       flags=re.M)
    return {name: int(size, 16) for name, size in found}


# ---- Defences

def test_addresses_are_resolved_at_load_and_read_only_then(library):
    text = readelf(library, "-ld")
    assert "GNU_RELRO" in text and "BIND_NOW" in text


def test_no_memory_is_writable_and_executable(library):
    text = readelf(library, "-l")
    loads = re.findall(r"^ +LOAD .* (R?[ W]{1,2}[ E]?) +0x\w+$", text, flags=re.M)
    assert loads and not any("W" in flags and "E" in flags for flags in loads), text
    assert re.search(r"GNU_STACK .* RW +0x", text), "an executable stack"


def test_no_code_is_relocated(library):
    assert "TEXTREL" not in readelf(library, "-d")


def test_it_stays_loaded():
    """An abandoned look-up may still run in it after dlclose()."""
    assert re.search(r"FLAGS_1.*NODELETE", readelf(CORE, "-d"))


def test_stack_frames_and_buffers_are_checked(library):
    names = imports(library)
    assert "__stack_chk_fail" in names, "no stack protector"
    if library == CORE:  # the others format and copy nothing of a known size
        assert "__snprintf_chk" in names, "no _FORTIFY_SOURCE"


@pytest.mark.skipif(not IS_X86, reason="CET is of x86")
def test_each_entry_is_a_landing_pad(library):
    """Indirect branch tracking: each exported function begins with endbr64."""
    out = subprocess.run(["objdump", "-d", "--no-show-raw-insn", path_of(library)],
                         capture_output=True, text=True, check=True).stdout
    entries = re.findall(r"^\w+ <(sps_\w+)(?:@@\S+)?>:\n +\w+:\s+(\w+)", out, flags=re.M)
    exported = set(re.findall(r"(sps_\w+)@@", run("nm", "-D", "--with-symbol-versions",
                                                   path_of(library))[1].decode()))
    entries = [entry for entry in entries if entry[0] in exported]
    assert len(entries) > 10
    assert [name for name, first in entries if first != "endbr64"] == []


@pytest.mark.skipif(not IS_X86, reason="CET is of x86")
def test_shadow_stacks_are_supported(library):
    """The loader disables them for the whole process if one library lacks the mark. The mark of
    indirect branch tracking is up to the linker: it depends on libc's own start files."""
    assert re.search(r"x86 feature: .*SHSTK", readelf(library, "-n"))


# ---- Needs

def test_it_needs_only_what_it_names(library):
    needed = re.findall(r"NEEDED.*\[(.*?)\]", readelf(library, "-d"))
    allowed = ("libc.so", "ld-linux", *NEEDED[library])
    assert all(name.startswith(allowed) for name in needed), needed


def test_the_soname_has_the_major_version(library):
    assert f"[lib{library}.so.0]" in readelf(library, "-d")


def test_each_import_is_of_a_library_that_it_names(library):
    """An import without a version could come from anywhere."""
    weak = {"_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable", "__gmon_start__"}
    others = ("inflate", "deflate", "crc32", "zlib", "ZSTD_")
    without = [name for name, version in imports(library).items()
               if not version and name not in weak and not name.startswith(others)]
    assert without == []


def test_it_needs_no_later_glibc(library):
    found = {name: tuple(map(int, re.findall(r"\d+", version)))
             for name, version in imports(library).items() if version.startswith("GLIBC_2")}
    assert found, "not a glibc"
    latest = max(found, key=lambda name: found[name])
    print(f"{library}: glibc {found[latest]} for {latest}")
    assert found[latest] <= MOST_GLIBC, latest


# ---- Loading

def stripped_bytes(library, folder):
    """As dh_strip of Debian does it."""
    path = folder / "stripped.so"
    subprocess.run(["strip", "--strip-unneeded", "--remove-section=.comment",
                    "--remove-section=.note", "-o", path, path_of(library)], check=True)
    return os.path.getsize(path)


def relocations(library):
    """The number of relocations by their type."""
    kinds = re.findall(r"^\w+ +\w+ (R_\w+)", readelf(library, "-r"), flags=re.M)
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def writable_bytes(library):
    sizes = sections(library)
    return sum(sizes.get(name, 0) for name in (".data.rel.ro", ".got", ".got.plt", ".data", ".bss"))


def test_the_library_is_small(library, tmp_path):
    size = stripped_bytes(library, tmp_path)
    print(f"{library}: {size} bytes stripped")
    assert size <= MOST_STRIPPED_BYTES


def test_few_addresses_are_relocated(library):
    found = relocations(library)
    print(f"{library}: {found}")
    relative = sum(count for kind, count in found.items() if kind.endswith("_RELATIVE"))
    assert relative <= MOST_RELATIVE[library]
    # One for each imported function: nothing is looked up twice.
    assert sum(found.values()) - relative <= len(imports(library)) + 8


def test_a_load_writes_few_pages(library):
    assert writable_bytes(library) <= MOST_WRITABLE_BYTES


def test_a_load_runs_no_code_of_the_library(library):
    """The only constructor is the compiler's own (frame_dummy)."""
    assert sections(library).get(".init_array", 0) <= 8
    assert sections(library).get(".ctors", 0) == 0


LOADER = """#include <dlfcn.h>
int main(int count, char **names) {
    for (int i = 1; i < count; i++) {
        if (dlopen(names[i], RTLD_NOW | RTLD_LOCAL) == 0) {
            return 1;
        }
    }
    return 0;
}
"""


def instructions(program, *libraries):
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, *libraries],
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def test_loading_costs_little_more_than_its_imports(tmp_path):
    """Beside a library without code that imports the same functions, counted by valgrind."""
    (tmp_path / "loader.c").write_text(LOADER)
    names = [name for name, version in imports(CORE).items() if version.startswith("GLIBC")]
    declared = "".join(f"extern char {name}[];\n" for name in names)
    listed = ", ".join(names)
    (tmp_path / "trivial.c").write_text(f"{declared}char *const sps_trivial[] = {{{listed}}};\n")
    for command in (("cc", "-w", "-o", tmp_path / "loader", tmp_path / "loader.c"),
                    ("cc", "-w", "-fno-builtin", "-shared", "-fPIC", "-Wl,-z,now", "-o",
                     tmp_path / "trivial.so", tmp_path / "trivial.c")):
        status, _, err = run(*command)
        assert status == 0, err
    nothing = instructions(tmp_path / "loader")
    trivial = instructions(tmp_path / "loader", tmp_path / "trivial.so") - nothing
    ours = instructions(tmp_path / "loader", path_of(CORE)) - nothing
    print(f"{CORE}: {ours} instructions to load, {trivial} for its imports alone")
    assert ours <= 1.5 * trivial

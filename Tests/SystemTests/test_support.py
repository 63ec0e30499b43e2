"""docs/support.md: compilers, standards, CMake, libc and kernel, as far as a test can tell."""

import glob
import os
import re

import pytest
from conftest import BUILD, ROOT, good, run

PAGE = os.path.join(ROOT, "docs", "support.md")
CORE = os.path.join(ROOT, "Sources", "CSocketCore")
SIMULATION = os.path.join(ROOT, "Sources", "CSocketSimulation", "include")
INCLUDE = [f"-I{os.path.join(ROOT, 'include')}", f"-I{SIMULATION}"]
# The ends of what is supported; docs/support.md says what lies between.
COMPILERS = {"gcc": "gcc", "clang 14": "clang-14", "clang 19": "clang-19"}
STANDARDS = {"c": ("c99", "c11", "c17", "c2x"), "c++": ("c++17", "c++20", "c++2b")}
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
STRICT = [*WARNINGS, "-Wshadow", "-Wconversion", "-Wmissing-prototypes", "-Wstrict-prototypes"]
HEADERS = {
    "c": ("streampeersocket/streampeersocket.h", "streampeersocket/tls.h",
          "streampeersocket/gzip.h", "streampeersocket_testing/simulation.h"),
    "c++": ("streampeersocket.hpp", "streampeersocket/tls.hpp", "streampeersocket/gzip.hpp",
            "streampeersocket_testing/simulation.h"),
}
OLDEST_CMAKE, NEWEST_CMAKE = "3.21.4", "4.4.5"
OLDEST_GLIBC = "2.17"


def page():
    with open(PAGE) as file:
        return file.read()


def row(name):
    """The cells of a row of the page's tables."""
    [line] = [line for line in page().splitlines() if line.startswith(f"| {name} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def needs(program, package):
    if run("sh", "-c", f"command -v {program}")[0] != 0:
        pytest.skip(f"{package} is missing (scripts/setup hosts)")


# ---- Compilers

def cases():
    for name in COMPILERS:
        for language, standards in STANDARDS.items():
            for standard in standards:
                yield pytest.param(name, language, standard, id=f"{name} {standard}")


@pytest.mark.parametrize("name, language, standard", cases())
def test_the_headers_compile(name, language, standard, tmp_path):
    """All of them in one file, without a warning."""
    needs(COMPILERS[name], name)
    source = tmp_path / "user"
    source.write_text("".join(f"#include <{header}>\n" for header in HEADERS[language]) +
                      "int main(void);\nint main(void) { return 0; }\n")
    status, _, err = run(COMPILERS[name], "-x", language, f"-std={standard}", *WARNINGS,
                         "-fsyntax-only", *INCLUDE, source)
    assert status == 0, err


@pytest.mark.parametrize("name", COMPILERS)
@pytest.mark.parametrize("standard", [STANDARDS["c"][0], STANDARDS["c"][-1]])
def test_the_core_compiles(name, standard):
    """As C99, with the project's own warnings, and as the newest C."""
    needs(COMPILERS[name], name)
    sources = glob.glob(os.path.join(CORE, "**", "*.c"), recursive=True)
    status, _, err = run(COMPILERS[name], f"-std={standard}", *STRICT, "-fsyntax-only",
                         "-DSPS_BUILDING", f"-I{CORE}", *INCLUDE, *sources, seconds=240)
    assert status == 0, err


@pytest.mark.parametrize("name", COMPILERS)
@pytest.mark.parametrize("language, standard", [("c", "c99"), ("c++", "c++17")])
def test_a_deprecated_function_warns_its_callers_only(name, language, standard, tmp_path):
    needs(COMPILERS[name], name)
    declared = ("#include <streampeersocket/export.h>\nSPS_BEGIN_DECLARATIONS\n"
                "SPS_DEPRECATED SPS_API int sps_old(void);\nSPS_END_DECLARATIONS\n"
                "int new_name(void);\nint new_name(void) { return %s; }\n")
    for call, expected in (("0", ""), ("sps_old()", "deprecated")):
        (tmp_path / "user").write_text(declared % call)
        status, _, err = run(COMPILERS[name], "-x", language, f"-std={standard}", *WARNINGS,
                             "-fsyntax-only", *INCLUDE, tmp_path / "user")
        assert (status == 0) == (expected == "") and expected in err, err


def test_the_page_names_the_compilers():
    version = good("gcc", "-dumpversion").strip()
    assert row("gcc")[1] == version, "the page names another gcc than the tests use"
    assert row("clang")[1].split(",")[0] == "14" and row("clang")[1].split(", ")[1] == "19"
    assert row("C")[1] == "C99, C11, C17, C23" and row("C++")[1] == "C++17, C++20, C++23"


# ---- CMake

def cmake(version):
    path = os.path.join(ROOT, "build", f"cmake-{version}", "cmake", "data", "bin", "cmake")
    if not os.path.exists(path):
        pytest.skip(f"CMake {version} is missing (scripts/setup hosts)")
    assert f"version {version}" in good(path, "--version")
    return path


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The core alone, in a debug build: what CMake does is the same for the rest."""
    program, folder = cmake(OLDEST_CMAKE), tmp_path_factory.mktemp("cmake")
    configure(program, folder / "build")
    good(program, "--build", folder / "build")
    good(program, "--install", folder / "build", "--prefix", folder / "prefix")
    return folder / "prefix"


def configure(program, folder):
    good(program, "-S", ROOT, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
         "-DCMAKE_C_FLAGS_DEBUG=-O0", "-DSPS_BUILD_EXAMPLES=OFF", "-DSPS_TLS=OFF", "-DSPS_GZIP=OFF",
         "-Werror=dev", "-Werror=deprecated")


@pytest.mark.parametrize("version", [OLDEST_CMAKE, NEWEST_CMAKE])
def test_cmake_configures_and_finds_what_the_oldest_has_built(version, installed, tmp_path):
    program = cmake(version)
    configure(program, tmp_path / "build")
    good(program, "-S", os.path.join(ROOT, "Examples"), "-B", tmp_path / "user", "-G", "Ninja",
         f"-DCMAKE_PREFIX_PATH={installed}")
    good(program, "--build", tmp_path / "user", "--target", "echo_client")


def test_cmake_reads_the_presets():
    assert '"dev"' in good(cmake(OLDEST_CMAKE), "--list-presets", cwd=ROOT)


def test_the_page_names_the_oldest_cmake():
    with open(os.path.join(ROOT, "CMakeLists.txt")) as file:
        needed = re.search(r"cmake_minimum_required\(VERSION ([\d.]+)\)", file.read())[1]
    assert OLDEST_CMAKE.startswith(needed + ".")
    assert row("CMake")[1] == f"{OLDEST_CMAKE}, {NEWEST_CMAKE}"


# ---- libc

@pytest.fixture(scope="module")
def zig(tmp_path_factory):
    """A clang that has the headers and the symbols of each glibc and of musl."""
    import importlib.util
    found = importlib.util.find_spec("ziglang")
    if found is None:
        pytest.skip("ziglang is missing (scripts/setup hosts)")
    program = os.path.join(os.path.dirname(found.origin), "zig")
    cache = str(tmp_path_factory.mktemp("zig"))
    environment = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache}

    def compile_core(target, folder, *options):
        sources = glob.glob(os.path.join(CORE, "**", "*.c"), recursive=True)
        good(program, "cc", "-target", target, "-std=c99", "-O0", "-g0", "-fno-sanitize=undefined",
             "-DSPS_STATIC", *WARNINGS, f"-I{CORE}", *INCLUDE, *sources, *options, cwd=folder,
             env=environment)

    return compile_core


def test_the_core_links_with_the_oldest_glibc(zig, tmp_path):
    source, made = tmp_path / "user.c", tmp_path / "user"
    source.write_text("#include <streampeersocket/streampeersocket.h>\n"
                      "int main(void) { return sps_version() == 0; }\n")
    zig(f"x86_64-linux-gnu.{OLDEST_GLIBC}", tmp_path, source, "-o", made, "-lpthread")
    symbols = good("objdump", "-T", made)
    versions = [tuple(map(int, each.split(".")))
                for each in re.findall(r"GLIBC_([\d.]+)", symbols)]
    assert max(versions) <= tuple(map(int, OLDEST_GLIBC.split(".")))
    assert run(made)[0] == 0  # newer glibcs run it
    assert row("glibc")[1].startswith(f"{OLDEST_GLIBC},")


def test_the_core_compiles_with_musl(zig, tmp_path):
    zig("x86_64-linux-musl", tmp_path, "-c")
    assert list(tmp_path.glob("*.o")) and row("musl")[1]


def test_the_side_of_android_compiles(zig, tmp_path):
    """No package has Android's own headers: those of musl are the nearest."""
    zig("aarch64-linux-musl", tmp_path, "-c", "-D__ANDROID__")
    made = glob.glob(os.path.join(tmp_path, "*.o"))
    symbols = good("nm", "--undefined-only", *made)
    assert "getaddrinfo" in symbols and row("Android")[1]
    assert "pthread_mutexattr_setrobust" not in symbols, "bionic has no robust mutexes"
    assert not re.search(r" syscall$", symbols, flags=re.M), "Android ends an app at other calls"


# ---- Ports

PORTS = os.path.join(ROOT, "docs", "new-platform.md")


def page_of_ports():
    with open(PORTS) as file:
        return file.read()


def test_the_page_of_ports_has_every_function():
    with open(os.path.join(CORE, "platform", "platform.h")) as file:
        functions = re.findall(r"\(\*(\w+)\)\(const sps_platform \*", file.read())
    cells = re.findall(r"^\| (`[^|]*) \|", page_of_ports(), flags=re.M)
    assert len(functions) > 40
    assert set(functions) <= set(re.findall(r"`(\w+)`", "".join(cells)))


def test_a_port_gives_four_functions(tmp_path):
    """The core without platform/ calls these of a port, and of libc memory and strings alone."""
    sources = [path for path in glob.glob(os.path.join(CORE, "**", "*.c"), recursive=True)
               if f"{os.sep}platform{os.sep}" not in path]
    good("gcc", "-std=c99", "-O1", "-r", "-nostdlib", "-DSPS_BUILDING", "-fno-stack-protector",
         f"-I{CORE}", *INCLUDE, *sources, "-o", tmp_path / "core.o", seconds=240)
    used = {line.split()[-1] for line in
            good("nm", "--undefined-only", tmp_path / "core.o").splitlines()}
    of_port = {name for name in used if name.startswith("spsi_")}
    named = re.findall(r"^\| `(\w+)\(\)` \|", page_of_ports(), flags=re.M)
    assert of_port == set(named) and len(named) == 4
    assert all(re.match(r"mem|str|(re|m)?alloc$|malloc$|free$|__assert_fail$|_GLOBAL", name)
               for name in used - of_port), sorted(used - of_port)


# ---- The kernel

# Calls of libc that a kernel has since a version, by their manual pages. The core may use those
# that the page lists.
SINCE = {
    "accept4": (2, 6, 28), "epoll_create1": (2, 6, 27), "eventfd": (2, 6, 27),
    "pipe2": (2, 6, 27), "dup3": (2, 6, 27), "signalfd": (2, 6, 27), "timerfd_create": (2, 6, 27),
    "epoll_pwait": (2, 6, 19), "utimensat": (2, 6, 22), "fallocate": (2, 6, 23),
    "recvmmsg": (2, 6, 33), "sendmmsg": (3, 0), "renameat2": (3, 15), "getrandom": (3, 17),
    "getentropy": (3, 17), "arc4random": (3, 17), "memfd_create": (3, 17), "mlock2": (4, 4),
    "copy_file_range": (4, 5), "preadv2": (4, 6), "pwritev2": (4, 6), "statx": (4, 11),
    "pidfd_open": (5, 3), "pidfd_send_signal": (5, 1), "close_range": (5, 9),
    "openat2": (5, 6), "epoll_pwait2": (5, 11),
}


def test_no_call_needs_a_newer_kernel_than_the_page_says():
    out = good("nm", "-D", "--undefined-only", os.path.join(BUILD, "libstreampeersocket.so"))
    used = {line.split()[-1].partition("@")[0] for line in out.splitlines()}
    assert "socket" in used
    oldest = tuple(map(int, row("Linux")[1].split(",")[0].split(".")))
    listed = re.findall(r"`(\w+)`", page())
    for call in used & set(SINCE):
        assert SINCE[call] <= oldest and call in listed, call


def test_each_raw_syscall_is_on_the_page():
    """They have no libc function, and mostly because they are new."""
    found = set()
    for path in glob.glob(os.path.join(CORE, "**", "*.[ch]"), recursive=True):
        with open(path) as file:
            found |= set(re.findall(r"\bsyscall\(SYS_(\w+)", file.read()))
    assert found and all(f"`{name}`" in page() for name in found)

"""The library as it is built: its exports, what it needs, and what options of the build change."""

import glob
import os
import re
import subprocess

import pytest
from conftest import BUILD, ROOT, VERSION, good, run

MAP = os.path.join(ROOT, "Sources", "CSocketCore", "streampeersocket.map")


# The optional libraries: their headers, and their lists of exported symbols.
OPTIONAL = {
    "streampeersocket-gzip": ({"gzip.h"}, "SocketGZIP"),
    "streampeersocket-tls": ({"tls.h", "certificates.h"}, "SocketTLS"),
}
OPTIONAL = {name: (headers, os.path.join(ROOT, "Sources", folder, f"{name}.map"))
            for name, (headers, folder) in OPTIONAL.items()}


def declared(library="streampeersocket"):
    """The functions of the public headers of a library."""
    of_others = set().union(*(headers for headers, _ in OPTIONAL.values()))
    names = set()
    for header in glob.glob(os.path.join(ROOT, "include", "streampeersocket", "*.h")):
        name = os.path.basename(header)
        if name in OPTIONAL[library][0] if library in OPTIONAL else name not in of_others:
            names |= functions_of(header)
    return names


def built_optional():
    return [name for name in OPTIONAL if os.path.exists(os.path.join(BUILD, f"lib{name}.so"))]


def test_the_libraries_export_what_the_headers_declare():
    for library in ["streampeersocket", *built_optional()]:
        status, out, _ = run("nm", "-D", "--defined-only", os.path.join(BUILD, f"lib{library}.so"))
        assert status == 0
        exported = {line.split()[-1].partition("@")[0] for line in out.decode().splitlines()}
        expected = declared(library)
        assert {name for name in exported if not name.startswith("STREAMPEER")} == expected
        symbols = OPTIONAL[library][1] if library in OPTIONAL else MAP
        assert set(re.findall(r"^\s+(sps_\w+);", open(symbols).read(), flags=re.M)) == expected


def functions_of(header):
    """The functions that a header declares."""
    code = re.sub(r"/\*.*?\*/", "", open(header).read(), flags=re.S)
    return set(re.findall(r"\b(sps_\w+)\(", code))


def test_the_static_libraries_show_what_the_headers_declare():
    """The library's internal names must not collide with a program's, or with another copy of the
    library."""
    simulation = os.path.join(ROOT, "Sources", "CSocketSimulation", "include",
                              "streampeersocket_testing", "simulation.h")
    for name, shown in (("streampeersocket", declared()),
                        *((name, declared(name)) for name in built_optional()),
                        ("streampeersocket_testing", functions_of(simulation))):
        status, out, _ = run("nm", "-g", "--defined-only", os.path.join(BUILD, f"lib{name}.a"))
        assert status == 0
        symbols = {line.split()[2] for line in out.decode().splitlines() if len(line.split()) == 3}
        assert {symbol for symbol in symbols if not symbol.startswith("__")} == shown


def test_a_build_needs_no_package(tmp_path):
    """The build looks for packages of tests only if tests are requested."""
    environment = {**os.environ, "PKG_CONFIG_LIBDIR": str(tmp_path)}
    configure = ["cmake", "-S", ROOT, "-B", tmp_path / "build"]
    done = subprocess.run(configure, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_pkg_config_leaves_out_the_folders_of_the_system(tmp_path):
    good("cmake", "-S", ROOT, "-B", tmp_path, "-DCMAKE_INSTALL_PREFIX=/usr")
    environment = {**os.environ, "PKG_CONFIG_PATH": str(tmp_path)}
    flags = good("pkg-config", "--cflags", "--libs", "streampeersocket", env=environment)
    assert flags.split() == ["-lstreampeersocket"]


def test_it_builds_without_openssl(tmp_path):
    done = subprocess.run(["cmake", "-S", ROOT, "-B", tmp_path, "-DSPS_TLS=OFF"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    status, out, _ = run("cmake", "--build", tmp_path, "--target", "help")
    assert status == 0 and b"streampeersocket_tls" not in out


# ---- One library, by BUILD_SHARED_LIBS

def installed(folder):
    return sorted(os.path.basename(path) for path in glob.glob(f"{folder}/**", recursive=True)
                  if not os.path.isdir(path))


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """A shared library that is installed as in Nix: each kind of file in a folder of its own. There
    is no C++ compiler."""
    folder = tmp_path_factory.mktemp("outputs")
    environment = {**os.environ, "CXX": "/nonexistent"}
    good("cmake", "-S", ROOT, "-B", folder / "build", "-G", "Ninja", "-DBUILD_SHARED_LIBS=ON",
         "-DCMAKE_BUILD_TYPE=Debug", "-DSPS_BUILD_EXAMPLES=OFF", "-DSPS_GZIP=OFF",
         f"-DCMAKE_INSTALL_PREFIX={folder}/out", f"-DCMAKE_INSTALL_LIBDIR={folder}/lib/lib",
         f"-DCMAKE_INSTALL_INCLUDEDIR={folder}/dev/include",
         f"-DCMAKE_INSTALL_DATADIR={folder}/dev/share", env=environment)
    good("cmake", "--build", folder / "build")
    good("cmake", "--install", folder / "build")
    return folder


def test_the_library_needs_no_cpp_compiler(outputs):
    assert "CMAKE_CXX_COMPILER:" not in (outputs / "build" / "CMakeCache.txt").read_text()


def test_absolute_folders_stay_absolute(outputs):
    environment = {**os.environ, "PKG_CONFIG_PATH": f"{outputs}/lib/lib/pkgconfig"}
    flags = good("pkg-config", "--cflags", "--libs", "streampeersocket", env=environment).split()
    assert flags == [f"-I{outputs}/dev/include", f"-L{outputs}/lib/lib", "-lstreampeersocket"]
    status, out, _ = run("find", outputs / "out", "-name", "*streampeer*")
    assert status == 0 and not out


CONSUMER = os.path.join(ROOT, "Tests", "SystemTests", "consumer")


def build_consumer(build, prefix):
    good("cmake", "-S", CONSUMER, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
    good("cmake", "--build", build, "--target", "c99")
    assert good(build / "c99") == f"199901 {VERSION}\n"


def test_a_shared_library_alone(outputs, tmp_path):
    libraries = {name for name in installed(outputs / "lib") if name.endswith((".a", ".so"))}
    optional = {f"lib{name}.so" for name in built_optional() if "tls" in name}
    assert libraries == {"libstreampeersocket.so", "libstreampeersocket_testing.a"} | optional
    built = glob.glob(f"{outputs}/build/*.a")
    assert [os.path.basename(path) for path in built] == ["libstreampeersocket_testing.a"]
    build_consumer(tmp_path, outputs / "lib")


def test_uninstall_removes_each_file(outputs):
    """The last test of this installation."""
    (outputs / "dev" / "include" / "other.h").write_text("")
    assert len(installed(outputs / "dev")) > 30
    good("cmake", "--build", outputs / "build", "--target", "uninstall")
    assert installed(outputs / "lib") + installed(outputs / "out") == []
    assert installed(outputs / "dev") == ["other.h"]
    assert not os.path.exists(outputs / "dev" / "include" / "streampeersocket")
    status, _, err = run("cmake", "--build", outputs / "build", "--target", "uninstall")
    assert status != 0


# ---- A host that installs a library of its own with this one inside

ENGINE = r"""cmake_minimum_required(VERSION 3.21)
project(engine LANGUAGES C)
include(GNUInstallDirs)
set(BUILD_SHARED_LIBS OFF)
set(SPS_INSTALL ON)
add_subdirectory("{root}" sps)
add_library(engine engine.c)
target_link_libraries(engine PRIVATE StreamPeerSocket::StreamPeerSocket)
install(TARGETS engine EXPORT engineTargets)
install(EXPORT engineTargets FILE engineTargets.cmake DESTINATION lib/cmake/engine)
file(WRITE ${{CMAKE_BINARY_DIR}}/engineConfig.cmake "include(CMakeFindDependencyMacro)
find_dependency(StreamPeerSocket)\ninclude(\${{CMAKE_CURRENT_LIST_DIR}}/engineTargets.cmake)\n")
install(FILES ${{CMAKE_BINARY_DIR}}/engineConfig.cmake DESTINATION lib/cmake/engine)
"""
ENGINE_C = """#include <streampeersocket/streampeersocket.h>
const char *engine(void);
const char *engine(void) { return sps_version_string(); }
"""
GAME = """cmake_minimum_required(VERSION 3.21)
project(game LANGUAGES C)
find_package(engine REQUIRED)
file(WRITE ${CMAKE_BINARY_DIR}/game.c
  "const char *engine(void);\nint main(void) { return engine()[0] == 0; }\n")
add_executable(game ${CMAKE_BINARY_DIR}/game.c)
target_link_libraries(game PRIVATE engine)
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    (folder / "CMakeLists.txt").write_text(ENGINE.format(root=ROOT))
    (folder / "engine.c").write_text(ENGINE_C)
    good("cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
         f"-DCMAKE_INSTALL_PREFIX={folder}/prefix", "-DCMAKE_INSTALL_LIBDIR=lib")
    good("cmake", "--build", folder / "build")
    good("cmake", "--install", folder / "build")
    return folder / "prefix"


def test_a_host_exports_a_target_that_links_it_statically(engine, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(GAME)
    build = tmp_path / "build"
    good("cmake", "-S", tmp_path, "-B", build, f"-DCMAKE_PREFIX_PATH={engine}")
    good("cmake", "--build", build)
    good(build / "game")


def test_a_static_library_alone(engine, tmp_path):
    """The names that mean the library that was built are for it, and it demands no option."""
    assert not [name for name in installed(engine) if ".so" in name]
    build_consumer(tmp_path / "build", engine)
    environment = {**os.environ, "PKG_CONFIG_PATH": str(engine / "lib" / "pkgconfig")}
    for name in ["streampeersocket", *built_optional()]:
        flags = good("pkg-config", "--cflags", "--libs", name, env=environment).split()
        header = name.rpartition("-")[2] if "-" in name else "streampeersocket"
        (tmp_path / "user.c").write_text(
            f"#include <streampeersocket/{header}.h>\nint main(void) {{ sps_stream *s = 0;\n"
            f"return sps_{header if '-' in name else 'tcp'}_create(0, &s); }}\n")
        good("cc", tmp_path / "user.c", "-o", tmp_path / "user", *flags)
        good(tmp_path / "user")

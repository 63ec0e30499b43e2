"""The library as users get it: its exports, and how build systems find the installed package."""

import glob
import os
import re
import subprocess

import pytest
from conftest import BUILD, ROOT, run

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


def test_the_library_needs_no_cpp_compiler(tmp_path):
    environment = {**os.environ, "CXX": "/nonexistent"}
    for command in (["cmake", "-S", ROOT, "-B", tmp_path, "-DCMAKE_BUILD_TYPE=Debug"],
                    ["cmake", "--build", tmp_path, "--target", "streampeersocket_static"]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_a_build_needs_no_package(tmp_path):
    """The build looks for packages of tests only if tests are requested."""
    environment = {**os.environ, "PKG_CONFIG_LIBDIR": str(tmp_path)}
    configure = ["cmake", "-S", ROOT, "-B", tmp_path / "build"]
    done = subprocess.run(configure, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def install(folder):
    status, out, err = run("cmake", "--install", BUILD, "--prefix", folder)
    assert status == 0, (out, err)


def test_cmake_users_find_it(tmp_path):
    install(tmp_path / "prefix")
    build = tmp_path / "build"
    for command in (
        ["cmake", "-S", os.path.join(ROOT, "Examples"), "-B", build, "-G", "Ninja",
         f"-DCMAKE_PREFIX_PATH={tmp_path / 'prefix'}"],
        ["cmake", "--build", build],
        [build / "game_loop", "3"],
    ):
        status, out, err = run(*command)
        assert status == 0, (command, out, err)


def run_with_pkg_config(tmp_path, package, source):
    """Builds a program with pkg-config's options for an installed package. Returns its output."""
    install(tmp_path)
    folders = glob.glob(f"{tmp_path}/lib/**/pkgconfig", recursive=True)
    environment = {**os.environ, "PKG_CONFIG_PATH": folders[0]}
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", package], env=environment,
        capture_output=True, text=True, check=True,
    ).stdout.split()
    program = tmp_path / "user"
    status, _, err = run("cc", source, "-o", program, *flags)
    assert status == 0, err
    library = os.path.dirname(folders[0])
    status, out, _ = run(program, env={**os.environ, "LD_LIBRARY_PATH": library})
    assert status == 0
    return out


def test_pkg_config_users_find_it(tmp_path):
    source = tmp_path / "user.c"
    source.write_text(
        "#include <stdio.h>\n#include <streampeersocket/streampeersocket.h>\n"
        "int main(void) { puts(sps_version_string()); return 0; }\n"
    )
    assert run_with_pkg_config(tmp_path, "streampeersocket", source) == b"0.1.0\n"


def test_pkg_config_users_find_the_simulated_network(tmp_path):
    source = os.path.join(ROOT, "Examples", "network_test.c")
    assert run_with_pkg_config(tmp_path, "streampeersocket-testing", source) != b""


# ---- The library for TLS

TLS_USER = """#include <stdio.h>
#include <streampeersocket/tls.h>
int main(void) {
    sps_stream *tls = NULL;
    sps_tls_status status = -1;
    sps_tls_create(NULL, &tls);
    sps_tls_get_status(tls, &status);
    sps_stream_destroy(tls);
    puts(sps_tls_failure_name(status));
    return 0;
}
"""
needs_tls = pytest.mark.skipif(
    "streampeersocket-tls" not in built_optional(), reason="OpenSSL 3 was not found")


@needs_tls
def test_pkg_config_users_find_tls(tmp_path):
    source = tmp_path / "user.c"
    source.write_text(TLS_USER)
    assert run_with_pkg_config(tmp_path, "streampeersocket-tls", source) == b"TLS_FAILURE_NONE\n"


@needs_tls
def test_cmake_users_find_tls(tmp_path):
    install(tmp_path / "prefix")
    (tmp_path / "user.c").write_text(TLS_USER)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.21)\nproject(user LANGUAGES C)\n"
        "find_package(StreamPeerSocket REQUIRED COMPONENTS TLS)\n"
        "foreach(kind IN ITEMS TLS TLSStatic)\n  add_executable(${kind} user.c)\n"
        "  target_link_libraries(${kind} PRIVATE StreamPeerSocket::${kind})\nendforeach()\n")
    for command in (
        ["cmake", "-S", tmp_path, "-B", tmp_path / "build", "-G", "Ninja",
         f"-DCMAKE_PREFIX_PATH={tmp_path / 'prefix'}"],
        ["cmake", "--build", tmp_path / "build"],
        [tmp_path / "build" / "TLS"],
        [tmp_path / "build" / "TLSStatic"],
    ):
        status, out, err = run(*command)
        assert status == 0, (command, out, err)
    assert out == b"TLS_FAILURE_NONE\n"


def test_it_builds_without_openssl(tmp_path):
    done = subprocess.run(["cmake", "-S", ROOT, "-B", tmp_path, "-DSPS_TLS=OFF"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    status, out, _ = run("cmake", "--build", tmp_path, "--target", "help")
    assert status == 0 and b"streampeersocket_tls" not in out

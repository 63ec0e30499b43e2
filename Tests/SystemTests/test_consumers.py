"""Programs of users, with the installed library: components, standards and ways to find it."""

import glob
import os
import re
import shutil

import pytest
from conftest import BUILD, ROOT, VERSION, good, run

CONSUMER = os.path.join(ROOT, "Tests", "SystemTests", "consumer")
PROGRAMS = os.path.join(ROOT, "packaging", "conan", "test_package")
STANDARDS = {"c99": "199901", "cpp17": "201703", "cpp20": "202002", "cpp23": "202100"}
OPTIONAL = [name for name in ("tls", "gzip")
            if os.path.exists(os.path.join(BUILD, f"libstreampeersocket-{name}.so"))]
COMPONENTS = ["runtime", "development", "testing", "docs",
              *(name + end for name in OPTIONAL for end in ("", "-development"))]
needs_tls = pytest.mark.skipif("tls" not in OPTIONAL, reason="OpenSSL 3 was not found")


def install(folder, *components):
    for component in components:
        good("cmake", "--install", BUILD, "--prefix", folder, "--component", component)
    return folder


def files_of(folder):
    return {os.path.relpath(path, folder) for path in glob.glob(f"{folder}/**", recursive=True)
            if not os.path.isdir(path)}


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """An installation that was moved afterwards."""
    folder = tmp_path_factory.mktemp("installed")
    good("cmake", "--install", BUILD, "--prefix", folder / "first")
    os.rename(folder / "first", folder / "moved")
    return folder / "moved"


@pytest.fixture(scope="module")
def static_prefix(prefix, tmp_path_factory):
    """One that has no shared library."""
    folder = tmp_path_factory.mktemp("static") / "prefix"
    shutil.copytree(prefix, folder, symlinks=True)
    for path in glob.glob(f"{folder}/lib/**/*.so*", recursive=True):
        os.remove(path)
    return folder


def library_of(prefix):
    return os.path.dirname(glob.glob(f"{prefix}/lib/**/pkgconfig", recursive=True)[0])


def flags_of(prefix, *options):
    environment = {**os.environ, "PKG_CONFIG_PATH": f"{library_of(prefix)}/pkgconfig"}
    return good("pkg-config", "--cflags", "--libs", *options, env=environment).split()


def compile_and_run(standard, folder, prefix, *flags):
    """Builds the program of a standard with one line. Returns its output."""
    compiler, source = ("cc", "program.c") if standard == "c99" else ("c++", "program.cpp")
    good(compiler, f"-std={standard.replace('cpp', 'c++')}", os.path.join(PROGRAMS, source),
         "-o", folder / "program", *flags)
    return good(folder / "program", env={**os.environ, "LD_LIBRARY_PATH": library_of(prefix)})


# ---- Ways to find it

def test_programs_find_it_with_cmake(prefix, tmp_path):
    good("cmake", "-S", CONSUMER, "-B", tmp_path, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
    good("cmake", "--build", tmp_path)
    for name, number in STANDARDS.items():
        assert good(tmp_path / name) == f"{number} {VERSION}\n"


@pytest.mark.parametrize("standard", STANDARDS)
def test_programs_find_it_with_pkg_config(standard, prefix, tmp_path):
    out = compile_and_run(standard, tmp_path, prefix, *flags_of(prefix, "streampeersocket"))
    assert out == f"{STANDARDS[standard]} {VERSION}\n"


@pytest.mark.parametrize("standard", ("c99", "cpp17"))
def test_pkg_config_names_what_the_static_library_needs(standard, static_prefix, tmp_path):
    flags = flags_of(static_prefix, "--static", "streampeersocket")
    assert "-pthread" in flags and "-DSPS_STATIC" in flags
    out = compile_and_run(standard, tmp_path, static_prefix, *flags)
    assert out == f"{STANDARDS[standard]} {VERSION}\n"


@pytest.mark.parametrize("standard", STANDARDS)
def test_programs_need_no_build_system(standard, prefix, tmp_path):
    out = compile_and_run(standard, tmp_path, prefix, f"-I{prefix}/include",
                          f"-L{library_of(prefix)}", "-lstreampeersocket")
    assert out == f"{STANDARDS[standard]} {VERSION}\n"


def test_the_examples_build_with_the_installed_library(prefix, tmp_path):
    good("cmake", "-S", os.path.join(ROOT, "Examples"), "-B", tmp_path, "-G", "Ninja",
         f"-DCMAKE_PREFIX_PATH={prefix}")
    good("cmake", "--build", tmp_path)
    good(tmp_path / "game_loop", "3")


def test_pkg_config_users_find_the_simulated_network(prefix, tmp_path):
    source = os.path.join(ROOT, "Examples", "network_test.c")
    good("cc", source, "-o", tmp_path / "user", *flags_of(prefix, "streampeersocket-testing"))
    assert good(tmp_path / "user", env={**os.environ, "LD_LIBRARY_PATH": library_of(prefix)})


# ---- The library for TLS (tests of gzip: test_gzip.py)

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
MAJOR, MINOR, _ = map(int, VERSION.split("."))
FINDS = ("cmake_minimum_required(VERSION 3.21)\nproject(user LANGUAGES C)\n"
         f"find_package(StreamPeerSocket {MAJOR}.{MINOR} REQUIRED {{}})\n")


@needs_tls
@pytest.mark.parametrize("kind", ("shared", "static"))
def test_pkg_config_users_find_tls(kind, prefix, static_prefix, tmp_path):
    folder = prefix if kind == "shared" else static_prefix
    flags = flags_of(folder, *(["--static"] if kind == "static" else []), "streampeersocket-tls")
    assert ("-lssl" in flags) == (kind == "static")
    (tmp_path / "user.c").write_text(TLS_USER)
    good("cc", tmp_path / "user.c", "-o", tmp_path / "user", *flags)
    environment = {**os.environ, "LD_LIBRARY_PATH": library_of(prefix)}
    assert good(tmp_path / "user", env=environment) == "TLS_FAILURE_NONE\n"


@needs_tls
def test_cmake_users_find_tls(prefix, tmp_path):
    (tmp_path / "user.c").write_text(TLS_USER)
    (tmp_path / "CMakeLists.txt").write_text(
        FINDS.format("COMPONENTS TLS") +
        "foreach(kind IN ITEMS TLS TLSShared TLSStatic)\n  add_executable(${kind} user.c)\n"
        "  target_link_libraries(${kind} PRIVATE StreamPeerSocket::${kind})\nendforeach()\n")
    build = tmp_path / "build"
    good("cmake", "-S", tmp_path, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
    good("cmake", "--build", build)
    for kind in ("TLS", "TLSShared", "TLSStatic"):
        assert good(build / kind) == "TLS_FAILURE_NONE\n"


# ---- Components

@pytest.fixture(scope="module")
def components(tmp_path_factory):
    """The files of each component."""
    folder = tmp_path_factory.mktemp("components")
    return {name: files_of(install(folder / name, name)) for name in COMPONENTS}


def test_each_file_belongs_to_one_component(components, prefix):
    """But for the licence, which each component brings."""
    licence = "share/doc/StreamPeerSocket/LICENSE"
    assert all(licence in files for files in components.values())
    listed = [name for files in components.values() for name in files - {licence}]
    assert sorted(listed) == sorted(files_of(prefix) - {licence})


def test_components_are_what_a_distribution_packages(components):
    def names(component):
        return {re.sub(r"\d+\.\d+$", "N", os.path.basename(name)) for name in components[component]}

    assert names("runtime") == {"LICENSE", "libstreampeersocket.so.0",
                                "libstreampeersocket.so.0.N"}
    assert {"streampeersocket.hpp", "stream.h", "libstreampeersocket.so", "libstreampeersocket.a",
            "streampeersocket.pc", "StreamPeerSocketConfig.cmake"} <= names("development")
    assert {"simulation.h", "libstreampeersocket_testing.a"} <= names("testing")
    assert {"README.md", "CHANGELOG.md", "guide-c.md", "LICENSE"} <= names("docs")
    for name in OPTIONAL:
        library = f"libstreampeersocket-{name}"
        assert names(name) == {"LICENSE", f"{library}.so.0", f"{library}.so.0.N"}
        assert {f"{name}.h", f"{name}.hpp", f"{library}.so", f"{library}.a",
                f"streampeersocket-{name}.pc"} <= names(f"{name}-development")
        assert not [each for each in components["development"] if name in each.lower()]


def test_the_package_needs_only_what_was_installed(tmp_path):
    prefix = install(tmp_path / "prefix", "runtime", "development")
    project = FINDS.format("OPTIONAL_COMPONENTS TLS") + (
        "add_executable(user user.c)\ntarget_link_libraries(user StreamPeerSocket::C)\n"
        "foreach(part IN ITEMS Testing TLS GZIP)\n  if(TARGET StreamPeerSocket::${part})\n"
        "    message(FATAL_ERROR \"${part} is not installed\")\n  endif()\nendforeach()\n")
    (tmp_path / "CMakeLists.txt").write_text(project)
    shutil.copy(os.path.join(PROGRAMS, "program.c"), tmp_path / "user.c")
    build = tmp_path / "build"
    good("cmake", "-S", tmp_path, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}")
    good("cmake", "--build", build)
    good(build / "user")


def test_a_missing_component_is_named(tmp_path):
    prefix = install(tmp_path / "prefix", "development", "runtime")
    (tmp_path / "CMakeLists.txt").write_text(FINDS.format("COMPONENTS TLS"))
    status, _, err = run("cmake", "-S", tmp_path, "-B", tmp_path / "build",
                         f"-DCMAKE_PREFIX_PATH={prefix}")
    assert status != 0 and "the component TLS is not installed" in " ".join(err.split())


@pytest.mark.parametrize("version", (f"{MAJOR}.{MINOR + 1}", "9.0", "0.0.9"))
def test_another_minor_version_is_not_taken(version, prefix, tmp_path):
    """Before 1.0 the ABI may change with the minor version."""
    (tmp_path / "CMakeLists.txt").write_text(FINDS.format("").replace(f"{MAJOR}.{MINOR}", version))
    status, _, err = run("cmake", "-S", tmp_path, "-B", tmp_path / "build",
                         f"-DCMAKE_PREFIX_PATH={prefix}")
    assert status != 0 and "not accepted" in err

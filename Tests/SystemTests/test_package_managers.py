"""The packages for Meson, Conan and vcpkg: built from this checkout, and used by programs."""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile

import pytest
from conftest import ROOT, good, run

PACKAGING = os.path.join(ROOT, "packaging")
CONSUMER = os.path.join(ROOT, "Tests", "SystemTests", "consumer")
VERSION = ".".join(re.findall(r"SPS_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)",
                              open(f"{ROOT}/include/streampeersocket/version.h").read()))
STANDARDS = {"c99": "199901", "cpp17": "201703", "cpp20": "202002", "cpp23": "202100"}


def says_its_standard(folder, names=STANDARDS, **options):
    for name in names:
        assert good(os.path.join(folder, name), **options) == f"{STANDARDS[name]} {VERSION}\n"


def listed_files():
    """The files of this checkout, by their paths in it. A deleted one may not be committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
        capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and os.path.exists(f"{ROOT}/{name}")]


# ---- Meson

WRAP = os.path.join(PACKAGING, "meson", "streampeersocket.wrap")
MESON = os.path.join(PACKAGING, "meson", "packagefiles", "streampeersocket", "meson.build")
SOURCES = {
    "core_sources": "Sources/CSocketCore/**/*.c",
    "simulation_sources": "Sources/CSocketSimulation/*.c",
    "tls_sources": "Sources/SocketTLS/**/*.c",
    "gzip_sources": "Sources/SocketGZIP/*.c",
}


@pytest.mark.parametrize("name", SOURCES)
def test_meson_compiles_each_source_that_cmake_compiles(name):
    """Meson cannot list a folder."""
    block = re.search(rf"^{name} = files\((.*?)^\)", open(MESON).read(), flags=re.S | re.M)[1]
    there = {os.path.relpath(path, ROOT)
             for path in glob.glob(os.path.join(ROOT, SOURCES[name]), recursive=True)
             if "swiftpm" not in path}
    assert there and set(re.findall(r"'(.*?)'", block)) == there


def test_meson_and_vcpkg_name_this_version():
    assert f"version: '{VERSION}'" in open(MESON).read()
    wrap = open(WRAP).read()
    assert f"directory = streampeersocket-{VERSION}\n" in wrap
    assert f"source_filename = streampeersocket-{VERSION}.tar.gz\n" in wrap
    assert port()["version-semver"] == VERSION


@pytest.fixture
def meson_project(tmp_path):
    """A project whose folder subprojects/ has the wrap and a release."""
    project = tmp_path / "project"
    shutil.copytree(CONSUMER, project)
    for name in ("program.c", "program.cpp"):
        shutil.copy(os.path.join(PACKAGING, "conan", "test_package", name), project)
    shutil.copytree(os.path.join(PACKAGING, "meson"), project / "subprojects")
    release = project / "subprojects" / "packagefiles" / f"streampeersocket-{VERSION}.tar.gz"
    with tarfile.open(release, "w:gz") as archive:
        for name in listed_files():
            if name.startswith(("include/", "Sources/C", "Sources/Socket")):
                archive.add(f"{ROOT}/{name}", f"streampeersocket-{VERSION}/{name}")
    with open(project / "meson.build", "a") as file:
        file.write("dependency('streampeersocket-testing')\n"
                   "dependency('streampeersocket-tls', required: false)\n"
                   "dependency('streampeersocket-gzip', required: false)\n")
    return project


@pytest.mark.parametrize("kind", ("static", "shared"))
def test_a_meson_project_has_it_as_a_subproject(meson_project, tmp_path, kind):
    """Once with everything that is installed, and once with the core alone."""
    optional = [f"-Dstreampeersocket:{name}=disabled" for name in ("tls", "gzip", "zstd")]
    build, prefix = tmp_path / "build", tmp_path / "prefix"
    good("meson", "setup", build, meson_project, "--wrap-mode=nodownload", "--force-fallback-for",
         "streampeersocket", "--prefix", prefix, f"-Ddefault_library={kind}", "-Dbuildtype=debug",
         "-Dlibdir=lib", "-Dwerror=true", *(optional if kind == "shared" else []))
    names = STANDARDS if kind == "static" else ["c99"]
    good("meson", "compile", "-C", build, *([] if kind == "static" else names))
    says_its_standard(build, names)
    if kind == "shared":
        good("meson", "install", "-C", build)
        exported = good("nm", "-D", "--defined-only", prefix / "lib" / "libstreampeersocket.so.0")
        names = re.findall(r" [TDBR] (\w+)", exported)
        assert names and all(name.startswith("sps_") for name in names), names


MINGW = """
[binaries]
c = 'x86_64-w64-mingw32-gcc'
cpp = 'x86_64-w64-mingw32-g++'
ar = 'x86_64-w64-mingw32-ar'
[host_machine]
system = 'windows'
cpu_family = 'x86_64'
cpu = 'x86_64'
endian = 'little'
"""


@pytest.mark.parametrize("kind", ("static", "shared"))
def test_a_meson_project_builds_it_for_windows(meson_project, tmp_path, kind):
    build, target = tmp_path / "build", tmp_path / "mingw.ini"
    target.write_text(MINGW)
    good("meson", "setup", build, meson_project, "--cross-file", target, "--wrap-mode=nodownload",
         "--force-fallback-for", "streampeersocket", f"-Ddefault_library={kind}", "-Dwerror=true",
         *(f"-Dstreampeersocket:{name}=disabled" for name in ("tls", "gzip", "zstd")))
    good("meson", "compile", "-C", build, "c99")
    assert (build / "c99.exe").exists()


# ---- Conan

# Conan's packages of other libraries cannot be downloaded. These stand for them.
SYSTEM_RECIPE = """
from conan import ConanFile
class System(ConanFile):
    name, version = "{name}", "{version}"
    def package_info(self):
        self.cpp_info.includedirs, self.cpp_info.libdirs, self.cpp_info.bindirs = [], [], []
        self.cpp_info.set_property("cmake_find_mode", "both")
        self.cpp_info.set_property("cmake_file_name", "{file}")
        for part, target in {parts}.items():
            self.cpp_info.components[part].system_libs = [part]
            self.cpp_info.components[part].includedirs = []
            self.cpp_info.components[part].set_property("cmake_target_name", target)
"""
SYSTEM = {
    "openssl": ("3.0.0", "OpenSSL", {"ssl": "OpenSSL::SSL", "crypto": "OpenSSL::Crypto"}),
    "zlib": ("1.3.0", "ZLIB", {"z": "ZLIB::ZLIB"}),
    "zstd": ("1.5.0", "zstd", {"zstd": "zstd::libzstd_static"}),
}


@pytest.fixture(scope="module")
def conan(tmp_path_factory):
    """Conan with a home of its own, and no remote."""
    home = tmp_path_factory.mktemp("conan")
    environment = {**os.environ, "CONAN_HOME": str(home), "HOME": str(home),
                   "TMPDIR": str(home)}
    environment.pop("CMAKE_GENERATOR", None)

    def run_conan(*arguments):
        status, out, err = run(sys.executable, "-m", "conans.conan", *arguments, env=environment,
                               seconds=240)
        assert status == 0, err
        return err + out.decode()

    run_conan("profile", "detect")
    run_conan("remote", "disable", "*")
    for name, (version, file, parts) in SYSTEM.items():
        (home / name).mkdir()
        (home / name / "conanfile.py").write_text(
            SYSTEM_RECIPE.format(name=name, version=version, file=file, parts=parts))
        run_conan("create", home / name)
    return run_conan


CORE_ALONE = ()
EVERYTHING = ("-o", "&:shared=True", "-o", "&:with_tls=True", "-o", "&:with_gzip=True",
              "-o", "&:with_zstd=True")


@pytest.mark.parametrize("options", (CORE_ALONE, EVERYTHING), ids=("static core", "all, shared"))
def test_conan_makes_a_package_that_programs_use(conan, options):
    """`conan create` builds the package, then the programs of test_package, and runs them."""
    before = set(listed_files())
    out = conan("create", os.path.join(PACKAGING, "conan"), "-s", "build_type=Debug", *options,
                "-c", "tools.cmake.cmaketoolchain:generator=Ninja",
                "-c", "tools.cmake.cmake_layout:test_folder=$TMP")
    for standard in ("c99", "cpp17", "cpp20", "cpp23"):
        assert f"{STANDARDS[standard]} {VERSION}" in out
    assert set(listed_files()) == before


# ---- vcpkg

PORT = os.path.join(PACKAGING, "vcpkg", "ports", "streampeersocket")
IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def port():
    return json.load(open(os.path.join(PORT, "vcpkg.json")))


def is_dependency(each):
    """By vcpkg's reference of vcpkg.json."""
    if isinstance(each, str):
        return IDENTIFIER.fullmatch(each)
    return (IDENTIFIER.fullmatch(each["name"]) and
            set(each) <= {"name", "default-features", "features", "host", "platform", "version>="})


def test_the_port_is_as_vcpkg_documents_ports():
    manifest = port()
    assert set(manifest) <= {"name", "version-semver", "port-version", "description", "homepage",
                             "license", "supports", "dependencies", "features", "maintainers"}
    assert manifest["name"] == os.path.basename(PORT) and manifest["license"] == "MIT"
    dependencies = list(manifest["dependencies"])
    for name, feature in manifest["features"].items():
        assert IDENTIFIER.fullmatch(name) and feature["description"]
        assert set(feature) <= {"description", "dependencies", "license", "supports"}
        dependencies += feature["dependencies"]
    assert all(is_dependency(each) for each in dependencies)
    tools = {each["name"] for each in manifest["dependencies"] if each.get("host")}
    assert tools == {"vcpkg-cmake", "vcpkg-cmake-config"}
    portfile = open(os.path.join(PORT, "portfile.cmake")).read()
    block = re.search(r"\n  FEATURES\n(.*?)\n\)", portfile, flags=re.S)[1]
    assert {line.split()[0] for line in block.splitlines()} == set(manifest["features"])


def test_the_portfile_builds_a_package_that_programs_use(tmp_path):
    """With functions in place of vcpkg's own, because vcpkg cannot be had here."""
    good("cmake", f"-DPORTFILE={PORT}/portfile.cmake", "-DFEATURES=", "-DSHARED=OFF",
         f"-DWORK={tmp_path}", "-P",
         os.path.join(ROOT, "Tests", "SystemTests", "package_managers", "vcpkg.cmake"))
    package = tmp_path / "packages"
    assert not glob.glob(f"{package}/lib/*.so*") and not glob.glob(f"{package}/debug/include")
    assert (package / "share" / "streampeersocket" / "copyright").read_text() == \
        open(os.path.join(ROOT, "LICENSE")).read()
    assert "StreamPeerSocket::StreamPeerSocket" in \
        (package / "share" / "streampeersocket" / "usage").read_text()
    build = tmp_path / "program"
    good("cmake", "-S", CONSUMER, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={package}")
    good("cmake", "--build", build, "--target", "c99", "cpp17")
    says_its_standard(build, ("c99", "cpp17"))


# ---- The Swift Package Index

def test_the_swift_package_index_finds_each_module_that_it_shows():
    listed = re.findall(r"^\s+- (StreamPeer\w+)$", open(f"{ROOT}/.spi.yml").read(), flags=re.M)
    products = re.findall(r'\.library\(\s*name: "(\w+)"', open(f"{ROOT}/Package.swift").read())
    assert listed and set(listed) <= set(products)

"""The Debian packages: built twice, checked by lintian, installed, used and removed."""

import filecmp
import os
import re
import shutil
import subprocess

import pytest
from clean_root import CleanRoot
from conftest import ROOT
from debian_packages import build, changelog, dependencies, field, lint, snapshot

LIBRARIES = {
    "libstreampeersocket0": os.path.join("CSocketCore", "streampeersocket.map"),
    "libstreampeersocket-gzip0": os.path.join("SocketGZIP", "streampeersocket-gzip.map"),
    "libstreampeersocket-tls0": os.path.join("SocketTLS", "streampeersocket-tls.map"),
}
HEADERS = {name.replace("0", "-dev") for name in LIBRARIES}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="chroot() needs root")


def read(*path):
    with open(os.path.join(ROOT, *path)) as file:
        return file.read()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("debian")


@pytest.fixture(scope="module")
def source():
    return snapshot()


@pytest.fixture(scope="module")
def packages(source, folder):
    """Built as a builder of Debian does it, and with the tests of debian/rules."""
    return build(source, folder / "first", "full", DEB_BUILD_OPTIONS="parallel=4")


@pytest.fixture(scope="module")
def packages_again(source, folder):
    """Built where all differs that may: the folder, user settings, time, jobs, and no tests."""
    return build(source, folder / "a-second-build-in-another-folder", "binary",
                 "faketime", "-f", "+400d", umask=0o077, TZ="Pacific/Kiritimati",
                 LC_ALL="C.UTF-8", LANG="de_DE", HOME=str(folder),
                 NO_FAKE_STAT="1",  # the sources keep their times, as in a source package
                 DEB_BUILD_OPTIONS="nocheck parallel=1")


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_symbols_file_has_every_exported_symbol(library):
    """The build checks it too, and only against the versions of Debian's own tools."""
    node, symbols = None, set()
    for line in read("Sources", LIBRARIES[library]).splitlines():
        opened = re.match(r"(STREAMPEERSOCKET_\S+) \{", line)
        node = opened.group(1) if opened else node
        symbols |= {f"{name}@{node}" for name in re.findall(r"^ +(sps_\w+);", line)}
        symbols |= {f"{node}@{node}"} if opened else set()
    listed = set(re.findall(r"^ (\S+@\S+) ", read("debian", f"{library}.symbols"), re.MULTILINE))
    assert listed == symbols


def test_each_library_has_its_packages(packages):
    debug = {f"{name}-dbgsym" for name in LIBRARIES}
    assert packages.keys() == LIBRARIES.keys() | HEADERS | debug


def test_the_core_needs_nothing_but_libc(packages):
    assert re.fullmatch(r"libc6 \(.*\)", field(packages["libstreampeersocket0"], "Depends"))
    assert re.fullmatch(r"libstreampeersocket0 \(= .*\)",
                        field(packages["libstreampeersocket-dev"], "Depends"))


def test_the_debug_symbols_are_those_of_the_libraries(packages, tmp_path):
    for name in LIBRARIES:
        for path in (packages[name], packages[f"{name}-dbgsym"]):
            subprocess.run(["dpkg-deb", "--extract", path, tmp_path / name], check=True)
        [library] = (tmp_path / name).glob("usr/lib/*/*.so.0.*")
        notes = subprocess.run(["readelf", "-n", library], capture_output=True, text=True).stdout
        [build_id] = re.findall(r"Build ID: (\w+)", notes)
        symbols = f"usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug"
        assert (tmp_path / name / symbols).exists()


def test_lintian_finds_nothing(packages, folder):
    assert lint(folder / "first") == ""


def test_two_builds_are_equal_bit_by_bit(packages, packages_again):
    assert packages.keys() == packages_again.keys()
    differ = [name for name in packages
              if not filecmp.cmp(packages[name], packages_again[name], shallow=False)]
    assert differ == []


@pytest.fixture(scope="module")
def programs(packages, folder):
    """The programs of debian/tests, built in a clean root with the packages. The packages are then
    purged. Returns the programs, the files before, and the files after."""
    used = [packages[name] for name in (*LIBRARIES, *HEADERS)]
    root = CleanRoot(folder / "compiler",
                     f"{dependencies(used)}, gcc, g++, cmake, make, pkg-config")
    before = root.files()
    root.install(used)
    inside = os.path.join(root.folder, "source")
    shutil.copytree(os.path.join(ROOT, "debian", "tests"), os.path.join(inside, "debian", "tests"))
    os.mkdir(os.path.join(inside, "made"))
    for script in ("cmake", "pkg-config"):
        root.run(f"debian/tests/{script}", folder="/source", AUTOPKGTEST_TMP="/source/made")
    made = shutil.move(os.path.join(inside, "made"), folder / "programs")
    shutil.rmtree(inside)
    root.run("dpkg", "--purge", *LIBRARIES, *HEADERS)
    after = root.files()
    shutil.rmtree(root.folder)
    return made, before, after


@needs_root
def test_users_build_with_the_declared_dependencies_and_a_purge_leaves_nothing(programs):
    _, before, after = programs
    assert after == before


@needs_root
def test_programs_run_with_the_libraries_alone(packages, programs, folder):
    used = [packages[name] for name in LIBRARIES]
    root = CleanRoot(folder / "runtime", dependencies(used))
    shutil.copytree(programs[0], os.path.join(root.folder, "programs"))
    before = root.files()
    with pytest.raises(AssertionError, match="libstreampeersocket"):
        root.run("/programs/user")
    root.install(used)
    assert root.run("/programs/user").strip() == changelog()[0]
    root.run("/programs/network_test")
    root.run("dpkg", "--remove", *LIBRARIES)
    assert root.files() == before
    shutil.rmtree(root.folder)

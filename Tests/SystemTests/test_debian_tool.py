"""The Debian package of the tool, which needs Swift. It runs by name, because it costs minutes."""

import os
import shutil

import pytest
from clean_root import CleanRoot
from debian_packages import ENVIRONMENT, build, changelog, dependencies, lint, snapshot

PROFILE = "pkg.streampeersocket.swift"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("debian")


@pytest.fixture(scope="module")
def package(folder):
    """SwiftPM's cache has swift-argument-parser if the tool was built before."""
    swift = os.path.dirname(os.path.realpath(shutil.which("swift")))
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                         "org.swift.swiftpm")
    packages = build(snapshot(), folder / "build", "binary",
                     DEB_BUILD_PROFILES=PROFILE, DEB_BUILD_OPTIONS="nocheck parallel=2",
                     PATH=f"{ENVIRONMENT['PATH']}:{swift}",
                     SWIFT_BUILD_OPTIONS=f"--cache-path {cache}")
    return packages["streampeersocket-tools"]


def test_lintian_finds_nothing(package, folder):
    assert lint(folder / "build") == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="chroot() needs root")
def test_the_tool_runs_without_swift_and_its_removal_leaves_nothing(package, folder):
    root = CleanRoot(folder / "root", dependencies([package]))
    before = root.files()
    root.install([package])
    assert root.run_with_proc("streampeer", "--version").strip() == changelog()[0]
    assert "values equal" in root.run_with_proc("streampeer", "demo", "--size", "1")
    root.run("dpkg", "--purge", "streampeersocket-tools")
    after = root.files()
    shutil.rmtree(root.folder)
    assert after == before

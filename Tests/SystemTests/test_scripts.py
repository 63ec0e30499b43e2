"""The scripts name what they know, and what is missing. What is counted: test_runner.py."""

import importlib.machinery
import importlib.util
import inspect
import os
import subprocess

from conftest import ROOT, run


def script(*arguments):
    return run(os.path.join(ROOT, "scripts", "test"), *arguments)


def test_suites_are_listed():
    status, out, _ = script("--list")
    assert status == 0
    lines = out.decode().splitlines()
    assert {line.split()[0] for line in lines} >= {"core", "swift", "peers", "coverage"}
    assert [line for line in lines if "by name only" in line and line.startswith("coverage")]


def test_an_unknown_suite_is_an_error():
    status, out, err = script("nonsense")
    assert status == 2 and out == b"" and "nonsense" in err


def test_a_missing_package_is_named(tmp_path):
    # No package manager and no sudo on this PATH: all it can do is say what to install.
    for name in ("bash", "env", "id", "dirname"):
        os.symlink(f"/usr/bin/{name}", tmp_path / name)
    done = subprocess.run(
        [os.path.join(ROOT, "scripts", "require"), "command=nonesuch:some-package"],
        env={"PATH": str(tmp_path)}, capture_output=True, text=True,
    )
    assert done.returncode == 69
    assert done.stderr == "please install: apt-get install some-package\n"


def test_a_fuzzer_is_built_as_the_suites_build():
    """scripts/fuzz calls what suites.py has: it takes too long to build one here."""
    loader = importlib.machinery.SourceFileLoader("fuzz", os.path.join(ROOT, "scripts", "fuzz"))
    fuzz = importlib.util.module_from_spec(importlib.util.spec_from_loader("fuzz", loader))
    loader.exec_module(fuzz)
    signature = inspect.signature(fuzz.cmake_build)
    fuzz.cmake_build, fuzz.clang = signature.bind, lambda: "clang"
    assert fuzz.build("api").arguments["targets"] == ["fuzz_api"]

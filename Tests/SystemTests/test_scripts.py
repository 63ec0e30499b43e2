"""The scripts name what they know, and what is missing. test_runner.py checks what they count."""

import os
import subprocess

import pytest
from conftest import ROOT, run
from testing import platforms, suites


def script(*arguments):
    return run(os.path.join(ROOT, "scripts", "test"), *arguments)


def test_each_target_is_in_the_document():
    """The suites fill the rows: test_cross.py and others."""
    assert set(platforms.read_rows(ROOT)) - {"dev"} == platforms.presets_of_targets(ROOT)


def test_a_row_that_the_document_lacks_is_noticed():
    rows = platforms.read_rows(ROOT)
    assert platforms.differences(rows, ROOT) == []
    rows["linux-musl"] = platforms.row("Linux", "linux-musl", "no", "no", "")
    assert platforms.differences(rows, ROOT) == [
        "docs/platforms.md must have: | Linux | `linux-musl` | no | no | |"]


def test_suites_are_listed():
    status, out, _ = script("--list")
    assert status == 0
    groups = {line[:22].strip(): line[23:32].strip() for line in out.decode().splitlines()}
    assert [name for name, group in groups.items() if group == "quick"] == [
        "style", "headers", "core", "faults", "simulation", "simulate", "model", "swift", "programs",
        "mutants", "peers", "gzip", "tls", "godot-extension", "godot"]
    assert groups["portable"] == "thorough" and groups["coverage"] == "by name"


def test_continuous_integration_runs_both():
    text = open(os.path.join(ROOT, ".ci", "run")).read()
    assert "export CI=true" in text and "./scripts/test && ./scripts/test thorough" in text


def test_each_emulated_target_has_a_row_in_the_document():
    rows = platforms.read_rows(ROOT)
    assert all("`emulated`" in rows[preset] for preset in suites.EMULATED)
    assert all("`emulated-more`" in rows[preset] for preset in suites.EMULATED_MORE)


def test_an_unknown_suite_is_an_error():
    status, out, err = script("nonsense")
    assert status == 2 and out == b"" and "nonsense" in err


def test_a_name_that_no_test_has_is_an_error():
    status, out, err = script("-k", "no_such" + "_name")
    assert status == 1 and "no test is named no_such" in err
    assert out.decode().splitlines()[-1] == "0 passed, 1 failed, 0 skipped"


def test_one_test_runs_by_its_name():
    status, out, err = script("--no-install", "-k", "byte_queue")
    assert status == 0, (out.decode(), err)
    passed, rest = out.decode().splitlines()[-1].split(" ", 1)
    assert 0 < int(passed) < 20 and rest == "passed, 0 failed, 0 skipped"


@pytest.mark.parametrize("options", [(), ("--no-install",)])
def test_a_missing_package_is_named(tmp_path, options):
    # This PATH has no package manager and no sudo, so the script can only print the missing
    # package.
    for name in ("bash", "env", "id", "dirname", "tr", "sort"):
        os.symlink(f"/usr/bin/{name}", tmp_path / name)
    done = subprocess.run(
        [os.path.join(ROOT, "scripts", "setup"), *options, "command=nonesuch:some-package"],
        env={"PATH": str(tmp_path)}, capture_output=True, text=True,
    )
    assert done.returncode == 69
    assert done.stderr == "please install: apt-get install some-package\n"


def test_an_unknown_fuzzer_is_an_error():
    status, _, err = run(os.path.join(ROOT, "scripts", "fuzz"), "nonsense")
    assert status == 2 and "variant" in err

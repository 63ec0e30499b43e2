"""The test runner notices a test that fails, crashes, hangs, or leaves something behind."""

import importlib.machinery
import importlib.util
import os
import re
import sys
import time

import pytest
from conftest import BUILD, ROOT, make_program, run

sys.path.insert(0, os.path.join(ROOT, "scripts"))

from testing import run as runner  # noqa: E402
from testing.run import MissingTool, Tally, check_binaries, check_binary, junit, with_junit  # noqa: E402
from testing.suites import Suite, pytest as python_with_pytest  # noqa: E402

PROBE = os.path.join(BUILD, "Tests", "CSocketCoreTests", "runner_probe")
LEFT = "left behind: {} descriptors, {} threads, {} child processes, {} blocks of memory"


# ---- Programs of Check

@pytest.mark.parametrize(
    "case, told",
    [
        ("fails", "it_fails: as it must"),
        ("crashes", "it_crashes: Received signal 6"),
        ("ends", "it_ends_the_process: Early exit with return value 1"),
        ("hangs", "it_hangs: Test timeout expired"),
        ("descriptor", "it_leaves_a_descriptor: " + LEFT.format(1, 0, 0, 0)),
        ("thread", "it_leaves_a_thread: " + LEFT.format(0, 1, 0, 0)),
        ("process", "it_leaves_a_process: " + LEFT.format(0, 0, 1, 0)),
        ("memory", "it_leaves_memory: " + LEFT.format(0, 0, 0, 1)),
    ],
)
def test_one_bad_test_is_one_failure(tmp_path, capfd, case, told):
    report = tmp_path / "report.tap"
    env = {"CK_RUN_CASE": case, "SPS_LEAK_SECONDS": "0.2"}
    status, _, _ = run(PROBE, env={**env, "CK_TAP_LOG_FILE_NAME": str(report)})
    assert status == 1
    (line,) = [line for line in report.read_text().splitlines() if line.startswith("not ok ")]
    assert told in re.sub(r"\(after this point\) ", "", line)
    assert check_binary(PROBE, env) == Tally(failed=1)
    out, _ = capfd.readouterr()
    assert told.partition(":")[0] in out


def test_the_others_are_counted_beside_a_bad_one():
    env = {"CK_RUN_SUITE": "second"}
    assert check_binary(PROBE, env) == Tally(passed=1)
    assert check_binaries([PROBE, PROBE], {"SPS_LEAK_SECONDS": "0.2"}) == Tally(4, 16)


def test_without_processes_of_its_own_a_crash_leaves_no_whole_report(capfd):
    env = {"CK_FORK": "no", "CK_RUN_CASE": "crashes"}
    assert check_binary(PROBE, env) == Tally(failed=1)
    assert "its report is not whole" in capfd.readouterr().out


@pytest.mark.parametrize(
    "body, expected",
    [
        ('printf "ok 1 - a\\nok 2 - b\\n1..2\\n" > $CK_TAP_LOG_FILE_NAME', Tally(passed=2)),
        ('printf "ok 1\\nnot ok 2\\n1..2\\n" > $CK_TAP_LOG_FILE_NAME; exit 1', Tally(1, 1)),
        ('printf "ok 1\\n1..1\\n" > $CK_TAP_LOG_FILE_NAME; exit 1', Tally(1, 1)),  # crashed later
        ('printf "ok 1\\nnot ok 2\\n" > $CK_TAP_LOG_FILE_NAME; exit 1', Tally(1, 2)),  # in between
        ('printf "ok 1\\n" > $CK_TAP_LOG_FILE_NAME', Tally(1, 1)),  # ended early, and well
        ('printf "1..0\\n" > $CK_TAP_LOG_FILE_NAME', Tally(failed=1)),  # no test
        ("exit 0", Tally(failed=1)),
        ("exit 1", Tally(failed=1)),
        ("kill -9 $$", Tally(failed=1)),
    ],
)
def test_check_programs_are_counted(tmp_path, body, expected):
    assert check_binary(make_program(tmp_path, body)) == expected


def test_a_program_that_tells_no_suites_has_failed(tmp_path):
    assert check_binaries([make_program(tmp_path, "exit 0")]) == Tally(failed=1)
    assert check_binaries([make_program(tmp_path, "exit 1")]) == Tally(failed=1)


# ---- Programs that do not end

def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.3)


def test_a_program_that_hangs_is_ended_with_all_that_it_started(tmp_path, quick, capfd):
    # One that ignores SIGTERM, with a child in a process group of its own: as Check's are.
    pids = tmp_path / "pids"
    body = f"trap '' TERM; set -m; (trap '' TERM; sleep 600) & echo $$ $! > {pids}; sleep 600"
    begin = time.monotonic()
    assert not runner.run([make_program(tmp_path, body)], timeout=1)
    assert time.monotonic() - begin < 30
    assert "not done after 1 s" in capfd.readouterr().out
    assert not any(is_running(pid) for pid in pids.read_text().split())


def test_a_check_program_that_hangs_is_one_failure(quick):
    env = {"CK_RUN_CASE": "hangs", "CK_FORK": "no"}
    assert check_binary(PROBE, env, timeout=1) == Tally(failed=1)


def test_a_program_that_leaves_another_running_has_failed(tmp_path, quick, capfd):
    pid = tmp_path / "pid"
    assert not runner.run([make_program(tmp_path, f"sleep 600 & echo $! > {pid}")])
    assert "left running: sleep" in capfd.readouterr().out
    assert not is_running(pid.read_text().strip())


# ---- JUnit's reports

def test_junit_reports_are_counted(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite><testcase/><testcase><failure/></testcase>"
        "<testcase><skipped/></testcase><testcase><error/></testcase></testsuite></testsuites>"
    )
    assert junit([str(report), "/nonesuch"]) == Tally(1, 2, 1)


def test_a_report_that_is_cut_short_is_a_failure(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text("<testsuites><testsuite><testcase/>")
    assert with_junit(["true"], [str(report)]) == Tally(failed=1)


def test_what_no_report_tells_is_a_failure(tmp_path, quick):
    report = tmp_path / "report.xml"
    report.write_text("<testsuites><testcase/></testsuites>")
    assert with_junit(["true"], [str(report)]) == Tally(passed=1)
    assert with_junit(["false"], [str(report)]) == Tally(1, 1)
    assert with_junit(["false"], ["/nonesuch"]) == Tally(failed=1)
    assert with_junit(["true"], ["/nonesuch"]) == Tally(failed=1)
    assert with_junit(["sleep", "600"], ["/nonesuch"], timeout=0.2) == Tally(failed=1)


# ---- pytest

BAD_TESTS = """
import os, subprocess, time
import pytest
kept = []

def test_passes(): pass
def test_fails(): assert False
def test_hangs(): time.sleep(600)
def test_leaves_a_descriptor(): kept.append(os.open("/dev/null", os.O_RDONLY))
def test_leaves_a_process(): kept.append(subprocess.Popen(["sleep", "600"]))
@pytest.mark.skip
def test_is_skipped(): pass
"""


def test_pytest_fails_what_hangs_or_leaves_something(tmp_path, quick, capfd):
    conftest = os.path.join(ROOT, "Tests", "SystemTests", "conftest.py")
    os.symlink(conftest, tmp_path / "conftest.py")
    (tmp_path / "test_bad.py").write_text(BAD_TESTS)
    report = tmp_path / "report.xml"
    command = [python_with_pytest(), "-m", "pytest", "-q", "-p", "no:cacheprovider",
               f"--junitxml={report}", str(tmp_path / "test_bad.py")]
    # The two that leave something pass, and their ends are errors: two cases of the report each.
    assert with_junit(command, [str(report)], {"SPS_TEST_SECONDS": "1"}) == Tally(1, 4, 1)
    out, _ = capfd.readouterr()
    assert "test_hangs: not done after 1 s" in out
    assert "left behind: descriptor /dev/null" in out
    assert "left behind: process" in out  # which may not have its name yet


# ---- scripts/test

def script():
    path = os.path.join(ROOT, "scripts", "test")
    loader = importlib.machinery.SourceFileLoader("scripts_test", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("scripts_test", loader))
    loader.exec_module(module)
    return module


def missing():
    raise MissingTool("please install: it")


@pytest.mark.parametrize(
    "suite, ci, expected",
    [
        (lambda: Tally(2, 1, 3), "", Tally(2, 1, 3)),
        (Tally, "", Tally(failed=1)),  # no test ran
        (missing, "", Tally(skipped=1)),
        (missing, "true", Tally(failed=1)),
    ],
)
def test_a_suite_is_counted(monkeypatch, capfd, suite, ci, expected):
    monkeypatch.setenv("CI", ci)
    assert script().run_suite(Suite("probe", "for the test", suite)) == expected
    assert f"-- probe: {expected}" in capfd.readouterr().out


@pytest.mark.parametrize("bad, status", [(Tally(), 1), (Tally(failed=1), 1), (Tally(3), 0)])
def test_one_failure_fails_the_whole(monkeypatch, capfd, bad, status):
    module = script()
    good = Suite("good", "", lambda: Tally(passed=2, skipped=1))
    monkeypatch.setattr(module.suites, "ALL", [good, Suite("other", "", lambda: bad)])
    monkeypatch.setattr(sys, "argv", ["test"])
    monkeypatch.chdir(ROOT)
    assert module.main() == status
    expected = Tally(passed=2, skipped=1) + (bad if bad.total else Tally(failed=1))
    assert capfd.readouterr().out.splitlines()[-1] == str(expected)

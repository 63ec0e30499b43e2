"""The test runner notices a test that fails, crashes, hangs, or leaves something behind."""

import os
import re
import subprocess
import sys
import time

import pytest
from conftest import BUILD, ROOT, make_program, run

sys.path.insert(0, os.path.join(ROOT, "scripts"))

from testing import __main__ as command  # noqa: E402
from testing import by_name, guard, suites  # noqa: E402
from testing.guard import Tally, junit, run_check, run_junit  # noqa: E402
from testing.suites import Suite  # noqa: E402

GUARD = os.path.join(ROOT, "scripts", "testing", "guard.py")
PROBE = os.path.join(BUILD, "Tests", "CSocketCoreTests", "runner_probe")
LEFT = "left behind: {} descriptors, {} threads, {} child processes, {} blocks of memory"


# ---- Programs of Check

@pytest.mark.parametrize(
    "case, message",
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
def test_one_bad_test_is_one_failure(tmp_path, capfd, case, message):
    report = tmp_path / "report.tap"
    env = {"CK_RUN_CASE": case, "SPS_LEAK_SECONDS": "0.2"}
    status, _, _ = run(PROBE, env={**env, "CK_TAP_LOG_FILE_NAME": str(report)})
    assert status == 1
    (line,) = [line for line in report.read_text().splitlines() if line.startswith("not ok ")]
    assert message in re.sub(r"\(after this point\) ", "", line)
    assert run_check([PROBE], env) == Tally(failed=1)
    out, _ = capfd.readouterr()
    assert message.partition(":")[0] in out


def test_the_others_are_counted_beside_a_bad_one():
    env = {"CK_RUN_SUITE": "second"}
    assert run_check([PROBE], env) == Tally(passed=1)
    assert run_check([PROBE], {"SPS_LEAK_SECONDS": "0.2"}) == Tally(2, 8)


def test_one_suite_or_one_name_runs_alone():
    status, out, _ = run(PROBE, "--list")
    assert (status, out) == (0, b"0 probe\n1 second\n")
    assert run_check([PROBE, "--suite", "1"]) == Tally(passed=1)
    assert run_check([PROBE, "--match", "it_passes"]) == Tally(passed=2)  # a test's name
    assert run_check([PROBE, "--match", "econ"]) == Tally(passed=1)  # a suite's
    assert run_check([PROBE, "--match", "nonsense"]) == Tally(failed=1)


def test_without_processes_of_its_own_a_crash_leaves_no_whole_report(capfd):
    env = {"CK_FORK": "no", "CK_RUN_CASE": "crashes"}
    assert run_check([PROBE], env) == Tally(failed=1)
    assert "its report is not whole" in capfd.readouterr().out


@pytest.mark.parametrize(
    "body, expected",
    [
        ('printf "ok 1 - a\\nok 2 - b\\n1..2\\n" > $CK_TAP_LOG_FILE_NAME', Tally(passed=2)),
        ('printf "ok 1\\nnot ok 2\\n1..2\\n" > $CK_TAP_LOG_FILE_NAME; exit 1', Tally(1, 1)),
        ('printf "ok 1\\n1..1\\n" > $CK_TAP_LOG_FILE_NAME; exit 1', Tally(1, 1)),  # crashed later
        ('printf "ok 1\\nnot ok 2\\n" > $CK_TAP_LOG_FILE_NAME; exit 1', Tally(1, 2)),  # in between
        ('printf "ok 1\\n" > $CK_TAP_LOG_FILE_NAME', Tally(1, 1)),  # ended early, with success
        ('printf "1..0\\n" > $CK_TAP_LOG_FILE_NAME', Tally(failed=1)),  # no test
        ("exit 0", Tally(failed=1)),
        ("exit 1", Tally(failed=1)),
        ("kill -9 $$", Tally(failed=1)),
    ],
)
def test_check_programs_are_counted(tmp_path, body, expected):
    assert run_check([make_program(tmp_path, body)]) == expected


def test_a_program_that_lists_no_suites_does_not_build(tmp_path):
    for body in ("exit 0", "exit 1"):
        program = make_program(tmp_path, body)
        status, _, _ = run("cmake", "-D", f"PROGRAM={program}", "-D", f"FILE={tmp_path}/suites.cmake",
                           "-P", os.path.join(ROOT, "cmake", "DiscoverSuites.cmake"))
        assert status != 0 and not os.path.exists(tmp_path / "suites.cmake")


# ---- Programs that do not end

def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(guard, "GRACE_SECONDS", 0.3)


def test_a_program_that_hangs_is_ended_with_all_that_it_started(tmp_path, quick, capfd):
    # The program ignores SIGTERM, and has a child in its own process group, as Check does.
    pids = tmp_path / "pids"
    body = f"trap '' TERM; set -m; (trap '' TERM; sleep 600) & echo $$ $! > {pids}; sleep 600"
    begin = time.monotonic()
    assert not guard.run([make_program(tmp_path, body)], timeout=1)
    assert time.monotonic() - begin < 30
    assert "not done after 1 s" in capfd.readouterr().out
    assert not any(is_running(pid) for pid in pids.read_text().split())


def test_a_check_program_that_hangs_is_one_failure(quick):
    env = {"CK_RUN_CASE": "hangs", "CK_FORK": "no"}
    assert run_check([PROBE], env, timeout=1) == Tally(failed=1)


def test_a_program_that_leaves_another_running_has_failed(tmp_path, quick, capfd):
    pid = tmp_path / "pid"
    assert not guard.run([make_program(tmp_path, f"sleep 600 & echo $! > {pid}")])
    assert "left running: sleep" in capfd.readouterr().out
    assert not is_running(pid.read_text().strip())


def test_the_guard_says_how_many_tests_a_program_had(tmp_path):
    for kind, body, expected in (("plain", "exit 0", Tally(1)), ("plain", "exit 1", Tally(0, 1)),
                                 ("step", "exit 0", Tally()), ("step", "exit 1", Tally(0, 1))):
        status, out, _ = run(sys.executable, GUARD, kind, make_program(tmp_path, body))
        assert status == expected.failed
        assert out.decode().splitlines()[-1] == str(expected)


# ---- JUnit's reports

def test_junit_reports_are_counted(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite><testcase/><testcase><failure/></testcase>"
        "<testcase><skipped/></testcase><testcase><error/></testcase></testsuite></testsuites>"
    )
    assert junit([str(report), "/nonesuch"]) == (Tally(1, 2, 1), True)


def reporter(folder, text, end):
    """A program that writes a report where its argument says."""
    return [make_program(folder, f"printf '{text}' > $1; {end}")]


def test_a_report_that_is_cut_short_is_a_failure(tmp_path):
    command = reporter(tmp_path, "<testsuites><testsuite><testcase/>", "exit 0")
    assert run_junit(command, []) == Tally(failed=1)


def test_a_failure_without_a_report_counts(tmp_path, quick):
    one = "<testsuites><testcase/></testsuites>"
    assert run_junit(reporter(tmp_path, one, "exit 0"), []) == Tally(passed=1)
    assert run_junit(reporter(tmp_path, one, "exit 1"), []) == Tally(1, 1)
    assert run_junit([make_program(tmp_path, "exit 1")], []) == Tally(failed=1)
    assert run_junit([make_program(tmp_path, "exit 0")], []) == Tally(failed=1)
    assert run_junit([make_program(tmp_path, "sleep 600")], [], timeout=0.2) == Tally(failed=1)


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


def test_pytest_fails_tests_that_hang_or_leave_something(tmp_path, quick, capfd):
    conftest = os.path.join(ROOT, "Tests", "SystemTests", "conftest.py")
    os.symlink(conftest, tmp_path / "conftest.py")
    (tmp_path / "test_bad.py").write_text(BAD_TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
               str(tmp_path / "test_bad.py")]
    # Two tests pass and leave something; their teardowns are errors. That is two cases each in the
    # report.
    assert run_junit(command, ["--junit-xml"], {"SPS_TEST_SECONDS": "1"}) == Tally(1, 4, 1)
    out, _ = capfd.readouterr()
    assert "test_hangs: not done after 1 s" in out
    assert "left behind: descriptor /dev/null" in out
    assert "left behind: process" in out  # the process may not have its name yet


# ---- CTest

CTEST = """
add_test(good sh -c "echo 3 passed, 0 failed, 1 skipped")
add_test(plain true)
add_test(bad sh -c "echo 2 passed, 1 failed, 0 skipped; exit 1")
add_test(crashes sh -c "echo 5 passed, 0 failed, 0 skipped; kill -9 $$")
add_test(hangs sleep 600)
add_test(missing /nonesuch)
set_tests_properties(good plain PROPERTIES LABELS good)
set_tests_properties(bad crashes hangs missing PROPERTIES LABELS bad TIMEOUT 1)
"""


def test_ctest_results_are_counted_by_label(tmp_path):
    (tmp_path / "CTestTestfile.cmake").write_text(CTEST)
    report = tmp_path / "report.xml"
    subprocess.run(["ctest", "--output-junit", report], cwd=tmp_path, capture_output=True)
    labels = suites.read_labels("ctest", "--test-dir", tmp_path)
    assert suites.read_report(report, labels) == {"good": Tally(4, 0, 1), "bad": Tally(7, 4)}
    words = list(suites.last_words("dev", report))
    assert "-- failed: bad on dev\n2 passed, 1 failed, 0 skipped" in words
    assert len(words) == 4
    report.write_text(report.read_text()[:200])
    assert suites.read_report(report, labels) is None
    assert list(suites.last_words("dev", report)) == []


# ---- Suites

@pytest.mark.parametrize(
    "found, missing, ci, expected",
    [
        ({"core": Tally(2, 1, 3)}, None, "", Tally(2, 1, 3)),
        ({}, None, "", Tally(failed=1)),  # no test ran
        # of a part that the suite needs
        ({"core": Tally(2), "swift": Tally(failed=1)}, None, "", Tally(2, 1)),
        ({}, "please install: it", "", Tally(skipped=1)),
        ({}, "please install: it", "true", Tally(failed=1)),
    ],
)
def test_a_suite_is_counted(monkeypatch, capfd, found, missing, ci, expected):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(suites, "setup", lambda *_, **__: missing)
    monkeypatch.setattr(suites, "configure", lambda *_: True)
    monkeypatch.setattr(suites, "build", lambda *_: True)
    monkeypatch.setattr(suites, "run_ctest", lambda *_: dict(found))
    assert suites.run_suites([Suite("core", "quick", "")]) == expected
    assert "-- core: " in capfd.readouterr().out


@pytest.mark.parametrize("value, expected", [(None, Tally(skipped=1)), ("", Tally(skipped=1)),
                                             ("/bin/true", Tally(2))])
def test_a_suite_without_its_program_is_skipped(monkeypatch, capfd, value, expected):
    """Also with CI=true, because no script installs the program. It never counts as passed."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.delenv("GODOT4", raising=False)
    if value is not None:
        monkeypatch.setenv("GODOT4", value)
    for name, answer in (("setup", None), ("configure", True), ("build", True)):
        monkeypatch.setattr(suites, name, lambda *_, answer=answer, **__: answer)
    monkeypatch.setattr(suites, "run_ctest", lambda *_: {"godot": Tally(2)})
    assert suites.run_suites([Suite("godot", "quick", "", variable="GODOT4")]) == expected
    said = "skipped: godot: GODOT4 names no program" in capfd.readouterr().out
    assert said == (expected.skipped == 1)


def test_a_program_that_does_not_build_has_failed(monkeypatch):
    monkeypatch.setattr(suites, "setup", lambda *_: None)
    monkeypatch.setattr(suites, "configure", lambda *_: True)
    monkeypatch.setattr(suites, "build", lambda *_: False)
    assert suites.run_suites([Suite("core", "quick", "")]) == Tally(failed=1)


def test_a_failure_that_ctest_does_not_report_counts(monkeypatch):
    monkeypatch.setattr(suites.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 8, b""))
    assert suites.run_ctest("dev", "core")["ctest"] == Tally(failed=1)


# ---- Tests by name

@pytest.mark.parametrize(
    "chosen, missing, ci, expected",
    [
        ((), (), "", Tally(7)),  # 1 in C, 2 in Swift, 4 in Python
        (("core",), (), "", Tally(1)),
        (("swift",), (), "", Tally(2)),
        ((), ("swift", "programs"), "", Tally(1, 0, 2)),  # only the tests without tools are skipped
        ((), ("swift",), "true", Tally(5, 1)),
    ],
)
def test_a_name_runs_in_each_language(monkeypatch, chosen, missing, ci, expected):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(suites, "setup", lambda name: "a tool" if name in missing else None)
    monkeypatch.setattr(by_name, "files_with", lambda *_, **__: ["a file"])
    monkeypatch.setattr(by_name, "run_c", lambda *_: Tally(1))
    monkeypatch.setattr(by_name, "run_swift", lambda *_: Tally(2))
    monkeypatch.setattr(by_name, "run_python", lambda *_: Tally(4))
    assert by_name.run_tests("name", chosen) == expected


def test_a_name_of_no_test_is_a_failure(monkeypatch):
    monkeypatch.setattr(by_name, "files_with", lambda *_, **__: [])
    assert by_name.run_tests("name") == Tally(failed=1)


@pytest.mark.parametrize("tally, status", [(Tally(1, 0, 1), 0), (Tally(1, 1), 1),
                                           (Tally(skipped=1), 1)])
def test_a_run_that_proves_nothing_fails(monkeypatch, tally, status):
    monkeypatch.setattr(sys, "argv", ["scripts/test", "core"])
    monkeypatch.setattr(suites, "run_suites", lambda *_: tally)
    assert command.main() == status

"""The mutation tool, Tests/Mutation."""

import os
import sys

import pytest
from conftest import ROOT, make_program

sys.path[:0] = [os.path.join(ROOT, "Tests", "Mutation"), os.path.join(ROOT, "build", "python")]


@pytest.fixture(scope="module")
def mutation():
    """The module. scripts/setup installs the parser that it needs."""
    import mutation

    return mutation


C_TEXT = b"""static bool small(int a) {
    if (a < 3 && a != 0) {
        forget(a);
    }
    return a;
}
"""


def test_mutants_are_found_in_the_syntax(mutation):
    found = mutation.mutants.mutants_of("a.c", C_TEXT)
    assert {(mutant.before, mutant.after) for mutant in found} >= {
        ("if (a < 3 && a != 0) {", "if (a <= 3 && a != 0) {"),
        ("if (a < 3 && a != 0) {", "if (a < 3 || a != 0) {"),
        ("if (a < 3 && a != 0) {", "if (a != 0) {"),
        ("if (a < 3 && a != 0) {", "if (!(a < 3 && a != 0)) {"),
        ("if (a < 3 && a != 0) {", "if (a < (3 + 1) && a != 0) {"),
        ("forget(a);", ";"),
        ("return a;", "return !(a);"),
    }
    assert {mutant.function for mutant in found} == {"small"}
    for mutant in found:
        assert mutant.apply(C_TEXT) != C_TEXT
        assert len(mutant.apply(C_TEXT).splitlines()) == len(C_TEXT.splitlines())


def test_a_mutant_keeps_its_name_when_others_lines_move(mutation):
    before = mutation.mutants.mutants_of("a.c", C_TEXT)
    after = mutation.mutants.mutants_of("a.c", b"int first;\n" + C_TEXT)
    assert [mutant.id for mutant in after] == [mutant.id for mutant in before]
    assert len({mutant.id for mutant in before}) == len(before)


def test_the_seed_decides_the_sample(mutation):
    found = mutation.mutants.mutants_of("a.c", C_TEXT)
    sample = mutation.mutants.shuffled(found, 1)
    assert sample == mutation.mutants.shuffled(found, 1)
    assert sample != mutation.mutants.shuffled(found, 2)
    assert sorted({mutant.place for mutant in found}) == sorted(mutant.place for mutant in sample)


def test_every_verdict_belongs_to_an_existing_mutant(mutation):
    keys = {
        mutant.key for file in mutation.mutants.files()
        for mutant in mutation.mutants.mutants_of(file, mutation.mutants.read(file))
    }
    verdicts = mutation.read_verdicts()
    assert not set(verdicts) - keys
    assert {verdict for verdict, _ in verdicts.values()} <= {"equivalent", "not noticed"}


def test_a_survivor_without_a_verdict_is_a_failure(mutation, capsys):
    first, second, *others = mutation.mutants.mutants_of("a.c", C_TEXT)
    outcomes = [mutation.Outcome(mutant, "a test") for mutant in others]
    outcomes += [mutation.Outcome(first, ""), mutation.Outcome(second, "")]
    verdicts = {first.key: ("equivalent", "no test can see it")}
    tally = mutation.judge(outcomes, verdicts, 95.0)
    assert (tally.passed, tally.failed) == (len(others) + 1, 1)
    assert "1 survived without a verdict" in capsys.readouterr().out
    verdicts[second.key] = ("not noticed", "no test can")
    assert mutation.judge(outcomes, verdicts, 95.0).failed == 0
    assert mutation.judge(outcomes, verdicts, 89.9).failed == 1


def test_a_verdict_belongs_to_one_of_several_identical_mutants(mutation):
    first, second = (
        mutant for mutant in mutation.mutants.mutants_of("a.c", C_TEXT.replace(b"return", b"forget(a);\nreturn"))
        if (mutant.before, mutant.after) == ("forget(a);", ";")
    )
    assert (first.nth, second.nth) == (0, 1)
    assert first.key != second.key


@pytest.mark.parametrize(
    "body, patience, expected",
    [
        ('echo "ok 1 - a: Passed"', 60, ""),
        ('echo "not ok 2 - file.c:all:a_promise: broken"; sleep 600', 60, "all:a_promise: broken"),
        ("exit 3", 60, "ends with 3"),
        ("setsid sleep 0.1; sleep 600 & wait", 1, "hangs"),
        ('[ "$(ulimit -t) $(ulimit -v)" = "60 8388608" ] && echo "ok 1 - limits"', 60, ""),
    ],
)
def test_a_job_fails_at_its_first_failure(mutation, tmp_path, body, patience, expected):
    job = mutation.Job(make_program(tmp_path, body))
    assert mutation.run_job(job, str(tmp_path), [], patience) == expected

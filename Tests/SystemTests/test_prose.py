"""scripts/prose --check finds each broken rule, and accepts prose that follows the rules."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT

CHECKER = os.path.join(ROOT, "scripts", "prose")
WORD_LIMIT = 25


def check(tmp_path, name, text):
    """Returns the status, and the line numbers of the complaints."""
    file = tmp_path / name
    file.write_text(text)
    done = subprocess.run([sys.executable, CHECKER, "--check", file], capture_output=True, text=True)
    assert done.stderr == ""
    complaints = [line for line in done.stdout.splitlines() if name in line]
    return done.returncode, [int(line.split(f"{name}:")[1].split(":")[0]) for line in complaints]


BAD = {
    "long": " ".join(["a"] * (WORD_LIMIT + 1)) + ".",
    "codes": "ERR_BUSY FAILED " + " ".join(["a"] * 29) + ".",
    "who": "Who reads on is served.",
    "what": "What waits is sent.",
    "for who": "A queue for who reads.",
    "whoever": "It is kept for whoever needs it.",
    "that which": "It sends that which waits.",
    "vocabulary": "The event is told once.",
    "columns": "a" * 101,
}


@pytest.mark.parametrize("sentence", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("name, before, after", [
    ("a.h", "int a;\n/**\n * ", "\n */\n"),
    ("a.c", "int a;\n\n// ", "\n"),
    ("a.swift", "let a = 1\n\n/// ", "\n"),
    ("b.swift", "let a = 1\n\n// ", "\n"),
    ("a.md", "# Title\n\n", "\n"),
], ids=["header", "c", "swift", "swift-internal", "markdown"])
def test_a_broken_rule_has_its_line(tmp_path, name, before, after, sentence):
    assert check(tmp_path, name, before + sentence + after) == (1, [3])


GOOD = {
    "limit.h": "/** " + "a " * WORD_LIMIT + "*/\n",
    "list.h": "/**\n * @return OK, or:\n" + " * - ERR_BUSY: one two three four five six.\n" * 9 + " */\n",
    "question.md": "What does it cost?\n",
    "code.md": "```\nWho waits is told.\n```\n\n| Who waits is told. |\n",
    "code.h": "/**\n * Text.\n *\n *     Who waits is told.\n */\n",
    "string.c": 'const char *text = "// Who waits is told.";\n',
    "trailing.c": "int a; // one two three\n" * WORD_LIMIT,
    "code.swift": 'let text = "// Who waits is told."\nlet who = waits // the peer\n',
}


@pytest.mark.parametrize("name", GOOD)
def test_good_prose_and_code_pass(tmp_path, name):
    assert check(tmp_path, name, GOOD[name]) == (0, [])


def test_the_checked_areas_pass():
    done = subprocess.run([sys.executable, CHECKER, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout

"""Finds tests by name in C, C++, Swift and Python, builds what they need, and runs them."""

import glob
import json
import os
import re
import sys

from . import suites
from .guard import KINDS, Tally, run_check

FOLDER = os.path.join("build", "dev")
C_NAMES = (r"(?:START_TEST\((\w+)\)|suite_create\(\"(\w+)\"\)|faults_suite\(\"(\w+)\""
           r"|add\w*_case\(\w+, \"(\w+)\"\))")
SWIFT_NAMES = r"(?s)(?:@Test\b.*?func (\w+)|struct (\w+Tests)\b)"


def files_with(pattern, names, wanted, by_file):
    """The files of a glob pattern that define such a name, or have it as their own."""
    found = []
    for path in sorted(glob.glob(pattern, recursive=True)):
        with open(path) as text:
            defined = [name for groups in re.findall(names, text.read()) for name in groups if name]
        is_named = by_file and wanted in os.path.basename(path)
        if is_named or any(wanted in name for name in defined):
            found.append(path)
    return found


def programs_of(sources):
    """The programs of Check that sources are compiled into, by folder, from Ninja's file."""
    with open(os.path.join(FOLDER, "compile_commands.json")) as file:
        commands = json.load(file)
    wanted = {os.path.abspath(path) for path in sources}
    outputs = {re.search(r" -o (\S+)", each["command"])[1] for each in commands
               if os.path.abspath(each["file"]) in wanted}
    found = {re.sub(r"/?CMakeFiles/([^/]+)\.dir/.*", r"/\1", output) for output in outputs}
    return sorted(path for path in found if path.endswith("_tests"))


def run_c(sources, name):
    if not suites.configure("dev", anew=False):
        return Tally(failed=1)
    programs = programs_of(sources)
    if not suites.build("dev", [os.path.basename(program) for program in programs]):
        return Tally(failed=1)
    commands = ([os.path.join(FOLDER, program), "--match", name] for program in programs)
    return sum(map(run_check, commands), Tally())


def run_swift(name):
    print("building the Swift tests, which takes minutes the first time", flush=True)
    command = ["swift", "test", "--disable-xctest", "--disable-build-manifest-caching",
               "--filter", name]
    return KINDS["swift"](command)


def run_python(files, name):
    """As tests of CTest, which build Swift first where they need it."""
    if not suites.configure("dev", anew=False):
        return Tally(failed=1)
    needs_c = any(re.search(r"\bBUILD\b|\bprogram\(", open(path).read()) for path in files)
    if needs_c and not suites.build("dev", ["all"]):
        return Tally(failed=1)
    os.environ["PYTEST_ADDOPTS"] = f"-k {name}"
    tests = "|".join(os.path.basename(path)[len("test_"):-len(".py")] for path in files)
    return sum(suites.run_ctest("dev", ".*", "-R", rf"^pytest\.({tests})$").values(), Tally())


# Where the tests of the quick suites are written; C where nothing is said.
LANGUAGES = {"swift": "swift", "programs": "python", "peers": "python", "model": "python",
             "style": "python", "mutants": "python"}


def run_tests(name, chosen=()):
    """Runs every test whose name, suite, case or file contains the name, in the languages of the
    chosen suites. The tests of a language whose tools are missing are skipped."""
    languages = {LANGUAGES.get(suite, "c") for suite in chosen} or {"c", "swift", "python"}
    files = {
        "c": files_with("Tests/**/*.c*", C_NAMES, name, by_file=True),
        "swift": files_with("Tests/*Tests/**/*.swift", SWIFT_NAMES, name, by_file=False),
        "python": files_with("Tests/SystemTests/test_*.py", r"def (test_\w+)()", name,
                             by_file=True)}
    has_mutants = any("mutation" in path for path in files["python"])
    tools = {"c": "core", "swift": "swift", "python": "mutants" if has_mutants else "programs"}
    runs = {"c": lambda: run_c(files["c"], name), "swift": lambda: run_swift(name),
            "python": lambda: run_python(files["python"], name)}
    found = [language for language in runs if language in languages and files[language]]
    if not found:
        print(f"no test is named {name}", file=sys.stderr)
        return Tally(failed=1)
    tally = Tally()
    for language in found:
        missing = suites.setup(tools[language])
        tally += suites.skip(f"tests in {language}", missing) if missing else runs[language]()
    return tally

"""Runs the project's tests: scripts/test [thorough | SUITE...]

Without a name it runs the suites that prove the promises, in a few minutes. `thorough` is the rest
of what continuous integration runs. `-k NAME` runs the tests whose name contains NAME, in C, C++,
Swift and Python, and builds only what they need; a suite beside it, as in `core -k NAME`, keeps to
the language of that suite. Every suite is a label of CTest; a suite's preset is
in CMakePresets.json. scripts/setup installs missing tools first. The last line is
"N passed, N failed, N skipped", and the exit status is 0 if nothing failed. A suite whose tools are
missing is skipped; with CI=true it has failed. docs/testing.md says more.
"""

import argparse
import sys

from . import by_name, suites


def parse():
    parser = argparse.ArgumentParser("scripts/test", description=__doc__.splitlines()[0])
    parser.add_argument("suite", nargs="*", help="the suites to run, or `thorough`")
    parser.add_argument("-k", metavar="NAME", dest="name",
                        help="only tests whose name contains NAME")
    parser.add_argument("--list", action="store_true", help="name the suites and stop")
    parser.add_argument("--no-install", action="store_true", help="install nothing")
    parser.add_argument("--minutes", help="of soak: how long, instead of an hour")
    parser.add_argument("--mutants", help="of mutation: how many, instead of 400")
    for option in ("--seeds", "--seed"):
        parser.add_argument(option, help="of simulate: how many scenarios, and the first; "
                                         "--seed also of mutation")
    for option in ("--trace", "--faults"):
        parser.add_argument(option, action="store_true", help="of simulate: see docs/simulation.md")
    arguments = parser.parse_args()
    unknown = set(arguments.suite) - set(suites.ALL) - {"thorough"}
    if unknown:
        parser.error(f"no such suite: {', '.join(sorted(unknown))} (see --list)")
    return arguments


def main():
    arguments = parse()
    if arguments.list:
        for suite in suites.ALL.values():
            print(f"{suite.name:22} {suite.group:9} {suite.summary}")
        return 0
    suites.MAY_INSTALL = not arguments.no_install
    for option in ("minutes", "mutants", "seeds", "seed", "trace", "faults"):
        suites.OPTIONS[option] = getattr(arguments, option)
    if arguments.name:
        total = by_name.run_tests(arguments.name, arguments.suite)
    else:
        total = suites.run_suites(suites.choose(arguments.suite))
    print(total)
    return 0 if total.failed == 0 and total.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())

"""Measures the library beside hand-written syscalls, libuv, Asio and SwiftNIO

Each row is measured in rounds. A round runs all rows and implementations in random order. Each of
them is a process of its own: the program on the first processor, the other end on the second. The
script prints the median, the spread of the rounds (the middle half) and the best round. Absolute
times mean little on a shared machine. The ratio to the limit counts: the same work written by hand.
docs/performance.md describes each row, and how fair it is.
"""

import argparse
import importlib
import json
import os
import re
import sys
import time

from testing.suites import setup

from . import building, telling, works

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROUNDS = 15
QUICK_ROUNDS = 7


def arguments():
    parser = argparse.ArgumentParser("scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="measure within a minute")
    parser.add_argument("--rows", metavar="REGEX", default="", help="only rows that have a match")
    parser.add_argument("--impl", metavar="LIST", default=",".join(works.IMPLEMENTATIONS),
                        help="only these, with commas between them, and the limit")
    parser.add_argument("--seed", type=int, default=1, help="of everything that is random")
    parser.add_argument("--json", metavar="FILE", type=os.path.abspath,
                        help="write every figure there")
    parser.add_argument("--plot", action="store_true", help="draw docs/benchmark-*.svg")
    chosen = parser.parse_args()
    chosen.impl = chosen.impl.split(",")
    unknown = set(chosen.impl) - set(works.IMPLEMENTATIONS)
    if unknown:
        parser.error(f"no such implementation: {', '.join(sorted(unknown))}")
    chosen.works = [work for work in works.ALL
                    if any(re.search(chosen.rows, row) for row in work.rows)]
    if not chosen.works:
        parser.error(f"no row has a match for {chosen.rows}")
    return chosen


def without_counting(chosen):
    """Callgrind is not everywhere; the other rows do without."""
    missing = setup("command=valgrind:valgrind")
    if not missing:
        return chosen
    print(f"left out: instructions: {missing}")
    return [work for work in chosen if not work.instructions_row]


def need(python):
    """Installs a package of Python, or ends the program."""
    if missing := setup(f"python={python}"):
        print(missing, file=sys.stderr)
        raise SystemExit(69)
    importlib.invalidate_caches()  # the folder may be new


def measure(chosen):
    """The figures, and why some are not there."""
    names = [name for name in works.IMPLEMENTATIONS if name in chosen.impl or name == "limit"]
    if any(work.instructions_row for work in chosen.works):
        chosen.works = without_counting(chosen.works)
    need("hdrh:hdrhistogram")
    programs, reasons = building.build(names)
    if any(work.is_tls for work in chosen.works):
        building.make_certificate()
    from .measuring import Run  # now there is a histogram

    measured = Run(programs, chosen.works, chosen.quick)
    begin = time.monotonic()
    measured.measure(QUICK_ROUNDS if chosen.quick else ROUNDS, chosen.seed)
    print(f"seed {chosen.seed}, {time.monotonic() - begin:.0f} s")
    missing = {("every row", name): reason for name, reason in reasons.items()}
    return telling.figures(measured.outcomes, names), {**measured.left_out, **missing}


def main():
    chosen = arguments()
    os.chdir(ROOT)
    found, left_out = measure(chosen)
    telling.show(found, left_out)
    if chosen.json:
        with open(chosen.json, "w") as file:
            json.dump(found, file, indent=1)
    if chosen.plot:
        need("matplotlib:matplotlib")
        from .plotting import plot

        plot(found, "docs")
    return 0


if __name__ == "__main__":
    sys.exit(main())

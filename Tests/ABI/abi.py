"""Compares a build with the stored baseline of the ABI: scripts/abi check | accept | pack

    check    fails on a break, and on an addition that the baseline lacks
    accept   adds today's additions to the baseline; refuses a break under the same SONAME
    pack     stores this version's headers and public tests, for the tests of later releases

docs/abi.md is the policy. --build names the build (default build/release). It must have debug
information. SPS_CLANG is the clang for other machines (default: the one beside swift, or clang).
"""

import argparse
import os
import shutil
import sys

import baseline
import programs


def find_clang():
    swift = shutil.which("swift")
    beside = os.path.join(os.path.dirname(os.path.realpath(swift)), "clang") if swift else ""
    for name in (os.environ.get("SPS_CLANG"), beside, "clang"):
        if name and shutil.which(name):
            return name
    raise SystemExit("scripts/abi: clang is missing (scripts/setup abi)")


def check(old, new):
    """Prints how the tree differs from the baseline. Returns the exit status."""
    broken, added = baseline.breaks(old, new), baseline.additions(old, new)
    for sentence in broken:
        print(f"break: {sentence}")
    for line in added:
        print(f"not in the baseline: {line}")
    if broken:
        print("docs/abi.md says how to make the change without a break")
    elif added:
        print("accept additions: ./scripts/abi accept")
    else:
        print(f"the ABI is the baseline's: {len(new.symbols)} symbols, {len(new.facts)} facts")
    return int(bool(broken or added))


def accept(old, new):
    """Writes the baseline, unless there is a break. Returns the exit status."""
    may_break = baseline.is_another_soname(old, new)
    broken = [] if may_break else baseline.breaks(old, new)
    for sentence in broken:
        print(f"refused, a break: {sentence}")
    if broken:
        return 1
    for line in baseline.additions(old, new):
        print(f"added: {line}")
    if not may_break:  # libraries that were not built keep their part
        new.symbols = {**old.symbols, **new.symbols}
        new.dumps = {**old.dumps, **new.dumps}
    baseline.write_baseline(new)
    return 0


def pack():
    """Stores the programs of this version. A released archive never changes."""
    path = programs.archive_of(baseline.version())
    programs.pack(path)
    print(f"packed {os.path.relpath(path, baseline.ROOT)}: {os.path.getsize(path)} bytes")
    return 0


def main():
    parser = argparse.ArgumentParser("scripts/abi", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("check", "accept", "pack"))
    parser.add_argument("--build", default=os.path.join(baseline.ROOT, "build", "release"))
    arguments = parser.parse_args()
    if arguments.action == "pack":
        return pack()
    if not os.path.exists(os.path.join(arguments.build, "libstreampeersocket.so")):
        parser.error(f"no library in {arguments.build}: "
                     "cmake --preset release && cmake --build --preset release")
    new = baseline.read_tree(arguments.build, find_clang())
    old = baseline.read_baseline()
    return check(old, new) if arguments.action == "check" else accept(old, new)


if __name__ == "__main__":
    sys.exit(main())

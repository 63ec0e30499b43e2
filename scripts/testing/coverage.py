"""Which branches of the C core the C and C++ tests take, by clang's own counters (llvm-cov)."""

import glob
import os
import re
import shutil
import subprocess

from testing import suites
from testing.guard import Tally, run

# Of a hundred branches; docs/testing.md explains those that are left out.
LEAST_PERCENT = 95.0
SOURCES = "Sources/CSocketCore"
# This machine's side of the platform, and the side that any Unix could use: each is there once.
PRESETS = ("coverage", "coverage-portable")
PROFILES = "build/coverage/profiles"
RESULTS = "build/coverage/report"
OBJECTS = ("libstreampeersocket.so", "Tests/CSocketCoreTests/core_internal_tests",
           "Tests/CSocketCoreTests/fault_tests")


def tool(name):
    """A tool beside Swift's clang: those of another version cannot read what its programs write."""
    return os.path.join(os.path.dirname(os.path.realpath(shutil.which("swift"))), name)


def merge():
    """All profiles in one file; its name."""
    os.makedirs(RESULTS, exist_ok=True)
    names, merged = os.path.join(RESULTS, "profiles.txt"), os.path.join(RESULTS, "core.profdata")
    with open(names, "w") as file:
        file.writelines(f"{name}\n" for name in glob.glob(f"{PROFILES}/*.profraw"))
    good = run([tool("llvm-profdata"), "merge", "-sparse", f"--input-files={names}", "-o", merged])
    return merged if good else None


def llvm_cov(command, merged, *options):
    objects = [os.path.join("build", preset, name) for preset in PRESETS for name in OBJECTS]
    listed = [argument for name in objects[1:] for argument in ("-object", name)]
    return [tool("llvm-cov"), command, f"-instr-profile={merged}", *options, objects[0], *listed,
            SOURCES]


def main():
    shutil.rmtree(PROFILES, ignore_errors=True)
    tally = Tally()
    for preset in PRESETS:
        if not suites.configure(preset) or not suites.build(preset, ["check_programs"]):
            return Tally(failed=1)
        tally += sum(suites.run_ctest(preset, "core|faults").values(), Tally())
    merged = merge()
    if merged is None:
        return tally + Tally(failed=1)
    columns = ["-show-region-summary=false", "-show-functions=false"]
    command = llvm_cov("report", merged, *columns)
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    print(report)
    run(llvm_cov("show", merged, "-format=html", "-show-branches=count", f"-output-dir={RESULTS}"))
    print(f"line by line: {RESULTS}/index.html")
    # The last column has the branches.
    reached = float(re.findall(r"^TOTAL .* ([\d.]+)%$", report, flags=re.M)[-1])
    if reached < LEAST_PERCENT:
        print(f"failed: {reached} % of the branches are fewer than {LEAST_PERCENT} %")
    return tally + Tally(passed=int(reached >= LEAST_PERCENT), failed=int(reached < LEAST_PERCENT))


if __name__ == "__main__":
    total = main()
    print(total)
    raise SystemExit(total.failed > 0)

"""Which branches of the C core the C and C++ tests take, by clang's own counters (llvm-cov)."""

import glob
import json
import os
import shutil
import subprocess

from .run import MissingTool, Tally, clang, run
from .suites import checked, cmake_build, core_tests

# Of a hundred branches; docs/testing.md explains those that are left out.
LEAST_PERCENT = 95.0
SOURCES = "Sources/CSocketCore"
# This machine's side of the platform, and the side that any Unix could use: each is there once.
BUILDS = {"build/coverage": (), "build/coverage-portable": ("-DSPS_PLATFORM=bsd",)}
RESULTS = "build/coverage/report"
OBJECTS = (
    "libstreampeersocket.so", "Tests/CSocketCoreTests/core_internal_tests",
    "Tests/CSocketCoreTests/fault_tests",
)


def tool(name):
    """A tool beside the compiler: those of another version cannot read what its programs write."""
    found = os.path.join(os.path.dirname(clang()), name)
    if not os.path.exists(found):
        raise MissingTool(f"no {name} beside {clang()}")
    return found


def build(folder, options):
    counted = "-fprofile-instr-generate -fcoverage-mapping"
    return cmake_build(
        folder, f"-DCMAKE_C_COMPILER={clang()}", f"-DCMAKE_CXX_COMPILER={clang()}++",
        "-DCMAKE_BUILD_TYPE=Debug", f"-DCMAKE_C_FLAGS={counted}", f"-DCMAKE_CXX_FLAGS={counted}",
        "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld", "-DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=lld",
        "-DSPS_BUILD_EXAMPLES=OFF", *options,
    )


def run_tests(folder):
    """Each process writes a profile of its own; of one that is killed none comes."""
    profiles = os.path.join(folder, "profiles")
    shutil.rmtree(profiles, ignore_errors=True)
    env = {"LLVM_PROFILE_FILE": os.path.abspath(os.path.join(profiles, "%m-%p.profraw"))}
    return core_tests(folder, env) + checked(folder, ["fault_tests"], env)


def merge():
    """All profiles in one file; its name."""
    os.makedirs(RESULTS, exist_ok=True)
    names, merged = os.path.join(RESULTS, "profiles.txt"), os.path.join(RESULTS, "core.profdata")
    with open(names, "w") as file:
        for folder in BUILDS:
            file.writelines(f"{name}\n" for name in glob.glob(f"{folder}/profiles/*.profraw"))
    good = run([tool("llvm-profdata"), "merge", "-sparse", f"--input-files={names}", "-o", merged])
    return merged if good else None


def llvm_cov(command, merged, *options):
    objects = [os.path.join(folder, name) for folder in BUILDS for name in OBJECTS]
    listed = [argument for name in objects[1:] for argument in ("-object", name)]
    return [tool("llvm-cov"), command, f"-instr-profile={merged}", *options, objects[0], *listed,
            SOURCES]


def read_figures(merged):
    """The branches of each file with any, and those that were taken: {name: (count, covered)}."""
    command = llvm_cov("export", merged, "-summary-only")
    report = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    figures = {}
    for file in report["data"][0]["files"]:
        branches = file["summary"]["branches"]
        if branches["count"] > 0:
            name = os.path.relpath(file["filename"], os.path.abspath(SOURCES))
            figures[name] = (branches["count"], branches["covered"])
    return figures


def show(figures):
    """Prints the figures, the worst first; the percentage of them all."""
    def percent(figure):
        return 100 * figure[1] / figure[0]

    for name, figure in sorted(figures.items(), key=lambda item: percent(item[1])):
        print(f"{name:32} {figure[1]:5} of {figure[0]:5} branches {percent(figure):6.1f} %")
    total = tuple(sum(column) for column in zip(*figures.values()))
    print(f"{'total':32} {total[1]:5} of {total[0]:5} branches {percent(total):6.1f} %")
    return percent(total)


def coverage():
    tally = Tally()
    for folder, options in BUILDS.items():
        if not build(folder, options):
            return tally + Tally(failed=1)
        tally += run_tests(folder)
    merged = merge()
    if merged is None:
        return tally + Tally(failed=1)
    reached = show(read_figures(merged))
    run(llvm_cov("show", merged, "-format=html", "-show-branches=count", f"-output-dir={RESULTS}"))
    print(f"line by line: {RESULTS}/index.html")
    good = reached >= LEAST_PERCENT
    if not good:
        print(f"failed: fewer than {LEAST_PERCENT} % of the branches")
    return tally + Tally(passed=int(good), failed=int(not good))

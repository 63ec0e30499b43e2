"""Checks whether the tests notice small changes of the C core. Builds and tests each mutant alone.

`scripts/test mutation` tries a sample. To try mutants again, pass the names that it prints in
brackets:

    PYTHONPATH=scripts:build/python python3 Tests/Mutation/mutation.py ID...
"""

import argparse
import collections
import concurrent.futures
import contextlib
import glob
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import tomllib
from dataclasses import dataclass, field

import mutants
from testing.guard import Tally, processes_of, run

BUILD = os.path.join("build", "dev")
RESULTS = os.path.join("build", "mutation")
VERDICTS = os.path.join("Tests", "Mutation", "mutants.toml")
LEAST_PERCENT = 90.0
WORKERS = 6 * (os.cpu_count() or 1)  # the tests mostly wait
LONGEST = 300.0  # seconds; no job takes this long
SEEDS = ("--seed", "1000", "--seeds", "100")
CORE, SIMULATED = ("Tests/CSocketCoreTests", "Tests/CSocketSimulationTests")
# The test programs, and those of them that contain the core.
PROGRAMS = {
    "core_internal_tests": CORE, "core_public_tests": CORE, "syscall_tests": CORE,
    "cpp_header_tests": CORE, "fault_tests": CORE, "core_simulated_tests": SIMULATED,
    "simulation_tests": SIMULATED,
}
STATIC = ("core_internal_tests", "syscall_tests", "fault_tests")
# Code only for Unixes without epoll(7) and kqueue(2) is tested as in scripts/test portable.
PORTABLE = {os.path.join("platform", "posix", name) for name in ("selector.c", "wake_pipe.c")}
LIMITS = "ulimit -v 8388608; ulimit -t 60; ulimit -c 0; exec \"$@\""  # one at a time: dash(1)


@dataclass
class Job:
    """One suite of a program, or a program without the Check framework."""

    program: str
    suite: str = ""
    arguments: tuple = ()
    seconds: float = 0.0  # measured while other jobs run in parallel

    @property
    def name(self):
        return f"{os.path.basename(self.program)} {self.suite}".strip()


@dataclass
class Outcome:
    mutant: mutants.Mutant
    noticed_by: str  # empty if it survived


@dataclass
class Trial:
    """The state of all mutants of a run."""

    jobs: list
    noticed: collections.Counter = field(default_factory=collections.Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def order(self, file):
        """The jobs in order: first those that noticed other mutants of the file, then by name and
        by time."""
        stem = os.path.basename(file).split(".")[0].split("_")[0]

        def worth(job):
            chance = 0.05 + self.noticed[file, job.name] + (stem in job.suite)
            return chance / (job.seconds + 0.2)

        with self.lock:
            return sorted(self.jobs, key=worth, reverse=True)

    def count(self, file, job):
        with self.lock:
            self.noticed[file, job.name] += 1


# ---- Building


def flags(file):
    portable = ["-DSPSI_USE_BSD"] if file in PORTABLE else []
    return ["-std=c99", "-O2", "-w", "-fPIC", "-fvisibility=hidden", "-DSPS_BUILDING", *portable,
            f"-I{os.path.abspath('include')}", f"-I{os.path.abspath(mutants.SOURCES)}"]


def compile_text(source, file, name, options):
    """Compiles a text as if it were the file. The same text gives the same bytes. Returns False if
    it does not compile."""
    beside = os.path.abspath(os.path.dirname(os.path.join(mutants.SOURCES, file)))
    with tempfile.TemporaryDirectory() as folder:
        base = os.path.basename(file)
        with open(os.path.join(folder, base), "wb") as text:
            text.write(source)
        command = ["cc", *options, "-iquote", beside, "-c", base, "-o", os.path.abspath(name)]
        return subprocess.run(command, cwd=folder, capture_output=True).returncode == 0


def originals_of(file):
    return os.path.join(RESULTS, "portable" if file in PORTABLE else "original")


def object_of(file):
    return os.path.join(originals_of(file), file.replace(os.sep, "-") + ".o")


def build_originals():
    """The objects of the unchanged core, with both sides of the platform."""
    every = [os.path.relpath(path, mutants.SOURCES)
             for path in glob.glob(f"{mutants.SOURCES}/**/*.c", recursive=True)]
    for example in ("stream/watch.c", *sorted(PORTABLE)[:1]):
        folder = originals_of(example)
        os.makedirs(folder, exist_ok=True)
        for file in every:
            name = os.path.join(folder, file.replace(os.sep, "-") + ".o")
            if not compile_text(mutants.read(file), file, name, flags(example)):
                return False
    return True


def objects_with(file, changed):
    """All objects of the core, with one of them changed."""
    others = set(glob.glob(f"{originals_of(file)}/*.o")) - {object_of(file)}
    return [*sorted(others), changed]


def link_library(objects, folder):
    exports = os.path.join(mutants.SOURCES, "streampeersocket.map")
    name = "libstreampeersocket.so.0"
    return run(["cc", "-shared", f"-Wl,--version-script={exports}", "-Wl,-z,nodelete",
                f"-Wl,-soname,{name}", *objects, "-o", os.path.join(folder, name), "-pthread"])


def link_program(name, objects, folder):
    """Links a test program that contains the core, just before it runs."""
    libraries = subprocess.run(["pkg-config", "--libs", "check", "jansson"], capture_output=True,
                               text=True, check=True).stdout.split()
    tests = glob.glob(f"{BUILD}/{PROGRAMS[name]}/CMakeFiles/{name}.dir/**/*.o", recursive=True)
    return run(["cc", *tests, *objects, "-o", os.path.join(folder, name), *libraries, "-ldl"])


# ---- Running


def suite_names(program):
    """The suites of a program, each name once."""
    listed = subprocess.run([f"{BUILD}/{PROGRAMS[program]}/{program}", "--list"], check=True,
                            capture_output=True, text=True).stdout
    return dict.fromkeys(line.split()[1] for line in listed.splitlines())


def all_jobs():
    jobs = [Job(f"{PROGRAMS[name]}/{name}", suite) for name in PROGRAMS for suite in suite_names(name)]
    jobs.append(Job(f"{SIMULATED}/simulate", arguments=SEEDS))
    for folder in sorted(glob.glob("Fuzz/corpus/*")):
        name = os.path.basename(folder)
        seeds = tuple(os.path.abspath(seed) for seed in sorted(glob.glob(f"{folder}/*")))
        jobs.append(Job(f"Fuzz/replay_{name}", arguments=seeds))
    return jobs


def kill_session(session):
    """Ends all processes of a job. Check gives each test its own process group. It repeats until
    none is left, because a process that is just being forked is not in the list yet."""
    end = time.monotonic() + 30
    while left := processes_of(session):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > end:
            print(f"cannot be killed: {left}", flush=True)
            return
        time.sleep(0.01)


def run_job(job, folder, objects, patience=25):
    """Returns the failure, or an empty text. The first failing test ends the job. Programs that
    contain the core are linked with the objects. A wait of the tests gives up after 20 seconds, so
    this function waits longer."""
    program = os.path.join(BUILD, job.program)
    if os.path.basename(program) in STATIC:
        program = os.path.join(folder, os.path.basename(program))
        if not os.path.exists(program) and not link_program(os.path.basename(program), objects, folder):
            return "does not link"
    env = {**os.environ, "LD_LIBRARY_PATH": folder, "SPS_TEST_DIRECTORY": folder,
           "CK_TAP_LOG_FILE_NAME": "-", "CK_RUN_SUITE": job.suite}
    process = subprocess.Popen(
        ["sh", "-c", LIMITS, "sh", os.path.abspath(program), *job.arguments], cwd=folder, env=env,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    late = threading.Event()

    def give_up():
        late.set()
        kill_session(process.pid)

    watchdog = threading.Timer(3 * job.seconds + patience, give_up)
    watchdog.start()
    try:
        has_run = job.suite == ""
        for line in process.stdout:
            has_run = has_run or line.startswith(b"ok")
            if line.startswith(b"not ok"):
                return line.decode(errors="replace").split(":", 1)[-1].strip()[:200]
        code = process.wait()
        return ("hangs" if late.is_set() else f"ends with {code}" if code != 0
                else "" if has_run else "runs no test")
    finally:
        watchdog.cancel()
        watchdog.join()  # it may still be reading /proc
        kill_session(process.pid)
        process.stdout.close()
        process.wait()


def run_jobs(jobs, file, changed, once=False):
    """Returns the first job that fails, its failure or None, and the duration of each. A job must
    fail twice, unless `once` is set."""
    seconds = {}
    with tempfile.TemporaryDirectory(prefix="sps-") as folder:
        objects = objects_with(file, changed)
        if not link_library(objects, folder):
            return (Job("linking"), "does not link"), seconds
        for job in jobs:
            start = time.monotonic()
            why = run_job(job, folder, objects)
            seconds[job.name] = time.monotonic() - start
            # A failure that does not repeat is due to the load of the machine.
            if why and (once or run_job(job, folder, objects)):
                return (job, why), seconds
    return None, seconds


def time_jobs(jobs):
    """The unchanged core must pass with as many parallel jobs as mutants will have. Otherwise a
    failure here would count as a noticed mutant. Returns True if all passed."""
    def one(i):
        first = i * len(jobs) // WORKERS
        file = sorted(PORTABLE)[0] if i % 4 == 3 else "stream/watch.c"
        return run_jobs(jobs[first:] + jobs[:first], file, object_of(file), once=True)

    for job in jobs:
        job.seconds = LONGEST
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(one, range(WORKERS)))
    good = True
    for failed, _ in results:
        if failed is not None:
            print(f"the unchanged core fails: {failed[0].name}: {failed[1]}", flush=True)
            good = False
    for job in jobs:
        job.seconds = max(seconds.get(job.name, 0) for _, seconds in results)
    if good:
        with open(os.path.join(RESULTS, "times.json"), "w") as file:
            json.dump({job.name: job.seconds for job in jobs}, file, indent=1)
    return good


def load_times(jobs):
    """Loads the times of an earlier run. Returns False if there are none."""
    try:
        with open(os.path.join(RESULTS, "times.json")) as file:
            known = json.load(file)
    except FileNotFoundError:
        return False
    for job in jobs:
        job.seconds = known.get(job.name, 0)
    return all(job.name in known for job in jobs)


# ---- Choosing


def is_real(mutant):
    """Whether it compiles to other code than the original. Its object is kept."""
    source = mutant.apply(mutants.read(mutant.file))
    name = os.path.join(RESULTS, f"{mutant.id}.o")
    if not compile_text(source, mutant.file, name, flags(mutant.file)):
        return False
    with open(name, "rb") as new, open(object_of(mutant.file), "rb") as old:
        if new.read() != old.read():
            return True
    os.remove(name)
    return False


def take_real(queue, count):
    """Takes the first `count` real ones from a file's queue."""
    taken = []
    for mutant in queue:
        if len(taken) == count:
            break
        if is_real(mutant):
            taken.append(mutant)
    return taken


def choose(count, seed):
    """A sample that the seed decides, with each file's share."""
    queues = {file: mutants.shuffled(mutants.mutants_of(file, mutants.read(file)), seed)
              for file in mutants.files()}
    shares = mutants.shares(queues, count)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        taken = pool.map(lambda file: take_real(queues[file], shares[file]), queues)
        return [mutant for those in taken for mutant in those]


def choose_ids(ids):
    every = [mutant for file in mutants.files()
             for mutant in mutants.mutants_of(file, mutants.read(file)) if mutant.id in ids]
    return [mutant for mutant in every if is_real(mutant)]


# ---- Reporting


def read_verdicts():
    """{key: (verdict, reason)} of the judged mutants."""
    with open(VERDICTS, "rb") as file:
        rows = tomllib.load(file).get("mutant", [])
    return {(row["file"], row["function"], row["before"], row["after"], row.get("nth", 0)):
            (row["verdict"], row["because"]) for row in rows}


def show_survivor(mutant, verdicts):
    verdict = ": ".join(verdicts.get(mutant.key, ("NO VERDICT", "see docs/testing.md")))
    nth = f", nth = {mutant.nth}" if mutant.nth else ""
    print(f"survived: {mutants.SOURCES}/{mutant.file}:{mutant.line} {mutant.function} [{mutant.id}{nth}]\n"
          f"    - {mutant.before}\n    + {mutant.after}\n    {verdict}", flush=True)


def show_table(outcomes, verdicts):
    """Prints a table by file: tried, noticed, equivalent, and the percentage noticed."""
    rows = collections.defaultdict(lambda: [0, 0, 0])
    for outcome in outcomes:
        equivalent = verdicts.get(outcome.mutant.key, ("",))[0] == "equivalent"
        for name in (outcome.mutant.file, "total"):
            rows[name][0] += 1
            rows[name][1] += bool(outcome.noticed_by)
            rows[name][2] += equivalent and not outcome.noticed_by
    total = rows.pop("total")
    for name, (tried, noticed, equivalent) in [*sorted(rows.items()), ("total", total)]:
        print(f"{name:32} {noticed:4} of {tried:4} noticed {100 * noticed / tried:6.1f} %"
              + (f", {equivalent} equivalent" if equivalent else ""))
    tried, noticed, equivalent = total
    print(f"without the {equivalent} that change nothing: "
          f"{100 * noticed / max(1, tried - equivalent):.1f} %")
    return 100 * noticed / tried


def try_one(trial, mutant, verdicts):
    changed = os.path.join(RESULTS, f"{mutant.id}.o")
    failed, _ = run_jobs(trial.order(mutant.file), mutant.file, changed)
    os.remove(changed)
    if failed is None:
        show_survivor(mutant, verdicts)
        return Outcome(mutant, "")
    trial.count(mutant.file, failed[0])
    return Outcome(mutant, f"{failed[0].name}: {failed[1]}")


def try_all(chosen, jobs):
    """Tries every mutant, and writes the jobs that noticed them to a file."""
    trial, verdicts = Trial(jobs), read_verdicts()
    outcomes = []
    with (concurrent.futures.ThreadPoolExecutor(WORKERS) as pool,
          open(os.path.join(RESULTS, "outcomes.txt"), "w") as log):
        running = [pool.submit(try_one, trial, mutant, verdicts) for mutant in chosen]
        for done in concurrent.futures.as_completed(running):
            outcome = done.result()
            outcomes.append(outcome)
            mutant = outcome.mutant
            print(mutant.id, f"{mutant.file}:{mutant.line}", mutant.before, "=>", mutant.after, "|",
                  outcome.noticed_by or "survived", sep="\t", file=log, flush=True)
            if len(outcomes) % 50 == 0:
                print(f"{len(outcomes)} of {len(chosen)} tried", flush=True)
    return outcomes, verdicts


def judge(outcomes, verdicts, reached):
    """Enough mutants must be noticed, and each survivor must have a verdict."""
    survivors = [outcome.mutant for outcome in outcomes if not outcome.noticed_by]
    unjudged = sum(mutant.key not in verdicts for mutant in survivors)
    if unjudged:
        print(f"failed: {unjudged} survived without a verdict")
    if reached < LEAST_PERCENT:
        print(f"failed: fewer than {LEAST_PERCENT} % were noticed")
    return Tally(len(outcomes) - unjudged, unjudged + (reached < LEAST_PERCENT))


def mutation(count=400, seed=1, ids=()):
    """Tries a sample, or the mutants of these ids."""
    os.makedirs(RESULTS, exist_ok=True)
    if not build_originals():
        return Tally(failed=1)
    jobs = all_jobs()
    if not (ids and load_times(jobs)) and not time_jobs(jobs):
        return Tally(failed=1)
    chosen = choose_ids(ids) if ids else choose(count, seed)
    if not chosen:
        return Tally()
    outcomes, verdicts = try_all(chosen, jobs)
    return judge(outcomes, verdicts, show_table(outcomes, verdicts))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("id", nargs="*", help="only these mutants")
    parser.add_argument("--mutants", type=int, default=400, help="how many (default 400)")
    parser.add_argument("--seed", type=int, default=1, help="which sample (default 1)")
    chosen = parser.parse_args()
    tally = mutation(chosen.mutants, chosen.seed, chosen.id)
    print(tally)
    return 0 if tally.failed == 0 and tally.total > 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())

"""The layout of the public headers on several machines: structs, fields, and named values.

clang lays out each struct for machines that are not here: the public headers need no libc. One line
of the table is one fact, with a column for each machine:

    sps_event size 40 40 40 24 24
    sps_event.stream offset 16 16 16 12 12
    SPS_EVENT_READABLE value 1

One number stands for a fact that is the same everywhere.
"""

import contextlib
import json
import os
import re
import subprocess
from dataclasses import dataclass

# Pointers of 64 and 32 bits; a long of 32 bits beside pointers of 64; uint64_t aligned to 4 bytes.
MACHINES = ("x86_64-linux-gnu", "aarch64-linux-gnu", "x86_64-windows-gnu", "i686-linux-gnu",
            "armv7-linux-gnueabihf")
# A count grows with each constant that is added. The version is not a fact of the ABI.
NOT_FROZEN = re.compile(r"SPS_VERSION_|SPS_VARIANT_TYPES$")


@dataclass(frozen=True)
class Fact:
    name: str  # of a struct, a field (struct.field), or a constant
    kind: str  # size, align, offset, bytes, value
    numbers: tuple  # one for each machine

    @property
    def key(self):
        return self.name, self.kind

    def text(self):
        is_everywhere = len(set(self.numbers)) == 1
        return " ".join(map(str, self.numbers[:1] if is_everywhere else self.numbers))

    def __str__(self):
        return f"{self.name} {self.kind} {self.text()}"


def parse(table):
    """The facts of a table, by name and kind."""
    facts = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            name, kind, *numbers = line.split()
            numbers = tuple(map(int, numbers)) * (len(MACHINES) if len(numbers) == 1 else 1)
            facts[name, kind] = Fact(name, kind, numbers)
    return facts


def write(facts):
    return f"# {' '.join(MACHINES)}\n" + "".join(f"{fact}\n" for fact in facts.values())


def run_clang(clang, include, source, *options):
    done = subprocess.run(
        [clang, "-std=c11", "-ffreestanding", "-nostdlibinc", "-I", include, "-x", "c", *options,
         "-"], input=source, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the public headers do not compile: {done.stderr}")
    return done.stdout


def include_all(include):
    names = sorted(name for name in os.listdir(os.path.join(include, "streampeersocket"))
                   if name.endswith(".h"))
    return "".join(f"#include <streampeersocket/{name}>\n" for name in names)


def fields_of(record):
    return [each["name"] for each in record.get("inner", []) if each["kind"] == "FieldDecl"]


def constants_in(clang, include, source, tree):
    """The enumerators, and the macros that are numbers."""
    names = [each["name"] for node in tree["inner"] if node["kind"] == "EnumDecl"
             for each in node.get("inner", []) if each["kind"] == "EnumConstantDecl"]
    macros = run_clang(clang, include, source, "-E", "-dM")
    for name in sorted(re.findall(r"^#define (SPS_\w+) \S", macros, flags=re.M)):
        asked = f"{source}enum {{ is_number = {name} != 0 }};\n"
        with contextlib.suppress(RuntimeError):
            run_clang(clang, include, asked, "-fsyntax-only")
            names.append(name)
    return [name for name in names if not NOT_FROZEN.match(name)]


def names_in(clang, include):
    """The structs with their fields, and the names of constants."""
    source = include_all(include)
    tree = json.loads(run_clang(clang, include, source, "-fsyntax-only", "-Xclang",
                                "-ast-dump=json"))
    structs = {node["name"]: fields_of(node) for node in tree["inner"]
               if node["kind"] == "RecordDecl" and node.get("completeDefinition")
               and node.get("name", "").startswith("sps_")}
    return structs, constants_in(clang, include, source, tree)


def questions(structs, constants):
    """Each fact's name and kind, and the constant expression that answers it."""
    for struct, fields in structs.items():
        yield struct, "size", f"sizeof(struct {struct})"
        yield struct, "align", f"_Alignof(struct {struct})"
        for field in fields:
            yield f"{struct}.{field}", "offset", f"__builtin_offsetof(struct {struct}, {field})"
            yield f"{struct}.{field}", "bytes", f"sizeof(((struct {struct} *)0)->{field})"
    for name in constants:
        yield name, "value", name


def answers(clang, include, machine, expressions):
    """The numbers, out of a constant table that clang prints in its own language."""
    table = ", ".join(f"(long long)({each})" for each in expressions)
    source = f"{include_all(include)}const long long answers[] = {{{table}}};\n"
    made = run_clang(clang, include, source, "-S", "-emit-llvm", "-O0", "-target", machine, "-o",
                     "-", "-Wno-everything")
    listed = re.search(r"@answers = .*?\[\d+ x i64\] \[(.*?)\]", made)[1]
    return [int(number) for number in re.findall(r"i64 (-?\d+)", listed)]


def read_headers(clang, include):
    """The facts of the headers in a folder, in the order of the headers."""
    asked = list(questions(*names_in(clang, include)))
    columns = [answers(clang, include, machine, [each[2] for each in asked])
               for machine in MACHINES]
    return {(name, kind): Fact(name, kind, numbers)
            for (name, kind, _), numbers in zip(asked, zip(*columns))}


# ---- Comparing

def may_grow(fact, facts):
    """Whether it is the size of a struct that begins with its size."""
    first = facts.get((f"{fact.name}.struct_size", "offset"))
    return fact.kind == "size" and first is not None and set(first.numbers) == {0}


def changed(old, facts):
    """A sentence about a fact that is gone or different, or None."""
    new = facts.get(old.key)
    if new is None:
        return f"{old.name} is gone from the headers"
    if new.numbers == old.numbers:
        return None
    if may_grow(old, facts) and all(map(int.__ge__, new.numbers, old.numbers)):
        return None
    return f"{old.name}: its {old.kind} was {old.text()}, and is {new.text()}"


def misplaced(new, old_facts):
    """A sentence about a new field inside the bytes that an old program passes, or None."""
    struct, _, field = new.name.partition(".")
    old = old_facts.get((struct, "size"))
    if not field or new.kind != "offset" or old is None or new.key in old_facts:
        return None
    if all(map(int.__ge__, new.numbers, old.numbers)):
        return None
    return (f"{new.name} is new, and lies within the old size of {struct}: an old program leaves "
            "these bytes uninitialized")


def breaks(old_facts, facts):
    found = [changed(old, facts) for old in old_facts.values()]
    found += [misplaced(new, old_facts) for new in facts.values()]
    return list(dict.fromkeys(sentence for sentence in found if sentence))


def additions(old_facts, facts):
    return [f"{new.name}: {new.kind} {new.text()}" for new in facts.values()
            if new.key not in old_facts
            or may_grow(new, facts) and new.numbers != old_facts[new.key].numbers]

"""The types of an exported library, by libabigail: a dump of them, and the breaks between two.

A dump has the functions and each type that they reach. The definition of a handle is not a part of
it: a handle is opaque to a program, so its struct may change.
"""

import os
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree

# abidw must not name files, lines and parameters, since they change without a break.
DUMP = ("abidw", "--exported-interfaces-only", "--drop-undefined-syms", "--no-show-locs",
        "--no-corpus-path", "--no-comp-dir-path", "--no-elf-needed", "--no-parameter-names",
        "--no-write-default-sizes", "--type-id-style", "hash")
# A struct that begins with its size may grow at its end (layout.py checks how). A new function is
# no break.
GROWTH = """[suppress_type]
  type_kind = struct
  name_regexp = ^sps_
  has_data_member_inserted_at = end
  has_size_change = yes
"""
DIFF = ("abidiff", "--no-added-syms", "--no-show-locs")
TYPES = ("type-id", "naming-typedef-id")


def references(element):
    """The ids of the types that an element names."""
    return {each.get(name) for each in element.iter() for name in TYPES if each.get(name)}


def make_opaque(struct):
    for child in list(struct):
        struct.remove(child)
    struct.attrib.pop("size-in-bits", None)
    struct.set("is-declaration-only", "yes")


def reduce(corpus, structs):
    """Keeps the functions and the types that they reach, in the order of the dump."""
    types = {}
    for unit in corpus.iter("abi-instr"):
        for element in unit:
            if element.tag == "class-decl" and element.get("name") not in structs:
                make_opaque(element)
            if element.get("id"):
                types[element.get("id")] = element
    reached = set()
    waiting = [name for each in corpus.iter("function-decl") for name in references(each)]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += references(types[name])
    for number, unit in enumerate(corpus.iter("abi-instr")):
        unit.set("path", str(number))  # of the compiler's; abidiff ignores a unit of a known path
        for element in list(unit):
            if element.get("id") and element.get("id") not in reached:
                unit.remove(element)


def dump(library, structs):
    """The dump of a library with debug information. The structs are those of its headers."""
    done = subprocess.run([*DUMP, library], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"abidw cannot read {library}: {done.stderr}")
    corpus = ElementTree.fromstring(done.stdout)
    reduce(corpus, structs)
    ElementTree.indent(corpus, "")
    return ElementTree.tostring(corpus, encoding="unicode") + "\n"


def differences(before, after):
    """The breaks that abidiff sees between two dumps, as its text; empty if there is none."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, text in (("before.abi", before), ("after.abi", after), ("growth", GROWTH)):
            paths.append(os.path.join(folder, name))
            with open(paths[-1], "w") as file:
                file.write(text)
        done = subprocess.run([*DIFF, "--suppressions", paths[2], *paths[:2]],
                              capture_output=True, text=True)
    if done.returncode & 3:
        raise RuntimeError(f"abidiff failed: {done.stderr or done.stdout}")
    return done.stdout.replace(folder + "/", "") if done.returncode else ""

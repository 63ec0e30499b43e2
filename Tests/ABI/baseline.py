"""The stored baseline of the ABI, and how today's headers and libraries differ from it.

The baseline is a folder: layout.txt (layout.py), symbols.txt (SONAME, node of the version script,
symbol), and a dump of each library's types (dump.py).
"""

import os
import platform
import re
import subprocess
from dataclasses import dataclass, field

import dump
import layout

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "Tests", "ABI", "baseline")
LIBRARIES = ("streampeersocket", "streampeersocket-gzip", "streampeersocket-tls")
DUMPED_MACHINE = "x86_64"


@dataclass
class Abi:
    """An ABI: of today's tree, or of the baseline."""

    facts: dict = field(default_factory=dict)  # layout.py
    symbols: dict = field(default_factory=dict)  # (soname, symbol): node
    dumps: dict = field(default_factory=dict)  # library: text

    def sonames(self):
        return {soname for soname, _ in self.symbols}


# ---- Reading

def soname_of(library):
    listed = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True)
    return re.search(r"SONAME.*\[(.*)\]", listed.stdout)[1]


def symbols_of(library):
    """The exported symbols and their nodes."""
    listed = subprocess.run(["nm", "-D", "--defined-only", "--with-symbol-versions", library],
                            capture_output=True, text=True, check=True)
    found = re.findall(r"^\w+ [TDBRi] (\w+)@@?(\S+)$", listed.stdout, flags=re.M)
    return {(soname_of(library), name): node for name, node in sorted(found)}


def read_tree(build, clang, include=os.path.join(ROOT, "include")):
    """Today's ABI: of the headers, and of the libraries that a build made."""
    abi = Abi(facts=layout.read_headers(clang, include))
    structs = {name for name, kind in abi.facts if kind == "size"}
    for name in LIBRARIES:
        library = os.path.join(build, f"lib{name}.so")
        if os.path.exists(library):
            abi.symbols.update(symbols_of(library))
            if platform.machine() == DUMPED_MACHINE:
                abi.dumps[name] = dump.dump(library, structs)
    return abi


def read_text(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return ""
    with open(path) as file:
        return file.read()


def read_baseline(folder=FOLDER):
    abi = Abi(facts=layout.parse(read_text(folder, "layout.txt")))
    for line in read_text(folder, "symbols.txt").splitlines():
        soname, node, symbol = line.split()
        abi.symbols[soname, symbol] = node
    for name in LIBRARIES:
        text = read_text(folder, f"{name}.abi")
        if text:
            abi.dumps[name] = text
    return abi


def write_baseline(abi, folder=FOLDER):
    os.makedirs(folder, exist_ok=True)
    texts = {f"{name}.abi": text for name, text in abi.dumps.items()}
    texts["layout.txt"] = layout.write(abi.facts)
    texts["symbols.txt"] = "".join(f"{soname} {node} {symbol}\n"
                                   for (soname, symbol), node in abi.symbols.items())
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)


# ---- Comparing

def version():
    """Major and minor, as version.h has them."""
    header = read_text(os.path.join(ROOT, "include", "streampeersocket"), "version.h")
    return tuple(int(re.search(rf"SPS_VERSION_{part} (\d+)", header)[1])
                 for part in ("MAJOR", "MINOR"))


def node_of(soname, number):
    """The node for symbols that a version adds, such as STREAMPEERSOCKET_TLS_0.1."""
    name = re.match(r"lib(.*)\.so", soname)[1].upper().replace("-", "_")
    return f"{name}_{number[0]}.{number[1]}"


def symbol_breaks(old, new, number):
    found = []
    for (soname, symbol), node in old.symbols.items():
        if soname not in new.sonames():
            continue  # an optional library that was not built
        today = new.symbols.get((soname, symbol))
        if today is None:
            found.append(f"{soname} no longer exports {symbol}: programs that call it do not start")
        elif today != node:
            found.append(f"{symbol} of {soname} moved from {node} to {today}: "
                         "programs that were linked before do not start")
    for (soname, symbol), node in new.symbols.items():
        wanted = node_of(soname, number)
        if (soname, symbol) not in old.symbols and node != wanted:
            found.append(f"{symbol} of {soname} is new, so its node is {wanted}, not {node}")
    return found


def breaks(old, new, number=None):
    """A sentence for each break of the baseline."""
    found = symbol_breaks(old, new, number or version())
    found += layout.breaks(old.facts, new.facts)
    for name, text in old.dumps.items():
        text = name in new.dumps and dump.differences(text, new.dumps[name])
        if text:
            found.append(f"libabigail sees a break of lib{name}:\n{text.strip()}")
    return found


def additions(old, new):
    """A line for each fact that the baseline lacks."""
    found = [f"{soname}: {symbol} ({node})" for (soname, symbol), node in new.symbols.items()
             if (soname, symbol) not in old.symbols]
    return found + layout.additions(old.facts, new.facts)


def is_another_soname(old, new):
    """Whether no library has a SONAME of the baseline: a major version, which may break all."""
    return bool(old.symbols) and not old.sonames() & new.sonames()

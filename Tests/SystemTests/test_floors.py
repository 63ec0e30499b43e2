"""The floors of the core. The table in docs/architecture.md lists what each room may include."""

import os
import re

import pytest
from conftest import ROOT

CORE = os.path.join(ROOT, "Sources", "CSocketCore")
TABLE = os.path.join(ROOT, "docs", "architecture.md")
STANDARD = {"assert.h", "errno.h", "limits.h", "math.h", "stdbool.h", "stddef.h", "stdint.h",
            "stdlib.h", "string.h"}


def read(path):
    with open(path) as file:
        return file.read()


def floors():
    """Room: the rooms that it may include, and the public headers (None: all)."""
    rows = re.findall(r"^\| `(\w+)/` \|([^|]*)\|([^|]*)\|$", read(TABLE), re.MULTILINE)

    def names(cell):
        return set(re.findall(r"`([\w.]+)/?`", cell))

    return {room: (names(rooms), None if headers.strip() == "all" else names(headers))
            for room, rooms, headers in rows}


def sources():
    """Every C file of the core, as room/file."""
    return sorted(
        os.path.relpath(os.path.join(folder, name), CORE)
        for folder, _, names in os.walk(CORE) for name in names if name.endswith((".c", ".h"))
    )


def includes(file):
    """The files that a file includes: (quoted, angled)."""
    text = read(os.path.join(CORE, file))
    return (re.findall(r'^#include "([^"]+)"', text, re.MULTILINE),
            re.findall(r"^#include <([^>]+)>", text, re.MULTILINE))


def test_the_table_has_every_room():
    rooms = {name for name in os.listdir(CORE) if os.path.isdir(os.path.join(CORE, name))}
    assert set(floors()) == rooms


def test_a_room_includes_only_rooms_below_it():
    """The rows of the table are in order, so rooms cannot form a circle."""
    seen = set()
    for room, (below, _) in floors().items():
        assert below <= seen, f"{room} includes a room that stands above it"
        seen.add(room)


@pytest.mark.parametrize("file", sources())
def test_each_include_is_in_the_table(file):
    room = file.split(os.sep)[0]
    below, public = floors()[room]
    quoted, angled = includes(file)
    for header in quoted:
        folder, _, name = header.partition("/")
        if folder == "streampeersocket":
            assert public is None or name in public, f"{file} includes {header}"
        else:
            assert folder in below | {room}, f"{file} includes {header}"
            assert os.path.exists(os.path.join(CORE, header)), f"{file}: no {header}"
    if room != "platform":
        assert set(angled) <= STANDARD, f"{file} includes a header of the OS"


def test_no_circle_of_files():
    """A unit is a header and the C file of the same name. Two units never need each other."""
    needs = {}
    for file in sources():
        unit = os.path.splitext(file)[0]
        quoted, _ = includes(file)
        private = (header for header in quoted if not header.startswith("streampeersocket/"))
        found = {os.path.splitext(header)[0] for header in private}
        needs.setdefault(unit, set()).update(found - {unit})
    while needs:
        free = [unit for unit, below in needs.items() if not below & set(needs)]
        assert free, f"a circle: {sorted(needs)}"
        for unit in free:
            del needs[unit]


# ---- The extension for Godot

EXTENSION = os.path.join(ROOT, "Sources", "GodotExtension")
EXTENSION_FLOORS = (("interface",), ("values",), ("binding",), ("endpoint",), ("peer",), ("server",),
                    ("ip", "poller", "multiplayer", "tls", "reference"))


def test_a_room_of_the_extension_includes_only_rooms_below_it():
    floor_of = {room: floor for floor, rooms in enumerate(EXTENSION_FLOORS) for room in rooms}
    folders = {name for name in os.listdir(EXTENSION)
               if os.path.isdir(os.path.join(EXTENSION, name))}
    assert set(floor_of) == folders - {"doc_classes"}
    for room, floor in floor_of.items():
        for name in os.listdir(os.path.join(EXTENSION, room)):
            text = read(os.path.join(EXTENSION, room, name))
            for other in re.findall(r'^#include "\.\./(\w+)/', text, re.MULTILINE):
                assert floor_of[other] < floor, f"{room}/{name} includes {other}/"

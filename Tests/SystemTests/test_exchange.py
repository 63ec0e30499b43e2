"""Variants that Godot wrote, sent from a process in C++ to one in Swift and back, or the
reverse."""

import json
import os
import struct

import pytest
from conftest import ROOT, SWIFT, program

FIXTURES = os.path.join(ROOT, "Tests", "StreamPeerSocketTests", "Fixtures")


def words(*values):
    return struct.pack(f"<{len(values)}I", *values)


def godots_values():
    """The put_var rows, without the length in front of each."""
    with open(os.path.join(FIXTURES, "godot-4.6-wire.jsonl")) as file:
        rows = [json.loads(line) for line in file]
    return [bytes.fromhex(row["hex"])[4:] for row in rows if row["group"] == "put_var"]


def other_values():
    """Values of kinds that the fixture lacks."""
    wide_vector = words(9 | 1 << 16) + struct.pack("<3d", 0.1, 2, 3)
    wide_array = words(35 | 1 << 16, 1) + struct.pack("<2d", 0.1, 2)
    player = words(24, 6) + b"Player\0\0" + words(1, 2) + b"hp\0\0" + words(2, 100)
    by_id = words(24 | 1 << 16) + struct.pack("<Q", 1 << 63)
    rid = words(23) + struct.pack("<Q", 7)
    of_objects = words(28 | 2 << 16, 4) + b"Node" + words(2) + player + by_id
    of_a_script = words(28 | 3 << 16, 8) + b"res://x\0" + words(0)
    nested_key = words(27, 1, 28, 1, 2, 1) + words(0)
    deepest = words(28, 1) * 1024 + words(0)
    packed = words(29, 100_000) + bytes(100_000)
    return [wide_vector, wide_array, player, by_id, rid, of_objects, of_a_script, nested_key, deepest,
            packed]


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("client, server", [("C++", "Swift"), ("Swift", "C++")])
def test_values_go_there_and_back(start, tmp_path, client, server, order):
    programs = {"C++": program("variant_peer"), "Swift": os.path.join(SWIFT, "variant_peer")}
    values = godots_values() + other_values()
    assert len(values) > 90
    rows = tmp_path / "rows"
    rows.write_text("".join(value.hex() + "\n" for value in values))
    serving = start(programs[server], "serve", order)
    serving.process.stdin.write(rows.read_bytes())
    serving.process.stdin.close()
    serving.process.stdin = None
    port = serving.read_line().removeprefix("listening on ")
    connecting = start(programs[client], port, order)
    assert connecting.finish(rows.read_bytes()) == (0, b"ok\n", "")
    assert serving.finish() == (0, b"ok\n", "")

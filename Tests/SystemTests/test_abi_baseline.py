"""The ABI is the one of the stored baseline, and each kind of break is seen (docs/abi.md)."""

import copy
import os
import re
import shutil
import sys

import pytest
from conftest import BUILD, ROOT, run

sys.path.insert(0, os.path.join(ROOT, "Tests", "ABI"))
import abi
import baseline
import dump
import layout

CLANG = abi.find_clang()
SONAME = "libstreampeersocket.so.0"


@pytest.fixture(scope="module")
def stored():
    return baseline.read_baseline()


@pytest.fixture(scope="module")
def today():
    return baseline.read_tree(BUILD, CLANG)


def broken_headers(folder, header, before, after):
    """The facts of today's headers, with one change."""
    shutil.copytree(os.path.join(ROOT, "include"), folder)
    path = os.path.join(folder, "streampeersocket", header)
    with open(path) as file:
        text = file.read()
    changed, count = re.subn(before, after, text, count=1, flags=re.S)
    assert count == 1, (header, before)
    with open(path, "w") as file:
        file.write(changed)
    return layout.read_headers(CLANG, folder)


# ---- The baseline

def test_nothing_is_broken(stored, today):
    assert baseline.breaks(stored, today) == []


def test_the_baseline_has_each_addition(stored, today):
    assert baseline.additions(stored, today) == [], "docs/abi.md: ./scripts/abi accept"


def test_the_baseline_knows_each_library(stored):
    assert set(stored.dumps) == set(baseline.LIBRARIES)
    assert len(stored.symbols) > 200 and len(stored.facts) > 500
    assert all(fact.numbers == (0,) * len(layout.MACHINES) for fact in stored.facts.values()
               if fact.name.endswith(".struct_size") and fact.kind == "offset")


def test_the_tool_says_that_nothing_changed():
    status, out, err = run(os.path.join(ROOT, "scripts", "abi"), "check", "--build", BUILD)
    assert status == 0, (out, err)
    assert out.startswith(b"the ABI is the baseline's")


# ---- Symbols

def without(abi, symbol):
    changed = copy.copy(abi)
    changed.symbols = {key: node for key, node in abi.symbols.items() if key[1] != symbol}
    return changed


def test_a_symbol_that_is_gone_is_a_break(stored, today):
    found = baseline.breaks(stored, without(today, "sps_stream_put_u16"))
    assert found == [f"{SONAME} no longer exports sps_stream_put_u16: "
                     "programs that call it do not start"]


def test_a_symbol_that_moves_its_node_is_a_break(stored, today):
    moved = copy.copy(today)
    moved.symbols = {**today.symbols, (SONAME, "sps_poller_wake"): "STREAMPEERSOCKET_0.2"}
    found = baseline.breaks(stored, moved)
    assert found == [f"sps_poller_wake of {SONAME} moved from STREAMPEERSOCKET_0.1 to "
                     "STREAMPEERSOCKET_0.2: programs that were linked before do not start"]


def test_a_new_symbol_belongs_to_the_node_of_its_version(stored, today):
    older = without(stored, "sps_poller_wake")
    assert baseline.symbol_breaks(older, today, (0, 1)) == []
    assert baseline.symbol_breaks(older, today, (0, 2)) == [
        f"sps_poller_wake of {SONAME} is new, so its node is STREAMPEERSOCKET_0.2, "
        "not STREAMPEERSOCKET_0.1"]
    assert baseline.node_of("libstreampeersocket-tls.so.1", (1, 3)) == "STREAMPEERSOCKET_TLS_1.3"


def test_a_library_that_was_not_built_is_not_a_break(stored, today):
    core = copy.copy(today)
    core.symbols = {key: node for key, node in today.symbols.items() if key[0] == SONAME}
    core.dumps = {"streampeersocket": today.dumps["streampeersocket"]}
    assert baseline.breaks(stored, core) == []


# ---- Layout

BREAKS = [  # header, what is changed, to what, and the sentence
    ("poller.h", r"(    uint32_t kinds;)(.*?)(    sps_close_reason close_reason;)", r"\3\2\1",
     "sps_event.kinds: its offset was 4, and is 8"),
    ("socket.h", r"SPS_STATUS_CONNECTED = 2", "SPS_STATUS_CONNECTED = 5",
     "SPS_STATUS_CONNECTED: its value was 2, and is 5"),
    ("options.h", r"    uint32_t backlog;", "", "sps_server_options.backlog is gone"),
    ("options.h", r"uint32_t idle_timeout_ms;", "uint64_t idle_timeout_ms;",
     "sps_stream_options.idle_timeout_ms: its bytes was 4, and is 8"),
    ("system_info.h", r"SPS_HOST_TEXT_BYTES 64", "SPS_HOST_TEXT_BYTES 32",
     "SPS_HOST_TEXT_BYTES: its value was 64, and is 32"),
    ("poller.h", r"\} sps_event;", "void *later; } sps_event;", None),
    ("custom.h", r"typedef struct sps_custom_operations \{", r"\g<0> uint32_t before;",
     "sps_custom_operations.struct_size: its offset was 0, and is 4"),
]


@pytest.mark.parametrize("header, before, after, sentence", BREAKS,
                         ids=[each[3] or "growth is no break" for each in BREAKS])
def test_a_changed_layout_is_a_break(stored, tmp_path, header, before, after, sentence):
    facts = broken_headers(tmp_path / "include", header, before, after)
    found = layout.breaks(stored.facts, facts)
    if sentence:
        assert any(each.startswith(sentence) for each in found), found
    else:
        assert found == [] and len(layout.additions(stored.facts, facts)) == 3


def test_a_break_on_one_machine_is_a_break(stored, tmp_path):
    """A long has 32 bits in Windows and 64 in Linux."""
    facts = broken_headers(tmp_path / "include", "system_info.h", r"uint32_t uid;",
                           "unsigned long uid;")
    assert any("was 4, and is 8 8 4 4 4" in each for each in layout.breaks(stored.facts, facts))


def test_a_field_in_the_padding_is_a_break(stored, tmp_path):
    """An old program passes the old size, and those bytes have any value."""
    facts = broken_headers(tmp_path / "include", "options.h", r"    void \*user_data;\n",
                           "    uint32_t user_data;\n")
    grown = broken_headers(tmp_path / "later", "options.h", r"    void \*user_data;\n",
                           "    uint32_t user_data;\n    uint32_t later;\n")
    found = layout.breaks(facts, grown)
    assert found == ["sps_allocator.later is new, and lies within the old size of sps_allocator: "
                     "an old program leaves these bytes uninitialized"]


# ---- Types

def changed_dump(text, function, before, after):
    """A dump in which one function has another type."""
    found = re.search(rf'<function-decl name="{function}".*?</function-decl>', text, flags=re.S)[0]
    assert before in found
    return text.replace(found, found.replace(before, after, 1))


def type_named(text, name):
    return re.search(rf'<typedef-decl name="{name}" .*? id="(\w+)"', text)[1]


def test_another_parameter_type_is_a_break(stored):
    text = stored.dumps["streampeersocket"]
    wide = changed_dump(text, "sps_socket_set_connect_timeout", type_named(text, "uint32_t"),
                        type_named(text, "uint64_t"))
    found = dump.differences(text, wide)
    assert "sps_socket_set_connect_timeout" in found and "parameter 2" in found
    assert dump.differences(text, text) == ""


def test_another_return_type_is_a_break(stored):
    text = stored.dumps["streampeersocket"]
    wide = changed_dump(text, "sps_version", type_named(text, "uint32_t"),
                        type_named(text, "uint64_t"))
    assert "return type changed" in dump.differences(text, wide)


def test_a_handle_is_opaque(today):
    for name in ("sps_stream", "sps_poller", "sps_server", "sps_packet_peer", "sps_ip"):
        struct = re.search(rf'<class-decl name="{name}"[^>]*>', today.dumps["streampeersocket"])[0]
        assert 'is-declaration-only="yes"' in struct and "size" not in struct


# ---- Accepting

def test_a_break_is_refused(stored, today, capsys):
    assert abi.accept(stored, without(today, "sps_shutdown")) == 1
    assert "refused, a break: libstreampeersocket.so.0 no longer" in capsys.readouterr().out


def test_an_addition_is_shown_and_accepted(stored, today, capsys, tmp_path, monkeypatch):
    older = without(stored, "sps_shutdown")
    monkeypatch.setattr(baseline, "version", lambda: (0, 1, 0))  # of the symbol's node
    assert abi.check(older, today) == 1
    assert "not in the baseline: libstreampeersocket.so.0: sps_shutdown" in capsys.readouterr().out
    monkeypatch.setattr(baseline.write_baseline, "__defaults__", (str(tmp_path),))
    assert abi.accept(older, copy.copy(today)) == 0
    assert "added: libstreampeersocket.so.0: sps_shutdown" in capsys.readouterr().out
    assert abi.check(baseline.read_baseline(str(tmp_path)), today) == 0


def test_a_new_soname_may_break(stored, today, capsys, tmp_path, monkeypatch):
    major = copy.copy(today)
    major.symbols = {(soname.replace(".so.0", ".so.1"), symbol): "STREAMPEERSOCKET_1.0"
                     for soname, symbol in list(today.symbols)[:5]}
    monkeypatch.setattr(baseline.write_baseline, "__defaults__", (str(tmp_path),))
    assert abi.accept(stored, major) == 0
    assert baseline.read_baseline(str(tmp_path)).sonames() == {"libstreampeersocket.so.1"}

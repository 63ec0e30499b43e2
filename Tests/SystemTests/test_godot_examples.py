"""Examples/godot with the add-on, in a real Godot. GODOT4 names its binary, 4.4 or later."""

import html
import os
import re
import shutil
import subprocess
import textwrap
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from conftest import BUILD, ROOT, good
from releasing import godot

GODOT = os.environ.get("GODOT4")
LIBRARY = Path(BUILD, "libstreampeersocket_godot.so")
# The sources of a Godot that was built from source stand beside its binary.
SOURCE = Path(GODOT or "").resolve().parent.parent
PATIENCE = 120  # seconds
FRAMES = "20000"  # a scene whose script is wrong would never end
PLAYERS = '"players": ["Ann", "Bob", "Cleo", "Dan"]'

# A name that the class of a typed variable does not have is an error.
STRICT = """
[debug]
gdscript/warnings/unsafe_property_access=2
gdscript/warnings/unsafe_method_access=2
"""

pytestmark = pytest.mark.skipif(not GODOT, reason="GODOT4 does not name a Godot 4 binary")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the examples with the add-on, as if Godot's editor had opened it."""
    copy = tmp_path_factory.mktemp("examples") / "project"
    shutil.copytree(Path(ROOT, "Examples", "godot"), copy)
    file = godot.native_target().file
    godot.assemble(Path(ROOT), copy / godot.FOLDER, [(file, LIBRARY)])
    (copy / ".godot").mkdir()
    (copy / ".godot" / "extension_list.cfg").write_text(
        f"res://{godot.FOLDER}/{godot.EXTENSION}\n")
    (copy / ".godot" / "global_script_class_cache.cfg").write_text("list=[]\n")
    with open(copy / "project.godot", "a") as settings:
        settings.write(STRICT)
    return copy


def run_scene(project, scene):
    """Runs a scene until it ends by itself. Returns the lines that it prints."""
    done = subprocess.run(
        [GODOT, "--headless", "--verbose", "--quit-after", FRAMES, "--path", project, scene],
        capture_output=True, text=True, errors="replace", timeout=PATIENCE,
        env=dict(os.environ, XDG_DATA_HOME=str(project.parent / "data")))
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed
    assert not re.search(r"SCRIPT ERROR|Parse Error|Leaked instance|^ERROR", printed,
                         flags=re.M), printed
    return [line for line in done.stdout.splitlines() if re.match(r"[a-z]+: ", line)]


def test_the_chat(project):
    assert run_scene(project, "chat/chat.tscn") == [
        "chat: 50 clients heard 2500 lines", "chat: everybody left"]


def test_the_lobby(project):
    lines = run_scene(project, "lobby/lobby.tscn")
    expected = [f'lobby: {name} got {{ "match": 1, {PLAYERS} }}'
                for name in ("Ann", "Bob", "Cleo", "Dan")]
    assert sorted(lines)[:4] == expected and len(lines) == 5
    assert re.match(r'lobby: Eve got \{ "error": "The host name does not exist', sorted(lines)[4])


def test_the_squad(project):
    assert run_scene(project, "squad/squad.tscn") == [
        "squad: The host name does not exist, or has no address.",
        "squad: the host hears hello from 2", "squad: the guest hears welcome from 1",
        "squad: The peer closed the connection."]


def test_the_port_before_and_after(project):
    assert run_scene(project, "ported/ported.tscn") == [
        "before: Grüße, world", "after: Grüße, world"]


@pytest.mark.skipif(not (SOURCE / "core" / "io" / "stream_peer.h").exists(),
                    reason="GODOT4 has no sources beside it")
def test_the_module_compiles_with_the_headers_of_the_engine():
    """With the engine's own options for C++, and warnings as errors."""
    good("c++", "-std=gnu++17", "-fno-exceptions", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
         "-Wno-unused-parameter", "-DLINUXBSD_ENABLED", "-DUNIX_ENABLED",
         "-isystem", str(SOURCE), "-isystem", str(SOURCE / "platform" / "linuxbsd"),
         f"-I{ROOT}/include",
         f"{ROOT}/Examples/godot-module/streampeersocket/register_types.cpp")


# ---- The class reference, in the engine

DEFAULTS = """extends SceneTree

func _initialize() -> void:
	for name in ClassDB.get_class_list():
		if name.begins_with("SPS") and ClassDB.can_instantiate(name):
			var object: Object = ClassDB.instantiate(name)
			for property in ClassDB.class_get_property_list(name, true):
				if property.usage & PROPERTY_USAGE_DEFAULT:
					var value := var_to_str(object.get(property.name))
					print("default: %s.%s %s" % [name, property.name, value])
			if object is Node:
				object.free()
	quit()
"""


def run_script(project, name, text):
    """Runs a script as the main loop. Returns all that it prints."""
    (project / name).write_text(text)
    done = subprocess.run([GODOT, "--headless", "--path", project, "--script", name],
                          capture_output=True, text=True, timeout=PATIENCE,
                          env=dict(os.environ, XDG_DATA_HOME=str(project.parent / "data")))
    printed = done.stdout + done.stderr
    assert done.returncode == 0 and "ERROR" not in printed, printed
    return printed


def test_the_reference_has_the_defaults_of_properties(project):
    printed = run_script(project, "defaults.gd", DEFAULTS)
    found = dict(re.findall(r"^default: (\S+) (\S+)$", printed, flags=re.M))
    assert len(found) > 20
    for path in Path(ROOT, "Sources/GodotExtension/doc_classes").glob("*.xml"):
        for member in ElementTree.parse(path).findall("members/member"):
            default = found.get(f"{path.stem}.{member.get('name')}", member.get("default"))
            assert member.get("default") == default, f"{path.stem}.{member.get('name')}"


# ---- GDScript in the documents

NAMES = "var loop := SPSNetworkLoop.new()\nvar is_running := true\n\nfunc read_all(_peer): pass\n"


def snippets():
    """The blocks of GDScript in the guide, the add-on's README and the class reference."""
    for page in ("docs/godot.md", f"{godot.FOLDER}/README.md", "Examples/README.md"):
        for index, code in enumerate(re.findall(r"(?ms)^```gdscript\n(.*?)^```$",
                                                Path(ROOT, page).read_text())):
            yield f"{Path(page).stem}-{index}", code
    for path in sorted(Path(ROOT, "Sources/GodotExtension/doc_classes").glob("*.xml")):
        text = html.unescape(path.read_text())
        for index, code in enumerate(re.findall(r"(?s)\[codeblock\]\n(.*?)\[/codeblock\]", text)):
            code = textwrap.indent(textwrap.dedent(code), "\t")
            needs = "" if "server :=" in code else "var server := SPSTCPServer.new()\n"
            yield f"{path.stem}-{index}", f"extends Node\n{needs}{NAMES}\nfunc run():\n{code}"


CHECK = """extends SceneTree

func _initialize() -> void:
	for file in DirAccess.get_files_at("res://snippets"):
		var script: GDScript = load("res://snippets/" + file)
		if script == null or not script.can_instantiate():
			print("wrong: ", file)
		else:
			print("right: ", file)
	quit()
"""


def test_the_snippets_compile(project):
    folder = project / "snippets"
    folder.mkdir()
    for name, code in snippets():
        (folder / f"{name}.gd").write_text(code)
    count = len(list(folder.iterdir()))
    assert count >= 6
    printed = run_script(project, "check.gd", CHECK)
    assert "wrong: " not in printed and printed.count("right: ") == count, printed

"""The extension in a real Godot. GODOT4 names its binary, a build with GDScript, 4.4 or later."""

import os
import re
import shutil
import subprocess

import pytest
from conftest import BUILD, ROOT
from name_server import NXDOMAIN, NameServer
from network import namespace, possible

GODOT = os.environ.get("GODOT4")
PROJECT = os.path.join(ROOT, "Tests", "GodotExtensionTests", "project")
LIBRARY = os.path.join(os.path.abspath(BUILD), "libstreampeersocket_godot.so")
PATIENCE = 240  # seconds

pytestmark = pytest.mark.skipif(not GODOT, reason="GODOT4 does not name a Godot 4 binary")

EXTENSION = """[configuration]
entry_symbol = "sps_godot_initialize"
compatibility_minimum = "4.4"

[libraries]
linux.x86_64 = "{library}"
linux.arm64 = "{library}"
"""


@pytest.fixture
def project(tmp_path):
    """A copy of the project that knows the library, as if Godot's editor had opened it."""
    assert os.path.exists(LIBRARY), f"{LIBRARY} is not built (SPS_GODOT)"
    copy = tmp_path / "project"
    shutil.copytree(PROJECT, copy)
    (copy / "streampeersocket.gdextension").write_text(EXTENSION.format(library=LIBRARY))
    (copy / ".godot").mkdir()
    (copy / ".godot" / "extension_list.cfg").write_text("res://streampeersocket.gdextension\n")
    return copy


def count_tests(project, files):
    """The number of tests in these files, or in all. A program that runs none must not pass."""
    paths = [project / f"{name}.gd" for name in files] or project.glob("test_*.gd")
    return sum(len(re.findall(r"^func test_", path.read_text(), re.MULTILINE)) for path in paths)


def run_tests(project, *files, prefix=()):
    """Runs the project's tests, and returns the lines of its report."""
    command = [*prefix, GODOT, "--headless", "--verbose", "--path", str(project), "--script",
               "main.gd", "--", *files]
    environment = dict(os.environ, XDG_DATA_HOME=str(project.parent / "data"))
    done = subprocess.run(command, capture_output=True, text=True, errors="replace",
                          timeout=PATIENCE, env=environment)
    lines = [line for line in done.stdout.splitlines() if re.match(r"[a-zA-Z0-9 ]+[ :.]", line)]
    figures = [line for line in lines if " us" in line or "objects" in line or "skipped" in line]
    print("\n".join([line for line in lines if line.startswith(("ok ", "FAILED "))] + figures))
    failed = [line for line in lines if line.startswith("FAILED ")]
    assert done.returncode == 0 and not failed, "\n".join(failed) or done.stdout + done.stderr
    assert f"{count_tests(project, files)} tests, 0 failed" in lines, done.stdout + done.stderr
    for trouble in ("Leaked instance", "RID allocations", "orphan StringName", "Parse Error"):
        assert trouble not in done.stdout + done.stderr, done.stdout + done.stderr
    return lines


def test_project(project):
    run_tests(project)


def test_guide(project):
    with open(os.path.join(ROOT, "docs", "godot.md")) as guide:
        examples = re.findall(r"```gdscript\n(.*?)```", guide.read(), re.DOTALL)
    with open(LIBRARY, "rb") as library:
        if b"SPSStreamPeerTLS" not in library.read():  # built without SPS_GODOT_TLS
            examples = [text for text in examples if "SPSStreamPeerTLS" not in text]
    (project / "guide").mkdir()
    for number, example in enumerate(examples):
        (project / "guide" / f"{number}.gd").write_text(example)
    run_tests(project, "guide")


MISTAKES = """extends SceneTree

func _initialize() -> void:
	var peer := SPSStreamPeerTCP.new()
	peer.connect_to_host("no name", 80)
	peer.close_gracefully(-1)
	peer.write_batching = true
	peer.connect_to_host("127.0.0.1", 9)
	peer.connect_to_host("127.0.0.1", 9)
	peer.put_var("x".repeat(70000))
	var server := SPSTCPServer.new()
	server.listen(70000)
	server.listen(0)
	server.listen(0)
	var loop := SPSNetworkLoop.new()
	loop.add_peer(null)
	loop.free()
	quit()
"""


def test_the_mistakes_of_a_script_are_named(project):
    (project / "mistakes.gd").write_text(MISTAKES)
    done = subprocess.run([GODOT, "--headless", "--path", project, "--script", "mistakes.gd"],
                          capture_output=True, text=True, timeout=PATIENCE,
                          env=dict(os.environ, XDG_DATA_HOME=str(project.parent / "data")))
    named = re.findall(r"ERROR: (.*)\n +at: SPS\w+\.(\w+)", done.stdout + done.stderr)
    assert [method for _, method in named] == [
        "connect_to_host", "close_gracefully", "connect_to_host", "put_var", "listen", "listen",
        "add_peer"]
    for (message, _), word in zip(named, ("host", "time", "disconnect_from_host()",
                                          "write_buffer_bytes", "port", "already", "null")):
        assert word in message


def test_every_method_against_the_tool(project, echo, monkeypatch):
    _, port, path = echo
    monkeypatch.setenv("SPS_ECHO_PORT", str(port))
    monkeypatch.setenv("SPS_ECHO_PATH", path)
    monkeypatch.setenv("SPS_ECHO_UID", str(os.getuid()))
    run_tests(project, "tool_echo")


@pytest.mark.skipif(not possible(), reason="only root makes network namespaces")
def test_names_without_an_answer(project):
    def answer(name, _):
        return NXDOMAIN if name.startswith("denied") else None

    with namespace("godot") as machine, NameServer(machine, answer) as server:
        machine.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:5 attempts:2\n")
        run_tests(project, "silent_names", prefix=machine.command())
        assert any(name.startswith("silent") for name, _ in server.asked), server.asked

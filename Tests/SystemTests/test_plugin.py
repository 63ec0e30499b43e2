"""A plug-in looks up names and is unloaded. No thread remains in unloaded code."""

import os
import shutil

import pytest
from conftest import BUILD, program, run, wait_until
from name_server import NameServer
from network import namespace, possible

ERR_TIMEOUT = "24"
ROUNDS = 300


def plugin(library):
    return os.path.join(BUILD, "Tests", "SystemTests", "programs", f"plugin_{library}.so")


@pytest.mark.skipif(not possible(), reason="only root makes network namespaces")
@pytest.mark.parametrize("library", ["static", "shared"])
def test_a_plugin_is_unloaded_after_its_look_ups(start, library):
    names = {f"n{i}.test": ["192.0.2.1"] for i in range(ROUNDS)}
    with namespace("alone") as machine:
        machine.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:5\n")
        machine.write("nsswitch.conf", "hosts: files dns\n")
        with NameServer(machine, lambda name, kind: names.get(name)) as server:
            lab = start(*machine.command(program("plugin_lab"), plugin(library),
                                          ROUNDS, "held.test"))
            wait_until(lambda: server.asked, "the question")
            lab.process.stdin.write(b"\n")
            lab.process.stdin.flush()
            assert lab.read_line() == ERR_TIMEOUT
            names["held.test"] = []
            assert lab.read_line() == "done"
            assert lab.finish()[0] == 0


def test_copies_of_the_library_in_one_process_do_not_meet(tmp_path, socket_path):
    """A program with the shared library loads plug-ins with copies of their own."""
    copies = [shutil.copy(plugin("static"), tmp_path / name) for name in ("first.so", "second.so")]
    status, out, err = run(program("copies_lab"), plugin("shared"), *copies, socket_path)
    assert (status, out) == (0, b"done\n"), err

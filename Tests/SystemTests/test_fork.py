"""A process that forks during look-ups. Neither side hangs, and both find their names."""

import json
import socket

import pytest
from conftest import program, wait_until
from name_server import NameServer
from network import namespace, possible

PORT = 7000  # the namespace has no other program
needs_networks = pytest.mark.skipif(not possible(), reason="only root makes network namespaces")


@pytest.fixture
def machine():
    """A single machine with its own name server."""
    with namespace("alone") as made:
        made.write("resolv.conf", "nameserver 127.0.0.1\n")
        made.write("nsswitch.conf", "hosts: files dns\n")
        yield made


@needs_networks
def test_a_child_never_hangs_in_a_call_that_never_waits(machine, start):
    with NameServer(machine, lambda name, kind: []):
        lab = start(*machine.command(program("fork_lab"), "storm", 300))
        assert json.loads(lab.read_line()) == {"children": 300, "hung": 0}
        assert lab.finish()[0] == 0


@needs_networks
@pytest.mark.parametrize("slow_names, options", [(0, "timeout:1 attempts:5"), (64, "timeout:5")])
def test_a_name_that_the_parent_was_looking_up_is_found(machine, start, slow_names, options):
    machine.write("resolv.conf", f"nameserver 127.0.0.1\noptions {options}\n")
    names = {}

    with NameServer(machine, lambda name, kind: names.get(name)) as server, \
            machine.socket(socket.SOCK_STREAM, "127.0.0.1", PORT):
        lab = start(*machine.command(program("fork_lab"), "share", slow_names, "late.test", PORT))
        most = min(64, slow_names + 1)  # as many as there are workers
        wait_until(lambda: len({name for name, _ in server.asked}) >= most, "the questions")
        go_on(lab)
        assert json.loads(lab.read_line()) == {"who": "fork"}
        names.update({"late.test": ["127.0.0.1"], "another.test": ["127.0.0.1"]})
        go_on(lab)
        results = [json.loads(lab.read_line()) for _ in range(3)]
        print(results)
        assert sorted(row["who"] for row in results) == ["child", "child, another name", "parent"]
        for row in results:  # slow names may delay the parent
            if row["who"] != "parent" or slow_names == 0:
                assert (row["status"], row["reason"]) == (2, "CLOSE_NONE"), row
        assert lab.finish()[0] == 0


def go_on(lab):
    lab.process.stdin.write(b"\n")
    lab.process.stdin.flush()

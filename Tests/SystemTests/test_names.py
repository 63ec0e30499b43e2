"""Names whose name server is silent about a family, broken, or generous, on a single machine."""

import json
import socket

import pytest
from conftest import program, run
from name_server import A, AAAA, NXDOMAIN, REFUSED, SERVFAIL, NameServer
from network import namespace, possible

PORT = 7000  # the namespace has no other program
OWN4, OWN6, HOLE6 = "192.0.2.1", "2001:db8:1::1", "2001:db8:dead::"
QUICK = 1_000_000  # microseconds; the OS's own timeout for a silent name server is 10 s

pytestmark = pytest.mark.skipif(not possible(), reason="only root makes network namespaces")


@pytest.fixture(params=["ipv4", "both"])
def machine(request):
    """A machine with addresses of one family, or of both. It always has ::1 and a link-local
    address."""
    with namespace("alone") as made:
        made.write("resolv.conf", "nameserver 127.0.0.1\n")
        made.write("nsswitch.conf", "hosts: files dns\n")
        made.write("hosts", "127.0.0.1 localhost\n2001:db8:5::1 six\n")
        made.sysctl(**{"ipv6/conf/default/accept_dad": 0})
        made.configure("link add eth0 type veth peer name far\nlink set far up\nlink set eth0 up\n"
                       f"address add {OWN4}/24 dev eth0\naddress add fe80::1/64 dev eth0 nodad\n")
        if request.param == "both":
            made.configure(f"address add {OWN6}/64 dev eth0 nodad\n"
                           "route add default via 2001:db8:1::9\n")
        made.families = request.param
        yield made


def connect(machine, host, timeout_ms=30000):
    status, out, err = run(*machine.command(program("connect_lab"), "connect", timeout_ms, host, PORT))
    assert (status, err) == (0, ""), err
    print(out.decode())
    return json.loads(out)


def ask_ip(machine, *steps):
    status, out, err = run(*machine.command(program("ip_lab"), 0, *steps))
    assert (status, err) == (0, ""), err
    print(out.decode())
    return [json.loads(line) for line in out.splitlines()]


def silent_about_ipv6(name, kind):
    if kind == AAAA:
        return None
    return [OWN4] if name == "host.test" else NXDOMAIN


def test_connecting_does_not_wait_for_a_silent_family(machine):
    with NameServer(machine, silent_about_ipv6) as server, \
            machine.socket(socket.SOCK_STREAM, OWN4, PORT):
        done = connect(machine, "host.test")
        assert (done["error"], done["status"], done["reason"]) == ("OK", 2, "CLOSE_NONE")
        assert [each["host"] for each in done["attempts"]] == [OWN4]
        assert done["took"] < QUICK
        if machine.families == "ipv4":
            assert {kind for _, kind in server.asked} == {A}
            assert done["took"] < 100_000


def test_only_the_wanted_family_is_asked_for(machine):
    with NameServer(machine, silent_about_ipv6) as server:
        found, = ask_ip(machine, "ipv4", "host.test")
        assert (found["error"], found["addresses"]) == ("OK", [OWN4])
        assert found["took"] < QUICK
        assert {kind for _, kind in server.asked} == {A}


@pytest.mark.parametrize("machine", ["ipv4"], indirect=True)
def test_an_unusable_family_is_the_second_choice(machine):
    with NameServer(machine, silent_about_ipv6):
        found, = ask_ip(machine, "resolve", "host.test")
        assert (found["error"], found["addresses"]) == ("OK", [OWN4])
        assert found["took"] < QUICK
        gone = connect(machine, "none.test")
        assert gone["reason"] == "CLOSE_NAME_NOT_FOUND" and gone["took"] < QUICK
        six = connect(machine, "six")  # hosts(5) has no other address of it
        assert [each["host"] for each in six["attempts"]] == ["2001:db8:5::1"]


@pytest.mark.parametrize("machine", ["both"], indirect=True)
@pytest.mark.parametrize("count", [3, 15, 16, 20])
def test_many_unreachable_addresses_hide_no_working_one(machine, count):
    holes = [f"{HOLE6}{i + 1:x}" for i in range(count)]
    with NameServer(machine, lambda name, kind: [*holes, OWN4]), \
            machine.socket(socket.SOCK_STREAM, OWN4, PORT):
        done = connect(machine, "many.test", 12000)
        assert (done["error"], done["reason"]) == ("OK", "CLOSE_NONE")
        assert [each["host"] for each in done["attempts"]] == [holes[0], OWN4]
        every, four = ask_ip(machine, "resolve", "many.test", "ipv4", "many.test")
        assert OWN4 in every["addresses"] and len(every["addresses"]) == min(16, count + 1)
        assert four["addresses"] == [OWN4]


@pytest.mark.parametrize("machine", ["both"], indirect=True)
@pytest.mark.parametrize("code", [SERVFAIL, REFUSED, None], ids=["servfail", "refused", "silent"])
def test_a_name_server_that_is_down_makes_no_name_unknown(machine, code):
    machine.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    with NameServer(machine, lambda name, kind: code):
        done = connect(machine, "host.test")
        assert (done["error"], done["reason"]) == ("ERR_CANT_RESOLVE", "CLOSE_LOOKUP_FAILED")
        assert ask_ip(machine, "resolve", "host.test")[0]["error"] == "ERR_QUERY_FAILED"


@pytest.mark.parametrize("machine", ["both"], indirect=True)
def test_no_name_server_at_all(machine):
    done = connect(machine, "host.test")
    assert (done["error"], done["reason"]) == ("ERR_CANT_RESOLVE", "CLOSE_LOOKUP_FAILED")
    done = connect(machine, "host.invalid")
    assert (done["error"], done["reason"]) == ("ERR_CANT_RESOLVE", "CLOSE_NAME_NOT_FOUND")

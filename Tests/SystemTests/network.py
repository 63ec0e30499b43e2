"""Networks for tests, in Linux network namespaces (network_namespaces(7)).

    client ---- router ---- server

No link leads out of them, so no test can reach the outside. The tests remove them at the end. The
addresses are those for examples (RFC 5737, RFC 3849).
"""

import contextlib
import ctypes
import heapq
import itertools
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

FOLDER = "/etc/netns"  # ip netns exec NAME mounts FOLDER/NAME/X at /etc/X
CLONE_NEWNET = 0x40000000

CLIENT4, CLIENT6 = "192.0.2.2", "2001:db8:1::2"
SERVER4, SERVER6 = "198.51.100.2", "2001:db8:2::2"
REFUSES6 = "2001:db8:2::3"  # also an address of the server
DROPS4, DROPS6 = "203.0.113.9", "2001:db8:3::9"  # the router drops packets to these
# addresses of the server
DNSMASQ, RELAY, SILENT = "198.51.100.53", "198.51.100.54", "198.51.100.55"

NAMES = {
    "both.test": [SERVER4, SERVER6],
    "four.test": [SERVER4],
    "good.test": [SERVER4, SERVER6],  # and every name below it, as for all of them
    "late.test": [SERVER4, SERVER6],
    "drop6.test": [SERVER4, DROPS6],
    "drop.test": [DROPS4, DROPS6],
    "refuse6.test": [SERVER4, REFUSES6],
}

libc = ctypes.CDLL(None, use_errno=True)
numbers = itertools.count()


def possible():
    """Whether this process may make namespaces."""
    return os.geteuid() == 0 and shutil.which("ip") is not None


def ip(*command, lines=None):
    subprocess.run(["ip", *command], input=lines, text=True, check=True)


class Namespace:
    """One machine of a network."""

    def __init__(self, name):
        self.name = name
        ip("netns", "add", name)

    def remove(self):
        remove_namespace(self.name)
        shutil.rmtree(os.path.join(FOLDER, self.name), ignore_errors=True)

    def configure(self, lines):
        """Runs commands of ip(8), one a line."""
        ip("-netns", self.name, "-batch", "-", lines=lines)

    def command(self, *command):
        """The same program, run inside the namespace."""
        return ["ip", "netns", "exec", self.name, *(str(part) for part in command)]

    def write(self, name, text):
        """Sets /etc/NAME for programs that start from now on."""
        os.makedirs(os.path.join(FOLDER, self.name), exist_ok=True)
        with open(os.path.join(FOLDER, self.name, name), "w") as file:
            file.write(text)

    @contextlib.contextmanager
    def entered(self):
        """Sockets that this thread makes inside belong to the namespace."""
        with open("/proc/thread-self/ns/net") as before, open(f"/run/netns/{self.name}") as there:
            self._enter(there)
            try:
                yield
            finally:
                self._enter(before)

    @staticmethod
    def _enter(namespace):
        if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def sysctl(self, **values):
        """ip_forward=1 is below net/ipv4; other settings have their path:
        **{"ipv6/conf/all/forwarding": 1}."""
        with self.entered():
            for name, value in values.items():
                path = name if "/" in name else f"ipv4/{name}"
                with open(f"/proc/sys/net/{path}", "w") as file:
                    file.write(str(value))

    def socket(self, kind, host, port=0):
        """A bound socket. SOCK_STREAM listens."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with self.entered():
            made = socket.socket(family, kind)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
        if kind == socket.SOCK_STREAM:
            made.listen(4096)
        return made


def remove_leftovers():
    """Removes the namespaces of a killed run: its process no longer exists."""
    for folder in ("/run/netns", FOLDER):
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            found = re.fullmatch(r"sps-(\d+)-\d+-[a-z]+", name)
            if not found or os.path.exists(f"/proc/{found[1]}"):
                continue
            if folder == FOLDER:
                shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
            else:
                remove_namespace(name)


def remove_namespace(name):
    """Removes a namespace, with the programs that still run in it."""
    listed = subprocess.run(["ip", "netns", "pids", name], capture_output=True, check=True).stdout
    for pid in listed.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    ip("netns", "del", name)


@contextlib.contextmanager
def namespace(role):
    """A single namespace with only a loopback."""
    remove_leftovers()
    made = Namespace(f"sps-{os.getpid()}-{next(numbers)}-{role}")
    try:
        made.configure("link set lo up\n")
        yield made
    finally:
        made.remove()
        with contextlib.suppress(OSError):
            os.rmdir(FOLDER)  # unless it has other files


class Network:
    """Client, router and server. Network.made() makes one."""

    def __init__(self, client, router, server):
        self.client, self.router, self.server = client, router, server

    @classmethod
    @contextlib.contextmanager
    def made(cls):
        with namespace("client") as client, namespace("router") as router, \
                namespace("server") as server:
            network = cls(client, router, server)
            for machine in (client, router, server):  # no other machine has these addresses
                machine.sysctl(**{"ipv6/conf/default/accept_dad": 0})
            network._join()
            network.ask(DNSMASQ)
            network._wait_for_neighbours()
            yield network

    def _join(self):
        self.router.sysctl(ip_forward=1, **{"ipv6/conf/all/forwarding": 1})
        self._attach(self.client, "client", "192.0.2", "2001:db8:1:", ["2"])
        self._attach(self.server, "server", "198.51.100", "2001:db8:2:",
                     ["2", "3", "53", "54", "55"])
        self.router.configure(
            f"route add blackhole {DROPS4}\n"
            f"route add blackhole {DROPS6}\n"
            # The route that remains when the server's link is down.
            "route add blackhole 198.51.100.0/24 metric 9999\n"
        )

    def _attach(self, machine, link, net4, net6, hosts):
        machine.configure(f"link add eth0 type veth peer name {link} netns {self.router.name}\n")
        self._set_up(self.router, link, net4, net6, ["1"])
        self._set_up(machine, "eth0", net4, net6, hosts)
        machine.configure(f"route add default via {net4}.1\nroute add default via {net6}:1\n")

    @staticmethod
    def _set_up(machine, link, net4, net6, hosts):
        machine.configure(f"link set {link} up\n" + "".join(
            f"address add {net4}.{host}/24 dev {link}\n"
            f"address add {net6}:{host}/64 dev {link} nodad\n"
            for host in hosts
        ))

    def _wait_for_neighbours(self):
        """Waits until packets pass. A link may come up a little later."""
        for host in (SERVER4, SERVER6):
            refused = False
            while not refused:
                with self.client.entered():
                    probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
                with probe:
                    probe.settimeout(0.1)
                    try:
                        probe.connect((host, 9))
                    except ConnectionRefusedError:
                        refused = True
                    except OSError:
                        pass

    def ask(self, name_server, options=""):
        """Sets the name server of the client's programs, and its options (resolv.conf(5))."""
        self.client.write("resolv.conf", f"nameserver {name_server}\noptions {options}\n")
        self.client.write("nsswitch.conf", "hosts: files dns\n")
        self.client.write("hosts", "127.0.0.1 localhost\n")

    def cut(self, silently=True):
        """Takes the server's link down. The client's link stays. The router reports it, or does
        not."""
        if not silently:
            self.router.configure("route del blackhole 198.51.100.0/24 metric 9999\n")
        self.router.configure("link set server down\n")

    def dnsmasq(self):
        """The command of a name server for NAMES. It has no other name server behind it."""
        records = [
            f"--address=/{name}/{address}" for name, found in NAMES.items() for address in found
        ]
        return self.server.command(
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=",
            "--user=root", "--no-hosts", "--no-resolv", "--bind-interfaces",
            f"--listen-address={DNSMASQ}", "--cache-size=0", "--local=/test/", *records,
        )


class Relay(threading.Thread):
    """A name server that forwards questions to dnsmasq: for names with "late" in them after 5 s,
    and for names with "silent" never."""

    LATE = 5

    def __init__(self, network):
        super().__init__(daemon=True)
        self.front = network.server.socket(socket.SOCK_DGRAM, RELAY, 53)
        self.back = network.server.socket(socket.SOCK_DGRAM, RELAY)
        self.wake, self.stopped = socket.socketpair()
        self.late = []  # (when, number, question)
        self.askers = {}  # by the number of the forwarded question
        self.numbers = itertools.count()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.wake.send(b"x")
        self.join()
        for each in (self.front, self.back, self.wake, self.stopped):
            each.close()

    def run(self):
        while True:
            until = self.late[0][0] - time.monotonic() if self.late else None
            ready, _, _ = select.select(
                [self.front, self.back, self.stopped], [], [], until and max(0, until)
            )
            if self.stopped in ready:
                return
            if self.front in ready:
                self._take_question()
            if self.back in ready:
                self._take_answer()
            while self.late and self.late[0][0] <= time.monotonic():
                self._hand_on(*heapq.heappop(self.late)[1:])

    def _take_question(self):
        question, asker = self.front.recvfrom(65536)
        number = next(self.numbers) & 0xFFFF
        self.askers[number] = (asker, question[:2])
        name = question[12:question.index(b"\0", 12)]
        if b"late" in name:
            heapq.heappush(self.late, (time.monotonic() + self.LATE, number, question))
        elif b"silent" not in name:
            self._hand_on(number, question)

    def _hand_on(self, number, question):
        self.back.sendto(struct.pack("!H", number) + question[2:], (DNSMASQ, 53))

    def _take_answer(self):
        answer = self.back.recv(65536)
        asker, number = self.askers.pop(struct.unpack("!H", answer[:2])[0])
        self.front.sendto(number + answer[2:], asker)

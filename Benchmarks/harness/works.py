"""The works and the rows. A work is one run of a program. Each row of figures comes from one
work."""

from dataclasses import dataclass, replace

CALLED = ("limit", "core", "swift", "libuv", "asio", "nio")
AWAITED = ("await", "nio_await", "nio_hook")  # tasks that wait
IMPLEMENTATIONS = (*CALLED, *AWAITED)


@dataclass(frozen=True)
class Work:
    name: str  # what the programs call it
    transport: str
    partner: str  # what the other end does; empty where callgrind counts, without one
    items: int
    quick_items: int
    peers: int = 1
    cost_row: str = ""  # nanoseconds of the processor's time an item, waiting not included
    latency_row: str = ""  # nanoseconds from an item's begin to its end
    instructions_row: str = ""
    memory_row: str = ""  # bytes of the heap that a peer has
    switches_row: str = ""  # context switches an item
    allocations_row: str = ""  # blocks of the heap an item, counted in a run of its own
    only: tuple = CALLED  # who does it
    once: bool = False  # its figures repeat, so one round is enough

    @property
    def rows(self):
        rows = (self.cost_row, self.latency_row, self.instructions_row, self.memory_row,
                self.switches_row, self.allocations_row)
        return [row for row in rows if row]

    @property
    def is_tls(self):
        return self.name.startswith("tls_")

    @property
    def is_counted(self):
        """Whether its figures repeat, so that one round is enough."""
        return self.once or bool(self.instructions_row or self.allocations_row)

    def has(self, implementation):
        return implementation in self.only


def on_one_connection(transport):
    def cost(name, partner, items, quick_items, only=CALLED):
        return Work(name, transport, partner, items, quick_items, cost_row=f"{name}_{transport}",
                    only=only)

    return [
        cost("get_u32", "feeds", 15_000_000, 3_000_000),
        cost("put_u32", "drains", 15_000_000, 3_000_000),
        Work("ping_pong", transport, "echoes", 5_000, 500, latency_row=f"ping_pong_{transport}"),
        cost("bulk_in", "feeds", 2_500, 500, IMPLEMENTATIONS),
        cost("bulk_out", "drains", 2_500, 500, IMPLEMENTATIONS),
    ] + [
        cost("span_u32", "feeds", 15_000_000, 3_000_000),
        cost("block_u32", "drains", 15_000_000, 3_000_000),
    ] * (transport == "tcp")


# Idle frames are a hundred times as many as active ones.
FRAMES = Work("frames", "tcp", "activates", 300, 80, peers=5000,
              cost_row="idle_5000", latency_row="active_50_of_5000", memory_row="idle_peer_memory")
# The limits that no hand-written program gives: bytes of an idle peer.
LIMITS = {"idle_peer_memory": 512, "connection_memory": 512}
COUNTED = [
    # In C, where nothing but the work is in between.
    Work(f"count_{name}", "uds", "", 1 << 20, 1 << 18, instructions_row=f"instructions_{name}_u32",
         only=("limit", "core"))
    for name in ("get", "put", "try_get")
]
# In memory: the connection and the other end have nothing to do.
VARIANTS = [
    Work(name, "tcp", "drains", items, items // 5, cost_row=name, only=("limit", "core", "swift"))
    for name, items in (("encode_dictionary", 500_000), ("decode_dictionary", 500_000),
                        ("encode_packed", 2_000), ("decode_packed", 2_000))
]
SERVED = ("limit", "core", "swift", *AWAITED)


def echoes(peers):
    """Messages to an echo server and back, by a task on each of the connections."""
    def work(items, quick_items, **rows):
        return Work("trips", "tcp", "echoes", items, quick_items, peers, only=SERVED, **rows)

    row = f"echo_{peers}"
    return [
        work(20_000, 3_000, cost_row=row, switches_row=f"{row}_switches"),
        # Each connection is warm after some messages.
        work(peers * 40 + 4_000, peers * 20 + 2_000, allocations_row=f"{row}_allocations"),
    ]


CONNECTIONS = [
    *echoes(1), *echoes(100), *echoes(2000),
    Work("connects", "tcp", "accepts", 2_000, 300, cost_row="connect", only=SERVED),
    Work("accepts", "tcp", "connects", 2_000, 300, cost_row="accept", only=SERVED),
    Work("idle", "tcp", "echoes", 1, 1, peers=2000, memory_row="connection_memory", only=SERVED),
    # The run for which SwiftNIO's own tests have a bound; both ends in one program.
    Work("echo_run", "tcp", "drains", 100_000, 10_000, allocations_row="echo_run_allocations",
         only=AWAITED),
]
TLS = [
    Work("tls_ping_pong", "tcp", "tls_echoes", 5_000, 500, latency_row="tls_ping_pong"),
    Work("tls_bulk_in", "tcp", "tls_feeds", 2_500, 500, cost_row="tls_bulk_in"),
    Work("tls_bulk_out", "tcp", "tls_drains", 2_500, 500, cost_row="tls_bulk_out"),
    Work("tls_idle", "tcp", "tls_echoes", 1, 1, peers=2000, memory_row="tls_peer_memory",
         once=True),
]
TLS = [replace(work, only=("limit", "core", "libuv", "asio", "nio")) for work in TLS]
ALL = [*on_one_connection("tcp"), *on_one_connection("uds"), FRAMES, *CONNECTIONS, *TLS,
       *VARIANTS, *COUNTED]
ROWS = [row for work in ALL for row in work.rows]

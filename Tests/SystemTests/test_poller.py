"""The poller with as many connections as a process may have here, at 60 frames a second."""

import json
import os
import subprocess

from conftest import program

SEED = os.environ.get("SPS_SEED", "1")
PEERS = int(os.environ.get("SPS_CROWD_PEERS", "9000"))
SECONDS = int(os.environ.get("SPS_CROWD_SECONDS", "60"))
PATIENCE = 200  # additional seconds


def test_a_crowd_for_a_minute():
    command = [program("crowd_lab"), str(PEERS), str(SECONDS), SEED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS + PATIENCE)
    assert done.returncode == 0 and done.stderr == "", done.stderr + done.stdout
    print(done.stdout.strip())
    figures = json.loads(done.stdout)
    assert figures["peers"] >= PEERS
    assert figures["connections"] > PEERS  # some have left, and new ones have come
    assert figures["bytes"] > SECONDS * 1_000_000
    assert figures["bytes_a_peer"] <= 512  # at the end
    # the free list, and the rest of the division by PEERS
    assert figures["kept_bytes"] <= 1_048_576 + 65_536

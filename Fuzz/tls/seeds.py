#!/usr/bin/env python3
"""Writes the first inputs of the fuzzer of TLS to Fuzz/corpus/tls:

    python3 Fuzz/tls/seeds.py build/dev/Fuzz/replay_tls

Some are scripts of the wire. The others are the bytes of a peer, recorded from undisturbed runs.
Random numbers are fixed, so the library's side accepts the recorded bytes as long as OpenSSL uses
random numbers in the same order. After an update of OpenSSL, run this again.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(os.path.dirname(HERE), "corpus", "tls")

# The settings (read_plan in tls.c), the ways to close, and the changes of a record (wire.c).
SERVER, RAW, OLD, CERTIFICATE, ALPN, WRONG_NAME, RESUMES, RETRY = (1 << i for i in range(8))
PEER_CLOSES, SHUT_DOWN, GRACE, DISCONNECT, CUT = 0, 2, 3, 4, 5
FLIP, DROP, REPEAT, HOLD, STOP, REMOVE, RECORD, BYTES = range(0x80, 0x88)
ALL = [220, 0, 211, 9, 5, 240, 66, 13]  # pieces and actions: data in both directions
KEYS = [220, 16 | 3, 255, 32 | 16 | 3]  # new keys, or a renegotiation
SMALL = [5, 1, 0, 7, 13, 200, 29]
ALERT, HANDSHAKE = 21, 22


def choices(setting, way, pieces, turns=30):
    made = bytes([setting, turns, way, *pieces])
    return bytes([len(made)]) + made


RUNS = {  # settings, way to close, pieces, script
    "client-1.3": (0, PEER_CLOSES, ALL, []),
    "client-1.2": (OLD, PEER_CLOSES, ALL, []),
    "server-1.3": (SERVER, SHUT_DOWN, ALL, []),
    "server-1.2": (SERVER | OLD, GRACE, ALL, []),
    "client-everything": (CERTIFICATE | ALPN | RETRY, PEER_CLOSES, SMALL, []),
    "server-everything": (SERVER | CERTIFICATE | ALPN | RETRY, GRACE, SMALL, []),
    "client-resumes": (RESUMES, PEER_CLOSES, ALL, []),
    "client-resumes-1.2": (RESUMES | OLD, SHUT_DOWN, ALL, []),
    "server-resumes": (RESUMES | SERVER, DISCONNECT, ALL, []),
    "wrong-name": (WRONG_NAME, CUT, ALL, []),
    "keys": (0, PEER_CLOSES, KEYS, []),
    "keys-server": (SERVER, SHUT_DOWN, KEYS, []),
    "renegotiation": (SERVER | OLD, PEER_CLOSES, KEYS, []),
    "hello-request": (OLD, PEER_CLOSES, KEYS, []),
    "cut": (0, CUT, SMALL, []),
    # The script's first byte is for the first record: of the client, then of the server.
    "changed-hello": (0, CUT, ALL, [FLIP, 0, 80, 4]),
    "changed-answer": (OLD, CUT, ALL, [9, FLIP, 0, 40, 1]),
    "changed-data": (0, PEER_CLOSES, ALL, [60, 9, FLIP, 0, 9, 1]),
    "changed-data-1.2": (SERVER | OLD, PEER_CLOSES, ALL, [5, 60, FLIP, 0, 20, 128]),
    "dropped-data": (SERVER, PEER_CLOSES, ALL, [5, 60, DROP]),
    "repeated-data": (0, PEER_CLOSES, ALL, [60, 9, REPEAT]),
    "swapped-data": (OLD, PEER_CLOSES, ALL, [60, 9, HOLD]),
    "cut-record": (0, PEER_CLOSES, ALL, [60, 9, STOP, 10]),
    "shorter-record": (0, PEER_CLOSES, ALL, [60, 9, REMOVE, 4]),
    "inserted-alert": (0, PEER_CLOSES, ALL, [60, 9, RECORD, ALERT, 2, 2, 40]),
    "inserted-warning": (OLD, PEER_CLOSES, ALL, [60, RECORD, ALERT, 2, 1, 90]),
    "inserted-bytes": (SERVER, PEER_CLOSES, ALL, [5, 60, BYTES, 3, 1, 2, 3]),
    "inserted-cipher": (0, PEER_CLOSES, ALL, [60, 2, RECORD, 20, 1, 1]),
}

RECORDED = ["client-1.3", "client-1.2", "server-1.3", "server-1.2", "client-everything", "keys"]


def record(kind, content, version=0x0303):
    size = len(content).to_bytes(2, "big")
    return bytes([kind]) + version.to_bytes(2, "big") + size + bytes(content)


RAW_BYTES = {  # settings, bytes
    "raw-http": (SERVER, b"GET / HTTP/1.1\r\nHost: game.test\r\n\r\n"),
    "raw-smtp": (0, b"220 mail.test ESMTP ready\r\n"),
    "raw-fatal-alert": (0, record(ALERT, [2, 40])),
    "raw-version-alert": (OLD, record(ALERT, [2, 70])),
    "raw-warnings": (OLD, record(ALERT, [1, 90]) * 7),
    "raw-close": (SERVER, record(ALERT, [1, 0])),
    "raw-hello-request": (OLD, record(HANDSHAKE, [0, 0, 0, 0]) * 3),
    "raw-key-update": (0, record(HANDSHAKE, [24, 0, 0, 1, 1])),
    "raw-empty-records": (SERVER, record(HANDSHAKE, []) * 40),
    "raw-huge-record": (SERVER, bytes([HANDSHAKE, 3, 3, 255, 255]) + bytes(60)),
    "raw-huge-message": (0, record(HANDSHAKE, [2, 255, 255, 255, 3, 3] + [0] * 40)),
    "raw-ssl2": (SERVER, bytes([0x80, 46, 1, 3, 3, 0, 21, 0, 0, 0, 16]) + bytes(37)),
}


def bytes_of_peer(replay, name):
    """The records that went to the library in a run."""
    environment = {**os.environ, "SPS_FUZZ_TRACE": "1"}
    result = subprocess.run([replay, os.path.join(CORPUS, name)], env=environment, check=True,
                            capture_output=True, text=True)
    prefix = "to the library: "
    return b"".join(bytes.fromhex(line[len(prefix):]) for line in result.stderr.splitlines()
                    if line.startswith(prefix))


def write(name, content):
    with open(os.path.join(CORPUS, name), "wb") as file:
        file.write(content)


def main(replay):
    os.makedirs(CORPUS, exist_ok=True)
    for name, (setting, way, pieces, script) in RUNS.items():
        write(name, choices(setting, way, pieces) + bytes(script))
    for name, (setting, content) in RAW_BYTES.items():
        write(name, choices(setting | RAW, PEER_CLOSES, SMALL) + content)
    for name in RECORDED:
        setting, way, _, _ = RUNS[name]
        # The library puts nothing, so that its random numbers stay in step.
        made = choices(setting | RAW, way, [5, 255, 6])
        write(f"recorded-{name}", made + bytes_of_peer(replay, name))


if __name__ == "__main__":
    main(sys.argv[1])

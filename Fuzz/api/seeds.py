#!/usr/bin/env python3
"""Writes the first inputs of the API's fuzzer to Fuzz/corpus/api: python3 Fuzz/api/seeds.py

A seed is a program: names of operations from the tables of the files in this folder, each with its
arguments, a byte each. After a change of the tables' order the numbers of operations differ. Then
run this again, and delete the inputs whose names are numbers.
"""

import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(os.path.dirname(HERE), "corpus", "api")
# As in api.c.
GROUPS = ("network", "sockets", "streams", "values", "servers", "pollers", "others", "filters")
TCP, UDS, BUFFER, CUSTOM = range(4)
HOST = 1
MANY, NEVER, UNKNOWN, NOBODY = 2, 6, 7, 8  # indices of the targets in sockets.c
RECEIVE, SEND, ACCEPT, LOOKUP = 8, 9, 5, 24
RESET, NO_MEMORY = 2, 11
READS, WRITES, PIECES, LATE, READY, AGAIN = 1, 2, 4, 8, 16, 32

SEEDS = {
    "chat-tcp": [
        ("connect a pair", TCP, 0), ("put data", 0, 100), ("put a value", 1, 3), ("let time pass", 5),
        ("get a value", 0, 3, 0), ("get data", 1, 60), ("peek", 1, 10, 2), ("put a string", 0, 1, 30),
        ("let time pass", 5), ("get partial data", 1, 200), ("disconnect", 0), ("let time pass", 5),
        ("get a string", 1, 1, 1, 0), ("poll", 1)],
    "chat-unix": [
        ("connect a pair", 1, 0), ("put a half", 0, 1), ("get a half", 1, 0), ("put a string", 0, 3, 90),
        ("get a line", 1, 0, 0), ("get until", 1, 0, 0, 0), ("shut down", 0), ("get data", 1, 100),
        ("ask", 0, 50, 16), ("poll", 1)],
    "poller": [
        ("create a poller", 2, 0), ("connect a pair", TCP, 0), ("add", 0, 0), ("add", 1, 0),
        ("add a server", 0, 0), ("put a string", 0, 0, 50), ("put a value", 1, 2), ("wait", 0, 100),
        ("take an event", 0), ("wait", 0, 100), ("take an event", 0), ("take an event", 0),
        ("get a string", 1, 0, 0, 0), ("get a value", 0, 2, 0), ("close gracefully", 0, 50), ("wait", 0, 100),
        ("take an event", 0), ("get partial data", 1, 90), ("wait", 0, 100), ("take an event", 0),
        ("remove", 1), ("destroy", 0), ("destroy a poller", 0)],
    "names": [
        ("create a server", 0, HOST, 0, 0, 0), ("listen tcp", 0, 0, 0), ("create", TCP, 0, 0),
        ("connect tcp", 0, MANY, 0), ("let time pass", 200), ("poll", 0), ("let time pass", 130), ("poll", 0),
        ("let time pass", 130), ("poll", 0), ("take", 0), ("ask", 0, 50, 100), ("create", TCP, 0, 0),
        ("connect tcp", 2, NEVER, 0), ("disconnect", 2), ("connect tcp", 2, UNKNOWN, 0), ("let time pass", 5),
        ("poll", 2), ("disconnect", 2), ("connect tcp", 2, NOBODY, 0), ("let time pass", 255), ("poll", 2)],
    "packets": [
        ("connect a pair", TCP, 0), ("create a packet peer", 0, 0, 0), ("create a packet peer", 1, 0, 0),
        ("set a packet stream", 0, 0), ("set a packet stream", 1, 1), ("put a packet", 0, 0, 70),
        ("put a packet", 0, 1, 3), ("let time pass", 5), ("count packets", 1), ("put a packet", 1, 0, 200),
        ("let time pass", 5), ("get a packet", 0), ("get a packet", 0), ("put a value", 0, 3),
        ("let time pass", 5), ("get a packet", 1)],
    "filter": [
        ("connect a pair", TCP, 0), ("create a filter", 0, 0), ("open a filter", 0, 0, 2),
        ("poll a filter", 0), ("poll a filter", 0), ("put through a filter", 0, 90),
        ("put data", 1, 60), ("let time pass", 5), ("poll a filter", 0),
        ("get through a filter", 0, 40, 0), ("get data", 1, 90),
        ("ask a filter", 0), ("make a filter fail", 0, 1), ("get through a filter", 0, 90, 0),
        ("poll a filter", 0), ("ask a filter", 0), ("destroy a filter", 0)],
    "filter-in-a-poller": [
        ("create a poller", 2, 0), ("connect a pair", TCP, 0), ("create a filter", 0, 0),
        ("add a filter", 0, 0), ("open a filter", 0, 0, 3), ("wait", 0, 100), ("take an event", 0),
        ("put data", 1, 60), ("wait", 0, 100), ("take an event", 0),
        ("get through a filter", 0, 90, 0), ("put through a filter", 0, 70), ("wait", 0, 100), ("get data", 1, 70), ("disconnect", 1),
        ("let time pass", 5), ("wait", 0, 100), ("take an event", 0),
        ("get through a filter", 0, 9, 0),
        ("ask a filter", 0), ("disconnect a filter", 0)],
    "base-first": [
        ("connect a pair", 1, 0), ("create a filter", 0, 0), ("open a filter", 0, 0, 0),
        ("put data", 1, 30), ("let time pass", 5), ("poll a filter", 0), ("destroy a base", 0),
        ("ask a filter", 0), ("ask any stream for a filter", 1), ("shut down a filter", 0)],
    "callbacks": [
        ("connect a pair", TCP, 0), ("call back", 3), ("get data", 0, 20), ("put data", 1, 10),
        ("let an event happen",), ("put data", 1, 10), ("close and wait", 0, 100), ("shut down", 1),
        ("get data", 1, 5), ("poll", 1), ("create a poller", 2, 0), ("wait", 0, 255), ("wake all",)],
    "handed-over": [
        ("connect a pair", TCP, 0), ("put data", 0, 20), ("release", 0), ("create", TCP, HOST, 0),
        ("adopt", 0), ("put data", 0, 20), ("let time pass", 5), ("get data", 1, 40), ("release a server", 0),
        ("create a server", 0, HOST, 0, 0, 0), ("adopt a server", 1), ("take", 1)],
    "custom": [
        ("create", CUSTOM, 0, 0, 12), ("put data", 0, 50, 0), ("get a value", 0, 3, 1, 0),
        ("get data", 0, 60, 0), ("batch", 0, 1), ("put a string", 0, 1, 40), ("flush", 0, 0, 0),
        ("put a string", 0, 0, 80, 5, 9), ("peek", 0, 5, 1)],
    "buffer": [
        ("create", BUFFER, 0, 0), ("put a string", 0, 1, 90), ("put a value", 0, 7), ("change a buffer", 0, 0, 0),
        ("get a string", 0, 1, 0, 0), ("duplicate a buffer", 0), ("change a buffer", 1, 200, 1),
        ("get data", 1, 250), ("change a buffer", 0, 0, 3)],
    "look-ups": [
        ("create a look-up", 50), ("queue a name", 0, 3), ("queue a name", 1, 1), ("queue a name", 4, 2),
        ("let time pass", 5), ("ask for an item", 1), ("ask for an item", 2), ("erase an item", 2),
        ("resolve", 0, 1, 60), ("resolve", 1, 3, 60), ("ask for local addresses",)],
    "hostile": [
        ("pass no options size",), ("pass any size", 3), ("connect a pair", TCP, 0), ("pass huge sizes", 0, 0),
        ("pass null", 0), ("poll", 0xf0), ("put data", 0xf1, 4), ("connect tcp", 0, 11, 0),
        ("connect uds", 1, 14), ("put bad text", 0, 1), ("set", 0, 2, 255, 0), ("limit packets", 0, 0, 31)],
}

# With the network's behaviour: the kinds of chaos (two bytes), its rate, and the answers before the
# calls.
CHAOS = {
    "pieces": (bytes(range(0, 250, 5)), [
        ("choose chaos", READS | WRITES | PIECES | LATE, 0, 1), ("connect a pair", TCP, 0),
        ("put data", 0, 180), ("let time pass", 50), ("get data", 1, 120), ("get partial data", 1, 128)]),
    "shortages": (bytes([200, 3, 200, 200, 3, 100, 3]), [
        ("choose chaos", READY | AGAIN, 4 | 8, 0), ("create a poller", 2, 0), ("connect a pair", TCP, 0),
        ("add", 0, 0), ("put data", 0, 100), ("wait", 0, 80), ("fail an allocation", 0, 1, 3),
        ("wait", 0, 80), ("get data", 1, 100), ("limit handles", 1, 0), ("take", 0)]),
    "faults": (b"", [
        ("connect a pair", TCP, 0), ("put data", 1, 90), ("let time pass", 5), ("fail a call", RECEIVE, 1, RESET),
        ("get data", 0, 30), ("get data", 0, 90), ("poll", 0), ("connect a pair", 1, 0),
        ("fail a call", SEND, 0, NO_MEMORY), ("put data", 2, 40), ("put data", 2, 40),
        ("fail a call", LOOKUP, 0, NO_MEMORY), ("create", TCP, 0, 0), ("connect tcp", 4, MANY, 0),
        ("cut or mend", 1), ("reset the link",), ("poll", 4)]),
}


def numbers():
    """The number of each operation, by its name."""
    found = {}
    for group in GROUPS:
        with open(os.path.join(HERE, f"{group}.c")) as source:
            rows = source.read().split("_rows[] = {")[1]
        for name in re.findall(r'\{\s*"([^"]+)",', rows):
            assert name not in found, name
            found[name] = len(found)
    return found


def write(name, answers, calls):
    number = numbers()
    program = bytes(byte for call in calls for byte in (number[call[0]], *call[1:]))
    with open(os.path.join(CORPUS, name), "wb") as file:
        file.write(bytes([len(answers)]) + answers + program)


def main():
    os.makedirs(CORPUS, exist_ok=True)
    for name, calls in SEEDS.items():
        write(name, b"", calls)
    for name, (answers, calls) in CHAOS.items():
        write(name, answers, calls)


if __name__ == "__main__":
    main()

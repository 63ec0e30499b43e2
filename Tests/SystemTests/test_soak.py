"""A short soak (soak.py): what `./scripts/test soak` does for an hour."""

import os

import soak

MINUTES = float(os.environ.get("SPS_SOAK_MINUTES", "0.6"))
SEED = int(os.environ.get("SPS_SEED", "1"))


def test_processes_that_are_killed_take_nothing_with_them_but_their_own():
    figures = soak.run(MINUTES, SEED)
    soak.show(figures)
    assert all(figures["kills"].values())  # of both kinds
    assert figures["connections"] > 0 and figures["bytes_heard"] > 0
    if MINUTES >= 0.5:
        assert all(figures["endings"].values())
        assert figures["moves"] and figures["refused_puts"] and figures["refused"] and figures["duds"]

"""Runs programs for Windows under wine, in a folder of its own: with wine.running(): ..."""

import contextlib
import os
import subprocess

PREFIX = os.path.abspath("build/wine")
ENVIRONMENT = {
    "WINEPREFIX": PREFIX,
    "WINEDEBUG": "-all",  # no remarks of its own
    "WINEDLLOVERRIDES": "mscoree,mshtml=",  # it would offer to download them
    "CK_FORK": "no",  # Windows cannot fork
    "SPS_LEAK_SECONDS": "10",  # after a failed test, what it leaves is not worth a minute
}


def _run(*command):
    """The output of wine's own programs is of no use."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode


@contextlib.contextmanager
def running():
    """Wine's server stays between programs, with its services: each program starts in no time, and
    leaves nothing of wine's behind. They end with the block."""
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        os.makedirs(PREFIX, exist_ok=True)
        _run("wineserver", "--persistent")
        _run("wine", "wineboot", "--init")
        yield
    finally:
        _run("wineserver", "--kill")
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

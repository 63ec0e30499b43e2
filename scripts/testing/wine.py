"""Runs programs for Windows under wine, in a folder of its own: with wine.running(): ..."""

import contextlib
import os
import subprocess
import tempfile

ENVIRONMENT = {
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
    leaves nothing of wine's behind. They end with the block.

    The folder is outside of the project: it has a link to "/", which SwiftPM would follow."""
    prefix = tempfile.TemporaryDirectory(prefix="sps-wine-", ignore_cleanup_errors=True)
    changes = {**ENVIRONMENT, "WINEPREFIX": prefix.name}
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        _run("wineserver", "--persistent")
        _run("wine", "wineboot", "--init")
        yield
    finally:
        _run("wineserver", "--kill")
        _run("wineserver", "--wait")
        prefix.cleanup()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

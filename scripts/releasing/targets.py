"""The libraries of a release for other systems: one archive for each preset that is for one."""

import importlib.util
import json
import shutil
from pathlib import Path

from . import archives

FAMILY = "foreign"  # the hidden preset that all of them inherit, perhaps through others


def presets(root):
    """The names of the presets for another system, in the order of CMakePresets.json."""
    rows = {row["name"]: row
            for row in json.loads((root / "CMakePresets.json").read_text())["configurePresets"]}

    def is_foreign(name):
        above = rows[name].get("inherits", [])
        above = [above] if isinstance(above, str) else above
        return name == FAMILY or any(is_foreign(each) for each in above)

    return [name for name, row in rows.items() if is_foreign(name) and not row.get("hidden")]


def choose(root, text):
    """The presets that --targets names: "all", "none", or names between commas."""
    known = presets(root)
    chosen = {"all": known, "none": []}.get(text, text.split(","))
    for name in chosen:
        if name not in known:
            raise RuntimeError(f"{name} is no target; these are: {', '.join(known)}")
    return chosen


def find_zig(root):
    """The compiler of most targets: beside the project, as a package of Python, or in the PATH."""
    package = importlib.util.find_spec("ziglang")
    folders = [root / "build" / "python" / "ziglang"]
    folders += [Path(package.origin).parent] if package else []
    programs = [folder / "zig" for folder in folders if (folder / "zig").is_file()]
    return programs[0] if programs else shutil.which("zig") or ""


def build_and_install(root, source, folder, target, epoch):
    """Builds the core and the simulated network for a target. Returns the installed tree."""
    folder.mkdir()
    options = ["-DSPS_BUILD_TESTS=OFF", "-DSPS_GZIP=OFF", "-DSPS_TLS=OFF",
               f"-DSPS_ZIG={find_zig(root)}"]
    # zig's compiler adds what debuggers need unless it is told not to.
    return archives.build_and_install(source, folder, epoch, options, preset=target, flags="-g0")

"""The libraries of a release for other systems: one archive for each preset that is for one."""

import importlib.util
import json
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
    """The folder of packages with ziglang, the compiler of most targets. None: there is none."""
    package = importlib.util.find_spec("ziglang")
    folders = [root / "build" / "python"]
    folders += [Path(package.origin).parent.parent] if package else []
    return next((each for each in folders if (each / "ziglang" / "zig").is_file()), None)


def lend_zig(root, source):
    """The toolchain looks for its compilers in the build folder of the project. Some targets need
    another version, which stands beside."""
    place = source / "build"
    if not place.exists():
        place.mkdir()
        python = find_zig(root)
        lent = {each.name: each for each in (root / "build").glob("ziglang-*")}
        for name, folder in {**lent, **({"python": python} if python else {})}.items():
            (place / name).symlink_to(folder.resolve())


def build_and_install(root, source, folder, target, epoch):
    """Builds the core and the simulated network for a target. Returns the installed tree."""
    folder.mkdir()
    lend_zig(root, source)
    options = ["-DSPS_BUILD_TESTS=OFF", "-DSPS_WARNINGS_AS_ERRORS=OFF", "-DSPS_GZIP=OFF",
               "-DSPS_TLS=OFF"]
    # zig's compiler adds what debuggers need unless it is told not to.
    return archives.build_and_install(source, folder, epoch, options, preset=target, flags="-g0")

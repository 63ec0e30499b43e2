"""The table of docs/platforms.md. A suite prints its rows, and the document must repeat them."""

import json
import os
import re

DOCUMENT = os.path.join("docs", "platforms.md")


def row(target, preset, builds, runs, skipped):
    """A line of the table. All cells but the preset are prose."""
    return f"| {target} | `{preset}` | {builds} | {runs} | {skipped} |".replace("|  |", "| |")


def rows_of(text):
    """The lines of the table, by preset."""
    found = re.findall(r"^(\|[^|]*\| `([\w-]+)` \|.*\|)$", text, flags=re.M)
    return {preset: line for line, preset in found}


def read_rows(root="."):
    with open(os.path.join(root, DOCUMENT)) as document:
        return rows_of(document.read())


def presets_of_targets(root="."):
    """The presets that build for a certain system, by CMakePresets.json."""
    with open(os.path.join(root, "CMakePresets.json")) as file:
        presets = {each["name"]: each for each in json.load(file)["configurePresets"]}

    def has_toolchain(name):
        preset = presets[name]
        parents = preset.get("inherits", [])
        parents = [parents] if isinstance(parents, str) else parents
        return ("/cmake/toolchains/" in preset.get("toolchainFile", "")
                or any(has_toolchain(parent) for parent in parents))

    return {name for name in presets if not presets[name].get("hidden") and has_toolchain(name)}


def differences(printed, root="."):
    """What the document must change to repeat these rows, by preset."""
    documented = read_rows(root)
    return [f"{DOCUMENT} must have: {line}" for preset, line in printed.items()
            if documented.get(preset) != line]

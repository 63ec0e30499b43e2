"""The charts of docs/performance.md: how many times the limit each implementation costs."""

import os
import re

import matplotlib
from matplotlib import pyplot

from .works import IMPLEMENTATIONS, ROWS

COLORS = dict(zip(IMPLEMENTATIONS, (
    "#767676", "#1b7837", "#7fbf7b", "#2166ac", "#b2182b", "#e08214", "#00441b", "#fdb863",
    "#8073ac")))
LABELS = {
    "limit": "by hand", "core": "StreamPeerSocket, C", "swift": "StreamPeerSocket, Swift",
    "libuv": "libuv", "asio": "Asio", "nio": "SwiftNIO",
    "await": "StreamPeerSocket, await", "nio_await": "SwiftNIO, await",
    "nio_hook": "SwiftNIO, await, no hop",
}
CHARTS = {
    "values": ("Typed values: processor time each", "(get|put|span|block)_u32_.*"),
    "bulk": ("64 KiB pieces: processor time each", "bulk_.*"),
    "latency": ("64-byte ping-pong: median round trip", "ping_pong_.*"),
    "frames": ("A frame of 5,000 peers", ".*_5000"),
}


def plot(found, folder):
    """Writes benchmark-NAME.svg for each chart that has figures."""
    # Text as text, and the same bytes for the same figures.
    matplotlib.rcParams.update(
        {"svg.fonttype": "none", "svg.hashsalt": "benchmark", "font.size": 10})
    ratios = {(each["row"], each["impl"]): each["ratio_to_limit"] for each in found}
    for name, (title, pattern) in CHARTS.items():
        rows = [row for row in ROWS if re.fullmatch(pattern, row) and (row, "limit") in ratios]
        if rows:
            draw(title, rows, ratios, os.path.join(folder, f"benchmark-{name}.svg"))


def draw(title, rows, ratios, path):
    figure, axes = pyplot.subplots(figsize=(8, 3.2), layout="constrained")
    width = 0.8 / len(IMPLEMENTATIONS)
    for place, name in enumerate(IMPLEMENTATIONS):
        bars = [(index + (place - (len(IMPLEMENTATIONS) - 1) / 2) * width, ratios[row, name])
                for index, row in enumerate(rows) if (row, name) in ratios]
        if bars:
            drawn = axes.bar(*zip(*bars), width, color=COLORS[name], label=LABELS[name])
            axes.bar_label(drawn, fmt="%.2g", fontsize=7)
    axes.set_xticks(range(len(rows)), rows)
    axes.set_ylabel("times the limit; less is better")
    axes.set_title(title)
    axes.axhline(1, color=COLORS["limit"], linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=7, ncols=3)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)

"""scripts/bench measures every row for every implementation. What the figures are is no test's business."""

import json
import os
import subprocess

from conftest import ROOT

PATIENCE = 600  # seconds: it builds what it measures

ROWS = {
    f"{row}_{transport}"
    for row in ("get_u32", "put_u32", "ping_pong", "bulk_in", "bulk_out") for transport in ("tcp", "uds")
}


def test_every_figure_is_written(tmp_path):
    path = tmp_path / "figures.json"
    command = [os.path.join(ROOT, "scripts", "bench"), "--quick", "--json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(path.read_text())
    assert {(each["row"], each["impl"]) for each in figures} == {
        (row, implementation) for row in ROWS for implementation in ("limit", "core")}
    for each in figures:
        assert each["unit"] == "ns" and each["median"] > 0 and each["rounds"] >= 7
        assert each["ratio_to_limit"] == 1 or each["impl"] == "core"
        assert each["row"] in done.stdout

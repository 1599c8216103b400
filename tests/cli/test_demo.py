"""The demo as somebody without a terminal runs it: it ends by itself and its comparison was measured."""

from __future__ import annotations

import re
import subprocess
import sys


def test_the_demo_ends_by_itself_and_the_controls_make_the_difference() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "meetingsim", "demo", "--seed", "7"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    rows = {
        label.strip(): (with_, without)
        for label, with_, without in re.findall(r"│ (.+?)│ +(\S.*?) │ +(\S.*?) │", done.stdout)
    }
    got_in = next(figures for label, figures in rows.items() if label.startswith("raiders who got in"))
    assert 0 < int(got_in[0]) < int(got_in[1])
    exposed = rows["disruptive streams, seconds a viewer"]
    seen = [float(figure.removesuffix(" s")) for figure in exposed]
    assert 0.0 < seen[0] < seen[1]
    assert rows["first disruption to quiet"][0].endswith(" s")
    assert rows["first disruption to quiet"][1] == "never"
    assert int(rows["reports filed with evidence"][0]) > 0
    assert int(rows["refused: removed"][0]) > 0
    assert done.stdout.count("12 of 12 students are still there") == 2
    assert "db-ip.com" in done.stdout

"""The same file, seed and version give the same trace: in another process, with other hashes, and after other runs."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from meetingsim.geo.countries import GROUPS, NAMES
from meetingsim.scenarios import Scenario, read_file
from meetingsim.scenarios.library import file_of
from meetingsim.scenarios.report import digest_of
from meetingsim.targets.playing import play

NAME = "crash-in-mid-suspend"
PROGRAM = f"""
from meetingsim.geo.countries import GROUPS, NAMES
from meetingsim.scenarios import read_file
from meetingsim.scenarios.library import file_of
from meetingsim.scenarios.report import digest_of
from meetingsim.targets.playing import play
print(digest_of(play(read_file(file_of({NAME!r}), countries=NAMES, groups=GROUPS)).trace))
"""


def scenario() -> Scenario:
    return read_file(file_of(NAME), countries=NAMES, groups=GROUPS)


def digest(seed: int | None = None) -> str:
    return digest_of(play(scenario(), seed).trace)


def elsewhere(hash_seed: int) -> str:
    """The digest of a process of its own, in another time zone, with settings that are nobody's business there."""
    environment = {
        **os.environ,
        "PYTHONHASHSEED": str(hash_seed),
        "TZ": "Asia/Kathmandu",
        "MEETINGSIM_SEED": "5",
        "MEETINGSIM_LIMITS": "off",
    }
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_another_process_with_other_hashes_plays_the_same() -> None:
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(elsewhere, (1, 2))
    assert one == other == digest()


def test_a_run_is_the_same_after_others_and_another_seed_is_another_run() -> None:
    first = digest()
    assert digest(99) != first
    assert digest() == first

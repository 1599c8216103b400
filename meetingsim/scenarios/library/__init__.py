"""The scenarios that come with meetingsim: a file each, called after its name."""

from __future__ import annotations

from pathlib import Path

ENDING = ".scenario.yaml"
"""What a scenario's file is called behind its name."""
_HERE = Path(__file__).parent


def names() -> list[str]:
    """All of them, in the order of the alphabet."""
    return sorted(file.name.removesuffix(ENDING) for file in _HERE.glob(f"*{ENDING}"))


def file_of(name: str) -> Path:
    """The file of a shipped scenario. Raises KeyError where there is none of that name."""
    if name not in names():
        raise KeyError(name)
    return _HERE / f"{name}{ENDING}"

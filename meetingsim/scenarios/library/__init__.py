"""The scenarios that come with meetingsim: a file each, called after its name."""

from __future__ import annotations

from pathlib import Path

ENDING = ".scenario.yaml"
"""What a scenario's file is called behind its name."""
_HERE = Path(__file__).parent
_SUMMARY = "summary: "


def names() -> list[str]:
    """All of them, in the order of the alphabet."""
    return sorted(file.name.removesuffix(ENDING) for file in _HERE.glob(f"*{ENDING}"))


def file_of(name: str) -> Path:
    """The file of a shipped scenario. Raises KeyError where there is none of that name."""
    if name not in names():
        raise KeyError(name)
    return _HERE / f"{name}{ENDING}"


def summaries() -> dict[str, str]:
    """What each proves, by name. Its line is looked for and nothing else read: to judge the files takes seconds."""
    return {name: _summary(file_of(name)) for name in names()}


def _summary(file: Path) -> str:
    with file.open(encoding="utf-8") as lines:
        return next((line.removeprefix(_SUMMARY).strip() for line in lines if line.startswith(_SUMMARY)), "")

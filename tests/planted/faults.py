"""Small mistakes, one at a time, in the server under test: the text that is right, and the text in its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

import meetingsim

PACKAGE = Path(meetingsim.__file__).parent
_FOLDER = Path(__file__).parent / "faults"


class DoesNotApply(Exception):
    """The text that a fault replaces does not stand in its file exactly once."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One sentence says what is wrong; ``old`` stands in ``file`` exactly once, with ``new`` in its place it is wrong.

    ``missed`` says why the shipped scenarios do not notice it, where they do not.
    """

    id: str
    says: str
    area: str
    file: str
    old: str
    new: str
    missed: str = ""

    @property
    def module(self) -> str:
        """The module that it is in."""
        return f"meetingsim.{self.file.removesuffix('.py').replace('/', '.')}"

    @property
    def source(self) -> str:
        """The file with the fault in it. Raises DoesNotApply."""
        right = (PACKAGE / self.file).read_text("utf-8")
        if (times := right.count(self.old)) != 1:
            raise DoesNotApply(f"{self.id}: its text stands in {self.file} {times} times")
        return right.replace(self.old, self.new)


def every_fault() -> dict[str, Fault]:
    """All of them by id, in the order of their files."""
    rows = [
        (path.stem, row) for path in sorted(_FOLDER.glob("*.yaml")) for row in yaml.safe_load(path.read_text("utf-8"))
    ]
    faults = {row["id"]: Fault(area=area, **row) for area, row in rows}
    assert len(faults) == len(rows), "two faults have the same id"
    return faults

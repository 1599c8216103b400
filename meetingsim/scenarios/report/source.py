"""The file that a scenario was read from: where in it something stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from meetingsim.scenarios.document import Document
from meetingsim.scenarios.verdicts import Place


@dataclass(frozen=True, slots=True)
class Source:
    """A scenario's YAML. ``path`` is as the reader was given it, with slashes; reports repeat it."""

    path: str
    document: Document

    @classmethod
    def of(cls, path: Path, text: str | bytes | None = None) -> Self:
        """The file; its text is read unless it is given. Raises OSError."""
        said = path.as_posix()
        return cls(said, Document(path.read_bytes() if text is None else text, said))

    def position(self, place: Place) -> tuple[int, int]:
        """Line and column of a part, counted from 1; of what a file does not say, of the nearest part around it."""
        here = self.document.root
        if here is None:
            return 1, 1
        line, column = 1, 1
        for parent, step, child in here.walk(place):
            # The word of a mapping's part is where a reader looks for it, not the value behind.
            line, column = parent.keys.get(str(step), (child.line, child.column))
        return line, column

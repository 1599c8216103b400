"""What the commands about scenarios share: a file or a shipped name is found, changed and read, and its errors are said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from meetingsim.cli.console import BROKEN, OK, USAGE, Stop, complain, harmless, nearest, note
from meetingsim.geo.countries import GROUPS, NAMES
from meetingsim.scenarios import Scenario, ScenarioInvalid, library
from meetingsim.scenarios.document import LARGEST, Document
from meetingsim.scenarios.overrides import change, several
from meetingsim.scenarios.reading import read_document
from meetingsim.scenarios.report.source import Source
from meetingsim.scenarios.verdicts import FAILED, NOTHING_SHOWN, THRESHOLD

_WORST_FIRST = (BROKEN, USAGE, FAILED, THRESHOLD, NOTHING_SHOWN)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario and what it was read from, changes and all."""

    scenario: Scenario
    source: Source


def worst(codes: Sequence[int]) -> int:
    """Which of several exit codes counts: 5, 2, 1, 3, 4, in this order."""
    return next((code for code in _WORST_FIRST if code in codes), OK)


def find(word: str) -> tuple[Path, str]:
    """The file that a word names, and what reports call it: a file of that name, else a shipped scenario. Raises Stop."""
    path = Path(word)
    if word in library.names() and not path.is_file():
        return library.file_of(word), f"meetingsim/scenarios/library/{word}{library.ENDING}"
    if path.exists() or path.parent != Path() or path.suffix in {".yaml", ".yml"}:
        return path, path.as_posix()
    here = [one.name.removesuffix(library.ENDING) for one in Path().glob(f"*{library.ENDING}")]
    close = nearest(word, library.names()) or nearest(word, here).replace("'?)", f"{library.ENDING}'?)")
    raise Stop(f"there is no scenario {word!a}{close}; meetingsim list names what is shipped", USAGE)


def load(word: str, changes: Sequence[str] = ()) -> Loaded:
    """Reads a file or a shipped scenario. Raises Stop, and ScenarioInvalid with everything that is wrong."""
    path, called = find(word)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise Stop(f"{word} cannot be read: {error.strerror}", USAGE) from None
    document = Document(raw, called)
    change(document, [one for text in changes for one in several(text) or [text]])
    return Loaded(read_document(document, countries=NAMES, groups=GROUPS), Source(called, document))


def load_each(words: Sequence[str], changes: Sequence[str] = ()) -> tuple[list[Loaded], int]:
    """All that can be read, and 2 where one cannot: all errors of all are said, as ``check`` says them."""
    found, code = [], OK
    for word in words:
        try:
            found.append(load(word, changes))
        except Stop as stop:
            code = complain(stop)
        except ScenarioInvalid as error:
            for line in mistakes(error):
                note(line)
            code = USAGE
    return found, code


def mistakes(error: ScenarioInvalid) -> Iterator[str]:
    """Every error of a file, with its line and a caret, harmless."""
    for mistake in error.mistakes:
        yield from map(harmless, mistake.shown().split("\n"))

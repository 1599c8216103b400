"""The last look at whatever is written: no session, token, ticket or passcode leaves in a file.

The runner hands over redacted frames; this holds where it, or a target behind an adapter, forgot one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from meetingsim.clients.redaction import HIDDEN, SECRETS
from meetingsim.scenarios.cast import BUILT_IN
from meetingsim.scenarios.report.encoding import dumped, loaded
from meetingsim.scenarios.scenario import Scenario, plain
from meetingsim.scenarios.vocabulary import COMMANDS, FACTS, WORDS

_KEYS: Final = "|".join(sorted(SECRETS))
_TEXT: Final = r'"(?:[^"\\]|\\.)+"'
_KEPT: Final = rf'(?!"{HIDDEN}"|(?<="ticket":)"[0-9a-f]{{16}}")'
"""A ticket may stand as a digest, so that two can be compared; a passcode may not: it is short enough to be guessed."""
_BY_KEY: Final = re.compile(rf'("(?:{_KEYS})":){_KEPT}{_TEXT}'.encode())
_SHAPES: Final = (
    ("_", r"[0-9a-f]{48}"),  # session_…, host_… and their kind
    ("eyJ", r"[\w-]{6,}\.[\w-]+\.[\w-]+"),  # a ticket
    *((word, r"""[^&\s"'#<\\]+""") for word in ("code=", "ticket=", "token=", "Bearer ", "bearer ")),
)
"""How a secret begins, which is what makes the search quick, and how it goes on."""
_IN_TEXT: Final = [(re.compile(start + rest), start + HIDDEN) for start, rest in _SHAPES]
_IN_BYTES: Final = [(re.compile((start + rest).encode()), (start + HIDDEN).encode()) for start, rest in _SHAPES]
_SHORTEST: Final = 4
_LANGUAGE: Final = frozenset(
    {HIDDEN, *FACTS, *COMMANDS, *BUILT_IN, *(word for words in WORDS.values() for word in words)}
)
"""Values that stand everywhere, as shorter ones do: who takes such a word for a passcode has it hidden under its key alone."""


def without_secrets(encoded: bytes) -> bytes:
    """Compact JSON without secrets, by the key that they stand under and by their shape."""
    encoded = _BY_KEY.sub(rb'\1"' + HIDDEN.encode() + b'"', encoded)
    for shape, instead in _IN_BYTES:
        encoded = shape.sub(instead, encoded)
    return encoded


def hidden(text: str) -> str:
    """A text for people without what has the shape of a secret."""
    for shape, instead in _IN_TEXT:
        text = shape.sub(instead, text)
    return text


class Known:
    """Hides the secrets that a scenario says itself, its passcode above all, and others that are known, in any text."""

    def __init__(self, scenario: Scenario | None = None, more: Iterable[str] = ()) -> None:
        written = plain(scenario) if scenario is not None else {}
        ordinary = _LANGUAGE | set(_names(written))
        said = {one for one in (*secrets_of(written), *more) if len(one) >= _SHORTEST and one not in ordinary}
        self.values = sorted(said, key=_longest_first)
        self._quoted = [dumped(one)[1:-1] for one in self.values]
        self._any = either(self.values)

    def json(self, value: Any) -> bytes:
        """The value as JSON, without any secret; keys stay in their order."""
        return without_secrets(dumped(self.value(value), ordered=False))

    def line(self, line: bytes) -> bytes:
        """A line of JSON with these secrets taken out."""
        return dumped(self.value(loaded(line))) if any(one in line for one in self._quoted) else line

    def text(self, text: str) -> str:
        """A text for people without these secrets, and without what has the shape of one."""
        text = hidden(text)
        return self._any.sub(HIDDEN, text) if self._any is not None else text

    def value(self, value: Any) -> Any:
        """The value without these secrets, however deep they stand."""
        if self._any is None:
            return value
        if isinstance(value, str):
            return self._any.sub(HIDDEN, value)
        if isinstance(value, Mapping):
            return {self.value(key): self.value(one) for key, one in value.items()}
        return [self.value(one) for one in value] if isinstance(value, list | tuple) else value


def either(values: Iterable[str]) -> re.Pattern[str] | None:
    """Finds these values where they stand as words; None where there are none."""
    found = "|".join(map(re.escape, values))
    return re.compile(rf"(?<![\w-])(?:{found})(?![\w-])") if found else None


def _names(value: Any) -> Iterator[str]:
    """What a scenario calls its parts; a passcode that is one of these cannot be hidden from its texts."""
    if isinstance(value, Mapping):
        yield from (str(name) for name in value)
        yield from (str(value[key]) for key in ("id", "name") if key in value)
    for one in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _names(one)


def _longest_first(value: str) -> tuple[int, str]:
    return -len(value), value


def secrets_of(value: Any) -> Iterator[str]:
    """Every text that stands under the key of a secret, however deep."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key in SECRETS and isinstance(one, str):
                yield one
            else:
                yield from secrets_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from secrets_of(one)

"""Whether an output is as a page shows it: ``…`` stands for anything, ``<name>`` for something that is new each time."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

_PART = re.compile(r"(?:, )?…|<[a-z][a-z_]*>")


def tidy(text: str) -> str:
    """JSON values with one space behind commas and colons, as the pages write them; any white space is one space."""
    return flat(_json(text) or text)


def flat(text: str) -> str:
    """The text in one line, with no space inside of brackets."""
    return re.sub(r"(?<=[\[{]) | (?=[\]}])", "", " ".join(text.split()))


def _json(text: str) -> str | None:
    decoder, values, left = json.JSONDecoder(), [], text.strip()
    while left:
        try:
            value, end = decoder.raw_decode(left)
        except ValueError:
            return None
        if not isinstance(value, dict | list):
            return None
        values.append(json.dumps(value, ensure_ascii=False))
        left = left[end:].lstrip()
    return "\n".join(values)


@dataclass
class Names:
    """What each ``<name>`` of a page stands for. The first time it is learned, from then on it must be the same."""

    known: dict[str, str] = field(default_factory=dict)

    def fill(self, text: str) -> str:
        """The text with what is known in place of the names; what is unknown stays."""
        return re.sub(r"<([a-z][a-z_]*)>", lambda found: self.known.get(found[1], found[0]), text)

    def like(self, shown: str, actual: str) -> bool:
        """Whether the output is as it is shown; learns the names that are new in it."""
        found = re.fullmatch(self._pattern(flat(shown)), tidy(actual), re.S)
        if found:
            self.known |= found.groupdict()
        return found is not None

    def told(self, actual: str) -> str:
        """The output with names in place of what is known, for whoever mends a page."""
        said = tidy(actual)
        for name, value in sorted(self.known.items(), key=lambda item: -len(item[1])):
            said = said.replace(value, f"<{name}>") if len(value) > 3 else said
        return said

    def _pattern(self, shown: str) -> str:
        pattern, at, new = "", 0, set[str]()
        for part in _PART.finditer(shown):
            pattern += re.escape(shown[at : part.start()])
            at = part.end()
            name = part[0][1:-1]
            if part[0].endswith("…"):
                pattern += "(?:, .*?)?" if part[0].startswith(",") else ".*?"
            elif name in self.known:
                pattern += re.escape(self.known[name])
            else:
                pattern += f"(?P={name})" if name in new else f'(?P<{name}>[^"\\s]+)'
                new.add(name)
        return pattern + re.escape(shown[at:])

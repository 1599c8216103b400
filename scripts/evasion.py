"""Writes docs/topics/evasion.md out of the matrix, every cell played against the rules: ``python -m scripts.evasion``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.written import write
from tests.evasion.rules import play
from tests.evasion.tricks import GROUPS, SETTINGS, Cell, Trick

PAGE = Path(__file__).parents[1] / "docs" / "topics" / "evasion.md"
_MADE = "<!-- Made by `make docs` out of played meetings; changes by hand are lost. -->\n"
_PARTS: tuple[tuple[str, Sequence[str]], ...] = (
    ("What is matched", ("account", "ticket", "device", "address", "name", "default", "all five")),
    (
        "What becomes of those who show nothing, and of a removal that lets return",
        ("none", "none, refuse", "none, admit", "default, refuse", "default, admit", "may return"),
    ),
)
_INTRO = """\
Somebody is removed and tries to come back. Each table has a trick in each row and what `settings.removal` said in each column.
Every cell was played against the rules, and those of the default keys over real sockets, too.

They had come with everything there is to be known by: a user token, a personal ticket, a device, an address and a name. The
waiting room is off, so that the removal alone decides; a trick that needs it on turns it off again. The passcode is known.

- ✗ *key*: refused with `removed`; the key is in `because.matched`, for the admin and the hosts, never for the refused.
- ✗ `code`: refused with that code. `✗ removed` alone: refused by `unmatched: refuse`, or on an admission.
- *waits*: they wait as `unidentified`, and a host decides. *goes on waiting*: they are let in by nothing but a host's look.
- **IN** *rule*: they are inside, and that is the rule of `because`. This is what to look at: the last column says what stops it.

The columns: one key alone; *default* is account, ticket and device; *all five* adds address and name; *none* is an empty
`match`. After the comma stands `unmatched`, which is `wait` where nothing is said. *may return* is `may_return: true`.

What stops most of it in one step: with the **waiting room** on, none of these joins is in without a host, and behind a **lock**
none gets anywhere. The exception is somebody else's ticket whose owner is inside: it is that person's seat. Both are tests.
"""
_OUTRO = """\
## What to take from it

- By default a removal holds against a new name, another address and whatever is given up, as long as **one** of account, ticket
  and device is shown again. Whoever shows none of the three waits for a host.
- Whoever brings a device, a name and an address that were never seen, and knows the passcode, is a new person to any server. Only
  the door stops them: the waiting room, the lock, or personal tickets in place of a passcode.
- Matching by **address or name** weakens `unmatched`: everybody shows an address and a name, so nobody is *unidentified* any
  more. Add them for the case at hand, and turn the waiting room on.
- An **empty** `match` does not open the door: after a removal everybody then counts as unidentified, friends too.
- A ticket that may be used often opens the door for whoever holds it. A single-use ticket belongs to the device that first used
  it: whoever shows it from another is refused with `ticket_used`, and the hosts are told.
- A removal is about a person, and ends the entry that was removed. Another entry of the same device that is inside stays until it
  is removed, but by default it cannot be admitted, resumed or joined again.
"""


def page() -> str:
    """The page as the rules are now."""
    parts = [f"# Coming back after a removal\n\n{_MADE}\n{_INTRO}"]
    for number, (title, settings) in enumerate(_PARTS):
        parts.append(f"## {title}\n")
        parts += ["\n".join(_table(group, tricks, settings, first=not number)) for group, tricks in GROUPS.items()]
    return "\n".join([*parts, _OUTRO])


def _table(group: str, tricks: dict[str, Trick], settings: Sequence[str], *, first: bool) -> Iterator[str]:
    yield f"### {group if first else group + ', again'}\n"
    yield f"| trick | {' | '.join(settings)} | what stops it |"
    yield "|---" * (len(settings) + 2) + "|"
    for name, trick in tricks.items():
        cells = [play(SETTINGS[one], trick) for one in settings]
        stopped = trick.stopped_by if any(cell.outcome == "in" for cell in cells) else ""
        said = f"*{name}.* {trick.says}" if first else f"*{name}*"
        yield f"| {said} | {' | '.join(map(shown, cells))} | {stopped} |"
    yield ""


def shown(cell: Cell) -> str:
    """A cell as the page has it."""
    if cell.outcome == "in":
        return f"**IN** {cell.rule.replace('_', ' ')}"
    if cell.outcome == "waits":
        return "waits" if cell.rule == "unidentified" else "goes on waiting"
    return f"✗ {cell.matched}" if cell.matched else f"✗ `{cell.rule}`"


def main() -> int:
    """Writes what changed."""
    return write("Writes the page of the ways back after a removal.", {PAGE: page})


if __name__ == "__main__":
    raise SystemExit(main())

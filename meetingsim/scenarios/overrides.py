"""Changes a scenario's document before it is judged: ``meeting.removal.match=[ticket]``, as ``--set`` has it.

The words of a path are those of the file; items of a list go by their number or their id. The value is YAML, and nothing
behind the sign takes the part out. What is wrong with a change is a mistake of the document, said with that change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from meetingsim.scenarios.document import DEEPEST, Document, Node
from meetingsim.scenarios.shape import nearest

_STEP = r'(?:"[^"]*"|[^."=\s]+)'
_CHANGE = re.compile(rf"\s*({_STEP}(?:\.{_STEP})*)\s*=(.*)", re.DOTALL)
_NEXT = re.compile(rf";(?=\s*{_STEP}(?:\.{_STEP})*\s*=|\s*$)")
_NO_YAML = frozenset(">|%@`#")
"""What begins with one of these in one line is no YAML value, and is meant as a text: ``>= 0.9``."""
_NAMED = {"actors": "actor", "behaviors": "behavior", "policies": "policy"}
"""Parts whose keys are names: a wrong one would silently make somebody new."""
_EXAMPLE = "one is written meeting.waiting_room.enabled=false"


class _Wrong(Exception):
    """Why a change cannot be made."""


def several(text: str) -> list[str]:
    """The changes in a text that has more than one of them, parted by ``;``."""
    return [one.strip() for one in _NEXT.split(text) if one.strip()]


def change(document: Document, changes: Iterable[str]) -> None:
    """Makes each change in turn; one that cannot be made is noted. A document that could not be parsed stays as it is."""
    for text in changes if document.root is not None else ():
        try:
            _change(document, text, origin=f"--set {text}")
        except _Wrong as error:
            document.wrong(0, 0, str(error), f"--set {text}")


def _change(document: Document, text: str, origin: str) -> None:
    found = _CHANGE.fullmatch(text)
    if found is None or document.root is None:
        raise _Wrong(f"say a part of the scenario and its value; {_EXAMPLE}")
    steps = [step.strip('"') for step in re.findall(_STEP, found[1])]
    if len(steps) >= DEEPEST:
        raise _Wrong(f"nothing is nested deeper than {DEEPEST}")
    value = _value(found[2].strip(), origin)
    way = _Way(document.root, origin)
    keys = way.keys(steps)
    for at, key in enumerate(keys[:-1]):
        way.into(key, keys[at + 1])
    way.put(keys[-1], value)


def _value(text: str, origin: str) -> Node | None:
    """The value of a change; None where there is nothing."""
    if not text:
        return None
    if text[0] in _NO_YAML:
        return Node(1, 1, text, origin=origin)
    read = Document(text, origin)
    if read.root is None:
        raise _Wrong(f"{read.mistakes[0].message}; a text with signs of YAML goes between quotes")
    for node in _every(read.root):
        node.origin = origin
    return read.root


def _every(node: Node) -> Iterator[Node]:
    yield node
    for inner in [*(node.items or ()), *(node.pairs or {}).values()]:
        yield from _every(inner)


@dataclass(slots=True)
class _Way:
    """Goes down the tree; what is not there yet is made once the whole way is known to be good."""

    here: Node
    origin: str
    said: str = ""

    def keys(self, steps: list[str]) -> list[str]:
        """The steps as keys: one that has points in it, as some names have, is there or belongs to the thresholds."""
        keys: list[str] = []
        node: Node | None = self.here
        while steps:
            size = next((n for n in range(len(steps), 1, -1) if node and ".".join(steps[:n]) in (node.pairs or {})), 1)
            size = len(steps) if keys == ["thresholds"] else size
            key, steps = ".".join(steps[:size]), steps[size:]
            node = _child(node, key) if node else None
            if keys and keys[0] in _NAMED and len(keys) == 1 and steps and node is None:
                raise _Wrong(self._nobody(keys[0], key))
            keys.append(key)
        return keys

    def _nobody(self, part: str, name: str) -> str:
        there = (_child(self.here, part) or Node(0, 0)).pairs or {}
        return f"there is no {_NAMED[part]} {name!r} in the file{nearest(name, there)}; a new one is set as a whole"

    def into(self, key: str, then: str) -> None:
        """One step down; a part that the file left out is made there, as what the step after it needs."""
        if self._is_one(key):
            return
        child = _child(self.here, key)
        if child is None:
            made = Node(self.here.line, self.here.column, origin=self.origin)
            made.items, made.pairs = ([], None) if then == "0" else (None, {})
            self._insert(key, made)
            child = made
        elif child.value is None and child.pairs is None and child.items is None:
            child.pairs = {}
        self.said = f"{self.said}.{key}" if self.said else key
        self.here = child

    def put(self, key: str, value: Node | None) -> None:
        """The last step: the value takes the place of what is there, or nothing does."""
        if value is None:
            self._take(key)
        else:
            self._insert(key, value)
        # What no longer fits together here comes of this change.
        self.here.origin = self.origin

    def _is_one(self, key: str) -> bool:
        """Whether this is an item of a list that is written without its brackets, as it is the only one."""
        pairs = self.here.pairs or {}
        return key not in pairs and (key == "0" or (pairs.get("id") or Node(0, 0)).value == key) and bool(pairs)

    def _insert(self, key: str, value: Node) -> None:
        for node in _every(value):  # a report shows what was not said in the file where it would stand
            node.line, node.column = self.here.line, self.here.column
            node.keys = dict.fromkeys(node.keys, (node.line, node.column))
        if self.here.pairs is not None:
            self.here.keys.setdefault(key, (self.here.line, self.here.column))
            self.here.pairs[key] = value
            return
        if self.here.items is None:
            raise _Wrong(f"{self.said} is {self.here.value!r} and has no parts: set it as a whole")
        at = _number(self.here.items, key)
        if at is None:
            raise _Wrong(self._no_item(key))
        self.here.items[at : at + 1] = [value]

    def _take(self, key: str) -> None:
        if _child(self.here, key) is None:
            there = self.here.pairs or ()
            raise _Wrong(f"there is no {key!r} to take out{nearest(key, there)}")
        if self.here.pairs is not None:
            del self.here.pairs[key]
        elif self.here.items is not None:
            del self.here.items[_number(self.here.items, key) or 0]

    def _no_item(self, key: str) -> str:
        items = self.here.items or []
        ids = [str(item.pairs["id"].value) for item in items if item.pairs and "id" in item.pairs]
        there = f"it has {len(items)}, counted from 0" if key.isdigit() else "say an id or a number"
        return f"there is no {key!r} in {self.said}{nearest(key, ids)}; {there}"


def _child(node: Node, key: str) -> Node | None:
    if node.items is None:
        return node.child(key)
    at = _number(node.items, key)
    return node.child(at) if at is not None else None


def _number(items: list[Node], key: str) -> int | None:
    """Where an item of a list is: by its number, up to the first that is free, or by its id."""
    if key.isdecimal() and key.isascii():
        return int(key) if int(key) <= len(items) else None
    named = (at for at, item in enumerate(items) if item.pairs and "id" in item.pairs and item.pairs["id"].value == key)
    return next(named, None)

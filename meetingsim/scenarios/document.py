"""YAML with the line and column of everything, in which ``NO``, ``on``, ``off`` and ``yes`` stay texts.

Only what JSON has too: no tags, anchors or aliases, one document, bounded in size and depth, no key twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from meetingsim.scenarios.shape import Path

LARGEST = 256 * 1024
"""Bytes that a file may have."""
DEEPEST = 32
MOST = 5_000
"""Values and keys that a file may have."""
_INT = re.compile(r"-?(0|[1-9][0-9]{0,15})")
_FLOAT = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One error of a file; line and column count from 1, in characters, and are 0 for what was not said in a file."""

    file: str
    line: int
    column: int
    message: str
    source: str = ""

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.file}{place}: error: {self.message}"

    def shown(self) -> str:
        """The error with its line and a caret below the place."""
        if not self.source:
            return str(self)
        shown = self.source.replace("\t", " ")
        return f"{self}\n    {shown}\n    {' ' * (self.column - 1)}^"


class ScenarioInvalid(ValueError):  # it is what the scenario is
    """A file that is no scenario; ``mistakes`` has everything that is wrong with it, in the order of the file."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(one.shown() for one in mistakes))
        self.mistakes = mistakes


@dataclass(slots=True)
class Node:
    """A value of the file with its place; ``inner`` counts the characters before its text begins (a quote).

    ``origin`` is what said it where that is not the file.
    """

    line: int
    column: int
    value: Any = None
    inner: int | None = None
    origin: str = ""
    items: list[Node] | None = None
    pairs: dict[str, Node] | None = None
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)

    def plain(self) -> Any:
        """The value as dicts, lists and scalars."""
        if self.pairs is not None:
            return {name: node.plain() for name, node in self.pairs.items()}
        return [node.plain() for node in self.items] if self.items is not None else self.value

    def walk(self, path: Path) -> Iterator[tuple[Node, str | int, Node]]:
        """The steps of a path that exist here: parent, step, child. What only the models know of is passed over."""
        here = self
        for step in path:
            child = here.child(step)
            if child is not None:
                yield here, step, child
                here = child

    def child(self, step: str | int) -> Node | None:
        """The value below a key or number."""
        if self.pairs is not None and isinstance(step, str):
            return self.pairs.get(step)
        if self.items is not None and isinstance(step, int) and step < len(self.items):
            return self.items[step]
        return None


class Document:
    """The text of a file, what it says, and what is wrong with its YAML."""

    def __init__(self, raw: bytes | str, file: str) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []
        self._said: set[Mistake] = set()
        self.root: Node | None = None
        text = self._decoded(raw)
        self.lines = text.split("\n")
        if self.mistakes:
            return
        try:
            self.root = self._build(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            said = " ".join(part for part in (error.context, error.problem) if part)
            self.wrong(mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, f"this is not YAML: {said}")
        except yaml.reader.ReaderError as error:
            before = text[: error.position]
            column = error.position - (before.rfind("\n") + 1) + 1
            self.wrong(before.count("\n") + 1, column, "this character cannot stand in YAML")

    def wrong(self, line: int, column: int, message: str, origin: str = "") -> None:
        """Notes an error, once."""
        source = self.lines[line - 1].rstrip("\r") if line <= len(self.lines) else ""
        found = Mistake(origin, 0, 0, message) if origin else Mistake(self.file, line, column, message, source)
        if found not in self._said:
            self._said.add(found)
            self.mistakes.append(found)

    def _decoded(self, raw: bytes | str) -> str:
        self.lines = []
        if len(raw) > LARGEST:
            self.wrong(1, 1, f"a scenario has at most {LARGEST // 1024} KiB")
            return ""
        if isinstance(raw, str):
            return raw.removeprefix("\ufeff").replace("\r\n", "\n")
        try:
            return raw.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            self.wrong(raw[: error.start].count(b"\n") + 1, 1, "this is not UTF-8")
            return ""

    def _build(self, text: str) -> Node | None:
        """Without recursion: a file cannot choose how deep Python's stack gets."""
        builder = _Builder(self)
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if not builder.take(event):
                return None
        if builder.root is None:
            self.wrong(1, 1, "the file is empty")
        return builder.root


class _Builder:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.root: Node | None = None
        self._open: list[Node] = []
        self._key: list[str | None] = []
        self._count = 0

    def take(self, event: yaml.Event) -> bool:
        """Takes an event; False where the rest of the file cannot be read."""
        self._count += isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        if self._count > MOST:
            self._wrong(event, f"a file has at most {MOST} values and keys")
            return False
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            self._wrong(event, "anchors, aliases and tags are not part of the language")
            return False
        if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            self._wrong(event, "a file has one scenario")
            return False
        if isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._key.pop()
        elif isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            return self._collection(event)
        return True

    def _wrong(self, event: yaml.Event, message: str) -> None:
        self.document.wrong(*_place(event), message)

    def _collection(self, event: yaml.CollectionStartEvent) -> bool:
        if len(self._open) >= DEEPEST:
            self._wrong(event, f"nothing is nested deeper than {DEEPEST}")
            return False
        if self._open and self._open[-1].pairs is not None and self._key[-1] is None:
            self._wrong(event, "a key is a text")
            return False
        node = Node(*_place(event))
        if isinstance(event, yaml.MappingStartEvent):
            node.pairs = {}
        else:
            node.items = []
        self._put(node)
        self._open.append(node)
        self._key.append(None)
        return True

    def _scalar(self, event: yaml.ScalarEvent) -> bool:
        here = self._open[-1] if self._open else None
        line, column = _place(event)
        if here is not None and here.pairs is not None and self._key[-1] is None:
            key = event.value
            if key in here.keys:
                self._wrong(event, f"{key!r} is already said in line {here.keys[key][0]}")
            here.keys.setdefault(key, (line, column))
            self._key[-1] = key
            return True
        one_line = event.end_mark is not None and event.end_mark.line + 1 == line
        inner = (1 if event.style else 0) if one_line and event.style not in {"|", ">"} else None
        plain = event.style is None
        self._put(Node(line, column, _resolved(event.value) if plain else event.value, inner))
        return True

    def _put(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        here = self._open[-1]
        if here.items is not None:
            here.items.append(node)
        elif here.pairs is not None:
            key, self._key[-1] = self._key[-1], None
            here.pairs.setdefault(str(key), node)


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _resolved(text: str) -> Any:
    """A plain scalar's value. Whatever YAML 1.1 takes for a truth or a date beyond this stays the text that it is."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text

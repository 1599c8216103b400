"""The reference is what the tables say, and every name of the outside has a heading somewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from meetingsim.app import API, SOCKET
from meetingsim.cli import COMMANDS
from meetingsim.settings import ServerSettings
from meetingsim.state import control
from meetingsim.state.codes import CLOSES, ISSUES, REFUSALS
from meetingsim.state.controls import EVENTS, TABLE
from meetingsim.state.meeting import Place, Role, Why
from meetingsim.state.settings import Activity, ChatLevel, Settings
from scripts import meanings
from scripts.reference import FOLDER, openapi, pages
from tests.docs.pages import DOCS, headings

STATE = Path(control.__file__).parent
_TAKE_A_RULE = frozenset({"because", "admission", "admissions", "_placed", "_moved"})


def settings_of(kind: Any, prefix: str = "") -> Iterator[str]:
    hints = get_type_hints(kind)
    for field in fields(kind):
        hint = hints[field.name]
        yield from settings_of(hint, f"{prefix}{field.name}.") if is_dataclass(hint) else [f"{prefix}{field.name}"]


def rules() -> set[str]:
    """Every rule that the code can give as a reason: the texts handed to what makes a ``because``, and those called rule."""
    found = {str(why) for why in Why}
    for file in STATE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            called = isinstance(node, ast.Call) and getattr(node.func, "id", "") in _TAKE_A_RULE
            named = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "rule"
            if isinstance(node, ast.Call) and called:
                found |= {text for part in node.args for text in _texts(part, deep=False)}
            elif isinstance(node, ast.Assign) and named:
                found |= _texts(node.value, deep=True)
    return found


def _texts(node: ast.AST, *, deep: bool) -> set[str]:
    nodes = ast.walk(node) if deep else [node]
    return {one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)}


NAMES: Mapping[str, list[str]] = {
    "commands": [one.name for one in TABLE if one.socket or one.http],
    "events": list(EVENTS),
    "refusals": list(REFUSALS),
    "close codes": [str(code) for code in CLOSES],
    "settings of a meeting": list(settings_of(Settings)),
    "settings of the server": list(ServerSettings.model_fields),
    "issues of a report": list(ISSUES),
    "activities": [str(one) for one in Activity],
    "chat levels": [str(one) for one in ChatLevel],
    "roles": [str(one) for one in Role],
    "places": [str(one) for one in Place],
    "why somebody waits": [str(one) for one in Why],
    "doors": list(get_args(control.Door)),
    "rules": sorted(rules()),
    "command line": [f"meetingsim {name}" for name in COMMANDS],
}
_PAGE = {
    "commands": "commands.md",
    "events": "events.md",
    "refusals": "refusals.md",
    "close codes": "close-codes.md",
    "settings of a meeting": "settings.md",
    "settings of the server": "settings.md",
    "rules": "rules.md",
    "command line": "command-line.md",
}
"""Where they are; the others are on words.md."""


def test_the_pages_are_what_the_tables_say() -> None:
    made = pages()
    for name, text in made.items():
        assert (FOLDER / name).read_text() == text, f"docs/reference/{name} is out of date: run make docs"
    assert {page.name for page in FOLDER.glob("*.md")} == made.keys(), "a page that nothing makes any more"


@pytest.mark.parametrize("kind", NAMES)
def test_every_name_has_a_heading(kind: str) -> None:
    found = {heading.replace("`", "") for heading in headings(FOLDER / _PAGE.get(kind, "words.md"))}
    assert NAMES[kind], "the code's table is empty"
    assert not [name for name in NAMES[kind] if name not in found]


def test_every_call_has_a_heading() -> None:
    calls = [f"{method.upper()} {path}" for path, methods in openapi()["paths"].items() for method in methods]
    found = {heading.replace("`", "") for heading in headings(FOLDER / "http.md")}
    assert len(calls) > 40
    assert not [call for call in [*calls, f"WebSocket {SOCKET}"] if call not in found]


@pytest.mark.parametrize(
    ("meant", "known"),
    [
        (meanings.ISSUES, ISSUES),
        (meanings.ACTIVITIES, [*Activity]),
        (meanings.CHAT_LEVELS, [*ChatLevel]),
        (meanings.ROLES, [*Role]),
        (meanings.PLACES, [*Place]),
        (meanings.WHYS, [*Why]),
        (meanings.DOORS, get_args(control.Door)),
        (meanings.SETTINGS, list(settings_of(Settings))),
        (meanings.RULES, sorted(rules())),
        ({str(code): said for code, said in meanings.CLOSES.items()}, list(CLOSES)),
    ],
)
def test_a_meaning_is_told_of_every_word_and_of_no_other(meant: Mapping[str, str], known: Any) -> None:
    assert set(meant) == {str(word) for word in known}


@pytest.mark.parametrize("page", meanings.HOW_TO)
def test_a_how_to_page_shows_the_commands_that_it_is_about(page: str) -> None:
    """Each in a frame or in a line of shell: it is run there, and not only spoken of."""
    shown = (DOCS / "how-to" / page).read_text()
    for name in meanings.HOW_TO[page]:
        assert re.search(rf'> \{{"type": "{name}"|^control {name}\b', shown, re.M), f"{page} does not run {name}"


@pytest.mark.parametrize("start", meanings.CALLS)
def test_a_how_to_page_shows_the_calls_that_it_is_about(start: str) -> None:
    """In a line of shell; and there is such a call."""
    words = ["[^/ ]+" if part.startswith("{") else part for part in start.split("/")]
    shown = (DOCS / "how-to" / meanings.CALLS[start]).read_text()
    assert re.search(rf"\$api{'/'.join(words)}\b", shown), f"{meanings.CALLS[start]} does not run {start}"
    assert [path for path in openapi()["paths"] if path.startswith(f"{API}{start}")]


@pytest.mark.parametrize("name", meanings.SERVER_SETTINGS)
def test_a_how_to_page_names_the_setting_that_it_is_about(name: str) -> None:
    assert name in ServerSettings.model_fields
    assert f"--{name.replace('_', '-')}" in (DOCS / "how-to" / meanings.SERVER_SETTINGS[name]).read_text()


def test_every_command_has_one_how_to_page() -> None:
    shown = [name for names in meanings.HOW_TO.values() for name in names]
    assert sorted(shown) == sorted(NAMES["commands"])


def test_no_command_that_is_said_to_come_is_there_yet() -> None:
    to_come = (DOCS / "topics" / "not-simulated.md").read_text().partition("\n## Not yet\n")[2].partition("\n## ")[0]
    assert "A desk" in to_come
    assert not set(re.findall(r"`meetingsim (\w+)`", to_come)) & COMMANDS.keys()

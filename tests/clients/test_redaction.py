"""What is shown has no secret in it, and nothing that a terminal obeys."""

from __future__ import annotations

import json
import unicodedata

import pytest

from meetingsim.clients.redaction import HIDDEN, SECRETS, harmless, line_of, redacted


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_every_secret_is_hidden_however_deep(name: str) -> None:
    frame = {"a": [{"b": {name: "hush-hush", "c": 1}}], name: "hush-hush"}
    assert redacted(frame) == {"a": [{"b": {name: HIDDEN, "c": 1}}], name: HIDDEN}
    assert frame[name] == "hush-hush"


def test_absent_secrets_stay_visible_as_absent() -> None:
    """Whether a meeting has a passcode at all is what one looks for in a failing test."""
    assert redacted({"passcode": None, "ticket": ""}) == {"passcode": None, "ticket": ""}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b31m", "\\x9b31m"),
        ("a\nb\r\t\0", "a\\x0ab\\x0d\\x09\\x00"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("plain", "plain"),
        ("Zoë Müller 山田", "Zoë Müller 山田"),
        ("می‌خواهم", "می‌خواهم"),
        ("👩‍💻", "👩‍💻"),
    ],
)
def test_harmless(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_no_character_that_a_terminal_obeys_gets_through() -> None:
    obeyed = [chr(n) for n in range(0x110000) if unicodedata.category(chr(n)) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not set(harmless("".join(obeyed))) & set(obeyed)


def test_a_line_names_the_frame_first_and_is_cut() -> None:
    frame = {"type": "message", "seq": 7, "text": "x" * 1000, "session": "hush-hush"}
    line = line_of(frame, limit=80)
    assert line.startswith("message #7 {")
    assert "\n" not in line
    assert "more)" in line
    assert len(line) < 100
    assert "hush-hush" not in line_of(frame, limit=5000)


def test_a_line_is_harmless() -> None:
    assert "\x1b" not in line_of({"type": "message", "text": "\x1b[2J\u202e"})
    assert "\u202e" not in line_of({"type": "message", "text": "\u202e"})
    assert json.loads(line_of({"type": "x", "a": 1}).removeprefix("x ")) == {"a": 1}

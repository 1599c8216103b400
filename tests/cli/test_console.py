"""What reaches a terminal: one line a complaint, nothing that it obeys, colour only where it is wanted."""

from __future__ import annotations

import io
import json
import sys

import pytest

from meetingsim.cli.console import Stop, complain, nearest, out_json, styled, wants_colour


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_complaint_is_one_line_whatever_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert complain(Stop("a server said:\n\n  \x1b[2J\u202egnp\x9b", 5)) == 5
    out, err = capsys.readouterr()
    assert (out, err) == ("", "meetingsim: a server said: \\x1b[2J\\u202egnp\\x9b\n")


def test_json_is_ascii_whatever_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    out_json({"name": "Zo\u00eb \x9b\u202e", "n": [1]})
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert shown.count("\n") == 1
    assert json.loads(shown) == {"name": "Zo\u00eb \x9b\u202e", "n": [1]}


@pytest.mark.parametrize(
    ("stream", "env", "wanted"),
    [
        (Tty(), {"TERM": "xterm"}, True),
        (Tty(), {}, True),
        (Tty(), {"TERM": "dumb"}, False),
        (Tty(), {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (Tty(), {"TERM": "xterm", "NO_COLOR": ""}, True),
        (io.StringIO(), {"TERM": "xterm"}, False),
    ],
)
def test_who_wants_colour(
    stream: io.StringIO, env: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert wants_colour(stream) is wanted
    assert styled("x", "red", stream) == ("\x1b[31mx\x1b[0m" if wanted else "x")


def test_the_nearest_word_is_a_guess_or_nothing() -> None:
    assert nearest("jion", ["join", "host"]) == " (did you mean 'join'?)"
    assert nearest("zzz", ["join", "host"]) == ""


def test_stdout_is_looked_up_when_it_is_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = io.StringIO()
    monkeypatch.setattr(sys, "stdout", elsewhere)
    out_json(1)
    assert elsewhere.getvalue() == "1\n"

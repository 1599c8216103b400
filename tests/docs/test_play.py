"""What plays the pages finds what is wrong with them: a page that could not fail would prove nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.likeness import Names
from tests.docs.pages import ROOT
from tests.docs.play import Play
from tests.wire import Server

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("shown", "actual", "alike"),
    [
        ('{"a": 1, "b": 2}', '{"a":1,"b":2}', True),
        ('{"a": 1, "b": 2}', '{"a":1,"b":3}', False),
        ('{"a": 1, …}', '{"a":1,"b":3}', True),
        ('{"a": 1, …}', '{"a":1}', True),
        ('{"a": 1, …}', '{"a":12}', False),
        ('{…, "b": 3}', '{"a":1,"b":3}', True),
        ('{…, "b": 3}', '{"a":1,"b":3,"c":4}', False),
        ("two  words\n", "two words", True),
        ("two words", "two word", False),
        ("[\n  {}\n]", "[{}]", True),
        ("<one> and <one>", "p1 and p1", True),
        ("<one> and <one>", "p1 and p2", False),
        ("<known>", "p1", False),
    ],
)
def test_an_output_is_as_shown_or_is_not(shown: str, actual: str, alike: bool) -> None:
    assert Names({"known": "p0"}).like(shown, actual) is alike


def test_a_name_is_learned_from_what_is_alike_alone() -> None:
    names = Names()
    assert not names.like('{"a": "<one>"}', '{"b":"p1"}')
    assert names.known == {}
    assert names.like('{"a": "<one>"}', '{"a":"p1"}')
    assert names.fill("<one> <two>") == "p1 <two>"


async def played(server: Server, text: str) -> str:
    """What is found wrong with a page of this text, about a new meeting in which Mia is."""
    meeting = await server.meeting(waiting_room={"enabled": False})
    assert (await meeting.control("start")).status_code == 200
    known = {name: str(meeting.made[name]) for name in ("id", "passcode", "socket_url", "host_token")}
    page = ROOT / "docs" / "no-page-of-this-name.md"
    async with Play(server.url, known) as play:
        mia = '```frames\nmia > {"type": "join", "name": "Mia", "passcode": "<passcode>"}\n```\n'
        await play.text(page, mia + text)
        return "".join(play.wrong)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("```sh\necho one\n```\n```text\none\n```\n", ""),
        ("```sh\necho one\n```\n```text\ntwo\n```\n", "but: one"),
        ("```sh\nfalse\n```\n", "exit code 1"),
        ("```sh\nword=kept\n```\n```sh\necho $word\n```\n```text\nkept\n```\n", ""),
        ("```python\nprint(1 + 1)\n```\n```text\n3\n```\n", "but: 2"),
        ('```frames\nmia > {"type": "react", "kind": "wave"}\nmia < {"type": "reacted", …, "kind": "wave"}\n```\n', ""),
        (
            '```frames\nmia > {"type": "react", "kind": "wave"}\nmia < {"type": "reacted", …, "kind": "bow"}\n```\n',
            "but:",
        ),
        ('```frames\nmia > {"type": "react", "kind": " "}\n```\n', "does not show it"),
        ('```frames\nmia > {"type": "lock"}\nmia > {"type": "raise_hand", "up": true}\n```\n', "not_host"),
        ('```frames\nmia > {"type": "leave"}\nmia < closed 4500\n```\n', "but: closed 1000"),
        (
            '```frames\nben > {"type": "join", "name": "Ben", "passcode": "<passcode>"}\nmia < nothing\n```\n',
            "but: there was",
        ),
    ],
)
async def test_what_is_not_as_shown_is_found(server: Server, text: str, found: str) -> None:
    wrong = await played(server, text)
    assert found in wrong if found else not wrong


async def test_a_block_that_nobody_runs_is_refused_unless_it_says_so(server: Server) -> None:
    with pytest.raises(AssertionError, match="nobody runs a block of 'ruby'"):
        await played(server, "```ruby\nputs 1\n```\n")
    assert await played(server, "<!-- not run: an example of another language -->\n```ruby\nputs 1\n```\n") == ""


async def test_a_frame_that_never_comes_is_found(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.wire.PATIENCE", 0.2)
    assert "it never came" in await played(server, '```frames\nmia < {"type": "suspended", …}\n```\n')


def test_pages_are_read_with_their_marks(tmp_path: Path) -> None:
    from tests.docs.pages import Block, blocks, headings

    page = tmp_path / "page.md"
    page.write_text("# One\n<!-- terminal: mia -->\n```console\n$ true\n# no heading\n```\n")
    assert blocks(page.read_text()) == [Block("console", "$ true\n# no heading\n", 4, "terminal: mia")]
    assert headings(page) == ["One"]

"""YAML as the language has it: texts stay texts, nothing twice, nothing endless, and no more than JSON can say."""

from __future__ import annotations

import pytest

from meetingsim.scenarios.document import DEEPEST, LARGEST, MOST, Document


def plain(text: str | bytes) -> object:
    document = Document(text, "a.yaml")
    assert document.mistakes == []
    assert document.root is not None
    return document.root.plain()


def wrong(text: str | bytes) -> list[str]:
    return [f"{one.line}:{one.column}: {one.message}" for one in Document(text, "a.yaml").mistakes]


def test_only_true_false_null_and_numbers_are_no_texts() -> None:
    text = "[NO, no, on, off, yes, y, 12:30, 2026-01-01, 0x10, 012, 1e3, .5, True, true, false, null, ~, 7, -7, 0.5]"
    assert plain(text) == [
        *("NO", "no", "on", "off", "yes", "y", "12:30", "2026-01-01", "0x10", "012", "1e3", ".5", "True"),
        *(True, False, None, None, 7, -7, 0.5),
    ]


def test_a_quoted_word_is_a_text() -> None:
    assert plain("{a: \"true\", b: '7', on: 1}") == {"a": "true", "b": "7", "on": 1}


def test_a_value_knows_its_place_in_characters() -> None:
    document = Document("a:\n  - x\n  - 'ä: ö'\nü: {b: c}\n", "a.yaml")
    assert document.root is not None
    nodes = {path: [*document.root.walk(path)][-1][2] for path in [("a", 1), ("ü", "b")]}
    assert {path: (node.line, node.column, node.inner) for path, node in nodes.items()} == {
        ("a", 1): (3, 5, 1),
        ("ü", "b"): (4, 8, 0),
    }
    assert document.root.keys["ü"] == (4, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "3:1: 'a' is already said in line 1"),
        ("a: &x 1\nb: *x\n", "1:4: anchors, aliases and tags are not part of the language"),
        ("a: !!python/object:os.system x\n", "1:4: anchors, aliases and tags are not part of the language"),
        ("a: 1\n---\nb: 1\n", "2:1: a file has one scenario"),
        ("{a: 1}: 2\n", "1:1: a key is a text"),
        ("a: [1, 2\nb: 3\n", "2:2: this is not YAML: "),
        ("a: \x07\n", "1:4: this character cannot stand in YAML"),
        (b"a: 1\nb: \xff\n", "2:1: this is not UTF-8"),
        ("", "1:1: the file is empty"),
        ("# nothing\n", "1:1: the file is empty"),
        ("a: " + "x" * LARGEST, f"1:1: a scenario has at most {LARGEST // 1024} KiB"),
        ("[" + "\n1," * MOST, f"{MOST + 1}:1: a file has at most {MOST} values and keys"),
        ("[" * (DEEPEST + 1), f"1:{DEEPEST + 1}: nothing is nested deeper than {DEEPEST}"),
        ("[" * 100_000, f"1:{DEEPEST + 1}: nothing is nested deeper than {DEEPEST}"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_place(text: str | bytes, said: str) -> None:
    assert wrong(text)[0].startswith(said)


def test_lines_of_windows_and_a_mark_at_the_start_do_no_harm() -> None:
    assert plain(b"\xef\xbb\xbfa: 1\r\nb: [x]\r\n") == {"a": 1, "b": ["x"]}
    assert wrong("a: 1\r\na: 2\r\n") == ["2:1: 'a' is already said in line 1"]

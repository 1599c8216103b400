"""``FACT where PREDICATE`` read with ``ast`` from a white list; nothing of it is ever handed to ``eval``."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from meetingsim.scenarios.quantities import Duration

LONGEST = 1_000
"""Characters that an expression may have."""
FUNCTIONS = {"count": (1, 1), "rate": (2, 3), "before": (1, 1), "matches": (2, 2), "has": (2, 20)}
"""The functions of the language, with how many values each takes."""
_FACT = re.compile(r"\s*([A-Za-z_]\w*)\s+where\s+(?=\S)")
_NAME = re.compile(r"\s*([A-Za-z_]\w*)\s*")
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot)
_FIELDS = {"from": "FROM", "with": "WITH"}
"""Keywords of Python that are fields of a message and of an attempt: they are read under names that nothing else has."""
_WORDS = {read: word for word, read in _FIELDS.items()}


class ExpressionInvalid(ValueError):  # it is what the expression is
    """What is wrong with an expression, ``offset`` characters from its start."""

    def __init__(self, said: str, offset: int) -> None:
        super().__init__(said)
        self.said = said
        self.offset = offset


@dataclass(frozen=True)
class Expression:
    """A fact with a predicate (``predicate`` None takes every such fact), or, where ``fact`` is None, a condition."""

    text: str
    fact: str | None
    predicate: ast.expr | None
    start: int = 0

    def offset(self, node: ast.AST) -> int:
        """Where a part stands in the text."""
        return self.start + getattr(node, "col_offset", 0)


def parse(text: str) -> Expression:
    """Reads a fact with or without a predicate, or a condition. A single word is a fact. Raises ExpressionInvalid."""
    if len(text) > LONGEST:
        raise ExpressionInvalid(f"an expression has at most {LONGEST} characters", 0)
    if single := _NAME.fullmatch(text):
        return Expression(text, single[1], None)
    if found := _FACT.match(text):
        return Expression(text, found[1], _predicate(text, found.end()), found.end())
    start = len(text) - len(text.lstrip())
    return Expression(text, None, _predicate(text, start), start)


def _predicate(text: str, start: int) -> ast.expr:
    source = text[start:].rstrip()
    if "\n" in source:
        raise ExpressionInvalid("an expression is one line", start)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(_without_keywords(source), mode="eval").body
    except SyntaxError as error:
        offset = min(max((error.offset or 1) - 1, 0), max(len(source) - 1, 0))
        # Python words this differently from version to version.
        raise ExpressionInvalid("this is no expression", start + offset) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionInvalid("this is no expression", start) from None
    _in_characters(tree, source)
    for node, said in _forbidden(tree):
        raise ExpressionInvalid(said, start + getattr(node, "col_offset", 0))
    return tree


def _without_keywords(source: str) -> str:
    letters = list(source)
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME and token.string in _FIELDS:
                letters[token.start[1] : token.end[1]] = _FIELDS[token.string]
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return source  # the parser says what is wrong with it
    return "".join(letters)


def _in_characters(tree: ast.AST, source: str) -> None:
    """``ast`` counts bytes, editors count characters; and what was read as FROM is ``from`` again."""
    raw = source.encode()
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            node.col_offset = len(raw[: node.col_offset].decode(errors="ignore"))
            node.end_col_offset = len(raw[: node.end_col_offset or 0].decode(errors="ignore"))
        if isinstance(node, ast.Attribute):
            node.attr = _WORDS.get(node.attr, node.attr)
        elif isinstance(node, ast.Name):
            node.id = _WORDS.get(node.id, node.id)


def _forbidden(tree: ast.expr) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _wrong_call(node)
        elif isinstance(node, ast.Constant):
            if not (node.value is None or isinstance(node.value, bool | int | float | str)):
                yield node, "values are texts, numbers, True, False and None"
        elif isinstance(node, ast.UnaryOp):
            number = isinstance(node.operand, ast.Constant) and isinstance(node.operand.value, int | float)
            if not isinstance(node.op, ast.Not) and not (isinstance(node.op, ast.USub) and number):
                yield node, "only 'not', and '-' before a number, may stand here"
        elif isinstance(node, ast.Compare):
            if any(not isinstance(op, _COMPARISONS) for op in node.ops):
                yield node, "this comparison is not part of the language"
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            yield node, f"there is no {node.attr!r}"
        elif isinstance(node, ast.expr) and not isinstance(node, _ALLOWED):
            yield node, f"{_called(node)} is not part of the language"


_ALLOWED = (ast.BoolOp, ast.Attribute, ast.Name, ast.List, ast.Tuple)


def _called(node: ast.AST) -> str:
    names = {ast.BinOp: "arithmetic", ast.Subscript: "[…]", ast.IfExp: "if", ast.Lambda: "lambda", ast.JoinedStr: "f''"}
    return names.get(type(node), type(node).__name__)


def _wrong_call(node: ast.Call) -> Iterator[tuple[ast.AST, str]]:
    from meetingsim.scenarios.shape import nearest

    if not isinstance(node.func, ast.Name):
        yield node, "only functions of the language can be called"
        return
    name = node.func.id
    if name not in FUNCTIONS:
        yield node, f"there is no function {name!r}{nearest(name, FUNCTIONS)}"
        return
    least, most = FUNCTIONS[name]
    if node.keywords or not least <= len(node.args) <= most:
        yield node, f"{name} takes {least if least == most else f'{least} to {most}'} value{'s' if most > 1 else ''}"
        return
    texts = {"matches": node.args[1:], "has": node.args[1:], "rate": node.args[-1:]}.get(name, [])
    for one in texts:
        if not (isinstance(one, ast.Constant) and isinstance(one.value, str)):
            yield one, f"{name} takes a text in quotes here"
    if name == "rate":
        yield from _wrong_rate(node)


def _wrong_rate(node: ast.Call) -> Iterator[tuple[ast.AST, str]]:
    fact, window = node.args[0], node.args[-1]
    if not isinstance(fact, ast.Name):
        yield fact, "rate takes a fact first"
    if isinstance(window, ast.Constant) and isinstance(window.value, str):
        try:
            Duration.read(window.value)
        except ValueError as error:
            yield window, str(error)

"""The texts of the language that are more than a text: countries, people, expressions, places in the event."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from meetingsim.scenarios.shape import nearest, wrong
from meetingsim.state.codes import ISSUES

_COUNTRY = re.compile(r"[A-Z]{2}")


def _country(said: str, info: ValidationInfo, *, groups: bool = False) -> str:
    known = (info.context or {}).get("countries", ())
    grouped = (info.context or {}).get("groups", ()) if groups else ()
    if known and said not in known and said not in grouped:
        raise wrong(f"{said!r} is no country{nearest(said, [*known, *grouped])}; write it as two capital letters")
    if not known and not _COUNTRY.fullmatch(said) and not (groups and said.isupper()):
        raise wrong(f"{said!r} is no country; write it as two capital letters")
    return said


def _country_or_group(said: str, info: ValidationInfo) -> str:
    return _country(said, info, groups=True)


def _text(said: Any) -> Any:
    if not isinstance(said, str):
        raise wrong(f"this should be a text, not {_called(said)}")
    return said


def _called(said: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a mapping"}
    return "nothing" if said is None else names.get(type(said), type(said).__name__)


def _issue(said: str) -> str:
    if said not in ISSUES:
        raise wrong(f"there is no issue {said!r}{nearest(said, ISSUES)}")
    return said


def _identifier(said: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,63}", said):
        raise wrong(f"{said!r} is no id: letters, digits, '-', '_' and '.', at most 64")
    return said


def _name_of_cast(said: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][\w-]{0,63}", said, re.ASCII):
        raise wrong(f"{said!r} is no name for an actor: a letter, then letters, digits, '-' and '_', at most 64")
    return said


Text = Annotated[str, BeforeValidator(_text, json_schema_input_type=str)]
Country = Annotated[Text, AfterValidator(_country), Field(json_schema_extra={"x-meetingsim": "country"})]
CountryOrGroup = Annotated[
    Text, AfterValidator(_country_or_group), Field(json_schema_extra={"x-meetingsim": "country_or_group"})
]
Issue = Annotated[Text, AfterValidator(_issue), Field(json_schema_extra={"enum": list(ISSUES)})]
Identifier = Annotated[Text, AfterValidator(_identifier)]
CastName = Annotated[Text, AfterValidator(_name_of_cast)]


class Word(str):
    """A text that the checks of the whole scenario have to do with; ``what`` says how."""

    __slots__ = ("what",)
    what: str

    @classmethod
    def of(cls, text: str, what: str) -> Word:
        """The same text, marked."""
        word = cls(text)
        word.what = what
        return word


class Marked:
    """Makes a text a Word."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_after_validator_function(lambda said: Word.of(said, self.what), handler(source))


Fact = Annotated[Text, Field(max_length=1_000, description="FACT, or FACT where PREDICATE"), Marked("fact")]
Condition = Annotated[Text, Field(max_length=1_000, description="A predicate over the meeting"), Marked("condition")]
FactOrCondition = Annotated[Text, Field(max_length=1_000, description="A fact or a condition"), Marked("either")]
People = Annotated[Text, Marked("people"), Field(description="An actor, a group, or part of one: crowd[0:10]")]
Somebody = Annotated[Text, Field(description="Somebody of the cast, or event.participant"), Marked("somebody")]
Addressee = Annotated[Text, Field(description="everyone, hosts, or somebody"), Marked("addressee")]
FromEvent = Annotated[Text, Field(description="A field of the fact: event.message"), Marked("event")]

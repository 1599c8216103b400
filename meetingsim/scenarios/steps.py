"""What anybody of a scenario can do: every command, made out of the control table, and what only a scenario can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, GetJsonSchemaHandler, StrictBool, StrictInt, create_model, model_validator
from pydantic_core import CoreSchema

from meetingsim.scenarios.generated import shape_of
from meetingsim.scenarios.quantities import Duration
from meetingsim.scenarios.shape import KEY, OneOrMany, Shape, Short, all_wrong, listed, nearest, wrong
from meetingsim.scenarios.vocabulary import COMMANDS
from meetingsim.scenarios.words import Addressee, Country, FromEvent, People, Somebody, Text

MADE_UP = frozenset({"on", "up", "text", "kind", "n", "name", "room", "session", "epoch", "after"})
"""Fields that need not be said: a switch is turned on, a text is made up, a session is the one last had."""
_TARGETS = ("participant", "participants")


class Join(Shape):
    """Come to the meeting; what is not said is as the cast has it."""

    name: Text | None = None
    passcode: Text | None = None
    ticket: Text | None = None
    device: Text | None = None
    country: Country | None = None
    header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}: .{1,200}$")] | None = None


class Rejoin(Shape):
    """Come again: as the last time, with what is said here otherwise."""

    with_: Literal["same-ticket", "new-name", "new-device", "new-address"] | None = Field(None, alias="with")
    country: Country | None = None
    via: Literal["vpn", "ipv6-mapped"] | None = None
    header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}: .{1,200}$")] | None = None


class Roam(Short):
    """Change the address in mid-session: the connection drops and goes on from another country."""

    main: ClassVar[str] = "country"
    country: Country


class Disconnect(Short):
    """Lose the connection, for a time or for good."""

    main: ClassVar[str] = "for"
    for_: Duration | None = Field(None, alias="for")


class Attendance(Short):
    """Note who of a group is there, for the report of the run."""

    main: ClassVar[str] = "group"
    group: People


class PostLink(Short):
    """The join link is posted where others find it."""

    main: ClassVar[str] = "site"
    site: Text


class Server(Shape):
    """What happens to the server itself."""

    crash: StrictBool
    downtime: Duration = Duration(0)


_TYPES: Mapping[str, Any] = {
    "participant": Somebody,
    "participants": Annotated[tuple[Somebody, ...], OneOrMany()],
    "to": Addressee,
    "message": FromEvent,
    "if_seq": StrictInt | FromEvent,
    "up_to": StrictInt | FromEvent,
}
_OWN: Mapping[str, type[Shape]] = {
    "join": Join,
    "rejoin": Rejoin,
    "roam": Roam,
    "disconnect": Disconnect,
    "attendance": Attendance,
    "post_link": PostLink,
    "server": Server,
}
NOBODYS = frozenset({"attendance", "post_link", "server"})
"""Steps that no person does: they stand without ``who``."""


class _Targeted(Shape):
    """A command about somebody: one, or each of a group that is there."""

    def fits(self) -> None:
        said = [name for name in (*_TARGETS, "group") if getattr(self, name, None) is not None]
        if len(said) > 1:
            raise wrong(f"say only one of {listed(said)}")
        names = [name for name in _TARGETS if name in self.__class__.model_fields]
        if not said and self.__class__.needs_target:
            raise wrong(f"say {listed([*names, 'group'])}")

    needs_target: ClassVar[bool] = True


def _step(name: str) -> type[Shape]:
    if name in _OWN:
        return _OWN[name]
    command = COMMANDS[name]
    more: dict[str, Any] = {}
    for field in fields(command):
        optional = field.default is not MISSING or field.default_factory is not MISSING or field.name in MADE_UP
        if field.name in _TYPES:
            optional = optional or field.name in _TARGETS
            kind = _TYPES[field.name]
            more[field.name] = (kind | None if optional else kind, None if optional else ...)
        elif field.name in MADE_UP and field.default is MISSING:
            more[field.name] = (_made_up(command, field.name), None)
    target = next((field for field in fields(command) if field.name in _TARGETS), None)
    if target is not None:
        more["group"] = (People | None, None)
    made: type[Shape] = shape_of(
        command, _camel(name), needed=True, more=more, base=_Targeted if target is not None else Shape
    )
    if target is not None:
        made.needs_target = target.default is MISSING  # type: ignore[attr-defined]  # a _Targeted
    return made


def _made_up(command: Any, field: str) -> Any:
    if field in {"on", "up"}:
        return StrictBool | None
    if field in {"n", "after"}:
        return Annotated[StrictInt, Field(ge=0)] | None
    if command.type == "media":
        return Literal["audio", "video", "share"] | None
    return Text | None


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


STEPS: Mapping[str, type[Shape]] = {name: _step(name) for name in dict.fromkeys([*COMMANDS, *_OWN])}
"""Every step by its word, with the shape of what it takes."""


def stands_alone(name: str) -> bool:
    """Whether a step may be written as its word alone, or drawn by ``pick``."""
    shape = STEPS[name]
    needed = any(field.is_required() for field in shape.model_fields.values())
    return not needed and not (issubclass(shape, _Targeted) and shape.needs_target)


ALONE = tuple(name for name in STEPS if stands_alone(name))


class OneWord(Shape):
    """One step: a mapping of one word to what it takes, or the word alone."""

    @model_validator(mode="before")
    @classmethod
    def _one_word(cls, said: Any) -> Any:
        if isinstance(said, str):
            return _alone(said)
        if not isinstance(said, Mapping):
            return said
        if len(said) != 1:
            raise wrong("a step is one word; several steps are a list")
        word, value = next(iter(said.items()))
        if word != "pick" and word not in STEPS:
            raise all_wrong("Step", [((str(word), KEY), _no_step(word), None)])
        return _alone(word) if value is None else said

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        whole = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [{"enum": list(ALONE)}, {**whole, "minProperties": 1, "maxProperties": 1}]}

    @property
    def word(self) -> str:
        """The step's word; ``pick`` for a drawn one."""
        return next(iter(self.model_fields_set))

    @property
    def value(self) -> Any:
        """What the word takes: its shape, or the weights of a pick."""
        return getattr(self, self.word)


def _alone(word: str) -> dict[str, Any]:
    if word not in STEPS:
        raise wrong("pick takes steps with their weights" if word == "pick" else _no_step(word))
    if word not in ALONE:
        raise wrong(f"{word} cannot stand alone: say {{{word}: {{{_takes(word)}}}}}")
    return {word: {}}


def _no_step(word: object) -> str:
    return f"there is no step {word!r}{nearest(word, ['pick', *STEPS])}"


def _takes(name: str) -> str:
    shape = STEPS[name]
    needed = [field.alias or one for one, field in shape.model_fields.items() if field.is_required()]
    if issubclass(shape, _Targeted) and shape.needs_target:
        needed.insert(0, "participant")
    return ", ".join(f"{one}: …" for one in needed)


def _weights(said: Any) -> Any:
    if not isinstance(said, Mapping) or not said:
        raise wrong("pick takes steps with their weights: {chat: 4, set_video: 1}")
    faults: list[tuple[tuple[str | int, ...], str, int | None]] = []
    for word, weight in said.items():
        if word not in STEPS:
            faults.append(((str(word), KEY), _no_step(word), None))
        elif word not in ALONE:
            faults.append(((word, KEY), f"{word} cannot be drawn: it needs {_takes(word)}", None))
        elif isinstance(weight, bool) or not isinstance(weight, int) or not 0 < weight <= 1_000_000:
            faults.append(((word,), f"a weight is a whole number from 1 up, not {weight!r}", None))
    if faults:
        raise all_wrong("pick", faults)
    return dict(said)


class _Weights:
    """Marks the weights of a pick; all that is wrong with them is said at once."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(_weights)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        weights = {name: {"type": "integer", "minimum": 1} for name in ALONE}
        return {"type": "object", "properties": weights, "additionalProperties": False, "minProperties": 1}


_PICK: Any = (Annotated[dict[str, int], _Weights()] | None, Field(None, description="One of these, by weight."))
_FIELDS: Any = {name: (shape | None, Field(None, description=shape.__doc__)) for name, shape in STEPS.items()}
Step: Any = create_model(
    "Step",
    __base__=OneWord,
    __doc__=OneWord.__doc__,
    pick=_PICK,
    **_FIELDS,
)
Do = Annotated[tuple[Step, ...], OneOrMany(), Field(min_length=1, max_length=100)]

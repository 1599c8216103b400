"""What all parts of a scenario share: strict shapes, errors that say where in the file they are, and "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, ValidationError, ValidationInfo, model_validator
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

Path = tuple[str | int, ...]
KEY = "[key]"
"""The last step of a path that means the word before the colon, not the value after it; pydantic's own sign."""


def nearest(word: object, words: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` where one of the words is close, else nothing."""
    if not isinstance(word, str):
        return ""
    by_lower = {one.lower(): one for one in words}
    close = get_close_matches(word[:64].lower(), by_lower, n=1)
    return f" (did you mean {by_lower[close[0]]!r}?)" if close else ""


def wrong(said: str, offset: int | None = None) -> PydanticCustomError:
    """An error in the words of the language; ``offset`` counts characters from the start of the value."""
    return PydanticCustomError("wrong", "{said}", {"said": said, "offset": offset})


def all_wrong(
    title: str, faults: Iterable[tuple[Path, str, int | None]], kind: Literal["wrong", "senseless"] = "wrong"
) -> ValidationError:
    """Several errors at once, each with its place below the value that is being read."""
    return ValidationError.from_exception_data(
        title,
        [
            InitErrorDetails(
                type=PydanticCustomError(kind, "{said}", {"said": said, "offset": offset}), loc=path, input=None
            )
            for path, said, offset in faults
        ],
    )


class Shape(BaseModel):
    """A part of a scenario: frozen, and a word that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _known_words(cls, said: Any) -> Any:
        if not isinstance(said, Mapping):
            return said
        unknown = [word for word in said if word not in cls.model_fields and word not in cls.words()]
        if unknown:
            raise all_wrong(
                cls.__name__,
                [((str(word), KEY), f"unknown word {word!r}{nearest(word, cls.words())}", None) for word in unknown],
            )
        return said

    @model_validator(mode="after")
    def _fits_together(self, info: ValidationInfo) -> Self:
        if not (info.context or {}).get("lenient"):
            try:
                self.fits()
            except PydanticCustomError as error:
                raise PydanticCustomError("unfit", "{said}", error.context) from None
        return self

    def fits(self) -> None:
        """Raises an error where the fields, each right by itself, do not fit each other."""

    @classmethod
    def words(cls) -> list[str]:
        """The words as they are written in a file."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    def said(self) -> dict[str, Any]:
        """What was set, by the words of the file."""
        return {
            self.__class__.model_fields[name].alias or name: getattr(self, name)
            for name in self.__class__.model_fields
            if name in self.model_fields_set
        }


class Short(Shape):
    """A shape that may also be written as its one main value: ``attendance: students``."""

    main: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _spell_out(cls, said: Any) -> Any:
        return said if isinstance(said, Mapping | Shape) or said is None else {cls.main: said}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        whole = handler.resolve_ref_schema(handler(schema))
        main = whole.get("properties", {}).get(cls.main, {})
        return {"anyOf": [{**whole}, {name: value for name, value in main.items() if name != "default"}]}


def one_of(shape: Shape, *names: str, needed: bool = True) -> None:
    """Raises an error unless exactly one of these (or at most one) was said."""
    said = [name for name in names if getattr(shape, name) is not None]
    words = [shape.__class__.model_fields[name].alias or name for name in names]
    if len(said) > 1:
        raise wrong(f"say only one of {listed(words)}")
    if needed and not said:
        raise wrong(f"say {listed(words)}")


def listed(words: Sequence[str], last: str = "or") -> str:
    """``a, b or c``."""
    return " ".join([", ".join(words[:-1]), last, words[-1]]) if len(words) > 1 else "".join(words)


class OneOrMany:
    """Marks a tuple that may be written without the brackets where it has one item."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(_as_list, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}


def _as_list(said: Any) -> Any:
    return said if isinstance(said, list | tuple) else [said]

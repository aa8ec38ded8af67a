"""Fields of the parameter forms: checked values with a name and a hint in every language."""

import json
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from omf.texts import LANGUAGES, Text, text, verbatim
from omf.topics.catalogue import address

Colour = Literal["RED", "WHITE", "BLUE"]


class Form(BaseModel):
    """Base of every parameter model: frozen, and a name nobody knows is an error, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    word: ClassVar[Text | None] = None
    """The word to type into `confirm`, in the language of who types; None: none is asked for."""

    @property
    def word_needed(self) -> bool:
        """True if the word must be typed for these very values."""
        return self.word is not None

    @property
    def confirmed(self) -> bool:
        """True if the word stands there, in whichever language."""
        return self.word is not None and getattr(self, "confirm", "") in self.word.each


class Labels:
    """What a field is called and what to enter; puts both into the JSON schema, by language."""

    def __init__(self, title: Text, hint: Text, *, emptied: bool = False) -> None:
        """`emptied`: an empty text is a value, and not a field that is left out."""
        self.title, self.hint, self.emptied = title, hint, emptied

    def __call__(self, schema: JsonDict) -> None:
        """Add them to the schema of the field."""
        schema["title"] = self.title.en
        schema.update({f"title_{one}": self.title.in_(one) for one in LANGUAGES})
        schema.update({f"hint_{one}": self.hint.in_(one) for one in LANGUAGES})
        if self.emptied:
            schema["emptied"] = True


def field(label: str, default: Any = ..., *, hint: str | Text = "", emptied: bool = False) -> Any:
    """A form field with the key of its label, and of a hint that says what to enter.

    `emptied`: an empty text takes something away, where otherwise it is as good as left out.
    """
    told = hint if isinstance(hint, Text) else text(hint) if hint else verbatim("")
    return Field(default, json_schema_extra=Labels(text(label), told, emptied=emptied))


def confirmation(word: Text, hint: str = "hint.type_word") -> Any:
    """The field a confirming word is typed into; the hint may say for which values only."""
    return field("plan.confirmation", "", hint=text(hint, word=word))


def _from_text(value: Any) -> Any:
    """JSON text as its value: the command line can only hand over text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise PydanticCustomError(
            "json_invalid", "not JSON: {flaw}", {"flaw": str(error)}
        ) from error


def split_list(value: Any) -> Any:
    """A text with commas as the list it means."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _device(value: str) -> str:
    """A name that can stand in a topic as a device's."""
    try:
        address("module_state", serial=value)
    except (KeyError, ValueError) as error:
        raise PydanticCustomError("device_name", "{flaw}", {"flaw": str(error.args[0])}) from error
    return value


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
"""Order id, action id, node id, name of a module type."""
Serial = Annotated[Id, AfterValidator(_device)]
"""Serial number of a device."""
Bay = Annotated[str, StringConstraints(min_length=1, max_length=32)]
"""Load position on a vehicle, by the vehicle's name for it; resolving asks whether it has one."""
WorkpieceId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{14}$")]
"""NFC tag: 14 hex digits (PROTOCOL A.3)."""
Ids = Annotated[tuple[Id, ...], BeforeValidator(split_list), Field(min_length=1, max_length=100)]
Names = Annotated[tuple[Id, ...], BeforeValidator(split_list), Field(min_length=1, max_length=20)]
JsonObject = Annotated[dict[str, Any], BeforeValidator(_from_text)]
JsonList = Annotated[tuple[dict[str, Any], ...], BeforeValidator(_from_text), Field(max_length=500)]
Seconds = Annotated[int, Field(ge=1, le=600)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Word = Annotated[str, StringConstraints(max_length=32)]
"""Something typed to confirm."""

"""The kinds of commands as the command line offers and checks them."""

import sys
from typing import Any

import typer

from omf.commands import CONTROLS, KINDS, CommandError, Kind, kind_of, parameters_of
from services.cli import rows
from services.cli.output import data, say, show, usage


def named(given: list[str]) -> dict[str, Any]:
    """The parameters as they were typed; what is no NAME=value ends the command as wrong usage."""
    pairs = [item.partition("=") for item in given]
    if wrong := [item for item, (_, equals, _) in zip(given, pairs, strict=True) if not equals]:
        usage(f"{wrong[0]!r} is no NAME=value.")
    return {key: value for key, _, value in pairs}


def checked(name: str, parameters: dict[str, Any]) -> Kind:
    """The kind that takes these parameters; wrong ones end the command as wrong usage."""
    try:
        kind = kind_of(name)
        parameters_of(kind, parameters)
    except CommandError as error:
        about = f"{error.field}: " if error.field else ""
        usage(f"{about}{rows.words(error)}. `omf send --list` shows the kinds.")
    return kind


def confirmed(kind: Kind, parameters: dict[str, Any], *, yes: bool) -> dict[str, Any]:
    """The parameters with what confirms a dangerous command; without it, wrong usage."""
    form = parameters_of(kind, parameters)
    word = rows.words(form.word) if form.word and form.word_needed else ""
    if word and form.confirmed:
        return parameters
    if not (word or kind.risk == "dangerous"):
        return parameters
    if not yes and not _typed(kind, word):
        usage(f"{kind.name} is dangerous: confirm it with --yes{_or(word)}.")
    return {**parameters, "confirm": word} if word else parameters


def show_kinds(*, as_json: bool) -> None:
    """Every kind with its parameters."""
    for kind in (*KINDS.values(), *CONTROLS.values()):
        schema = kind.parameters.model_json_schema()
        if as_json:
            row = {"kind": kind.name, "risk": kind.risk, "role": kind.role, "parameters": schema}
            data(row | {"title": kind.title.to_dict(), "summary": kind.summary.to_dict()})
            continue
        show(f"{kind.name:<22} {rows.words(kind.title)} ({kind.risk}, {kind.role})")
        for name, field in schema.get("properties", {}).items():
            show(f"    {name}={_accepts(field)}{_needed(name, schema, field)}")


def _typed(kind: Kind, word: str) -> bool:
    """Ask the person at the terminal; a script is never asked."""
    if not (word and sys.stdin.isatty()):
        return False
    say(rows.words(kind.summary))
    answer: str = typer.prompt(f"Type {word} to send it", default="", show_default=False, err=True)
    return answer == word


def _or(word: str) -> str:
    return f" or confirm={word}" if word else ""


def _accepts(field: dict[str, Any]) -> str:
    """The values of a parameter in short."""
    options = [field, *field.get("anyOf", [])]
    for option in options:
        if "enum" in option:
            return "|".join(map(str, option["enum"]))
        if "const" in option:
            return str(option["const"])
    kinds = [option["type"] for option in options if option.get("type") not in (None, "null")]
    return kinds[0] if kinds else "value"


def _needed(name: str, schema: dict[str, Any], field: dict[str, Any]) -> str:
    if name in schema.get("required", ()):
        return ""
    default = field.get("default")
    return " (optional)" if default in (None, "", []) else f" (else {default})"

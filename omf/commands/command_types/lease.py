"""The control lease: who leads a factory for a while, so that two people never steer it at once.

Nothing of this goes to the factory. Where a factory requires the lease, `risky` kinds are refused
to everybody but its holder; taking and asking is open to all who may command at all.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from omf.commands.command_types.brackets import no_message
from omf.commands.command_types.factory import Nothing
from omf.commands.forms import Form, Text, field
from omf.commands.schemas import Kind

LEASE_EXPIRY_S = 10.0
DEFAULT_MINUTES = 15
"""Whoever leaves without a word blocks the others no longer than that."""
MAX_MINUTES = 60
Minutes = Annotated[int, Field(ge=1, le=MAX_MINUTES)]
Person = Annotated[str, StringConstraints(max_length=64)]


class TakeControl(Form):
    """For how long."""

    minutes: Minutes = field("Dauer in Minuten", "Duration in minutes", DEFAULT_MINUTES)


class HandOver(Form):
    """To whom."""

    to: Person = field(
        "An wen",
        "To whom",
        "",
        hint=("leer: wer darum gebeten hat", "empty: who asked for it"),
    )
    minutes: Minutes = field("Dauer in Minuten", "Duration in minutes", DEFAULT_MINUTES)


def _kind(name: str, title: Text, summary: Text, parameters: type[Form]) -> Kind:
    return Kind(
        name=name,
        title=title,
        summary=summary,
        parameters=parameters,
        build=no_message,
        interlocks=(),
        risk="normal",
        role="operator",
        expiry_s=LEASE_EXPIRY_S,
        once=True,
        moves=False,
        source="",
    )


KINDS = (
    _kind(
        "control-take",
        Text(de="Führung übernehmen", en="Take control"),
        Text(
            de="Führt die Fabrik eine Weile allein; wer schon führt, verlängert.",
            en="Leads the factory alone for a while; who leads already goes on longer.",
        ),
        TakeControl,
    ),
    _kind(
        "control-release",
        Text(de="Führung abgeben", en="Release control"),
        Text(de="Von jetzt an führt niemand.", en="From now on nobody leads."),
        Nothing,
    ),
    _kind(
        "control-request",
        Text(de="Um die Führung bitten", en="Ask for control"),
        Text(
            de="Wer führt, sieht die Bitte und kann übergeben.",
            en="Whoever leads sees the wish and may hand over.",
        ),
        Nothing,
    ),
    _kind(
        "control-hand-over",
        Text(de="Führung übergeben", en="Hand control over"),
        Text(
            de="Wer darum bat oder genannt wird, führt von jetzt an.",
            en="Who asked for it, or is named, leads from now on.",
        ),
        HandOver,
    ),
)

"""Raw material: a purchase is entered and withdrawn by a person; storage orders close it.

The factory hears nothing of it; it knows no purchase.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from omf.commands.command_types.brackets import no_message
from omf.commands.forms import Colour, Form, Id, field
from omf.commands.schemas import Kind
from omf.texts import text

PURCHASE_ENTER = "purchase-enter"
PURCHASE_WITHDRAW = "purchase-withdraw"
PURCHASE_EXPIRY_S = 60.0
MAX_PURCHASE_NOTE = 200


class PurchaseForm(Form):
    """Pieces of one colour that were ordered."""

    colour: Colour = field("field.colour")
    amount: Annotated[int, Field(ge=1, le=99)] = field("field.purchase_amount", 1)
    note: Annotated[str, StringConstraints(max_length=MAX_PURCHASE_NOTE)] = field(
        "field.purchase_note", "", hint="hint.purchase_note"
    )


class OnePurchase(Form):
    """A purchase by its id, or the beginning of it."""

    purchase: Id = field("field.purchase", hint="hint.see_omf_purchases")


def _kind(name: str, form: type[Form], *, holds_back: bool = False) -> Kind:
    return Kind(
        name=name,
        title=text(f"kind.{name}"),
        summary=text(f"kind.{name}.summary"),
        parameters=form,
        build=no_message,
        interlocks=(),
        risk="normal",
        role="operator",
        expiry_s=PURCHASE_EXPIRY_S,
        once=True,
        moves=False,
        holds_back=holds_back,
        source="",
    )


KINDS = (
    _kind(PURCHASE_ENTER, PurchaseForm),
    _kind(PURCHASE_WITHDRAW, OnePurchase, holds_back=True),
)

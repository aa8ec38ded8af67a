"""Raw material: a purchase is entered and withdrawn by a person; storage orders close it.

The factory hears nothing of it; it knows no purchase.
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from omf.commands.command_types.brackets import act_of_orders
from omf.commands.forms import Colour, Form, Id, field

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


KINDS = (
    act_of_orders(PURCHASE_ENTER, PurchaseForm, PURCHASE_EXPIRY_S),
    act_of_orders(PURCHASE_WITHDRAW, OnePurchase, PURCHASE_EXPIRY_S, holds_back=True),
)

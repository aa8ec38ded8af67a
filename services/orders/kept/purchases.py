"""Owner of the purchases: enters and withdraws them, and closes them as storage orders end."""

import logging

from omf.commands.command_types.purchases import PURCHASE_ENTER, PurchaseForm
from omf.purchases.account import Purchase, PurchaseAccount
from services.common.process.failpoint import failpoint
from services.common.store.keys import Command, Reason
from services.common.store.purchases import PURCHASES, read_purchases
from services.orders.decision import Decision, View
from services.orders.kept import kept_reasons
from services.orders.kept.owner import KeptOwner
from services.orders.repository import Kept

MAX_OPEN_PURCHASES = 50
"""Of one colour."""

_log = logging.getLogger(__name__)


class PurchaseKeeper(KeptOwner[PurchaseAccount]):
    """The only writer of purchases."""

    async def _wanted(
        self, command: Command, decision: Decision, view: View
    ) -> PurchaseAccount | Reason:
        given = decision.plan.parameters if decision.plan else {}
        accounts = await read_purchases(self._bus)
        if command.kind == PURCHASE_ENTER:
            form = PurchaseForm.model_validate(given)
            known = next((one for one in accounts if one.colour == form.colour), None)
            account = known or PurchaseAccount(colour=form.colour)
            if len(account.open) >= MAX_OPEN_PURCHASES:
                return kept_reasons.too_many_purchases(MAX_OPEN_PURCHASES)
            return account.entered(_purchase(command, form, view.now))
        wanted = str(given.get("purchase", ""))
        for account in accounts:
            if (purchase := account.find(wanted)) is not None:
                return account.withdrawn(purchase, command.operator, view.now)
        return kept_reasons.no_purchase(wanted)

    def _done(self, command: Command, found: PurchaseAccount) -> Reason:
        entering = command.kind == PURCHASE_ENTER
        purchase = found.open[-1] if entering else found.ended[0]
        return kept_reasons.purchase_changed_by(command.kind, purchase)

    def _kept(self, found: PurchaseAccount) -> Kept:
        # An account never ends, so nothing is ever put among those that did.
        where, body = (PURCHASES, PURCHASES), found.model_dump_json()
        return Kept(where, found.colour, found.revision, body, ended=False)

    async def tick(self) -> None:
        """Every second: what has come in closes what was ordered."""
        accounts = [one for one in await read_purchases(self._bus) if one.open]
        if not accounts:
            return
        state = (await self._view.latest()).state
        for account in accounts:
            after = account.closed_by(state.orders.values())
            if after is account:
                continue
            # Several that came at once are one step of the account as it is stored.
            after = after.but(revision=account.revision + 1)
            failpoint("orders.before_purchase")
            if await self._advanced(after):
                _log.info("a purchase of %s was brought in: %s", after.colour, after.counted[-1])


def _purchase(command: Command, form: PurchaseForm, now: float) -> Purchase:
    return Purchase(
        **form.model_dump(), id=command.command_id, operator=command.operator, created_at=now
    )

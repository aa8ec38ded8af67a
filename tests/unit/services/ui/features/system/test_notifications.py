"""System, notifications: who is told now, which address fails, what is wrong with the file."""

import pytest

from omf.texts import text, verbatim
from services.common.store.notification_status import (
    AddressStatus,
    NotificationStatus,
    ReceiverStatus,
)
from tests.support.ui_pages import NOW, Pages, listed

WORDS = {
    "de": ("Empfängerdatei hat einen Fehler", "lehnt ab (HTTP 401)", "kein Dienst", "niemand"),
    "en": ("The file of receivers has a fault", "refused it (HTTP 401)", "off duty", "Nobody"),
    "fr": ("a une erreur", "refuse (HTTP 401)", "pas de service", "Personne"),
}


def _receiver(name: str, *, on_duty: bool = True, why: str = "") -> ReceiverStatus:
    refused = text("notification_fault.refused", status=why) if why else None
    since = NOW - 60 if why else None
    address = AddressStatus(name=f"{name}/mail", why=refused, failing_since=since, waiting=2)
    return ReceiverStatus(
        name=name,
        on_duty=on_duty,
        quiet=False,
        after_minutes=0 if on_duty else 15,
        least_priority=2,
        addresses=(address,),
    )


@pytest.mark.parametrize("language", WORDS)
async def test_each_address_says_how_it_does_and_what_is_wrong_is_named(
    pages: Pages, language: str
) -> None:
    fault, refused, off_duty, nobody = WORDS[language]
    pages.language(language)
    pages.models["mock"].notifications = NotificationStatus(
        at=NOW,
        receivers=(_receiver("anna", why="401"), _receiver("bert", on_duty=False)),
        fault=verbatim("line 3"),
        nobody=True,
    )
    await pages.user.open("/mock/system/notifications")
    rows = {row["id"]: row for row in listed(pages)}
    assert refused in rows["anna/mail"]["wrong"]
    assert rows["anna/mail"]["failing"]
    assert (rows["anna/mail"]["address"], rows["anna/mail"]["waiting"]) == ("mail", "2")
    assert rows["bert/mail"]["now"].startswith(off_duty)
    assert "15" in rows["bert/mail"]["now"]
    for words in (fault, nobody, "line 3", "anna/mail"):
        await pages.user.should_see(words)


async def test_without_receivers_it_says_so(pages: Pages) -> None:
    pages.language("en")
    await pages.user.open("/mock/system/notifications")
    await pages.user.should_see("Nobody is told outside")


async def test_a_service_that_fell_silent_is_told(pages: Pages) -> None:
    pages.language("en")
    pages.models["mock"].notifications = NotificationStatus(at=NOW - 600)
    await pages.user.open("/mock/system/notifications")
    await pages.user.should_see("nobody is told now")

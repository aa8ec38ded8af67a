"""What a notification says, in each language."""

from omf.notifications.decision import AlarmNotice, AlarmPhase
from omf.notifications.wording import MAX_NOTICES_LISTED, NotificationPlace, notification_of
from omf.texts import text

PLACE = NotificationPlace("live", "de", "Europe/Berlin", "https://omf.example:8080/")


def _notice(phase: AlarmPhase = AlarmPhase.RAISED, number: int = 0) -> AlarmNotice:
    return AlarmNotice(
        receiver="anna",
        alarm=f"device-silent:HBW {number}&",
        phase=phase,
        raised_at=0.0,
        at=1_767_600_000.0 + number,
        priority=3,
        severity="communication",
        text=text("alarm.device-silent", device=f"HBW{number}", limit=40),
        action=text("alarm.device-silent.action", device=f"HBW{number}", limit=40),
        who="bert",
    )


def test_one_alarm_says_what_to_do_and_leads_to_it() -> None:
    said = notification_of([_notice()], PLACE)
    assert said.title.startswith("OMF live: ")
    assert "HBW0" in said.title
    assert "2026-01-05 09:00:00" in said.body, "the time of the receivers"
    assert "Netz" in said.body
    link = "https://omf.example:8080/live/alarms/active?alarm=device-silent%3AHBW+0%26"
    assert said.body.splitlines()[1] == link, "before what a provider may cut"
    assert said.link == link


def test_each_language_says_it_its_own_way() -> None:
    said = {
        lang: notification_of([_notice(AlarmPhase.OVER)], PLACE._replace(language=lang)).title
        for lang in ("de", "en", "fr")
    }
    assert len(set(said.values())) == 3
    assert "vorbei" in said["de"]
    assert "over" in said["en"]
    assert "terminé" in said["fr"]


def test_who_acknowledged_is_named() -> None:
    assert "bert" in notification_of([_notice(AlarmPhase.ACKNOWLEDGED)], PLACE).title


def test_several_are_one_list_with_the_newest_and_how_many_more() -> None:
    said = notification_of([_notice(number=n) for n in range(MAX_NOTICES_LISTED + 5)], PLACE)
    assert str(MAX_NOTICES_LISTED + 5) in said.title
    assert "HBW4 " not in said.body
    assert "HBW24 " in said.body
    assert "5 weitere" in said.body
    assert said.link == "https://omf.example:8080/live/alarms/active"


def test_without_an_address_of_the_pages_there_is_no_link() -> None:
    said = notification_of([_notice()], PLACE._replace(pages=""))
    assert said.link == ""
    assert "http" not in said.body

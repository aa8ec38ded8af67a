"""`python -m services.notifications --check`: who would be told now, or what is wrong."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from services.common.process import clock
from services.notifications.check import check
from services.notifications.settings import NotificationSettings

FILE = """\
calendars: {shift: shift.ics}
receivers:
  - {name: anna, environments: [mock], on_duty: shift, addresses: [{name: hook, url: hook}]}
  - {name: master, environments: [mock], after_minutes: 15, addresses: [{name: web, web_push: m}]}
  - {name: other, addresses: [{name: web, web_push: m}]}
"""
CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//omf//test//EN
BEGIN:VEVENT
UID:one
DTSTART:{begin}
DTEND:{end}
SUMMARY:Anna
END:VEVENT
END:VCALENDAR
"""


def _checked(folder: Path, *, source: str = FILE, from_now_h: float = -1) -> tuple[int, str]:
    begin = datetime.fromtimestamp(clock.now(), UTC) + timedelta(hours=from_now_h)
    times = [f"{at:%Y%m%dT%H%M%SZ}" for at in (begin, begin + timedelta(hours=2))]
    calendar = CALENDAR.format(begin=times[0], end=times[1])
    (folder / "shift.ics").write_text(calendar, "utf-8")
    (folder / "urls").write_text("hook json://user:geheim@localhost\n", "utf-8")
    (folder / "receivers.yaml").write_text(source, "utf-8")
    settings = NotificationSettings(
        environment="mock",
        notifications=folder / "receivers.yaml",
        notifications_urls=folder / "urls",
    )
    out = StringIO()
    code = check(settings, out)
    assert "geheim" not in out.getvalue()
    return code, out.getvalue()


def test_who_is_on_duty_would_be_told(tmp_path: Path) -> None:
    code, said = _checked(tmp_path)
    assert code == 0
    anna, master = said.splitlines()
    assert anna.startswith("anna: would be told now")
    assert "after 15 min" in master


def test_a_gap_in_the_rota_is_named(tmp_path: Path) -> None:
    code, said = _checked(tmp_path, from_now_h=1)
    assert code == 0
    assert "anna: is not on duty" in said
    assert "nobody would be told" in said


@pytest.mark.parametrize(
    ("source", "word"),
    [("receivers: nobody\n", "line 1"), (FILE.replace("shift.ics", "none.ics"), "none.ics")],
)
def test_a_fault_is_named_and_is_an_exit_code(tmp_path: Path, source: str, word: str) -> None:
    code, said = _checked(tmp_path, source=source)
    assert code == 2
    assert word in said


def test_without_a_file_it_says_that_nobody_is_told() -> None:
    out = StringIO()
    assert check(NotificationSettings(environment="mock"), out) == 0
    assert "nobody" in out.getvalue()

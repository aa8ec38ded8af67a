"""The file of receivers: what it may say, and how each fault is named."""

from datetime import UTC, datetime

import pytest

from omf.notifications.receivers import ReceiversFile
from omf.yaml_files import YamlFileError, read_yaml

ANNA = """\
timezone: Europe/Berlin
calendars: {shift: shift.ics}
receivers:
  - name: anna
    language: de
    addresses:
      - {name: mail, url: anna-mail}
      - {name: telephone, web_push: anna}
    on_duty: shift
    quiet: {from: 22:00, until: "06:00"}
  - name: Boss
    least_priority: 1
    environments: [live, mock]
    addresses: [{name: sms, url: boss}]
    after_minutes: 15
"""


def _at(hour: int, minute: int = 0) -> float:
    return datetime(2026, 1, 5, hour, minute, tzinfo=UTC).timestamp()


def test_a_right_file_says_who_listens_when() -> None:
    file = read_yaml(ANNA, ReceiversFile)
    anna, boss = file.at(_at(12), "live", {"shift": frozenset({"anna"})})
    assert (anna.on_duty, anna.quiet, anna.listens) == (True, False, True)
    assert not boss.listens, "only what nobody acknowledges"
    (anna, _) = file.at(_at(12), "live", {"shift": frozenset({"bert"})})
    assert not anna.on_duty
    assert [one.receiver.name for one in file.at(_at(12), "mock", {})] == ["Boss"]


@pytest.mark.parametrize(
    ("hour", "quiet"), [(20, False), (21, True), (23, True), (4, True), (5, False), (12, False)]
)
def test_quiet_hours_pass_midnight_in_the_time_zone_of_the_file(hour: int, *, quiet: bool) -> None:
    (anna, _) = read_yaml(ANNA, ReceiversFile).at(_at(hour), "live", {})
    assert anna.quiet is quiet, "Berlin is an hour ahead in winter"
    assert anna.disturbed_by(1)
    assert anna.disturbed_by(2) is not quiet


def test_an_empty_file_has_no_receivers() -> None:
    assert read_yaml("", ReceiversFile).receivers == ()


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("language: de", "language: ru", 5, "receivers.0.language"),
        ("least_priority: 1", "least_priority: 9", 12, "receivers.1.least_priority"),
        ("least_priority: 1", "least_prio: 1", 12, "receivers.1.least_prio"),
        ("url: anna-mail", "link: x", 7, "receivers.0.addresses.0.link"),
        ("url: anna-mail", "web_push: a, url: b", 7, "web_push"),
        ("name: Boss", "name: ANNA", 1, "anna"),
        ("name: telephone", "name: mail", 4, "mail"),
        ("on_duty: shift", "on_duty: nights", 1, "nights"),
        ("Europe/Berlin", "Mars/Olympus", 1, "Mars/Olympus"),
        ("after_minutes: 15", "after_minutes: .nan", 15, "receivers.1.after_minutes"),
        ("after_minutes: 15", "language: de\n    language: fr", 16, "language"),
        ("from: 22:00", "from: 27:00", 10, "receivers.0.quiet.from"),
        ("receivers:", "receivers: [", 1, "YAML"),
        ("Europe/Berlin", "2026-02-30", 1, "day is out of range"),
        ("Europe/Berlin", "&a [*a]", 1, "recursion"),
        ("environments: [live, mock]", "environments: []", 13, "receivers.1.environments"),
    ],
)
def test_a_fault_is_named_with_its_line(before: str, after: str, line: int, said: str) -> None:
    with pytest.raises(YamlFileError) as found:
        read_yaml(ANNA.replace(before, after), ReceiversFile)
    assert said in str(found.value)
    if "[" not in after or "]" in after:
        assert found.value.faults[0].line == line
    for language in ("de", "en", "fr"):
        assert found.value.text.in_(language)

"""The file of factories: what it may say, and how it is refused."""

import pytest

from omf.factories import DEFAULT_FACTORIES, FactoryKind, read_factories
from omf.yaml_files import YamlFileError

SITE = """\
factories:
  - {name: hall-2, kind: live, title: Halle 2, broker: "mqtt://default@192.168.0.100:1883"}
  - {name: hall-3, kind: live, broker: "mqtts://hall3.example"}
  - name: training
    kind: mock
  - {name: archive, kind: replay}
"""


ALSO_AT_H = "  - {name: b, kind: mock, broker: 'mqtt://me@h:1883'}\n"


def test_a_file_names_factories_in_its_order_with_their_kinds() -> None:
    found = read_factories(SITE)
    assert found.names == ("hall-2", "hall-3", "training", "archive")
    assert (found.usual, found.first(FactoryKind.REPLAY)) == ("training", "archive")
    hall = found.get("hall-2")
    assert hall is not None
    assert (hall.kind, hall.title) == (FactoryKind.LIVE, "Halle 2")
    assert found.get("live") is None


def test_without_a_file_there_are_exactly_the_usual_three() -> None:
    assert DEFAULT_FACTORIES.names == ("live", "mock", "replay")
    assert [one.kind for one in DEFAULT_FACTORIES.factories] == ["live", "mock", "replay"]
    assert DEFAULT_FACTORIES.usual == "mock"


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        (
            "  - {name: a, kind: mock}\n  - {name: b, kind: mock}\n  - {name: a, kind: replay}\n",
            "line 4, factories.2.name: two factories are called a",
        ),
        ("  - {name: a, kind: moon}\n", "line 2, factories.0.kind: is none of the allowed values"),
        ("  - {name: Hall 2, kind: mock}\n", "line 2, factories.0.name: use small letters"),
        ("  - {name: 'a{b}', kind: mock}\n", "line 2, factories.0.name: use small letters"),
        ("  - {name: a--b, kind: mock}\n", "line 2, factories.0.name: use small letters"),
        ("  - {name: 2, kind: mock}\n", "line 2, factories.0.name"),
        (f"  - {{name: {'a' * 33}, kind: mock}}\n", "at most 32 characters"),
        ("  - {name: login, kind: mock}\n", "choose another name than login"),
        ("  - name: a\n    kind: live\n", "line 2, factories.0: the real factory a lacks"),
        (
            "  - name: a\n    kind: live\n    broker: factory\n",
            "line 4, factories.0.broker: not",
        ),
        ("  - {name: a, kind: mock, broker: 'mqtt://h:port'}\n", "use mqtt://host[:port]"),
        (
            "  - {name: a, kind: live, broker: 'mqtt://g,h:1883,i'}\n" + ALSO_AT_H,
            "line 3, factories.1.broker: that is the broker of a too",
        ),
        (
            "  - {name: a, kind: live, broker: 'mqtt://h'}\n" + ALSO_AT_H,
            "line 3, factories.1.broker: that is the broker of a too",
        ),
        ("  - {name: a, kind: mock, brocker: x}\n", "line 2, factories.0.brocker"),
        ("  - {kind: mock}\n", "line 2, factories.0.name"),
        ("  - {name: a, name: b, kind: mock}\n", "line 2"),
        ("  []\n", "line 1, factories"),
    ],
)
def test_what_does_not_fit_is_told_with_line_entry_and_mend(entries: str, told: str) -> None:
    with pytest.raises(YamlFileError) as refused:
        read_factories(f"factories:\n{entries}")
    assert told in str(refused.value)


def test_every_fault_is_said_in_every_language() -> None:
    with pytest.raises(YamlFileError) as refused:
        read_factories("factories:\n  - {name: a, kind: live}\n")
    said = refused.value.text
    assert len({said.in_("de"), said.in_("en"), said.in_("fr")}) == 3


def test_a_password_of_a_broker_is_not_shown() -> None:
    source = "factories:\n  - {name: a, kind: live, broker: 'mqtt://me:secret@h'}\n"
    assert "secret" not in repr(read_factories(source))
    with pytest.raises(YamlFileError) as refused:
        read_factories(source.replace("mqtt://", "http://"))
    assert "secret" not in str(refused.value)

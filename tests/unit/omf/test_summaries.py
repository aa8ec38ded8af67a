"""What a message says in words: by device name, in every language, never a code nor a guess."""

import json
import re
from typing import Any

import pytest

from omf.summaries import meaning
from omf.texts import Text, verbatim
from omf.topics import catalogue
from omf.topics.catalogue import address
from tests.support.examples import EXAMPLES, example
from tests.support.shared import RECORDINGS, recording

DPS, HBW, DRILL, FTS = "SVR4H73275", "SVR3QA0022", "SVR4H76449", "5iO4"
KINDS = {DPS: "DPS", HBW: "HBW", DRILL: "DRILL"}


def _name(serial: str) -> tuple[Text, str | None]:
    if serial == FTS:
        return verbatim(f"FTS {serial}"), None
    return verbatim(KINDS.get(serial, serial)), KINDS.get(serial)


def _means(topic: str, payload: Any) -> tuple[str, str]:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return meaning(topic, raw, _name)


def _state(serial: str, command: str, state: str, **more: Any) -> tuple[str, dict[str, Any]]:
    act = {"id": "a", "command": command, "state": state, **more}
    return address("module_state", serial=serial), {"actionState": act}


@pytest.mark.parametrize(
    ("said", "de", "en"),
    [
        (
            _state(DPS, "DROP", "RUNNING"),
            "DPS: gibt ein neues Werkstück herein, läuft",
            "DPS: lets a new piece in, running",
        ),
        (_state(DRILL, "DRILL", "FINISHED"), "DRILL: hat gebohrt", "DRILL: drilled"),
        (
            _state(DRILL, "PICK", "FAILED"),
            "DRILL: konnte das Werkstück nicht nehmen",
            "DRILL: could not take the piece",
        ),
        (
            _state("AIQS1", "CHECK_QUALITY", "FINISHED", result="FAILED"),
            "AIQS1: geprüft, Qualität nicht in Ordnung",
            "AIQS1: checked, quality not OK",
        ),
        (
            (address("module_connection", serial=HBW), {"connectionState": "CONNECTIONBROKEN"}),
            "HBW: Verbindung verloren",
            "HBW: connection lost",
        ),
        (
            (
                address("module_order", serial=HBW),
                {
                    "orderId": "o",
                    "action": {"id": "a", "command": "DROP", "metadata": {"type": "WHITE"}},
                },
            ),
            "HBW: soll auslagern, Weiß",
            "HBW: is to give out, White",
        ),
        (
            (address("fts_state", serial=FTS), {"lastNodeId": HBW, "driving": False}),
            "FTS 5iO4: steht an HBW",
            "FTS 5iO4: stands at HBW",
        ),
        (
            (address("fts_state", serial=FTS), {"lastNodeId": "UNKNOWN", "driving": False}),
            "FTS 5iO4: Position unbekannt",
            "FTS 5iO4: position unknown",
        ),
        (
            (
                address("fts_order", serial=FTS),
                {"orderId": "o", "nodes": [{"id": DPS}, {"id": "2"}, {"id": HBW}], "edges": []},
            ),
            "FTS 5iO4: soll fahren: DPS → HBW",
            "FTS 5iO4: is to drive: DPS → HBW",
        ),
        (
            (address("ccu_order_request"), {"type": "RED", "orderType": "PRODUCTION"}),
            "Produktion Rot",
            "Production Red",
        ),
        ((address("ccu_order_active"), []), "keine Aufträge", "no orders"),
        (
            (address("txt_bme680"), {"t": 21.5, "h": 40}),
            "21,5 °C, 40 %",
            "21.5 °C, 40 %",
        ),
        ((address("ccu_order_active"), b"{"), "unlesbar: kein gültiges JSON", None),
        ((address("module_state", serial=HBW), b""), "HBW: Zustand eines Moduls: gelöscht", None),
        (("somewhere/else", {"a": 1}), "", ""),
        (("somewhere/else", b"\xff"), "", ""),
    ],
)
def test_a_message_says_in_words(said: tuple[str, Any], de: str, en: str | None) -> None:
    told = _means(*said)
    assert told.de == de
    assert en is None or told.en == en


@pytest.mark.parametrize("name", [name for name in EXAMPLES if catalogue.find(name).model])
@pytest.mark.parametrize("which", ["least", "full"])
def test_no_message_of_the_factory_says_a_code(name: str, which: str) -> None:
    message = example(name, which)
    for words in meaning(message.topic, message.payload, _name).each:
        assert words
        assert not re.findall(r"[A-Z]+_[A-Z_]+|None", words), words


def test_a_message_of_a_recording_names_devices_not_serials() -> None:
    for message in recording("ml-wrb-red-nok" if "ml-wrb-red-nok" in RECORDINGS else RECORDINGS[0]):
        if message.topic.startswith("module/v1/ff/SVR3QA0022/"):
            assert "SVR3QA0022" not in meaning(message.topic, message.payload, _name).en

"""FUXA: an MQTT device that is read every 250 ms, sixty outputs in one view of SVG."""

import json
import urllib.request
from pathlib import Path
from typing import Any

from tests.bench.peers_pages.contender import POLL_MS, TOPICS, NpmServer

SETTINGS_JS = """\
const found = require({default});
module.exports = {{...found, uiHost: "127.0.0.1", secureEnabled: false}};
"""
COLUMNS, CELL = 6, (150, 40)
POST_S = 60.0
DEVICE, VIEW = "d_race", "v_race"


class FuxaPage(NpmServer):
    """Its project is handed in at its HTTP door, as its editor does."""

    name = "FUXA"
    told = f"an MQTT device read every {POLL_MS} ms, 60 value outputs in one view"
    folder_name = "fuxa"
    packages = ("@frangoteam/fuxa@1.3.4",)

    def command(self, folder: Path, broker_port: int, port: int) -> list[str]:
        """FUXA with a folder of its own."""
        del broker_port
        kept = self.modules / "@frangoteam/fuxa"
        (data := folder / "_appdata").mkdir()
        default = json.dumps(str(kept / "settings.default.js"))
        (data / "settings.js").write_text(SETTINGS_JS.format(default=default), "utf-8")
        return ["node", str(kept / "main.js"), "--port", str(port), "--userDir", str(folder)]

    def start(self, folder: Path, broker_port: int) -> str:
        """Start it and hand in the project."""
        address = super().start(folder, broker_port)
        request = urllib.request.Request(  # noqa: S310 - our own child
            f"{address}api/project",
            json.dumps(project(broker_port)).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=POST_S):  # noqa: S310 - our own child
            return f"{address}home"


def project(broker_port: int) -> dict[str, Any]:
    """One device with a tag for each topic, and one view."""
    tags = {_tag(place): _tag_settings(place, topic) for place, topic in enumerate(TOPICS)}
    broker = {"address": f"mqtt://127.0.0.1:{broker_port}"}
    device = {"id": DEVICE, "name": "race", "enabled": True, "type": "MQTTclient"}
    width, height = COLUMNS * CELL[0], (len(TOPICS) // COLUMNS + 1) * CELL[1]
    values = "".join(_svg(place) for place, _ in enumerate(TOPICS))
    size = {"width": width, "height": height}
    view = {
        "id": VIEW,
        "name": "race",
        "profile": {**size, "bkcolor": "#ffffff", "margin": 10},
        "items": {f"VAL_{place}": _output(place) for place, _ in enumerate(TOPICS)},
        "variables": {},
        "svgcontent": f'<svg width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg">'
        f"<g><title>Layer 1</title>{values}</g></svg>",
    }
    layout = {"start": VIEW, "hidenavigation": True, "showdev": False, "inputdialog": "false"}
    navigation = {"mode": "item.navsmode-none", "type": "item.navtype-text", "items": []}
    hmi = {"layout": {**layout, "navigation": navigation, "header": {}}, "views": [view]}
    return {
        "version": "1.01",
        "server": {"id": "0", "name": "FUXA Server", "type": "FuxaServer", "property": {}},
        "devices": {DEVICE: {**device, "polling": POLL_MS, "property": broker, "tags": tags}},
        "hmi": hmi,
    }


def _tag(place: int) -> str:
    return f"t_{place}"


def _tag_settings(place: int, topic: str) -> dict[str, Any]:
    taken = {"type": "json", "memaddress": "value", "options": {"subs": ["value"], "pubs": []}}
    daq = {"enabled": False, "changed": False, "interval": 60}
    return {"id": _tag(place), "name": f"{topic}[value]", "address": topic, **taken, "daq": daq}


def _output(place: int) -> dict[str, Any]:
    bound = {"variableId": _tag(place), "events": [], "actions": [], "ranges": []}
    return {"id": f"VAL_{place}", "type": "svg-ext-value", "name": f"{place}", "property": bound}


def _svg(place: int) -> str:
    x, y = place % COLUMNS * CELL[0], (place // COLUMNS + 1) * CELL[1]
    text = f'<text id="VAL_{place}_text" x="{x}" y="{y}" font-size="16">-</text>'
    return f'<g id="VAL_{place}" type="svg-ext-value">{text}</g>'

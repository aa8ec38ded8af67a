"""Node-RED with Dashboard 2: one `mqtt in`, a function with sixty outputs, sixty `ui-text`."""

import json
from pathlib import Path
from typing import Any

from tests.bench.peers_pages.contender import TOPICS, NpmServer

SETTINGS = """\
module.exports = {{
  uiPort: {port}, uiHost: "127.0.0.1", flowFile: "flows.json", telemetry: {{enabled: false}},
  diagnostics: {{enabled: false}}, externalModules: {{autoInstall: false}},
  logging: {{console: {{level: "info"}}}},
}};
"""
ROUTE = """\
const out = Array(60).fill(null);
out[Number(msg.topic.split("/")[1])] = {payload: msg.payload.value, topic: msg.topic};
return out;
"""
"""As the switch node would do it, in one step."""
COLORS = ("surface", "primary", "bgPage", "groupBg", "groupOutline")


class NodeRedPage(NpmServer):
    """Sixty `ui-text` in one group; each message is pushed over its socket."""

    name = "Node-RED Dashboard 2"
    told = "one mqtt in, 60 ui-text on one page, each message pushed"
    folder_name = "node-red-dashboard"
    packages = ("node-red@4.1.8", "@flowfuse/node-red-dashboard@1.31.0")
    path = "/dashboard/race"

    def command(self, folder: Path, broker_port: int, port: int) -> list[str]:
        """Node-RED over a flow made here."""
        (folder / "settings.js").write_text(SETTINGS.format(port=port), "utf-8")
        (folder / "flows.json").write_text(json.dumps(flow(broker_port)), "utf-8")
        red = self.modules / "node-red/red.js"
        return ["node", str(red), "-u", str(folder), "-s", str(folder / "settings.js")]


def flow(broker_port: int) -> list[dict[str, Any]]:
    """The whole flow; a name that is also an id would be taken for a reference to it."""
    return [
        {"id": "tab", "type": "tab", "label": "race"},
        {"id": "broker", "type": "mqtt-broker", "broker": "127.0.0.1", "port": str(broker_port),
         "clientid": "node-red", "autoConnect": True, "usetls": False, "protocolVersion": "4",
         "keepalive": "60", "cleansession": True},
        {"id": "in", "type": "mqtt in", "z": "tab", "topic": "race/+", "qos": "1", "inputs": 0,
         "datatype": "json", "broker": "broker", "wires": [["route"]]},
        {"id": "route", "type": "function", "z": "tab", "func": ROUTE, "outputs": len(TOPICS),
         "wires": [[f"text-{place}"] for place, _ in enumerate(TOPICS)]},
        {"id": "base", "type": "ui-base", "name": "race", "path": "/dashboard",
         "includeClientData": True, "acceptsClientConfig": ["ui-notification", "ui-control"]},
        {"id": "theme", "type": "ui-theme", "name": "plain",
         "colors": dict.fromkeys(COLORS, "#dddddd")},
        {"id": "page", "type": "ui-page", "name": "race", "ui": "base", "path": "/race",
         "layout": "grid", "theme": "theme", "order": 1, "visible": "true", "disabled": False},
        {"id": "group", "type": "ui-group", "name": "values", "page": "page", "width": "12",
         "height": "1", "order": 1, "showTitle": True, "visible": "true", "disabled": "false"},
        *(_text(f"text-{place}", place, topic) for place, topic in enumerate(TOPICS)),
    ]  # fmt: skip


def _text(name: str, place: int, topic: str) -> dict[str, Any]:
    looks = {"layout": "row-left", "format": "{{msg.payload}}", "style": False, "fontSize": 16}
    size = {"width": 2, "height": 1, "order": place}
    where = {"z": "tab", "group": "group", "wires": []}
    return {"id": name, "type": "ui-text", "name": topic, "label": topic, **looks, **size, **where}

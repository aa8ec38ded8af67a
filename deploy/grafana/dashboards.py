"""Writes the dashboards from panels.yaml: `python deploy/grafana/dashboards.py`."""

import json
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SOURCE = yaml.safe_load((HERE / "panels.yaml").read_text("utf-8"))
LANGUAGES = ("en", "de", "fr")
WIDTH, HEIGHT, A_ROW = 8, 8, 3
KINDS = {"lines": "timeseries", "number": "stat", "bars": "bargauge"}
DATA = {"type": "prometheus", "uid": "omf-prometheus"}
CALM, ABNORMAL = "#8a939c", "#d9822b"
"""Grey is normal; colour is for what is not."""
NAMES = (
    ("Environment", "Umgebung", "Environnement"),
    ("Dashboards", "Dashboards", "Tableaux de bord"),
)


def dashboard(spec: dict[str, Any], language: int) -> dict[str, Any]:
    """One dashboard as Grafana reads it."""
    suffix = "" if language == 0 else f"-{LANGUAGES[language]}"
    panels = [_panel(at, panel, language) for at, panel in enumerate(spec["panels"])]
    return {
        "uid": f"omf-{spec['uid']}{suffix}",
        "title": f"OMF {spec['title'][language]}",
        "tags": ["omf", LANGUAGES[language]],
        "editable": False,
        "schemaVersion": 39,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "links": [
            {
                "type": "dashboards",
                "title": NAMES[1][language],
                "tags": ["omf", LANGUAGES[language]],
                "includeVars": True,
                "keepTime": True,
            }
        ],
        "templating": {"list": [_environments(language)]},
        "panels": panels,
    }


def _environments(language: int) -> dict[str, Any]:
    query = 'label_values(up{job="omf"}, environment)'
    return {
        "name": "environment",
        "label": NAMES[0][language],
        "type": "query",
        "datasource": DATA,
        "query": {"query": query, "refId": "environments"},
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def _panel(at: int, spec: dict[str, Any], language: int) -> dict[str, Any]:
    row, column = divmod(at, A_ROW)
    return {
        "id": at + 1,
        "type": KINDS[spec.get("kind", "lines")],
        "title": spec["title"][language],
        "description": spec["about"][language],
        "datasource": DATA,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": _defaults(spec, language), "overrides": []},
        "options": _options(spec),
        "targets": [
            {"refId": chr(ord("A") + n), "datasource": DATA, "expr": expr, "legendFormat": legend}
            for n, (legend, expr) in enumerate(spec["ask"].items())
        ],
    }


def _defaults(spec: dict[str, Any], language: int) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": CALM, "value": None}]
    if "warn" in spec:
        steps.append({"color": ABNORMAL, "value": spec["warn"]})
    drawn = {} if spec.get("kind", "lines") == "lines" else {"color": {"mode": "thresholds"}}
    return {
        "unit": spec["unit"],
        "noValue": spec["none"][language],
        "thresholds": {"mode": "absolute", "steps": steps},
        **drawn,
    }


def _options(spec: dict[str, Any]) -> dict[str, Any]:
    kind = spec.get("kind", "lines")
    if kind == "lines":
        return {
            "legend": {"displayMode": "list", "placement": "bottom"},
            "tooltip": {"mode": "multi"},
        }
    latest = {"calcs": ["lastNotNull"], "values": False}
    shape = {"displayMode": "basic", "orientation": "horizontal"} if kind == "bars" else {}
    return {"reduceOptions": latest, **shape}


def files() -> dict[str, str]:
    """Content by file name."""
    return {
        f"{spec['uid']}{'' if name == 'en' else f'.{name}'}.json": json.dumps(
            dashboard(spec, number), ensure_ascii=False, indent=1
        )
        + "\n"
        for spec in SOURCE
        for number, name in enumerate(LANGUAGES)
    }


if __name__ == "__main__":
    for file_name, text in files().items():
        (HERE / "dashboards" / file_name).write_text(text, "utf-8")

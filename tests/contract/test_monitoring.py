"""Rules, runbook and dashboards fit each other; promtool proves when each alert fires."""

import json
import re
import subprocess
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from omf.texts import LANGUAGES
from services.cli.app import COMMAND_HELP
from tests.support.factory_server import SERVICES
from tests.support.prometheus import SHIPPED, rules

ROOT = Path(__file__).parents[2]
ALERTS = {rule["alert"]: rule for rule in rules("alert")}
TAILS = {"en": "", "de": ".de", "fr": ".fr"}
RUNBOOKS = {
    language: (ROOT / "docs" / f"runbook{tail}.md").read_text("utf-8")
    for language, tail in TAILS.items()
}
PARTS = {
    "en": ["Cause", "Check", "Mend"],
    "de": ["Ursache", "Prüfen", "Abhilfe"],
    "fr": ["Cause", "Vérifier", "Remède"],
}
ENTRY = re.compile(r"^### (\w+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
GRAFANA = ROOT / "deploy" / "grafana"
BOARDS = {
    path.name: json.loads(path.read_text("utf-8")) for path in (GRAFANA / "dashboards").iterdir()
}
TESTS = sorted((SHIPPED / "tests").glob("*.yml"))
UNITS = {"s", "bytes", "percent", "percentunit", "cps", "short", "bool_yes_no"}


def promtool(*words: str) -> str:
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.prometheus
def test_the_configuration_and_every_rule_are_valid() -> None:
    assert "SUCCESS" in promtool("check", "config", "--lint=all", str(SHIPPED / "prometheus.yml"))


@pytest.mark.prometheus
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_alerts_fire_after_the_fault_and_not_without(path: Path) -> None:
    promtool("test", "rules", str(path))


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    cases = [case for path in TESTS for case in yaml.safe_load(path.read_text("utf-8"))["tests"]]
    assert sorted(case["name"] for case in cases) == sorted(ALERTS)
    for case in cases:
        checks = case["promql_expr_test"]
        assert all(f'alertname="{case["name"]}"' in check["expr"] for check in checks)
        assert {bool(check["exp_samples"]) for check in checks} == {True, False}, case["name"]


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_an_alert_says_what_to_do_in_every_language(name: str) -> None:
    rule = ALERTS[name]
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    told = dict(rule["annotations"])
    assert told.pop("runbook") == f"docs/runbook.md#{name.lower()}"
    assert set(TAILS) == set(LANGUAGES)
    said = {part: [part, f"{part}_de", f"{part}_fr"] for part in ("summary", "description")}
    assert set(told) == {name for names in said.values() for name in names}
    for text in told.values():
        assert len(re.sub(r"{{.*?}}", "", text)) >= len(": "), text
    assert told["description"].endswith(".")
    assert all(told[one].endswith((".", "?")) for one in said["description"])
    assert len({told[one] for one in said["description"]}) == len(TAILS)
    # What it is about is named in each: the same labels and the same value.
    for names in said.values():
        assert len({tuple(sorted(re.findall(r"{{.*?}}", told[one]))) for one in names}) == 1


@pytest.mark.parametrize("language", RUNBOOKS)
def test_the_runbook_has_one_entry_for_each_alert_and_no_other(language: str) -> None:
    entries = ENTRY.findall(RUNBOOKS[language])
    assert sorted(name for name, _ in entries) == sorted(ALERTS)
    for name, text in entries:
        found = re.findall(r"^\*\*(\w+)\.\*\* .+", text, re.MULTILINE)
        assert found == PARTS[language], name


@pytest.mark.parametrize("language", RUNBOOKS)
def test_what_the_runbook_names_exists(language: str) -> None:
    text = RUNBOOKS[language]
    assert set(re.findall(r"`omf ([a-z]+)", text)) <= set(COMMAND_HELP)
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert (ROOT / "docs" / link).exists(), link
    boards = [board for board in BOARDS.values() if language in board["tags"]]
    titles = {panel["title"] for board in boards for panel in board["panels"]}
    titles |= {board["title"] for board in boards} | {"Alerts"}
    assert set(re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", text)) <= titles


OF_THE_PAGES = {
    "de": {
        "Anlage": "Fabrik",
        "Speicher": "Datenspeicher",
        "Ein- und Ausgabe": "Warenstation",
        "Anlieferung": "Warenstation",
    },
    "fr": {
        "entrepôt": "magasin",
        "base de données": "stockage",
        "chariot": "véhicule",
        "historian": "historien",
        "installation": "usine",
        "courtier": "broker",
    },
}
"""What is called otherwise there than one might say; memory is Arbeitsspeicher."""


@pytest.mark.parametrize("language", OF_THE_PAGES)
def test_alerts_runbook_and_dashboards_speak_as_the_pages_do(language: str) -> None:
    words = OF_THE_PAGES[language]
    otherwise = re.compile(rf"(?<![-\w])({'|'.join(words)})s?\b(?!-mock)")
    parts = (f"summary_{language}", f"description_{language}")
    told = [RUNBOOKS[language]]
    told += [rule["annotations"][part] for rule in ALERTS.values() for part in parts]
    told += [json.dumps(b, ensure_ascii=False) for b in BOARDS.values() if language in b["tags"]]
    assert [line for text in told for line in text.splitlines() if otherwise.search(line)] == []
    pages = (ROOT / "omf/texts" / f"{language}.po").read_text("utf-8")
    assert [word for word in words.values() if word not in pages] == []


def test_the_runbooks_give_the_same_lines_to_type() -> None:
    typed = [
        [sorted(re.findall(r"`((?:keeper|omf|docker compose) [^`]+)`", " ".join(text.split())))
         for _, text in ENTRY.findall(runbook)]
        for runbook in RUNBOOKS.values()
    ]  # fmt: skip
    assert all(one == typed[0] for one in typed)
    # Below the entries: what is typed to upgrade, to restore, to take it away.
    blocks = [re.findall(r"(?m)^    ([^#\n]+)", runbook) for runbook in RUNBOOKS.values()]
    assert all(len(one) > 10 and one == blocks[0] for one in blocks)


def test_the_dashboards_are_what_their_source_makes() -> None:
    spec = spec_from_file_location("dashboards", GRAFANA / "dashboards.py")
    assert spec
    assert spec.loader
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    there = {p.name: p.read_text("utf-8") for p in (GRAFANA / "dashboards").iterdir()}
    assert there == made.files(), "run: python deploy/grafana/dashboards.py"


def test_the_four_dashboards_are_there_in_every_language() -> None:
    """Two of one title in a folder Grafana does not take."""
    names = ("messages", "factory", "commands", "services")
    assert set(BOARDS) == {f"{name}{tail}.json" for name in names for tail in TAILS.values()}
    assert len({board["uid"] for board in BOARDS.values()}) == len(BOARDS)
    assert len({board["title"] for board in BOARDS.values()}) == len(BOARDS)


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_a_panel_has_unit_description_legend_and_words_for_nothing(name: str) -> None:
    panels = BOARDS[name]["panels"]
    assert len({panel["title"] for panel in panels}) == len(panels)
    for panel in panels:
        given = panel["fieldConfig"]["defaults"]
        assert given["unit"] in UNITS, panel["title"]
        assert given["noValue"], panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert all(target["legendFormat"] and target["expr"] for target in panel["targets"])
        assert panel["datasource"]["uid"] == source()["uid"]


@pytest.mark.parametrize("module", ["alarms", "notifications"])
def test_every_figure_of_the_alarms_and_of_who_is_told_has_a_panel(module: str) -> None:
    found = vars(import_module(f"services.{module}.metrics")).values()
    listed = [one for figure in found for one in _collectors(figure)]
    suffix = {"counter": "_total", "histogram": "_bucket"}
    names = {f"{one._name}{suffix.get(one._type, '')}" for one in listed}
    targets = [one for board in BOARDS.values() for panel in board["panels"]
               for one in panel["targets"]]  # fmt: skip
    asked = {name for one in targets for name in re.findall(r"omf_\w+", one["expr"])}
    assert len(names) > 5
    assert names - asked == set()


def _collectors(figure: Any) -> list[MetricWrapperBase]:
    found = figure.values() if isinstance(figure, dict) else [figure]
    return [one for one in found if isinstance(one, MetricWrapperBase)]


def test_no_two_panels_lie_on_each_other() -> None:
    for board in BOARDS.values():
        corners = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in board["panels"]]
        assert len(set(corners)) == len(corners)
        assert max(x for x, _ in corners) + board["panels"][0]["gridPos"]["w"] <= 24


def source() -> dict[str, Any]:
    path = GRAFANA / "provisioning" / "datasources" / "prometheus.yml"
    return dict(yaml.safe_load(path.read_text("utf-8"))["datasources"][0])


def test_each_container_that_can_be_asked_is_a_target() -> None:
    compose = SERVICES
    built = {name: service for name, service in compose.items() if "build" in service}
    ours = {name for name, one in built.items() if one["restart"] != "no"}
    targets: set[str] = set()
    for path in (SHIPPED / "targets").glob("*.yml"):
        for group in yaml.safe_load(path.read_text("utf-8")):
            targets |= {address.partition(":")[0] for address in group["targets"]}
            environment = group["labels"].get("environment", "common")
            assert environment == path.stem
    assert targets == ours

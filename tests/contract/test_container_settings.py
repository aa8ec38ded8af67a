"""What a container is told is what its service reads, and all of it can be told."""

import importlib
import re

import pytest

from services.common.process.settings import ServiceSettings
from tests.contract.test_deploy import OURS, ROOT, SERVICES, TOOLS, module_of


def _classes(service: str) -> list[type[ServiceSettings]]:
    # The command line keeps the accounts of the pages and reads the archive of the historian.
    classes: list[type[ServiceSettings]] = [ServiceSettings]
    for reader in {"cli": ("cli", "ui", "historian")}.get(service, (service,)):
        for file in sorted((ROOT / "services" / reader).glob("*.py")):
            if "Settings):" in file.read_text("utf-8"):
                own = vars(importlib.import_module(f"services.{reader}.{file.stem}")).values()
                classes += [
                    c for c in own if isinstance(c, type) and issubclass(c, ServiceSettings)
                ]
    return classes


def settings_of(service: str) -> set[str]:
    return {f"OMF_{field.upper()}" for c in _classes(service) for field in c.model_fields}


def _files_of(service: str) -> set[str]:
    """Variables that name files of its own, and the calendar if it asks for shifts."""
    own = {
        f"OMF_{name.upper()}"
        for settings in _classes(service)
        for name, field in settings.model_fields.items()
        if "Path" in str(field.annotation) and name not in ServiceSettings.model_fields
    }
    sources = (ROOT / "services" / service).rglob("*.py")
    asks = any(".shift_calendar" in source.read_text("utf-8") for source in sources)
    return own | ({"OMF_SHIFTS"} if asks else set())


@pytest.mark.parametrize("name", OURS)
def test_a_container_is_told_only_what_its_service_reads(name: str) -> None:
    # TZ is read by the C library.
    assert set(SERVICES[name]["environment"]) - {"TZ"} <= settings_of(module_of(name))


@pytest.mark.parametrize("name", sorted(set(OURS) - TOOLS))
def test_every_file_a_service_reads_can_be_named_to_its_container(name: str) -> None:
    # Sessions and traffic are kept where the volume of the service is.
    missing = _files_of(module_of(name)) - set(SERVICES[name]["environment"])
    assert missing <= {"OMF_DATA"}


@pytest.mark.parametrize("name", sorted(set(OURS) - {"backup"}))
def test_a_file_of_the_site_lies_in_a_folder_of_its_own_and_unnamed_nothing_is_read(
    name: str,
) -> None:
    site = {
        *("OMF_SHIFTS", "OMF_ALARM_RULES", "OMF_HISTORY_RETENTION"),
        "OMF_UI_DIRECTORY_FILE",
    }
    named = site & set(SERVICES[name]["environment"])
    for variable in named:
        assert SERVICES[name]["environment"][variable] == f"${{{variable}:-}}"
    mounted = "./deploy/site:/etc/omf/site:ro" in SERVICES[name].get("volumes", [])
    assert mounted == bool(named)
    told = (ROOT / "deploy/site/README.md").read_text("utf-8")
    rows = {row.split("=")[0]: row for row in re.findall(r"(?m)^\| `(OMF_.*)$", told)}
    assert rows.keys() == site
    readers = {v: set(re.split(r"\W+", row.split("|")[2])) for v, row in rows.items()}
    service = "omf" if name in TOOLS else module_of(name)
    assert named == {variable for variable, names in readers.items() if service in names}


@pytest.mark.parametrize("variable", ["OMF_SHIFTS", "OMF_ALARM_RULES", "OMF_HISTORY_RETENTION"])
def test_a_variable_left_empty_names_no_file(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "")
    for service in ("alarms", "historian"):
        for settings in _classes(service):
            made = settings()
            assert getattr(made, variable.removeprefix("OMF_").lower(), None) is None

"""The site's file of rules: read at the start, and refused where it has a fault."""

import logging
from pathlib import Path
from typing import Annotated

from omf.alarms.rule_data import with_site
from omf.texts import Text, joined, text, verbatim
from omf.yaml_files import YamlFileError
from services.common.process.settings import Named, ServiceSettings
from services.common.store.alarm_rules import StoredRules

MAX_RULES_BYTES = 1_000_000

_log = logging.getLogger(__name__)


class AlarmSettings(ServiceSettings):
    """`OMF_*` variables of the service `alarms`."""

    alarm_rules: Annotated[Path | None, Named] = None
    """What the site changes about the rules (docs/alarms.md); without it they are as delivered."""


def load_rules(path: Path | None, before: StoredRules | None) -> StoredRules:
    """The rules to go by from now on; with a file that has a fault those of `before`, and why."""
    if path is None:
        return StoredRules()
    try:
        source = _read(path)
        return StoredRules(version=with_site(source).version, source=source)
    except _RulesFileError as error:
        fault = error.text
    except YamlFileError as error:
        fault = error.text
    said = joined(": ", [verbatim(str(path)), fault])
    kept = before or StoredRules()
    _log.error("the rules of version %s stay in force: %s", kept.version, said.en)
    return kept.model_copy(update={"fault": said})


class _RulesFileError(Exception):
    def __init__(self, said: Text) -> None:
        super().__init__(said.en)
        self.text = said


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            source = file.read(MAX_RULES_BYTES + 1)
        if len(source) > MAX_RULES_BYTES:
            raise _RulesFileError(text("alarm_rules.too_large", limit=MAX_RULES_BYTES))
        return source.decode("utf-8")
    except OSError as error:
        raise _RulesFileError(text("alarm_rules.unreadable", why=error.strerror or "?")) from None
    except UnicodeDecodeError:
        raise _RulesFileError(text("alarm_rules.no_text")) from None

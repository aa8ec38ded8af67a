"""The rules of alarms that are in force, as their owner accepted them, for everybody who judges."""

from omf.alarms.rule_data import BUILT_IN, AlarmRules, with_site
from omf.texts import Text
from omf.yaml_files import YamlFileError
from services.common.store.bus import Bus
from services.common.store.keys import StreamModel

ALARMS_RULES = "alarms:rules"


class StoredRules(StreamModel):
    """What the owner of the alarms goes by since it began."""

    version: str = BUILT_IN.version
    source: str = ""
    """The file of the site that is in force; "" for the rules as they come with the software."""
    fault: Text | None = None
    """Why a newer file was refused."""

    @property
    def marker(self) -> str:
        """Another one for other rules, and for another fault."""
        return f"{self.version} {self.fault.en if self.fault else ''}".strip()

    def in_force(self) -> AlarmRules:
        """The rules; those that come with the software where another release took the file."""
        try:
            return with_site(self.source) if self.source else BUILT_IN
        except YamlFileError:
            return BUILT_IN


async def read_rules(bus: Bus) -> StoredRules | None:
    """What was accepted last; None where there never was an owner of the alarms."""
    found = await bus.call(bus.client.get(bus.key(ALARMS_RULES)))
    return StoredRules.model_validate_json(found) if found else None


async def write_rules(bus: Bus, rules: StoredRules) -> None:
    """Let everybody judge by these; of the owner alone."""
    await bus.call(bus.client.set(bus.key(ALARMS_RULES), rules.model_dump_json()))

"""How grave each alarm is as delivered; what it says is in the catalogues, under `alarm.`."""

from collections.abc import Mapping

from omf.alarms.rule_data import BUILT_IN, Severity

SEVERITY: Mapping[str, Severity] = {name: rule.severity for name, rule in BUILT_IN.rules.items()}

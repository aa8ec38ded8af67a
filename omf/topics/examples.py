"""A valid message for every topic of the catalogue that has a model (`examples.yaml`)."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def examples() -> Mapping[str, Mapping[str, Any]]:
    """By entry name: `least` and `full`, as parsed JSON."""
    source = files("omf.topics").joinpath("examples.yaml").read_text("utf-8")
    found: dict[str, dict[str, Any]] = yaml.load(source, yaml.CSafeLoader)
    return found


def example(name: str) -> str:
    """The fullest message of an entry as JSON to be read; an empty object for one without model."""
    found = examples().get(name)
    return json.dumps(found["full"] if found else {}, indent=2, ensure_ascii=False)

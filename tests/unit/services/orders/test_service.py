"""The way of a command as `service.py` tells it: files and functions that exist, in few stops."""

import re
from functools import reduce
from importlib import import_module
from pathlib import Path

from services.orders import service

ROOT = Path(__file__).parents[4]
STOP = re.compile(r"^ ?(\d+)\. (services/\S+\.py) `([\w.]+)`: \S", re.MULTILINE)
MAX_STOPS = 15


def test_the_way_of_a_command_is_told_by_files_and_functions_that_exist() -> None:
    stops = STOP.findall(service.__doc__ or "")
    assert [int(number) for number, _, _ in stops] == list(range(1, len(stops) + 1))
    assert 10 <= len(stops) <= MAX_STOPS
    for _, file, name in stops:
        assert (ROOT / file).is_file(), file
        module = import_module(file.removesuffix(".py").replace("/", "."))
        assert callable(reduce(getattr, name.split("."), module)), name

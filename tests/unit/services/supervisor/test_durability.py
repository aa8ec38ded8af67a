"""A store of our own syncs its file when OMF_DURABILITY says; what it does not know is refused."""

from pathlib import Path

import pytest

from services.supervisor import configs, plan
from services.supervisor.up_options import UnfitError, UpOptions


@pytest.mark.parametrize(("told", "policy"), [("", "everysec"), ("always", "always")])
def test_a_store_is_started_with_it(
    told: str, policy: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OMF_DURABILITY", told)
    command = configs.store("redis-server")(tmp_path, 1)
    assert command[command.index("--appendfsync") + 1] == policy


def test_another_word_is_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OMF_DURABILITY", "no")
    with pytest.raises(UnfitError, match="OMF_DURABILITY is everysec or always; 'no' is not"):
        plan.servers(UpOptions(tmp_path))

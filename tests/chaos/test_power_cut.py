"""The power goes, of the store's machine or of all of it: what was acknowledged and is gone.

`make power-cut CUTS=200` is the long run. With OMF_DURABILITY=always nothing that the store had
answered is lost; usually what it held for its sync each second is.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median

import pytest

from services.supervisor.engines import program
from tests.chaos.power_cut import CUTS, PowerCuts, PowerCutVerdict
from tests.chaos.scene import SEED
from tests.support.loop_disk import powered
from tests.support.processes import Processes

HELD_S = 2.0
"""The store syncs each second, and later if the disk is still busy with the last time."""
A_LIFE = 20
"""Cuts of one machine, then a new one."""
SLOW_DISK_S = 3.0
"""So much longer a sync may take on a machine that does much else."""

pytestmark = [pytest.mark.mosquitto, pytest.mark.timeout(120 + 30 * CUTS)]


@pytest.mark.parametrize("durability", ["always", "everysec"])
@pytest.mark.parametrize("whole", [False, True], ids=["store", "machine"])
def test_a_power_cut_takes_no_more_than_was_said(
    processes: Processes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, str], None],
    durability: str,
    *,
    whole: bool,
) -> None:
    assert program("mkfs.ext4"), "install the package e2fsprogs"
    monkeypatch.setenv("OMF_DURABILITY", durability)
    random = Random(SEED)  # noqa: S311 - to be repeated by its seed
    lives = [
        life(processes, tmp_path, random, min(CUTS - done, A_LIFE), whole=whole)
        for done in range(0, CUTS, A_LIFE)
    ]
    lost = [age for one in lives for age in (*one.messages, *one.commands)]
    by_publisher = [number for one in lives for number in one.publisher.lost]
    record_property("cuts", f"{CUTS} at {median(one.rate for one in lives):.0f}/s")
    of = f"of {sum(one.acknowledged for one in lives)} lost"
    record_property("messages", f"{sum(len(one.messages) for one in lives)} {of}")
    of = f"of {sum(one.submitted for one in lives)} lost"
    record_property("commands", f"{sum(len(one.commands) for one in lives)} {of}")
    record_property("oldest", f"{max(lost, default=0.0):.2f} s before its cut")
    record_property("broker", f"{len(by_publisher)} of the publisher's lost")
    record_property("mended", f"{sum(one.mended for one in lives)} times zeros at the end")
    doubled = [number for one in lives for number in one.publisher.doubled]
    disordered = [topic for one in lives for topic in one.publisher.disordered]
    record_property("again", f"{len(doubled)} twice, out of order in {len(disordered)} topics")
    # A broker that lost its own end delivers again what it had been told was taken.
    assert whole or doubled + disordered == []
    if durability == "everysec":
        assert max(lost, default=0.0) < HELD_S + SLOW_DISK_S
        return
    assert lost == []
    # A broker on the same machine acknowledges from its memory.
    assert whole or by_publisher == []


def life(
    processes: Processes, folder: Path, random: Random, cuts: int, *, whole: bool
) -> PowerCutVerdict:
    """So many cuts of one machine; a new one has an empty store, which is loaded at once."""
    with powered() as disk:
        scene = PowerCuts(processes, disk, folder, random, whole=whole)
        try:
            with scene.under_load():
                for _ in range(cuts):
                    scene.cut()
            return scene.verdict()
        finally:
            scene.close()

"""What the site says, with real orders and store: kept, versioned, named everywhere, put back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omf.site.settings import SiteContent, SiteSettings
from omf.topics.catalogue import address
from services.common.store.keys import Role, Stage, key
from tests.support.api import Door
from tests.support.circle import ENVIRONMENT, World
from tests.support.factory import DRILL, MILL, pairing
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses
from tests.support.system import omf

pytestmark = pytest.mark.alike

TAG = "04a189ca341290"


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        world.factory.say(address("ccu_pairing_state"), json.dumps(pairing()).encode(), retain=True)
        yield world


def ask(world: World, command_id: str, part: str, role: Role = Role.ADMIN, **given: Any) -> Any:
    asked = {"kind": f"site-{part}", "parameters": given, "role": role}
    return world.desk.final(world.desk.order(command_id, **asked))


def settings(world: World) -> SiteSettings:
    told = world.desk.client.hget(key(ENVIRONMENT, "site"), "settings")
    return SiteSettings.model_validate_json(told) if told else SiteSettings()


def versions(world: World) -> list[SiteSettings]:
    found = world.desk.client.lrange(key(ENVIRONMENT, "site:versions"), 0, -1)
    return [SiteSettings.model_validate_json(one) for one in found]


def test_each_change_is_a_version_with_a_way_back(
    world: World, processes: Processes, servers: Addresses, tmp_path: Path
) -> None:
    world.start("orders").wait_ready()
    assert ask(world, "s1", "name", name="Plant 1").stage is Stage.EFFECT
    assert ask(world, "s2", "module", serial=DRILL, name_en="Left drill").stage is Stage.EFFECT
    # The same id again is the same change; the same value once more is none.
    world.desk.order("s2", kind="site-module", parameters={"serial": DRILL, "name_en": "x"})
    again = ask(world, "s3", "name", name="Plant 1")
    assert (again.stage, again.reasons[0].id) == (Stage.REFUSED, "site-unchanged")
    # Within the second in which the view of orders does not know of it yet.
    taken = ask(world, "s4", "module", serial=MILL, name_de="left drill")
    assert (taken.stage, taken.reasons[0].id) == (Stage.REFUSED, "parameter:name_de")
    assert ask(world, "s5", "name", role=Role.SUPERVISOR, name="x").stage is Stage.REFUSED
    assert [(one.revision, one.by) for one in versions(world)] == [(2, "anna"), (1, "anna")]
    assert versions(world)[0] == settings(world)
    assert ask(world, "s6", "tags", tags=f"{TAG};rot;7").stage is Stage.EFFECT
    first = versions(world)[-1].content.model_dump(mode="json")
    assert ask(world, "s7", "import", document=first).stage is Stage.EFFECT
    assert settings(world).content == SiteContent(name="Plant 1")
    assert [one.revision for one in versions(world)] == [4, 3, 2, 1]
    _by_command_line(servers.store_url, tmp_path)
    assert settings(world).content.tags[TAG].number == "8"
    _told_at_the_door(world, processes, servers)


def _by_command_line(store_url: str, folder: Path) -> None:
    """Exported, read from CSV, and put back, also once the store has lost it."""

    def run(*words: str) -> str:
        done = omf("config", *words, OMF_STORE_URL=store_url)
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    kept, listed = folder / "site.json", folder / "tags.csv"
    run("export", str(kept), "--version", "3")
    listed.write_text(f"tag,colour,number\n{TAG.upper()},weiß,8\n", "utf-8")
    assert "not on the list -> White" in run("import", str(listed), "--dry-run")
    run("import", str(kept))
    run("import", str(listed))
    shown = run("show")
    assert "Plant 1: version 6" in shown
    assert f"module {DRILL}  en: Left drill" in shown
    assert run("versions").count("Plant 1") == 6
    assert json.loads(run("export"))["modules"][DRILL]["names"] == {"en": "Left drill"}
    wrong = omf("config", "import", str(folder / "none.json"), OMF_STORE_URL=store_url)
    assert (wrong.returncode, "none.json" in wrong.stderr) == (2, True)


def _told_at_the_door(world: World, processes: Processes, servers: Addresses) -> None:
    door = Door(processes, servers.store_url).ready()
    told = door.client("viewer")

    def named() -> bool:
        found = told.get("/state").json()["modules"]
        return bool(found.get(DRILL, {}).get("name", {}).get("fr") == "Left drill")

    wait_for(named, 10, lambda: told.get("/state").text[:400])
    world.desk.client.delete(key(ENVIRONMENT, "site"))
    wait_for(lambda: not named(), 10, lambda: told.get("/state").text[:400])
    door.close()

"""Names the site gives: used wherever a device is named, never for two of them."""

from collections.abc import Mapping
from typing import Any

import pytest

from omf.commands import CommandError, prepare
from omf.commands.command_types.site import SiteModuleForm
from omf.commands.site_changes import site_changed
from omf.site.settings import SiteContent, SiteSettings
from omf.state import FactoryState
from omf.state.device_names import device_name, place_name, station_name, step_name, way_name
from omf.texts import LANGUAGES
from omf.texts.translator import Translator
from omf.workpieces.wording import tag_words
from tests.support.command_examples import ids
from tests.support.factory import DRILL, FTS, MILL, NOW, TAG, Factory, known_factory

LEFT = {"en": "Left drill", "de": "Linker Bohrer"}
Document = Mapping[str, Any]


def said(document: Document, state: FactoryState | None = None) -> FactoryState:
    """A factory of which the site says this."""
    state = state or known_factory()
    state.site = SiteSettings(revision=1, content=SiteContent.model_validate(document))
    return state


def named(serial: str, names: Mapping[str, str] = LEFT, **more: Any) -> Document:
    return {"modules": {serial: {"names": names, **more}}}


def plan(kind: str, state: FactoryState, **given: Any) -> Any:
    return prepare(kind, given, state, now=NOW, new_id=ids())


def test_a_form_has_a_field_for_each_language() -> None:
    fields = {name for name in SiteModuleForm.model_fields if name.startswith("name_")}
    assert fields == {f"name_{language}" for language in LANGUAGES}


def test_a_given_name_stands_wherever_a_device_is_named() -> None:
    state = said(named(DRILL))
    assert device_name(state, DRILL).each == ("Linker Bohrer", "Left drill", "Left drill")
    assert device_name(state, f"{DRILL}/txt").en == "Left drill TXT"
    assert place_name(state, DRILL) == device_name(state, DRILL)
    assert station_name(state, "DRILL").en == "Left drill"
    assert step_name(state, "DRILL.PICK").en.startswith("Left drill ")
    assert "HBW → Left drill" in way_name(state, "HBW", "DRILL").en
    assert "to Left drill" in way_name(state, "START", "DRILL").en
    assert device_name(state, MILL).en == "MILL"


def test_alarms_checks_and_json_say_the_name() -> None:
    factory = Factory(said(named(DRILL)))
    factory.online(DRILL, "CONNECTIONBROKEN")
    [alarm] = [one for one in factory.state.alarms(NOW) if one.subject == DRILL]
    assert alarm.text.en.startswith("Left drill")
    assert alarm.text.de.startswith("Linker Bohrer")
    told = factory.state.view(NOW)["modules"][DRILL]
    assert (told["name"]["de"], told["type"]) == ("Linker Bohrer", "DRILL")
    step = plan("module-step", factory.state, serial=DRILL, command="PICK", colour="RED").steps[0]
    assert "Left drill" in step.title.en


def test_the_fold_does_not_depend_on_names() -> None:
    """1. The archive keeps folds, 2. names change, 3. the same messages give the same fold."""
    plain, with_names = known_factory(), said(named(DRILL))
    for state in (plain, with_names):
        factory = Factory(state)
        factory.module(DRILL, loads=[{"loadType": "RED"}])
        factory.raw("ccu/set/reset", {"timestamp": "2026-08-07T09:20:00.000Z"})
    assert plain.snapshot() == with_names.snapshot()


def test_a_replayed_session_keeps_the_names() -> None:
    state = said(named(DRILL))
    state.begin_anew("another")
    assert state.site.content.modules[DRILL].names == LEFT


@pytest.mark.parametrize(
    ("document", "given"),
    [
        (named(DRILL), {"name_en": "left DRILL"}),
        (named(DRILL), {"name_de": "Linker Bohrer"}),
        ({}, {"name_en": "DRILL"}),
        ({}, {"name_fr": "fts 5iO4"}),
        (named("SVR0UNHEARD"), {"name_en": "Left drill"}),
    ],
)
def test_a_name_of_another_device_is_refused(document: Document, given: Any) -> None:
    with pytest.raises(CommandError) as refused:
        plan("site-module", said(document), serial=MILL, **given)
    assert refused.value.field.startswith("name_")
    assert "needs a name that no other one has" in refused.value.text.en
    both = {**document.get("modules", {}), MILL: {"names": {"en": next(iter(given.values()))}}}
    with pytest.raises(CommandError) as whole:
        plan("site-import", known_factory(), document={"modules": both})
    assert whole.value.field == "document"


def test_names_change_places_in_two_steps_and_a_name_can_go() -> None:
    state = said(named(DRILL))
    assert plan("site-module", state, serial=DRILL, name_en="DRILL").allowed
    changes = plan("site-module", state, serial=DRILL, name_en="", name_de="").changes
    assert [(one.name.en, one.before.en, one.after.en) for one in changes] == [
        ("Module DRILL, name (German)", "Linker Bohrer", "nothing"),
        ("Module DRILL, name (English)", "Left drill", "nothing"),
    ]
    gone = {"serial": DRILL, "name_en": "", "name_de": ""}
    after = site_changed("site-module", gone, state.site.content)
    assert after == SiteContent(), "a module of which nothing is said is not listed"


def test_a_module_that_comes_later_is_told_from_one_that_is_called_so() -> None:
    state = said(named(DRILL, {"en": "OVEN"}))
    state.module("SVR0LATER").type = "OVEN"
    assert device_name(state, "SVR0LATER").en == "OVEN SVR0LATER"
    assert plan("site-module", state, serial=DRILL, icon="drill").allowed


def test_a_vehicle_is_called_by_its_serial() -> None:
    with pytest.raises(CommandError) as refused:
        plan("site-module", known_factory(), serial=FTS, name_en="Emil")
    assert refused.value.field == "serial"


def test_a_tag_is_missing_only_where_there_is_a_list() -> None:
    say = Translator("en")
    assert tag_words(TAG, known_factory(), say) == ""
    state = said({"tags": {TAG.upper(): {"colour": "RED", "number": "7", "note": "demo"}}})
    assert tag_words(TAG, state, say) == tag_words(TAG.upper(), state, say) == "7 · demo"
    assert tag_words("04a189ca341290", state, say) == "not on the factory’s list"
    assert tag_words(None, state, say) == ""


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"links": [{"name": "x", "url": "javascript:1"}]}, "links.0.url"),
        ({"modules": {DRILL: {"colour": "RED"}}}, "modules"),
        ({"modules": {DRILL: {"names": {"xx": "y"}}}}, "modules"),
        ({"tags": {"abc": {}}}, "tags"),
        ({"name": "a\nb"}, "name"),
        ({"names": "x"}, "names"),
    ],
)
def test_a_document_that_is_none_names_the_place(document: Document, where: str) -> None:
    with pytest.raises(CommandError) as refused:
        plan("site-import", known_factory(), document=document)
    assert where in refused.value.text.en


def test_a_module_that_is_taken_out_raises_no_alarm_of_its_absence_and_warns() -> None:
    factory = Factory(said(named(DRILL, {}, enabled=False)))
    factory.online(DRILL, "CONNECTIONBROKEN")
    factory.online(MILL, "CONNECTIONBROKEN")
    later = NOW + 1000
    silent = {"connection-lost", "device-silent", "plc-lost"}
    subjects = {one.subject for one in factory.state.found_alarms(later) if one.rule in silent}
    assert MILL in subjects
    assert DRILL not in subjects
    factory.online(DRILL).module(DRILL, errors=[{"errorType": "x", "errorLevel": "FATAL"}])
    assert "device-fatal" in {one.rule for one in factory.state.found_alarms(NOW)}


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("module-step", {"serial": DRILL, "command": "PICK", "colour": "RED"}),
        ("fts-navigate", {"target": DRILL, "serial": FTS, "empty": True}),
        ("production-order", {"colour": "WHITE"}),
        ("module-factsheet", {"serial": DRILL}),
    ],
)
def test_a_command_to_it_warns_and_may_go(kind: str, given: Any) -> None:
    before = plan(kind, known_factory(), **given)
    found = plan(kind, said(named(DRILL, {}, enabled=False)), **given)
    new = [one for one in found.checks if one not in before.checks]
    assert [one.id for one in new] == ["device-in-use"]
    assert "DRILL is taken out by the site" in new[0].en
    assert found.allowed == before.allowed


def test_an_order_that_does_not_pass_it_does_not_warn() -> None:
    state = said(named(DRILL, {}, enabled=False))
    checks = plan("production-order", state, colour="RED").checks
    assert "device-in-use" not in {one.id for one in checks}
    assert "device-in-use" not in {
        one.id for one in plan("site-module", state, serial=DRILL, enabled=True).checks
    }

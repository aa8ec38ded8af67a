"""A word that is changed where it stands is what NiceGUI draws as well, whatever it draws next."""

import pytest
from playwright.sync_api import Browser

from services.supervisor.runfile import RunFile
from tests.e2e.whole import open_page

SHARED_SYSTEM = True

pytestmark = pytest.mark.browser

STEPS = """async () => {
  const link = document.querySelector(".menu-link"), id = link.id.slice(1), shown = [];
  const look = () => shown.push(
    [link.firstChild.data, link.classList.contains("aged"), link.getAttribute("title")]);
  const kept = mounted_app.elements[id], before = link.title;
  const whole = (text, names, title) => ({...kept, text, class: names,
    props: {...kept.props, title}});
  const again = async (element) => { mounted_app.elements[id] = element; await Vue.nextTick(); };
  const [words, names] = [kept.text, [...kept.class]];
  omfChange(mounted_app, {[id]: {text: "changed", class: [...names, "aged"], title: "new"}});
  look();
  // Drawn for another element: what NiceGUI drew last of this one is older than what is shown.
  mounted_app.elements[0] = {...mounted_app.elements[0]};
  await Vue.nextTick();
  look();
  // Sent whole, as it was drawn last: NiceGUI finds nothing to change.
  omfChange(mounted_app, {[id]: {text: "once more", title: null}});
  look();
  await again(whole("changed", [...names, "aged"], "new"));
  look();
  await again(whole(words, names, before));
  look();
  omfChange(mounted_app, {"999999": {text: "an element that is gone"}});
  // Taken away and made anew under the same id: nothing of before is left.
  delete mounted_app.elements["999998"];
  mounted_app.elements["999998"] = {...kept, children: [], text: "made anew"};
  omfChange(mounted_app, {"999998": {text: "changed"}});
  delete mounted_app.elements["999998"];
  await Vue.nextTick();
  omfChange(mounted_app, {"999998": {text: "gone"}});
  return [shown, [words, false, before]];
}"""


def test_what_is_changed_alone_and_what_is_drawn_whole_agree(
    calm_system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, calm_system.ui, "/mock/help")
    page.wait_for_function("() => window.did_handshake")
    shown, before = page.evaluate(STEPS)
    changed = ["changed", True, "new"]
    assert shown == [changed, changed, ["once more", True, None], changed, before]
    page.context.close()


STYLE_AND_INSIDE = """async () => {
  const link = document.querySelector(".menu-link"), id = link.id.slice(1), shown = [];
  const look = () => shown.push([link.style.getPropertyValue("--x"), link.innerHTML]);
  const kept = mounted_app.elements[id];
  mounted_app.elements[id] = {...kept, text: null, style: {"--x": "1px"},
    props: {...kept.props, innerHTML: "<b>one</b>"}};
  await Vue.nextTick();
  look();
  omfChange(mounted_app, {[id]: {style: {"--x": "2px"}, innerHTML: "<b>two</b>"}});
  look();
  mounted_app.elements[0] = {...mounted_app.elements[0]};
  await Vue.nextTick();
  look();
  return shown;
}"""


def test_style_and_inside_are_changed_where_they_stand(
    calm_system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, calm_system.ui, "/mock/help")
    page.wait_for_function("() => window.did_handshake")
    one, two, again = page.evaluate(STYLE_AND_INSIDE)
    assert one == ["1px", "<b>one</b>"]
    assert two == again == ["2px", "<b>two</b>"]
    page.context.close()

"""What the race measures: values that are published, and when one page shows each.

The page is looked at before each frame it draws, by the clock the publisher uses: both are of one
machine. A value is a number of six digits that nothing else on the page bears.
"""

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import NamedTuple

from playwright.sync_api import Page

from services.common.mqtt.mqtt_link import MqttLink
from tests.bench.peers_pages.contender import TOPICS, VALUES

FIRST_NUMBER = 100_000
SHOWN_S = 90.0
GRACE_S = 3.0
"""The last values of a run may still come."""
LATE_S = 1.0
"""A value that was overtaken within this time needs not have been shown."""
PER_SECOND = 10
SEED = 20
_numbers = count(FIRST_NUMBER)
"""Of all contenders: the broker keeps the newest values, and they would be taken for new ones."""
WATCH = """(root, watched) => {
  const seen = window.raceSeen = JSON.parse(sessionStorage.raceSeen ?? "{}");
  addEventListener("pagehide", () => { sessionStorage.raceSeen = JSON.stringify(seen); });
  const number = /(?<![\\d.])[1-9]\\d{2}[,\\u00a0\\u202f]?\\d{3}(?![\\d.])/g;
  const read = (node, found) => {
    if (node.nodeType === Node.TEXT_NODE) {
      for (const one of node.data.matchAll(number)) found.push(one[0].replace(/\\D/g, ""));
      return;
    }
    if (node.nodeName === "SCRIPT" || node.nodeName === "STYLE") return;
    if (node.shadowRoot) read(node.shadowRoot, found);
    for (let child = node.firstChild; child; child = child.nextSibling) read(child, found);
  };
  const shown = window.raceNumbers = () => {
    const found = [], holder = document.querySelector(root);
    if (holder) read(holder, found);
    return found;
  };
  const look = () => {
    const found = shown();
    const now = Date.now();
    for (const one of found) seen[one] ??= now;
    window.raceShown = new Set(found).size;
    requestAnimationFrame(look);
  };
  if (watched) look();
}"""


class Sent(NamedTuple):
    """One published value."""

    number: int
    topic: str
    at: float


class ValuePublisher:
    """Gives each topic in turn a number nobody has seen, at an uneven pace."""

    def __init__(self, link: MqttLink) -> None:
        self._link = link
        self._chance = random.Random(SEED)  # noqa: S311 - a pause, no secret

    def round(self) -> list[Sent]:
        """One value for each topic at once."""
        return [self._publish(topic) for topic in TOPICS]

    def run(self, seconds: float) -> list[Sent]:
        """PER_SECOND messages a second, never in step with what asks in a rhythm."""
        sent: list[Sent] = []
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            sent.append(self._publish(TOPICS[len(sent) % VALUES]))
            time.sleep(self._chance.uniform(0.5, 1.5) / PER_SECOND)
        return sent

    def _publish(self, topic: str) -> Sent:
        number = next(_numbers)
        payload = json.dumps({"value": number}).encode()
        at = time.time()
        self._link.publish(topic, payload, retain=True)
        return Sent(number, topic, at)


def prepare(page: Page, root: str, *, watched: bool) -> None:
    """Have the page that is opened next tell what it shows, and if watched note when it does.

    It may load itself again.
    """
    told = f"{json.dumps(root)}, {json.dumps(watched)}"
    page.add_init_script(f"if (window === top) ({WATCH})({told});")


def shows(page: Page, one: Sent) -> bool:
    """True if the page shows this value now."""
    return str(one.number) in page.evaluate("() => window.raceNumbers()")


def all_shown(page: Page) -> None:
    """Return once a watched page shows all values; playwright's error if it does not."""
    page.wait_for_function(f"() => window.raceShown >= {VALUES}", timeout=SHOWN_S * 1000)


def follows(page: Page, sent: Iterable[Sent]) -> None:
    """Return once a watched page has shown all of these; playwright's error if it does not."""
    script = "numbers => numbers.every(one => one in window.raceSeen)"
    page.wait_for_function(script, arg=[str(one.number) for one in sent], timeout=SHOWN_S * 1000)


def delays(page: Page, sent: Iterable[Sent]) -> tuple[list[float], int]:
    """Milliseconds from the publish of each value that was shown, and how many were lost."""
    sent = list(sent)
    seen = {int(number): at for number, at in page.evaluate("() => window.raceSeen").items()}
    took = [seen[one.number] - one.at * 1000 for one in sent if one.number in seen]
    return took, sum(1 for one in missed(sent, lambda one: one.number in seen))


def missed(sent: list[Sent], shown: Callable[[Sent], bool]) -> Iterator[Sent]:
    """Values never shown, though the next one of the topic came later than LATE_S, or never."""
    following: dict[str, float] = {}
    for one in reversed(sent):
        if not shown(one) and following.get(one.topic, float("inf")) - one.at > LATE_S:
            yield one
        following[one.topic] = one.at

"""Panel: a periodic callback of 250 ms per session, its changes sent together by `hold`."""

from pathlib import Path

from tests.bench.peers_pages.contender import POLL_MS, PipServer

APP = f"""\
import panel as pn
from panel.io import hold
from values_feed import TOPICS, follow

pn.extension()
latest = pn.state.as_cached("values", follow)
size = dict(format="{{value}}", font_size="18pt", title_size="9pt")
tiles = {{t: pn.indicators.Number(name=t, value=latest.get(t), **size) for t in TOPICS}}


@hold()
def update():
    for topic, tile in tiles.items():
        tile.value = latest.get(topic)


pn.state.add_periodic_callback(update, period={POLL_MS})
pn.GridBox(*tiles.values(), ncols=6).servable()
"""


class PanelPage(PipServer):
    """Sixty `pn.indicators.Number`."""

    name = "Panel"
    told = f"pn.state.add_periodic_callback({POLL_MS} ms) with hold, 60 pn.indicators.Number"
    folder_name = "panel"
    packages = ("panel==1.9.4",)
    app = APP
    path = "/app"

    def command(self, folder: Path, broker_port: int, port: int) -> list[str]:
        """`panel serve`."""
        del broker_port
        served = ["--address", "127.0.0.1", "--port", str(port)]
        origin = ["--allow-websocket-origin", f"127.0.0.1:{port}"]
        return [str(self.python), "-m", "panel", "serve", str(self.write(folder)), *served, *origin]

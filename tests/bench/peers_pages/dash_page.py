"""Dash: asked every 250 ms by `dcc.Interval`, or pushing by a callback over a WebSocket."""

from pathlib import Path

from tests.bench.peers_pages.contender import POLL_MS, PipServer

PUSH_S = 0.05
"""How often the callback looks for what changed."""
HEAD = """\
import asyncio
from dash import Dash, Input, Output, callback, ctx, dcc, html, set_props
from values_feed import TOPICS, follow

latest = follow()


def board():
    tiles = [
        html.Div([html.Small(one), html.H4(id=name(one), children=latest.get(one, "-"))])
        for one in TOPICS
    ]
    grid = {"display": "grid", "gridTemplateColumns": "repeat(6, 1fr)"}
    return [html.Div(tiles, style=grid)]


def name(topic):
    return topic.replace("/", "-")

"""
TAIL = """
server = app.server
"""
ASKING = f"""
app = Dash(backend="fastapi")
app.layout = lambda: html.Div([*board(), dcc.Interval(id="tick", interval={POLL_MS})])


@callback([Output(name(one), "children") for one in TOPICS], Input("tick", "n_intervals"))
def update(_):
    return [latest.get(one, "-") for one in TOPICS]
"""
PUSHING = f"""
app = Dash(backend="fastapi", websocket_callbacks=True)
app.layout = lambda: html.Div(board())


@callback(persistent=True)
async def push():
    shown = {{}}
    link = ctx.websocket
    while not link.is_shutdown:
        for topic, value in list(latest.items()):
            if shown.get(topic) != value:
                shown[topic] = value
                set_props(name(topic), {{"children": value}})
        await asyncio.sleep({PUSH_S})
"""


class DashPage(PipServer):
    """One callback that gives sixty outputs."""

    name = "Dash, Interval"
    told = f"dcc.Interval({POLL_MS} ms), one callback with 60 outputs, on its FastAPI backend"
    folder_name = "dash"
    packages = ("dash[fastapi]==4.4.1",)
    app = HEAD + ASKING + TAIL

    def command(self, folder: Path, broker_port: int, port: int) -> list[str]:
        """uvicorn with one worker."""
        del broker_port
        self.write(folder)
        served = ["--host", "127.0.0.1", "--port", str(port)]
        return [str(self.python), "-m", "uvicorn", "app:server", *served]


class DashPushPage(DashPage):
    """A callback of each page that never returns and sets what changed."""

    name = "Dash, WebSocket"
    told = f"a persistent WebSocket callback with set_props, looking every {PUSH_S * 1000:.0f} ms"
    app = HEAD + PUSHING + TAIL

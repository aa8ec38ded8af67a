"""Streamlit: a fragment that runs again every 250 ms, as its documentation does for live data."""

from pathlib import Path

from tests.bench.peers_pages.contender import POLL_MS, PipServer

APP = f"""\
import streamlit as st
from values_feed import TOPICS, follow

st.set_page_config(layout="wide")
latest = st.cache_resource(follow)()


@st.fragment(run_every={POLL_MS / 1000})
def board():
    columns = st.columns(6)
    for number, topic in enumerate(TOPICS):
        columns[number % 6].metric(topic, str(latest.get(topic, "-")))


board()
"""


class StreamlitPage(PipServer):
    """Sixty `st.metric` in one `st.fragment`."""

    name = "Streamlit"
    told = f"st.fragment(run_every={POLL_MS} ms) with 60 st.metric, paho in st.cache_resource"
    folder_name = "streamlit"
    packages = ("streamlit==1.67.0",)
    app = APP

    def command(self, folder: Path, broker_port: int, port: int) -> list[str]:
        """`streamlit run`, without its statistics and without a watch on its files."""
        del broker_port
        quiet = {
            "server.headless": "true",
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
            "server.address": "127.0.0.1",
            "server.port": str(port),
        }
        options = [f"--{name}={value}" for name, value in quiet.items()]
        return [str(self.python), "-m", "streamlit", "run", str(self.write(folder)), *options]

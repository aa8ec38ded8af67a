"""Lists of messages: what stands in their columns."""

from services.ui.live.screen import Screen
from services.ui.widgets.table import column

SHOW = """params => {
  const cell = document.createElement("span");
  if (params.data.picture) {
    const picture = document.createElement("img");
    picture.src = "PATH/" + encodeURIComponent(params.data.picture);
    picture.className = "thumb";
    picture.loading = "lazy";
    picture.alt = params.data.topic || "";
    cell.append(picture);
  } else {
    cell.textContent = params.value;
  }
  return cell;
}"""
"""Payload as text, or a picture by its address: no byte of it travels with the row."""


def message_columns(screen: Screen) -> list[dict[str, object]]:
    """The columns of the list; their order is that of the buffer, so none can be sorted."""
    say = screen.say
    fixed = {"sortable": False}
    return [
        column("time", say("column.time"), 116, **fixed),
        column("way", say("column.way"), 34, headerTooltip=say("messages.way"), **fixed),
        column(
            "sender",
            say("column.sender"),
            104,
            headerTooltip=say("column.sender.is"),
            tooltipField="sender",
            **fixed,
        ),
        column("priority", say("column.priority"), 78, **fixed),
        column(
            "meaning",
            say("column.meaning"),
            0,
            minWidth=150,
            flex=4,
            tooltipField="meaning",
            **fixed,
        ),
        column(
            "topic",
            say("column.topic"),
            0,
            minWidth=150,
            flex=3,
            cellClass="cell-mono",
            tooltipField="topic",
            **fixed,
        ),
        column(
            "excerpt",
            say("column.payload"),
            0,
            minWidth=90,
            flex=2,
            cellClass="cell-mono cell-dim",
            **{":cellRenderer": SHOW.replace("PATH", f"/{screen.environment}/picture")},
            **fixed,
        ),
        column("size", say("column.size"), 74, type="rightAligned", **fixed),
        column("flags", say("column.flags"), 54, headerTooltip=say("messages.flags"), **fixed),
    ]

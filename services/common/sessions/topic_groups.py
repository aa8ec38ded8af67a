"""Groups of topics a recording may leave out by name."""

from collections.abc import Mapping
from types import MappingProxyType

from omf.topics import catalogue

TOPIC_PRESETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "camera": (catalogue.find("txt_cam").pattern,),
        "pictures": tuple(catalogue.find(n).pattern for n in ("txt_cam", "txt_quality_check")),
        "sensors": tuple(t.pattern for t in catalogue.TOPICS if t.category == "sensor"),
        "boards": tuple(t.pattern for t in catalogue.TOPICS if t.name.startswith("arduino")),
    }
)
"""Topic filters by name; most bytes are pictures, most messages are sensors."""

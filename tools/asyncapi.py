"""What a service reads and writes in the store, as an AsyncAPI document.

`python -m tools.asyncapi orders > docs/asyncapi/orders.yaml`, and the same for the gateway. The
documents are those of the environment `mock`; the others differ in the name.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence

import yaml
from faststream import FastStream

from services.common.process.settings import ServiceSettings
from services.gateway import process as gateway
from services.orders import process as orders

APPLICATIONS: Mapping[str, Callable[[ServiceSettings], FastStream]] = {
    "orders": lambda settings: orders.application(settings, _take, _take),
    "gateway": lambda settings: gateway.application(settings, _take),
}


async def _take(_ids: Sequence[bytes], _rows: Sequence[Mapping[bytes, bytes]]) -> None:
    """Nothing is read while a document is written."""


def render(service: str) -> str:
    """The AsyncAPI document of `orders` or `gateway` as YAML."""
    app = APPLICATIONS[service](ServiceSettings.model_construct(environment="mock"))
    document = json.loads(app.schema.to_specification().to_json())
    return yaml.safe_dump(document, allow_unicode=True, width=100)


if __name__ == "__main__":
    sys.stdout.buffer.write(render(sys.argv[1]).encode())

"""What this service hears and tells, as an AsyncAPI document.

`python -m services.orders.asyncapi > docs/asyncapi/orders.yaml`
"""

import json
import sys
from collections.abc import Mapping, Sequence

import yaml

from services.common.process.settings import ServiceSettings
from services.orders.app import application


async def _take(_ids: Sequence[bytes], _rows: Sequence[Mapping[bytes, bytes]]) -> None:
    """Nothing is read while a document is written."""


def render() -> str:
    """The AsyncAPI document as YAML, for the environment `mock`; the others differ in the name."""
    app = application(ServiceSettings.model_construct(environment="mock"), _take, _take)
    document = json.loads(app.schema.to_specification().to_json())
    return yaml.safe_dump(document, allow_unicode=True, width=100)


if __name__ == "__main__":
    sys.stdout.buffer.write(render().encode())

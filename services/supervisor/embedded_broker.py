"""The broker of a bare machine: `python embedded_broker.py CONFIG_FILE`."""

import logging
import sys

from iotcore.iotcore import IotCoreBroker


def main() -> None:
    """Serve until killed."""
    logging.basicConfig(level=logging.WARNING)
    # It reports each routed packet as an error; only its silence is readable.
    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)
    IotCoreBroker(config_path=sys.argv[1]).run_forever()


if __name__ == "__main__":
    main()

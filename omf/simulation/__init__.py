"""The factory as state machines on virtual time: CCU, modules, vehicles, sensors."""

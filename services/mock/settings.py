"""What a simulation is told from outside (`OMF_MOCK_*`)."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator
from pydantic_settings import NoDecode

from omf.constants import COLOURS, MOCK_SPEED
from omf.simulation.simulated_factory import WAREHOUSE_BAYS
from services.common.process.settings import ServiceSettings
from services.mock.fault_injection import InjectedFault

MOCK_PARTS = ("ccu", "modules", "vehicles", "sensors")
MAX_VEHICLES = 20
DOCKED = 4
"""With one before each of the five modules none could make way for another: more begin lost."""


def _listed(value: Any) -> Any:
    return tuple(filter(None, value.split(","))) if isinstance(value, str) else value


def _counted(value: Any) -> Any:
    """`RED=2,BLUE=1` as a mapping; one that is no pair is left for the validator to refuse."""
    if not isinstance(value, str):
        return value
    pairs = [piece.partition("=") for piece in value.split(",") if piece]
    return {name.strip().upper(): count for name, _, count in pairs}


class MockSettings(ServiceSettings):
    """Which parts run, how fast, with what in stock, and what goes wrong."""

    mock_speed: float = Field(default=MOCK_SPEED, ge=0.1, le=100.0)
    """How many seconds of the factory pass in one of life."""
    mock_parts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = MOCK_PARTS
    mock_vehicles: int = Field(default=1, ge=0, le=MAX_VEHICLES)
    mock_docked: bool = True
    """Vehicles begin docked; else they are lost and have to look for their place at the DPS."""
    mock_stock: Annotated[dict[str, int], NoDecode, BeforeValidator(_counted)] = Field(
        default={"RED": 2, "WHITE": 2, "BLUE": 2}
    )
    mock_seed: int | None = None
    """The same seed gives the same durations and ids; without one no two days have an id in common,
    as a history that survives a restart needs."""
    mock_failing: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of the pieces that fail the quality check; in the recordings 0.36."""
    mock_faults: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = ()
    """Faults on demand, `KIND[:TARGET]@SECONDS`; seconds of the factory after the start."""

    @field_validator("mock_parts")
    @classmethod
    def _known_parts(cls, parts: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [part for part in parts if part not in MOCK_PARTS]
        if wrong or not parts:
            raise ValueError(f"unknown part {wrong}; use any of {', '.join(MOCK_PARTS)}")
        return parts

    @field_validator("mock_stock")
    @classmethod
    def _fits_the_warehouse(cls, stock: dict[str, int]) -> dict[str, int]:
        if any(colour not in COLOURS or count < 0 for colour, count in stock.items()):
            raise ValueError(f"stock is COLOUR=COUNT of {', '.join(COLOURS)}, got {stock}")
        if sum(stock.values()) > len(WAREHOUSE_BAYS):
            raise ValueError(
                f"the warehouse has {len(WAREHOUSE_BAYS)} bays, got {sum(stock.values())} pieces"
            )
        return stock

    @field_validator("mock_faults")
    @classmethod
    def _readable_faults(cls, faults: tuple[str, ...]) -> tuple[str, ...]:
        for fault in faults:
            InjectedFault.parse(fault)
        return faults

"""Factsheets: what a module or vehicle is and can (PROTOCOL A.2, D.6)."""

from omf.messages.base import Int, Json, Many, Record


class TypeSpecification(Record):
    """Make and class; `module_class` is the module type of the layout."""

    series_name: str | None = None
    module_class: str | None = None
    agv_class: str | None = None
    navigation_types: Many[str] = ()


class ActionParameter(Record):
    """A parameter of an action."""

    parameter_name: str | None
    parameter_type: str | None = None
    parameter_description: str | None = None
    is_optional: bool | None = None


class OfferedAction(Record):
    """An action the device accepts; scope INSTANT is an instant action."""

    action_type: str | None
    action_scopes: Many[str] | str | None = None
    action_parameters: Many[ActionParameter] = ()


class ProtocolFeatures(Record):
    """Actions of a module or a vehicle."""

    module_actions: Many[OfferedAction] = ()
    agv_actions: Many[OfferedAction] = ()
    module_parameters: dict[str, Json] | None = None


class LoadSet(Record):
    """A kind of workpiece; `max_amount` is the number of bays an HBW has for it."""

    set_name: str | None = None
    load_type: str | None = None
    max_amount: Int | None = None


class LoadSpecification(Record):
    """What the device can hold, and where."""

    load_positions: Many[str] = ()
    load_sets: Many[LoadSet] = ()


class _Factsheet(Record):
    serial_number: str | None = None
    version: str | None = None
    manufacturer: str | None = None
    header_id: Int | None = None
    timestamp: str | None = None
    type_specification: TypeSpecification | None = None
    protocol_features: ProtocolFeatures | None = None
    load_specification: LoadSpecification | None = None
    physical_parameters: dict[str, Json] | None = None
    localization_parameters: dict[str, Json] | None = None
    protocol_limits: dict[str, Json] | None = None

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of all actions offered, orders and instant actions."""
        offered = self.protocol_features
        if offered is None:
            return ()
        actions = offered.module_actions + offered.agv_actions
        return tuple(action.action_type for action in actions if action.action_type)


class ModuleFactsheet(_Factsheet):
    """What a module is and can."""


class VehicleFactsheet(_Factsheet):
    """What a vehicle is and can."""

    agv_geometry: dict[str, Json] | None = None

"""What the site says of its factory: name, modules, order, tags, links. It hears nothing of it.

The document is one and orders keeps it; each command changes a part of it, `site-import` all.
"""

from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from omf.commands.command_types.brackets import act_of_orders
from omf.commands.forms import Form, JsonObject, Serial, field
from omf.commands.schemas import CommandError, Kind
from omf.commands.site_changes import (
    SITE_IMPORT,
    SITE_LINKS,
    SITE_MODULE,
    SITE_NAME,
    SITE_ORDER,
    SITE_TAGS,
    conflict_of,
)
from omf.faults import fault_text
from omf.site.lists import links_of, links_text, order_of, order_text, tags_of, tags_text
from omf.site.settings import FactoryName, ModuleIcon, ModuleName, SiteContent
from omf.state import FactoryState
from omf.texts import joined, text, verbatim

SITE_EXPIRY_S = 60.0
MAX_LIST_CHARS = 100_000


def _tag_list(source: str) -> str:
    return tags_text(tags_of(source))


def _link_list(source: str) -> str:
    return links_text(links_of(source))


def _order_list(source: str) -> str:
    return order_text(order_of(source))


def _content(given: dict[str, Any]) -> dict[str, Any]:
    """What `SiteContent` reads, with each part that it leaves out."""
    try:
        return SiteContent.model_validate(given).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        said = joined(": ", [verbatim(where), fault_text(first)]) if where else fault_text(first)
        raise PydanticCustomError("site", "no settings", {"text": said}) from None


TagList = Annotated[str, Field(max_length=MAX_LIST_CHARS), AfterValidator(_tag_list)]
LinkList = Annotated[str, Field(max_length=MAX_LIST_CHARS), AfterValidator(_link_list)]
OrderList = Annotated[str, Field(max_length=MAX_LIST_CHARS), AfterValidator(_order_list)]
SiteDocument = Annotated[JsonObject, AfterValidator(_content)]


class SiteNameForm(Form):
    """What the factory is called; "" takes the name away."""

    name: FactoryName = field("field.site_name", hint="hint.site_name", emptied=True)


class SiteModuleForm(Form):
    """One module; a field left out stays as it is, "" takes a name or the symbol away."""

    serial: Serial = field("field.serial_number")
    name_de: ModuleName | None = field("field.name_de", None, emptied=True)
    name_en: ModuleName | None = field("field.name_en", None, emptied=True)
    name_fr: ModuleName | None = field("field.name_fr", None, hint="hint.site_module", emptied=True)
    icon: ModuleIcon | None = field("field.module_icon", None, emptied=True)
    enabled: bool | None = field("field.module_enabled", None, hint="hint.module_enabled")


class SiteTagsForm(Form):
    """The whole list as CSV; "" takes it away."""

    tags: TagList = field("field.site_tags", hint="hint.site_tags", emptied=True)


class SiteLinksForm(Form):
    """All links, one a line; "" takes them away."""

    links: LinkList = field("field.site_links", hint="hint.site_links", emptied=True)


class SiteOrderForm(Form):
    """Which modules lists begin with; "" is the usual order."""

    module_order: OrderList = field("field.module_order", hint="hint.module_order", emptied=True)


class SiteImportForm(Form):
    """The whole document, as `omf config export` writes it."""

    document: SiteDocument = field("field.site_document", hint="hint.site_document")


def _told_apart(kind: str, form: Any, state: FactoryState) -> Any:
    """Refuses a name that another device bears, and a vehicle, which has no name of its own."""
    if kind == SITE_MODULE and form.serial in state.vehicles:
        raise CommandError("serial", text("site.no_module", serial=form.serial))
    if conflict := conflict_of(kind, form.model_dump(), state.site.content, state):
        raise conflict
    return form


def _kind(name: str, form: type[Form]) -> Kind:
    resolve = partial(_told_apart, name)
    return act_of_orders(name, form, SITE_EXPIRY_S, role="admin", resolve=resolve)


KINDS = (
    _kind(SITE_NAME, SiteNameForm),
    _kind(SITE_MODULE, SiteModuleForm),
    _kind(SITE_TAGS, SiteTagsForm),
    _kind(SITE_LINKS, SiteLinksForm),
    _kind(SITE_ORDER, SiteOrderForm),
    _kind(SITE_IMPORT, SiteImportForm),
)

"""What a factory of the site is called, and how it is now in one line."""

from services.common.store.environments import factory
from services.ui.translator import Translator


def factory_title(say: Translator, name: str) -> str:
    """Its title; without one its name, and of the usual three the word for their kind."""
    found = factory(name)
    return found.title or (say(f"environment.{found.kind}") if name == found.kind else name)

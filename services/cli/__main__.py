"""`python -m services.cli` is `omf`."""

from services.cli import app

app(prog_name="omf")

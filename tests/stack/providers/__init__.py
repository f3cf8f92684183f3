"""Stand-ins for the providers: their wire formats, on loopback, with faults.

``async with serve(journal_dir=…) as providers:`` runs them in this process;
``python -m tests.stack.providers --port 8090 --journal-dir journals`` runs them alone.
"""

from tests.stack.providers.faults import Action, Rule
from tests.stack.providers.journal import Entry, Journal, Outcome
from tests.stack.providers.server import Providers, serve

__all__ = ["Action", "Entry", "Journal", "Outcome", "Providers", "Rule", "serve"]

"""What one GraphQL request may ask for."""

from __future__ import annotations

MAX_CHARACTERS = 20_000
MAX_TOKENS = 2_000
"""Words and brackets of a document."""

MAX_FIELDS = 500
"""Fields of a document, fragments counted wherever they are spread."""

MAX_DEPTH = 15
"""Fields inside fields; what tools ask to learn the schema has 13."""

MAX_ALIASES = 30
MAX_COST = 2_000
ASK = 10
"""What a field costs that asks a route; an item of a list costs 1, and what is in it counts for
each of the items."""

UNTOLD = 10
"""How many items are expected of a list that takes no `limit`."""

MAX_LIMIT = 100
MAX_ASKS = 200
"""Routes that one request asks at most, whatever was expected."""

MAX_SECONDS = 20.0
"""After this long nothing more is asked; API Gateway waits for 29 seconds."""

MOST_ERRORS = 20
"""Of a document that is wrong in many places this many are told."""

MAX_INTROSPECTED = 2
"""How often one may go from a type of the schema to its fields and on to their types."""

"""`python -m adapters.local.edge`: the edge server of the embedded cloud."""

import logging

import uvloop

from adapters.local.edge.server import serve
from adapters.local.edge.settings import read_settings


def main() -> None:
    """Serve sites until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    uvloop.run(serve(read_settings()))


if __name__ == "__main__":
    main()

"""Lambda entries beside the API. Importing any of them installs the wiring and opens nothing."""

from chalicelib.wiring import install

install()

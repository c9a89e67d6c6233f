"""`python -m cli` is `deck`."""

from cli.main import main

main()

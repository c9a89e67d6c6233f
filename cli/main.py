"""Where `deck` starts: it answers `--version` before anything heavy is imported."""

from __future__ import annotations

import sys

from cli import __version__


def main() -> None:
    """Run the command line in `sys.argv` and exit with its code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        print(f"deck {__version__}")
        return
    try:
        from cli.app import app

        app()
    except KeyboardInterrupt:  # pressed while Python was still importing
        sys.exit(130)


if __name__ == "__main__":
    main()

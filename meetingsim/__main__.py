"""``meetingsim`` and ``python -m meetingsim``."""

from __future__ import annotations

import sys

from meetingsim.cli import main as run


def main() -> None:
    """Runs the command line and exits with its code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

"""``python -m kiosk.screen``: see :mod:`kiosk.screen.app`."""

import sys

from kiosk.screen.app import main

if __name__ == "__main__":
    sys.exit(main())

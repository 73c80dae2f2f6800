"""``python -m privacy.core``: the whole line from a terminal."""

import sys

from privacy.core.cli import main

sys.exit(main())

"""Settings: ``NOPEEK_ENV`` is dev (the default, embedded), test or prod."""

import os
import sys

if "pytest" in sys.modules:  # so that a bare `pytest` never touches a real site
    os.environ.setdefault("NOPEEK_ENV", "test")

match os.environ.get("NOPEEK_ENV", "dev"):
    case "prod":
        from nopeek_site.settings.prod import *  # noqa: F403
    case "test":
        from nopeek_site.settings.test import *  # noqa: F403
    case "dev":
        from nopeek_site.settings.dev import *  # noqa: F403
    case other:
        raise RuntimeError(f"NOPEEK_ENV={other!r}: use dev, test or prod")

"""`python -m ctres` is the `ctres` command."""

import sys

from .cli import main

sys.exit(main())

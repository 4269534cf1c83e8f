"""`python -m local_azure`: runs the stand-in and the azure-native plugin's stand-in until SIGTERM; holds no logic."""

from __future__ import annotations

import sys

from local_azure.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m pulumi_engine`: obtains the engine and prints the folder that holds it."""

import sys

from pulumi_engine.errors import EngineError
from pulumi_engine.obtain import obtain

if __name__ == "__main__":
    try:
        print(obtain())
    except EngineError as error:
        sys.exit(str(error))

"""`python -m dataplane_provider ENGINE_ADDRESS`: the plugin process that the Pulumi engine starts."""

import sys

from dataplane_provider.provider import DataplaneProvider
from provider_wire.server import serve

if __name__ == "__main__":
    sys.exit(serve(DataplaneProvider(), sys.argv[1:]))

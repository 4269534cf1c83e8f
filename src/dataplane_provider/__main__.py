"""`python -m dataplane_provider ENGINE_ADDRESS`: the plugin process that the Pulumi engine starts."""

import sys

from dataplane_provider.provider import DataplaneProvider
from provider_wire.server import serve
from pulumi_protocol.process_end import leave

if __name__ == "__main__":
    leave(serve(DataplaneProvider(), sys.argv[1:]))

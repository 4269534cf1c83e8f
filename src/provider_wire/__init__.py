"""What every Pulumi provider of this repository shares: typed verbs, the gRPC server, property values, and a test kit.

It knows nothing of Azure. Only `server.py` sees protobuf and gRPC.
"""

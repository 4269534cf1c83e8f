"""Obtains a working Pulumi engine: from PATH, from the official release, or built from its Go module.

Not for: running the engine (that is plain `pulumi`), nor for anything of Azure.
"""

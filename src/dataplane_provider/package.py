"""Name and version of the package."""

PACKAGE = "dataplane"
VERSION = "0.1.0"

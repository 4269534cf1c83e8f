"""The Azure services, one folder each; no service imports another."""

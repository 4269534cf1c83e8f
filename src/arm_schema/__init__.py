"""Shapes of Resource Manager bodies, derived from the azure-mgmt models: names, types, what is required."""

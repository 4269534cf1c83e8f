"""Conversations with the Azure services: the only modules that import Azure SDKs."""

"""The `ingest` command: one module for each command group, and what the groups are made of. Nobody imports it."""

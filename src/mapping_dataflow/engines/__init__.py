"""Engines turn relations and typed expressions into SQL. What an engine cannot do is refused by name."""

"""Meaning of scripts: data types, column scopes, constants, and the type check that makes typed expressions."""

"""The resource types, one module each: `routes(store)` gives its routes."""

"""The catalogue of the language's functions: names, signatures and result types, one module a family.

How a function is computed is the engines' business; a function here without an entry in an engine's capability
table is refused by that engine by name.
"""

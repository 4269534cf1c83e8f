"""The functions of the expression language, by family; `catalogue` lists them all."""

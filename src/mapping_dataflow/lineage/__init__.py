"""Column lineage: tracing it on relations, and the forms in which it is told."""

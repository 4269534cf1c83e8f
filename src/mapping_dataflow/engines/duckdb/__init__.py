"""DuckDB: expressions, relations and type names. Builds SQL only; running it is the caller's business."""

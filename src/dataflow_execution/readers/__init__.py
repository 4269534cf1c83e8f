"""Files of the formats of datasets as queries of DuckDB that stream: the input is never in memory as a whole."""

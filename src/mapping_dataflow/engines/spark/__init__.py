"""Spark SQL: expressions, relations and type names. Builds SQL only; running it is the caller's business.

The SQL is meant for sessions with ``spark.sql.ansi.enabled=false``, ``spark.sql.session.timeZone=UTC``,
``spark.sql.legacy.sizeOfNull=false`` and ``spark.sql.caseSensitive=true``.
"""

"""Rows of queries as files, tables of Delta and tables of databases."""

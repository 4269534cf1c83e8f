"""Lowers statements to relations, one module a transformation, listed in ``registry``."""

"""Rules of Java that the language has by its documents: regular expressions, patterns of numbers and dates, time zones,
charsets and escapes. They know nothing of the language's types; folding and the functions in Python use them.
"""

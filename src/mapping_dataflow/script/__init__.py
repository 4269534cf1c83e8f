"""The text of data flow scripts: lexer, syntax tree, parser and printer. Knows no functions and no types' meaning."""

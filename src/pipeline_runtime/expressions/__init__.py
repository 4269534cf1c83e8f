"""The expression language of pipelines (`@concat(…)`, `@{…}`), from text to value."""

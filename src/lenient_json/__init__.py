"""JSON that deviates from its standard, made strict."""

from lenient_json.strict_text import DEVIATIONS, TRAILING_COMMAS, strict_json

__all__ = ["DEVIATIONS", "TRAILING_COMMAS", "strict_json"]

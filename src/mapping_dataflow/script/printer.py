"""Prints a syntax tree as a script: the printed script has the same tree. Comments and layout are not kept."""

from __future__ import annotations

import re

from mapping_dataflow.script import syntax

_PLAIN_NAME = re.compile(r"[A-Za-z]\w*\Z")
_PATH_NAME = re.compile(r"(?:[^{}\\]|\.\{[^{}\\]*\})*")
_BRACE = re.compile(r"[\\}]|(?<=\.)\{")
_RESERVED = frozenset({"true", "false", "null", "NULL"})
_INDENT = "     "


def print_script(script: syntax.Script) -> str:
    """The script's text, one statement after the other, arguments on lines of their own."""
    parts: list[str] = []
    if script.parameters:
        lines = ",\n".join(_INDENT + _parameter(parameter) for parameter in script.parameters)
        parts.append("parameters{\n" + lines + "\n}")
    parts.extend(print_statement(statement) for statement in script.statements)
    return "\n".join(parts)


def print_statement(statement: syntax.Statement) -> str:
    """One statement, inputs first."""
    inputs = ", ".join(stream_name(stream) for stream in statement.inputs)
    arguments = (",\n" + _INDENT).join(print_argument(argument) for argument in statement.arguments)
    head = f"{inputs} " if inputs else ""
    outputs = f"@({', '.join(map(print_name, statement.outputs))})" if statement.outputs else ""
    return f"{head}{statement.verb}({arguments}) ~> {print_name(statement.name)}{outputs}"


def stream_name(stream: syntax.StreamName) -> str:
    """``stream`` or ``split@output``."""
    name = print_name(stream.name)
    return f"{name}@{print_name(stream.output)}" if stream.output is not None else name


def print_name(name: str) -> str:
    """A name, in braces unless it is plain."""
    if _PLAIN_NAME.match(name) and name not in _RESERVED:
        return name
    if _PATH_NAME.fullmatch(name):
        return "{" + name + "}"
    return "{" + _BRACE.sub(r"\\\g<0>", name) + "}"


def _parameter(parameter: syntax.ParameterDeclaration) -> str:
    default = f" ({print_expression(parameter.default)})" if parameter.default is not None else ""
    return f"{print_name(parameter.name)} as {print_type(parameter.type)}{default}"


def print_argument(argument: syntax.Argument) -> str:
    """One argument of a statement, block or struct."""
    match argument:
        case syntax.Property():
            return f"{argument.name}: {print_expression(argument.value)}"
        case syntax.Assignment():
            if argument.local and isinstance(argument.target, syntax.LocalName):
                return f"{print_name(argument.target.name)} := {print_expression(argument.value)}"
            return f"{print_expression(argument.target)} = {print_expression(argument.value)}"
        case syntax.Positional():
            return print_expression(argument.expression)
        case syntax.Columns():
            return f"{argument.name}({_fields(argument.fields)})"
        case syntax.Block():
            return f"{argument.name}({', '.join(map(print_argument, argument.arguments))})"


def print_type(type_syntax: syntax.TypeSyntax) -> str:
    """A type as in a column list."""
    match type_syntax:
        case syntax.NamedType():
            arguments = ",".join(map(str, type_syntax.arguments))
            return f"{type_syntax.name}({arguments})" if arguments else type_syntax.name
        case syntax.StructType():
            return f"({_fields(type_syntax.fields)})"
        case syntax.ArrayType():
            return print_type(type_syntax.element) + "[]"
        case syntax.MapType():
            return f"[{print_type(type_syntax.key)},{print_type(type_syntax.value)}]"


def _fields(fields: tuple[syntax.StructField, ...]) -> str:
    return ", ".join(_field(field) for field in fields)


def _field(field: syntax.StructField) -> str:
    format_ = f" {print_expression(field.format)}" if field.format is not None else ""
    return f"{print_name(field.name)} as {print_type(field.type)}{format_}"


def print_expression(expression: syntax.Expression) -> str:
    """An expression with the parentheses it was written with."""
    match expression:
        case syntax.NumberLiteral() | syntax.StringLiteral() | syntax.TemplateLiteral():
            return _literal(expression)
        case syntax.BooleanLiteral():
            return "true" if expression.value else "false"
        case syntax.NullLiteral():
            return "null"
        case syntax.ColumnName():
            stream = f"{stream_name(expression.stream)}@" if expression.stream is not None else ""
            return stream + print_name(expression.name)
        case syntax.ParameterName():
            plain = expression.name == "$" or re.fullmatch(r"\w+", expression.name)
            return f"${expression.name}" if plain else f"${{{expression.name}}}"
        case syntax.LambdaName():
            return f"#{expression.name}"
        case syntax.LocalName():
            return f":{print_name(expression.name)}"
        case _:
            return _compound(expression)


def _compound(expression: syntax.Expression) -> str:
    match expression:
        case syntax.FunctionCall():
            return f"{expression.name}({_list(expression.arguments)})"
        case syntax.CacheCall():
            return f"{expression.sink}#{expression.function}({_list(expression.arguments)})"
        case syntax.Unary():
            return expression.operator + print_expression(expression.operand)
        case syntax.Binary():
            left, right = print_expression(expression.left), print_expression(expression.right)
            return f"{left} {expression.operator} {right}"
        case syntax.Parenthesised():
            return f"({print_expression(expression.expression)})"
        case syntax.Index():
            return f"{print_expression(expression.base)}[{print_expression(expression.index)}]"
        case syntax.Member():
            return f"{print_expression(expression.base)}.{print_name(expression.name)}"
        case syntax.TypeAssertion():
            return f"{print_expression(expression.expression)} ? {print_type(expression.type)}"
        case _:
            return _collection(expression)


def _collection(expression: syntax.Expression) -> str:
    match expression:
        case syntax.ArrayLiteral():
            return f"[{_list(expression.items)}]"
        case syntax.MapLiteral():
            entries = (f"{print_expression(key)} -> {print_expression(value)}" for key, value in expression.entries)
            return f"[{', '.join(entries)}]"
        case syntax.StructLiteral():
            return f"@({', '.join(map(print_argument, expression.fields))})"
        case _:
            raise TypeError(f"internal-error: no printed form for {type(expression).__name__}")


def _list(expressions: tuple[syntax.Expression, ...]) -> str:
    return ", ".join(map(print_expression, expressions))


def _literal(expression: syntax.NumberLiteral | syntax.StringLiteral | syntax.TemplateLiteral) -> str:
    match expression:
        case syntax.NumberLiteral():
            return expression.text
        case syntax.StringLiteral():
            return f"`{expression.value}`" if expression.raw else print_quoted(expression.value)
        case syntax.TemplateLiteral():
            parts = (
                _escaped(part, '"').replace("{", "\\{") if isinstance(part, str) else "{" + print_expression(part) + "}"
                for part in expression.parts
            )
            return '"' + "".join(parts) + '"'


def print_quoted(text: str) -> str:
    """A string literal with that value."""
    return "'" + _escaped(text, "'") + "'"


def _escaped(text: str, quote: str) -> str:
    text = text.replace("\\", "\\\\").replace(quote, "\\" + quote)
    return text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r").replace("\b", "\\b").replace("\f", "\\f")

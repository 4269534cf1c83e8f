"""What the engines share in writing typed expressions as SQL; literals and conversions are their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import ClassVar

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import FLOAT, Array, DataType, is_number
from mapping_dataflow.engines.base import CapabilityTable, fill
from mapping_dataflow.engines.bindings import Written, is_large, repeats_any, with_values
from mapping_dataflow.engines.conversions import Conversions
from mapping_dataflow.expressions import (
    Call,
    ColumnReference,
    Convert,
    FieldAccess,
    Lambda,
    LambdaVariable,
    Literal,
    SecretParameter,
    StructOf,
    TypedExpression,
)
from mapping_dataflow.functions import catalogue
from mapping_dataflow.functions.signatures import Kind
from mapping_dataflow.java.text_casts import rounded_to_single


@dataclass(frozen=True, slots=True)
class Windows:
    """The window for aggregates, with its frame, and the one for ranks and neighbours, which have none."""

    aggregating: exp.Window
    ranking: exp.Window


class ExpressionWriter(ABC):
    """Writes expressions over inputs that carry the given SQL aliases (None: columns stand unqualified)."""

    capabilities: ClassVar[CapabilityTable]
    conversions: ClassVar[Conversions]
    same_type: ClassVar[frozenset[str]] = frozenset()
    """Functions whose number in the engine has the language's type, so that no cast is needed."""

    def __init__(self, aliases: Sequence[str | None] = (None,), windows: Windows | None = None) -> None:
        self.aliases = aliases
        self.windows = windows
        self._bindings = count(1)

    def write(self, expression: TypedExpression) -> exp.Expression:
        """The SQL of a typed expression. Raises ProblemFound for what the engine cannot do."""
        match expression:
            case ColumnReference():
                alias = self.aliases[expression.input]
                return exp.column(expression.key, table=alias, quoted=True)
            case Call():
                return self._call(expression)
            case Literal():
                return self.literal(expression.value, expression.type)
            case Convert():
                return self._convert(expression)
            case FieldAccess():
                return self._field(self.write(expression.base), expression.base.type, expression.name)
            case StructOf():
                return self.conversions.struct([(name, self.write(value)) for name, value in expression.fields])
            case Lambda():
                names = [exp.to_identifier(name) for name in expression.parameters]
                return exp.Lambda(this=self.write(expression.body), expressions=names)
            case LambdaVariable():
                return exp.column(expression.name)
            case SecretParameter():
                return self.conversions.cast(self.parameter(expression.name), expression.type)

    # ------------------------------------------------------------ what differs

    @abstractmethod
    def literal(self, value: object, kind: DataType) -> exp.Expression:
        """A constant as SQL of exactly its type."""

    @abstractmethod
    def first_item(self, array: exp.Expression) -> exp.Expression:
        """The first item of an array."""

    def binds(self, body: exp.Expression) -> bool:
        """True when the engine can compute the expression for the items of an array."""
        return True

    @abstractmethod
    def windowed(self, result: exp.Expression, window: exp.Window) -> exp.Expression:
        """The aggregate or window function over the window; of a calculation with several, each of them."""

    @abstractmethod
    def parameter(self, name: str) -> exp.Expression:
        """The place of a value that is bound when the query runs."""

    # ------------------------------------------------------------ what does not

    def computed(self, call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        """The call by its entry of the capability table."""
        entry = self.capabilities.find(call)
        return self.fill(entry, arguments) if isinstance(entry, str) else entry(call, arguments)

    def fill(self, template: str, arguments: Sequence[exp.Expression]) -> exp.Expression:
        """A template of the engine's SQL with its arguments."""
        return fill(template, arguments, self.conversions.dialect)

    def _convert(self, conversion: Convert) -> exp.Expression:
        operand = conversion.operand
        if isinstance(operand, Literal) and is_number(operand.type) and is_number(conversion.type):
            value = operand.value
            if operand.type == FLOAT and isinstance(value, float):
                value = rounded_to_single(value)
            return self.literal(value, conversion.type)

        def converted(values: Sequence[exp.Expression]) -> exp.Expression:
            kinds = operand.type, conversion.type
            return self.conversions.convert(values[0], *kinds, conversion.span, conversion.format)

        return self._with_arguments([operand], converted)

    def _field(self, base: exp.Expression, kind: DataType, name: str, depth: int = 0) -> exp.Expression:
        if not isinstance(kind, Array):
            return self.conversions.struct_field(base, name)
        variable = f"part_{depth}"
        body = self._field(exp.column(variable), kind.element, name, depth + 1)
        return self.conversions.mapped(base, exp.Lambda(this=body, expressions=[exp.to_identifier(variable)]))

    def _call(self, call: Call) -> exp.Expression:
        function = catalogue.find(call.function)
        if function is None or function.kind is Kind.SCALAR:
            return self._with_arguments(
                call.arguments, lambda values: self._as_declared(call, self.computed(call, values))
            )
        result = self.computed(call, [self.write(argument) for argument in call.arguments])
        if self.windows is not None:
            ranks = function.kind is Kind.WINDOW
            result = self.windowed(result, self.windows.ranking if ranks else self.windows.aggregating)
        return self._as_declared(call, result)

    def _as_declared(self, call: Call, result: exp.Expression) -> exp.Expression:
        fits = call.function in self.same_type or isinstance(result, exp.Cast | exp.TryCast)
        return self.conversions.cast(result, call.type) if is_number(call.type) and not fits else result

    def _with_arguments(self, arguments: Sequence[TypedExpression], written: Written) -> exp.Expression:
        """What is written of the arguments; where it mentions a large one more than once, it is computed once."""
        values = [self.write(argument) for argument in arguments]
        places = [at for at, argument in enumerate(arguments) if not isinstance(argument, Literal | Lambda)]
        large = [at for at in places if is_large(values[at])]
        if large:
            number = next(self._bindings)
            names = {at: f"bound_{number}_{at}" for at in places}
            body = written([exp.column(names[at]) if at in names else value for at, value in enumerate(values)])
            if repeats_any(body, names, large) and self.binds(body):
                return self._bound(body, {names[at]: values[at] for at in places}, f"bound_{number}")
        return written(values)

    def _bound(self, body: exp.Expression, values: Mapping[str, exp.Expression], name: str) -> exp.Expression:
        """The body for the only item of an array, which holds its values: aggregates cannot stand in the body."""
        variable = exp.column(name)
        fields = {key: self.conversions.struct_field(variable, key) for key in values}
        function = exp.Lambda(this=with_values(body, fields), expressions=[exp.to_identifier(name)])
        one = exp.Array(expressions=[self.conversions.struct(list(values.items()))])
        return self.first_item(self.conversions.mapped(one, function))

"""What a flow reads and writes, before anything is known about the data: datasets and settings with their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mapping_dataflow.analysis.constants import Value
from mapping_dataflow.analysis.datatypes import from_syntax
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.errors import ProblemCollector, ProblemFound
from mapping_dataflow.expressions import TypedExpression
from mapping_dataflow.flow import Flow, parse_flow
from mapping_dataflow.lowering.arguments import Arguments
from mapping_dataflow.lowering.dependence import flow_up_to, named_stream
from mapping_dataflow.lowering.endpoint_settings import SOURCE_MOMENTS, SOURCE_PLACES_OF_RUN, SOURCE_SETTINGS
from mapping_dataflow.lowering.flowlets import INPUT_PROPERTIES, sources_with_flowlets
from mapping_dataflow.lowering.sink_settings import SinkSettings, settings
from mapping_dataflow.lowering.source import check_settings
from mapping_dataflow.lowering.text_types import TextTypes, text_types
from mapping_dataflow.parameters import bind
from mapping_dataflow.script.printer import print_type


@dataclass(frozen=True)
class SourceRequest:
    """A source of a flow. ``columns`` is the declared projection, name -> type text; empty when there is none.

    ``wildcard_paths`` and ``partition_root_path`` are relative to the dataset's container (file system);
    ``file_name_column`` asks for a column with the path of the file each row came from. ``settings`` holds every
    property about formats, places and files with its value, ``moments`` those times that the clock may decide,
    ``places_of_run`` the properties that say where the rows are, where it decides them: they are in no other field
    until whoever opens the source computes them. ``text_types`` say how values that are text become dates, times and
    numbers.
    """

    stream: str
    dataset: str | None
    wildcard_paths: tuple[str, ...]
    partition_root_path: str | None
    file_name_column: str | None
    ignore_no_files_found: bool
    document_form: str | None
    format: str | None
    columns: Mapping[str, str]
    settings: Mapping[str, Value]
    moments: Mapping[str, TypedExpression] = field(default_factory=dict)
    places_of_run: Mapping[str, TypedExpression] = field(default_factory=dict)
    text_types: TextTypes = TextTypes()

    @property
    def only_declared(self) -> bool:
        """Whether nothing but the declared columns is asked of the data, by the flow or by a check of its schema."""
        return bool(self.columns) and not (self.settings.get("allowSchemaDrift") or self.settings.get("validateSchema"))


@dataclass(frozen=True)
class SinkRequest:
    """A sink of a flow."""

    stream: str
    dataset: str | None
    settings: SinkSettings


def required_sources(
    document: Mapping[str, object],
    parameters: Mapping[str, object] | None = None,
    flowlets: Mapping[str, Mapping[str, object]] | None = None,
    *,
    stream: str | None = None,
) -> tuple[SourceRequest, ...]:
    """The sources in the order of the script, those of flowlets in it as ``statement/source``.

    With a ``stream`` those that it depends on alone. The inputs of a flowlet that stands alone are sources too. Raises
    MappingDataFlowErrors.
    """
    flow = parse_flow(document)
    if stream is not None:
        flow = flow_up_to(named_stream(stream, flow), flow)
    problems = ProblemCollector("reading the sources of", flow.subject, flow.text)
    parsed = {name: parse_flow(flowlet) for name, flowlet in (flowlets or {}).items()}
    requests: list[SourceRequest] = []
    for prefix, owner, statement in sources_with_flowlets(flow, parsed):
        own = problems
        if owner is not flow:
            own = ProblemCollector(problems.action, owner.subject, owner.text)
            problems.include(own)
        given = (parameters or {}) if owner is flow else {}
        bound = bind(owner, given, frozenset(), own, lenient=True)
        try:
            arguments = Arguments(statement, Environment(parameters=bound.expressions), own)
            requests.append(_source(prefix, owner, arguments, own))
        except ProblemFound as found:
            own.add(found.problem)
    problems.raise_if_any()
    return tuple(requests)


def sink_requests(
    document: Mapping[str, object], parameters: Mapping[str, object] | None = None
) -> tuple[SinkRequest, ...]:
    """The sinks in the order in which they are saved. Raises MappingDataFlowErrors."""
    flow = parse_flow(document)
    problems = ProblemCollector("reading the sinks of", flow.subject, flow.text)
    requests: list[SinkRequest] = []
    for arguments in _statements(flow, "sink", parameters or {}, problems):
        try:
            endpoint = flow.sink(arguments.statement.name)
            dataset = endpoint.dataset if endpoint else None
            requests.append(SinkRequest(arguments.statement.name, dataset, settings(arguments)))
        except ProblemFound as found:
            problems.add(found.problem)
    problems.raise_if_any()
    return tuple(sorted(requests, key=lambda request: request.settings.save_order))


def _statements(flow: Flow, verb: str, parameters: Mapping[str, object], problems: ProblemCollector) -> list[Arguments]:
    expressions: Mapping[str, TypedExpression] = bind(flow, parameters, frozenset(), problems, lenient=True).expressions
    problems.raise_if_any()
    environment = Environment(parameters=expressions)
    return [
        Arguments(statement, environment, problems) for statement in flow.script.statements if statement.verb == verb
    ]


def _source(prefix: str, flow: Flow, arguments: Arguments, problems: ProblemCollector) -> SourceRequest:
    if arguments.statement.verb == "input":
        arguments.allow(properties=INPUT_PROPERTIES, columns=["output"])
    else:
        check_settings(arguments)
    name = arguments.statement.name
    endpoint = flow.source(name)
    declared = arguments.declared("output") or ()
    for column in declared:  # names that are no types are reported before anybody looks for the data
        try:
            from_syntax(column.type)
        except ProblemFound as found:
            problems.add(found.problem)
    places = arguments.decided_by_run(SOURCE_PLACES_OF_RUN)
    return SourceRequest(
        stream=prefix + name,
        dataset=endpoint.dataset if endpoint else None,
        wildcard_paths=() if "wildcardPaths" in places else arguments.texts("wildcardPaths"),
        partition_root_path=None if "partitionRootPath" in places else arguments.text("partitionRootPath"),
        file_name_column=arguments.text("rowUrlColumn"),
        ignore_no_files_found=arguments.flag("ignoreNoFilesFound"),
        document_form=arguments.text("documentForm"),
        format=arguments.file_format(),
        columns={column.name: print_type(column.type) for column in declared},
        settings={
            name: arguments.value(name)
            for name in arguments.properties
            if name in SOURCE_SETTINGS and name not in SOURCE_MOMENTS and name not in places
        },
        moments={
            name: check(given.value, arguments.environment)
            for name, given in arguments.properties.items()
            if name in SOURCE_MOMENTS
        },
        places_of_run=places,
        text_types=text_types(arguments),
    )

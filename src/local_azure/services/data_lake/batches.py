"""Many blobs deleted, or given another tier, by one request: each part has a sender and an answer of its own.

https://learn.microsoft.com/rest/api/storageservices/blob-batch
"""

from __future__ import annotations

import re
import uuid
from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qsl, urlsplit

from local_azure.http import Request, Response
from local_azure.services.data_lake import errors
from local_azure.services.data_lake.call import Call, split_path

_MOST_PARTS = 256
_LARGEST_BODY = 4 * 1024 * 1024
_REQUEST_LINE = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.1\r?\n")
_REASONS = {200: "OK", 202: "Accepted"}


def answer_batch(call: Call) -> Response:
    """202 with the answers of all parts; a part that is refused leaves the others alone. Raises ServiceError 400."""
    if len(call.request.body) > _LARGEST_BODY:
        raise call.failure("RequestBodyTooLarge")
    parts = _parts(call)
    requests = [_request(call, part) for part in parts]
    if len({each.method for each in requests}) != 1:
        raise call.failure("InvalidInput", "All requests of a batch must be of the same type.")
    boundary = f"batchresponse_{uuid.uuid4()}"
    lines = b"".join(
        _answered(boundary, part, call.answer(request)) for part, request in zip(parts, requests, strict=True)
    )
    headers = {"content-type": f"multipart/mixed; boundary={boundary}"}
    return Response(202, headers, lines + f"--{boundary}--\r\n".encode())


def _parts(call: Call) -> list[Message]:
    head = f"Content-Type: {call.header('content-type')}\r\n\r\n".encode()
    batch = message_from_bytes(head + call.request.body)
    if batch.get_content_type() != "multipart/mixed" or not batch.get_boundary():
        raise call.failure("InvalidHeaderValue", "HeaderName: Content-Type")
    parts = batch.get_payload()
    if not isinstance(parts, list) or not parts:
        raise call.failure("InvalidInput", "The body holds no request.")
    if len(parts) > _MOST_PARTS:
        raise call.failure("ExceedsMaxBatchRequestCount")
    return [part for part in parts if isinstance(part, Message)]


def _request(call: Call, part: Message) -> Request:
    """The request in a part; it has the version of the batch where it names none, and who sends it stands in it."""
    content = part.get_payload(decode=True)
    text = content if isinstance(content, bytes) else b""
    line = _REQUEST_LINE.match(text)
    if part.get_content_type() != "application/http" or line is None:
        raise call.failure("InvalidInput", "A part of the body is no HTTP request.")
    method, target = line[1].decode(), urlsplit(line[2].decode())
    query = dict(parse_qsl(target.query, keep_blank_values=True))
    if method != "DELETE" and not (method == "PUT" and query.get("comp") == "tier"):
        raise errors.refused(
            call.surface, f"{method} {target.path} in a batch, which takes Delete Blob and Set Blob Tier"
        )
    if call.file_system and split_path(target.path)[0] != call.file_system:
        raise call.failure("InvalidInput", f"The container of {target.path} is not that of the batch.")
    headers = {name.lower(): value for name, value in message_from_bytes(text[line.end() :]).items()}
    if headers.get("authorization", "").lower().startswith("bearer "):  # a signature is over the headers as they came
        headers.setdefault("x-ms-version", call.header("x-ms-version"))
    return Request(method, call.request.host, target.path, query, headers, b"", call.request.source_ip)


def _answered(boundary: str, part: Message, answer: Response) -> bytes:
    reason = answer.headers.get("x-ms-error-code") or _REASONS.get(answer.status, "")
    body = answer.content()
    lines = [f"--{boundary}", "Content-Type: application/http"]
    if "content-id" in part:
        lines.append(f"Content-ID: {part['content-id']}")
    lines += ["", f"HTTP/1.1 {answer.status} {reason}", *(f"{name}: {value}" for name, value in answer.headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    # One empty line where there is no body: the client in Java takes what else stands there for an error's.
    return "\r\n".join([*lines, "", ""]).encode() + (body + b"\r\n" if body else b"")

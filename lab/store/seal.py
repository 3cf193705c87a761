"""The seal of a run: one hash over everything that its verdicts follow from.

It shows that a file was changed after the run was sealed, by accident or by hand. It is not a signature: anyone who can
write to the folder can compute it.
"""

import hashlib

import msgspec

from lab.core.schema import RunSummary


def digest_of(data: bytes) -> str:
    """The hash of a file's content, as it is kept beside it."""
    return hashlib.sha256(data).hexdigest()


def sealed_bytes(summary: RunSummary, plan: bytes) -> bytes:
    """The content of run.json: the summary with its seal.

    Args:
        summary: without a seal; its table_sha256 represents the table.
        plan: the content of plan.json.
    """
    data = msgspec.json.encode(msgspec.structs.replace(summary, seal=""))
    empty = b'"seal":""'
    assert data.count(empty) == 1
    return data.replace(empty, b'"seal":"' + _seal(data, plan).encode() + b'"')


def is_intact(summary: RunSummary, data: bytes, plan: bytes) -> bool:
    """Whether the content of run.json and of plan.json is what was sealed."""
    if not summary.seal:
        return False
    seal = f'"seal":"{summary.seal}"'.encode()
    return data.count(seal) == 1 and _seal(data.replace(seal, b'"seal":""'), plan) == summary.seal


def _seal(data: bytes, plan: bytes) -> str:
    return hashlib.sha256(digest_of(plan).encode() + data).hexdigest()

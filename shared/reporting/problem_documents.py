"""Problems as RFC 9457 documents: what an HTTP answer, the command line and a refused message say."""

from typing import Any

from shared.problems import Problem


def to_document(problem: Problem, instance: str = "") -> dict[str, Any]:
    """Translate to an RFC 9457 document: type, title, status, detail, instance, and our extension members."""
    facts = problem.facts
    document: dict[str, Any] = {
        "type": f"https://azferry.dev/problems/{facts.id}",
        "title": facts.title,
        "status": problem.status,
        "detail": facts.detail,
    }
    extensions = {
        "instance": instance,
        "advice": facts.advice,
        "code": facts.code,
        "causes": facts.causes,
        "errors": [fault.model_dump(exclude_defaults=True) for fault in facts.errors],
        **facts.extra,
    }
    return document | {name: value for name, value in extensions.items() if value}

"""The audit log as a page, as CSV and as JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from privacy.policy_room import audit
from privacy.policy_room.doors import staff_page
from privacy.policy_room.models import AuditEntry


class LogFilter(forms.Form):
    """What of the log is wanted; empty asks for all."""

    action = forms.CharField(required=False, max_length=40, label=_("What"))
    by = forms.CharField(required=False, max_length=30, label=_("Who"))
    subject = forms.CharField(required=False, max_length=60, label=_("About"))
    since = forms.DateField(
        required=False,
        label=_("Since"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class _Echo:
    def write(self, text: str) -> str:
        return text


@staff_page(reads="privacy.view_auditentry")
@require_GET
def log(request: HttpRequest) -> HttpResponseBase:
    """Newest first; ``?format=csv`` and ``?format=jsonl`` give all that is asked for."""
    form = LogFilter(request.GET)
    rows = wanted(form.cleaned_data if form.is_valid() else {})
    match request.GET.get("format"):
        case "csv":
            return _download(_csv(rows), "text/csv; charset=utf-8", "audit.csv")
        case "jsonl":
            lines = (json.dumps(audit.as_json(row)) + "\n" for row in rows.iterator())
            return _download(lines, "application/x-ndjson", "audit.jsonl")
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "entries": _named(list(page)),
        "query": query.urlencode(),
    }
    return render(request, "policy/log.html", context)


def wanted(asked: dict[str, Any]) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.order_by("-number")
    if action := asked.get("action"):
        rows = rows.filter(action__startswith=action)
    if by := asked.get("by"):
        people = get_user_model().objects.filter(username__iexact=by)
        ids = [str(one) for one in people.values_list("public_id", flat=True)]
        rows = rows.filter(by__in=[*ids, by])
    if subject := asked.get("subject"):
        rows = rows.filter(subject__contains=subject)
    if since := asked.get("since"):
        rows = rows.filter(at__date__gte=since)
    return rows


def _named(rows: list[AuditEntry]) -> list[dict[str, Any]]:
    """With the names of those who still have an account."""
    ids = {row.by for row in rows if row.by}
    people = get_user_model().objects.filter(public_id__in=ids)
    names = {str(one.public_id): one.username for one in people}
    return [{"row": row, "who": names.get(row.by, row.by[:8])} for row in rows]


def _csv(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    names = ["number", "at", "by", "action", "subject", "detail", "digest"]
    yield writer.writerow(names)
    for row in rows.iterator():
        shape = audit.as_json(row) | {"detail": json.dumps(row.detail)}
        # A spreadsheet must not take a value for a formula.
        yield writer.writerow([_plain(shape[name]) for name in names])


def _plain(value: object) -> str:
    text = str(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _download(lines: Iterator[str], kind: str, name: str) -> HttpResponseBase:
    response: HttpResponse | StreamingHttpResponse = StreamingHttpResponse(
        lines, content_type=kind
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

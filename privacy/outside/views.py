"""``/api/v1/analyse``, ``/api/v1/protect`` and ``/api/v1/jobs/…``: for other programs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from privacy.outside import jobs, wishes
from privacy.outside.auth import Caller, KeyAuthentication, caller
from privacy.outside.keys import spend
from privacy.outside.models import ApiKey, Job
from privacy.outside.problems import Problem
from privacy.outside.serializers import (
    AnalysisSerializer,
    JobSerializer,
    PictureSerializer,
    ProtectionSerializer,
    ProtectSerializer,
)

_PREFER = OpenApiParameter(
    "Prefer",
    str,
    OpenApiParameter.HEADER,
    description="RFC 7240: wait=SECONDS, or respond-async for a job at once.",
)


class _Outside(APIView):
    authentication_classes = [KeyAuthentication]
    parser_classes = [MultiPartParser]
    throttle_classes: list[Any] = []  # each key has its own quota


class AnalyseView(_Outside):
    """Find what is sensitive."""

    @extend_schema(
        request={"multipart/form-data": PictureSerializer},
        parameters=[_PREFER],
        responses={200: AnalysisSerializer, 202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        """Findings and scores of a picture, which is not kept.

        The request is held until the answer is there; if that takes too long, 202
        says where it will be.
        """
        asker = caller(request, ApiKey.Scope.ANALYSE)
        return _carry_out(request, asker, wishes.analysis(fields(request)))


class ProtectView(_Outside):
    """Find and mask what is sensitive."""

    @extend_schema(
        request={"multipart/form-data": ProtectSerializer},
        parameters=[_PREFER],
        responses={200: ProtectionSerializer, 202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        """The picture as each tier may see it, beside what was found.

        Neither picture is kept. The request is held as in ``analyse``.
        """
        asker = caller(request, ApiKey.Scope.PROTECT)
        wanted = wishes.protection(fields(request), request.POST.getlist("tiers"))
        return _carry_out(request, asker, wanted)


class JobView(_Outside):
    """The answer to a picture that took longer."""

    @extend_schema(
        operation_id="jobs_retrieve",
        parameters=[_PREFER],
        responses={200: ProtectionSerializer, 202: JobSerializer},
    )
    def get(self, request: Request, public_id: uuid.UUID) -> Response:
        """As ``analyse`` or ``protect`` would have answered; 202 while it is made."""
        asker = caller(request, ApiKey.Scope.ANALYSE)
        job = _own(asker, public_id)
        started = jobs.Started(job, jobs.secret_of(asker.text, public_id))
        return _answered(request, started)

    @extend_schema(operation_id="jobs_destroy", responses={204: None})
    def delete(self, request: Request, public_id: uuid.UUID) -> Response:
        """Forget the picture and its answer now."""
        asker = caller(request, ApiKey.Scope.ANALYSE)
        jobs.forget([_own(asker, public_id)])
        return Response(status=204)


def _own(asker: Caller, public_id: uuid.UUID) -> Job:
    job = Job.objects.filter(key=asker.key, public_id=public_id).first()
    if job is None:
        raise Http404
    return job


def _carry_out(request: Request, asker: Caller, wanted: dict[str, Any]) -> Response:
    data = uploaded(request)
    spend(asker.key)
    return _answered(request, jobs.start(data, wanted, asker.text, asker.key), True)


def fields(request: Request) -> Mapping[str, Any]:
    """What was sent, by name.

    Raises:
        Problem: 400, a list or a word in place of names and values.
    """
    if not isinstance(request.data, Mapping):
        raise Problem(400, "fields", "Send fields by their names.")
    return request.data


def uploaded(request: Request) -> bytes:
    """The file in ``image``.

    Raises:
        Problem: 400, there is none; 413, too large.
    """
    file = request.FILES.get("image")
    if not isinstance(file, UploadedFile):
        raise Problem(400, "image", "Send the picture as a file named image.")
    most = settings.NOPEEK_LIMITS["bytes"]
    if (file.size or 0) > most:
        said = f"The picture is too large: at most {most >> 20} MiB."
        raise Problem(413, "too_large", said)
    data: bytes = file.read()
    return data


def _answered(request: Request, started: jobs.Started, first: bool = False) -> Response:
    """The answer within the time to hold a request, or where it will be.

    An answer that is given to the request that asked for it is forgotten at once; one
    that is fetched stays for its ten minutes, should the connection break.
    """
    seconds = jobs.within(request.headers.get("Prefer", ""))
    found = jobs.wait(started, seconds)
    if found is None and not first:
        found = jobs.answer_of(started.job, started.secret)
    if found is None:
        where = reverse("api-job", args=[started.job.public_id])
        shape = {"job": started.job.public_id, "state": "queued", "url": where}
        headers = {"Location": where, "Retry-After": "2"}
        return Response(JobSerializer(shape).data, status=202, headers=headers)
    if first:
        jobs.forget([started.job])
    return Response(told(found))


def told(found: dict[str, Any]) -> dict[str, Any]:
    """The body of an answer.

    Raises:
        Problem: what the worker had to say instead.
    """
    if found["status"] != 200:
        raise Problem(found["status"], found["code"], found["detail"])
    body: dict[str, Any] = found["body"]
    return body

"""Addresses of the policy room, and of one's own rules."""

from django.urls import path

from privacy.policy_room import log_pages, operations, pages, thresholds, yours

_DRAFT = "policy/drafts/<uuid:public_id>"

urlpatterns = [
    path("policy/", pages.room, name="policy"),
    path("policy/drafts/", pages.begin, name="policy-begin"),
    path(f"{_DRAFT}/", pages.draft, name="policy-draft"),
    path(f"{_DRAFT}/<slug:verb>", pages.draft_verb, name="policy-draft-verb"),
    path(
        "policy/versions/<int:version>/rollback",
        pages.rollback,
        name="policy-rollback",
    ),
    path(
        "policy/versions/<int:version>/<slug:verb>",
        pages.rollout_verb,
        name="policy-rollout",
    ),
    path("policy/log/", log_pages.log, name="policy-audit"),
    path("policy/operations/", operations.operations, name="policy-operations"),
    path("policy/thresholds/", thresholds.thresholds, name="policy-thresholds"),
    path("metrics", operations.metrics, name="metrics"),
    path("yours/rules/", yours.your_rules, name="your-rules"),
    path("yours/rules/answer", yours.answer, name="your-answer"),
]

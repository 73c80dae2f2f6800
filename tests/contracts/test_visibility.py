"""Promises 1 and 2: one rule, in one place, that fails closed; and its model (A4)."""

from __future__ import annotations

import ast
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts import services as ties
from accounts.models import Closeness, User
from accounts.relations import Absent, Viewer
from gallery import access, services
from gallery.models import Audience, Media, TierView
from gallery.states import State
from privacy.core.types import Tier
from tests.factories import make_media, make_post, make_user, people

ROOT = Path(__file__).resolve().parent.parent.parent


def seen(viewer: Viewer, media: Media) -> int | str | None:
    try:
        grant = access.access_media(viewer, media.public_id)
    except Http404:
        return None
    return "owner" if grant.tier is None else int(grant.tier)


@pytest.mark.django_db
def test_promise_1_access_is_the_query_plus_a_filter() -> None:
    six = people()
    media = [
        make_media(
            six.alice,
            make_post(six.alice, audience, published=published),
            state,
            stored=False,
        )
        for audience in Audience.values
        for published in (True, False)
        for state in (State.READY, State.NEEDS_REVIEW)
    ]
    everyone: list[Viewer] = [
        six.alice, six.bob, six.carol, six.dan, six.erin, six.frank,
        AnonymousUser(), None,
    ]  # fmt: skip
    for viewer in everyone:
        visible = set(access.visible_media(viewer).values_list("pk", flat=True))
        granted = {one.pk for one in media if seen(viewer, one) is not None}
        in_posts = {
            grant.media_id
            for post in access.grants_for(
                viewer, {one.post_id: one.post for one in media}.values()
            )
            for grant in post.media
        }
        assert visible == granted == in_posts


@pytest.mark.django_db
@pytest.mark.parametrize("state", State)
def test_promise_2_every_state_but_ready_is_the_owners_alone(state: State) -> None:
    six = people()
    media = make_media(six.alice)
    Media.objects.filter(pk=media.pk).update(state=state)
    others = [seen(who, media) for who in (six.bob, six.carol, six.erin, None)]
    assert seen(six.alice, media) == "owner"
    assert others == ([1, 2, 0, 0] if state == State.READY else [None] * 4)


@pytest.mark.django_db
def test_promise_2_without_views_nobody_sees_anything() -> None:
    six = people()
    media = make_media(six.alice)
    TierView.objects.filter(media=media).delete()
    assert [seen(who, media) for who in (six.bob, six.carol, six.erin)] == [None] * 3


def test_promise_1_the_models_of_the_gallery_stay_in_it() -> None:
    """No other app reads Media rows past the door."""
    outside = []
    for app in ("accounts", "privacy", "feeds"):
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                names: list[str] = []
                if isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                elif isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                if "gallery.models" in names:
                    outside.append(str(path.relative_to(ROOT)))
    assert outside == []


def test_promise_1_audience_and_closeness_meet_in_one_module() -> None:
    """The rule's own words appear together in ``gallery.rule`` and nowhere else."""
    both = [
        path.relative_to(ROOT).as_posix()
        for app in ("accounts", "gallery", "feeds", "privacy", "nopeek_site")
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
        and "closeness_of(" in path.read_text()
        and "audience" in path.read_text()
    ]
    assert both == ["gallery/rule.py"]


# --- A4: a model of the whole rule ---------------------------------------------------

NAMES = ("anna", "bert", "cleo", "dora")
names = st.sampled_from(NAMES)


class Model:
    """What the site is to do, in as few words as possible."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, str]] = set()
        self.held: dict[tuple[str, str], int] = {}
        self.blocks: set[tuple[str, str]] = set()
        self.media: dict[int, tuple[str, str]] = {}

    def apart(self, a: str, b: str) -> bool:
        return (a, b) in self.blocks or (b, a) in self.blocks

    def follow(self, a: str, b: str) -> None:
        if a != b and not self.apart(a, b) and (a, b) not in self.held:
            self.asked.add((a, b))

    def withdraw(self, a: str, b: str) -> None:
        self.asked.discard((a, b))
        self.held.pop((a, b), None)

    def accept(self, a: str, b: str) -> None:
        if (a, b) in self.asked:
            self.asked.discard((a, b))
            self.held[a, b] = 0

    def hold(self, a: str, b: str, closeness: int) -> None:
        if (a, b) in self.held:
            self.held[a, b] = closeness

    def block(self, a: str, b: str) -> None:
        if a != b:
            self.blocks.add((a, b))
            for pair in ((a, b), (b, a)):
                self.withdraw(*pair)

    def unblock(self, a: str, b: str) -> None:
        self.blocks.discard((a, b))

    def sees(self, viewer: str | None, key: int) -> int | str | None:
        if key not in self.media:
            return None
        owner, audience = self.media[key]
        if viewer == owner:
            return "owner"
        if viewer is not None and self.apart(viewer, owner):
            return None
        held = self.held.get((viewer or "", owner))
        permitted = {
            "everyone": True,
            "followers": held is not None,
            "close": held == 2,
            "only_me": False,
        }[audience]
        return (held or 0) if permitted else None


class Relations(RuleBasedStateMachine):
    """Random deeds of four people; after each, everybody sees what the model says."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        User.objects.filter(username__in=NAMES).delete()  # of the example before
        self.users = {name: make_user(name) for name in NAMES}
        self.media: dict[int, Media] = {}

    def _try(self, verb: Any, *given: Any) -> None:
        with suppress(Absent):
            verb(*given)

    @rule(owner=names, audience=st.sampled_from(Audience.values))
    def upload(self, owner: str, audience: str) -> None:
        if len(self.media) >= 4:
            return
        post = make_post(self.users[owner], audience)
        media = make_media(self.users[owner], post, stored=False)
        self.media[media.pk] = media
        self.model.media[media.pk] = (owner, audience)

    @rule(a=names, b=names)
    def follow(self, a: str, b: str) -> None:
        self._try(ties.follow, self.users[a], self.users[b])
        self.model.follow(a, b)

    @rule(a=names, b=names)
    def withdraw(self, a: str, b: str) -> None:
        if a != b:
            self._try(ties.withdraw, self.users[a], self.users[b])
            self.model.withdraw(a, b)

    @rule(a=names, b=names)
    def accept(self, a: str, b: str) -> None:
        if a != b:
            self._try(ties.accept, self.users[b], self.users[a])
            self.model.accept(a, b)

    @rule(a=names, b=names, closeness=st.sampled_from(Closeness))
    def hold(self, a: str, b: str, closeness: Closeness) -> None:
        if a != b:
            self._try(ties.set_closeness, self.users[b], self.users[a], closeness)
            self.model.hold(a, b, int(closeness))

    @rule(a=names, b=names)
    def block(self, a: str, b: str) -> None:
        self._try(ties.block, self.users[a], self.users[b])
        self.model.block(a, b)

    @rule(a=names, b=names)
    def unblock(self, a: str, b: str) -> None:
        if a != b:
            self._try(ties.unblock, self.users[a], self.users[b])
            self.model.unblock(a, b)

    @rule(which=st.integers(0, 3), audience=st.sampled_from(Audience.values))
    def change_audience(self, which: int, audience: str) -> None:
        if media := self._nth(which):
            services.set_audience(media.post, audience, confirmed=True)
            owner, _old = self.model.media[media.pk]
            self.model.media[media.pk] = (owner, audience)

    @rule(which=st.integers(0, 3))
    def delete(self, which: int) -> None:
        if media := self._nth(which):
            services.delete_post(media.post)
            del self.model.media[media.pk]

    def _nth(self, which: int) -> Media | None:
        live = sorted(self.model.media)
        return self.media[live[which]] if which < len(live) else None

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        for pk, media in self.media.items():
            for name in (*NAMES, None):
                viewer = User.objects.get(username=name) if name else None
                assert seen(viewer, media) == self.model.sees(name, pk)


@pytest.mark.django_db
def test_a4_everybody_sees_what_the_model_says() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Relations,
        settings=settings(
            max_examples=15,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_tiers_stand_for_closeness() -> None:
    assert {int(held): int(tier) for held, tier in access.TIER_OF.items()} == {
        0: Tier.FULL,
        1: Tier.SEMI,
        2: Tier.NONE,
    }

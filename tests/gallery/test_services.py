"""What owners do with posts and media, and who is asked before more is shown."""

from __future__ import annotations

import pytest

from gallery import access, editing, services
from gallery.audience import Gains, NeedsConfirmation, gains_by_audience, reached
from gallery.models import Media, Post, TierView
from gallery.states import State
from privacy.core.types import Box
from privacy.models import Finding
from tests.factories import PLACES, People, make_media, make_post, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def six() -> People:
    return people()


def region_of(media: Media, category: str) -> str:
    return Finding.objects.get(scan__subject=media.public_id, category=category).region


# --- publishing ----------------------------------------------------------------------


def test_publish_puts_a_ready_draft_out(six: People) -> None:
    post = services.start_post(six.alice, "everyone")
    make_media(six.alice, post)
    assert not access.visible_posts(six.bob).exists()
    services.publish(post)
    assert access.visible_posts(six.bob).get() == post
    first = Post.objects.get(pk=post.pk).published_at
    services.publish(post)
    assert Post.objects.get(pk=post.pk).published_at == first


def test_publish_wants_a_photo(six: People) -> None:
    with pytest.raises(services.Refused) as refused:
        services.publish(services.start_post(six.alice))
    assert refused.value.code == "no_media"


@pytest.mark.parametrize("state", [one for one in State if one != State.READY])
def test_publish_waits_for_every_photo(six: People, state: State) -> None:
    post = services.start_post(six.alice, "everyone")
    make_media(six.alice, post)
    make_media(six.alice, post, state)
    with pytest.raises(services.Refused) as refused:
        services.publish(post)
    assert refused.value.code == "not_ready"
    assert not access.visible_posts(six.bob).exists()


# --- audience ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "gains"),
    [
        ("only_me", "close", Gains(1, everyone=False)),
        ("only_me", "followers", Gains(3, everyone=False)),
        ("close", "followers", Gains(2, everyone=False)),
        ("followers", "everyone", Gains(0, everyone=True)),
        ("only_me", "everyone", Gains(3, everyone=True)),
        ("everyone", "close", Gains(0, everyone=False)),
    ],
)
def test_gains_of_an_audience(six: People, old: str, new: str, gains: Gains) -> None:
    assert gains_by_audience(make_post(six.alice, old), new) == gains


def test_loosening_asks_and_tightening_does_not(six: People) -> None:
    post = make_post(six.alice, "close")
    make_media(six.alice, post)
    with pytest.raises(NeedsConfirmation) as question:
        services.set_audience(post, "everyone")
    assert question.value.gains == Gains(2, everyone=True)
    assert not access.visible_posts(six.bob).exists()
    services.set_audience(post, "everyone", confirmed=True)
    assert access.visible_posts(six.bob).exists()
    services.set_audience(post, "only_me")
    for who in (six.bob, six.carol, None):
        assert not access.visible_posts(who).exists()


def test_audience_of_a_draft_is_free(six: People) -> None:
    post = services.start_post(six.alice, "only_me")
    assert services.set_audience(post, "everyone").audience == "everyone"


def test_events_reach_owner_and_followers_alone(six: People) -> None:
    expected = {
        str(who.public_id) for who in (six.alice, six.bob, six.carol, six.frank)
    }
    assert set(reached(six.alice)) == expected


# --- masks ---------------------------------------------------------------------------


def test_unmasking_a_published_photo_asks_and_changes_nothing(six: People) -> None:
    media = make_media(six.alice)
    before = list(TierView.objects.filter(media=media).values())
    card = region_of(media, "text.card")
    with pytest.raises(NeedsConfirmation) as question:
        editing.change(media, card, choice="show", show_from=0)
    assert question.value.gains == Gains(3, everyone=True)
    assert list(TierView.objects.filter(media=media).values()) == before
    assert Finding.objects.get(region=card).choice == "auto"


def test_gains_of_a_mask_are_of_the_tiers_that_see_more(six: People) -> None:
    media = make_media(six.alice)
    with pytest.raises(NeedsConfirmation) as question:
        editing.change(
            media, region_of(media, "licence_plate"), choice="show", show_from=1
        )
    assert question.value.gains == Gains(1, everyone=False)  # bob alone is SEMI


def test_unmasking_nobody_sees_needs_no_question(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, "only_me"))
    editing.change(media, region_of(media, "face"), choice="show", show_from=0)
    assert Finding.objects.get(scan__subject=media.public_id, category="face").choice


def test_masking_more_is_immediate_and_closes_until_rendered(six: People) -> None:
    media = make_media(six.alice)
    editing.change(media, region_of(media, "face"), choice="hide")
    # Nobody has a version without the face and with the plate yet: carol waits for it.
    assert not access.visible_media(six.carol).filter(pk=media.pk).exists()
    # What bob is to see now is what strangers see already, so he has it at once.
    strangers = access.access_media(six.erin, media.public_id).plan
    assert access.access_media(six.bob, media.public_id).plan == strangers


def test_r6_drawn_region_counts_from_the_commit_on(six: People) -> None:
    media = make_media(six.alice)
    editing.add(media, Box(0.35, 0.5, 0.5, 0.7))
    for who in (six.bob, six.carol, six.erin, None):
        assert not access.visible_media(who).filter(pk=media.pk).exists()
    assert Media.objects.get(pk=media.pk).version > 1


def test_i12_shrinking_a_region_asks_and_growing_does_not(six: People) -> None:
    media = make_media(six.alice)
    plate = region_of(media, "licence_plate")
    box = PLACES["licence_plate"]
    smaller = Box(box.x0 + 0.02, box.y0, box.x1, box.y1)
    with pytest.raises(NeedsConfirmation):
        editing.change(media, plate, box=smaller)
    editing.change(media, plate, box=Box(box.x0 - 0.02, box.y0, box.x1, box.y1))


def test_weaker_style_asks(six: People) -> None:
    media = make_media(six.alice, make_post(six.alice, "everyone", published=False))
    services.publish(media.post)
    face = region_of(media, "face")
    editing.change(media, face, style="fill")
    assert Finding.objects.get(region=face).style == "fill"


def test_same_for_all_of_a_category(six: People) -> None:
    media = make_media(six.alice)
    with pytest.raises(NeedsConfirmation):
        editing.choose_kind(media, "face", "show")
    editing.choose_kind(media, "face", "hide")
    assert Finding.objects.get(region=region_of(media, "face")).choice == "hide"


def test_editing_waits_for_the_scan(six: People) -> None:
    media = make_media(six.alice, state=State.SCANNING)
    with pytest.raises(services.Refused) as refused:
        editing.add(media, Box(0.1, 0.1, 0.2, 0.2))
    assert refused.value.code == "not_scanned"


def test_region_too_small_is_refused(six: People) -> None:
    media = make_media(six.alice)
    with pytest.raises(services.Refused) as refused:
        editing.add(media, Box(0.1, 0.1, 0.1001, 0.2))
    assert refused.value.code == "bad_region"


# --- retrying and ordering -----------------------------------------------------------


@pytest.mark.parametrize("state", [State.FAILED, State.NEEDS_REVIEW])
def test_retry_begins_at_the_scan_where_the_picture_is_clean(
    six: People, state: State
) -> None:
    media = make_media(six.alice, state=state)
    assert services.retry(media)
    assert Media.objects.get(pk=media.pk).state == State.SCANNING


def test_retry_of_a_refused_file_says_so(six: People) -> None:
    media = make_media(six.alice, state=State.REJECTED)
    with pytest.raises(services.Refused):
        services.retry(media)


def test_retry_of_what_is_fine_does_nothing(six: People) -> None:
    media = make_media(six.alice)
    assert not services.retry(media)
    assert Media.objects.get(pk=media.pk).state == State.READY


def test_order_of_photos(six: People) -> None:
    post = make_post(six.alice)
    media = [make_media(six.alice, post) for _ in range(3)]
    foreign = make_media(six.erin)
    wanted = [media[2].public_id, foreign.public_id, media[0].public_id]
    services.order_media(post, wanted)
    shown = access.access_post(six.bob, post.public_id).media
    assert [one.public_id for one in shown] == [
        media[2].public_id,
        media[0].public_id,
        media[1].public_id,
    ]

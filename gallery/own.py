"""The rows behind one's own posts and media, to be changed. Named by ``gallery.access``."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.http import Http404

from accounts.relations import Viewer, viewer_pk
from gallery.models import Album, Link, Media, Post


def access_own_media(owner: Viewer, public_id: uuid.UUID) -> Media:
    """The row behind one of the owner's own Media, to be changed.

    Raises:
        Http404: it does not exist or belongs to someone else.
    """
    media = own_media(owner).filter(public_id=public_id).first()
    if media is None:
        raise Http404
    return media


def access_own_post(owner: Viewer, public_id: uuid.UUID) -> Post:
    """The row behind one of the owner's own posts or drafts, to be changed.

    Raises:
        Http404: it does not exist or belongs to someone else.
    """
    post = own_posts(owner).filter(public_id=public_id).first()
    if post is None:
        raise Http404
    return post


def own_media(owner: Viewer) -> QuerySet[Media]:
    """The owner's own media in every state, with their post."""
    media = Media.objects.filter(owner_id=viewer_pk(owner))
    return media.select_related("post", "owner")


def own_posts(owner: Viewer) -> QuerySet[Post]:
    """The owner's own posts and drafts."""
    posts = Post.objects.filter(owner_id=viewer_pk(owner))
    return posts.select_related("owner")


def access_own_album(owner: Viewer, public_id: uuid.UUID) -> Album:
    """The row behind one of the owner's own albums, to be changed.

    Raises:
        Http404: it does not exist or belongs to someone else.
    """
    album = own_albums(owner).filter(public_id=public_id).first()
    if album is None:
        raise Http404
    return album


def own_albums(owner: Viewer) -> QuerySet[Album]:
    """The owner's own albums, newest first."""
    albums = Album.objects.filter(owner_id=viewer_pk(owner)).order_by("-pk")
    return albums.select_related("owner")


def access_own_link(owner: Viewer, public_id: uuid.UUID) -> Link:
    """The row behind one of the owner's own links, to be revoked.

    Raises:
        Http404: it does not exist or belongs to someone else.
    """
    link = own_links(owner).filter(public_id=public_id).first()
    if link is None:
        raise Http404
    return link


def own_links(owner: Viewer) -> QuerySet[Link]:
    """Links to the owner's own posts, newest first, those that are over included."""
    links = Link.objects.filter(post__owner_id=viewer_pk(owner)).order_by("-pk")
    return links.select_related("post", "post__owner")

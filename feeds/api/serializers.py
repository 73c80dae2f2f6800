"""What the API says of feeds. Posts and pictures have the gallery's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from gallery.api.serializers import OwnerSerializer, PostSerializer

if TYPE_CHECKING:
    Plain = serializers.Serializer[Any]
else:  # the class takes no parameters at run time
    Plain = serializers.Serializer


class EntrySerializer(Plain):
    """A post in a feed, with the counts that its viewer may know."""

    post = PostSerializer(source="grant")
    likes = serializers.IntegerField()
    liked = serializers.BooleanField()
    comments = serializers.IntegerField()


class PageSerializer(Plain):
    """One page; ``next`` is the address of the page after, or null."""

    next = serializers.CharField(allow_null=True)
    results = EntrySerializer(many=True)


class CommentSerializer(Plain):
    id = serializers.UUIDField(source="public_id")
    author = OwnerSerializer()
    text = serializers.CharField()
    created_at = serializers.DateTimeField()
    reply_to = serializers.UUIDField(
        source="parent.public_id", allow_null=True, default=None
    )


class CommentPageSerializer(Plain):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = CommentSerializer(many=True)


class SaySerializer(Plain):
    """A comment, or a reply where ``reply_to`` names a comment."""

    text = serializers.CharField(max_length=1000)
    reply_to = serializers.UUIDField(required=False, allow_null=True, default=None)


class NotificationSerializer(Plain):
    """A verb and ids; words are made by whoever shows it."""

    id = serializers.UUIDField(source="public_id")
    verb = serializers.CharField()
    actor = OwnerSerializer(allow_null=True)
    post = serializers.UUIDField(source="post.public_id", default=None)
    comment = serializers.UUIDField(source="comment.public_id", default=None)
    created_at = serializers.DateTimeField()
    read = serializers.SerializerMethodField()

    def get_read(self, row: Any) -> bool:
        return row.read_at is not None


class NotificationPageSerializer(Plain):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = NotificationSerializer(many=True)

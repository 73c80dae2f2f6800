"""Cursor pages: stable while new things arrive, and no counts that would tell."""

from rest_framework.pagination import CursorPagination


class Cursor(CursorPagination):
    page_size = 20
    max_page_size = 50
    page_size_query_param = "limit"
    ordering = ("-published_at", "-id")

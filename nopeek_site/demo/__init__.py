"""A site filled with six invented people, so that a first visit has something to see.

Nothing here is imported by the site itself: ``manage.py demo`` is the only doorway.
"""

"""The policy room: rules with foresight and hindsight, and what those who run the site do.

Nothing here reaches a pixel. What a change comes to for posts is done by whoever is
named in ``settings.NOPEEK_ON_RULES`` and its neighbours, since privacy knows pictures
by their public ids alone.
"""

"""The renderer's version, apart from the renderer so that web processes can read it."""

RENDERER_VERSION = "4"
"""Part of every rendition's recipe. Count it up when the same plan would give other
bytes; renditions of another version are never served."""

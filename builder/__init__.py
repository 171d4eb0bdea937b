"""Markdown notes in; an Anki deck and a web site out; every piece of code in them run first."""

__version__ = "0.1.0"

"""The limit of every note, in characters."""

NOTE_LIMIT = 4000

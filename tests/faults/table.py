"""Every row, in the order of the list: its function, its rounds, what its control switches off, how it then fails."""

from . import editing, rows, storage, uploads

ROWS = dict(sorted((rows.ROWS | uploads.ROWS | storage.ROWS | editing.ROWS).items()))
SHORT = tuple(sorted((*rows.SHORT, 26, 33)))

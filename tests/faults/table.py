"""Every row, in the order of the list: its function, its rounds, what its control switches off, how it then fails."""

from . import editing, rows, storage, uploads

ROWS = dict(sorted((rows.ROWS | uploads.ROWS | storage.ROWS | editing.ROWS).items()))
# What everything else leans on, in the minutes that every change can wait.
SHORT = (1, 2, 7, 8, 13, 16, 32)

"""A copy of everything, and the way back.

databases   the database as one file, and a database from that file; both kinds
copies      the files beside it, and the manifest that says what belongs to a copy

A backup folder holds `blobs/`, shared by all copies because files are written once, and one folder a copy with its
database and its manifest. The manifest is written last: a folder without one is no copy.
"""

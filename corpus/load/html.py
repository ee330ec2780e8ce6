"""HTML -> Markdown: what a reader reads, without navigation, scripts, page headers and footers."""

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.load.encoding import decode
from corpus.load.failure import Unreadable
from corpus.load.marks import escape, escape_line, join_blocks, superscript
from corpus.load.numbering import format_number
from corpus.types import RawDocument

_DROPPED = re.compile(
    "script|style|nav|noscript|template|iframe|object|embed|svg|canvas|form|button|select|input|"
    "textarea|dialog|audio|video|map|head|title|math"
)
_PAGE_FRAME = ("header", "footer", "aside")
_MAIN = ("main", "article")
_BLOCKS = re.compile(
    "address|article|aside|blockquote|body|caption|center|d[dlt]|details|div|fieldset|figcaption|"
    "figure|footer|h[1-6r]|header|hgroup|html|li|main|menu|[ou]l|p|pre|section|summary|table|tbody|"
    "t[dhr]|tfoot|thead"
)
_NOTE_ID = re.compile(r"(?i)^_?(?:fn|ftn|edn|note|footnote|endnote|cite_note)[-_:]?\w*?(\d+)$")
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w:-]+)", re.IGNORECASE)
_DEPTH = 300  # elements inside each other
_LIST_STYLES = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}


def read_html(data: bytes) -> RawDocument:
    """One page of Markdown. Raises Unreadable when it is truncated or is no HTML."""
    charset = _CHARSET.search(data[:4096])
    text = decode(data, charset[1].decode("ascii") if charset else None)
    _check_whole(text)
    tree = LexborHTMLParser(text)
    if tree.body is None:
        raise Unreadable("it has no body. Get it again.")
    out = _Output()
    _walk(tree.body, out, 0)
    out.flush()
    title = tree.css_first("head > title")
    name = " ".join(title.text().split()) if title else ""
    return RawDocument((join_blocks(out.blocks, out.notes),), markup="markdown", title=name or None)


def _check_whole(text: str) -> None:
    bare = re.sub(r"(?s)<!--.*?-->", "", text)
    if not re.search(r"<[a-zA-Z!/][^<>]*>", bare):
        raise Unreadable("it has no HTML in it. Give it the extension of its real format.")
    opened = re.search(r"(?i)<(html|body)[\s>]", bare)
    closed = re.search(r"(?i)</(html|body)\s*>", bare)
    if "<!--" in bare or re.search(r"<[a-zA-Z/][^<>]*$", bare) or (opened and not closed):
        raise Unreadable("it is truncated: the end of the HTML is missing. Get it again.")


@dataclass(slots=True)
class _Output:
    """Finished blocks, and the line that is being written with the mark that begins it."""

    blocks: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    prefix: str = ""

    def flush(self) -> None:
        text = re.sub(r"[ \t\n\r\f]+", " ", "".join(self.line)).replace("\v", "\n")
        lines = [part.strip() for part in text.split("\n") if part.strip()]
        self.line.clear()
        if not lines:
            return
        if not self.prefix:
            lines = [escape_line(part) for part in lines]
        self.blocks.append(self.prefix + "\n".join(lines))
        self.prefix = ""


def _walk(node: LexborNode, out: _Output, depth: int) -> None:
    if depth > _DEPTH:
        raise Unreadable(f"its elements are nested more than {_DEPTH} deep. Simplify it.")
    child = node.child
    while child is not None:
        if child.is_text_node:
            out.line.append(escape(child.text_content or ""))
        elif child.is_element_node and not _is_dropped(child):
            _element(child, out, depth + 1)
        child = child.next


def _element(node: LexborNode, out: _Output, depth: int) -> None:
    tag = node.tag or ""
    if tag == "br":
        out.line.append("\v")
    elif tag in ("sup", "sub"):
        text = escape(node.text())
        out.line.append(superscript(text) if tag == "sup" else text)
    elif tag == "pre":
        out.flush()
        out.line.append(escape(node.text()).replace("\n", "\v"))
        out.flush()
    elif tag == "tr":
        out.flush()
        _row(node, out, depth)
    elif _note_label(node) and tag in ("li", "p", "div"):
        out.flush()
        _note(node, out, depth)
    elif _BLOCKS.fullmatch(tag):
        out.flush()
        out.prefix = _prefix(node, tag) or (out.prefix if tag in ("p", "div") else "")
        _walk(node, out, depth)
        out.flush()
        out.prefix = ""
    else:
        _walk(node, out, depth)


def _is_dropped(node: LexborNode) -> bool:
    tag, attributes = node.tag or "", node.attributes
    if _DROPPED.fullmatch(tag) or "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = (attributes.get("style") or "").replace(" ", "").lower()
    role = attributes.get("role") or ""
    if "display:none" in style or role in ("navigation", "search", "banner", "contentinfo"):
        return True
    return tag in _PAGE_FRAME and not any(parent.tag in _MAIN for parent in _parents(node))


def _parents(node: LexborNode) -> list[LexborNode]:
    found: list[LexborNode] = []
    parent = node.parent
    while parent is not None and len(found) < _DEPTH:
        found.append(parent)
        parent = parent.parent
    return found


def _prefix(node: LexborNode, tag: str) -> str:
    """The Markdown mark that begins a heading or a list item."""
    if re.fullmatch("h[1-6]", tag):
        return "#" * int(tag[1]) + " "
    if tag != "li":
        return ""
    parent = node.parent
    if parent is None or parent.tag != "ol":
        return "- "
    number, style = _item_number(node, parent), parent.attributes.get("type") or ""
    label = format_number(number, _LIST_STYLES.get(style, "decimal"))
    return f"({label}) " if style in ("a", "i") else f"{label}. "


def _item_number(node: LexborNode, parent: LexborNode) -> int:
    number = _integer(parent.attributes.get("start"), 1) - 1
    item = parent.child
    while item is not None:
        if item.tag == "li":
            number = _integer(item.attributes.get("value"), number + 1)
        if item.mem_id == node.mem_id:
            break
        item = item.next
    return number


def _integer(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,6}", text.strip()) else default


def _row(node: LexborNode, out: _Output, depth: int) -> None:
    """A table row as one block, its cells parted by ' | '."""
    cells: list[str] = []
    cell = node.child
    while cell is not None:
        if cell.is_element_node and not _is_dropped(cell):
            inner = _Output()
            _element(cell, inner, depth + 1)
            inner.flush()
            out.notes += inner.notes
            cells.append(" ".join(" ".join(inner.blocks).split()))
        cell = cell.next
    if any(cells):
        out.blocks.append(" | ".join(cells))


def _note_label(node: LexborNode) -> str | None:
    match = _NOTE_ID.match(node.attributes.get("id") or "")
    return match[1] if match else None


def _note(node: LexborNode, out: _Output, depth: int) -> None:
    inner = _Output()
    _walk(node, inner, depth)
    inner.flush()
    text = " ".join(" ".join(inner.blocks).split()).strip("↩↑^ \ufe0e")
    label = _note_label(node) or ""
    text = re.sub(rf"^(?:<sup>{label}</sup>|\[?{label}[\].)]?)\s+", "", text)
    if text:
        out.notes.append((label, text))
    out.notes += inner.notes

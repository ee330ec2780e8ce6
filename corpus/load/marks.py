"""What the readers that write Markdown share: escapes, superscripts, and notes at the end."""

import re

_SPECIAL = re.compile(r"[\\*_`]|\[(?=[^\]]*\]\()|<(?=/?su[bp]>)|<(?=/?[a-z])", re.IGNORECASE)
_LEADING = re.compile(r"^(#{1,6} |-{3,}$|> )")


def escape(text: str) -> str:
    """Text that means itself in Markdown."""
    return _SPECIAL.sub(lambda match: "\\" + match.group(), text)


def escape_line(line: str) -> str:
    """An escaped line whose beginning makes no heading, rule or quotation."""
    return _LEADING.sub(r"\\\1", line)


def superscript(text: str) -> str:
    """Escaped text as a superscript; spaces stay outside of it."""
    inner = text.strip()
    if not inner:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}<sup>{inner}</sup>{after}"


def join_blocks(blocks: list[str], notes: list[tuple[str, str]]) -> str:
    """Blocks parted by blank lines; then, below a rule, the notes as (label, text)."""
    lines = [block for block in blocks if block.strip()]
    if notes:
        lines.append("---")
        lines += [f"<sup>{label}</sup> {text}" for label, text in notes]
    return "\n\n".join(lines) + "\n" if lines else ""

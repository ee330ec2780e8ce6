"""What must come out of the five real documents: counts, and the first, a middle and the last."""

import re
from pathlib import Path

import pytest

from corpus import Document, Paragraph, read_document


@pytest.fixture(scope="module")
def documents(real_corpus: Path) -> dict[str, Document]:
    return {path.name[:3]: read_document(path) for path in sorted(real_corpus.glob("00*.txt"))}


def _body(document: Document) -> list[Paragraph]:
    return [paragraph for paragraph in document.paragraphs if paragraph.part == "body"]


def _numbers(document: Document) -> list[str]:
    return [p.label for p in _body(document) if p.label and p.label.isdigit()]


def _labelled(document: Document, label: str) -> Paragraph:
    (found,) = [p for p in document.paragraphs if p.label == label]
    return found


def test_every_offset_names_its_text(documents: dict[str, Document]) -> None:
    for document in documents.values():
        for part in (*document.paragraphs, *document.headings, *document.notes):
            assert document.text[part.start : part.end] == part.text
            assert part.text.strip() == part.text != ""


def test_all_are_chinese_and_found_by_their_own_words(documents: dict[str, Document]) -> None:
    assert len(documents) == 5
    assert {document.language for document in documents.values()} == {"zh"}


def test_nothing_of_the_page_layout_is_left(documents: dict[str, Document]) -> None:
    for document in documents.values():
        running = document.text[: document.notes[0].start] if document.notes else document.text
        assert "V.21-04608" not in running
        assert "undocs.org" not in running
        assert not re.search("[\ue000-\uf8ff\u200b\x02\x03⁰¹²³⁴⁵⁶⁷⁸⁹]", running)
        assert "<sup>" not in document.text
        assert not re.search(r"\\[_*\[\]]", document.text)


def test_forum_report_has_56_paragraphs(documents: dict[str, Document]) -> None:
    document = documents["001"]
    assert _numbers(document) == [str(n) for n in range(1, 57)]
    assert document.symbol == "A/AC.105/1235"
    assert [h.text[:2] for h in document.headings] == [f"{n}." for n in "一二三四五六七"]
    assert _labelled(document, "1").text.startswith("秘书处外层空间事务厅")
    assert _labelled(document, "1").heading == ("一. 导言",)
    # A page mark stood in the middle of paragraph 6, a link and a page break in 14.
    assert "独特潜力。2020 年论坛" in _labelled(document, "6").text
    assert "洪都拉斯、匈牙利" in _labelled(document, "14").text
    assert "A/AC.105/1165" in _labelled(document, "9").text
    assert _labelled(document, "20").text.startswith("每场会议和所有")
    assert _labelled(document, "38").text.startswith("与会者还承认")
    assert _labelled(document, "56").text.endswith("维也纳举行。")
    assert _labelled(document, "56").heading == ("七. 结论",)


def test_priority_note_has_39_paragraphs_with_their_items(documents: dict[str, Document]) -> None:
    document = documents["003"]
    assert _numbers(document) == [str(n) for n in range(1, 40)]
    labels = [p.label for p in _body(document)]
    assert len(labels) == len(set(labels)) == 94
    assert [x for x in labels if x and x.startswith("12(a)")] == [
        "12(a)", "12(a)㈠", "12(a)㈡", "12(a)㈡a", "12(a)㈡b", "12(a)㈢", "12(a)㈢a", "12(a)㈢b",
    ]  # fmt: skip
    assert [x for x in labels if x and x.startswith("33")] == ["33", "33(a)", "33(b)", "33(c)"]
    assert _labelled(document, "1").text.startswith("2018年第一次")
    assert "两者均适用" in _labelled(document, "12(a)㈢").text
    # An unnumbered block belongs to the sub-paragraph that it explains.
    assert "恢复力界定" in _labelled(document, "12(b)").text
    assert _labelled(document, "15").heading[-1].startswith("1. 确定")
    assert _labelled(document, "22").heading[-1].startswith("2. 制定")
    assert _labelled(document, "33(c)").text.startswith("步骤 3")
    assert _labelled(document, "39").text.endswith("提供机会。")
    assert document.title.startswith("优先主题 6")


def test_secretary_generals_report_has_91_paragraphs_and_36_notes(
    documents: dict[str, Document],
) -> None:
    document = documents["004"]
    assert _numbers(document) == [str(n) for n in range(1, 92)]
    assert [note.label for note in document.notes] == [str(n) for n in range(1, 37)]
    called = {n.label: p.label for p in document.paragraphs for n in p.notes}
    assert len(called) == 36
    assert (called["1"], called["17"], called["31"], called["36"]) == ("6", "32", "55", "67")
    assert document.notes[0].text.startswith("Yasmin Afina")
    assert document.notes[35].text.endswith("第12页。")
    # Notes at the foot of a page stood in the middle of paragraphs 13, 32 and 62.
    assert "航空系统已成为" in _labelled(document, "13").text
    assert "远程进行实验。" in _labelled(document, "32").text
    assert "这种武器的大小不一" in _labelled(document, "62").text
    assert "自动化制造" in _labelled(document, "66").text
    assert _labelled(document, "73(c)").text.startswith("人力资源")
    assert _labelled(document, "5").heading == (
        "二. 与武器、战争手段或方法有关的近期科学技术发展",
        "A. 人工智能和自主",
    )
    assert _labelled(document, "75").heading[0].startswith("三. ")
    assert _labelled(document, "91").heading == ("四. 结论和建议",)
    assert "第 78/20 号" in _labelled(document, "58").text
    assert str(document.date) == "2025-07-22"


def test_policy_paper_has_six_sections_and_98_notes(documents: dict[str, Document]) -> None:
    document = documents["002"]
    sections = [h.text for h in document.headings if h.level == 1]
    assert [s[0] for s in sections] == list("一二三四五六")
    assert [note.label for note in document.notes] == [str(n) for n in range(1, 99)]
    assert sum(len(p.notes) for p in document.paragraphs) == 98
    assert "https://www.chinadaily" in document.notes[0].text
    assert document.notes[32].text.startswith("《中俄关于")  # its number had lost its superscript
    body = _body(document)
    # Notes and the summary's box stood in the middle of these sentences.
    assert any("太空安全问题上的互动可为" in p.text for p in body)
    assert any("尤其是当这些操作涉及" in p.text or "操作涉及“担负" in p.text for p in body)
    assert any("英国在该项目中具有" in p.text for p in body)
    assert body[0].heading == ("一、引言",)
    assert body[-1].heading == ("六、结论",)
    starlink = [p for p in body if p.heading[-1] == "星链"]
    assert len(starlink) == 4
    assert starlink[0].heading[:2] == ("三、对战略稳定构成的感知威胁", "商业活动")
    contents = [p for p in document.paragraphs if p.part == "contents"]
    assert len(contents) == 1
    assert "天基导弹防御 4" in contents[0].text
    assert [p.text[:4] for p in document.paragraphs if p.part == "front"][-3] == "摘要"
    back = [p.text for p in document.paragraphs if p.part == "back"]
    assert back[0].startswith("缩写\nASAT")
    assert "NC3: " in back[0]


def test_informal_discussions_report_has_its_headings_and_lists(
    documents: dict[str, Document],
) -> None:
    document = documents["000"]
    headings = [h.text for h in document.headings]
    assert headings[1:4] == ["导言", "介绍性发言", "盘点"]
    assert headings[-3:] == ["“前进道路”的具体建议", "结论", "主席之友的建议："]
    assert len(headings) == 13
    body = _body(document)
    proposals = [p for p in body if p.heading == ("“前进道路”的具体建议",)]
    recommendations = [p for p in body if p.heading == ("主席之友的建议：",)]
    assert (len(proposals), len(recommendations)) == (7, 6)
    assert proposals[0].text.startswith("有人呼吁")
    assert recommendations[-1].text.endswith("约束力的文书。")
    assert [p.label for p in body if p.label] == ["1)", "2)", "3)", "4)"]
    assert any("A/RES/71/31" in p.text for p in body)
    assert any("已经不再够用。" in p.text for p in body)
    assert str(document.date) == "2017-09-07"

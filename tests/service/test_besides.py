"""What is read besides what was found: who took part, who wrote a document."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.documents import Builder
from support.fake_encoder import BagOfWordsEncoder

from corpus import Document
from index import Filters, Index, build_index
from service.answer import Asker
from service.writer import ExtractiveWriter

STATES = "阿尔及利亚、奥地利、巴西、智利、中国、埃及、法国、印度、日本、肯尼亚"


def _documents() -> list[Document]:
    builder = Builder("forum.zh", language="zh")
    builder.paragraph("作者：李明、安娜·科斯塔")
    for n in range(1, 15):
        builder.paragraph(f"{n}. 港口问题之{n}：航道应当疏浚，码头应当修缮，灯塔应当重建。", str(n))
    builder.paragraph(f"15. 下列会员国派代表参加了论坛：{STATES}。", "15")
    forum = builder.build(title="港口论坛的报告")
    others = [
        Builder(f"gulls{n}.en").paragraph(f"The forum on gulls met {n} times. " * 3).build()
        for n in range(14)
    ]
    return [forum, *others]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    data = tmp_path_factory.mktemp("besides")
    build_index(_documents(), BagOfWordsEncoder(), data)
    return Index.open(data, BagOfWordsEncoder())


@pytest.mark.parametrize("k", [1, 10, 40])
@pytest.mark.parametrize(
    "question",
    [
        "Did Chile take part in the forum on gulls?",
        "智利参加论坛了吗？",
        "هل شاركت شيلي في المنتدى؟",
    ],
)
def test_who_took_part_is_looked_for_by_name(index: Index, question: str, k: int) -> None:
    answer = Asker(index, ExtractiveWriter(BagOfWordsEncoder())).ask(question, k)
    assert [cited.paragraph for cited in answer.citations] == ["15"]
    assert STATES in answer.citations[0].quote


def test_who_did_not_is_not_said_to_have(index: Index) -> None:
    asker = Asker(index, ExtractiveWriter(BagOfWordsEncoder()), threshold=0.001)
    assert asker.ask("Did Germany take part in the forum on gulls?").abstained
    only = Filters(document=("gulls1.en",))
    assert asker.ask("Did Chile take part in the forum on gulls?", filters=only).abstained


def test_the_title_page_of_the_document_found_first_is_read_for_its_authors(
    index: Index, tmp_path: Path
) -> None:
    forum = index.documents["forum.zh"]
    passages = [
        replace(each, part="front") if "作者" in each.text else each for each in index.passages
    ]
    assert {each.part for each in passages} == {"front", "body"}
    with_front = replace(index, passages=passages)
    answer = Asker(with_front, ExtractiveWriter(BagOfWordsEncoder())).ask(
        "航道疏浚报告的作者是谁？"
    )
    assert [cited.quote for cited in answer.citations] == ["作者：李明、安娜·科斯塔"]
    assert answer.citations[0].document.id == forum.id

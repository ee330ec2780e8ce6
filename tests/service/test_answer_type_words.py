"""The cue words of question types: whole words, and what asks for or holds each."""

import pytest

from service.answer_type import holds, read, wanted


@pytest.mark.parametrize(
    ("language", "type", "asks", "alike"),
    [
        ("en", "position", "How did Chile rate the plan?", "How do satellites operate?"),
        ("en", "position", "What is Peru's view?", "When is the interview?"),
        ("en", "list", "Give a list of harbours.", "Who are the specialists?"),
        ("en", "share", "What share did fishing have?", "Do the ports share data?"),
        ("en", "share", "How big is the share of trawlers?", "Which ports share data?"),
        ("en", "share", "What is Peru's share?", "Why is it disproportionate?"),
        ("en", "money", "What did the harbour cost?", "Where is Costa Rica?"),
        ("en", "number", "What cap was set?", "What capabilities has the fleet?"),
        ("en", "why", "What were the reasons?", "Who was tried for treason?"),
        ("en", "proposal", "What does Peru urge?", "Who is the surgeon?"),
        ("en", "purpose", "What are the aims?", "Who claims the island?"),
        ("en", "party", "Which state objected?", "Which statement was read?"),
        ("en", "definition", "What does COLREG stand for?", "Who will stand for election?"),
        ("fr", "purpose", "Que vise l'accord ?", "Qui supervise le port ?"),
        ("fr", "position", "Quelle est la position du Chili ?", "Où est cette disposition ?"),
        ("fr", "position", "Que pense le Chili ?", "Quelles sont les dépenses ?"),
        ("fr", "share", "Quelle part revient au Chili ?", "Qui parle de la part du Chili ?"),
        ("fr", "money", "Combien le port a-t-il coûté ?", "Quel est le droit coutumier ?"),
        ("fr", "proposal", "Que propose le Chili ?", "À propos de quoi ?"),
        ("fr", "author", "Qui est l'auteur ?", "Qui sont les autres ?"),
        ("fr", "place", "Où est le port ?", "Le quai ou le port ?"),
        ("fr", "definition", "Que signifie le sigle NC3 ?", "Quel est le chiffre significatif ?"),
        ("es", "position", "¿Cómo vieron el plan?", "¿Qué tuvieron los barcos?"),
        ("es", "position", "¿Qué dijeron los oradores?", "¿Dónde están los colaboradores?"),
        ("es", "position", "¿Qué pasa según Chile?", "¿Dónde está el segundo barco?"),
        ("es", "why", "¿Cuál es la razón?", "¿Dónde está el corazón?"),
        ("es", "proposal", "¿Qué pide Chile?", "¿Cuál es el barco más rápido?"),
        ("es", "date", "¿Qué día zarpó?", "¿Qué diámetro tiene?"),
        ("es", "author", "¿Quién es el autor?", "¿Quiénes son las autoridades?"),
        ("es", "definition", "¿Qué significa la sigla NC3?", "¿Cuál es el dato significativo?"),
        ("ru", "number", "Каков предел скорости?", "Что определяет скорость?"),
        ("ru", "number", "Сколько судов?", "Там несколько судов?"),
        ("ru", "money", "Какова цена судна?", "Какой сценарий вероятен?"),
        ("ru", "position", "Какова позиция Чили?", "Кто в оппозиции?"),
        ("ru", "proposal", "Что можно сделать?", "Какова возможность?"),
        ("ru", "proposal", "Что следует делать?", "Кто исследует дно?"),
        ("ru", "why", "Каковы причины?", "Кто причинил ущерб?"),
        ("ru", "purpose", "Какова цель?", "Где канцелярия?"),
        ("ru", "states", "Сколько стран?", "Сколько страниц?"),
        ("ru", "definition", "Как расшифровывается НКЗ?", "Где различные суда?"),
        ("ar", "why", "لم حظر الصيد؟", "اين العالم؟"),
        ("ar", "date", "متى أبحر؟", "اين الحكومتين؟"),
        ("ar", "position", "ما رأي شيلي؟", "كم سفينة في فبراير؟"),
        ("ar", "share", "ما نسبة السفن؟", "اين بالنسبة لنا؟"),
        ("ar", "purpose", "ما غاية الاتفاق؟", "اين الأجل للغاية؟"),
        ("ar", "definition", "ما اختصار NC3؟", "اين باختصار؟"),
        ("zh", "proposal", "智利提出了什么提案？", "智利为什么不来谈提案？"),
        ("zh", "proposal", "秘鲁有哪些倡议？", "倡议何时通过？"),
        ("zh", "purpose", "智利想实现什么？", "会议达成什么？"),
        ("zh", "purpose", "秘鲁想达到什么？", "船达到什么速度？"),
        ("zh", "definition", "NC3是什么的缩写？", "谁用了缩写？"),
        ("zh", "definition", "NC3的缩写是什么意思？", "哪些缩写没有用？"),
        ("zh", "number", "有几张选票？", "谁付机票？"),
        ("zh", "purpose", "港口的作用是什么？", "有什么副作用？"),
    ],
)
def test_a_cue_is_no_part_of_another_word(language: str, type: str, asks: str, alike: str) -> None:
    assert type in wanted(asks, language).types
    assert type not in wanted(alike, language).types


@pytest.mark.parametrize(
    ("language", "asks", "alike"),
    [
        ("en", "What is the date of the letter?", "What is the date of the regatta?"),
        (
            "en",
            "What is the date of the note verbale?",
            "What is the date of the letter's arrival?",
        ),
        ("en", "When did Chile send its note?", "When did Chile send its delegation?"),
        ("en", "When was the letter sent?", "When was the fleet sent?"),
        ("fr", "Quelle est la date de la lettre ?", "Quelle est la date de la régate ?"),
        (
            "fr",
            "Quand le Chili a-t-il envoyé sa note ?",
            "Quand le Chili a-t-il envoyé sa flotte ?",
        ),
        ("es", "¿Cuál es la fecha de la nota verbal?", "¿Cuál es la fecha de la regata?"),
        ("es", "¿Cuándo envió Chile su nota?", "¿Cuándo envió Chile su flota?"),
        ("ru", "Какова дата письма?", "Какова дата регаты?"),
        ("ru", "Когда Чили направила ноту?", "Когда Чили направила флот?"),
        ("ar", "ما تاريخ الرسالة؟", "ما تاريخ السباق؟"),
        ("ar", "متى أرسلت شيلي مذكرتها؟", "متى أرسلت شيلي أسطولها؟"),
        ("zh", "这封信的日期是什么？", "比赛的日期是什么？"),
        ("zh", "智利何时发出照会？", "智利何时发出船队？"),
    ],
)
def test_the_date_of_a_document_is_when_it_was_published(
    language: str, asks: str, alike: str
) -> None:
    assert "published" in wanted(asks, language).types
    assert "published" not in wanted(alike, language).types


@pytest.mark.parametrize(
    ("language", "type", "holder", "alike"),
    [
        ("en", "why", "It stems from storms.", "Radar systems differ."),
        ("en", "share", "It is half.", "He spoke on behalf of Peru."),
        ("en", "purpose", "Its aim is trade.", "Peru claims it."),
        ("en", "published", "Letter dated 3 May.", "Coins dated 3 May."),
        ("fr", "published", "Le livre a paru.", "La République a disparu."),
        ("fr", "purpose", "Le but est clair.", "Le début est clair."),
        ("fr", "author", "Un livre écrit par Neruda.", "Un port décrit par Neruda."),
        ("es", "date", "Fue en mayo.", "Fue la mayoría."),
        ("es", "why", "A causa del viento.", "Hasta finales, por los vientos."),
        ("es", "position", "Chile se opuso, pero indicó algo.", "Sindicatos del arsenal."),
        ("ru", "number", "Там семь судов.", "Сторона начала семинар."),
        ("ru", "why", "В связи с ветром.", "Спутников связи мало."),
        ("ru", "position", "Чили заявила это.", "Согласно заявке."),
        ("ar", "number", "هناك ألف سفينة", "الفضاء حماية"),
        ("ar", "why", "لأن الريح شديدة", "الإنسان الأمريكي"),
        ("ar", "author", "أعد التقرير خبير", "المساعدة قاعدة"),
        ("zh", "proposal", "各国应停止。", "供应与反应。"),
        ("zh", "list", "即挪威。", "立即停止。"),
    ],
)
def test_what_says_it_is_no_part_of_another_word(
    language: str, type: str, holder: str, alike: str
) -> None:
    asked = wanted("", language)
    assert holds(type, read(holder, language), asked)
    assert not holds(type, read(alike, language), asked)


@pytest.mark.parametrize(
    ("language", "line", "alike"),
    [
        ("zh", "NC3: 核指挥与控制", "电话: 核指挥与控制"),
        ("zh", "COPUOS：和平利用外层空间委员会", "E-mail: 核指挥"),
        ("en", "NC3: nuclear command, control and communications", "Port: nuclear command"),
        ("en", "IMO: International Maritime Organization", "Note: no vessel came"),
        ("fr", "OMI : Organisation maritime internationale", "Port : navires de pêche"),
        ("es", "OMI: Organización Marítima Internacional", "Puerto: barcos de pesca"),
        ("ru", "ООН: Организация Объединенных Наций", "Порт: рыболовные суда"),
        ("ru", "NC3: ядерное командование", "Суда: ядерное командование"),
        ("ar", "NC3: القيادة النووية", "ميناء: القيادة النووية"),
    ],
)
def test_a_line_of_a_list_of_abbreviations_defines(language: str, line: str, alike: str) -> None:
    asked = wanted("", language)
    assert holds("definition", read(line, language), asked)
    assert not holds("definition", read(alike, language), asked)

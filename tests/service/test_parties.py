"""Whom a text names: the same party in every language, and no party where there is none."""

import tomllib
from pathlib import Path

import pytest

from service.parties import BODIES, first_parties, parties


@pytest.mark.parametrize(
    "text",
    [
        "中国和联合王国反对。",
        "China and the United Kingdom objected.",
        "La Chine et le Royaume-Uni s'y opposent.",
        "China y el Reino Unido se oponen.",
        "Китай и Великобритания возражают.",
        "عارضت الصين والمملكة المتحدة ذلك.",
        "北京与伦敦未达成一致。",
        "中國和聯合王國反對。",
        "CHINESE and British delegates",
    ],
)
def test_the_same_parties_in_every_language(text: str) -> None:
    assert parties(text) == {"cn", "gb"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Данные указаны если нужно, индивидуально и кубически.",
        "The chinaware and the indiarubber were dishonourable.",
        "Nous avons un plan.",
        "没有任何代表团发言。",
    ],
)
def test_what_only_looks_like_a_party_is_none(text: str) -> None:
    assert parties(text) == frozenset()
    assert first_parties(text) == frozenset()


def test_a_longer_name_is_not_the_shorter_one_in_it() -> None:
    assert parties("印度尼西亚发言。") == {"id"}
    assert parties("印度和印度尼西亚发言。") == {"in", "id"}


@pytest.mark.parametrize(
    "text",
    ["《巴黎协定》第七条", "the Paris Agreement", "l'Accord de Paris", "Парижского соглашения"],
)
def test_a_treaty_named_after_a_capital_is_no_party(text: str) -> None:
    assert parties(text) == frozenset()
    assert parties(f"{text}, Japan") == {"jp"}
    assert first_parties(f"{text}, Japan") == {"jp"}


def test_endings_and_prefixes() -> None:
    assert parties("позиция китайского правительства и России") == {"cn", "ru"}
    assert parties("موقف الصينيين وروسيا ولليابان") == {"cn", "ru", "jp"}
    assert parties("L’Autriche et l'Argentine") == {"at", "ar"}


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Germany answered France.", {"de"}),
        ("据法国说，德国同意。", {"fr"}),
        ("中国和俄罗斯联邦提请注意美国的草案。", {"cn", "ru"}),
        ("China, the Russian Federation and Egypt told Norway so.", {"cn", "ru", "eg"}),
        ("La Chine et la Fédération de Russie le disent.", {"cn", "ru"}),
        ("中英两国均认识到这一点，美国则不然。", {"cn", "gb"}),
        ("Китай, а также Российская Федерация предлагают.", {"cn", "ru"}),
        ("China y la Federación de Rusia dicen.", {"cn", "ru"}),
        ("الولايات المتحدة الأمريكية والصين تقولان", {"cn", "us"}),
        ("大不列颠及北爱尔兰联合王国和法国认为", {"gb", "fr"}),
        ("The United Kingdom of Great Britain and Northern Ireland and France", {"gb", "fr"}),
    ],
)
def test_who_is_named_first_and_along_with_it(text: str, first: set[str]) -> None:
    assert first_parties(text) == first


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("中美之间的对话", {"cn", "us"}),
        ("中美俄三国", {"cn", "us", "ru"}),
        ("中俄关系", {"cn", "ru"}),
        ("中俄联合提案", {"cn", "ru"}),
        ("中、俄两国", {"cn", "ru"}),
        ("冷战中美苏两国", {"us", "su"}),
        ("国际法中合作义务", set()),
        ("集中日期间", set()),
        ("高中美术合作", set()),
        ("中美洲国家", set()),
        ("发展中国家", set()),
        ("拉美国家", set()),
        ("其中美国反对", {"us"}),
        ("中国和美国之间", {"cn", "us"}),
    ],
)
def test_initials_of_states(text: str, named: set[str]) -> None:
    assert parties(text) == named


def test_hyphens_accents_and_spaces_do_not_matter() -> None:
    assert parties("les États-Unis") == parties("LES ETATS UNIS") == {"us"}
    assert parties("Viet Nam, Viet-Nam and Vietnam") == {"vn"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("the US opposes", {"us"}),
        ("The U.S. delegation", {"us"}),
        ("EE. UU. se opone", {"us"}),
        ("в Соединенных Штатах", {"us"}),
        ("الوفد الأمريكي", {"us"}),
        ("the EU members", {"eu"}),
        ("l'UE", {"eu"}),
        ("join us, tuesday", set()),
        ("Latin American countries on the Indian Ocean", set()),
        ("the Vienna Declaration", set()),
    ],
)
def test_short_names_and_what_only_holds_a_name(text: str, named: set[str]) -> None:
    assert parties(text) == named


def test_no_text_takes_long() -> None:
    hostile = "China " + "федерацa" * 60 + "! Japan"
    assert first_parties(hostile) == {"cn"}


_MEMBERS = (
    "af al dz ad ao ag ar am au at az bs bh bd bb by be bz bj bt bo ba bw br bn bg bf bi cv kh cm"
    " ca cf td cl cn co km cg cod cr ci hr cu cy cz dk dj dm do ec eg sv gq er ee sz et fj fi fr ga"
    " gm ge de gh gr gd gt gn gw gy ht hn hu is in id ir iq ie il it jm jp jo kz ke ki kp kr kw kg"
    " la lv lb ls lr ly li lt lu mg mw my mv ml mt mh mr mu mx fm md mc mn me ma mz mm na nr np nl"
    " nz ni ne ng mk no om pk pw pa pg py pe ph pl pt qa ro ru rw kn lc vc ws sm st sa sn rs sc sl"
    " sgp sk si sb so za ss es lk sd sr se ch sy tj th tl tg to tt tn tr tm tv ug ua ae gb tz us uy"
    " uz vu ve vn ye zm zw"
)
_TABLE = tomllib.loads(
    Path(__file__).parents[2].joinpath("service/parties.toml").read_text(encoding="utf-8")
)


def test_the_table_has_every_member_and_observer_of_the_united_nations() -> None:
    members = set(_MEMBERS.split())
    assert len(members) == 193
    assert set(_TABLE) - BODIES - {"none", "su"} == members | {"va", "ps"}
    assert all(names[script] for names in _TABLE.values() for script in ("zh", "latin", "ru", "ar"))


@pytest.mark.parametrize("code", _TABLE)
def test_every_name_in_the_table_is_its_own_and_no_other(code: str) -> None:
    own = frozenset() if code == "none" else frozenset({code})
    for name in (name for names in _TABLE[code].values() for name in names):
        assert parties(name) == own, name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("阿富汗代表发了言。", "af"),
        ("Albania voted in favour.", "al"),
        ("L’Andorre s'est abstenue.", "ad"),
        ("¿Qué dijo el representante angoleño?", "ao"),
        ("Позиция Антигуа и Барбуды неизвестна.", "ag"),
        ("تحدث ممثل أرمينيا في الجلسة.", "am"),
        ("阿塞拜疆和谁有分歧？", "az"),
        ("The Bahamian delegation agreed.", "bs"),
        ("Bahreïn a signé l'accord.", "bh"),
        ("La delegación de Bangladesh intervino.", "bd"),
        ("Правительство Барбадоса ратифицировало договор.", "bb"),
        ("ما موقف بليز من المعاهدة؟", "bz"),
        ("贝宁提出了修正案。", "bj"),
        ("Bhutan joined the consensus.", "bt"),
        ("L'État plurinational de Bolivie a parlé.", "bo"),
        ("Bosnia y Herzegovina presentó un informe.", "ba"),
        ("Что предложила Ботсвана?", "bw"),
        ("قالت بلغاريا إنها موافقة.", "bg"),
        ("布基纳法索支持该决议。", "bf"),
        ("Cabo Verde is a party.", "cv"),
        ("le représentant cambodgien", "kh"),
        ("El Camerún apoya la propuesta.", "cm"),
        ("Центральноафриканскую Республику представил посол.", "cf"),
        ("اعترضت تشاد على النص.", "td"),
        ("科摩罗尚未批准。", "km"),
        ("The Republic of the Congo signed.", "cg"),
        ("刚果表示赞成。", "cg"),
        ("The Democratic Republic of the Congo signed.", "cod"),
        ("La République démocratique du Congo s'abstient.", "cod"),
        ("刚果（金）与刚果民主共和国是一回事。", "cod"),
        ("в Демократической Республике Конго", "cod"),
        ("وفد جمهورية الكونغو الديمقراطية", "cod"),
        ("Costa Rica presidió el comité.", "cr"),
        ("Кот-д’Ивуар поддержал резолюцию.", "ci"),
        ("Côte d’Ivoire took the floor.", "ci"),
        ("صوتت كرواتيا لصالح القرار.", "hr"),
        ("塞浦路斯主持会议。", "cy"),
        ("The Czech proposal was adopted.", "cz"),
        ("la Dominique et rien d'autre", "dm"),
        ("La República Dominicana votó a favor.", "do"),
        ("Доминиканская Республика согласна.", "do"),
        ("多米尼加反对。", "do"),
        ("El Ecuador reivindica la órbita geoestacionaria.", "ec"),
        ("厄瓜多尔主张主权。", "ec"),
        ("La délégation équatorienne", "ec"),
        ("Экваториальная Гвинея присоединилась к договору.", "gq"),
        ("غينيا الاستوائية", "gq"),
        ("几内亚比绍是缔约国。", "gw"),
        ("La Guinée a ratifié.", "gn"),
        ("Guinea-Bissau ratified.", "gw"),
        ("巴布亚新几内亚发言。", "pg"),
        ("Папуа — Новая Гвинея выступила.", "pg"),
        ("Эстонский представитель выступил.", "ee"),
        ("Eswatini, formerly Swaziland", "sz"),
        ("斐济代表小岛国发言。", "fj"),
        ("Georgia asked a question.", "ge"),
        ("Что сказала Грузия?", "ge"),
        ("غانا عضو في اللجنة.", "gh"),
        ("加纳支持。", "gh"),
        ("La Grèce préside le groupe.", "gr"),
        ("海地形势仍然严峻，海地面临困难。", "ht"),
        ("La postura de Hungría", "hu"),
        ("爱尔兰认为定义不清。", "ie"),
        ("Иордания и её предложение", "jo"),
        ("اقترح الوفد الأردني تعديلا.", "jo"),
        ("Kyrgyzstan registered an object.", "kg"),
        ("جمهورية لاو الديمقراطية الشعبية", "la"),
        ("Латвия внесла поправку.", "lv"),
        ("ماذا قال لبنان؟", "lb"),
        ("利比里亚和利比里亚人", "lr"),
        ("Позиция Ливии", "ly"),
        ("Luxembourg's space resources law", "lu"),
        ("马里安全局势", "ml"),
        ("Какова позиция Мали?", "ml"),
        ("الوضع في مالي", "ml"),
        ("Malte parle au nom du groupe.", "mt"),
        ("L'île Maurice", "mu"),
        ("蒙古国代表团", "mn"),
        ("黑山加入了该公约。", "me"),
        ("参加纳米比亚主办的会议", "na"),
        ("尼日尔提出建议。", "ne"),
        ("Нигер подписал договор.", "ne"),
        ("Le Niger et les Nigériens", "ne"),
        ("北马其顿", "mk"),
        ("阿曼苏丹国代表", "om"),
        ("Позиция Омана", "om"),
        ("سلطنة عمان", "om"),
        ("Palau joined.", "pw"),
        ("¿Cuál es la posición del Perú?", "pe"),
        ("Делегация Перу", "pe"),
        ("Португальская делегация", "pt"),
        ("انضمت دولة قطر إلى المعاهدة.", "qa"),
        ("卢旺达通过了法律。", "rw"),
        ("St. Kitts and Nevis", "kn"),
        ("Сент-Люсия проголосовала за.", "lc"),
        ("Saint-Vincent-et-les Grenadines", "vc"),
        ("圣马力诺", "sm"),
        ("Santo Tomé y Príncipe", "st"),
        ("¿Qué opina Singapur?", "sgp"),
        ("新加坡的立场是什么？", "sgp"),
        ("索马里的意见", "so"),
        ("南苏丹独立后加入。", "ss"),
        ("Южный Судан присоединился.", "ss"),
        ("苏丹国家航天局", "sd"),
        ("Тоголезская Республика", "tg"),
        ("多哥赞成。", "tg"),
        ("汤加要求获得轨道位置。", "to"),
        ("La Trinité-et-Tobago", "tt"),
        ("الموقف التونسي", "tn"),
        ("乌干达", "ug"),
        ("La délégation ouzbèke", "uz"),
        ("The Lao People’s Democratic Republic", "la"),
        ("也门政府的立场", "ye"),
        ("الجمهورية اليمنية", "ye"),
        ("Замбия и замбийский спутник", "zm"),
        ("The Holy See made a statement.", "va"),
        ("教廷以观察员身份发言。", "va"),
        ("دولة فلسطين", "ps"),
    ],
)
def test_any_state_is_known_in_any_of_the_languages(text: str, code: str) -> None:
    assert parties(text) == {code}


@pytest.mark.parametrize(
    "text",
    [
        "Кроме того, для того чтобы решить вопрос, этого мало.",
        "Маленький спутник собрал малину; Малиновский это видел.",
        "Чадо сидело в чаду, и чадра упала.",
        "романс о романе",
        "кубический кубик",
        "шахматный гамбит",
        "катаракта, катарсис и Катарина",
        "белизна снега",
        "Мальтус, гренадер и литвак",
        "Литвинов и Ливингстон",
        "самоанализ группы",
        "бассейн реки Конго и Гвинейский залив",
        "бутан и пропан",
        "Мальтийский орден",
        "грузить и разгрузить груз",
        "الدعم المالي والموارد المالية",
        "قطر الدائرة يساوي نصف القطر مرتين",
        "البرنامج القطري والممثل القطري",
        "اليد اليمنى",
        "المجرة والمجرم والمجرد",
        "يقاس المدى بليزر",
        "الهندسة للهندسة والمصرف",
        "بيروقراطية وبيروكسيد الهيدروجين",
        "استعان بنماذج جديدة",
        "يسأل فيجيب، ليبين الحقيقة",
        "بالأوضاع والأولويات",
        "خليج غينيا ونهر النيجر",
        "القمر والأرض",
        "غانيميد قمر المشتري",
        "马里兰州和马里亚纳海沟",
        "让·马里·盖埃诺大使",
        "里程碑和公里程序",
        "沿海地区和加勒比海地带",
        "公海地位与领海地图",
        "要求增加纳税人的负担，增加纳米材料",
        "很多哥哥",
        "事业更加蓬勃发展",
        "他刚果断地拒绝了",
        "微波黑体辐射，引力波黑洞",
        "门槛高，也门类繁多，他也门门优秀",
        "把汤加热",
        "约旦河两岸，几内亚湾，孟加拉湾",
        "法属圭亚那库鲁的圭亚那航天中心",
        "内蒙古的蒙古包",
        "阿曼达和马里奥",
        "乌拉圭回合",
        "the guinea pig in New Guinea",
        "South Georgia and Northern Ireland",
        "the Order of Malta",
        "satellites over the Congo basin and Lake Chad",
        "a grenade in a Barbarian shop",
        "la antigua ciudad de Granada, vista sobre el ecuador",
        "el plano del ecuador terrestre",
        "la Santísima Trinidad quiere catar el vino",
        "un satélite cerca del ecuador",
        "au-dessus de l'équateur",
        "Maurice et Dominique lancent une grenade",
        "la Guyane française and French Guiana",
        "le bassin du Congo, le golfe de Guinée",
        "l'Irlande du Nord",
    ],
)
def test_ordinary_words_that_look_like_a_state_are_none(text: str) -> None:
    assert parties(text) == frozenset()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("很多哥伦比亚人", {"co"}),
        ("众多哥斯达黎加人", {"cr"}),
        ("尼日尔和尼日利亚", {"ne", "ng"}),
        ("Нигер и Нигерия", {"ne", "ng"}),
        ("苏丹和南苏丹", {"sd", "ss"}),
        ("刚果和刚果民主共和国", {"cg", "cod"}),
        ("几内亚、赤道几内亚和几内亚比绍", {"gn", "gq", "gw"}),
        ("多米尼克和多米尼加", {"dm", "do"}),
        ("Dominica and the Dominican Republic", {"dm", "do"}),
        ("ليبيا وليبيريا", {"ly", "lr"}),
        ("الهند وهندوراس", {"in", "hn"}),
        ("مالطة وفي ماليزيا", {"mt", "my"}),
        ("大不列颠及北爱尔兰联合王国和爱尔兰", {"gb", "ie"}),
        ("Ireland and the United Kingdom of Great Britain and Northern Ireland", {"gb", "ie"}),
        ("裁谈会秘书长", {"cd", "sg"}),
    ],
)
def test_names_within_and_beside_one_another(text: str, named: set[str]) -> None:
    assert parties(text) == named

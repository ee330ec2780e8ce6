"""Words that carry no subject, per language: articles, prepositions, pronouns, question words.

Short lists of our own. They are written as ``analyse`` sees words: casefolded, Latin without
accents, Arabic with the letter variants merged, ё as е.
"""

_EN = """
a about after again all also am an and any are as at be because been before being between both but
by can could did do does doing done down during each few for from further had has have having he
her here hers him his how i if in into is it its itself just let ll may me might more most much
must my no nor not of off on once only or other our out over own please re s same shall she should
so some such t tell than that the their them then there these they this those through to too under
until up upon us ve very was we were what when where whether which while who whom whose why will
with within would you your
"""

_FR = """
a afin ai ainsi alors apres au aucun aucune aussi autre autres aux avaient avait avant avec avoir
c ca car ce ceci cela celle celles celui cependant ces cet cette ceux chaque chez combien comme
comment concernant d dans de depuis des donc dont du elle elles en encore entre es est et etaient
etait etant etc etre eu eux fait faut font il ils j jusque l la laquelle le lequel les lesquelles
lesquels leur leurs lors lorsque lui m ma mais me meme memes mes moi moins mon n ne ni nos notre
nous on ont ou par parmi pas pendant peu peut peuvent plus plusieurs pour pourquoi qu quand que
quel quelle quelles quels qui quoi s sa sans se selon sera seront ses si soit son sont sous sur t
ta tandis te tel telle telles tels tous tout toute toutes tres un une vers via voici vos votre
vous y
"""

_ES = """
a acerca ademas al algo algun alguna algunas alguno algunos ante antes aquel aquella aquellas
aquellos asi aun aunque bajo bien cada casi como con contra cual cuales cualquier cuando cuanta
cuantas cuanto cuantos de debe deben del desde despues donde dos durante e el ella ellas ellos en
entre era eran es esa esas ese eso esos esta estaba estan estar estas este esto estos fue fueron
ha haber habia han hasta hay he incluso la las le les lo los mas me mediante mi mientras mismo
mismos muy nada ni no nos nosotros nuestra nuestro o otra otras otro otros para pero poco por
porque puede pueden pues que quien quienes respecto se sea sean segun ser si sido siendo sin sino
sobre solo son su sus tal tales tambien tampoco tan tanto te tiene tienen toda todas todo todos
tras tu u un una unas uno unos vez y ya yo
"""

_RU = """
а без более будет будут бы был была были было быть в вам вами вас ваш весь во вот все всего всем
всех вы где да даже для до его ее если есть еще же за здесь и из или им ими иных их к каждый как
какая какие каким какими каких какого какое какой каком какому какую ко когда кого которая
которого которое которой котором которому которую которые который которым которыми которых кто
куда ли либо лишь между мне могут может мы на над надо нам нас наш не него нее нет ни них но ну о
об однако он она они оно от относительно перед по под после потому почему при про с сам своего
своей свои своих свой себе себя сколько со так такая также такие таких такого такое такой такую
там то тогда того тоже той только том тому ты у уже чего чей чем через что чтобы чье чья эта эти
этим этих это этого этой этом этому этот эту я является являются
"""

_AR = """
ا اذ اذا الا التي الذي الذين اللاتي اللتان اللذان اللواتي الي ام اما ان انه انها او اي ايضا اين
ايه بان بد بعد بعض بل بما به بها بهذا بهذه بين بينما تحت تكون تلك تم ثم جدا جميع حتي حول حيث خلال
دون ذات ذلك سوف سوي ضد ضمن عبر عدا علي عليه عليها عما عن عند عندما عنه عنها غير فان في فيما فيه
فيها قبل قد كان كانت كذلك كل كلا كم كما كي كيف لا لان لدي لذلك لقد لكن لكي لم لما لماذا لن له لها
لهذا لهذه لهم لو ليس ليست ما ماذا متي مثل مع معه معها مما من منذ منه منها نحن نحو هذا هذه هل هم
هما هنا هناك هو هولاء هي والتي والذي والذين والي وان وعلي وفي وقد وكان وكانت ولا ولم وما ومن وهذا
وهذه وهو وهي يتم يكون
"""

_HAN_CUTS = """
可不可以 为什么 怎么样 是不是 有没有 能不能 关于 对于 由于 至于 以及 或者 并且 而且
但是 因此 因为 所以 如果 虽然 然而 什么 哪些 哪个 哪里 哪种 哪一 哪儿 怎么 怎样
如何 为何 多少 是否 这些 那些 这个 那个 这种 那种 这样 那样 他们 她们 它们 我们
你们 请问 其他 其它 其中 其余 之间 之后 之一 应该 为了 基于 从而 以为 可以 即将
此外 某些 所有 正在 谁 的 了 吗 呢 吧 啊 呀 嘛 们 着 之 与 和 及 或 而 且 并
但 则 乃 即 是 在 于 由 从 向 对 把 被 让 给 跟 为 以 将 就 也 都 又 还 很
这 那 其 该 此 每 某 您 你 我 他 她 它 有
"""

_HAN_WORDS = """
联合国 和平 和谐 和约 和解 共和 饱和 缓和 总和 目的 标的 了解 着陆 着手 着重 着眼
参与 与会 给与 普及 涉及 及时 埃及 波及 合并 并入 并网 法则 规则 原则 否则 准则
立即 即时 存在 在轨 在线 在场 潜在 内在 外在 在役 位于 属于 等于 处于 终于 自由
理由 由来 服从 从事 从属 遵从 方向 向量 趋向 导向 定向 意向 动向 指向 对话 对象
对抗 对策 对称 对地 反对 针对 绝对 相对 敌对 对等 对手 应对 面对 对接 把握 被动
给予 供给 补给 行为 人为 作为 成为 认为 为期 为止 以色列 以太 以外 以内 以上 以下
以来 以前 以后 足以 予以 难以 将来 将军 就业 就职 成就 首都 都市 还原 偿还 归还
返还 我国 自我 他国 有效 有害 有关 有限 有利 拥有 有形 有益 有源 享有 持有 国有
共有 占有 有序 有组织 有意 有毒 有机 特有 含有 现有 具有 固有 之前 之外 之内 总之
反之
"""

STOPWORDS = {
    language: frozenset(words.split())
    for language, words in (("en", _EN), ("fr", _FR), ("es", _ES), ("ru", _RU), ("ar", _AR))
}

HAN_CUTS = tuple(_HAN_CUTS.split())
"""Function words that cut a Han run, longest first: 为什么 must win over 为."""

HAN_WORDS = tuple(_HAN_WORDS.split())
"""Words that hold a character of HAN_CUTS and yet mean something: they stay whole."""

# ruff: noqa: RUF001 - Cyrillic and Greek letters are meant
"""Function words, which say nothing about a group: at the ends of a phrase they are barred."""

from collections.abc import Mapping
from functools import cache

__all__ = ["function_words"]

_ENGLISH = """
a able about after again ago aint all almost already also although always am among an and another any
anybody anyone anything are aren arent around as at available away be became because become becomes been
before being below besides best better between beyond both but by came can cannot cant certain could
couldn couldnt did didn didnt different do does doesn doesnt doing don done dont down during each either
else enough especially etc even ever every everyone everything few for from further get gets getting
give given gives giving go goes going gone got had hadn hadnt has hasn hasnt have haven havent having he
her here hers herself him himself his how however i if in instead into is isn isnt it its itself ive
just keep keeps kept let like ll look looks made make makes making many may me might mine more most much
must mustn my myself near need needs neither never no nobody none nor not nothing now of off often on
once one ones oneself only onto or other others otherwise our ours ourselves out over own particular per
perhaps please put quite rather re really said same say says see seem seems several shall she should
shouldn shouldnt similar since so some somebody someone something sometimes soon still such take taken
takes taking than that thats the their theirs them themselves then there therefore these they this those
though through thus till to together too took toward towards under unless until up upon us use used uses
using usually various ve very via want wants was wasn wasnt way we well went were weren what whatever
when where whether which whichever while who whoever whole whom whose why will with within without won
wont would wouldn wouldnt yes yet you your yours yourself yourselves
"""
# The commonest words of other large languages; a list counts only where the texts are in that language,
# as "die" or "war" are not function words in English.
_OTHERS = {
    "es": """
    a al algo como con cual cuando de del desde donde el ella ellos en entre era es esa ese eso esta
    este esto está están fue ha hay hasta la las le les lo los me mi muy más ni no nos o para pero
    por porque que qué se ser si sin sobre son su sus también te tiene todo todos tu un una uno y ya
    yo
    """,
    "fr": """
    a ai au aussi aux avec avoir c ce ces cette comme d dans de des du elle elles en est et eu il
    ils j je l la le les leur leurs lui m mais me mes mon même n ne nos notre nous on ont ou où par
    pas plus pour qu que qui s sa sans se ses si son sont sur t ta te tes ton tout tous tu un une
    vos votre vous y à été être
    """,
    "de": """
    aber alle als also am an auch auf aus bei bin bis das dass dem den der des die dies diese dieser
    doch du durch ein eine einem einen einer eines er es für hat haben hatte ich ihm ihr ihre im in
    ist ja kann kein keine man mein meine mich mir mit nach nicht noch nur oder ohne schon sehr sein
    seine sich sie sind so um und uns unter vom von vor war was wenn werden wie wir wird wurde zu
    zum zur über
    """,
    "pt": """
    a ao aos as até com como da das de dela dele depois do dos e ela ele eles em entre era essa esse
    esta este está eu foi há isso isto já lhe mais mas me meu minha muito na nas no nos não o os ou
    para pela pelo por quando que quem se sem ser seu sua são também te tem um uma você à é
    """,
    "it": """
    a ad agli ai al alla alle anche c che chi ci come con cui da dal dalla dei del della delle di
    dove e ed era gli ha hanno ho i il in io l la le lei lo loro lui ma mi mia mio ne nei nel nella
    noi non o per perché più quando quella quello questa questo se si sono su sua sul sulla suo ti
    tra tu un una uno è
    """,
    "nl": """
    aan als bij dan dat de der deze die dit door een en er had heb hebben heeft het hij hoe ik in is
    je kan maar me met mijn naar niet nog nu of om onder ons ook op over te tot u uit van voor was
    wat we wel werd wordt zal ze zich zij zijn zo
    """,
    "pl": """
    a ale bez bo by być był była co czy dla do gdy go i ich ja jak jako je jego jej jest jeszcze już
    która które który lub ma mi mnie na nad nie o od po pod przez przy się są ta tak także te tego
    tej ten to tu tym w we wszystko z za ze że
    """,
    "ru": """
    а без бы был была было быть в вам вас во вот все всё вы где да для до его ее если есть еще же за
    и из или им их к как ко когда кто ли мне мы на над нас не него нет ни но о об он она они от по
    под при с со так там то того тоже только ты у уже чем что чтобы это этот я
    """,
    "tr": """
    ama bana ben bir biz bu bunu ki da daha de değil diye en gibi her hem ile ise için kadar mi mı
    ne o olan olarak oldu onu sen siz ve veya ya çok şu
    """,
    "id": """
    ada adalah akan atau bagi bisa dan dari dengan di dia ini itu juga karena ke kami kita lebih
    mereka oleh pada saya sebagai sudah telah tidak untuk yang
    """,
    "el": """
    αν από για δεν είναι είχε ένα έναν ένας εγώ εδώ η ήταν θα και κατά με μας μια μου να ο οι ότι ού
    που προς σας σε στα στη στην στις στο στον στους τα τη την της τι τις το τον του τους των ως
    """,
    "hi": """
    अपने इस उन उस एक और कर करना करने का कि किया की कुछ के को कोई गया जब जा जो तक तो था थी थे दिया ने
    पर बहुत भी मैं मेरा यह या ये रहा रहे लिए वह वे से हम ही हुआ हूँ है हैं हो होता होती होना में
    नहीं
    """,
    "bn": """
    আমি আর আছে এই এক একটি এবং ও করা করে কি কিন্তু কে জন্য তা তার তারা থেকে দিয়ে না পর যে সে হয়
    হয়ে
    """,
    "ar": """
    أن أو إلى إن التي الذي الى الي ان او بعد به بين ثم حتى على عن عند في فى فيه قد كان كانت كل كما
    لا لم لن له لها ما مع من منذ هذا هذه هل هو هي و يا
    """,
    "fa": """
    آن آنها از است اما او این با باید بر برای به تا تو خود در را شد شده شود که ما من می نمی نیز نیست
    ها هم هر همه و وی چه یا یک بود دارد کند کرد کرده کنم هستم هستند است
    """,
    "he": """
    אבל או אם אין אל אני אנחנו את אתה גם הוא היא היה הם זאת זה יש כי כל לא לי לו מה מי עד על עם של
    """,
    "zh": """
    的 了 是 在 我 不 有 这 這 他 她 它 们 們 你 和 与 與 就 也 都 而 及 着 著 或 个 個
    吗 嗎 呢 吧 把 被 让 讓 给 給 对 對 从 從 到 要 会 會 能 很 还 還 又 为 為 以 于 於
    之 其 那 么 麼 上 下 来 來 去 说 說 没 沒
    """,
}
_SHARE = 0.12  # of all words: the forty commonest words of a language make up a third of its texts
_ENOUGH = 2000  # words to count by
_COMMON = 0.01  # of all words: in a language without a list, what is commoner is a function word


@cache
def _lists() -> Mapping[str, frozenset[str]]:
    lists = {language: frozenset(words.split()) for language, words in _OTHERS.items()}
    return {"en": frozenset(_ENGLISH.split()), **lists}


def function_words(counts: Mapping[str, int]) -> frozenset[str]:
    """Return the function words of English and of the languages that the texts are in.

    A language counts where its own commonest words, those of English aside,
    are at least 12 % of all words. In texts of none of the languages known here,
    words that are at least 1 % of all words are function words.

    Parameters
    ----------
    counts : mapping of str to int
        The spellings in all texts and how often each occurs.
    """
    total = sum(counts.values())
    english = _lists()["en"]
    spoken = [
        words
        for language, words in _lists().items()
        if sum(counts.get(word, 0) for word in (words if language == "en" else words - english))
        > _SHARE * total
    ]
    if spoken or total < _ENOUGH:
        return english.union(*spoken)
    return english | {word for word, count in counts.items() if count >= _COMMON * total}

"""Common words and word endings by which languages in Latin letters are recognised.

Tables only. Most of the words have no subject, so that the topic of a text does not decide its language. A
word that several languages share counts less for each of them.
"""

WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": """
            the of and to in is are was were be been has have had with for on at by from as it its
            this that these those which who what how why when where their they we our you your he
            his she her not an a or but if than then will would can could should may must into
            through about between during after before also new more most all some such other over
            under out up now first held says said towards on-line i there here while within without
            against among across only both each any no one two three four five six seven eight nine
            ten youth work workers report meeting women world year years 's january february march
            april june july august september october november december
        """,
        "fr": """
            à le la les un une des du de au aux et est sont été être a ont avec pour par sur dans en
            vers chez que qu qui quoi dont où ce cet cette ces son sa ses leur leurs nous vous ils
            elles il elle on ne pas plus ou mais si comme entre après avant depuis pendant sous sans
            selon lors afin aussi très tout tous toute toutes même autres contre y se nos notre
            votre mon ma mes deux trois quatre cinq six sept huit neuf dix jeunes travail monde
            année années femmes nouveau nouvelle rapport l' d' qu' c' n' s' j' lorsqu' jusqu'
            janvier février mars avril mai juin juillet août septembre octobre novembre décembre
        """,
        "es": """
            el la los las un una unos unas de del al y e o u es son fue fueron ser ha han con para
            por en sobre entre hacia desde hasta según sin tras durante mediante que quien quienes
            cual cuales cuando donde cómo qué este esta estos estas ese esa eso su sus se lo le les
            no más pero si sí como también muy todo todos toda todas otros otras nuestro nuestra nos
            año años ya mi mis dos tres cuatro cinco seis siete ocho nueve diez jóvenes trabajo
            mundo mujeres nuevo nueva informe sólo solo enero febrero marzo abril mayo junio julio
            agosto septiembre octubre noviembre diciembre
        """,
        "pt": """
            o a os as um uma uns umas de do da dos das no na nos nas ao aos à às e ou é são foi
            foram ser tem têm com para por pelo pela pelos pelas em sobre entre até desde sem após
            durante que quem qual quais quando onde como este esta estes estas esse essa isso seu
            sua seus suas se lhe não mais mas também muito todo todos toda todas outros outras nosso
            nossa ano anos já meu minha dois duas três quatro cinco seis sete oito nove dez jovens
            trabalho mundo mulheres novo nova relatório amanhã hoje janeiro fevereiro março abril
            maio junho julho agosto setembro outubro novembro dezembro
        """,
        "de": """
            der die das den dem des ein eine einen einem einer eines und oder ist sind war waren
            wird werden wurde wurden hat haben hatte mit für von vom zu zum zur im in am an auf aus
            bei bis nach über unter um vor durch gegen ohne zwischen seit während wegen dass ob wenn
            als wie was wer wo warum nicht kein keine mehr auch nur noch schon sehr sich es er sie
            wir ihr ihre ihren sein seine diese dieser dieses alle viele neue neuer neues zwei drei
            vier fünf sechs sieben acht neun zehn jugend arbeit welt jahr jahre jahren frauen
            bericht weltweit januar februar märz april mai juni juli august september oktober
            november dezember
        """,
        "it": """
            il lo la i gli le un uno una di del dello della dei degli delle d a al allo alla ai agli
            alle da dal dalla dai in nel nello nella nei negli nelle su sul sulla con per tra fra e
            ed o è sono era essere ha hanno che chi cui quale quali quando dove come questo questa
            questi queste suo sua suoi loro si non più ma se anche molto tutto tutti tutte altri
            altre nostro nostra anno anni già due tre quattro cinque sei sette otto nove dieci
            giovani lavoro mondo donne nuovo nuova rapporto l' d' un' dell' all' nell' sull' dall'
            gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre
            dicembre
        """,
    }.items()
}

ENDINGS: dict[str, tuple[str, ...]] = {
    language: tuple(endings.split())
    for language, endings in {
        "en": "ing tion tions ness ship ies ity ed ly ment ments ive ics",
        "fr": "tion tions ment ments eur eurs eux aux ité ités oire elle ées ière",
        "es": "ción ciones dad dades miento mientos ismo ivo iva ivas encia ario",
        "pt": "ção ções dade dades mento mentos ismo ivo iva ência ário ões ão",
        "de": "ung ungen keit heit schaft isch ische ischen lich liche ieren tag",
        "it": "zione zioni ità mento menti ismo ivo iva enza ario gli tto tti",
    }.items()
}
"""Endings of longer words."""

LETTERS: dict[str, str] = {
    "fr": "œçêëîïûùàè",
    "es": "ñ¿¡",
    "pt": "ãõâ",
    "de": "ßäöü",
    "it": "ìò",
}
"""Characters that are rare in the other languages; they count little, because names contain them too."""

"""Twice as much news for each page as in `unseen_news.py`, and longer texts among it: all invented."""

# ruff: noqa: E501 # a line is a piece of news; its quotation marks are those of its language

from collections.abc import Mapping
from datetime import date

from tests.sources.unseen_news import NEWS, News

_DAYS = (
    *(date(2024, 3, 14), date(2024, 3, 12), date(2024, 3, 12), date(2024, 3, 1)),
    *(date(2024, 2, 27), date(2024, 2, 20), date(2024, 2, 9), date(2024, 2, 2)),
    *(date(2024, 1, 31), date(2024, 1, 18), date(2024, 1, 9), date(2023, 12, 21)),
    *(date(2023, 12, 11), date(2023, 12, 5), date(2023, 11, 30), date(2023, 11, 16)),
)

_TEXTS = {
    "en": """
Annual meeting 2023: members elect a new board | Five of nine seats went to people under forty. The minutes can be read by every member in the office.
Why do so few dairies share a lorry? | A survey among 214 farms gives three answers, and two of them have to do with trust.
“We start at four in the morning” – a day at the fish market | Amina Odhiambo has run the cold store since 2019 and knows every boat by its engine.
Repair café moves to the old post office | From 2 April on, lamps, toasters and bicycles are mended there on every Tuesday from 5 p.m. to 8 p.m.
Water charges stay as they are | The council voted 12 to 3 against a rise, but wants to look at the question again in autumn.
Prize for the seed library | The jury praised how gardeners from six villages keep 180 old kinds of beans alive.
Second-hand school books: last chance to hand them in | Books are taken at both libraries until the end of the month; torn ones are glued by volunteers.
Night bus on trial for six months | It runs on Fridays and Saturdays and stops at the hospital, the station and the mill.
""",
    "fr": """
Assemblée générale 2023 : un nouveau bureau élu | Cinq des neuf sièges reviennent à des moins de quarante ans. Le procès-verbal peut être consulté au siège.
Pourquoi si peu de laiteries partagent-elles un camion ? | Une enquête menée auprès de 214 fermes donne trois réponses, dont deux tiennent à la confiance.
« Nous commençons à quatre heures » : une journée à la criée | Fanta Diallo dirige la chambre froide depuis 2019 et reconnaît chaque bateau à son moteur.
Le café-réparation déménage à l’ancienne poste | Dès le 2 avril, lampes, grille-pain et vélos y seront réparés chaque mardi de 17 h à 20 h.
Le prix de l’eau ne bouge pas | Le conseil a refusé la hausse par 12 voix contre 3, mais rouvrira le dossier à l’automne.
Un prix pour la grainothèque | Le jury salue des jardiniers de six villages qui gardent en vie 180 variétés de haricots.
Livres scolaires d’occasion : derniers jours pour les déposer | Les deux bibliothèques les acceptent jusqu’à la fin du mois ; les livres déchirés sont recollés.
Bus de nuit : six mois d’essai | Il circule le vendredi et le samedi et dessert l’hôpital, la gare et le moulin.
""",
    "de": """
Jahresversammlung 2023: Mitglieder wählen neuen Vorstand | Fünf von neun Sitzen gingen an Leute unter vierzig. Das Protokoll liegt in der Geschäftsstelle aus.
Warum teilen sich so wenige Molkereien einen Lastwagen? | Eine Umfrage unter 214 Höfen gibt drei Antworten, und zwei davon haben mit Vertrauen zu tun.
„Wir fangen um vier Uhr an“ – ein Tag auf dem Fischmarkt | Antje Harms leitet das Kühlhaus seit 2019 und kennt jedes Boot am Klang.
Reparaturcafé zieht in die alte Post | Ab dem 2. April werden dort jeden Dienstag von 17 bis 20 Uhr Lampen, Toaster und Fahrräder repariert.
Wassergebühren bleiben stabil | Der Rat stimmte mit 12 zu 3 Stimmen gegen eine Erhöhung, will die Frage aber im Herbst erneut beraten.
Auszeichnung für die Saatgutbibliothek | Die Jury lobt, wie Gärtner aus sechs Dörfern 180 alte Bohnensorten erhalten.
Gebrauchte Schulbücher: letzte Gelegenheit zur Abgabe | Beide Büchereien nehmen sie bis Monatsende an; zerrissene Bücher werden ehrenamtlich geklebt.
Nachtbus fährt ein halbes Jahr zur Probe | Er verkehrt freitags und samstags und hält am Krankenhaus, am Bahnhof und an der Mühle.
""",
    "es": """
Asamblea anual 2023: los socios eligen nueva junta | Cinco de los nueve puestos son para menores de cuarenta años. El acta puede leerse en la sede.
¿Por qué tan pocas lecherías comparten camión? | Una encuesta a 214 granjas da tres respuestas, y dos de ellas tienen que ver con la confianza.
«Empezamos a las cuatro»: un día en la lonja | Rosa Ibarra dirige la cámara fría desde 2019 y reconoce cada barco por el motor.
El taller de reparación se muda al antiguo correo | Desde el 2 de abril se arreglan allí lámparas y bicicletas cada martes de 17 a 20 h.
Las tarifas del agua no suben | El consejo votó 12 a 3 contra la subida, aunque volverá a estudiarla en otoño.
Premio para la biblioteca de semillas | El jurado elogia a los hortelanos de seis pueblos que conservan 180 variedades de judías.
Libros de texto usados: últimos días para entregarlos | Se reciben en ambas bibliotecas hasta fin de mes; los rotos se pegan con ayuda de voluntarios.
Autobús nocturno a prueba durante seis meses | Circula los viernes y los sábados y para en el hospital, la estación y el molino.
""",
    "it": """
Assemblea annuale 2023: eletto il nuovo consiglio | Cinque dei nove seggi vanno a persone sotto i quarant’anni. Il verbale si può leggere in sede.
Perché così poche latterie condividono un camion? | Un’indagine su 214 aziende dà tre risposte, e due riguardano la fiducia.
«Cominciamo alle quattro»: una giornata al mercato del pesce | Carla Puddu guida la cella frigorifera dal 2019 e riconosce ogni barca dal motore.
Il caffè delle riparazioni si sposta alla vecchia posta | Dal 2 aprile lampade, tostapane e biciclette si aggiustano ogni martedì dalle 17 alle 20.
Le tariffe dell’acqua restano ferme | Il consiglio ha votato 12 a 3 contro l’aumento, ma ne riparlerà in autunno.
Premio alla biblioteca dei semi | La giuria loda gli ortolani di sei paesi che tengono in vita 180 varietà di fagioli.
Libri scolastici usati: ultimi giorni per la consegna | Si accettano nelle due biblioteche fino a fine mese; quelli strappati vengono incollati.
Autobus notturno in prova per sei mesi | Circola il venerdì e il sabato e ferma all’ospedale, alla stazione e al mulino.
""",
    "pt": """
Assembleia anual 2023: sócios elegem nova direção | Cinco dos nove lugares ficam com menores de quarenta anos. A ata pode ser lida na sede.
Por que tão poucas leitarias partilham um camião? | Um inquérito a 214 quintas dá três respostas, e duas têm que ver com a confiança.
“Começamos às quatro”: um dia na lota | Rosa Figueira dirige a câmara fria desde 2019 e conhece cada barco pelo motor.
Oficina de reparações muda-se para os antigos correios | A partir de 2 de abril, lâmpadas e bicicletas são ali consertadas às terças, das 17 às 20 horas.
Tarifas da água não sobem | O conselho votou 12 contra 3 e volta a estudar a questão no outono.
Prémio para a biblioteca de sementes | O júri elogia os hortelãos de seis aldeias que mantêm vivas 180 variedades de feijão.
Livros escolares usados: últimos dias para a entrega | As duas bibliotecas recebem-nos até ao fim do mês; os rasgados são colados por voluntários.
Autocarro noturno à experiência por seis meses | Circula às sextas e aos sábados e para no hospital, na estação e no moinho.
""",
    "ru": """
Годовое собрание 2023: члены избрали новое правление | Пять мест из девяти достались тем, кому нет сорока. Протокол можно прочесть в конторе.
Почему молочные заводы редко делят грузовик? | Опрос 214 хозяйств даёт три ответа, и два из них связаны с доверием.
«Мы начинаем в четыре утра»: день на рыбном рынке | Анна Белова заведует холодильником с 2019 года и узнаёт каждую лодку по мотору.
Мастерская починки переезжает в старую почту | Со 2 апреля лампы, тостеры и велосипеды чинят там каждый вторник с 17 до 20 часов.
Плата за воду остаётся прежней | Совет проголосовал 12 против 3, но вернётся к вопросу осенью.
Премия библиотеке семян | Жюри отметило садоводов шести деревень, которые сберегли 180 старых сортов фасоли.
Подержанные учебники: последние дни приёма | Обе библиотеки принимают их до конца месяца; порванные книги склеивают добровольцы.
Ночной автобус: полгода на пробу | Он ходит по пятницам и субботам и останавливается у больницы, вокзала и мельницы.
""",
}

MORE_NEWS: Mapping[str, tuple[News, ...]] = {
    language: tuple(
        News(title=title, summary=summary, day=day)
        for (title, summary), day in zip(
            [
                *((line.partition(" | ")[0], line.partition(" | ")[2]) for line in text.strip().splitlines()),
                *((news.title, news.summary) for news in NEWS[language]),
            ],
            _DAYS,
            strict=True,
        )
    )
    for language, text in _TEXTS.items()
}

"""News in several languages for the layouts that nothing was fitted to: titles and summaries, all invented."""

# ruff: noqa: E501 # a line is a piece of news; its quotation marks are those of its language

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    title: str
    summary: str
    day: date


_DAYS = (
    *(date(2022, 5, 19), date(2022, 5, 3), date(2022, 4, 28), date(2022, 4, 11)),
    *(date(2022, 3, 30), date(2022, 3, 8), date(2022, 2, 17), date(2022, 1, 25)),
)

_TEXTS = {
    "en": """
Weavers of the valley open a shop of their own | Forty weavers sell their cloth without a dealer for the first time.
A guide for treasurers of small cooperatives | It explains in plain words how a year is closed and an audit prepared.
Ministers meet over the rights of home workers | The meeting in Nairobi ends with a plan of six points.
Young beekeepers train their elders | In turn they learn how a hive is brought through the winter.
New study: what platform drivers earn | Costs of fuel and repairs eat up a third of what they take in.
Fishers agree on rest days for the bay | Nobody casts nets on two days of each week, and catches grow.
Loan fund for rural women doubles in size | Most of the loans go into mills, dryers and cold stores.
Registration opens for the spring course | Lessons are given online and are free of charge for members.
""",
    "fr": """
Les tisserandes de la vallée ouvrent leur boutique | Quarante femmes vendent leurs étoffes sans intermédiaire.
Un guide pour les trésoriers des petites coopératives | Il explique simplement comment clore une année comptable.
Travail à domicile : les ministres se réunissent | La rencontre de Dakar se termine par un plan en six points.
De jeunes apiculteurs forment leurs aînés | En échange, ils apprennent à mener une ruche jusqu’au printemps.
Ce que gagnent les chauffeurs des plateformes | Le carburant et les réparations absorbent un tiers des recettes.
Les pêcheurs s’accordent sur des jours de repos | Deux jours par semaine, personne ne jette ses filets dans la baie.
Le fonds de prêts aux femmes rurales a doublé | La plupart des prêts servent à acheter des moulins et des séchoirs.
Les inscriptions au cours de printemps sont ouvertes | Les leçons se donnent en ligne et sont gratuites.
""",
    "de": """
Weberinnen aus dem Tal eröffnen einen Laden | Vierzig Frauen verkaufen ihre Stoffe erstmals ohne Händler.
Ein Leitfaden für Kassenwarte kleiner Genossenschaften | Er erklärt in einfachen Worten den Jahresabschluss.
Ministertreffen über die Rechte der Heimarbeit | Das Treffen in Bonn endet mit einem Plan aus sechs Punkten.
Junge Imker schulen die alten | Im Gegenzug lernen sie, wie ein Volk durch den Winter kommt.
Neue Studie: Was Plattformfahrer verdienen | Kraftstoff und Reparaturen zehren ein Drittel der Einnahmen auf.
Fischer einigen sich auf Ruhetage in der Bucht | An zwei Tagen der Woche wirft niemand seine Netze aus.
Kreditfonds für Frauen auf dem Land verdoppelt | Die meisten Kredite fließen in Mühlen und Kühlhäuser.
Anmeldung zum Frühjahrskurs beginnt | Der Unterricht findet online statt und ist für Mitglieder kostenlos.
""",
    "es": """
Las tejedoras del valle abren su propia tienda | Cuarenta mujeres venden sus telas sin intermediarios.
Una guía para tesoreros de cooperativas pequeñas | Explica con palabras sencillas cómo se cierra un año.
Los ministros debaten sobre el trabajo a domicilio | La reunión de Quito termina con un plan de seis puntos.
Jóvenes apicultores enseñan a sus mayores | A cambio aprenden cómo una colmena pasa el invierno.
Un estudio muestra lo que ganan los conductores | El combustible y las reparaciones se llevan un tercio.
Los pescadores acuerdan días de descanso | Dos días por semana nadie echa sus redes en la bahía.
El fondo de préstamos para mujeres rurales se duplica | Los préstamos van sobre todo a molinos y secaderos.
Se abre la inscripción al curso de primavera | Las clases son en línea y gratuitas para las socias.
""",
    "ar": """
نساجات الوادي يفتتحن متجرهن الخاص | أربعون امرأة يبعن أقمشتهن للمرة الأولى من دون وسيط.
دليل لأمناء الصندوق في التعاونيات الصغيرة | يشرح بكلمات بسيطة كيف تُقفل السنة المالية.
الوزراء يبحثون حقوق العاملين من المنزل | انتهى الاجتماع في تونس بخطة من ست نقاط.
نحالون شباب يدربون كبارهم | ويتعلمون في المقابل كيف تجتاز الخلية فصل الشتاء.
دراسة جديدة عن دخل سائقي المنصات | الوقود والإصلاحات تلتهم ثلث ما يكسبونه.
الصيادون يتفقون على أيام راحة للخليج | لا أحد يلقي شباكه في يومين من كل أسبوع.
صندوق القروض للنساء الريفيات يتضاعف | تذهب معظم القروض إلى المطاحن والمجففات.
فتح باب التسجيل في دورة الربيع | تُعطى الدروس عبر الشبكة وهي مجانية للأعضاء.
""",
    "ru": """
Ткачихи долины открыли собственную лавку | Сорок мастериц впервые продают свои ткани без посредников.
Пособие для казначеев малых кооперативов | В нём простыми словами рассказано, как закрыть отчётный год.
Министры обсудили права надомных работников | Встреча в Алматы завершилась планом из шести пунктов.
Молодые пчеловоды обучают старших | Взамен они узнают, как пчелиная семья переживает зиму.
Новое исследование доходов водителей платформ | Топливо и ремонт съедают треть их выручки.
Рыбаки договорились о днях отдыха для залива | Два дня в неделю никто не забрасывает сетей.
Фонд займов для сельских женщин удвоен | Большая часть займов идёт на мельницы и сушилки.
Открыта запись на весенний курс | Занятия проходят в сети и бесплатны для членов кооператива.
""",
    "pt": """
Tecelãs do vale abrem a sua própria loja | Quarenta mulheres vendem os seus tecidos sem intermediários.
Um guia para tesoureiros de pequenas cooperativas | Explica em palavras simples como se encerra um ano.
Ministros discutem o trabalho em domicílio | O encontro de Maputo termina com um plano de seis pontos.
Jovens apicultores ensinam os mais velhos | Em troca aprendem como uma colmeia atravessa o inverno.
Estudo mostra quanto ganham os motoristas | O combustível e os consertos consomem um terço da receita.
Pescadores combinam dias de descanso na baía | Em dois dias da semana ninguém lança as suas redes.
Fundo de crédito para mulheres rurais dobra | A maior parte dos empréstimos vai para moinhos e secadores.
Abertas as inscrições para o curso de primavera | As aulas são à distância e gratuitas para as sócias.
""",
    "it": """
Le tessitrici della valle aprono un negozio | Quaranta donne vendono le loro stoffe senza intermediari.
Una guida per i tesorieri delle piccole cooperative | Spiega con parole semplici come si chiude un anno.
I ministri discutono del lavoro a domicilio | L’incontro di Torino si chiude con un piano in sei punti.
Giovani apicoltori insegnano agli anziani | In cambio imparano come un alveare passa l’inverno.
Uno studio su quanto guadagnano gli autisti | Carburante e riparazioni si mangiano un terzo degli incassi.
I pescatori concordano giorni di riposo | Due giorni alla settimana nessuno getta le reti nella baia.
Raddoppia il fondo di prestiti per le donne rurali | Gran parte dei prestiti va a mulini ed essiccatoi.
Aperte le iscrizioni al corso di primavera | Le lezioni si tengono in rete e sono gratuite per i soci.
""",
    "zh": """
山谷织女开办自己的店铺 | 四十名织女首次不经中间商出售自己的布料。
小型合作社司库工作指南发布 | 指南用简明的语言说明如何结清一年的账目。
部长会议讨论家庭工人的权利 | 在河内举行的会议通过了一份六点计划。
年轻养蜂人为长辈授课 | 他们也从长辈那里学习蜂群如何过冬。
新研究揭示平台司机的收入 | 燃料和修理费用占去他们收入的三分之一。
渔民商定海湾的休渔日 | 每周有两天没有人撒网捕鱼。
农村妇女贷款基金规模翻番 | 大部分贷款用于购买磨坊和烘干设备。
春季课程现已开放报名 | 课程在网上进行并且对社员免费。
""",
}

NEWS: Mapping[str, tuple[News, ...]] = {
    language: tuple(
        News(title=line.partition(" | ")[0], summary=line.partition(" | ")[2], day=day)
        for line, day in zip(text.strip().splitlines(), _DAYS, strict=True)
    )
    for language, text in _TEXTS.items()
}

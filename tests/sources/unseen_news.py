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
}

NEWS: Mapping[str, tuple[News, ...]] = {
    language: tuple(
        News(title=line.partition(" | ")[0], summary=line.partition(" | ")[2], day=day)
        for line, day in zip(text.strip().splitlines(), _DAYS, strict=True)
    )
    for language, text in _TEXTS.items()
}

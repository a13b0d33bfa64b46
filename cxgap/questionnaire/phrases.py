"""The sentences around the questions, in several languages; the questions themselves are the study's own."""

from __future__ import annotations

from typing import Final

from cxgap.errors import ArgumentError

LANGUAGES: Final = ("en", "de", "fr", "es", "ko")

# What stands above each rating, by what respondents are asked to expect (vocabulary.EXPECTATION_TYPES).
RATINGS: Final[dict[str, dict[str, str]]] = {
    "desired": {
        "en": "An excellent company would offer this",
        "de": "Ein hervorragendes Unternehmen böte das",
        "fr": "Une excellente entreprise l'offrirait",
        "es": "Una empresa excelente lo ofrecería",
        "ko": "훌륭한 회사라면 제공할 것이다",
    },
    "should": {
        "en": "A company should offer this",
        "de": "Ein Unternehmen sollte das bieten",
        "fr": "Une entreprise devrait l'offrir",
        "es": "Una empresa debería ofrecerlo",
        "ko": "회사는 마땅히 제공해야 한다",
    },
    "adequate": {
        "en": "The least that would do for me",
        "de": "Das Mindeste, das mir genügt",
        "fr": "Le minimum qui me suffirait",
        "es": "Lo mínimo que me bastaría",
        "ko": "내가 받아들일 수 있는 최소 수준",
    },
    "predicted": {
        "en": "What I think I will get",
        "de": "Was ich zu bekommen erwarte",
        "fr": "Ce que je pense recevoir",
        "es": "Lo que creo que recibiré",
        "ko": "내가 받게 될 것으로 예상하는 수준",
    },
    "ideal_point": {
        "en": "The amount that would be ideal for me",
        "de": "Das für mich ideale Maß",
        "fr": "La quantité idéale pour moi",
        "es": "La cantidad ideal para mí",
        "ko": "나에게 이상적인 수준",
    },
    "promised": {
        "en": "What I was promised",
        "de": "Was mir versprochen wurde",
        "fr": "Ce qui m'a été promis",
        "es": "Lo que me prometieron",
        "ko": "약속받은 수준",
    },
    "perceived": {
        "en": "What I got this time",
        "de": "Was ich dieses Mal bekam",
        "fr": "Ce que j'ai reçu cette fois",
        "es": "Lo que recibí esta vez",
        "ko": "이번에 실제로 받은 수준",
    },
    "believed": {
        "en": "How much our customers expect this",
        "de": "Wie sehr unsere Kunden das erwarten",
        "fr": "À quel point nos clients l'attendent",
        "es": "Cuánto lo esperan nuestros clientes",
        "ko": "고객이 이것을 기대하는 정도",
    },
    "rating": {
        "en": "How our customers rate what they get",
        "de": "Wie unsere Kunden bewerten, was sie bekommen",
        "fr": "Comment nos clients jugent ce qu'ils reçoivent",
        "es": "Cómo valoran nuestros clientes lo que reciben",
        "ko": "고객이 받은 것을 평가하는 정도",
    },
    "standard": {
        "en": "We have a standard for this",
        "de": "Wir haben dafür einen Standard",
        "fr": "Nous avons une norme pour cela",
        "es": "Tenemos un estándar para esto",
        "ko": "이에 대한 기준이 있다",
    },
    "delivered": {
        "en": "We deliver to that standard",
        "de": "Wir halten diesen Standard ein",
        "fr": "Nous respectons cette norme",
        "es": "Cumplimos ese estándar",
        "ko": "그 기준대로 제공한다",
    },
    "promised_by_us": {
        "en": "What we promise can be kept",
        "de": "Was wir versprechen, lässt sich halten",
        "fr": "Ce que nous promettons peut être tenu",
        "es": "Lo que prometemos se puede cumplir",
        "ko": "우리가 약속한 것은 지킬 수 있다",
    },
}

SENTENCES: Final[dict[str, dict[str, str]]] = {
    "customers": {
        "en": "Questions to customers",
        "de": "Fragen an Kunden",
        "fr": "Questions aux clients",
        "es": "Preguntas a los clientes",
        "ko": "고객 설문",
    },
    "managers": {
        "en": "Questions to managers",
        "de": "Fragen an Führungskräfte",
        "fr": "Questions aux cadres",
        "es": "Preguntas a los directivos",
        "ko": "관리자 설문",
    },
    "staff": {
        "en": "Questions to staff",
        "de": "Fragen an Beschäftigte",
        "fr": "Questions au personnel",
        "es": "Preguntas al personal",
        "ko": "직원 설문",
    },
    "how": {
        "en": "Please rate each line from {low} (not at all) to {high} (fully).",
        "de": "Bitte bewerten Sie jede Zeile von {low} (gar nicht) bis {high} (voll und ganz).",
        "fr": "Veuillez noter chaque ligne de {low} (pas du tout) à {high} (tout à fait).",
        "es": "Valore cada línea de {low} (nada) a {high} (por completo).",
        "ko": "각 항목을 {low}(전혀 아니다)에서 {high}(매우 그렇다)까지 평가해 주십시오.",
    },
    "none": {
        "en": "does not apply",
        "de": "trifft nicht zu",
        "fr": "sans objet",
        "es": "no procede",
        "ko": "해당 없음",
    },
    "touchpoint": {
        "en": "Which of these is it about?",
        "de": "Worum geht es?",
        "fr": "De quoi s'agit-il ?",
        "es": "¿De qué se trata?",
        "ko": "다음 중 어느 것에 관한 것입니까?",
    },
    "points": {
        "en": "Spread 100 points over these, more where it matters more to you.",
        "de": "Verteilen Sie 100 Punkte, mehr auf das, was Ihnen wichtiger ist.",
        "fr": "Répartissez 100 points, davantage là où cela compte plus pour vous.",
        "es": "Reparta 100 puntos, más donde más le importe.",
        "ko": "중요할수록 더 많이 주면서 100점을 나누어 주십시오.",
    },
    "expected": {
        "en": "{name}: what did you expect, in {unit}?",
        "de": "{name}: Was haben Sie erwartet, in {unit}?",
        "fr": "{name} : qu'attendiez-vous, en {unit} ?",
        "es": "{name}: ¿qué esperaba, en {unit}?",
        "ko": "{name}: 얼마를 기대했습니까? (단위: {unit})",
    },
    "got": {
        "en": "{name}: what was it, in {unit}?",
        "de": "{name}: Wie war es, in {unit}?",
        "fr": "{name} : combien était-ce, en {unit} ?",
        "es": "{name}: ¿cuánto fue, en {unit}?",
        "ko": "{name}: 실제로 얼마였습니까? (단위: {unit})",
    },
    "thought": {
        "en": "{name}: what do you think customers expect, in {unit}?",
        "de": "{name}: Was erwarten Kunden Ihrer Meinung nach, in {unit}?",
        "fr": "{name} : qu'attendent les clients selon vous, en {unit} ?",
        "es": "{name}: ¿qué cree que esperan los clientes, en {unit}?",
        "ko": "{name}: 고객이 얼마를 기대한다고 생각합니까? (단위: {unit})",
    },
    "satisfaction": {
        "en": "All in all, how satisfied are you?",
        "de": "Wie zufrieden sind Sie alles in allem?",
        "fr": "Dans l'ensemble, êtes-vous satisfait ?",
        "es": "En conjunto, ¿cuál es su satisfacción?",
        "ko": "전반적으로 얼마나 만족하십니까?",
    },
    "recommend": {
        "en": "How likely are you to recommend us?",
        "de": "Wie wahrscheinlich ist es, dass Sie uns empfehlen?",
        "fr": "Quelle est la probabilité que vous nous recommandiez ?",
        "es": "¿Qué probabilidad hay de que nos recomiende?",
        "ko": "저희를 추천할 가능성은 얼마나 됩니까?",
    },
    "effort": {
        "en": "How easy was it for you?",
        "de": "Wie leicht war es für Sie?",
        "fr": "Était-ce facile pour vous ?",
        "es": "¿Le resultó fácil?",
        "ko": "얼마나 쉬웠습니까?",
    },
    "disconfirmation": {
        "en": "Was it worse or better than you expected?",
        "de": "War es schlechter oder besser als erwartet?",
        "fr": "Était-ce moins bien ou mieux que prévu ?",
        "es": "¿Fue peor o mejor de lo que esperaba?",
        "ko": "기대보다 나빴습니까, 좋았습니까?",
    },
    "emotion": {
        "en": "How did it make you feel?",
        "de": "Wie haben Sie sich dabei gefühlt?",
        "fr": "Qu'avez-vous ressenti ?",
        "es": "¿Cómo se sintió?",
        "ko": "어떤 기분이 들었습니까?",
    },
    "comment": {
        "en": "Anything else? Please give no names or addresses.",
        "de": "Noch etwas? Bitte nennen Sie keine Namen oder Adressen.",
        "fr": "Autre chose ? Merci de ne donner ni nom ni adresse.",
        "es": "¿Algo más? Por favor, no dé nombres ni direcciones.",
        "ko": "다른 의견이 있으십니까? 이름이나 주소는 적지 마십시오.",
    },
}
UNITS: Final[dict[str, dict[str, str]]] = {
    "days": {"en": "days", "de": "Tagen", "fr": "jours", "es": "días", "ko": "일"},
    "hours": {"en": "hours", "de": "Stunden", "fr": "heures", "es": "horas", "ko": "시간"},
    "minutes": {"en": "minutes", "de": "Minuten", "fr": "minutes", "es": "minutos", "ko": "분"},
}


def check_language(language: str) -> str:
    """Return `language` if there are sentences in it."""
    if language not in LANGUAGES:
        raise ArgumentError.choice("language", language, LANGUAGES)
    return language


def say(sentence: str, language: str, **parts: object) -> str:
    """Return the sentence of that name."""
    return SENTENCES[sentence][language].format(**parts)


def unit(name: str, language: str) -> str:
    """Return the unit as the language writes it; one that is not known stays as it is."""
    return UNITS.get(name, {}).get(language, name)

"""Words that mean that no answer was given, in the languages that surveys are asked in, by what they mean."""

from __future__ import annotations

from typing import Final

NON_ANSWERS: Final = {
    "not applicable": """
    n/a|na|n.a.|not applicable|does not apply|not relevant|doesn't apply|not used|have not used|never used|entfällt|
    nicht zutreffend|trifft nicht auf mich zu|nicht relevant|nicht genutzt|nicht anwendbar|sans objet|non applicable|
    non concerné|ne s'applique pas|pas concerné|s.o.|no aplica|no corresponde|no procede|n/c|não se aplica|não aplicável|
    non pertinente|non applicabile|niet van toepassing|n.v.t.|nvt|해당 없음|해당없음|해당 사항 없음|이용 경험 없음|該当なし|
    該当しない|利用していない|不适用|未使用|uygulanamaz|geçerli değil|uygun değil|tidak berlaku|tidak relevan|неприменимо|
    не применимо|не пользовался
    """,
    "don't know": """
    don't know|do not know|dont know|dk|i don't know|can't say|cannot say|unsure/don't know|no opinion|not sure/don't know|
    weiß nicht|weiss nicht|weiß ich nicht|kann ich nicht beurteilen|keine meinung|ne sais pas|ne sait pas|je ne sais pas|nsp|
    sans opinion|sans avis|no sabe|no sé|no sabe/no contesta|ns/nc|ns|não sei|não sabe|non so|non saprei|weet niet|
    weet ik niet|geen mening|모름|모르겠음|잘 모르겠음|잘 모르겠다|모르겠다|わからない|分からない|不知道|不清楚|bilmiyorum|
    tidak tahu|не знаю|затрудняюсь ответить
    """,
    "refused": """
    refused|prefer not to say|prefer not to answer|rather not say|möchte ich nicht sagen|verweigert|refus|refuse de répondre|
    prefiero no contestar|no contesta|nc|prefiro não responder|preferisco non rispondere|wil ik niet zeggen|응답 거부|
    응답거부|무응답|答えたくない|拒绝回答|cevap vermek istemiyorum|tidak ingin menjawab|отказ от ответа|отказ
    """,
    "no answer": """
    no answer|no response|none|missing|null|not answered|skipped|nan|#n/a|keine angabe|keine angaben|k.a.|k. a.|ka|k/a|
    keine antwort|ohne angabe|sans réponse|pas de réponse|non réponse|nr|sin respuesta|sin responder|sem resposta|
    não respondeu|nessuna risposta|non risponde|geen antwoord|미응답|응답 없음|응답없음|無回答|回答なし|未回答|未作答|无回答|
    cevap yok|tidak ada jawaban|tidak menjawab|нет ответа
    """,
    "": """
    -|--|---|.|..|...|·|x|xx|?|*|/|–|—|_|#
    """,
}

"""Names that columns beside the ratings have, in the languages that surveys are made in: no accents, signs or spaces."""

from __future__ import annotations

from typing import Final

# The surest first.
NAMES: Final = {
    "respondent_id": """
    respondentid respid resp respondent responseid respondentno respondentnumber respondentnr participantid participant
    participantno participantnumber participantnr teilnehmerid teilnehmernr teilnehmernummer teilnehmerinnr teilnehmer
    teilnehmerinnennr befragtenid befragtennr befragtennummer befragtnr befragter probandennr probandennummer probandenid
    proband vpnr lfdn interviewid surveyid caseid case recordid subjectid subjectno subject panelistid panelistno panelist
    panelid idrespondent idencuestado encuestado nencuestado nodeencuestado ndeencuestado numerodeencuestado
    numeroencuestado idrepondant repondant nrepondant noderepondant nderepondant numeroderepondant numerorepondant
    idparticipant idrespondente numerodorespondente idrispondente numerorispondente respondentnummer deelnemernr
    deelnemernummer deelnemerid idrespuesta token responsetoken uuid id recordno serial serialnumber sid quest 응답자id
    응답자번호 응답번호 참여자번호 참가자번호 응답자 回答者id 回答者番号 回答者 受访者id 受访者 респондент
    """,
    "customer_id": """
    customerid customer custid customerno customernumber customeruniqueid clientid clientno kundenid kundennummer kundennr
    kdnr kunde klantnr klantnummer klantid numerodecliente numeroclient idclient idcliente clienteid codcliente accountid
    accountno accountnumber memberid userid 고객번호 고객id 顧客id 顧客番号 客户id 客户编号
    """,
    "event_id": """
    eventid orderid orderno ordernumber ordernr bestellnummer bestellnr auftragsnummer bookingid reservationid shipmentid
    parcelid transactionid visitid jobid idpedido pedidoid idcommande numerocommande 주문번호 注文番号 订单号 订单编号
    """,
    "touchpoint": """
    touchpoint touchpoints contactpoint pointofcontact kontaktpunkt pointdecontact puntodecontacto pontodecontato 접점
    고객접점 タッチポイント 顧客接点 触点 接触点 temasnoktasi titikkontak точкаконтакта
    """,
    "wave": """
    wave surveywave welle vague ola onda meting golf dalga gelombang волна 회차 차수 波 波次 調査回 surveyround
    """,
    "item": """
    item itemid itemno questionid questionno statement statementid frage fragennummer 문항 문항번호 項目 题项 question
    """,
    "dimension": """
    dimension dimensions factor dimensao dimensione 차원 次元 维度 boyut dimensi измерение servqualdimension
    """,
    "weight": """
    weight weights pw wt wgt weighting surveyweight finalweight finalwt sampleweight samplingweight gewicht gewichtung poids
    ponderation ponderacion peso pesos factorexpansion gewichtungsfaktor weightfactor 가중치 ウェイト 重み 权重 agirlik
    bobot вес
    """,
    "stratum": """
    stratum strata stype schicht strate estrato estratum strato 층 層 层 strat samplingstratum
    """,
    "psu": """
    psu cluster clusterid dnum primarysamplingunit klumpen grappe conglomerado 집락 クラスター upm samplingunit
    """,
    "population": """
    population fpc fpc1 popsize populationsize grundgesamtheit stratumsize poblacion 모집단
    """,
}
TIMES: Final = """
at recordeddate submitdate enddate completedat completed submittedat submitted responsedate answeredat timestamp zeitstempel
horodateur marcatemporal carimbodedatahora informazionicronologiche 타임스탬프 タイムスタンプ 时间戳记 时间戳 zamandamgasi
отметкавремени surveydate interviewdate date datum fecha data datestamp createdat created startdate startedat datetime
응답일 응답일시 일시 날짜 日付 回答日時 日期 tarih tanggal дата
"""
DURATIONS: Final = """
seconds durationinseconds durationseconds duration durationsec interviewtime totaltime interviewduration timetaken dauer
bearbeitungszeit duree duracion tempodiresposta 소요시간 응답시간 所要時間 用时 sure durasi длительность
"""
PLATFORM: Final = """
status progress finished distributionchannel collectorid lastpage seed startlanguage refurl customdata1 recipientfirstname
"""
DEMOGRAPHIC: Final = """
age ageband agegroup alter altersgruppe bolge branch canal channel cinsiyet country department edad education filiale gender
genero geschlecht idade income jeniskelamin kanal land language langue pais pays product produit produkt regiao region
segment sex sexe sexo store userlanguage usia wilayah yas возраст пол регион 地区 地域 年代 年齢 年龄 性別 性别 渠道 성별
연령 연령대 지역 채널
"""
PERSONAL: Final = """
email emailaddress mail emailadresse courriel correo correoelectronico mailadresse phone phonenumber telephone tel mobile
mobilenumber telefon telefonnummer handynummer telefono celular ip ipaddress ipaddr ipadresse locationlatitude
locationlongitude latitude longitude lat lon firstname lastname fullname surname forename givenname familyname
recipientemail recipientlastname recipientfirstname vorname nachname prenom nomdefamille nombre apellido apellidos
nombrecompleto nome sobrenome cognome address streetaddress street strasse anschrift adresse direccion endereco birthdate
dateofbirth dob geburtsdatum fechanacimiento ssn passport iban username contactname 이름 성명 전화번호 휴대폰 휴대전화
이메일 주소 생년월일 氏名 名前 電話番号 メールアドレス 住所 姓名 电话 手机 邮箱 地址 adisoyadi telefonnumarasi eposta nama
alamat фио имя фамилия телефон почта адрес
"""
# Overall judgements: names, and what their questions say, without accents.
OUTCOMES: Final = {
    "recommend": (
        """
        rec nps npsscore recommend recommendation recommendintention likelihoodtorecommend ltr weiterempfehlung
        recommandation recomendacion recomendacao tavsiye rekomendasi 추천 추천의향 推奨 推荐 推荐意愿 рекомендация
        """,
        r"\brecommend|\bnps\b|weiterempf|recommand|recomend|raccomand|consigli|aanbevel|추천|推奨|おすすめ|お勧め|薦め|"
        r"推荐|tavsiye|merekomend|rekomend|рекоменд|порекоменд",
    ),
    "effort": (
        """
        ces effort customereffort effortscore aufwand esfuerzo esforco 노력 努力 caba
        """,
        r"\beffort\b|how easy|\baufwand|wie einfach|quel effort|\besfuerz|que tan facil|\besforco|수고|노력|労力|手間|费力",
    ),
    "disconfirmation": (
        """
        disconfirmation disconf expectationmet expectationsmet confirmation
        """,
        "",
    ),
    "emotion": (
        """
        emotion emotions feeling feelings gefuehl emocion emocao 감정 感情 情绪
        """,
        "",
    ),
    "satisfaction": (
        """
        satisfaction overallsatisfaction satisfactionoverall osat csat overallsat satoverall gesamtzufriedenheit
        zufriedenheit satisfactionglobale satisfaccion satisfacciongeneral satisfaccionglobal satisfacao satisfacaogeral
        soddisfazione tevredenheid genelmemnuniyet memnuniyet kepuasan 만족도 전반적만족도 전체만족도 전반만족도 満足度
        総合満足度 满意度 总体满意度 удовлетворенность overallquality overallrating
        """,
        r"(?:overall|all in all|in general|general|gesamt|insgesamt|global|"
        r"dans l'ensemble|en general|geral|complessiv|over het geheel|전반|"
        r"전체|종합|総合|全体|总体|整体|genel|secara keseluruhan|в целом|overall).{0,60}(?:satisf|"
        r"zufried|soddisf|tevred|만족|満足|满意|memnun|puas|удовлетвор)|"
        r"(?:satisf|zufried|soddisf|tevred|memnun|puas|удовлетвор).{0,60}(?:overall|"
        r"in general|insgesamt|gesamt|general|global|ensemble|keseluruhan|в целом)",
    ),
}

"""The ladders: families of answer labels, each from low to high, in the languages that surveys are asked in."""

# ruff: noqa: RUF001 (letters of other alphabets are meant)

from __future__ import annotations

from typing import Final

# Levels from low to high are parted by ";", spellings of one level by "|", languages by a blank line.
LADDERS: Final = {
    "agreement": """
    strongly disagree|completely disagree|totally disagree|fully disagree|disagree strongly|disagree completely|
    absolutely disagree; disagree|mostly disagree|moderately disagree|disagree moderately|generally disagree;
    somewhat disagree|slightly disagree|rather disagree|tend to disagree|disagree somewhat|disagree slightly|
    disagree a little|more or less disagree; neither agree nor disagree|neither agree or disagree|neutral|undecided|neither|
    unsure|no opinion either way|neither disagree nor agree; somewhat agree|slightly agree|rather agree|tend to agree|
    agree somewhat|agree slightly|agree a little|more or less agree; agree|mostly agree|moderately agree|agree moderately|
    generally agree; strongly agree|completely agree|totally agree|fully agree|agree strongly|agree completely|
    absolutely agree

    stimme überhaupt nicht zu|stimme gar nicht zu|trifft überhaupt nicht zu|trifft gar nicht zu|lehne völlig ab|
    stimme absolut nicht zu|stimme voll und ganz nicht zu|trifft ganz und gar nicht zu|stimmt gar nicht|
    stimmt überhaupt nicht; stimme nicht zu|trifft nicht zu|lehne ab|stimmt nicht; stimme eher nicht zu|trifft eher nicht zu|
    lehne eher ab|trifft weniger zu|trifft kaum zu|trifft überwiegend nicht zu|stimmt eher nicht; weder noch|teils / teils|
    teils - teils|trifft teilweise zu|trifft teils zu|stimme teilweise zu|stimme teils zu|teils teils|teils/teils|
    teils, teils|teils-teils|unentschieden|neutral|weder zustimmung noch ablehnung|stimme weder zu noch nicht zu;
    stimme eher zu|trifft eher zu|trifft überwiegend zu|trifft größtenteils zu|stimmt eher; stimme zu|trifft zu|stimmt;
    stimme voll und ganz zu|stimme völlig zu|stimme voll zu|stimme vollkommen zu|trifft voll und ganz zu|trifft voll zu|
    trifft völlig zu|trifft vollkommen zu|stimme absolut zu|stimme stark zu|trifft sehr zu|trifft ganz zu|trifft genau zu|
    stimmt genau|stimmt völlig|stimmt voll und ganz

    pas du tout d'accord|tout à fait en désaccord|fortement en désaccord|totalement en désaccord; pas d'accord|en désaccord;
    plutôt pas d'accord|plutôt en désaccord; ni d'accord ni pas d'accord|ni d'accord, ni pas d'accord|
    ni en accord ni en désaccord|ni d'accord ni en désaccord|neutre|indécis|sans opinion tranchée; plutôt d'accord|
    plutôt en accord; d'accord|en accord; tout à fait d'accord|totalement d'accord|fortement d'accord|entièrement d'accord|
    tout à fait en accord

    totalmente en desacuerdo|muy en desacuerdo|completamente en desacuerdo; en desacuerdo|desacuerdo; algo en desacuerdo|
    más bien en desacuerdo|parcialmente en desacuerdo; ni de acuerdo ni en desacuerdo|ni acuerdo ni desacuerdo|neutral|neutro|
    indeciso; algo de acuerdo|más bien de acuerdo|parcialmente de acuerdo; de acuerdo|acuerdo; totalmente de acuerdo|
    muy de acuerdo|completamente de acuerdo

    discordo totalmente|discordo completamente|discordo plenamente|discordo fortemente; discordo; discordo parcialmente|
    discordo em parte|discordo um pouco; não concordo nem discordo|nem concordo nem discordo|neutro|indiferente|indeciso;
    concordo parcialmente|concordo em parte|concordo um pouco; concordo; concordo totalmente|concordo completamente|
    concordo plenamente|concordo fortemente

    totalmente in disaccordo|completamente in disaccordo|per niente d'accordo|fortemente in disaccordo; in disaccordo|
    non d'accordo; parzialmente in disaccordo|abbastanza in disaccordo|poco d'accordo; né d'accordo né in disaccordo|
    nè d'accordo nè in disaccordo|neutrale|indeciso; parzialmente d'accordo|abbastanza d'accordo; d'accordo;
    totalmente d'accordo|completamente d'accordo|molto d'accordo|pienamente d'accordo|fortemente d'accordo

    helemaal mee oneens|helemaal niet mee eens|volledig mee oneens|zeer mee oneens|zeer oneens|helemaal oneens; mee oneens|
    niet mee eens|oneens; enigszins mee oneens|een beetje mee oneens|beetje oneens; niet mee eens, niet mee oneens|
    niet mee eens en niet mee oneens|niet eens, niet oneens|noch mee eens, noch mee oneens|neutraal; enigszins mee eens|
    een beetje mee eens|beetje eens; mee eens|eens; helemaal mee eens|volledig mee eens|zeer mee eens|zeer eens|helemaal eens

    전혀 그렇지 않다|전혀 동의하지 않음|전혀 동의하지 않는다|매우 그렇지 않다|매우 동의하지 않음|전혀 아니다; 그렇지 않다|
    동의하지 않음|동의하지 않는다|아니다; 약간 그렇지 않다|별로 그렇지 않다|다소 그렇지 않다|약간 동의하지 않음; 보통이다|
    보통|그저 그렇다|중립; 약간 그렇다|다소 그렇다|약간 동의함|조금 그렇다; 그렇다|동의함|동의한다|동의; 매우 그렇다|
    매우 동의함|매우 동의한다|매우 동의|전적으로 동의함

    全くそう思わない|まったくそう思わない|全く同意しない|まったく当てはまらない|全く当てはまらない|強く反対; そう思わない|
    同意しない|当てはまらない|反対; あまりそう思わない|ややそう思わない|どちらかといえばそう思わない|あまり当てはまらない;
    どちらともいえない|どちらとも言えない|どちらでもない|普通|ふつう; ややそう思う|どちらかといえばそう思う|やや当てはまる;
    そう思う|同意する|当てはまる|賛成; とてもそう思う|非常にそう思う|強くそう思う|大変そう思う|強く同意する|非常に当てはまる|
    とても当てはまる|強く賛成

    非常不同意|完全不同意|强烈不同意|强烈反对|十分不同意|非常不赞同|完全不赞同; 不同意|反对|不赞同; 有点不同意|比较不同意|
    有些不同意|稍微不同意|不太同意; 一般|中立|不确定|既不同意也不反对|无所谓; 有点同意|比较同意|有些同意|稍微同意; 同意|赞同;
    非常同意|完全同意|强烈同意|十分同意|非常赞同|完全赞同

    kesinlikle katılmıyorum|hiç katılmıyorum|tamamen katılmıyorum; katılmıyorum; kısmen katılmıyorum|biraz katılmıyorum;
    kararsızım|ne katılıyorum ne katılmıyorum|fikrim yok|nötr; kısmen katılıyorum|biraz katılıyorum; katılıyorum;
    kesinlikle katılıyorum|tamamen katılıyorum

    sangat tidak setuju; tidak setuju; agak tidak setuju|kurang setuju; netral|ragu-ragu|biasa saja; agak setuju|cukup setuju;
    setuju; sangat setuju

    полностью не согласен|совершенно не согласен|абсолютно не согласен|категорически не согласен|полностью не согласна|
    совершенно не согласна; не согласен|не согласна|не согласен/не согласна; скорее не согласен|скорее не согласна;
    ни согласен, ни не согласен|затрудняюсь определиться|нейтрально|и согласен, и не согласен|отчасти согласен, отчасти нет;
    скорее согласен|скорее согласна; согласен|согласна|согласен/согласна; полностью согласен|совершенно согласен|
    абсолютно согласен|полностью согласна|совершенно согласна
    """,
    "satisfaction": """
    very dissatisfied|extremely dissatisfied|completely dissatisfied|very unsatisfied|totally dissatisfied|
    not at all satisfied|extremely unsatisfied; dissatisfied|unsatisfied|moderately dissatisfied|mostly dissatisfied|
    not satisfied; somewhat dissatisfied|slightly dissatisfied|rather dissatisfied|somewhat unsatisfied|a little dissatisfied;
    neither satisfied nor dissatisfied|neutral|neither|neither dissatisfied nor satisfied|indifferent; somewhat satisfied|
    slightly satisfied|rather satisfied|a little satisfied; satisfied|moderately satisfied|mostly satisfied; very satisfied|
    extremely satisfied|completely satisfied|totally satisfied

    sehr unzufrieden|äußerst unzufrieden|überhaupt nicht zufrieden|völlig unzufrieden; unzufrieden|nicht zufrieden;
    eher unzufrieden|etwas unzufrieden; weder zufrieden noch unzufrieden|weder noch|teils teils|teils/teils|teils, teils|
    teils-teils|neutral; eher zufrieden|etwas zufrieden; zufrieden; sehr zufrieden|äußerst zufrieden|vollkommen zufrieden|
    völlig zufrieden

    très insatisfait|pas du tout satisfait|très insatisfaite|tout à fait insatisfait|extrêmement insatisfait|
    très insatisfait(e); insatisfait|pas satisfait|insatisfaite|insatisfait(e); plutôt insatisfait|plutôt pas satisfait|
    peu satisfait|assez insatisfait|plutôt insatisfaite; ni satisfait ni insatisfait|ni satisfait, ni insatisfait|neutre|
    moyennement satisfait; plutôt satisfait|assez satisfait|plutôt satisfaite; satisfait|satisfaite|satisfait(e);
    très satisfait|tout à fait satisfait|très satisfaite|extrêmement satisfait|très satisfait(e)

    muy insatisfecho|totalmente insatisfecho|nada satisfecho|muy insatisfecha|completamente insatisfecho|
    extremadamente insatisfecho; insatisfecho|insatisfecha; algo insatisfecho|poco satisfecho|más bien insatisfecho;
    ni satisfecho ni insatisfecho|neutral|neutro|indiferente; algo satisfecho|bastante satisfecho|más bien satisfecho;
    satisfecho|satisfecha; muy satisfecho|totalmente satisfecho|muy satisfecha|completamente satisfecho|
    extremadamente satisfecho

    muito insatisfeito|totalmente insatisfeito|nada satisfeito; insatisfeito; um pouco insatisfeito|pouco satisfeito;
    nem satisfeito nem insatisfeito|neutro|indiferente; um pouco satisfeito|parcialmente satisfeito; satisfeito;
    muito satisfeito|totalmente satisfeito

    molto insoddisfatto|per niente soddisfatto|del tutto insoddisfatto; insoddisfatto; abbastanza insoddisfatto|
    poco soddisfatto; né soddisfatto né insoddisfatto|neutrale; abbastanza soddisfatto; soddisfatto; molto soddisfatto|
    del tutto soddisfatto

    zeer ontevreden|heel ontevreden|helemaal niet tevreden; ontevreden|niet tevreden; enigszins ontevreden|
    een beetje ontevreden; niet tevreden, niet ontevreden|niet tevreden en niet ontevreden|noch tevreden, noch ontevreden|
    neutraal; enigszins tevreden|een beetje tevreden; tevreden; zeer tevreden|heel tevreden|helemaal tevreden

    매우 불만족|매우 불만|전혀 만족하지 않음|매우 불만족스럽다|매우 불만족한다; 불만족|불만|불만족스럽다|불만족한다;
    약간 불만족|다소 불만족|조금 불만족; 보통|보통이다|중립; 약간 만족|다소 만족|조금 만족; 만족|만족스럽다|만족한다;
    매우 만족|매우 만족스럽다|매우 만족한다

    非常に不満|とても不満|大変不満|たいへん不満; 不満; やや不満|どちらかといえば不満; どちらともいえない|どちらとも言えない|
    普通|ふつう|どちらでもない; やや満足|どちらかといえば満足|まあ満足; 満足; 非常に満足|とても満足|大変満足|たいへん満足

    非常不满意|很不满意|十分不满意|非常不满; 不满意|不满; 比较不满意|有点不满意|不太满意; 一般|中立|普通|无所谓; 比较满意|
    有点满意|基本满意; 满意; 非常满意|很满意|十分满意

    hiç memnun değilim|çok memnuniyetsizim|kesinlikle memnun değilim|hiç memnun kalmadım; memnun değilim|memnun kalmadım;
    pek memnun değilim|kısmen memnun değilim; ne memnunum ne değilim|ne memnunum ne memnun değilim|kararsızım|nötr;
    kısmen memnunum|biraz memnunum; memnunum|memnun kaldım; çok memnunum|çok memnun kaldım|kesinlikle memnunum

    sangat tidak puas; tidak puas; agak tidak puas|kurang puas; netral|biasa saja|cukup; agak puas|cukup puas; puas;
    sangat puas

    совершенно не удовлетворен|полностью не удовлетворен|очень недоволен|крайне недоволен|совсем не удовлетворен|
    совершенно не удовлетворён; не удовлетворен|недоволен|не удовлетворён; скорее не удовлетворен|скорее недоволен|
    скорее не удовлетворён; ни удовлетворен, ни не удовлетворен|нейтрально|ни доволен, ни недоволен; скорее удовлетворен|
    скорее доволен|скорее удовлетворён; удовлетворен|доволен|удовлетворён; полностью удовлетворен|очень доволен|
    полностью удовлетворён|совершенно удовлетворен
    """,
    "frequency": """
    never|not at all|at no time; rarely|seldom|almost never|hardly ever|very rarely; occasionally|once in a while|
    now and then; sometimes|half of the time|about half the time; frequently; often|usually|very often|most of the time|
    almost always|nearly always; always|every time|all the time

    nie|niemals; selten|fast nie|sehr selten; gelegentlich|ab und zu; manchmal|hin und wieder; häufig; oft|meistens|sehr oft|
    fast immer; immer|jedes mal

    jamais; rarement|presque jamais; occasionnellement|de temps en temps; parfois|quelquefois; fréquemment; souvent|
    très souvent|presque toujours|la plupart du temps; toujours

    nunca; raramente|rara vez|casi nunca|pocas veces; ocasionalmente|de vez en cuando; a veces|algunas veces; frecuentemente|
    con frecuencia; a menudo|muchas veces|casi siempre; siempre

    nunca; raramente|quase nunca; ocasionalmente|de vez em quando; às vezes|algumas vezes; frequentemente|com frequência;
    muitas vezes|quase sempre; sempre

    mai; raramente|quasi mai; occasionalmente|di tanto in tanto; a volte|qualche volta; frequentemente; spesso|quasi sempre;
    sempre

    nooit; zelden|bijna nooit; af en toe; soms; regelmatig; vaak|meestal|bijna altijd; altijd

    전혀 없음|전혀 없다|전혀; 거의 없음|거의 없다|드물게; 가끔; 때때로|보통; 종종; 자주; 항상|매번

    全くない|まったくない; めったにない|ほとんどない; たまに|たまにある; 時々|ときどき|時々ある; しばしば; よくある|頻繁に;
    いつも|常に

    从不|从来没有|从未; 很少|几乎不|极少; 偶尔; 有时|有时候; 时常; 经常|常常; 总是|一直

    hiçbir zaman|asla; nadiren; ara sıra|arada sırada; bazen; sıklıkla; sık sık|çoğu zaman|çoğunlukla; her zaman|daima

    tidak pernah; jarang|hampir tidak pernah; sesekali; kadang-kadang|kadang; cukup sering; sering; selalu

    никогда; редко|почти никогда; изредка|время от времени; иногда; нередко; часто|почти всегда; всегда
    """,
    "quality": """
    very poor|very bad|terrible|extremely poor|extremely bad|awful; poor|bad|moderately bad; rather poor|rather bad|
    below average|somewhat poor|slightly bad; average|fair|acceptable|neither good nor bad|neither poor nor good|neutral|ok|
    okay|so-so; rather good|above average|somewhat good|slightly good; good|moderately good; very good|excellent|
    extremely good|outstanding

    sehr schlecht|äußerst schlecht; schlecht; eher schlecht; mittelmäßig|mittel|
    weder gut noch schlecht|teils teils|teils/teils|durchschnittlich; eher gut; gut; sehr gut|ausgezeichnet|
    hervorragend

    très mauvais|très mauvaise|très mal|exécrable; mauvais|mauvaise|mal; plutôt mauvais|plutôt mauvaise|médiocre|plutôt mal;
    moyen|moyenne|ni bon ni mauvais|passable|correct; plutôt bon|plutôt bonne|assez bon|assez bien|plutôt bien; bon|bonne|
    bien; très bon|très bonne|excellent|excellente|très bien

    muy malo|muy mala|muy mal|pésimo|pésima; malo|mala|mal|deficiente; más bien malo|algo malo; regular|normal|
    ni bueno ni malo|aceptable; más bien bueno|algo bueno; bueno|buena|bien; muy bueno|muy buena|muy bien|excelente

    muito ruim|péssimo|péssima|muito mau|muito má; ruim|mau|má; um pouco ruim; regular|razoável|médio|nem bom nem ruim;
    um pouco bom; bom|boa; muito bom|muito boa|excelente|ótimo|ótima

    pessimo|molto scarso|pessima|molto cattivo; scarso|cattivo|scarsa; mediocre; discreto|sufficiente|né buono né cattivo|
    nella media; abbastanza buono; buono|buona; ottimo|eccellente|molto buono|ottima

    zeer slecht|heel slecht; slecht; matig|vrij slecht; neutraal|voldoende|gemiddeld|redelijk|niet goed, niet slecht;
    vrij goed; goed; zeer goed|uitstekend|heel goed

    매우 나쁨|매우 나쁘다|매우 불량|매우 미흡; 나쁨|나쁘다|미흡; 약간 나쁨|다소 나쁨; 보통|보통이다; 약간 좋음|다소 좋음;
    좋음|좋다|우수; 매우 좋음|매우 좋다|매우 우수|훌륭함

    非常に悪い|とても悪い|大変悪い; 悪い; やや悪い; 普通|ふつう|どちらともいえない; やや良い|まあ良い; 良い|よい; 非常に良い|
    とても良い|大変良い

    非常差|很差|极差; 差; 较差|比较差; 一般|中等|普通; 较好|比较好; 好|良好; 非常好|很好|优秀|极好

    çok kötü|berbat; kötü; biraz kötü; orta|ne iyi ne kötü|fena değil; biraz iyi; iyi; çok iyi|mükemmel

    sangat buruk|sangat jelek; buruk|jelek; agak buruk|kurang baik|kurang; cukup|biasa saja|sedang|cukup baik; agak baik;
    baik|bagus; sangat baik|sangat bagus

    очень плохо|очень плохой|ужасно; плохо|плохой|неудовлетворительно; скорее плохо; средне|удовлетворительно|нормально|
    ни хорошо, ни плохо; скорее хорошо; хорошо|хороший; отлично|очень хорошо|превосходно|очень хороший
    """,
    "importance": """
    very unimportant|extremely unimportant|completely unimportant|not at all important|not important at all; unimportant|
    not important|of low importance|low importance; somewhat unimportant|slightly unimportant|rather unimportant; neutral|
    neither important nor unimportant|neither; somewhat important|slightly important|rather important; important|
    of high importance; very important|extremely important

    völlig unwichtig|sehr unwichtig|überhaupt nicht wichtig|ganz unwichtig|gar nicht wichtig; unwichtig|nicht wichtig;
    eher unwichtig|weniger wichtig|eher nicht wichtig; teils teils|teils/teils|neutral|weder noch|mittel; eher wichtig;
    wichtig; sehr wichtig|äußerst wichtig

    pas du tout important|pas du tout importante|très peu important; pas important|sans importance; plutôt pas important|
    peu important|peu importante; neutre|moyennement important|ni important ni pas important; plutôt important|
    assez important; important|importante; très important|très importante|extrêmement important

    nada importante|muy poco importante|sin ninguna importancia; no importante|sin importancia; poco importante|
    algo no importante; neutral|neutro|ni importante ni no importante|indiferente; algo importante|bastante importante;
    importante; muy importante|extremadamente importante

    nada importante|totalmente sem importância; sem importância|não importante; pouco importante; neutro|indiferente|
    mais ou menos importante; um pouco importante; importante; muito importante|extremamente importante

    per niente importante|per nulla importante; non importante; poco importante; neutrale|mediamente importante;
    abbastanza importante; importante; molto importante|estremamente importante

    helemaal niet belangrijk|zeer onbelangrijk; niet belangrijk|onbelangrijk; niet zo belangrijk|enigszins onbelangrijk;
    neutraal; enigszins belangrijk; belangrijk; zeer belangrijk|heel belangrijk

    전혀 중요하지 않음|전혀 중요하지 않다|매우 중요하지 않음; 중요하지 않음|중요하지 않다; 별로 중요하지 않음|
    약간 중요하지 않음; 보통|보통이다; 약간 중요|다소 중요|약간 중요함; 중요|중요하다|중요함; 매우 중요|매우 중요하다|
    매우 중요함

    全く重要でない|まったく重要でない|全く重要ではない; 重要でない|重要ではない; あまり重要でない|あまり重要ではない;
    どちらともいえない|どちらとも言えない|普通; やや重要|まあ重要; 重要|重要である; 非常に重要|とても重要

    非常不重要|完全不重要|一点也不重要; 不重要; 不太重要|比较不重要; 一般|中立; 比较重要|有点重要; 重要; 非常重要|很重要|
    十分重要

    hiç önemli değil|kesinlikle önemli değil; önemli değil|önemsiz; pek önemli değil|biraz önemsiz; kararsızım|nötr|orta;
    biraz önemli|kısmen önemli; önemli; çok önemli

    sangat tidak penting; tidak penting; kurang penting|agak tidak penting; netral|biasa saja; agak penting|cukup penting;
    penting; sangat penting

    совсем не важно|совершенно не важно|абсолютно не важно; не важно|неважно; скорее не важно; нейтрально|средне;
    скорее важно; важно; очень важно|крайне важно
    """,
    "expectation met": """
    much worse than expected|far worse than expected|a lot worse than expected|much worse than i expected|much worse|
    far below expectations|far short of expectations|far below my expectations|well below expectations; worse than expected|
    worse than i expected|below expectations|below my expectations|short of expectations|did not meet expectations|
    does not meet expectations; somewhat worse than expected|slightly worse than expected|a little worse than expected|
    a bit worse than expected|somewhat worse|slightly below expectations; as expected|about as expected|just as expected|
    exactly as expected|met expectations|meets expectations|equals expectations|equals my expectations|met my expectations|
    as i expected|neither better nor worse than expected|about the same; somewhat better than expected|
    slightly better than expected|a little better than expected|a bit better than expected|somewhat better|
    slightly above expectations; better than expected|better than i expected|above expectations|exceeds expectations|
    exceeded expectations|exceeded my expectations|exceeds my expectations|above my expectations; much better than expected|
    far better than expected|a lot better than expected|much better than i expected|much better|far above expectations|
    greatly exceeds expectations|far exceeded expectations|greatly exceeds my expectations|well above expectations

    viel schlechter als erwartet|deutlich schlechter als erwartet|weit unter den erwartungen; schlechter als erwartet|
    unter den erwartungen|nicht erfüllt; etwas schlechter als erwartet|eher schlechter als erwartet; wie erwartet|
    genau wie erwartet|so wie erwartet|erfüllt|entspricht den erwartungen; etwas besser als erwartet|eher besser als erwartet;
    besser als erwartet|über den erwartungen|übertroffen; viel besser als erwartet|deutlich besser als erwartet|
    weit über den erwartungen

    bien pire que prévu|beaucoup moins bien que prévu|bien en dessous de mes attentes|beaucoup moins bien qu'attendu;
    pire que prévu|moins bien que prévu|en dessous de mes attentes|moins bien qu'attendu; un peu moins bien que prévu|
    un peu moins bien qu'attendu; comme prévu|conforme à mes attentes|comme attendu|conforme aux attentes;
    un peu mieux que prévu|un peu mieux qu'attendu; mieux que prévu|au-dessus de mes attentes|mieux qu'attendu;
    bien mieux que prévu|beaucoup mieux que prévu|bien au-dessus de mes attentes|beaucoup mieux qu'attendu

    mucho peor de lo esperado|mucho peor que lo esperado; peor de lo esperado|peor que lo esperado|por debajo de lo esperado;
    algo peor de lo esperado|un poco peor de lo esperado; como esperaba|lo esperado|igual a lo esperado|según lo esperado|
    tal como esperaba; algo mejor de lo esperado|un poco mejor de lo esperado; mejor de lo esperado|mejor que lo esperado|
    por encima de lo esperado; mucho mejor de lo esperado|mucho mejor que lo esperado

    muito pior do que o esperado|muito pior que o esperado; pior do que o esperado|pior que o esperado;
    um pouco pior do que o esperado; como esperado|conforme o esperado|como eu esperava; um pouco melhor do que o esperado;
    melhor do que o esperado|melhor que o esperado; muito melhor do que o esperado|muito melhor que o esperado

    molto peggio del previsto|molto peggio delle aspettative; peggio del previsto|sotto le aspettative;
    un po' peggio del previsto; come previsto|come mi aspettavo; un po' meglio del previsto; meglio del previsto|
    sopra le aspettative; molto meglio del previsto

    veel slechter dan verwacht; slechter dan verwacht; iets slechter dan verwacht; zoals verwacht; iets beter dan verwacht;
    beter dan verwacht; veel beter dan verwacht

    기대보다 훨씬 나쁨|기대보다 매우 나쁨|기대보다 훨씬 못함; 기대보다 나쁨|기대보다 못함|기대 이하; 기대보다 약간 나쁨|
    기대보다 조금 못함; 기대한 대로|기대와 같음|기대 수준; 기대보다 약간 좋음|기대보다 조금 나음; 기대보다 좋음|기대보다 나음|
    기대 이상; 기대보다 훨씬 좋음|기대보다 매우 좋음

    期待よりはるかに悪い|期待を大きく下回る|期待より非常に悪い; 期待より悪い|期待を下回る|期待以下; 期待よりやや悪い|
    期待をやや下回る; 期待通り|期待どおり; 期待よりやや良い|期待をやや上回る; 期待より良い|期待を上回る|期待以上;
    期待よりはるかに良い|期待を大きく上回る|期待より非常に良い

    远低于期望|远低于预期|比预期差很多; 低于期望|低于预期|比预期差; 略低于期望|略低于预期; 符合期望|符合预期|与预期一致;
    略高于期望|略高于预期; 高于期望|高于预期|超出期望|超出预期|比预期好; 远高于期望|远高于预期|远超预期|比预期好很多

    beklediğimden çok daha kötü|beklentimin çok altında; beklediğimden kötü|beklediğimden daha kötü|beklentimin altında;
    beklediğimden biraz kötü; beklediğim gibi|beklentimi karşıladı; beklediğimden biraz iyi; beklediğimden iyi|
    beklediğimden daha iyi|beklentimin üzerinde; beklediğimden çok daha iyi|beklentimin çok üzerinde

    jauh lebih buruk dari harapan|jauh di bawah harapan; lebih buruk dari harapan|di bawah harapan;
    sedikit lebih buruk dari harapan; sesuai harapan; sedikit lebih baik dari harapan; lebih baik dari harapan|
    di atas harapan|melebihi harapan; jauh lebih baik dari harapan|jauh di atas harapan

    намного хуже, чем ожидалось|намного хуже ожиданий|значительно хуже ожиданий; хуже, чем ожидалось|хуже ожиданий;
    немного хуже, чем ожидалось|немного хуже ожиданий; как ожидалось|соответствует ожиданиям|как и ожидалось;
    немного лучше, чем ожидалось|немного лучше ожиданий; лучше, чем ожидалось|лучше ожиданий; намного лучше, чем ожидалось|
    намного лучше ожиданий|значительно лучше ожиданий
    """,
    "likelihood": """
    very unlikely|extremely unlikely|not at all likely|definitely not|highly unlikely; unlikely|probably not|
    moderately unlikely; somewhat unlikely|slightly unlikely|rather unlikely; neutral|neither likely nor unlikely|undecided|
    not sure|might or might not; somewhat likely|slightly likely|rather likely; likely|probably|moderately likely|
    probably yes; very likely|extremely likely|definitely|definitely yes|highly likely

    sehr unwahrscheinlich|äußerst unwahrscheinlich|auf keinen fall; unwahrscheinlich|wahrscheinlich nicht;
    eher unwahrscheinlich; neutral|weder noch|unentschieden|vielleicht; eher wahrscheinlich; wahrscheinlich;
    sehr wahrscheinlich|äußerst wahrscheinlich|auf jeden fall

    très improbable|très peu probable|certainement pas; improbable|probablement pas; plutôt improbable|peu probable; neutre|
    ni probable ni improbable; plutôt probable|assez probable; probable|probablement; très probable|certainement

    muy improbable|nada probable|definitivamente no; improbable|probablemente no; algo improbable|poco probable; neutral|
    ni probable ni improbable; algo probable|bastante probable; probable|probablemente; muy probable|definitivamente sí

    muito improvável; improvável; um pouco improvável|pouco provável; neutro|nem provável nem improvável; um pouco provável;
    provável; muito provável

    molto improbabile; improbabile; abbastanza improbabile|poco probabile; neutrale; abbastanza probabile; probabile;
    molto probabile

    zeer onwaarschijnlijk; onwaarschijnlijk; enigszins onwaarschijnlijk; neutraal; enigszins waarschijnlijk; waarschijnlijk;
    zeer waarschijnlijk

    전혀 가능성 없음|매우 가능성 낮음|전혀 없다; 가능성 낮음|없다; 약간 가능성 낮음; 보통|보통이다; 약간 가능성 있음;
    가능성 높음|있다; 매우 가능성 높음|매우 있다

    全くない|非常に可能性が低い; 可能性が低い; やや可能性が低い; どちらともいえない|どちらとも言えない; やや可能性が高い;
    可能性が高い; 非常に可能性が高い

    非常不可能|完全不可能; 不可能; 不太可能; 一般|不确定; 有点可能|比较可能; 可能; 非常可能|很可能

    kesinlikle hayır|hiç olası değil; olası değil|muhtemelen hayır; pek olası değil; kararsızım; biraz olası; olası|
    muhtemelen evet; kesinlikle evet|çok olası

    sangat tidak mungkin; tidak mungkin; agak tidak mungkin; netral; agak mungkin; mungkin; sangat mungkin

    очень маловероятно|точно нет; маловероятно|скорее всего нет; скорее маловероятно; нейтрально; скорее вероятно; вероятно;
    очень вероятно|точно да
    """,
    # The six marks of a German school, of which a survey may leave out the worst.
    "school marks": """
    ungenügend; mangelhaft; ausreichend; befriedigend; gut; sehr gut
    """,
    # Five levels that rise from nothing, or whose middle is on the good side already.
    "quality from poor": """
    poor; fair; good; very good; excellent

    schlecht; weniger gut; gut; sehr gut; ausgezeichnet

    mauvais; passable; bon; très bon; excellent

    malo; regular; bueno; muy bueno; excelente
    """,
    "importance from none": """
    not at all important|not important at all|not important; slightly important|a little important|of little importance|
    not very important|not so important; moderately important|somewhat important|fairly important|important; very important;
    extremely important|essential|critical|absolutely essential

    überhaupt nicht wichtig|gar nicht wichtig|nicht wichtig; wenig wichtig|etwas wichtig|weniger wichtig; mäßig wichtig|
    mittelmäßig wichtig|ziemlich wichtig|wichtig; sehr wichtig; äußerst wichtig|extrem wichtig

    pas du tout important; peu important|légèrement important; moyennement important|modérément important|assez important|
    important; très important; extrêmement important|essentiel

    nada importante; poco importante|ligeramente importante; moderadamente importante|medianamente importante|importante;
    muy importante; extremadamente importante|sumamente importante
    """,
    "satisfaction from none": """
    not at all satisfied; slightly satisfied|not very satisfied|a little satisfied; moderately satisfied|somewhat satisfied|
    fairly satisfied; very satisfied; extremely satisfied|completely satisfied

    gar nicht zufrieden|überhaupt nicht zufrieden; wenig zufrieden|weniger zufrieden; mittelmäßig zufrieden|mäßig zufrieden|
    ziemlich zufrieden; sehr zufrieden; äußerst zufrieden|vollkommen zufrieden

    pas du tout satisfait; peu satisfait; moyennement satisfait|assez satisfait; très satisfait; extrêmement satisfait

    nada satisfecho; poco satisfecho; moderadamente satisfecho|bastante satisfecho; muy satisfecho; extremadamente satisfecho
    """,
    "likelihood from none": """
    not at all likely; slightly likely|not very likely|not so likely; moderately likely|somewhat likely; very likely;
    extremely likely
    """,
    "degree": """
    not at all; a little|slightly|to a small extent|a little bit; somewhat|moderately|to some extent; very|quite a bit|a lot|
    to a large extent; extremely|completely|very much|to a very large extent

    gar nicht|überhaupt nicht; wenig|ein wenig; mittelmäßig|teilweise|mittel; ziemlich|überwiegend; sehr|völlig|
    außerordentlich

    pas du tout; un peu|peu; moyennement|modérément; beaucoup|assez; énormément|extrêmement|tout à fait

    nada; poco|un poco; algo|moderadamente; bastante; mucho|totalmente
    """,
    "yes or no": """
    no; yes

    nein; ja

    non; oui

    no; sí|si

    não|nao; sim

    no; sì|si

    nee; ja

    아니오|아니요; 예|네

    いいえ; はい

    否|不是|没有; 是|有

    hayır; evet

    tidak; ya

    нет; да
    """,
}
_SEVEN: Final = ("0123456", "012456", "01356", "02346", "0156", "0246", "135", "036", "15", "06")
# Which levels of a ladder of so many are labels of one question together.
SHAPES: Final = {
    7: (*_SEVEN, "01346"),
    6: ("012345", "12345"),
    5: ("01234", "0124", "0134", "0123", "1234"),
    2: ("01",),
}

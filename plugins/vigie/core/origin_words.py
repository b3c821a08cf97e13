"""The words by which mail servers, people on leave and programs are known, in the languages in which they write.

Each list was made from what a family of servers writes (Sendmail, Postfix, Exim, qmail, Exchange, Domino, GroupWise,
MDaemon, the gateways, the large providers), not from single mails. Words prove nothing: they make a mail doubtful.
"""

from __future__ import annotations

from vigie.core.pattern import phrases

BOUNCE_SUBJECT = phrases(
    # English
    r"^(mail |message |\W*)?(undeliver(ed|able|y)|non-?deliver(y|able|ed)|returned? (mail|message|e-?mail|to sender))\b",
    r"^\W*(permanent |temporary |final )?(e-?mail|message|mail(er)?|delivery)( (system|delivery|transfer|transport|processing|subsystem))*"
    r" (failure|failed|fail|failing|problems?|errors?|report|status|warning|delay(ed)?|rejected|refused|bounced|returned|blocked"
    r"|not delivered|undeliverable|notification|unsuccessful|to the following|has failed|has been (rejected|returned|blocked|delayed)"
    r"|(could|can) ?not be|was not|still undelivered)\b",
    r"^\W*(failure notice|failure to deliver|failed (mail|message|delivery|to deliver|recipient)|fail(ed|ure) sending|unable to (deliver|send|process)"
    r"|(could|can|did) ?n[o'’]t (be )?(send|sent|deliver|delivered|reach)|bounced? (mail|message|e-?mail)|error (sending|delivering|mail)"
    r"|there was an error sending|(user|recipient|address|mailbox) (unknown|not (known|found))|unknown (user|recipient|address)|no such user"
    r"|postmaster notify|mailbox (is )?full|over ?quota|considered unsolicited bulk)",
    r"^\W*(your|the) (e-?mail|message|mail)\b.{0,80}\b((could|can) ?not|not|never|unable to) (be |been )?(deliver|sent|send|reach|accept)",
    r"^\W*(your|the) (e-?mail|message|mail)\b.{0,80}\b(undeliver|reject|bounc|returned|blocked|delay|refused)",
    r"^\W*you .{0,80}(are not (a )?member|is not (a )?member)|^\W*(warning|notice|error)\W.{0,80}(user unknown|undeliver|could not (be )?(send|sent|deliver)|not delivered|delivery|delayed)",
    r"^\W*(delivery (status )?(report|notification)|status notification|message status|dsn\b|ndr\b|nondeliverable)",
    r"^\W*warning from |^\W*(virus|banned|spam|infected).{0,40} (in (your )?(mail|message)|from you)|^\W*your posting|^\W*rejected( posting)?:",
    # French
    r"^\W*(non (remis|distribu|délivr)|message (non|pas) (remis|distribu|délivr|transmis|livr)|échec (de|d['’])\s?(la |l['’])?(remise|distribution|livraison du (message|courrier)"
    r"|livraison d['’]un (message|courrier)|envoi|transmission|délivrance)|impossible (de (remettre|délivrer|distribuer|transmettre)|à (remettre|délivrer|distribuer))"
    r"|courri(er|el) (non|retourné|refusé)|mail (non|retourné|refusé)|retour (de|du) (mail|courri|message)|avis de non[- ](remise|livraison|distribution)"
    r"|notification (d['’]état de (la )?|d['’]échec|de non[- ])|(utilisateur|destinataire|adresse) (inconnu|introuvable|non (recensé|trouvé|référencé))|votre (message|courrier|mail).{0,60}(pas|non|refusé|rejeté|impossible))",
    # German
    r"^\W*(unzustellbar|nicht zustellbar|nicht zugestellt|unzustellbarkeit|zustell(ung)?s?-?(fehler|bericht|benachrichtigung|status|fehlgeschlagen)|zustellung (der|ihrer|ist|des|fehl|verz|nicht)"
    r"|rücksendung|fehler (bei|beim|in) (der |dem )?(zustell|übermittl|versand|senden)|(e-?mail|mail|nachricht|ihre (e-?mail|nachricht|mail)).{0,60}(nicht (zugestellt|zustellbar|übermittelt|gesendet|ausgeliefert)|unzustellbar|abgelehnt|zurückgewiesen)"
    r"|benachrichtigung (zum|über den|über die) (übermittlung|zustell)|übermittlungs|(empfänger|benutzer|adresse) (unbekannt|nicht (gefunden|bekannt)))",
    # Spanish, Portuguese, Italian, Dutch
    r"^\W*(no (se (puede|pudo|ha podido)|entregad|es posible) ?(entregar|enviar)?|(error|fallo|falla|fallida) (de|en) (la )?(entrega|envío)|entrega fallida|(mensaje|correo) (no entregad|devuelto|rechazado|imposible)|notificación (de|del) (estado|error|no)|devuelto)",
    r"^\W*(não (foi |é )?(possível|entreg)|falha (na|de) entrega|mensagem (não|devolvida|rejeitada)|notificação (de|do) (estado|status|falha)|devolvid[ao]|erro (na|de) entrega|não entregue)",
    r"^\W*(mancat[ao] (consegna|recapito)|impossibile (recapitare|consegnare|inviare)|non (recapita|consegna)|messaggio non|notifica (dello |di |sullo )?(stato|mancat)|avviso di mancat|anomalia messaggio|errore (di|nella) (consegna|recapito)|posta non|mail non)",
    r"^\W*(onbestelbaar|niet (afgeleverd|bezorgd|besteld)|bezorging|bericht (niet|kan niet)|fout bij (de )?bezorg|mail niet)",
    # Nordic, Polish, Czech, Russian, Turkish, Greek
    r"^\W*(olever(erat|bart)|kan (inte|ikke) levere|(kunne|kan) ikke leveres?|ikke lever|leverans(fel|misslyck)|lever(ings|ans)(fejl|feil|fel|status)|ei voitu|toimitus|toimittamat|palautettu|niedostarcz|nie (można|udało|dostarcz|doręcz)|zwrot (wiadom|poczt)|błąd (dostarcz|doręcz)|nedoruč|nelze doruč)",
    r"^\W*(не ?доставлен|недоставлен|не (удалось|может быть) доставить|невозможно доставить|возвра(т|щен)|ошибка доставки|сообщение не доставлено|уведомление о (недоставке|состоянии)|teslim edilem|iletilem|αδυναμία παράδοσης|μη παραδο)",
    # Japanese, Chinese, Korean
    r"^.{0,20}((配信|配送|送信|配達|送達|転送)(が)?(できません|できなかった|できない|不能|エラー|失敗|されません|不可)|を(配信|配送|送信|配達)できません|未配達|不達|届きません|届かなかった|宛先不明|エラーメール|メールエラー|戻りメール|返送メール|送信者に返|配信状況|配信通知|配送状況)",
    r"^.{0,20}(退信|退回|投[递遞](失[败敗]|状态|狀態)|[无無]法(送达|送達|投[递遞]|[发發]送|[传傳]送|[传傳][递遞])|未(送达|送達|传递|傳遞|能送|投[递遞])|(发送|發送|传送|傳送|邮件|郵件|信件)(失败|失敗|被退)|系[统統]退|반송|(배달|전달|전송|발송)(되지|할 수|실패|\s?불가|\s?오류))",
)

BOUNCE_SUBJECT_END = phrases(
    r"[:(–-]\s?(undeliver(ed|able)|not delivered|delivery (has )?fail(ed|ure)|(user|recipient|mailbox) unknown|mailbox (is )?full|non (remis|distribué|délivré)|unzustellbar|nicht zugestellt|no entregado|non recapitato|não entregue|配信(不能|できません|エラー)|不達)\W*$",
)
"""Behind the subject that is answered, where other servers write it before."""

BOUNCE_TEXT_SURE = phrases(
    r"this is the [\w .-]{0,60}(qmail-send|postfix|program at|deliver(y)? program|mail (delivery|transport|transfer) (agent|system)|mail (system|server) at|mailer-daemon|dragonfly|mail system of|smtp (server|gateway))",
    r"(sorry to have to inform you that|afraid i wasn['’]?t able to deliver)",
    r"created automatically by (the )?[\w .-]{0,30}(mail (delivery|transfer|transport) (software|agent|system|subsystem)|smtp server)",
    r"(following|these) address(\(?es\)?|es)? (failed|had (permanent|transient|delivery|fatal|unrecoverable|problems))|had (permanent|transient|unrecoverable) (non-fatal |fatal )?(delivery )?(errors|failures)",
    r"transcript of (the )?session follows|-{3,} ?(the following addresses|unsent message|returned (mail|message)|failed recipients|failed addresses|recipients of this|message header follows|rejected (message|recipient))",
    r"did not reach the following recipient|could not be delivered to (the following|one or more|some|all)|(not|un)deliverable (to|for) (the following|these)|(the following|these) recipients? (could|can|was|were|did|has|have|failed)",
    r"delivery to the following (recipient|address)(\(s\)|s|es)? (failed|has|was|have|delayed)|delivery (has )?failed to these|failed permanently|permanent failure for one or more|delivery of (the|your|this) message to .{0,80}failed",
    r"not listed in (the )?(domino|public|name|address)|giving up on [\d.]{7}|generating (mta|server) ?:",
    r"your message (\S+ )?(did not reach|was not delivered to|could not be delivered to|to .{0,120}(was rejected|has been rejected|could ?n[o'’]t be delivered|was not delivered|wasn['’]t delivered|was automatically rejected|bounced))",
    r"(trying|attempting) to deliver (the|your|a|this) (message|mail|e-?mail)|error (was detected|occurred) while (processing|delivering|sending) (the|your) ((enclosed|attached|following|above) )?(message|mail|e-?mail)",
    r"(you are not a(llowed| member)|not (a )?(member|subscriber)) (to post|of (this|the) (mailing )?list)|posting to this (list|group)|group you tried to contact",
)

BOUNCE_TEXT = phrases(
    r"((could|can|was|has|were|is)(n['’]t| ?not)( yet)?( be| been)?|unable to( be)?|cannot be|impossible to|failed to be?|failed in) (successfully )?(deliver|sen[dt]|transmit|reach|relay|forward)",
    r"(un|non-?)deliver(able|ed|y)|deliver(y|ing)[\w ]{0,40}(fail|error|problem|unsuccessful|not possible|impossible)|(fail(ed|ure)|error|problem)s? (to|in|while|during|on|with)?\s?(deliver|sending|the delivery)|not be delivered",
    r"(unknown|invalid|no such|bad|nonexistent) (local )?(user|recipient|address|account|mailbox|part)|(user|recipient|mailbox|address)( name| account| mailbox)? .{0,40}(unknown|not found|not exist|n['’]t exist|invalid|rejected|disabled|inactive|refused|over ?quota|is full|unavailable)",
    r"(message|e-?mail|mail) (was|is|has been|had to be|could not be) (\w+ )?(rejected|refused|blocked|bounced|returned|discarded|not accepted|delayed|undelivered)|still (being retried|undelivered|trying)|delivery status notification|returned to (the )?sender",
    r"5\d\d[ -]#?5\.\d\.\d|smtp (error|; ?5)|remote (server|host|mta|mailer)[\w ]{0,20}(said|returned|responded|replied|answered)|<<< ?[45]\d\d|>>> ?(rcpt|data|mail)|rcpt to:",
    r"(first \d+ lines|copy|headers?|text) of (your|the) (original )?(message|mail|header)|original message (follows|is (attached|included|below))|(delivery|message|mail) .{0,80}(has been|was) (postponed|deferred|delayed)|mail_?box(es)? (is |are )?(full|unavailable|disabled|over quota)|reporting[- ]mta ?:|diagnostic[- ]code ?:|final[- ]recipient ?:",
    # French
    r"n['’](a|ont|est|avons) (pas |malheureusement pas |pas encore )?(pu |été )?(être )?(remis|délivr|distribu|livré|achemin|transmis|envoyé|parven|aux destinataires)|(remise|distribution|transmission|acheminement|livraison) (du|de|des|au|à|a) .{0,60}(échou|impossible|échec|retard|diff)|échec de (la )?(remise|distribution|transmission)",
    r"(boîte|boite) (aux lettres|de réception|mail|e-mail).{0,40}(pleine|inexistante|introuvable|saturée)|(adresse|destinataire|utilisateur).{0,60}(inconnu|n['’]existe|introuvable|inexistant|incorrect|erroné)",
    # German
    r"(konnte|kann|können|wurde|konnten)( \S+){0,12} nicht( \S+){0,3} (zugestellt|übermittelt|ausgeliefert|versendet|gesendet|verschickt|erreicht)|nicht zustellbar|unzustellbar|zustellung( \S+){0,8} (fehlgeschlagen|gescheitert|verzögert|nicht möglich)|(empfänger|benutzer|postfach|adresse)( \S+){0,6} (unbekannt|nicht gefunden|existiert nicht|voll|nicht bekannt|ungültig)|fehler bei der nachrichtenzustellung",
    # Spanish, Portuguese, Italian, Dutch
    r"no (se )?(ha |pudo |puede |fue |ha podido |se pudo )+(ser )?(entrega|envia|hacer llegar)|(destinatario|usuario|buzón|dirección).{0,40}(no existe|desconocid|lleno|no encontrad|no válid)|não (pôde|pode|foi|será) (ser )?(possível )?(entreg|envia)|(usuário|destinatário|caixa).{0,40}(não existe|desconhecid|cheia|não encontrad)|nao pode ser (entregue|enviada)",
    r"(non è stato possibile|impossibile|non può essere|non è stato|non e' stato) (recapita|consegna|invia)|(destinatario|utente|casella|indirizzo).{0,40}(sconosciut|inesistente|non esiste|pien|non trovat|non valid)|(kon|kan|is) niet( \S+){0,5} (afgeleverd|bezorgd|verzonden|besteld)|kunde inte levereras|kunne ikke leveres|ei voitu toimittaa|nie (mogła|został|może)( \S+){0,3} dostarcz|не (удалось|может быть|было|был) .{0,30}достав|не (существует|найден)|недоставлен",
    # Japanese, Chinese, Korean
    r"(配信|配送|送信|お届け|送達|配達|転送)(すること)?(が|は)?(でき(ません|なかった|ず|ない)|出来ません|に失敗|不能|されません|エラー)|(送信|配信|配送|送達)に失敗|届(ける|け)(ことが)?(でき|出来)|(宛先|ユーザー?|メールアドレス|受信者|アドレス)(が|は|に)?.{0,20}(見つかりません|存在しません|不明|誤り|間違)|(受信|メール)ボックス.{0,20}(満杯|容量|いっぱい|一杯)|相手先.{0,20}(存在|エラー)|メールサーバー?との通信中",
    r"[无無未]法(被)?(送达|送達|投[递遞]|[发發]送|[传傳]送|[传傳][递遞]|正常接受)|投[递遞]失[败敗]|(被|已)退[回信]|(邮箱|信箱|收件人|用户|用戶|地址).{0,20}(不存在|已满|已滿|[错錯][误誤])|拒[绝絕](接[受收])?|(배달|전달|전송|발송)(되지|할 수|에 실패|하지 못)|존재하지 않",
)

DELAY = phrases(
    r"\"deliverydelay\b|\(delay(ed)?\)|warning message only|(do not|don['’]t|not) need to (re-?send|resend)|has been delayed|(delivery|message|mail)( to .{0,120})? (is |was |has been |temporarily )?(delayed|deferred|postponed)|still (undelivered|being retried|trying|in the queue)|(not|nor) yet been delivered|(just|only) a warning|not been delivered (yet )?(to|after|for|since)|(could|can) ?not (be )?(send|sent|deliver(ed)?)( your)?( message)? (for|within|in|after|since) (the )?(past|last|\d)|will (be retried|keep (on )?trying|continue (to (try|attempt)|trying|attempting)|try again)|delay notification|delivery (incomplete|delay)|delivery .{0,80}(has been|was|is) (postponed|deferred)|warning: (could not send|message|mail)( \S+)* (delayed|for past|still)|temporar(y|ily) (delivery )?(delay|problem)s?",
    r"(remise|distribution|livraison|envoi) (du message )?(retardée?|différée?|en attente)|retard (de|dans la) (remise|distribution|livraison)|pas encore (été )?(remis|distribu|délivr)|noch nicht (zugestellt|übermittelt|ausgeliefert)|zustellung( \S+){0,4} verzöger|verzögert|verzögerung|(entrega|envío) (retrasad|demorad|aplazad)|retraso (en|de) la entrega|(consegna|recapito) (ritardat|in ritardo|rimandat)|ritardo (nella|di) consegna|entrega (atrasad|adiad)|bezorging (vertraagd|uitgesteld)|(配信|配送|送信)(が|の)?(遅延|遅れ|保留)|まだ(配信|配送|送信|届)|再送(信)?を?(試み|続け|いた)|延[迟遲]|尚未(送达|送達|投[递遞]|送出)|지연",
)

FINAL = phrases(
    r"(have|['’]ve|has|had) given up|giving up\b|permanent(ly)? (fatal )?(delivery )?(errors?|failures?|failed|rejected)|failed permanently|no (further|more) (delivery )?attempts|(will|can) not be (retried|attempted)|endgültig|définitive(ment)?|配信を(中止|断念)",
)

DELIVERED = phrases(
    r"type\\?\" ?: ?\\?\"delivery\b|\((success|relay(ed)?|expanded)\)|\b(successful(ly)? (mail )?deliver|delivered successfully|delivery (has been |was )?success)|^(delivered|relayed|remis|relayé|zugestellt|weitergeleitet|entregado|consegnato|recapitato|entregue|afgeleverd|配信済み|送达|已送达)\s?[:：]",
)

REPLY_SUBJECT_SURE = phrases(
    r"^(automatic (reply|response)|auto[- ]?(reply|response|responder|answer|re)|out of (the )?office( auto(matic)?[- ]?reply)?|ooo|oof)( (from|to) [^:：]{1,60})?\s{0,2}[:：]",
    r"^(réponse (automatique|auto)|absence du bureau|absent du bureau|message d['’]absence|automatische (antwort|abwesenheits\S*)|abwesenheits(notiz|nachricht|benachrichtigung|assistent)|respuesta automática|resposta automática|risposta automatica|fuori sede|fuera de (la )?oficina|automatisch antwoord|afwezigheids\S*|autosvar|automaattinen vastaus|automatyczna odpowiedź|automatická odpověď|автоответ|автоматический ответ|otomatik yanıt|αυτόματη απάντηση|automatiskt? (svar|melding)|odpowiedź automatyczna|automatická odpoveď|automatikus válasz|răspuns automat|automatski odgovor|samodejni odgovor|автоматичн(а відповідь|ый ответ)|автоматичен отговор|automatinis atsakymas|automātiskā atbilde|automaatvastus|resposta automàtica|balasan otomatis|trả lời tự động|ตอบกลับอัตโนมัติ|رد تلقائي|پاسخ خودکار|מענה אוטומטי|תשובה אוטומטית)\b?[^:：]{0,30}[:：]",
    r"^auto ?: .{3,200}(\((returning|return|retour|rückkehr|zurück|kehrt|regres|rientr|terug)|\b(is|am) out of (the )?office|\bist (außer haus|nicht im büro)|\best absente?\b)",
    r"^\W{0,2}(自動(返信|応答|回答|回复|回覆)|自动(回复|答复|应答)|자동\s?(회신|응답|답장)|부재중)(メール|です|のお知らせ|通知)?\s{0,2}([:：\]】)）]|re\b|fw|$)",
)

_ROBOT = (
    r"((i['’]?m |i am )?(currently |now )?out of (the )?office|away from (my|the) (mail|office|desk)|auto[- ]?(reply|response|responder)|automat(ic|ed) (reply|response)"
    r"|message d['’]absence|absente? du bureau|réponse automatique|abwesenheit(s\w*)?|automatische (antwort|abwesenheits\w*)|respuesta automática|risposta automatica|自動(返信|応答))"
)
_ABSENT = _ROBOT[:-1] + r"|absence|absente?(\(e\))?|不在)"
"""These also say of a file or of a parcel's recipient that it is absent: they count before ``Re:`` alone."""

REPLY_TAGGED = phrases(
    rf"^\W{{0,2}}{_ABSENT}\s?(\]|\)|】)?\s{{0,2}}[-–:：]?\s{{0,2}}(re|aw|tr|fw|fwd|wg|sv)\s?[:：]",
    rf"^[\[(【]{_ROBOT}[\])】]|[(\[]{_ROBOT}[)\]]\s*$",
    r"^(absente?\(e\)|abwesenheit|je suis absente?)\s?[:：]",
    r"^(automatische antwort auf|réponse automatique à|auto(matic)?[- ]?reply (to|from))\b",
)
"""A subject that an absence stands before or behind: what follows is the subject that is answered."""

REPLY_HEAD = phrases(
    r"\b(i ?['’]?a?m|i will be|i shall be) (currently |now |presently )?(out of (the |my )?office|on (vacation|holidays?|annual leave|leave|maternity leave|parental leave)|away)\b.{0,60}\b(until|till|through|from|and will|with (no|limited)|return|back)|this is an? (automat(ic|ed)|auto)(ally generated)?[- ]?(reply|response)",
    r"(je (suis|serai) )?(actuellement )?(absente?|en (congés?|vacances|déplacement)|hors du bureau)\b.{0,40}\b(jusqu|du \d|à compter|(et )?(de retour|je serai)|avec un accès)|ceci est une réponse automatique|votre (demande|message) a bien été (reçue?|enregistrée?)",
    r"ich bin (derzeit |aktuell |momentan )?(bis|vom|ab|zur zeit)?.{0,40}(nicht im (büro|haus)|abwesend|im urlaub|außer haus)|dies ist eine automatische? (antwort|erstellte|generierte)",
    r"(estoy|estaré) (\S+ ){0,3}(fuera de la oficina|de vacaciones|ausente)\b.{0,40}\b(hasta|del? \d|y (volveré|regreso))|(sono|sarò) (\S+ ){0,3}(in ferie|fuori ufficio|assente)\b.{0,40}\b(fino|dal|e (torn|rientr))|(estou|estarei) (\S+ ){0,3}(de férias|fora do escritório|ausente)\b.{0,40}\b(até|de \d|e (volt|retorn))|ik ben (\S+ ){0,4}(afwezig|met vakantie)\b.{0,40}\b(tot|van \d|en)",
    r"不在に(して|いた|なり)|休暇を(いただ|頂|取)|自動(返信|応答)",
)
"""How an absence begins. In an answer it is one; a person on leave who answers says something else first."""

_AWAY = (
    r"((i['’]?m |i am )?(currently |now )?(out of (the )?office|away (from (my|the) (mail|office|desk)|until)|on (vacation|(annual |sick |maternity |parental )?leave))|autoreply"
    r"|auto[- ]?(reply|responder)\b|auto[- ]?response\s{0,2}([:：\])]|$|(from|to|message)\b)|automat(ic|ed) (reply|response)\s{0,2}([:：\])]|$|(from|to|message)\b)|vacation (reply|message|notice|response)"
    r"|réponse automatique|absen(te?|ce) (du bureau|jusqu|pour congé)|(je suis |actuellement )?en congés?\b|hors du bureau|abwesen(d|heit)|außer haus|nicht im (büro|haus)|im urlaub|automatische antwort"
    r"|fuera de (la )?oficina|de vacaciones|respuesta automática|risposta automatica|in ferie|fuori (ufficio|sede)|afwezig|autosvar"
    r"|自動(返信|応答|回答)(メール|です|のお知らせ)?\s{0,2}([:：\]】)）]|$)|不在(のお知らせ|通知|連絡|のため|のご案内|中)|(夏季|年末年始|有給|育児)?休暇(中|のお知らせ|のため|のご案内)|自动(回复|答复)|自動回[复覆]|休假(通知|中)|자동\s?(회신|응답)|부재중"
    r"|(complaint about message from|abuse report|email feedback report|dmarc (forensic |aggregate |failure )?report|feedback report|spam (complaint|report)|complaint report)\b)"
)

COMPLAINT = phrases(
    r"^\W*(complaint about message from|(email )?(abuse|feedback) report|spam complaint|complaint report)\b"
)

REPLY_SUBJECT = phrases(
    r"^\W{0,2}(re ?: ?)?" + _AWAY,
    r"[(\[]" + _AWAY + r"[^()\[\]]{0,40}[)\]]\s*$",
    r"^(re ?: ?)?(majordomo results|(the )?results of your (e-?mail )?commands?)\b",
)
"""Where the subject of an answer says so: at its beginning, or in brackets at its end."""

REPLY_ACKNOWLEDGED = phrases(
    r"\bwe (have )?received your (request|message|e-?mail|mail|inquiry)|(request|message|inquiry|ticket) (has been |was )?(received|created|registered)|(await|held for|pending) moderat|awaits? (moderator )?approval|^\W*(please )?confirm your (message|mail|e-?mail)",
    r"accusé de réception de votre|votre (demande|message|ticket) a (bien )?été (reçu|enregistré|créé|pris)|(ihre|deine) (anfrage|nachricht|ticket)\S* (wurde|ist) .{0,40}(eingegangen|empfangen|erhalten|erstellt)|受付(完了|いたしました|のお知らせ)",
)
"""What a service desk's robot says; so does a service desk that reports a KO."""

REPLY_CHALLENGE_SUBJECT = phrases(
    r"\b(requires? (e-?mail |sender )?verification|verification required|(please )?(verify|confirm) (your|that you)|sender (verification|confirmation)|authentification requise|en attente d['’]authentification|bestätigung erforderlich)\b",
)
"""Of those that let a mail through only when its sender clicks."""

REPLY_CHALLENGE = phrases(
    r"(protect(ing)? (myself|my (mailbox|inbox)) from (receiving )?(junk|spam|unwanted)|verify that you are a (real|human)|prove (that )?you are (a )?(human|not a spammer)|(message|mail) .{0,60}being held (because|until|for)|held (because the address|until the list moderator)|one[- ]time (confirmation|verification) (process|of)|added to (my|the) (approved|allowed|safe) (sender|list)|(challenge[- ]response|spam ?arrest|boxtrapper|mailinblack|tira-teima|earthlink spamblocker)\b)",
    r"je protège (ma|mon) (messagerie|adresse|boîte)|cliquez .{0,60}(authentifier|délivrer votre)|email abuse report for an email|this is an? [\w ]{0,20}abuse report",
)

REPLY_TEXT = phrases(
    r"\b(i ?['’]?a?m|i will be|i shall be|we are|(he|she) is) (currently |now |presently |away )?(out of (the |my )?office|on (vacation|holiday|holidays|annual leave|leave|maternity|parental|a business trip)|away (from|until|on)|absent)|(this is an?|an) (automat(ic|ed)(ally generated)?|auto[- ]?(generated)?) (reply|response|answer)|automatic(ally)? (reply|response|replied)|no longer (works? (at|for|here|with)|with (us|the company)|employed)|(limited|no) access to (my )?(e-?mail|mail)|i will (reply|respond|answer) .{0,40}(return|back)|vacation (program|message)",
    r"je (suis|serai) (actuellement |absent|en (congé|vacances|déplacement|formation|arrêt))|(actuellement|serai) (absente?|en congés?|hors du bureau)|réponse automatique|de retour le|ich bin (\S+ ){0,6}(nicht im (büro|haus)|abwesend|im urlaub|nicht erreichbar|wieder)|(bin|befinde mich) (\S+ ){0,4}(abwesend|im urlaub|außer haus)|automatisch(e|en)? (antwort|generierte)|estoy (\S+ ){0,3}(fuera|de vacaciones|ausente)|estaré (fuera|de vacaciones|ausente)|respuesta automática|sono (\S+ ){0,3}(fuori|assente|in ferie)|sarò (\S+ ){0,3}(fuori|assente|in ferie)|risposta automatica|estou (\S+ ){0,3}(fora|de férias|ausente)|ik ben (\S+ ){0,4}(afwezig|niet aanwezig|met vakantie)",
    r"不在(に(して|いたし|なり|の為)|となり|中)|(休暇|休み|出張|外出)(中|を(いただ|頂|取)|をとって|のため|の為|期間)|自動(返信|応答|的に(返信|送信))|(我|本人).{0,10}(休假|外出|出差|不在)|自动(回复|答复)|부재\s?중|자동\s?(회신|응답)",
)

RECEIPT_SUBJECT_SURE = phrases(
    r"^(read receipt|return receipt|confirmation de lecture|accusé de lecture|lesebestätigung|confirmación de lectura|conferma di lettura|leesbevestiging)\b\s{0,2}(\(\w{2,20}\))?\s{0,2}([-–:：]|$)",
    r"^\W?開封(済み|通知|確認)\s?[:：]|^\W?開封(通知|確認)",
)

RECEIPT_SUBJECT = phrases(
    r"^(delivered|relayed|remis|relayé|zugestellt|weitergeleitet|entregado|consegnato|recapitato|entregue|afgeleverd|配信済み|送达|已送达)\s?[:：]",
    r"^(read|not read|displayed|read receipt|return receipt|disposition[- ]notification|(read|reading|message) (confirmation|disposition))\b[^:：]{0,30}[:：]",
    r"^(lu|non lu|accusé de (réception|lecture)|confirmation de lecture|gelesen|ungelesen( gelöscht)?|nicht gelesen|lesebestätigung|empfangsbestätigung|leído|no leído|confirmación de lectura|letto|non letto|conferma di lettura|lido|não lido|gelezen|niet gelezen|leesbevestiging|läst|læst|lest|luettu|przeczytane|прочитано|прочтено|не прочитано|okundu)\s?\W?\s?[:：]",
    r"^\W?(開封(済み|確認|通知)|既読|未開封|已读|已讀|未读|未讀|읽음|읽지 않음)",
)

RECEIPT_TEXT = phrases(
    r"your message.{0,400}(was (read|displayed|deleted without being read|opened)) on|this is a (receipt|return receipt) for (the|your) (mail|message)|(return|read) receipt.{0,80}(displayed|acknowledge|does not guarantee)|votre message.{0,400}a été (lu|affiché|ouvert)|ihre nachricht.{0,400}wurde (\S+ ){0,6}(gelesen|angezeigt|geöffnet)|(su|tu) mensaje.{0,400}(fue|ha sido) (leído|mostrado)|(il (suo|tuo) )?messaggio.{0,400}è stato (letto|visualizzato)|開封(されました|確認)|既読|сообщение.{0,400}было (прочитано|показано)|uw bericht.{0,400}(is|werd) gelezen",
)

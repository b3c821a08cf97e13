"""What mail servers alone say of a mail, and nobody else: half of a proof, beside an envelope or a returned mail.

A job whose mail was refused says much of it too ('could not be delivered'). These sentences speak to the one who sent
the mail, or name the server that writes them; the loose words are in origin_words.py and prove nothing.
"""

from __future__ import annotations

from vigie.core.pattern import phrases

SENTENCE = phrases(
    # Sendmail, Postfix, qmail, Exim, Courier, James, DragonFly, OpenSMTPD, MDaemon, Google
    r"this is the ((qmail-send|postfix|[\w-]*deliver\w*|mail[\w-]*) program|[\w .-]{0,30}mail (system|server) (at|of)|mail (delivery|transport|transfer) (agent|system)|mailer-daemon|dragonfly|[\w .-]{0,30}smtp (server|gateway))",
    r"sorry to have to inform you that|afraid i wasn['’]?t able to deliver|created automatically by (the )?[\w .-]{0,30}(mail (delivery|transfer|transport) (software|agent|system|subsystem)|smtp server)|generating (mta|server) ?:",
    r"-{3,} ?(the following addresses|unsent message|returned (mail|message)|failed recipients|failed addresses|recipients of this|transcript of (the )?session follows)|addresses? had (permanent|transient|delivery|fatal|unrecoverable)|had permanent fatal delivery errors",
    r"(following|these) (address(\(?es\)?|es)?|recipients?)( \S+){0,3} (failed|had (permanent|transient|delivery|fatal|unrecoverable|problems)|could not be (reached|delivered))|permanent failure for one or more recipients|(message|e-?mail)( below)? could not be delivered to the following (user|recipient|address)|this is a delivery status notification from [\w.-]+|(failed to deliver|unable to deliver|could not deliver)( mail| message)? to ['\"<]{0,2}[\w.+-]+@",
    r"(message|mail|it) did not reach the following recipient|could not be delivered to (the following|one or more|some|all) (of )?(the )?(your )?(recipients|addresses|destinations|persons)|(not|un)deliverable to (the following|these) (recipients|addresses)",
    r"delivery to the following (recipient|address)(\(s\)|s|es)?( \S+){0,3} (failed|has|was|have|delayed)|delivery has failed to these (recipients|addresses)|not listed in (the )?(domino directory|public (name|address)|name (and|&) address book)|an error was detected while processing the enclosed message",
    r"sorry, (no mailbox here by that name|i couldn['’]t find any host)|the (message|mail|e-?mail) (that )?you sent( \S+){0,8}? (could|can|was|has)|delivery of (your|the) (message|mail|e-?mail)( \S+){0,8}? failed|a problem occurred during the delivery of this message|the e-?mail address you entered couldn['’]t be found|recipient['’]s mailbox is full|mailbox is full and can['’]t accept",
    # to the recipients that follow
    r"(remise|distribution|livraison) a échoué pour (ces|les) destinataires|(remettre|délivrer|distribuer) (le|ce) (message|courriel) (à|aux) (ces |les )?destinataires? suivants?|le message (suivant|ci-joint|ci-dessous) n['’]a (pas )?pu être (remis|délivré|distribué|transmis)",
    r"(zustellung|übermittlung)( \S+){0,4} (folgende|diese)n? (empfänger|adress)\w*( \S+){0,4} (fehlgeschlagen|nicht möglich|gescheitert)|(nachricht|e-?mail)( \S+){0,4} (folgende|diese)n? (empfänger|adress)\w*( \S+){0,3} nicht (zugestellt|erreicht|übermittelt)|automatisch von der e-?mail-?software erstellt",
    r"error de entrega a (los siguientes|estos) destinatarios|entregar (el|su) mensaje a (los siguientes|estos) destinatarios|recapit\w+( \S+){0,4} (ai|per i|per) (seguenti )?destinatari|(falha na entrega|não foi possível entregar)( \S+){0,4} (estes|seguintes) destinatários|bezorging( \S+){0,3} mislukt voor deze geadresseerden",
    r"leverera( \S+){0,4} följande mottagare|lever\w+( \S+){0,4} (disse|følgende) (modtagere|mottakere)|seuraaville vastaanottajille|do następujących (adresatów|odbiorców)|těmto příjemcům( \S+){0,4} nezdařilo|следующ\S+ (получател|адресат)|aşağıdaki alıcılara( \S+){0,4} (teslim|ilet)",
    r"[无無]法[将將]邮件传递给以下|未能[传傳][递遞]到以下(收件人|组)|다음 (받는 사람|수신자)( \S+){0,4} (배달|전달)",
    # of *your message*, in the languages of servers
    r"your (e-?mail |mail |original )?(message|e-?mail|mail):?( \S+){0,12}? ((could|can|was|has|did)( ?not|n['’]t)|cannot) (be |been |yet been |reach )?(\w+ )?(deliver|sent|the following|recipient|some or all)|your (message|e-?mail|mail) (\S+ ){0,12}?(was|has been) (automatically )?(rejected|refused|blocked|returned|bounced)",
    r"(unable|not able|wasn['’]t able|failed|could not|couldn['’]t|cannot) (to )?(deliver|send) your (message|mail|e-?mail)|(trouble|problems?) (delivering|sending) your (message|e-?mail|mail)|your (message|e-?mail|mail) (has )?encountered delivery problems|trying to deliver your (message|mail|e-?mail)",
    r"^message could not be delivered to|message that you sent (could|was|has)|intended recipient ?:|invalid final delivery userid|user['’]s mailbox is full|did not receive a copy of your message|group you tried to contact|no such user here|unable to deliver (this |the )?message to (the following|<)|message not delivered to the following|message from interscan|this is a warning message only|(continue|keep) (to try|trying|on trying) to deliver (your|the|this) message|an error has occurred while attempting to deliver a message for|^((unknown|invalid) user|user unknown|delivery failed \d+ attempts) ?: ?[\w.+-]+@|original message follows",
    r"votre (message|courriel|courrier électronique|e-?mail|mail)( \S+){0,10} n['’]a( \S+){0,3} (pu être|été) (remis|délivr|distribu|transmis|achemin|livré)|impossible de (remettre|délivrer|distribuer|transmettre) votre (message|courriel|mail)|échec de remise pour (le|les) destinataire",
    r"(ihre|deine) (e-?mail|mail|nachricht|botschaft)( \S+){0,12} nicht( \S+){0,2} (zugestellt|übermittelt|ausgeliefert|erreicht)|fehler bei der nachrichtenzustellung an folgende empfänger",
    r"(su|tu) (mensaje|correo)( \S+){0,8} no (ha|pudo|fue|se) |no se pudo entregar (su|tu|el) mensaje a (los siguientes|estos)|sua mensagem( \S+){0,8} não (pôde|foi)|(il suo|il tuo) messaggio( \S+){0,8} non (è stato|può|ha)|uw (bericht|e-?mail)( \S+){0,8} niet (\w+ )?(worden |is )?(afgeleverd|bezorgd|verzonden)",
    r"(ditt|dit) (meddelande|meddelelse|melding)( \S+){0,6} (inte|ikke)|twoja wiadomość( \S+){0,6} nie|vaše zpráva( \S+){0,6} ne|ваше (сообщение|письмо)( \S+){0,6} не|ваше повідомлення( \S+){0,6} не|не вдалося доставити ваше повідомлення|iletiniz( \S+){0,6} (teslim edilemedi|iletilemedi)|üzenete( \S+){0,6} nem|mesajul (dvs|dumneavoastră)\S*( \S+){0,6} nu|το μήνυμά σας( \S+){0,6} δεν",
    r"(あて先|宛先).{0,20}(への|の)?(メール|メッセージ)は.{0,40}(送信|配信|配送|送達)でき|以下の(宛先|受信者|アドレス)へ(の|は).{0,20}(送信|配信|配送|送達)(に失敗|でき)|(お送り|送信)(になった|された|いただいた)メール.{0,60}(でき|失敗)|次の受信者またはグループへの配信に失敗|m-filter.{0,40}自動的に生成",
    r"(您|你)(的|發送的|发送的|寄出的)(邮件|郵件|信件|电子邮件).{0,40}([无無]法|未能|被退|退回)|[无無]法[送传傳投发發][^ ]{0,6}到以下收件人|发往以下(地址|收件人)的邮件被退回|(보내신|귀하의) (메일|메시지).{0,40}(못|없|실패|반송)",
)

SUBJECT = phrases(
    r"^\W{0,3}(undeliverable( (mail|message|e-?mail))?|undelivered (mail|message)|non-?deliverable|non-?delivery (report|notification)|returned (mail|message)|failure notice|failed mail|delivery status notification|mail system error|mail(er)? delivery (failed|failure|warning|error|problem|status|subsystem)"
    r"|(mail|message|e-?mail) (could not be delivered|not delivered|undeliverable|delivery (failed|failure|report|status notification))|permanent delivery failure|delivery failure: ?user|message status - undeliverable|delivery notification: delivery has|warning: (could not send message|message \S+ delayed)|complaint about message from \d+)\b",
    r"^\W{0,3}(non remis|non distribuable|message non (remis|distribu|délivr)\w*|(remise|distribution) (différée|retardée)|courrier non (remis|distribu|délivr)\w*|échec de (la )?(remise|distribution) (du message|du courrier|:)|échec de la distribution|notification d['’](état|échec) de (la )?remise|avis de non[- ]remise)",
    r"^\W{0,3}(unzustellbar|nicht zustellbar|unzustellbare nachricht|zustellung (verzögert|fehlgeschlagen)|zustellfehler: user|benachrichtigung zum (übermittlungs|zustell)\w*|no se puede entregar|notificación de (estado|error) de entrega|não é possível entregar|notificação de (status|falha) de entrega|impossibile recapitare|notifica (sullo stato|di mancat)\w*|onbestelbaar|niet bezorgd|olevererbart|kan ikke leveres|går inte att leverera|kan inte levereras|ei voi toimittaa|nie można dostarczyć|nelze doručit|недоставлен[оа]|не удалось доставить|не вдалося доставити|teslim edilemedi)",
    r"^.{0,3}(配信不能|配信遅延|メール(を|が)?配信(できません|不能)|メッセージを配信(できません|できませんでした)|未配信|系[统統]退信|[无無]法(送达|投递|傳遞|传递)|退信通知|邮件投递失败|배달되지 않음|반송)",
)
"""How servers begin the subject of what they return; proof only beside the returned mail itself."""

FIELDS = phrases(
    r"(^|\n)[ >]{0,4}(final-recipient|original-recipient)[ \t]{0,4}:[ \t]*(rfc822|[\w-]+) ?;|(^|\n)[ >]{0,4}(action[ \t]{0,4}:[ \t]*(failed|delayed|delivered|relayed|expanded)|diagnostic-code[ \t]{0,4}:[ \t]*(smtp|x-[\w-]+) ?;|reporting-mta[ \t]{0,4}:[ \t]*(dns|x-[\w-]+) ?;)"
)
"""The fields of a report (RFC 3464 2.2, 2.3) where they stand in a text."""

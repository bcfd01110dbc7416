package policy

import "strings"

// freeMail are domains whose addresses belong to unrelated people, by the first label
// of theirs or in full.
var freeMail = fieldsOf(`gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com rocketmail.com
	aol.com aim.com icloud.com me.com mac.com proton.me protonmail.com pm.me gmx.com gmx.net gmx.de gmx.at gmx.ch web.de
	t-online.de freenet.de mail.com email.com zoho.com zohomail.com fastmail.com hey.com tutanota.com tuta.com yandex.com yandex.ru
	mail.ru inbox.ru list.ru bk.ru rambler.ru qq.com 163.com 126.com sina.com sohu.com foxmail.com naver.com daum.net hanmail.net
	orange.fr wanadoo.fr free.fr sfr.fr laposte.net libero.it virgilio.it tiscali.it alice.it uol.com.br bol.com.br terra.com.br
	rediffmail.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net btinternet.com sky.com
	virginmedia.com talktalk.net shaw.ca rogers.com bigpond.com optusnet.com.au xtra.co.nz seznam.cz wp.pl o2.pl onet.pl interia.pl
	telenet.be skynet.be ziggo.nl kpnmail.nl planet.nl hetnet.nl bluewin.ch hispeed.ch telia.com bredband.net online.no`)

// freeMailNames are first labels that a provider uses in many countries.
var freeMailNames = fieldsOf(`yahoo hotmail outlook live gmx`)

func fieldsOf(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(text) {
		out[w] = true
	}
	return out
}

// FreeMail reports that a domain is a mail provider's, so that sharing it says nothing
// about two records.
func FreeMail(domain string) bool {
	domain = strings.ToLower(domain)
	first, rest, _ := strings.Cut(domain, ".")
	return freeMail[domain] || freeMailNames[first] && len(rest) <= len("com.xx")
}

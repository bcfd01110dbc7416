package hubspotsim

import "strings"

// freemail are mail hosts whose domain says nothing about a company.
var freemail = map[string]bool{"gmail.com": true, "googlemail.com": true, "yahoo.com": true, "hotmail.com": true, "outlook.com": true,
	"live.com": true, "msn.com": true, "aol.com": true, "icloud.com": true, "me.com": true, "mac.com": true, "gmx.de": true, "gmx.net": true,
	"web.de": true, "mail.com": true, "mail.ru": true, "yandex.ru": true, "protonmail.com": true, "proton.me": true, "qq.com": true,
	"163.com": true, "t-online.de": true, "orange.fr": true, "free.fr": true, "comcast.net": true, "zoho.com": true}

// afterContact starts the search for a company when a contact has a new address.
func (p *Portal) afterContact(d *draft, changes []change) {
	if !p.autoCompanies || d.t.id != typeContact || p.silent {
		return
	}
	for _, c := range changes {
		if c.d.name == "email" && c.after != "" {
			t, r := d.t, d.r
			p.later(autoCompanyDelay, func() { p.findCompany(t, r) })
			return
		}
	}
}

// findCompany associates a contact with the company of its e-mail domain, and
// makes that company when there is none. The company's name is the domain's
// first label, as the vendor fills it when it knows nothing better.
func (p *Portal) findCompany(t *table, r *record) {
	domain := emailDomain(p.see(t, r).get("email"))
	if !p.autoCompanies || !r.live() || t.records[r.id] != r || domain == "" || freemail[domain] {
		return
	}
	companies := p.names[typeCompany]
	company := p.byAnyDomain(domain)
	if company == nil {
		name, _, _ := strings.Cut(domain, ".")
		var e *apiError
		company, e = p.create(companies, autoCompanies, map[string]string{"domain": domain, "name": name}, nil)
		if e != nil {
			return
		}
	}
	p.associate(autoCompanies, t, r, wish{to: companies, id: company.id})
}

const additionalDomains = "hs_additional_domains"

// byAnyDomain finds a company by its domain or one of its further domains.
func (p *Portal) byAnyDomain(domain string) *record {
	if r := p.byDomain(domain); r != nil {
		return r
	}
	t := p.names[typeCompany]
	d := t.schema.find(additionalDomains)
	for _, r := range t.order {
		if r.live() && d != nil && contains(splitList(r.cur.text(d.id)), domain) {
			return r
		}
	}
	return nil
}

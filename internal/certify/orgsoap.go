package certify

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// Leads are converted and records merged by persons; the SOAP API is the only one
// that can do it for a check.

var orgPersons = []Check{
	{ID: "org.merge", Writes: true, Relies: "a record that was merged away is deleted and names the one that remains, which what hung on it follows; so a merge is told from a deletion",
		Fact: "SOAP API guide, merge(); object reference, MasterRecordId", run: orgMerge},
	{ID: "org.lead.convert", Writes: true, Relies: "a converted lead names its account and contact and refuses every later update by a code of its own",
		Fact: "SOAP API guide, convertLead(); object reference, Lead", run: orgConvert},
}

var soapDone = regexp.MustCompile(`<success>\s*true\s*</success>`)

// converted are what a conversion makes.
var converted = []struct {
	object string
	id     *regexp.Regexp
}{{"Account", soapID("accountId")}, {"Contact", soapID("contactId")}}

func soapID(name string) *regexp.Regexp {
	return regexp.MustCompile(`<` + name + `>\s*(\w{18})\s*</` + name + `>`)
}

// soap makes a call of the partner API with a session.
func (p *probe) soap(session, method, content string) answer {
	body := `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><e:Header><SessionHeader><sessionId>` +
		escaped(session) + `</sessionId></SessionHeader></e:Header><e:Body><` + method + `>` + content + `</` + method + `></e:Body></e:Envelope>`
	return p.do(call{method: http.MethodPost, path: "/services/Soap/u/" + strings.TrimPrefix(p.o.Version, "v"), xml: body, accept: "text/xml",
		header: map[string]string{"Soapaction": `""`}})
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes all
	return b.String()
}

// done expects that a SOAP call did its one piece of work.
func (a answer) done() bool {
	a = a.status(http.StatusOK)
	if a.ok && !soapDone.Match(a.body) {
		a.differ(KindEffect, "result.success", "true", "not true")
	}
	return a.ok && soapDone.Match(a.body)
}

// everything is the one row of a query that sees deleted records.
func everything(p *probe, query string) node {
	rows := p.ask("/queryAll", map[string][]string{"q": {query}}).status(http.StatusOK).json().at("records").count(1)
	if len(rows) != 1 {
		return node{}
	}
	return rows[0]
}

// session is the access token that the SOAP API is told, or "" where only the door
// knows it.
func (p *probe) session() string {
	p.get("/limits") // opens one
	token := p.grant().json().may("access_token").text()
	if token == "" {
		p.skip("the connection was given a ready session, which the check is not told")
	}
	return token
}

func orgMerge(p *probe) {
	session := p.session()
	if session == "" {
		return
	}
	_, keep := orgMake(p, "keep", nil)
	_, lose := orgMake(p, "lose", nil)
	if keep == "" || lose == "" {
		return
	}
	_, child := orgMake(p, "child", map[string]any{"ParentId": lose})
	told := p.soap(session, "merge", fmt.Sprintf(`<request><masterRecord xmlns:s="urn:sobject.partner.soap.sforce.com"><s:type>Account</s:type><s:Id>%s</s:Id></masterRecord><recordToMergeIds>%s</recordToMergeIds></request>`, keep, lose))
	if child != "" && told.done() {
		orgMerged(p, keep, lose, child)
	}
}

func orgMerged(p *probe, keep, lose, child string) {
	row := everything(p, "SELECT IsDeleted, MasterRecordId FROM Account WHERE Id = '"+lose+"'")
	gone := row.at("IsDeleted").is(boolean)
	gone.effect(gone.v == true, "true", "false")
	master := row.at("MasterRecordId").is(orgID)
	master.effect(master.text() == keep, "the id of the record that remains", "another")
	parent := everything(p, "SELECT ParentId FROM Account WHERE Id = '"+child+"'").at("ParentId").is(orgID)
	parent.effect(parent.text() == keep, "the id of the record that remains", "another")
}

func orgConvert(p *probe) {
	states := soql(p, "SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true LIMIT 1").status(http.StatusOK).json().at("records").rows()
	session := p.session()
	switch {
	case session == "":
		return
	case len(states) == 0:
		p.skip("the org has no status for converted leads")
		return
	}
	key := p.name("lead")
	id := orgLead(p, key)
	if id == "" || !p.intend("Account", key) || !p.intend("Contact", key) {
		return
	}
	told := p.soap(session, "convertLead", fmt.Sprintf(`<leadConverts><convertedStatus>%s</convertedStatus><doNotCreateOpportunity>true</doNotCreateOpportunity><leadId>%s</leadId></leadConverts>`,
		escaped(states[0].at("MasterLabel").text()), id))
	for _, made := range converted {
		if found := made.id.FindSubmatch(told.body); found != nil {
			p.made(made.object, key, string(found[1]))
		} else if told.ok && !soapDone.Match(told.body) {
			p.unmade(made.object, key)
		}
	}
	if told.done() {
		orgConverted(p, id)
	}
}

// orgLead makes a lead under our mark and gives its id.
func orgLead(p *probe, key string) string {
	if !p.intend("Lead", key) {
		return ""
	}
	a := p.post("/sobjects/Lead", map[string]any{"LastName": key, "Company": key}).status(http.StatusCreated)
	id := a.json().at("id").is(orgID).text()
	p.settle(a, "Lead", key, id)
	return id
}

func orgConverted(p *probe, id string) {
	row := everything(p, "SELECT IsConverted, ConvertedAccountId, ConvertedContactId FROM Lead WHERE Id = '"+id+"'")
	done := row.at("IsConverted").is(boolean)
	done.effect(done.v == true, "true", "false")
	row.fields(orgID, "ConvertedAccountId", "ConvertedContactId")
	orgError(p.send(http.MethodPatch, "/sobjects/Lead/{}", map[string]any{"Title": "x"}, id), http.StatusBadRequest, "CANNOT_UPDATE_CONVERTED_LEAD")
}

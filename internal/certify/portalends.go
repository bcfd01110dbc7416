package certify

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

var portalIdentity = []Check{
	{ID: "portal.by_address", Writes: true, Relies: "a new contact is found by its address at once; an answer that got lost is settled by that read",
		Fact: "CRM API, unique identifiers", run: portalByAddress},
	{ID: "portal.merge", Writes: true, Relies: "after a merge the old ids lead to the record that remains, which lists them; links follow it",
		Fact: "CRM API, merge records", run: portalMerge},
}

func portalByAddress(p *probe) {
	_, id := portalMake(p, contacts, "address", nil)
	if id == "" {
		return
	}
	found := byAddress(p, strings.ToUpper(p.address("address"))).status(http.StatusOK).json().at("id").is(digits)
	found.effect(found.text() == id, "the contact with the address", "another")
}

func portalMerge(p *probe) {
	_, keep := portalMake(p, companies, "keep", nil)
	_, lose := portalMake(p, companies, "lose", nil)
	if keep == "" || lose == "" {
		return
	}
	merged := p.post("/crm/v3/objects/companies/merge", map[string]any{"primaryObjectId": keep, "objectIdToMerge": lose}).status(http.StatusOK).json()
	id := merged.at("id").is(digits)
	if !id.ok {
		return
	}
	if id.text() != keep {
		p.made(companies, p.name("merged"), id.text())
	}
	for _, old := range []string{keep, lose} {
		now := p.ask("/crm/v3/objects/companies/{}", url.Values{"properties": {"hs_merged_object_ids"}}, old).status(http.StatusOK).json()
		got := now.at("id").is(digits)
		got.effect(got.text() == id.text(), "the id of the record that remains", "another")
		absorbed := now.at("properties", "hs_merged_object_ids").is(text)
		absorbed.effect(slices.Contains(strings.Split(absorbed.text(), ";"), lose), "the absorbed id in the list", "it is missing")
	}
}

var portalLinks = []Check{
	{ID: "portal.links", Writes: true, Relies: "links are read in batches, with number ids and types; the first company of a contact becomes its primary",
		Fact: "associations API v4", run: portalAssociate},
	{ID: "portal.links.none", Writes: true, Relies: "a record without links is left out of a batch read and named in an error that is none",
		Fact: "associations API v4", run: portalUnlinked},
}

func readLinks(p *probe, id string) answer {
	return p.post("/crm/v4/associations/contacts/companies/batch/read", map[string]any{"inputs": []any{map[string]any{"id": id}}})
}

func portalAssociate(p *probe) {
	_, contact := portalMake(p, contacts, "linked", nil)
	_, company := portalMake(p, companies, "linked", nil)
	if contact == "" || company == "" {
		return
	}
	p.send(http.MethodPut, "/crm/v4/objects/contacts/{}/associations/default/companies/{}", nil, contact, company).status(http.StatusOK)
	row := readLinks(p, contact).status(http.StatusOK).json().at("results").first()
	from := row.at("from", "id").is(digits)
	from.effect(from.text() == contact, "the contact", "another record")
	to := row.at("to").first()
	other := to.at("toObjectId").is(number)
	other.effect(other.text() == company, "the company", "another record")
	seen := map[string]bool{}
	for _, t := range to.at("associationTypes").rows() {
		t.at("typeId").is(number)
		t.at("label").is(text.or(null))
		seen[t.at("category").is(text).text()+t.may("typeId").text()] = true
	}
	to.effect(seen["HUBSPOT_DEFINED279"], "type 279", "it is missing")
	to.effect(seen["HUBSPOT_DEFINED1"], "type 1, primary", "it is missing")
}

func portalUnlinked(p *probe) {
	_, contact := portalMake(p, contacts, "unlinked", nil)
	if contact == "" {
		return
	}
	root := readLinks(p, contact).status(http.StatusOK, http.StatusMultiStatus).json()
	root.at("results").count(0)
	fault := root.at("errors").first()
	fault.at("subCategory").is(text).says("crm.associations.NO_ASSOCIATIONS_FOUND")
	fault.at("context", "fromObjectId").is(list)
}

var portalGone = []Check{
	{ID: "portal.archive", Writes: true, Relies: "an archived record answers 404 unless asked for archived ones, which says when it was archived; that is evidence of a deletion",
		Fact: "CRM API, archive records", run: portalArchive},
	{ID: "portal.archive.again", Writes: true, Relies: "archiving what is gone already answers 204 again, so it is safe to repeat",
		Fact: "CRM API, archive records", run: portalArchiveAgain},
}

func archive(p *probe, id string) {
	p.send(http.MethodDelete, "/crm/v3/objects/contacts/{}", nil, id).status(http.StatusNoContent).blank()
}

func portalArchive(p *probe) {
	_, id := portalMake(p, contacts, "archive", nil)
	if id == "" {
		return
	}
	archive(p, id)
	p.get("/crm/v3/objects/contacts/{}", id).status(http.StatusNotFound)
	root := p.ask("/crm/v3/objects/contacts/{}", url.Values{"archived": {"true"}}, id).status(http.StatusOK).json()
	gone := root.at("archived").is(boolean)
	gone.effect(gone.v == true, "true", "false")
	root.at("archivedAt").is(instant)
}

func portalArchiveAgain(p *probe) {
	_, id := portalMake(p, contacts, "again", nil)
	if id == "" {
		return
	}
	archive(p, id)
	archive(p, id)
}

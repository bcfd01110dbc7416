package dst

import (
	"slices"
	"strconv"

	"tandem/internal/core"
)

// consentArrived: of two records that had one address all their lives, either both say that
// it is opted out of e-mail or neither does (I6: from the first sight of an opt-out on).
func (r *run) consentArrived(l *core.Link, issues []core.Issue) {
	if l.Pair != core.ContactPair || !r.straight(l) || excused(issues, l, "HasOptedOutOfEmail") {
		return
	}
	all := r.addressesOf(l.Refs[sf].ID)
	if len(all) != 1 || r.address(l.Refs[sf]) != all[0] || r.address(l.Refs[hs]) != all[0] {
		return
	}
	box, _ := r.shown(l.Refs[sf], "HasOptedOutOfEmail")
	if out := r.portal(l.Refs[hs].ID).As(user).Consent(all[0]).OptedOut; strconv.FormatBool(out) != box {
		r.broken("I6", "opted out is %t in HubSpot and %s on %s, both of the address %s", out, box, l.Refs[sf], all[0])
	}
}

// tied: the company of a linked contact is the partner of its account (I17).
func (r *run) tied(l *core.Link, links []*core.Link, issues []core.Issue) {
	if l.Pair != core.ContactPair || l.Refs[sf].Object != core.Contact || !r.straight(l) || excused(issues, l, "AccountId", "associatedcompanyid") {
		return
	}
	account, _ := r.shown(l.Refs[sf], "AccountId")
	company, _ := r.shown(l.Refs[hs], "associatedcompanyid")
	if account == "" || company == "" { // what is cleared on one side stays on the other
		return
	}
	partner := func(side core.Side, id string) string {
		i := slices.IndexFunc(links, func(p *core.Link) bool { return p.Pair == core.CompanyPair && p.Refs[side].ID == id })
		if i < 0 {
			return ""
		}
		return links[i].Refs[side.Other()].ID
	}
	if a, c := partner(hs, company), partner(sf, account); a != "" && c != "" && a != account {
		r.broken("I17", "%s is of account %s and %s of company %s, whose partners are %s and %s", l.Refs[sf], account, l.Refs[hs], company, c, a)
	}
}

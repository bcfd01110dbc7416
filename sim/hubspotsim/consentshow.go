package hubspotsim

import (
	"strconv"
	"time"

	"tandem/sim/hubspotsim/notify"
)

// The read-only opt-out properties of contacts follow their address with a lag.

// consentLag is the lag that an option or setting asks for: none where negative.
func consentLag(d time.Duration) time.Duration {
	if d == 0 {
		return defaultConsentLag
	}
	return max(d, 0)
}

// shownOptOut is the value of an opt-out property: "true" or nothing.
func (p *Portal) shownOptOut(w view, subscription int) string {
	email := w.get("email")
	if earlier, late := p.consent.late[w.r.id]; late {
		email = earlier
	}
	if p.consent.peek(email).shown[subscription] {
		return "true"
	}
	return ""
}

// noteConsent books what an address said, whether or not a contact has it.
func (p *Portal) noteConsent(email string, by *actor, id int, before, after string) {
	at := p.stamp()
	what := "subscription:" + strconv.Itoa(id)
	if id == everything {
		what = "unsubscribe-all"
	}
	p.bookAddress(at, by, addressKey(email), note{what, before, after})
	p.mails = append(p.mails, mailEvent{ID: p.newUUID(), Type: "STATUSCHANGE", Created: at, Recipient: addressKey(email),
		PortalID: p.portalNumber, AppID: p.info.AppID})
}

// showConsent has the contact with an address show what the address says, later.
func (p *Portal) showConsent(email string, by *actor) {
	p.afterConsentLag(func() {
		key := addressKey(email)
		a := p.consent.of(key)
		var changed []int
		for _, id := range p.consent.ids() {
			if out := a.optedOut(id); out != a.shown[id] {
				a.shown[id] = out
				changed = append(changed, id)
			}
		}
		if r := p.contactOf(key); r != nil {
			p.tellOptOut(r, by, changed)
		}
	})
}

func (p *Portal) afterConsentLag(run func()) {
	if p.consentLag <= 0 || p.silent {
		run()
		return
	}
	p.later(p.consentLag, run)
}

// contactOf is the contact whose primary address this is: its properties do not
// speak of additional addresses.
func (p *Portal) contactOf(email string) *record {
	t := p.names[typeContact]
	id, taken := t.emails[email]
	if !taken {
		return nil
	}
	if r := t.records[id]; r != nil && p.see(t, r).get("email") == email {
		return r
	}
	return nil
}

// tellOptOut publishes changed opt-out properties and moves the contact's stamp.
// In the ledger the write stands at the address.
func (p *Portal) tellOptOut(r *record, by *actor, changed []int) {
	if len(changed) == 0 || !r.live() {
		return
	}
	t := p.names[typeContact]
	next := *r.cur
	w := write{op: opUpdate, by: by, t: t, r: r, next: &next, quiet: true}
	for _, id := range changed {
		name := optOutName(id)
		w.events = append(w.events, notify.Change{Kind: notify.PropertyChange, Property: name, Value: p.see(t, r).get(name)})
	}
	p.commit(w)
}

// addressMoved has a contact's properties follow from one address to another.
func (p *Portal) addressMoved(t *table, r *record, changes []change, by *actor) {
	if t.id != typeContact || p.silent {
		return
	}
	for _, c := range changes {
		if c.d.name == "email" && p.differ(c.before, c.after) != nil {
			p.followAddress(t, r, c.before, by)
		}
	}
}

func (p *Portal) followAddress(t *table, r *record, before string, by *actor) {
	if _, waiting := p.consent.late[r.id]; !waiting {
		p.consent.late[r.id] = before
	}
	p.afterConsentLag(func() {
		earlier, waiting := p.consent.late[r.id]
		delete(p.consent.late, r.id)
		if waiting && t.records[r.id] == r {
			p.tellOptOut(r, by, p.differ(earlier, p.see(t, r).get("email")))
		}
	})
}

// differ lists what two addresses show differently.
func (p *Portal) differ(a, b string) []int {
	var out []int
	for _, id := range p.consent.ids() {
		if p.consent.peek(a).shown[id] != p.consent.peek(b).shown[id] {
			out = append(out, id)
		}
	}
	return out
}

package policy

import (
	"slices"
	"testing"
	"time"

	"tandem/internal/core"
)

func company(id string) core.Ref {
	return core.Ref{Side: core.HubSpot, Object: core.Companies, ID: id}
}

func account(id string) core.Ref {
	return core.Ref{Side: core.Salesforce, Object: core.Account, ID: id}
}

func by(key string, refs ...core.Ref) []Candidate {
	var out []Candidate
	for _, r := range refs {
		out = append(out, Candidate{Ref: r, Key: key})
	}
	return out
}

func taken(c []Candidate) []Candidate {
	for i := range c {
		c[i].Linked = true
	}
	return c
}

func rivals(c []Candidate) []Candidate {
	for i := range c {
		c[i].Shared = true
	}
	return c
}

func TestMatchRecord(t *testing.T) {
	a, b, c := company("1"), company("2"), company("3")
	rows := []struct {
		name          string
		keys          []string
		candidates    []Candidate
		rule, outcome string
		partner       core.Ref
		review        []core.Ref
	}{
		{"DEDUP-7 nobody", nil, nil, "DEDUP-7", None, core.Ref{}, nil},
		{"DEDUP-7 a stored id", nil, by(KeyID, a), "DEDUP-7", Link, a, nil},
		{"ACC-5 a contact in common", nil, by(KeyContacts, b), "DEDUP-7", Link, b, nil},
		{"DEDUP-7 mirror", nil, by(KeyContacts, account("9")), "DEDUP-7", Link, account("9"), nil},
		{"DEDUP-7 two contacts of one company", nil, by(KeyContacts, b, b), "DEDUP-7", Link, b, nil},
		{"DEDUP-7 the id beats contacts", nil, append(by(KeyContacts, b, c), by(KeyID, a)...), "DEDUP-7", Link, a, nil},
		{"AMB-5 several", nil, by(KeyContacts, c, b), "AMB-5", Review, core.Ref{}, []core.Ref{b, c}},
		{"AMB-5 several by id", nil, append(by(KeyID, b, a), by(KeyContacts, a)...), "AMB-5", Review, core.Ref{}, []core.Ref{a, b}},
		{"ACC-14 one of two is linked", nil, append(taken(by(KeyContacts, b)), by(KeyContacts, c)...), "DEDUP-7", Link, c, nil},
		{"ACC-14 the only one is linked", nil, taken(by(KeyContacts, b)), "DEDUP-7", None, core.Ref{}, nil},
		{"DEDUP-11 a stored id that is linked", nil, append(taken(by(KeyID, b)), by(KeyContacts, c)...), "DEDUP-11", Review, core.Ref{}, []core.Ref{b}},
		{"AMB-3 not by domain", nil, by(KeyDomain, a), "DEDUP-7", None, core.Ref{}, nil},
		{"LIM-4 by domain where listed", []string{KeyID, KeyDomain}, by(KeyDomain, a), "LIM-4", Link, a, nil},
		{"LIM-4 by name and address", []string{KeyNameAddress}, by(KeyNameAddress, a), "LIM-4", Link, a, nil},
		{"LIM-4 by external key", nil, by(KeyExternal, a), "LIM-4", Link, a, nil},
		{"LIM-4 keys in order", []string{KeyDomain, KeyContacts}, append(by(KeyContacts, a), by(KeyDomain, b)...), "LIM-4", Link, b, nil},
		{"LIM-4 a key not listed is not asked", []string{KeyDomain}, by(KeyID, a), "DEDUP-7", None, core.Ref{}, nil},
		{"LIM-4 an external key that is linked", nil, taken(by(KeyExternal, a)), "DEDUP-11", Review, core.Ref{}, []core.Ref{a}},
		{"LIM-4 an external key twice, once linked", nil, append(taken(by(KeyExternal, a)), by(KeyExternal, b)...), "AMB-5", Review, core.Ref{}, []core.Ref{a, b}},
		{"LIM-4 an external key that a rival has too", nil, rivals(by(KeyExternal, a)), "AMB-5", Review, core.Ref{}, []core.Ref{a}},
		{"LIM-4 a shared domain alone", []string{KeyDomain}, by(KeyDomain, b, a), "AMB-5", Review, core.Ref{}, []core.Ref{a, b}},
		{"LIM-4 a domain that a rival has too", []string{KeyDomain}, rivals(by(KeyDomain, a)), "AMB-5", Review, core.Ref{}, []core.Ref{a}},
		{"LIM-4 a domain whose other owner is linked", []string{KeyDomain}, append(taken(by(KeyDomain, a)), by(KeyDomain, b)...), "AMB-5", Review, core.Ref{}, []core.Ref{b}},
		{"LIM-4 a domain of linked records only", []string{KeyDomain}, taken(by(KeyDomain, a, b)), "DEDUP-7", None, core.Ref{}, nil},
		{"LIM-4 a later key chooses by a shared domain", []string{KeyDomain, KeyNameAddress}, append(by(KeyDomain, a, b), by(KeyNameAddress, b)...), "LIM-4", Link, b, nil},
		{"LIM-4 a later key that contradicts it", []string{KeyDomain, KeyNameAddress}, append(by(KeyDomain, a, b), by(KeyNameAddress, c)...), "AMB-5", Review, core.Ref{}, []core.Ref{a, b, c}},
		{"a blank ref is nobody", nil, by(KeyID, core.Ref{}), "DEDUP-7", None, core.Ref{}, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			m := MatchRecord(MatchFacts{Ref: account("0"), Keys: row.keys, Candidates: row.candidates})
			expect(t, m.Decision, row.rule, row.outcome)
			if m.Partner != row.partner || !slices.Equal(m.Candidates, row.review) {
				t.Errorf("partner %v, candidates %v", m.Partner, m.Candidates)
			}
		})
	}
}

// TestLIM4_NoGuess goes through all small worlds of one key: a record is linked only
// with one that is free, and by a key that must be unique only where nobody else of
// either side has it.
func TestLIM4_NoGuess(t *testing.T) {
	kinds := []Candidate{{}, {Linked: true}, {Shared: true}, {Linked: true, Shared: true}}
	for _, key := range []string{KeyID, KeyExternal, KeyContacts, KeyDomain, KeyNameAddress} {
		for world := range 5 * 5 * 5 {
			var all []Candidate
			for i, n := 0, world; i < 3; i, n = i+1, n/5 {
				if n%5 > 0 {
					c := kinds[n%5-1]
					c.Ref, c.Key = company(string(rune('1'+i))), key
					all = append(all, c)
				}
			}
			m := MatchRecord(MatchFacts{Ref: account("0"), Keys: []string{key}, Candidates: all})
			free := 0
			for _, c := range all {
				if !c.Linked {
					free++
				}
				unique := len(all) == 1 && !c.Shared || key == KeyID || key == KeyContacts
				if m.Outcome == Link && m.Partner == c.Ref && (c.Linked || !unique) {
					t.Errorf("%s: linked %+v of %+v", key, c, all)
				}
			}
			if (m.Outcome == Link) != (free == 1) && (key == KeyID || key == KeyContacts) || m.Outcome == None && free > 0 {
				t.Errorf("%s: %s of %+v", key, m.Outcome, all)
			}
		}
	}
}

func TestLIM4_MailProvidersAreNobodysDomain(t *testing.T) {
	for domain, want := range map[string]bool{"gmail.com": true, "Yahoo.co.uk": true, "yahoo.fr": true, "web.de": true, "edge.com": false, "": false, "yahoo.acme.example": false, "live-music.com": false} {
		if FreeMail(domain) != want {
			t.Errorf("%q: %v", domain, !want)
		}
	}
}

// Records of one moment are ordered by their ids, whatever order they are found in and
// whichever side they are of.
func TestC20_EqualTimesAreOrderedByID(t *testing.T) {
	for _, ref := range []func(string) core.Ref{company, account} {
		first, second := Candidate{Ref: ref("1"), Key: KeyContacts, Created: before}, Candidate{Ref: ref("2"), Key: KeyContacts, Created: before}
		for _, order := range [][]Candidate{{first, second}, {second, first}} {
			if m := MatchRecord(MatchFacts{Candidates: order, TakeOldest: true}); m.Outcome != Link || m.Partner != first.Ref {
				t.Errorf("linked %v (%s), want %v", m.Partner, m.Outcome, first.Ref)
			}
		}
	}
	elder, younger := PersonCandidate{Ref: core.Ref{Object: core.Lead, ID: "1"}, Created: before}, PersonCandidate{Ref: core.Ref{Object: core.Lead, ID: "2"}, Created: before}
	for _, order := range [][]PersonCandidate{{elder, younger}, {younger, elder}} {
		if got, _ := LinkPerson("a@x.com", order); got != elder {
			t.Errorf("the person is %v, want %v", got.Ref, elder.Ref)
		}
	}
}

func TestAMB5_TieBreakIsAChoice(t *testing.T) {
	young, aged := by(KeyContacts, company("1"))[0], by(KeyContacts, company("2"))[0]
	young.Created, aged.Created = after, before
	for _, order := range [][]Candidate{{young, aged}, {aged, young}} {
		m := MatchRecord(MatchFacts{Candidates: order, TakeOldest: true})
		if m.Outcome != Link || m.Partner != aged.Ref {
			t.Errorf("linked %v (%s)", m.Partner, m.Outcome)
		}
	}
}

func TestLinkPerson(t *testing.T) {
	person := func(object core.Object, id string, age time.Duration) PersonCandidate {
		return PersonCandidate{Ref: core.Ref{Object: object, ID: id}, Created: switched.Add(-age)}
	}
	lead, oldLead := person(core.Lead, "L1", time.Hour), person(core.Lead, "L2", 9*time.Hour)
	contact, oldContact := person(core.Contact, "C1", time.Hour), person(core.Contact, "C2", 2*time.Hour)
	converted, linked := person(core.Lead, "L3", 99*time.Hour), person(core.Contact, "C3", 99*time.Hour)
	converted.Converted, linked.Linked = true, true
	rows := []struct {
		name, email   string
		candidates    []PersonCandidate
		rule, outcome string
		want          string
	}{
		{"DEDUP-1 nobody has the address", "a@x.org", nil, "DEDUP-1", None, ""},
		{"DEDUP-1 one has", "a@x.org", []PersonCandidate{lead}, "DEDUP-1", Link, "L1"},
		{"DEDUP-1 a blank address is nobody's", " ", []PersonCandidate{contact}, "DEDUP-1", None, ""},
		{"LIM-6 a contact before an older lead", "a@x.org", []PersonCandidate{oldLead, contact, lead}, "LIM-6", Link, "C1"},
		{"LIM-6 the oldest contact", "a@x.org", []PersonCandidate{contact, oldContact}, "LIM-6", Link, "C2"},
		{"LIM-6 the oldest lead", "a@x.org", []PersonCandidate{lead, oldLead}, "LIM-6", Link, "L2"},
		{"CON-5 never a converted lead", "a@x.org", []PersonCandidate{converted, lead}, "DEDUP-1", Link, "L1"},
		{"CON-5 not even as the only one", "a@x.org", []PersonCandidate{converted}, "DEDUP-1", None, ""},
		{"LIM-6 links are pinned", "a@x.org", []PersonCandidate{linked, lead}, "DEDUP-1", Link, "L1"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			before := slices.Clone(row.candidates)
			pick, d := LinkPerson(row.email, row.candidates)
			expect(t, d, row.rule, row.outcome)
			if pick.Ref.ID != row.want {
				t.Errorf("picked %q, want %q", pick.Ref.ID, row.want)
			}
			if !slices.Equal(before, row.candidates) {
				t.Error("the caller's list changed")
			}
			slices.Reverse(row.candidates)
			if again, _ := LinkPerson(row.email, row.candidates); again.Ref != pick.Ref {
				t.Errorf("the order of the answer decides: %v, then %v", pick.Ref, again.Ref)
			}
		})
	}
}

func TestDeleted(t *testing.T) {
	partner, survivor := company("1"), account("2")
	rows := []struct {
		name          string
		f             DeletedFacts
		rule, outcome string
	}{
		{"AMB-22 nothing by default", DeletedFacts{Evidence: DeletedRow}, "AMB-22", Unlink},
		{"AMB-22 nothing", DeletedFacts{Evidence: DeletedRow, Setting: "nothing"}, "AMB-22", Unlink},
		{"LIM-16 flag", DeletedFacts{Evidence: DeletedRow, Setting: "flag"}, "LIM-16", Flag},
		{"LIM-16 archive", DeletedFacts{Evidence: DeletedRow, Setting: "archive"}, "LIM-16", Archive},
		{"LIM-16 delete", DeletedFacts{Evidence: DeletedRow, Setting: "delete"}, "LIM-16", Delete},
		{"I10 absence is no deletion", DeletedFacts{Setting: "delete"}, "AMB-13", Wait},
		{"DEL-6 a merge is no deletion", DeletedFacts{Evidence: DeletedRow, Setting: "delete", MergedInto: survivor}, "LIM-7", Relink},
		{"LIM-7 both partners remain", DeletedFacts{Evidence: DeletedRow, Setting: "delete", MergedInto: survivor, SurvivorPartner: company("9")}, "LIM-7", Park},
		{"LIM-7 the survivor has this partner", DeletedFacts{Evidence: DeletedRow, MergedInto: survivor, SurvivorPartner: partner}, "LIM-7", Unlink},
		{"R19 a privacy deletion parks", DeletedFacts{Evidence: PrivacyDeletion, Setting: "delete"}, "AMB-13", Park},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			row.f.Partner = partner
			expect(t, Deleted(row.f), row.rule, row.outcome)
		})
	}
}

func TestERR10_RetryAt(t *testing.T) {
	every := 30 * time.Minute
	rows := []struct {
		name  string
		share float64
		set   bool
		calls int
		ok    bool
	}{
		{"little used", 0.10, true, 99999, true},
		{"just below 75 %", 0.7499, true, 0, true},
		{"75 % used", 0.75, true, 0, false},
		{"no limit set, few calls", 0.99, false, 4999, true},
		{"no limit set, 5,000 calls", 0, false, 5000, false},
	}
	for _, row := range rows {
		at, ok := RetryAt(switched, every, row.share, 0.75, row.set, row.calls)
		if ok != row.ok || ok && !at.Equal(switched.Add(every)) || !ok && !at.IsZero() {
			t.Errorf("%s: %v, %v", row.name, at, ok)
		}
	}
}

package likeness

import (
	"slices"
	"strings"
)

// Degree is how alike two records are.
type Degree uint8

// Degrees.
const (
	Different Degree = iota
	Likely           // worth a person's look
	Certain          // nothing known speaks against it, and more than one thing for it
)

// Likeness is how alike two records are, and by what.
type Likeness struct {
	Degree Degree
	// Score orders likenesses; only those of one kind of record compare.
	Score float64
	// Evidence says what is the same, or nearly so, and what differs.
	Evidence []string
}

// Normal are traits in the form in which they are compared.
type Normal struct {
	person                                bool
	name, given, family, street, postcode string
	city, email, born, domain             string
	phones                                []string
}

// Normal puts traits into the form in which they are compared.
func (t *Traits) Normal() Normal {
	n := Normal{person: t.person(), name: CompanyName(t.Name), given: plain(t.Given), family: plain(t.Family), street: Street(t.Street), postcode: Postcode(t.Postcode),
		city: plain(t.City), email: strings.ToLower(strings.TrimSpace(t.Email)), domain: t.Domain, born: strings.TrimSpace(t.Born)}
	for _, p := range t.Phones {
		if p = Phone(p); p != "" {
			n.phones = append(n.phones, p)
		}
	}
	return n
}

// Meets reports that two records have a trait in common by which one is found from the
// other: whatever else is alike, others are not compared.
func (n *Normal) Meets(o *Normal) bool {
	return both(n.family, o.family) || both(n.born, o.born) || both(n.postcode, o.postcode) || both(n.domain, o.domain) || both(n.name, o.name) ||
		both(n.given, o.given) || both(n.city, o.city) || n.samePhone(o)
}

func both(a, b string) bool { return a != "" && a == b }

func (n *Normal) samePhone(o *Normal) bool {
	return slices.ContainsFunc(n.phones, func(p string) bool { return slices.Contains(o.phones, p) })
}

// Compare says how alike two records of one kind are. Equal traits add to the score,
// unequal ones take from it, unknown ones do neither. A telephone number that is the
// same counts only beside a name: a switchboard is many people's.
func Compare(a, b *Normal) Likeness {
	if a.person || b.person {
		return comparePeople(a, b)
	}
	return compareCompanies(a, b)
}

// weigher gathers what speaks for two records to be the same.
type weigher struct {
	Likeness
	identifying int // traits in common that few others share
}

// weigh counts one trait: near is 1 for equal down to 0 for entirely different.
func (w *weigher) weigh(what string, near, same, differs float64) {
	switch {
	case near == 1:
		w.Score += same
		w.Evidence = append(w.Evidence, "same "+what)
	case near > 0:
		w.Score += same * near
		w.Evidence = append(w.Evidence, "similar "+what)
	default:
		w.Score -= differs
		w.Evidence = append(w.Evidence, "another "+what)
	}
}

// known compares a trait that both records have.
func (w *weigher) known(what, a, b string, near func(a, b string) float64, same, differs float64) (how float64) {
	if a == "" || b == "" {
		return 0
	}
	how = near(a, b)
	w.weigh(what, how, same, differs)
	return how
}

// telling is known for a trait that few share.
func (w *weigher) telling(what, a, b string, near func(a, b string) float64, same, differs float64) float64 {
	how := w.known(what, a, b, near, same, differs)
	if how > 0 {
		w.identifying++
	}
	return how
}

// Scores from which people are likely and certainly the same. In a thousand records with
// errors of spelling nobody above the second is somebody else; docs/matching.md says how
// that is measured.
const (
	personLikely  = 1.6
	personCertain = 2
)

func comparePeople(a, b *Normal) Likeness {
	var w weigher
	given, family := w.names(a, b)
	born := w.telling("date of birth", a.born, b.born, nearDay, 1.6, 0.8)
	email := w.telling("e-mail address", a.email, b.email, nearEmail, 2, 1)
	w.telling("street", a.street, b.street, nearText, 0.8, 0.2)
	w.telling("postal code", a.postcode, b.postcode, equal, 0.8, 0.2)
	city := w.known("city", a.city, b.city, nearText, 0.5, 0.25)
	if a.samePhone(b) && given+family > 0 {
		w.weigh("telephone", 1, 1, 0)
		w.identifying++
	}
	stranger := a.given != "" && b.given != "" && given == 0
	older := a.born != "" && b.born != "" && born == 0
	slip := given == 1 && family == 1 && city == 1 && born >= 0.6 // of one digit in a birthday
	telling := slip || born == 1 || email == 1 || w.identifying > 1
	switch {
	case w.identifying == 0 || w.Score < personLikely || stranger && born == 0 && email == 0:
	case w.Score < personCertain || stranger || older || given+family == 0 && w.identifying < 2 || !telling:
		w.Degree = Likely
	default:
		w.Degree = Certain
	}
	return w.Likeness
}

// names compares given and family names, also where they stand the wrong way round.
func (w *weigher) names(a, b *Normal) (given, family float64) {
	ag, af := a.given, a.family
	if ag != "" && nearName(ag, b.family) > 0 && nearName(ag, b.given) == 0 || af != "" && nearName(af, b.given) > 0 && nearName(af, b.family) == 0 {
		ag, af = af, ag
	}
	given = w.known("given name", ag, b.given, nearGiven, 1, 0.5)
	return given, w.known("family name", af, b.family, nearName, 1, 0.5)
}

// Scores of companies.
const (
	companyLikely  = 1.8
	companyCertain = 3
)

func compareCompanies(a, b *Normal) Likeness {
	var w weigher
	name := w.known("name", a.name, b.name, nearCompany, 1.5, 1)
	w.telling("domain", a.domain, b.domain, equal, 1, 0.2)
	w.telling("street", a.street, b.street, nearText, 0.8, 0.4)
	w.telling("postal code", a.postcode, b.postcode, equal, 0.8, 0.4)
	w.known("city", a.city, b.city, nearText, 0.4, 0.4)
	if a.samePhone(b) && name > 0 {
		w.weigh("telephone", 1, 0.8, 0)
		w.identifying++
	}
	switch {
	case name == 0 || w.identifying == 0 || w.Score < companyLikely:
	case w.Score < companyCertain || name < 1 || w.identifying < 2:
		w.Degree = Likely
	default:
		w.Degree = Certain
	}
	return w.Likeness
}

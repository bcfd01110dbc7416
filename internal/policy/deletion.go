package policy

import "tandem/internal/core"

// Evidence is how a deletion is known. Absence from an answer is none: both
// vendors answer the same for gone and for invisible.
type Evidence string

// Evidence of a deletion.
const (
	NoEvidence      Evidence = ""
	DeletedRow      Evidence = "deleted_row" // IsDeleted, archived=true, or the log of deletions of what goes through no recycle bin
	LoggedDeletion  Evidence = "log"         // named as deleted by the log of deletions or by an event, and by nothing else any more
	PrivacyDeletion Evidence = "privacy"     // erased on request
)

// Fate is what became of a record that stands in a link.
type Fate uint8

// Fates. A record lives on in another one after a merge or a conversion.
const (
	Stands  Fate = iota // it is there under its id
	LivesOn             // in a record that is free to take its place
	Taken               // in a record that belongs to another link
	Gone                // deleted, with evidence
	Hidden              // not shown, which proves nothing
)

// DeletedFacts are what is known of a linked record that a side no longer shows.
type DeletedFacts struct {
	// Side is where the record was; Partner is the record on the other one.
	Side     core.Side
	Partner  core.Ref
	Evidence Evidence
	// Setting is when_salesforce_deleted or when_hubspot_deleted: nothing, flag,
	// archive or delete; blank is nothing (AMB-22).
	Setting string
	// MergedInto is the survivor where the record was merged away.
	MergedInto core.Ref
	// SurvivorPartner is the survivor's own partner, if it has one.
	SurvivorPartner core.Ref
	// PartnerFate is what became of the partner.
	PartnerFate Fate
	// Absorbed is a linked record that was merged into the partner, whose own partner
	// is still there; zero for none.
	Absorbed core.Ref
	// Doubt is what else than a deletion of its own may have taken a record of which nothing
	// but the log tells any more; blank for nothing.
	Doubt string
	// Cascade is the account that was deleted for its company, so that Salesforce deleted
	// the record along with it; zero for none.
	Cascade core.Ref
	// Namesake is another person of the record's side who has the partner's address and
	// no partner, and can take the record's place; zero for none.
	Namesake core.Ref
	// Person says that the partner is a person account or the contact behind one.
	Person bool
}

// Deleted decides what becomes of a link one of whose records is gone: AMB-13,
// AMB-22, LIM-7, LIM-16. A merge is never a delete (DEL-6); without evidence
// nothing is done. A deletion passes to the very record that was the partner, and
// to no record that stands for another one as well.
func Deleted(d DeletedFacts) core.Decision {
	f := facts{}.text("evidence", string(d.Evidence)).text("setting", d.Setting).text("partner", d.Partner.String())
	switch {
	case d.Evidence == PrivacyDeletion:
		return f.decide("AMB-13", Park, "the record was erased on request; nothing is made for its partner again")
	case !d.MergedInto.IsZero():
		return Merged(d)
	case d.Evidence == NoEvidence:
		return f.decide("AMB-13", Wait, "the side does not show the record: it may be hidden from the integration user, which is no proof that it was deleted")
	case d.PartnerFate == LivesOn || d.PartnerFate == Taken:
		return f.decide("DEL-6", Unlink, "the partner was merged or converted meanwhile; the deletion does not reach the record it lives on in")
	case !d.Absorbed.IsZero():
		return f.text("absorbed", d.Absorbed.String()).decide("DEL-6", Unlink, "a linked record was merged into the partner, and its own partner is still there; the deletion does not reach it")
	}
	if d.Setting == Archive || d.Setting == Delete {
		switch {
		case d.Evidence == LoggedDeletion && d.Doubt != "":
			return f.text("doubt", d.Doubt).decide("DEL-6", Park, "Salesforce names the record as deleted and keeps nothing else of it: "+d.Doubt+"; its partner waits for a person")
		case !d.Cascade.IsZero():
			return f.text("account", d.Cascade.String()).decide("LIM-16", Unlink, "Salesforce deleted the record along with its account, which was deleted for its company; nobody deleted the record itself, and its partner is kept")
		case !d.Namesake.IsZero():
			return f.text("namesake", d.Namesake.String()).decide("LIM-16", Unlink, "another record has the address of the partner, which is kept for it")
		}
	}
	gone := "deleted in " + d.Side.Label() + ", and its partner in " + d.Side.Other().Label()
	switch d.Setting {
	case Flag:
		return f.decide("LIM-16", Flag, gone+" is kept and marked")
	case Archive:
		return f.decide("LIM-16", Archive, gone+" is archived"+d.cascade())
	case Delete:
		return f.decide("LIM-16", Delete, gone+" is deleted"+d.cascade())
	}
	return f.decide("AMB-22", Unlink, gone+" is kept")
}

// cascade says what else goes with an account: its contacts are deleted along with it
// (Object Reference for the Salesforce Platform, Account and Contact).
func (d *DeletedFacts) cascade() string {
	switch {
	case d.Person:
		return "; " + personCascade
	case d.Partner.Object == core.Account:
		return "; " + Cascade
	}
	return ""
}

// Cascade is what the deletion of an account takes with it.
const Cascade = "Salesforce deletes an account's contacts along with it"

// personCascade is what the deletion of a person account or its contact takes with it.
const personCascade = "a person account and the contact behind it are deleted together"

// Merged decides what becomes of the link of a record that was merged into
// another one (LIM-7). Where the survivor has no partner it takes over the
// loser's; where it has one, the loser's partner waits for a merge or a person,
// and nothing is made for it. Where that partner is deleted the link ends, and the
// deletion does not reach the survivor.
func Merged(d DeletedFacts) core.Decision {
	f := facts{}.text("survivor", d.MergedInto.String()).text("partner", d.Partner.String())
	switch {
	case d.PartnerFate == Gone:
		return f.decide("DEL-6", Unlink, "the record was merged or converted and its partner deleted; the deletion does not reach the survivor")
	case d.SurvivorPartner.IsZero():
		return f.decide("LIM-7", Relink, "the survivor of the merge takes over the partner")
	case d.SurvivorPartner == d.Partner:
		return f.decide("LIM-7", Unlink, "the survivor is linked with the same partner already")
	}
	f.text("survivor_partner", d.SurvivorPartner.String())
	return f.decide("LIM-7", Park, "the survivor has a partner of its own; the loser's partner waits for a merge or a decision")
}

// Parked decides about a link that waits since one of its records was merged into one
// with a partner of its own (LIM-7), by what became of its two records since. It goes on
// where both are there again, follows a record to the one it lives on in, and ends where
// nothing is left to decide.
func Parked(of [2]Fate) core.Decision {
	count := map[Fate]int{}
	for _, fate := range of {
		count[fate]++
	}
	f := facts{}
	switch moved := count[LivesOn] > 0; {
	case count[Stands] == len(of):
		return f.decide("LIM-7", Relink, "the merge was taken back: both records are there again, and go on")
	case moved && count[LivesOn]+count[Stands] == len(of):
		return f.decide("LIM-7", Relink, "the record that a partner was merged into is free now, and takes over")
	case moved && count[Gone] == 0:
		return f.decide("LIM-7", Park, "the parked record lives on in another one, and waits there for a merge or a decision")
	case count[Stands]+count[Hidden] == 0:
		return f.decide("LIM-7", Unlink, "the parked record was merged or deleted as well")
	}
	return f.decide("LIM-7", Park, "the link is parked: a partner was merged away, or deleted for good; nothing is created for it until a person decides")
}

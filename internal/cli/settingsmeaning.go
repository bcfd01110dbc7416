package cli

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// standing are how many pairs of records stand, by object pair: whom a change reaches.
type standing map[core.Pair]int

// standing counts the linked records of a connection.
func (w *world) standing(ctx context.Context, connection string) (n standing, err error) {
	n = standing{}
	err = w.store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Connection(connection)
		if err != nil {
			return err
		}
		counts, err := tx.LinkCounts(row.ID)
		for p, by := range counts {
			n[p] = by[core.LinkActive]
		}
		return err
	})
	return n, err
}

// of counts the linked records of an object pair in words.
func (n standing) of(p core.Pair, words [2]string) string {
	return counted(n[p], [2]string{"linked " + words[0], "linked " + words[1]})
}

var (
	personWords  = [2]string{"person", "people"}
	companyWords = [2]string{"company", "companies"}
)

// effects say what a change of settings does beside the switches, mappings and filters of
// the object pairs.
func effects(old, next config.Connection, n standing) []string {
	return slices.Concat(takenOut(old, next), ownersMeaning(old, next), similarMeaning(old, next), choiceMeaning(&old.Contacts, &next.Contacts, n), peopleMeaning(&old.Contacts, &next.Contacts, n), makingMeaning(old, next), deletionsMeaning(old, next), lifecycleMeaning(&old.Lifecycle, &next.Lifecycle, n),
		campaignsMeaning(&old.Campaigns, &next.Campaigns, n), activitiesMeaning(&old.Activities, &next.Activities))
}

// takenOut says what ends with the declaration of an object pair.
func takenOut(old, next config.Connection) (out []string) {
	for _, d := range old.Pairs() {
		if old.Syncs(d.Name) && next.Pairs().Def(d.Name).Name == "" {
			out = append(out, old.Pairs().Records(d.Name)+" are neither read nor written; links stay, and count again once the same is declared anew")
		}
	}
	return out
}

// ownersMeaning says what owners who are matched otherwise do to records that are there.
func ownersMeaning(old, next config.Connection) (out []string) {
	for _, p := range engine.Rematched(old, next) {
		out = append(out, fmt.Sprintf("owners are matched otherwise: %s that are linked already keep their owner until they are looked at for another reason (TRIG-7): tandem plan %s, then tandem backfill %s --to hubspot", next.Pairs().Records(p), p, p))
	}
	return out
}

// similarMeaning says what becomes of the questions about similar records where nobody is
// looked for any more.
func similarMeaning(old, next config.Connection) (out []string) {
	for p, similar := range map[core.Pair][2]string{core.CompanyPair: {old.Companies.Similar, next.Companies.Similar}, core.ContactPair: {old.Contacts.Similar, next.Contacts.Similar}} {
		if old.Syncs(p) && next.Syncs(p) && similar[0] != config.SimilarOff && similar[1] == config.SimilarOff {
			out = append(out, "nobody is asked about similar "+next.Pairs().Records(p)+" any more; those about whom a person is asked already wait for the answer: tandem links review")
		}
	}
	slices.Sort(out)
	return out
}

// choiceMeaning says whom another contacts.from_hubspot reaches while people sync.
func choiceMeaning(old, next *config.Contacts, n standing) []string {
	if !old.Sync || !next.Sync || reflect.DeepEqual(old.FromHubSpot, next.FromHubSpot) {
		return nil
	}
	return []string{"what a HubSpot contact becomes in Salesforce is decided anew for whoever is new, edited or imported from now on (LIM-5); " + n.of(core.ContactPair, personWords) + " stay what they are"}
}

// peopleMeaning says what another contacts.from_salesforce does while people sync.
func peopleMeaning(old, next *config.Contacts, n standing) []string {
	was, is := old.FromSalesforce, next.FromSalesforce
	if was == is || !old.Sync || !next.Sync {
		return nil
	}
	return []string{map[string]string{
		policy.CreateOrUpdate: "leads and contacts of Salesforce make HubSpot contacts where they are new or edited from this moment on; those that are there already stay away until they are edited or imported (CON-1): tandem plan contact, then tandem import contact",
		policy.UpdateOnly:     "leads and contacts of Salesforce make no HubSpot contacts by themselves any more; " + n.of(core.ContactPair, personWords) + " go on, and so does who is imported",
		policy.DoNothing:      "nothing of leads and contacts passes to HubSpot any more; " + n.of(core.ContactPair, personWords) + " stay linked, and what is edited in HubSpot passes to Salesforce",
	}[is]}
}

// makingMeaning says whom the other pairs reach in a direction that makes records from now on.
func makingMeaning(old, next config.Connection) (out []string) {
	for _, d := range next.Pairs() {
		for _, side := range core.Sides {
			if d.Name == core.ContactPair || !old.Syncs(d.Name) || !next.Syncs(d.Name) || old.Makes(d.Name, side) || !next.Makes(d.Name, side) {
				continue
			}
			out = append(out, next.Pairs().Records(d.Name)+" of "+side.Label()+" make records on the other side where they are new or edited from this moment on; those that are there already stay away until they are edited or imported: tandem plan "+
				string(d.Name)+", then tandem import "+string(d.Name))
		}
	}
	return out
}

// deletionsMeaning says what follows a deletion where that is another than before.
func deletionsMeaning(old, next config.Connection) (out []string) {
	for _, d := range next.Pairs() {
		was, is := old.Pair(d.Name).Deleted, next.Pair(d.Name).Deleted
		for side, objects := range d.Objects {
			for _, o := range objects {
				if was[o] != is[o] && next.Syncs(d.Name) {
					out = append(out, deletionMeaning(next.Pairs(), d, core.Side(side), o, is[o]))
				}
			}
		}
	}
	for _, o := range core.StandardPairs.Objects(core.ActivityPair)[core.HubSpot] {
		for _, side := range core.Sides {
			if is := next.Activities.Of(o).Deletion(side); old.Activities.Of(o).Deletion(side) != is && next.Activities.Of(o).On() {
				out = append(out, doneToPartner(config.ActivityLists[o], side, is))
			}
		}
	}
	return out
}

// deletionMeaning says what the deletion of a record of an object does to its partner.
func deletionMeaning(pairs core.PairSet, d core.PairDef, side core.Side, o core.Object, does string) string {
	text := doneToPartner(pairs.Word(o), side, does)
	if d.Name == core.CompanyPair && side == core.HubSpot && (does == policy.Archive || does == policy.Delete) {
		text += ": " + policy.Cascade
	}
	return text
}

// doneToPartner says what a deletion on a side does to the partner. HubSpot keeps what is
// archived for 90 days, Salesforce what is deleted for 15 in its recycle bin.
func doneToPartner(word string, side core.Side, does string) string {
	who, there := "a "+word+" that is deleted in "+side.Label(), side.Other().Label()
	switch does {
	case policy.Archive, policy.Delete:
		return who + " takes its partner in " + there + " with it from now on (LIM-16); many at once wait for a person (brakes.deletes)"
	case policy.Flag:
		return who + " is marked in " + there + " from now on, and its partner stays"
	}
	return who + " leaves its partner in " + there + " as it is from now on"
}

// lifecycleMeaning says what the settings of lifecycle stages do, and to how many.
func lifecycleMeaning(old, next *config.Lifecycle, n standing) (out []string) {
	switch was, is := old.Moves(), next.Moves(); {
	case is && (!was || old.AutomaticTransitions != next.AutomaticTransitions || !reflect.DeepEqual(old.Stages, next.Stages)):
		out = append(out, "lifecycle stages move by what Salesforce has already, not by news alone (LIFE-3): "+n.of(core.ContactPair, personWords)+" are looked at at once, and those whose stage should be another are written in HubSpot")
	case was && !is:
		out = append(out, "lifecycle stages of people move no more by what happens in Salesforce; those that moved stay")
	}
	if is := next.CompanyFollows(); is != old.CompanyFollows() {
		out = append(out, map[bool]string{true: "companies take the lifecycle stage of their people (ACC-12): " + n.of(core.CompanyPair, companyWords) + " may be written", false: "companies keep their lifecycle stage, whatever becomes of their people"}[is])
	}
	if is := next.ContactsFollowCompany; is != old.ContactsFollowCompany {
		out = append(out, map[bool]string{true: "people take the lifecycle stage of their company (LIFE-6): one person's stage reaches all people of the company", false: "people keep their lifecycle stage, whatever becomes of their company"}[is])
	}
	return out
}

// campaignsMeaning says what the settings of campaigns do, and to how many.
func campaignsMeaning(old, next *config.Campaigns, n standing) (out []string) {
	switch was, is := old.Sync, next.Sync; {
	case is && !was:
		out = append(out, "the campaigns of "+n.of(core.ContactPair, personWords)+" are read, and HubSpot lists them in salesforcecampaignids from now on, those who are members already too")
	case was && !is:
		out = append(out, "campaigns are neither read nor written; memberships and the lists in HubSpot stay as they are")
	}
	if !next.Sync {
		return out
	}
	if is := next.FromHubSpot; is != old.FromHubSpot || !old.Sync && is != policy.CampaignsNothing {
		out = append(out, map[string]string{policy.CampaignsAdd: "a campaign added to the list in HubSpot makes a member in Salesforce", policy.CampaignsBoth: "a campaign added to the list in HubSpot makes a member in Salesforce, and one taken out of it ends the membership"}[is])
	}
	if len(next.Members) > 0 && !reflect.DeepEqual(old.Members, next.Members) {
		out = append(out, "properties stand for memberships of "+counted(len(next.Members), [2]string{"campaign", "campaigns"})+": who has a value in one becomes a member in Salesforce")
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// activitiesMeaning says what the switches of each type of activities do.
func activitiesMeaning(old, next *config.Activities) (out []string) {
	for _, o := range core.StandardPairs.Objects(core.ActivityPair)[core.HubSpot] {
		for _, side := range core.Sides {
			was, is := old.Of(o).From(side), next.Of(o).From(side)
			switch {
			case is && !was:
				out = append(out, fmt.Sprintf("%s pass from %s from now on where they are new or edited", o, side.Label()))
			case was && !is:
				out = append(out, fmt.Sprintf("%s pass no more from %s; what was made stays", o, side.Label()))
			}
		}
	}
	switch was, is := old.Timeline.On(), next.Timeline.On(); {
	case was && !is:
		out = append(out, "nothing that people do in HubSpot becomes a task any more; tasks that were made stay")
	case is && !reflect.DeepEqual(old.Timeline, next.Timeline):
		out = append(out, fmt.Sprintf("what people do in HubSpot from this moment on becomes tasks in Salesforce, at most %d a day; nothing that was before does, and no task is made a second time", next.Timeline.TasksADay))
	}
	return out
}

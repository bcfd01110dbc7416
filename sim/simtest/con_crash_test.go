package simtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// ofPeople is an import of leads and contacts of either side, one of whom is there on
// both already, and one of whom has an account.
var ofPeople = importing{world: peopleImport, args: engine.ImportArgs{Pair: core.ContactPair, Sides: core.Sides[:]}, finish: (*trial).finishPeople, sparse: true}

func peopleImport(t testing.TB) *trial {
	w := newTrial(t, people(), Before(func(w *World) {
		for i := range 3 {
			w.made(core.Contact, "LastName", fmt.Sprintf("C%d", i), "Email", fmt.Sprintf("c%d@x.com", i), "MailingCity", "Bergen")
			w.made(core.Lead, "LastName", fmt.Sprintf("L%d", i), "Company", "Co", "Email", fmt.Sprintf("l%d@x.com", i))
		}
		for i := range 2 {
			w.made(core.Contacts, "lastname", fmt.Sprintf("H%d", i), "company", "Co", "email", fmt.Sprintf("h%d@x.com", i))
		}
		w.made(core.Contacts, "lastname", "C0", "email", "c0@x.com")
		w.Advance(time.Hour)
	}), Settings(func(c *config.Connection) {
		c.Salesforce.SettleUnknown, c.HubSpot.SettleUnknown = config.Duration(time.Second), config.Duration(time.Second)
	}))
	w.Through(new(schemas).carry)
	return w
}

// finishPeople is the end of an import of people: everybody once on each side, with
// the same values, linked one to one.
func (w *trial) finishPeople() string {
	w.T.Helper()
	w.heal()
	var out []string
	for _, object := range []core.Object{core.Contact, core.Lead} {
		rows, err := w.Org.As(admin).Query("SELECT Id FROM " + string(object))
		w.must(err)
		for _, r := range rows {
			id := fmt.Sprint(r["Id"])
			hs := w.wantMate(id)
			key := map[core.Object]string{core.Contact: "salesforcecontactid", core.Lead: "salesforceleadid"}[object]
			w.want(core.Contacts, hs, key, id)
			out = append(out, strings.Join([]string{string(object), w.shown(object, id, "LastName"), w.shown(object, id, "Email"),
				w.shown(core.Contacts, hs, "lastname"), w.shown(core.Contacts, hs, "email"), w.shown(core.Contacts, hs, "city")}, " "))
		}
	}
	w.wantPersons(5, 3, 8)
	if open := w.openIssues(); len(open) > 0 {
		w.T.Errorf("%d open issues: %s", len(open), open[0].Message)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// TestP1_CrashAtEveryCommitOfAnImportOfPeople lets the process die before or after
// each commit: nobody is made twice, and the end is the same (I2).
func TestP1_CrashAtEveryCommitOfAnImportOfPeople(t *testing.T) { ofPeople.crash(t, 8) }

// TestP1_KillAroundTheCallOfAnImportOfPeople kills the process around every write
// call, sent or not.
func TestP1_KillAroundTheCallOfAnImportOfPeople(t *testing.T) { ofPeople.kill(t) }

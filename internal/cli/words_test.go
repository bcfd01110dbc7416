package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// A brake is released by its name alone, and who misspells it learns the names.
func TestResumeListsTheBrakes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	if code, _, errs := r.run("resume", "--clear-brake", "delete"); code != exitUsage || !strings.Contains(errs, "write one of deletes, emptied, changed") {
		t.Errorf("a misspelt brake: exit %d, %s", code, errs)
	}
	if code, _, errs := r.run("resume", "--clear-brake", "deletes"); code != exitNot || !strings.Contains(errs, "the brake deletes does not hold") || !strings.Contains(errs, "none") {
		t.Errorf("a brake that does not hold: exit %d, %s", code, errs)
	}
}

// A link that a person closed still says how it was made.
func TestUnlinkSaysWhatItDidAndKeepsTheRule(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	if out := r.must(0, "links", "unlink", "company", l.HubSpot); out != l.HubSpot+" has no partner any more; both records stay.\n" {
		t.Errorf("unlink says %q", out)
	}
	out := r.must(0, "links", "list", "company", "--state", "closed", "--json")
	if got := lastJSON[linkRow](t, out); got.Rule != l.Rule || got.Salesforce != l.Salesforce {
		t.Errorf("the closed link is %+v, was %+v", got, l)
	}
	if out := r.must(0, "explain", "company", l.HubSpot); !strings.Contains(out, "closed by a person (tandem links unlink)") {
		t.Errorf("explain says:\n%s", out)
	}
	r.must(0, "sync", "--once")
	if got := r.links(1)[0]; got.Salesforce == l.Salesforce {
		t.Error("the two are linked again")
	}
}

// An import of what is linked already says so, and the list tells a field issue from a
// record that failed.
func TestImportSaysWhatItHadToDo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	list := filepath.Join(r.dir, "list.csv")
	r.must(0, "import", "company", "--export", list)
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), ",field issue,\"option_unknown: ") || strings.Contains(string(text), ",failed,") {
		t.Errorf("the list is\n%s", text)
	}
	if out := r.must(0, "import", "company", "--from", "salesforce"); !strings.Contains(out, "had nothing to bring in") || strings.Contains(out, " 0 records") {
		t.Errorf("a second import says:\n%s", out)
	}
}

// Who lets a deletion pass to Salesforce is told what goes with an account.
func TestLIM16_SettingsTellWhatGoesWithAnAccount(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	text := r.must(0, "settings", "export")
	next := strings.Replace(text, "when_hubspot_deleted: nothing", "when_hubspot_deleted: delete", 1)
	if next == text {
		t.Fatalf("the export has no such setting:\n%s", text)
	}
	if res, _ := r.apply(0, next); !slices.ContainsFunc(res.Meaning, func(m string) bool {
		return strings.Contains(m, "Salesforce deletes an account's contacts along with it")
	}) {
		t.Errorf("settings apply says %+v", res)
	}
}

// Both records of a pair that wait are one line.
func TestWaitingListsAPairOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	s, err := store.Open(t.Context(), r.load().Store, store.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Connection(r.load().Connections[0].Name)
		if err != nil {
			return err
		}
		var marks []core.Dirty
		for _, id := range []string{l.Salesforce, l.HubSpot} {
			marks = append(marks, core.Dirty{Ref: engine.RefsFor(core.StandardPairs, core.CompanyPair, id)[0], Pair: core.CompanyPair, Reasons: core.ReasonEdit})
		}
		return tx.Mark(row.ID, marks)
	})
	if closed := s.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
	out := r.must(0, "waiting", "--json")
	if n := strings.Count(out, l.Salesforce) + strings.Count(out, l.HubSpot); n != 1 {
		t.Errorf("the pair is listed %d times:\n%s", n, out)
	}
	contains(t, r.must(0, "waiting"), "records in tandem status, which counts both records of a linked pair")
}

func TestOPT1_TheSyncLineCountsOptOuts(t *testing.T) {
	for said, n := range map[string]engine.Counts{
		"3 contacts updated, 4 opt-outs passed on, 1 opt-out taken back": {Updated: 3, OptOuts: 4, OptIns: 1},
		"1 contact created, 1 opt-out passed on, 2 issues of contacts":   {Created: 1, Issues: 2, OptOuts: 1},
		"1 opt-out passed on": {OptOuts: 1},
	} {
		if got := new(app).countsWords(map[string]engine.Counts{"contacts": n, "companies": {}}); got != said {
			t.Errorf("%+v is told as %q, want %q", n, got, said)
		}
	}
}

// TestTheSyncLineSaysWhatWasDone in the words of people, and nothing of what was not.
func TestTheSyncLineSaysWhatWasDone(t *testing.T) {
	a := &app{objects: append(slices.Clone(core.StandardPairs), core.PairDef{Name: "site", Plural: "site", Custom: true})}
	for said, objects := range map[string]map[string]engine.Counts{
		"nothing to write": {"companies": {}, "line_items": {}},
		"1 company created, 2 updated, 3 linked, 4 deleted; 2 line items updated; 1 issue of site records": {
			"companies": {Created: 1, Updated: 2, Linked: 3, Deleted: 4}, "deals": {}, "line_items": {Updated: 2}, "site": {Issues: 1}},
		"1 line item linked; 2 site records created, 1 deleted": {"line_items": {Linked: 1}, "site": {Created: 2, Deleted: 1}},
	} {
		if got := a.countsWords(objects); got != said {
			t.Errorf("%+v is told as %q, want %q", objects, got, said)
		}
	}
}

// TestAnImportThatFoundNothingClaimsNoLinks: there may be no record at all.
func TestAnImportThatFoundNothingClaimsNoLinks(t *testing.T) {
	if said := lookedAt(store.Run{Kind: "import"}); strings.Contains(said, "linked") || !strings.Contains(said, "no record without a partner") {
		t.Errorf("of an import without records: %s", said)
	}
	if said := lookedAt(store.Run{Kind: "import", Total: 1}); said != "looked at 1 record" {
		t.Errorf("of an import of one: %s", said)
	}
}

package simtest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// imported is a world whose companies, with their people, came from Salesforce by imports.
type imported struct {
	*World
	account, person, company, contact string
	companies, people                 int64 // the runs
}

// newImported imports a company and its contact, and lets HubSpot count its associations.
func newImported(t *testing.T, options ...Option) *imported {
	w := &imported{}
	w.World = New(t, append([]Option{people(), Before(func(one *World) {
		w.account = one.account("Edge")
		w.person = one.contact("Gonzalez", "rose@edge.example", w.account)
		one.Advance(time.Hour)
	})}, options...)...)
	w.Import()
	w.companies = w.runThatMade("create companies")
	w.people = w.importPeople(engine.ImportArgs{Sides: []core.Side{core.Salesforce}}).ID
	w.company, w.contact = w.partner(w.account), w.wantMate(w.person)
	w.wantAbout(core.Contacts, w.contact, core.Companies, w.company)
	w.again()
	w.Advance(time.Minute)
	return w
}

// runThatMade is the run that wrote so.
func (w *World) runThatMade(what string) int64 {
	w.T.Helper()
	for _, r := range w.runs() {
		if r.Wrote[what] > 0 {
			return r.Run
		}
	}
	w.T.Fatalf("no run wrote %s: %+v", what, w.runs())
	return 0
}

// undone undoes both imports, the people's first, and gives what is left alone, a record a
// line.
func (w *imported) undone() string {
	w.T.Helper()
	var said []string
	for _, run := range []int64{w.people, w.companies} {
		for _, l := range w.undo(engine.UndoArgs{Run: run, DeleteCreated: true}).Samples.Left {
			said = append(said, l.Ref.String()+": "+l.Code+": "+l.Why)
		}
	}
	return strings.Join(said, "\n")
}

// touches are what others do to a company or its contact, who keeps which of them, and what
// the undo says of it.
var touches = map[string]struct {
	by                         func(w *imported)
	keepsContact, keepsCompany bool
	says                       string
}{
	"nobody":               {by: func(*imported) {}},
	"an unmapped property": {func(w *imported) { w.change(core.Contacts, w.contact, "address", "Street 1") }, true, false, "address was written at "},
	"an unmapped property, set and cleared": {func(w *imported) {
		w.change(core.Companies, w.company, "address", "Street 1")
		w.change(core.Companies, w.company, "address", "")
	}, false, true, "address was written at "},
	"a mapped property":     {func(w *imported) { w.change(core.Contacts, w.contact, "jobtitle", "Boss") }, true, false, "jobtitle was "},
	"a note on the contact": {func(w *imported) { w.note(core.Contacts, w.contact) }, true, false, "it is associated with HubSpot note "},
	"a note on the company": {func(w *imported) { w.note(core.Companies, w.company) }, false, true, "it is associated with HubSpot note "},
	"an association": {func(w *imported) {
		w.portalCall("PUT", "/crm/v4/objects/contacts/"+w.contact+"/associations/default/companies/"+w.made(core.Companies, "name", "Far"), nil)
	}, true, false, "it is associated with HubSpot company "},
	"an association taken away": {func(w *imported) {
		w.portalCall("DELETE", "/crm/v4/objects/contacts/"+w.contact+"/associations/companies/"+w.company, nil)
	}, true, false, "was removed"},
	"a rule of the portal": {func(w *imported) {
		w.portalCall("POST", "/_sim/settings", map[string]any{"company_follows": true})
		w.change(core.Contacts, w.contact, "lifecyclestage", "opportunity")
		w.Advance(5 * time.Second)
	}, true, true, "by AUTOMATION_PLATFORM"},
	"a label": {func(w *imported) {
		label := w.portalCall("POST", "/crm/v4/associations/contacts/companies/labels", map[string]any{"label": "Friend", "name": "friend"})["results"].([]any)[0].(map[string]any)
		w.portalCall("PUT", "/crm/v4/objects/contacts/"+w.contact+"/associations/companies/"+w.company,
			[]any{map[string]any{"associationCategory": "USER_DEFINED", "associationTypeId": label["typeId"]}})
	}, true, true, "has the label Friend"},
	"what the integration may not read": {func(w *imported) {
		w.Through(func(_ core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, "/tickets/batch/read") {
				return next.RoundTrip(r)
			}
			body := `{"status":"error","message":"missing scopes","category":"MISSING_SCOPES","errors":[{"message":"tickets","context":{"requiredGranularScopes":["tickets"]}}]}`
			return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})
	}, true, true, "read its associations with tickets; grant the app these scopes and reconnect: tickets"},
	"a restored record": {func(w *imported) {
		w.portalCall("DELETE", "/crm/v3/objects/contacts/"+w.contact, nil)
		w.Advance(time.Minute)
		w.must(w.Portal.As(admin).Restore("contacts", w.contact))
	}, true, false, "no property's history tells by whom"},
}

// note writes a note about a record, as a person does.
func (w *imported) note(object core.Object, id string) {
	w.T.Helper()
	note := w.made(core.Notes, "hs_note_body", "Called", "hs_timestamp", w.Now().UTC().Format(time.RFC3339))
	w.portalCall("PUT", "/crm/v4/objects/notes/"+note+"/associations/default/"+string(object)+"/"+id, nil)
}

// TestLIM16_HubSpotsCountsAreNoTouchOfPeople: HubSpot counts the associations of the people
// and companies that an import made, which moves their versions. An undo archives them all the
// same, and keeps what anybody else touched, saying how.
func TestLIM16_HubSpotsCountsAreNoTouchOfPeople(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, touch := range touches {
			t.Run(name, func(t *testing.T) {
				w := newImported(t, profile)
				touch.by(w)
				w.Advance(time.Minute)
				said := w.undone()
				if got := w.stillStands(core.Contacts, w.contact); got != touch.keepsContact {
					t.Errorf("the contact stands: %v, want %v", got, touch.keepsContact)
				}
				if got := w.stillStands(core.Companies, w.company); got != touch.keepsCompany {
					t.Errorf("the company stands: %v, want %v", got, touch.keepsCompany)
				}
				if !strings.Contains(said, touch.says) || touch.says == "" && said != "" {
					t.Errorf("want %q said of what stays:\n%s", touch.says, said)
				}
			})
		}
	})
}

// TestLIM16_P1_AnUndoOfAnImportThatDied: whichever write of an import the process did not hear
// the answer of, the undo of all runs archives everything that they made, and nothing else.
func TestLIM16_P1_AnUndoOfAnImportThatDied(t *testing.T) { ofUndone.kill(t) }

func TestLIM16_P1_AnUndoOfAnImportThatDiedAtACommit(t *testing.T) { ofUndone.crash(t, 1) }

// TestLIM16_P1_AnAssociationNobodyHeardOfIsOurs: the process dies before it stores whom a person
// meets and hears that the association with the company was made; only the person's own side
// is imported again. The undo knows the association for its own.
func TestLIM16_P1_AnAssociationNobodyHeardOfIsOurs(t *testing.T) {
	imp := ofUndone
	imp.args.Sides = []core.Side{core.Salesforce}
	imp.dies = func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/associations/contacts/companies/batch/create")
	}
	imp.finish = func(w *trial) string {
		w.heal()
		w.Advance(time.Minute)
		for _, r := range w.runs() {
			for _, l := range w.undo(engine.UndoArgs{Run: r.Run, DeleteCreated: true}).Samples.Left {
				if l.Code == "changed_since" {
					w.T.Errorf("%s: %s", l.Ref, l.Why)
				}
			}
		}
		return ""
	}
	inBubble(t, func(t testing.TB) {
		if !imp.killAtCall(t, 1, true) {
			t.Error("no association was sent")
		}
	})
}

// ofUndone is an import of companies and people whose runs are all undone.
var ofUndone = importing{world: undoneImport, args: engine.ImportArgs{Pair: core.ContactPair, Sides: core.Sides[:]}, finish: (*trial).undoAll, parents: []core.Pair{core.CompanyPair}, sparse: true}

// undoneImport has people with accounts in Salesforce, and in HubSpot one whom both sides know
// and one with a company of its own.
func undoneImport(t testing.TB) *trial {
	w := newTrial(t, people(becomesContact), Before(func(w *World) {
		for i := range 3 {
			w.contact(fmt.Sprintf("C%d", i), fmt.Sprintf("c%d@x%d.example", i, i), w.account(fmt.Sprintf("A%d", i)))
		}
		w.person("C0", "c0@x0.example")
		w.company("Edge", w.person("Gonzalez", "rose@edge.example"))
		w.Advance(time.Hour)
	}), Settings(func(c *config.Connection) {
		c.Companies.CreateAccount = "always"
		c.Salesforce.SettleUnknown, c.HubSpot.SettleUnknown = config.Duration(time.Second), config.Duration(time.Second)
	}))
	w.Through(new(schemas).carry)
	return w
}

// undoAll undoes every run, the newest first, and gives what people made and what is left of
// the rest.
func (w *trial) undoAll() string {
	w.T.Helper()
	w.heal()
	if l, c, h := w.persons(); l != 0 || c != 4 || h != 4 {
		w.T.Errorf("the import came to %d leads, %d contacts and %d in HubSpot", l, c, h)
	}
	w.Advance(time.Minute)
	var said []string
	for _, r := range w.runs() {
		if len(r.Wrote) == 0 || r.Kind == "undo" {
			continue
		}
		for _, l := range w.undo(engine.UndoArgs{Run: r.Run, DeleteCreated: true}).Samples.Left {
			if l.Code == "changed_since" {
				said = append(said, l.Ref.String()+": "+l.Why)
			}
		}
	}
	if _, contacts, hubspot := w.persons(); contacts != 3 || hubspot != 2 || w.companyCount() != 1 || w.accounts() != 3 {
		w.T.Errorf("%d contacts, %d in HubSpot, %d companies and %d accounts are left, want 3, 2, 1 and 3:\n%s", contacts, hubspot, w.companyCount(), w.accounts(), strings.Join(said, "\n"))
	}
	return ""
}

// TestLIM16_DEAL1_ADealGoesWithItsLineItems: a run made a deal and a line item of it; the undo
// archives both, whatever HubSpot counted, and no deal that a person noted something on.
func TestLIM16_DEAL1_ADealGoesWithItsLineItems(t *testing.T) {
	for name, noted := range map[string]bool{"nobody": false, "a note": true} {
		t.Run(name, func(t *testing.T) {
			s := newSale(t)
			made := s.runThatMade("create deals")
			item := s.line("3")
			s.Sync()
			sold := s.runThatMade("create line_items")
			s.again()
			s.again()
			if noted {
				note := s.made(core.Notes, "hs_note_body", "Called", "hs_timestamp", s.Now().UTC().Format(time.RFC3339))
				s.about(core.Notes, note, core.Deals, s.dealMate)
			}
			mate := s.wantMateOf(core.LineItemPair, item)
			s.Advance(time.Minute)
			s.undo(engine.UndoArgs{Run: sold, DeleteCreated: true})
			s.undo(engine.UndoArgs{Run: made, DeleteCreated: true})
			if s.stillStands(core.LineItems, mate) || s.stillStands(core.Deals, s.dealMate) != noted {
				t.Errorf("the line item stands: %v, the deal: %v", s.stillStands(core.LineItems, mate), s.stillStands(core.Deals, s.dealMate))
			}
		})
	}
}

package simtest

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// many makes linked pairs in Bern.
func (w *World) many(n int) (pairs [][2]string) {
	w.T.Helper()
	for i := range n {
		pairs = append(pairs, [2]string{w.account(fmt.Sprintf("Account %d", i), "BillingCity", "Bern")})
	}
	w.Sync()
	for i := range pairs {
		pairs[i][1] = w.partner(pairs[i][0])
	}
	w.Advance(3 * time.Second)
	return pairs
}

// inCity counts the accounts whose city is the given one.
func (w *World) inCity(pairs [][2]string, city string) (n int) {
	for _, p := range pairs {
		if w.accountValue(p[0], "BillingCity") == city {
			n++
		}
	}
	return n
}

func (w *World) moveTo(pairs [][2]string, city string) {
	for _, p := range pairs {
		w.editCompany(p[1], "city", city)
	}
}

// TestLIM16_EverythingChangedBrakes blanks the city of every company.
func TestLIM16_EverythingChangedBrakes(t *testing.T) {
	w := New(t)
	pairs := w.many(25)
	w.moveTo(pairs, "")
	_, err := w.TrySync()
	wantCode(t, err, engine.CodeBrake)
	if n := w.inCity(pairs, "Bern"); n != 25 {
		t.Errorf("%d of 25 accounts kept their city", n)
	}
	w.Restart()
	_, err = w.TrySync()
	wantCode(t, err, engine.CodeBrake)
	w.must(w.Engine.Resume(t.Context(), w.Conn, string(core.BrakeChanged)))
	w.Sync()
	if n := w.inCity(pairs, ""); n != 25 {
		t.Errorf("%d of 25 accounts are blank after the brake was released", n)
	}
}

// TestLIM16_MassChangeIsMetBeforeMostOfItIsWritten edits more records than one
// batch holds.
func TestLIM16_MassChangeIsMetBeforeMostOfItIsWritten(t *testing.T) {
	w := New(t, Workers(1)) // one batch after the other: nothing but the first is counted
	pairs := w.many(300)
	w.moveTo(pairs, "")
	w.capture()
	_, err := w.TrySync()
	wantCode(t, err, engine.CodeBrake)
	if n := w.inCity(pairs, "Bern"); n != 300 {
		t.Errorf("%d of 300 accounts kept their city", n)
	}
}

// TestLIM16_HarmlessEditsBehindRealOnesDoNotBrake: two thirds of the companies move to another
// city, and behind these wait edits of all the others that only a filter looks at. A batch of
// nothing but real edits says nothing of those.
func TestLIM16_HarmlessEditsBehindRealOnesDoNotBrake(t *testing.T) {
	w := New(t, Workers(1), Settings(func(c *config.Connection) { c.Companies.Filter.FromHubSpot = `state != "gone"` }))
	pairs := w.many(300)
	w.moveTo(pairs[:200], "Rome")
	w.capture()
	w.Advance(time.Minute)
	for _, p := range pairs[200:] {
		w.editCompany(p[1], "state", "BE")
	}
	w.capture()
	if n := w.waiting(); n != 300 {
		t.Fatalf("%d wait, want 300", n)
	}
	w.Sync()
	if n := w.inCity(pairs, "Rome"); n != 200 {
		t.Errorf("%d of 200 accounts moved", n)
	}
}

// TestLIM16_AMassChangeAmongHarmlessEditsBrakes before any of it is written.
func TestLIM16_AMassChangeAmongHarmlessEditsBrakes(t *testing.T) {
	w := New(t, Workers(1), Settings(func(c *config.Connection) { c.Companies.Filter.FromHubSpot = `state != "gone"` }))
	pairs := w.many(300)
	for _, p := range pairs[:10] {
		w.editCompany(p[1], "state", "BE")
	}
	w.capture()
	w.Advance(time.Minute)
	w.moveTo(pairs[10:], "Rome")
	w.capture()
	_, err := w.TrySync()
	wantCode(t, err, engine.CodeBrake)
	if n := w.inCity(pairs, "Bern"); n != 300 {
		t.Errorf("%d of 300 accounts kept their city", n)
	}
}

// capture has the engine meet what changed without writing anything.
func (w *World) capture() {
	w.T.Helper()
	_, _, err := w.Engine.Plan(w.T.Context(), w.Conn, engine.PlanMeta{Pair: core.CompanyPair, Due: true}, nil)
	w.must(err)
}

// waiting counts the records that wait to be looked at.
func (w *World) waiting() (n int) {
	w.T.Helper()
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		all, err := tx.DirtyList(w.Conn.ID, core.Ref{}, 1000)
		n = len(all)
		return err
	}))
	return n
}

// TestLIM16_SmallRunsChangeNoMoreThanALargeOne edits a few companies ahead of
// each of several runs.
func TestLIM16_SmallRunsChangeNoMoreThanALargeOne(t *testing.T) {
	w := New(t)
	pairs := w.many(30)
	var err error
	for n := 0; n < 30 && err == nil; n += 6 {
		w.moveTo(pairs[n:n+6], "")
		w.Restart()
		_, err = w.TrySync()
		w.Advance(3 * time.Second)
	}
	wantCode(t, err, engine.CodeBrake)
	if n := w.inCity(pairs, "Bern"); n != 6 {
		t.Errorf("%d accounts kept their city, want the 6 of the last run", n)
	}
}

// TestLIM16_ChangesThatAreMeantDoNotBrake: one record that changes often, most
// records over the day, and what a person asks for.
func TestLIM16_ChangesThatAreMeantDoNotBrake(t *testing.T) {
	t.Run("one record again and again", func(t *testing.T) {
		w := New(t)
		pairs := w.many(20)
		for i := range 25 {
			w.moveTo(pairs[:1], fmt.Sprint("City ", i))
			w.Sync()
			w.Advance(3 * time.Second)
		}
	})
	t.Run("over hours", func(t *testing.T) {
		w := New(t)
		pairs := w.many(24)
		for _, part := range [][][2]string{pairs[:12], pairs[12:]} {
			w.moveTo(part, "Rome")
			w.Sync()
			w.Advance(61 * time.Minute)
		}
	})
	t.Run("a plan is applied", func(t *testing.T) {
		w := New(t)
		pairs := w.many(25)
		w.moveTo(pairs, "Rome")
		id, _, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Pair: core.CompanyPair, Due: true}, nil)
		w.must(err)
		done, err := w.Engine.Apply(t.Context(), w.Conn, id)
		w.must(err)
		if done.Applied != 25 {
			t.Errorf("%+v", done)
		}
	})
	t.Run("a resync of all", func(t *testing.T) {
		w := New(t)
		pairs := w.many(25)
		for _, p := range pairs { // named before the poll meets the edits
			w.must(w.Engine.Resync(t.Context(), w.Conn, core.CompanyPair, []string{p[1]}))
		}
		w.moveTo(pairs, "Rome")
		w.Sync()
	})
	t.Run("a field that joins the mapping", func(t *testing.T) {
		w := New(t)
		pairs := w.many(25)
		for _, p := range pairs {
			w.editAccount(p[0], "Fax", "1")
		}
		w.Restart(func(c *config.Connection) {
			c.Mappings["company"] = append(c.Mappings["company"], config.Mapping{HubSpot: "address", Salesforce: "Fax", Rule: "two_way"})
		})
		w.moveTo(pairs[:1], "Rome")
		_, err := w.Engine.StartImport(t.Context(), w.Conn, "backfill", engine.ImportArgs{Pair: core.CompanyPair, Sides: core.Sides[:], Linked: true})
		w.must(err)
		w.Sync()
	})
	t.Run("a higher limit", func(t *testing.T) {
		w := New(t, Settings(func(c *config.Connection) { c.Brakes.Changed.AtLeast = 26 }))
		w.moveTo(w.many(25), "")
		w.Sync()
	})
}

// TestLIM11_FilterThatDropsMostOfTheScopeBrakes narrows the filter of each side.
func TestLIM11_FilterThatDropsMostOfTheScopeBrakes(t *testing.T) {
	for _, side := range core.Sides {
		narrow := func(city string) func(*config.Connection) {
			return func(c *config.Connection) {
				c.Companies.Filter = config.Filter{FromSalesforce: fmt.Sprintf("BillingCity == %q", city)}
				if side == core.HubSpot {
					c.Companies.Filter = config.Filter{FromHubSpot: fmt.Sprintf("city == %q", city)}
				}
			}
		}
		t.Run(side.String(), func(t *testing.T) {
			w := New(t, Settings(func(c *config.Connection) { narrow("Bern")(c) }))
			w.account("elsewhere", "BillingCity", "Oslo")
			pairs := w.many(12)
			w.Restart(narrow("Rome"))
			w.editAccount(pairs[0][0], "Phone", "7")
			_, err := w.TrySync()
			wantCode(t, err, engine.CodeBrake)
			if got := w.brakes(); !slices.Equal(got, []string{"scope"}) {
				t.Errorf("brakes %q", got)
			}
			w.Restart()
			w.must(w.Engine.Resume(t.Context(), w.Conn, string(core.BrakeScope)))
			w.Sync()
			if x := w.Explain(pairs[0][0]); x.Verdict != engine.OutOfScope {
				t.Errorf("verdict %s after the release", x.Verdict)
			}
			w.Restart()
			w.Sync() // agreed once is enough
			w.Restart(narrow("Bern"))
			w.Sync() // a wider scope drops nothing
			w.Restart(narrow("Rome"))
			_, err = w.TrySync()
			wantCode(t, err, engine.CodeBrake) // agreed to before, but not from here
		})
	}
	t.Run("put back", func(t *testing.T) {
		w := New(t)
		pairs := w.many(12)
		w.Restart(func(c *config.Connection) { c.Companies.Filter.FromSalesforce = `BillingCity == "Rome"` })
		_, err := w.TrySync()
		wantCode(t, err, engine.CodeBrake)
		w.Restart(func(c *config.Connection) { c.Companies.Filter.FromSalesforce = `BillingCity == "Oslo"` })
		_, err = w.TrySync()
		wantCode(t, err, engine.CodeBrake) // other filters are no return to the former ones
		w.Restart(func(c *config.Connection) { c.Companies.Filter.FromSalesforce = "" })
		w.editAccount(pairs[0][0], "Phone", "7")
		w.Sync()
		if got := w.brakes(); len(got) != 0 || w.companyValue(pairs[0][1], "phone") != "7" {
			t.Errorf("brakes %q, phone %q", got, w.companyValue(pairs[0][1], "phone"))
		}
	})
	t.Run("half of the scope may go", func(t *testing.T) {
		w := New(t)
		pairs := w.many(24)
		w.moveTo(pairs[:12], "Rome")
		w.Sync()
		w.Restart(func(c *config.Connection) { c.Companies.Filter.FromSalesforce = `BillingCity == "Rome"` })
		w.Sync()
	})
}

// TestN15_ExpiredCursorBrakes leaves the engine off for longer than the sides keep
// their events.
func TestN15_ExpiredCursorBrakes(t *testing.T) {
	w := New(t, events())
	account, company := w.linked("Edge")
	w.serving()
	w.editCompany(company, "city", "Bern")
	w.accountShows(account, "BillingCity", "Bern")
	w.editAccount(account, "Phone", "1")
	w.companyShows(company, "phone", "1")
	w.stop()
	w.editCompany(company, "city", "Rome")
	w.editAccount(account, "Phone", "2")
	w.Advance(71 * time.Hour)
	w.Sync()
	w.wantValues(account, "BillingCity", "Rome", company, "city", "Rome")
	w.editCompany(company, "city", "Oslo")
	w.editAccount(account, "Phone", "3")
	w.Advance(73 * time.Hour)
	_, err := w.TrySync()
	wantCode(t, err, engine.CodeBrake)
	w.wantValues(account, "BillingCity", "Rome", company, "phone", "2")
	w.Restart()
	_, err = w.TrySync()
	wantCode(t, err, engine.CodeBrake)
	for range 2 { // one for each side
		w.must(w.Engine.Resume(t.Context(), w.Conn, w.brakes()...))
		if _, err = w.TrySync(); err == nil {
			break
		}
	}
	w.must(err)
	w.Sync()
	w.wantValues(account, "BillingCity", "Oslo", company, "city", "Oslo")
	w.wantValues(account, "Phone", "3", company, "phone", "3")
}

// TestP7_RestoredStoreBrakes puts yesterday's file back. HubSpot went back to the
// value that the old store holds as agreed, so that only Salesforce seems to have
// changed; it is HubSpot's that is new.
func TestP7_RestoredStoreBrakes(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge", "BillingCity", "Bern")
	path := strings.TrimPrefix(w.dsn, "sqlite://")
	w.must(w.Store.Close())
	backup, err := os.ReadFile(path)
	w.must(err)
	w.Open()
	w.editCompany(company, "city", "Rome")
	w.Sync()
	w.Advance(time.Hour)
	w.editCompany(company, "city", "Bern")
	w.must(w.Store.Close())
	w.must(os.WriteFile(path, backup, 0o600))
	for range 2 { // a restart is no release
		w.Open()
		_, err = w.TrySync()
		wantCode(t, err, engine.CodeBrake)
		if got := w.brakes(); !slices.Equal(got, []string{"store"}) {
			t.Fatalf("brakes %q", got)
		}
		w.must(w.Store.Close())
	}
	w.wantValues(account, "BillingCity", "Rome", company, "city", "Bern")
	w.Open()
	w.must(w.Engine.Resume(t.Context(), w.Conn, string(core.BrakeStore)))
	w.Sync()
	w.wantValues(account, "BillingCity", "Bern", company, "city", "Bern")
	if log := w.conflicts(); len(log) != 1 {
		t.Errorf("%d entries in the conflict log, want the one of the city", len(log))
	}
	w.Restart()
	w.Sync()
}

// TestO2_RecordsLinkedDuringASweepDoNotBrake links the first pair just after the
// portal has listed no companies.
func TestO2_RecordsLinkedDuringASweepDoNotBrake(t *testing.T) {
	w := New(t)
	met := false
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		res, err := next.RoundTrip(r)
		if side == core.HubSpot && !met && r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/objects/companies") {
			met = true
			l := &core.Link{Pair: core.CompanyPair, State: core.LinkActive}
			l.Refs[core.Salesforce] = core.Ref{Side: core.Salesforce, Object: core.Account, ID: w.account("Edge")}
			l.Refs[core.HubSpot] = core.Ref{Side: core.HubSpot, Object: core.Companies, ID: w.company("Edge")}
			w.must(w.Store.Update(r.Context(), func(tx *store.Tx) error { return tx.LinkInsert(w.Conn.ID, l) }))
		}
		return res, err
	})
	w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
	w.Sync()
	if !met {
		t.Error("no companies were listed")
	}
}

// brakes are the kinds of the brakes that halt the connection.
func (w *World) brakes() (kinds []string) {
	w.T.Helper()
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		all, err := tx.Brakes(w.Conn.ID)
		for _, b := range all {
			kinds = append(kinds, b.Kind)
		}
		return err
	}))
	return kinds
}

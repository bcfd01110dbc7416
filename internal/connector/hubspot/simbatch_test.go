package hubspot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tandem/internal/connector"
	"tandem/internal/connector/hubspot"
	"tandem/internal/connector/pace"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

func companyRef(id string) core.Ref {
	return core.Ref{Side: core.HubSpot, Object: core.Companies, ID: id}
}
func contactRef(id string) core.Ref {
	return core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: id}
}

var keySpec = connector.FieldSpec{Name: "tandem_key", Label: "Key", Type: "text", Unique: true, Group: "tandem"}

func ensure(t *testing.T, c *hubspot.Client, object core.Object) {
	t.Helper()
	got, err := c.Ensure(t.Context(), object, []connector.FieldSpec{keySpec})
	if err != nil || (got[0].State != "created" && got[0].State != "present") {
		t.Fatalf("%+v, %v", got, err)
	}
}

func company(i int) core.Op {
	return core.Op{Key: fmt.Sprintf("op-%d", i), Kind: core.OpCreate, Target: companyRef(""),
		Fields: map[string]string{"name": fmt.Sprintf("Company %d", i)}, UniqueField: "tandem_key", UniqueValue: fmt.Sprintf("001%015d", i)}
}

// paced is a client with the real limits between it and the portal.
func paced(t *testing.T, p *hubspotsim.Portal, share float64) (*hubspot.Client, *pace.Transport) {
	tr := pace.New(pace.Config{Side: core.HubSpot, Base: inProcess{p}, Classify: hubspot.Classify, Limits: hubspot.Limits(),
		Share: share, DailyCalls: 250000, Now: time.Now})
	return connect(t, p, func(cfg *hubspot.Config) {
		static(p)(cfg)
		cfg.Transport = tr
	}), tr
}

// TestAPI1_NoCallIsRefusedForLoadAtFullSpeed writes 20,000 records by several
// workers under the vendor's limits, with searches and reads beside them.
func TestAPI1_NoCallIsRefusedForLoadAtFullSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hubspotsim.New(hubspotsim.Options{Seed: 7, Limits: true, Latency: 80 * time.Millisecond})
		defer p.Close()
		c, tr := paced(t, p, 0.98)
		ensure(t, c, core.Companies)
		const records = 20000
		start := time.Now()
		var writers, others sync.WaitGroup
		batches := make(chan int)
		for range 8 {
			writers.Go(func() {
				for b := range batches {
					writeBatch(t, c, b)
				}
			})
		}
		others.Go(func() { searches(t, c, 20) })
		for b := range records / 100 {
			batches <- b
		}
		close(batches)
		writers.Wait()
		rate := records / time.Since(start).Seconds()
		others.Wait()
		stats := p.Stats()
		if stats.Rejected != 0 || stats.Records["companies"] != records {
			t.Errorf("%d calls refused, %d records", stats.Rejected, stats.Records["companies"])
		}
		if rate < 1800 {
			t.Errorf("%.0f records a second", rate)
		}
		if u := tr.Usage(); int64(u.Calls) != stats.Calls || u.Told.Max != 1_000_000 {
			t.Errorf("usage %+v, the portal counts %d calls", u, stats.Calls)
		}
	})
}

func writeBatch(t *testing.T, c *hubspot.Client, b int) {
	ops := make([]core.Op, 0, 100)
	for i := range 100 {
		ops = append(ops, company(b*100+i))
	}
	got, err := c.Write(connector.WithPriority(t.Context(), connector.Backfill), ops)
	if err != nil {
		t.Error(err)
		return
	}
	for _, o := range got {
		if o.Status != core.Applied {
			t.Errorf("%+v", o)
			return
		}
	}
}

func searches(t *testing.T, c *hubspot.Client, n int) {
	for range n {
		err := c.Scan(t.Context(), connector.Scan{Object: core.Contacts, Since: time.Now().Add(-time.Hour)}, func(connector.Page) error { return nil })
		if err != nil {
			t.Error(err)
		}
	}
}

func TestASlowAnswerLeavesTheOutcomeUnknownWhenTheCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hubspotsim.New(hubspotsim.Options{Seed: 7})
		defer p.Close()
		c := connect(t, p, static(p))
		ensure(t, c, core.Companies)
		f := hubspotsim.Fault{Do: "timeout_after", Times: 1}
		f.Match.Path = "batch/create"
		if err := p.Break(f); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		ops := make([]core.Op, 0, 150)
		for i := range 150 {
			ops = append(ops, company(i))
		}
		got, err := c.Write(ctx, ops)
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range got {
			if (i < 100) != (o.Status == core.Unknown) || (i >= 100) != (o.Status == core.Rejected && o.Class == core.ClassTransient) {
				t.Fatalf("op %d: %+v", i, o)
			}
		}
		if n := p.Stats().Records["companies"]; n != 100 {
			t.Errorf("%d records", n)
		}
	})
}

func TestUniqueConflictAsAValidationErrorIsADuplicateToo(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	mode := "validation"
	if err := p.Configure(hubspotsim.Settings{UniqueConflict: &mode}); err != nil {
		t.Fatal(err)
	}
	c := connect(t, p, nil)
	ensure(t, c, core.Companies)
	first, err := c.Write(t.Context(), []core.Op{company(1)})
	if err != nil {
		t.Fatal(err)
	}
	for name, ops := range map[string][]core.Op{"alone": {company(1)}, "among others": {company(2), company(1), company(3)}} {
		got, err := c.Write(t.Context(), ops)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(ops, func(op core.Op) bool { return op.Key == "op-1" })
		if o := got[i]; o.Status != core.Rejected || o.Class != core.ClassDuplicate || o.Existing != first[0].ID {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestContactsAreUniqueByAddress(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	c := connect(t, p, nil)
	id, err := p.As("Maria").Create("contacts", map[string]string{"email": "ann@x.example", "hs_additional_emails": "old@x.example"})
	if err != nil {
		t.Fatal(err)
	}
	ops := make([]core.Op, 0, 3)
	for i, email := range []string{"ANN@x.example", "old@x.example", "new@x.example"} {
		ops = append(ops, core.Op{Key: fmt.Sprint(i), Kind: core.OpCreate, Target: contactRef(""), Fields: map[string]string{"email": email}})
	}
	got, err := c.Write(t.Context(), ops)
	if err != nil || got[0].Existing != id || got[1].Existing != id || got[2].Status != core.Applied {
		t.Errorf("%+v, %v", got, err)
	}
	update := core.Op{Key: "u", Kind: core.OpUpdate, Target: contactRef(got[2].ID), Fields: map[string]string{"email": "ann@x.example"}}
	free := core.Op{Key: "f", Kind: core.OpUpdate, Target: contactRef(id), Fields: map[string]string{"city": "Bonn"}}
	got, err = c.Write(t.Context(), []core.Op{update, free})
	if err != nil || got[0].Class != core.ClassDuplicate || got[0].Existing != id || got[1].Status != core.Applied {
		t.Errorf("update to a taken address: %+v, %v", got, err)
	}
}

func TestAssociationsOfContacts(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	c := connect(t, p, nil)
	door := p.As("Maria")
	var companies []string
	for i := range 3 {
		id, err := door.Create("companies", map[string]string{"name": fmt.Sprint("Company ", i)})
		if err != nil {
			t.Fatal(err)
		}
		companies = append(companies, id)
	}
	create := core.Op{Key: "c", Kind: core.OpCreate, Target: contactRef(""), Fields: map[string]string{"lastname": "Lee"},
		Associate: companyRef(companies[0]), Primary: true}
	got, err := c.Write(t.Context(), []core.Op{create})
	if err != nil || got[0].Status != core.Applied {
		t.Fatalf("%+v, %v", got, err)
	}
	contact := contactRef(got[0].ID)
	link := func(company string, primary bool) {
		t.Helper()
		op := core.Op{Key: company, Kind: core.OpAssociate, Target: contact, Associate: companyRef(company), Primary: primary}
		if got, err := c.Write(t.Context(), []core.Op{op}); err != nil || got[0].Status != core.Applied {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	check := func(step string, want ...core.Relation) {
		t.Helper()
		got, err := c.Read(t.Context(), connector.Query{Object: core.Contacts, Values: []string{contact.ID}, Related: []core.Object{core.Companies}})
		if err != nil || !reflect.DeepEqual(got[0].Related[core.Companies], want) {
			t.Errorf("%s: %v, %v", step, got[0].Related, err)
		}
		var listed []core.Relation
		err = c.Scan(t.Context(), connector.Scan{Object: core.Contacts, Related: []core.Object{core.Companies}}, func(p connector.Page) error {
			for _, r := range p.Records {
				listed = append(listed, r.Related[core.Companies]...)
			}
			return nil
		})
		if err != nil || !reflect.DeepEqual(listed, want) {
			t.Errorf("%s: the list shows %v, %v", step, listed, err)
		}
	}
	check("created", core.Relation{ID: companies[0], Primary: true})
	link(companies[1], false)
	check("a second", core.Relation{ID: companies[0], Primary: true}, core.Relation{ID: companies[1]})
	link(companies[2], true)
	check("another primary", core.Relation{ID: companies[0]}, core.Relation{ID: companies[1]}, core.Relation{ID: companies[2], Primary: true})
	link(companies[1], true)
	check("primary of one that stands", core.Relation{ID: companies[0]}, core.Relation{ID: companies[1], Primary: true}, core.Relation{ID: companies[2]})
	missing := core.Op{Key: "m", Kind: core.OpAssociate, Target: contact, Associate: companyRef("999")}
	if got, err := c.Write(t.Context(), []core.Op{missing}); err != nil || got[0].Status == core.Applied || got[0].Status == core.Unknown {
		t.Errorf("associate with a company that is not there: %+v, %v", got, err)
	}
}

// TestNaughtyStringsSurviveOrAreRefusedByName: every string comes back as the
// portal stored it, or its record is refused with the field named.
func TestNaughtyStringsSurviveOrAreRefusedByName(t *testing.T) {
	data := os.Getenv("TANDEM_DATA")
	if data == "" {
		data = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	text, err := os.ReadFile(filepath.Join(data, "dirty-naughty-strings", "blns.json"))
	if err != nil {
		t.Skipf("the naughty strings are not on this machine (set TANDEM_DATA): %v", err)
	}
	var naughty []string
	if err := json.Unmarshal(text, &naughty); err != nil {
		t.Fatal(err)
	}
	p := newPortal(t, hubspotsim.Options{})
	c := connect(t, p, nil)
	ensure(t, c, core.Companies)
	ops := make([]core.Op, 0, len(naughty))
	for i, s := range naughty {
		op := company(i)
		op.Fields["name"], op.Fields["domain"] = s, "x.example"
		ops = append(ops, op)
	}
	got, err := c.Write(t.Context(), ops)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range got {
		switch {
		case o.Status == core.Rejected && slices.Equal(o.Fields, []string{"name"}):
		case o.Status != core.Applied:
			t.Errorf("%q: %+v", naughty[i], o)
		case o.Values["name"] != stored(p, o.ID):
			t.Errorf("%q came back as %q, is stored as %q", naughty[i], o.Values["name"], stored(p, o.ID))
		}
	}
}

func stored(p *hubspotsim.Portal, id string) string {
	fields, _ := p.As("Maria").Get("companies", id)
	return fields["name"]
}

func TestHistoryNamesOurOwnChanges(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	c := connect(t, p, nil)
	if _, err := c.Identity(t.Context()); err != nil { // learns the app's id
		t.Fatal(err)
	}
	door := p.As("Maria")
	id, err := door.Create("companies", map[string]string{"name": "One", "city": "Bonn"})
	if err != nil {
		t.Fatal(err)
	}
	op := core.Op{Key: "u", Kind: core.OpUpdate, Target: companyRef(id), Fields: map[string]string{"city": "Ulm"}}
	if _, err := c.Write(t.Context(), []core.Op{op}); err != nil {
		t.Fatal(err)
	}
	history, err := c.History(t.Context(), core.Companies, []string{id, "999"}, []string{"city", "name"})
	if err != nil || len(history) != 1 {
		t.Fatalf("%v, %v", history, err)
	}
	city := history[id]["city"]
	if len(city) != 2 || city[0].Value != "Ulm" || !city[0].Own || city[1].Value != "Bonn" || city[1].Own || city[1].Source != "CRM_UI" || city[0].At.Before(city[1].At) {
		t.Errorf("city %+v", city)
	}
	if got := slices.Sorted(maps.Keys(history[id])); strings.Join(got, " ") != "city name" {
		t.Errorf("properties %v", got)
	}
}

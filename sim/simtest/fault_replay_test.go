package simtest

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// organisation is a real one: its values at the beginning of the change stream.
type organisation struct {
	id     string
	values map[string]string
}

// registryField is where a field of the registry is kept on each side.
type registryField struct {
	name, account, company string
	limit                  int // characters that the org takes
}

// registryFields are all fields that the change stream changes. What no CRM has
// a field for stands in a text field that is free.
var registryFields = []registryField{
	{"name", "Name", "name", 255},
	{"website", "Website", "website", 255},
	{"city", "BillingCity", "city", 40},
	{"country_code", "BillingCountry", "country", 80},
	{"aliases", "Description", "description", 32000},
	{"established", "YearStarted", "founded_year", 4},
	{"parent", "Site", "address2", 80},
	{"status", "AccountNumber", "address", 40},
	{"successor", "TickerSymbol", "zip", 20},
}

// change is one real change of an organisation's field.
type change struct{ id, field, value string }

// registry reads the active organisations and their real changes; the
// organisations are put back to where the changes begin.
func registry(t testing.TB) (orgs []organisation, changes []change) {
	dir := os.Getenv("TANDEM_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir = filepath.Join(dir, "ror-organizations")
	f, err := os.Open(filepath.Join(dir, "organizations.csv"))
	if err != nil {
		t.Skipf("the real organisations are not there; set TANDEM_DATA to the folder that holds ror-organizations: %v", err)
	}
	defer f.Close()
	byID := map[string]int{}
	r := csv.NewReader(f)
	head, err := r.Read()
	for err == nil {
		var row []string
		if row, err = r.Read(); err != nil {
			break
		}
		get := func(name string) string { return row[slices.Index(head, name)] }
		if get("status") == "active" {
			byID[get("id")] = len(orgs)
			o := organisation{get("id"), map[string]string{}}
			for _, f := range registryFields {
				o.values[f.name] = get(f.name)
			}
			orgs = append(orgs, o)
		}
	}
	if err != io.EOF {
		t.Fatal(err)
	}
	return orgs, rewind(t, dir, orgs, byID)
}

// rewind reads the changes, oldest first, and gives each field that they touch
// the value it had before its first change.
func rewind(t testing.TB, dir string, orgs []organisation, byID map[string]int) (changes []change) {
	f, err := os.Open(filepath.Join(dir, "updates.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	touched := map[string]bool{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var u struct {
			ID   string
			Diff map[string][2]any
		}
		if err := json.Unmarshal(lines.Bytes(), &u); err != nil {
			t.Fatal(err)
		}
		n, active := byID[u.ID]
		if !active {
			continue // withdrawn since: it is in nobody's CRM
		}
		for _, f := range registryFields {
			values, ok := u.Diff[f.name]
			if !ok {
				continue
			}
			before, after := plain(values[0]), plain(values[1])
			if f.name == "aliases" { // these name what was added, not what there was
				before = ""
			}
			if !touched[u.ID+f.name] {
				orgs[n].values[f.name], touched[u.ID+f.name] = before, true
			}
			changes = append(changes, change{u.ID, f.name, after})
		}
	}
	return changes
}

// plain is a value of the registry as a CRM's text: lists are joined.
func plain(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case []any:
		var parts []string
		for _, e := range x {
			parts = append(parts, plain(e))
		}
		return strings.Join(parts, "; ")
	}
	return ""
}

// sampled keeps some organisations, half of them such as change, and their
// changes.
func sampled(orgs []organisation, changes []change, n int, rng *rand.Rand) ([]organisation, []change) {
	if n >= len(orgs) {
		return orgs, changes
	}
	changing := map[string]bool{}
	for _, c := range changes {
		changing[c.id] = true
	}
	rng.Shuffle(len(orgs), func(i, j int) { orgs[i], orgs[j] = orgs[j], orgs[i] })
	kept := map[string]bool{}
	var out []organisation
	room := map[bool]int{true: n / 2, false: n - n/2}
	for _, o := range orgs {
		if c := changing[o.id]; room[c] > 0 {
			room[c]--
			kept[o.id] = true
			out = append(out, o)
		}
	}
	return out, slices.DeleteFunc(changes, func(c change) bool { return !kept[c.id] })
}

// registryWorld maps the fields two ways.
func registryWorld() Option {
	var ms []config.Mapping
	for _, f := range registryFields {
		ms = append(ms, config.Mapping{HubSpot: f.company, Salesforce: f.account, Rule: "two_way"})
	}
	return Mappings(ms...)
}

// TestReplay_RealChangesEndEqualOnBothSides imports real organisations and
// replays their real changes as edits of users, two thirds in the org and a
// third in the portal. At the end each value is that of the last edit on both
// sides, or an open issue names the field, or both sides changed it between two
// syncs and the conflict log keeps the edit that was overruled. TANDEM_FULL=1
// takes all of them.
func TestReplay_RealChangesEndEqualOnBothSides(t *testing.T) {
	orgs, changes := registry(t)
	n := 2000
	if os.Getenv("TANDEM_FULL") == "1" {
		n = len(orgs)
	}
	orgs, changes = sampled(orgs, changes, n, rand.New(rand.NewPCG(7, 7)))
	bubble(t, func(t testing.TB) { replay(t, orgs, changes) })
}

// replaying is a replay under way.
type replaying struct {
	*trial
	account map[string]string // by the registry's id
	company map[string]string
	want    map[string]map[string]string
	edits   int
	refused int // by the org itself: a user could not have made the edit
	idle    int // of what stands on that side already: no change
}

// standing is the value of a field on a side.
func (p *replaying) standing(inPortal bool, id string, f registryField) string {
	p.T.Helper()
	if inPortal {
		return p.companyValue(p.company[p.account[id]], f.company)
	}
	return p.accountValue(p.account[id], f.account)
}

func replay(t testing.TB, orgs []organisation, changes []change) {
	p := &replaying{account: map[string]string{}, company: map[string]string{}, want: map[string]map[string]string{}}
	p.trial = newTrial(t, registryWorld(), Before(func(w *World) {
		p.trial = &trial{w}
		for _, o := range orgs {
			p.begin(o)
		}
		w.Advance(time.Hour)
	}))
	_, err := p.Engine.StartImport(t.Context(), p.Conn, "import", importArgs)
	p.must(err)
	p.heal()
	for _, pr := range p.pairs() {
		p.company[pr.account] = pr.company
	}
	rng := rand.New(rand.NewPCG(11, 11))
	for chunk := range slices.Chunk(changes, max(1, len(changes)/12)) {
		for _, c := range chunk {
			p.edit(rng, c)
			time.Sleep(3 * time.Second) // more than the doubt about the clocks
		}
		if _, err := p.syncFor(time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	p.finish(orgs)
}

// begin makes an organisation's account; what the org does not take is left out.
func (p *replaying) begin(o organisation) {
	fields := map[string]any{}
	p.want[o.id] = map[string]string{}
	for _, f := range registryFields {
		if v := o.values[f.name]; v != "" && len([]rune(v)) <= f.limit {
			fields[f.account], p.want[o.id][f.name] = v, v
		}
	}
	id, err := p.Org.As(admin).Create("Account", fields)
	p.must(err)
	p.account[o.id] = id
}

// edit has a user make a change.
func (p *replaying) edit(rng *rand.Rand, c change) {
	p.T.Helper()
	account := p.account[c.id]
	f := registryFields[slices.IndexFunc(registryFields, func(f registryField) bool { return f.name == c.field })]
	inPortal := rng.IntN(3) == 0
	if p.standing(inPortal, c.id, f) == c.value {
		p.idle++ // nothing changes there, so nobody can tell that anybody meant it
		return
	}
	if inPortal {
		p.must(p.Portal.As(admin).Update("companies", p.company[account], map[string]string{f.company: c.value}))
	} else if err := p.Org.As(admin).Update("Account", account, map[string]any{f.account: blankNil(c.value)}); err != nil {
		p.refused++
		return
	}
	p.edits++
	p.want[c.id][c.field] = c.value
}

// finish judges the end by records and ledgers.
func (p *replaying) finish(orgs []organisation) {
	p.T.Helper()
	time.Sleep(time.Minute)
	res, err := p.syncFor(time.Hour)
	if err != nil || !res.Converged {
		p.T.Fatalf("last sync: %+v %v", res, err)
	}
	p.noTwins()
	named := map[string]bool{}
	for _, i := range p.issues() {
		named[i.Ref.ID+strings.ToLower(i.Field)] = true
	}
	lost := map[string]bool{}
	for _, c := range p.lost() {
		lost[c.Lost] = true
	}
	excused, overruled := 0, 0
	for _, o := range orgs {
		account := p.account[o.id]
		company := p.company[account]
		for _, f := range registryFields {
			sf, hs, want := p.accountValue(account, f.account), p.companyValue(company, f.company), p.want[o.id][f.name]
			if sf == hs && sf == strings.TrimSpace(want) { // as the org keeps it
				continue
			}
			if sf == hs && lost[want] { // both sides changed it, and the org tells no time of a field
				overruled++
				continue
			}
			if named[account+strings.ToLower(f.account)] || named[company+strings.ToLower(f.account)] || named[account+f.company] || named[company+f.company] {
				excused++
				continue
			}
			p.T.Errorf("%s %s: account %q, company %q, last edit %q", o.id, f.name, sf, hs, want)
		}
	}
	p.counts(len(orgs), excused, overruled)
}

// counts compares the numbers of writes in the ledgers with the edits.
func (p *replaying) counts(orgs, excused, overruled int) {
	p.T.Helper()
	made := p.created()
	if len(made[core.HubSpot]) != orgs || len(made[core.Salesforce]) != 0 {
		p.T.Errorf("%d companies and %d accounts were created, want %d and none", len(made[core.HubSpot]), len(made[core.Salesforce]), orgs)
	}
	mapped := map[string]bool{}
	for _, f := range registryFields {
		mapped[f.account], mapped[f.company] = true, true
	}
	ours := 0
	for _, e := range p.Org.Ledger() {
		if e.Client == p.client() && e.Op == "update" && mapped[e.Field] {
			ours++
		}
	}
	for _, e := range p.Portal.Ledger() {
		if e.Source == "INTEGRATION" && e.Op == "update" && mapped[e.Property] {
			ours++
		}
	}
	if ours > p.edits || p.edits == 0 {
		p.T.Errorf("%d field writes of ours for %d edits (I7)", ours, p.edits)
	}
	p.T.Logf("%d organisations, %d edits replayed (%d more the org itself refused, %d changed nothing on their side), %d field writes of ours, %d differences named by issues, %d edits overruled and in the conflict log", orgs, p.edits, p.refused, p.idle, ours, excused, overruled)
}

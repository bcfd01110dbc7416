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
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
)

// organisation is a real one: its values at the beginning of the change stream.
type organisation struct {
	id     string
	values map[string]string // name, website, city
}

// change is one real change of an organisation's field.
type change struct{ id, field, value string }

// registry reads the active organisations and the real changes of their names,
// websites and cities; the organisations are put back to where the changes begin.
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
			orgs = append(orgs, organisation{get("id"), map[string]string{"name": get("name"), "website": get("website"), "city": get("city")}})
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
		for _, field := range []string{"name", "website", "city"} {
			values, ok := u.Diff[field]
			if !ok || !active {
				continue
			}
			before, _ := values[0].(string)
			after, _ := values[1].(string)
			if !touched[u.ID+field] {
				orgs[n].values[field], touched[u.ID+field] = before, true
			}
			changes = append(changes, change{u.ID, field, after})
		}
	}
	return changes
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

// registryWorld maps the three fields two ways.
func registryWorld() Option {
	return Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name", Rule: "two_way"},
		config.Mapping{HubSpot: "website", Salesforce: "Website", Rule: "two_way"},
		config.Mapping{HubSpot: "city", Salesforce: "BillingCity", Rule: "two_way"})
}

var orgField = map[string]string{"name": "Name", "website": "Website", "city": "BillingCity"}

// TestReplay_RealChangesEndEqualOnBothSides imports real organisations and
// replays their real changes as edits of users, two thirds in the org and a
// third in the portal. At the end each value is that of the last edit on both
// sides, or an open issue names the field. TANDEM_FULL=1 takes all of them.
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
	for field, limit := range map[string]int{"name": 255, "website": 255, "city": 40} {
		if v := o.values[field]; v != "" && len([]rune(v)) <= limit {
			fields[orgField[field]], p.want[o.id][field] = v, v
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
	if rng.IntN(3) == 0 {
		p.must(p.Portal.As(admin).Update("companies", p.company[account], map[string]string{c.field: c.value}))
	} else if err := p.Org.As(admin).Update("Account", account, map[string]any{orgField[c.field]: blankNil(c.value)}); err != nil {
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
	excused := 0
	for _, o := range orgs {
		account := p.account[o.id]
		company := p.company[account]
		for field, sfField := range orgField {
			sf, hs, want := p.accountValue(account, sfField), p.companyValue(company, field), p.want[o.id][field]
			if sf == hs && sf == want {
				continue
			}
			if named[account+strings.ToLower(sfField)] || named[company+strings.ToLower(sfField)] || named[account+field] || named[company+field] {
				excused++
				continue
			}
			p.T.Errorf("%s %s: account %q, company %q, last edit %q", o.id, field, sf, hs, want)
		}
	}
	p.counts(len(orgs), excused)
}

// counts compares the numbers of writes in the ledgers with the edits.
func (p *replaying) counts(orgs, excused int) {
	p.T.Helper()
	made := p.created()
	if len(made[core.HubSpot]) != orgs || len(made[core.Salesforce]) != 0 {
		p.T.Errorf("%d companies and %d accounts were created, want %d and none", len(made[core.HubSpot]), len(made[core.Salesforce]), orgs)
	}
	ours := 0
	for _, e := range p.Org.Ledger() {
		if e.Client == p.client() && e.Op == "update" && slices.Contains([]string{"Name", "Website", "BillingCity"}, e.Field) {
			ours++
		}
	}
	for _, e := range p.Portal.Ledger() {
		if e.Source == "INTEGRATION" && e.Op == "update" && orgField[e.Property] != "" {
			ours++
		}
	}
	if ours > p.edits || p.edits == 0 {
		p.T.Errorf("%d field writes of ours for %d edits (I7)", ours, p.edits)
	}
	p.T.Logf("%d organisations, %d edits replayed (%d more the org itself refused), %d field writes of ours, %d differences named by issues", orgs, p.edits, p.refused, ours, excused)
}

package simtest

import (
	"fmt"
	"html"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// column is a pair of fields of the random records: what its sides may hold, some of it
// more than the other side has room for, and how to tell, from the vendors' documents
// alone, that the two hold the same.
type column struct {
	spec          salesforcesim.FieldSpec
	kind, display string // of the property
	options       []string
	make          [2]func(r *rand.Rand) string
	same          func(sf, hs string) bool
}

func oneOf(all ...string) func(r *rand.Rand) string {
	return func(r *rand.Rand) string { return all[r.IntN(len(all))] }
}

// randomMoment lies between two years, on a whole second.
func randomMoment(r *rand.Rand, from, to int) time.Time {
	first, last := time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Date(to, 12, 30, 0, 0, 0, 0, time.UTC).Unix()
	return time.Unix(first+r.Int64N(last-first), 0).UTC()
}

func momentText(from, to int, layout string) func(r *rand.Rand) string {
	return func(r *rand.Rand) string { return randomMoment(r, from, to).Format(layout) }
}

func numberText(whole int64, places int) func(r *rand.Rand) string {
	return func(r *rand.Rand) string {
		return new(big.Rat).SetFrac64(r.Int64N(2*whole)-whole, int64(pow10(places))).FloatString(places)
	}
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

func lineText(most int) func(r *rand.Rand) string {
	letters := []rune("aZ9 éß漢😀<&>\"'.,;\n")
	return func(r *rand.Rand) string {
		out := []rune{'x'}
		for range r.IntN(most) {
			out = append(out, letters[r.IntN(len(letters))])
		}
		return string(append(out, 'x'))
	}
}

// distance is how far two numbers are from each other; nil where one is none.
func distance(sf, hs string, factor int64) *big.Rat {
	a, ok := new(big.Rat).SetString(sf)
	b, also := new(big.Rat).SetString(hs)
	if !ok || !also {
		return nil
	}
	d := a.Sub(a, b.Mul(b, big.NewRat(factor, 1)))
	return d.Abs(d)
}

func sameNumber(factor int64) func(sf, hs string) bool {
	return func(sf, hs string) bool {
		d := distance(sf, hs, factor)
		return d != nil && d.Sign() == 0
	}
}

// rounded reports that a number with two digits behind the point is the other one, once
// rounded.
func rounded(sf, hs string) bool {
	d := distance(sf, hs, 1)
	return d != nil && d.Sign() > 0 && d.Cmp(big.NewRat(1, 200)) <= 0
}

func sameText(sf, hs string) bool { return sf == hs }

func sameSet(sf, hs string) bool {
	a, b := strings.Split(sf, ";"), strings.Split(hs, ";")
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// dayIn is the day that a clock in a zone shows.
func dayIn(zone, moment string) string {
	z, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	t, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		return moment
	}
	return t.In(z).Format(time.DateOnly)
}

const randomZone = "Pacific/Auckland"

var columns = []column{
	{spec: salesforcesim.FieldSpec{Name: "Day", Type: "Date"}, kind: "date", display: "date", same: sameText,
		make: [2]func(*rand.Rand) string{momentText(1700, 4000, time.DateOnly), momentText(1600, 4100, time.DateOnly)}},
	{spec: salesforcesim.FieldSpec{Name: "Moment", Type: "DateTime"}, kind: "datetime", display: "date", same: sameText,
		make: [2]func(*rand.Rand) string{momentText(1700, 3999, time.RFC3339), momentText(1650, 4050, time.RFC3339)}},
	{spec: salesforcesim.FieldSpec{Name: "Start", Type: "DateTime"}, kind: "date", display: "date", same: func(sf, hs string) bool { return dayIn(randomZone, sf) == hs },
		make: [2]func(*rand.Rand) string{momentText(1900, 2100, time.RFC3339), momentText(1900, 2100, time.DateOnly)}},
	{spec: salesforcesim.FieldSpec{Name: "Until", Type: "Date"}, kind: "datetime", display: "date", same: func(sf, hs string) bool { return sf == dayIn(randomZone, hs) },
		make: [2]func(*rand.Rand) string{momentText(1900, 2100, time.DateOnly), momentText(1900, 2100, time.RFC3339)}},
	{spec: salesforcesim.FieldSpec{Name: "Opens", Type: "Time"}, kind: "string", display: "text",
		same: func(sf, hs string) bool { return strings.HasPrefix(sf, strings.TrimSuffix(hs, "Z")) },
		make: [2]func(*rand.Rand) string{momentText(2000, 2001, "15:04:05.000Z"), func(r *rand.Rand) string {
			return randomMoment(r, 2000, 2001).Format([]string{"15:04", "15:04:05", "3 o'clock"}[r.IntN(3)])
		}}},
	{spec: salesforcesim.FieldSpec{Name: "Score", Type: "Number", Precision: 10, Scale: 2}, kind: "number", display: "number", same: sameNumber(1),
		make: [2]func(*rand.Rand) string{numberText(9_999_999_999, 2), numberText(99_999_999_999, 3)}},
	{spec: salesforcesim.FieldSpec{Name: "Price", Type: "Currency", Precision: 14, Scale: 2}, kind: "number", display: "number", same: sameNumber(1),
		make: [2]func(*rand.Rand) string{numberText(99_999_999_999_999, 2), numberText(99_999_999_999_999, 2)}},
	{spec: salesforcesim.FieldSpec{Name: "Discount", Type: "Percent", Precision: 5, Scale: 2}, kind: "number", display: "percentage", same: sameNumber(100),
		make: [2]func(*rand.Rand) string{numberText(99_999, 2), numberText(99_999, 4)}},
	{spec: salesforcesim.FieldSpec{Name: "Line", Type: "Text", Length: 40}, kind: "string", display: "text", same: sameText, make: [2]func(*rand.Rand) string{lineText(38), lineText(50)}},
	{spec: salesforcesim.FieldSpec{Name: "Memo", Type: "LongTextArea", Length: 500}, kind: "string", display: "textarea", same: sameText, make: [2]func(*rand.Rand) string{lineText(400), lineText(600)}},
	{spec: salesforcesim.FieldSpec{Name: "Story", Type: "Html", Length: 4000}, kind: "string", display: "textarea",
		same: func(sf, hs string) bool { return seenWords(sf) == strings.Join(strings.Fields(hs), " ") },
		make: [2]func(*rand.Rand) string{func(r *rand.Rand) string { return "<p>" + html.EscapeString(lineText(60)(r)) + "</p><b>end</b>" }, lineText(200)}},
	{spec: salesforcesim.FieldSpec{Name: "Active", Type: "Checkbox"}, kind: "bool", display: "booleancheckbox", options: []string{"true", "false"}, same: sameText,
		make: [2]func(*rand.Rand) string{oneOf("true", "false"), oneOf("true", "false")}},
	{spec: salesforcesim.FieldSpec{Name: "Tier", Type: "Picklist", Values: []string{"Gold", "Silver", "Wood"}, Restricted: true}, kind: "enumeration", display: "select",
		options: []string{"Gold", "Silver", "Tin"}, same: sameText, make: [2]func(*rand.Rand) string{oneOf("Gold", "Silver", "Wood"), oneOf("Gold", "Silver", "Tin")}},
	{spec: salesforcesim.FieldSpec{Name: "Areas", Type: "MultiselectPicklist", Values: []string{"North", "South", "West"}, Restricted: true}, kind: "enumeration", display: "checkbox",
		options: []string{"West", "North", "South", "Moon"}, same: sameSet, make: [2]func(*rand.Rand) string{oneOf("North", "North;West", "South;West"), oneOf("West", "West;North", "Moon;West", "South;North;West")}},
}

// seenWords are the words of the HTML that this test writes or reads.
func seenWords(markup string) string {
	for _, tag := range []string{"<p>", "</p>", "<br>"} {
		markup = strings.ReplaceAll(markup, tag, " ")
	}
	markup = strings.NewReplacer("<b>", "", "</b>", "").Replace(markup)
	return strings.Join(strings.Fields(html.UnescapeString(markup)), " ")
}

func (c *column) names() [2]string {
	return [2]string{c.spec.Name + "__c", strings.ToLower(c.spec.Name)}
}

// addColumns makes the fields and properties.
func (w *World) addColumns() {
	for _, c := range columns {
		c.spec.Object, c.spec.Label = "Account", c.spec.Name
		w.must(w.Org.AddField(c.spec))
		display := c.display
		if display == "percentage" {
			display = "number"
		}
		w.property(c.names()[core.HubSpot], c.kind, display, c.options...)
		if display != c.display {
			w.portalCall("PATCH", "/crm/v3/properties/companies/"+c.names()[core.HubSpot], map[string]any{"numberDisplayHint": c.display})
		}
	}
}

func columnMappings() []config.Mapping {
	out := []config.Mapping{{HubSpot: "name", Salesforce: "Name"}}
	for _, c := range columns {
		out = append(out, config.Mapping{Salesforce: c.names()[core.Salesforce], HubSpot: c.names()[core.HubSpot], Rule: "two_way"})
	}
	return out
}

// inField is a text as the door of the org wants it.
func (c *column) inField(text string) any {
	switch c.spec.Type {
	case "Number", "Currency", "Percent":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			panic(err)
		}
		return n
	case "Checkbox":
		return text == "true"
	}
	return text
}

// random makes records on both sides and gives what was written, by id and field.
func (w *World) random(n int) (made map[core.Ref]map[string]string) {
	r := rand.New(rand.NewPCG(5, 15))
	made = map[core.Ref]map[string]string{}
	for i := range n {
		account, company := map[string]any{"Name": fmt.Sprint("Account ", i)}, map[string]string{"name": fmt.Sprint("Company ", i)}
		wrote := [2]map[string]string{{}, {}}
		for _, c := range columns {
			for side, name := range c.names() {
				wrote[side][name] = c.make[side](r)
			}
			account[c.names()[core.Salesforce]] = c.inField(wrote[core.Salesforce][c.names()[core.Salesforce]])
			company[c.names()[core.HubSpot]] = wrote[core.HubSpot][c.names()[core.HubSpot]]
		}
		a, err := w.Org.As(admin).Create("Account", account)
		w.must(err)
		h, err := w.Portal.As(admin).Create("companies", company)
		w.must(err)
		made[core.Ref{Side: core.Salesforce, Object: core.Account, ID: a}] = wrote[core.Salesforce]
		made[core.Ref{Side: core.HubSpot, Object: core.Companies, ID: h}] = wrote[core.HubSpot]
	}
	return made
}

// outcome counts the values that are the same on both sides, and those that an issue
// keeps apart.
type outcome struct{ equal, kept int }

// wantSameOrTold compares the two sides of a record: each value is the same, or an issue
// of its field says why not, the source holds what was written and the other side what
// it held.
func (w *World) wantSameOrTold(ref core.Ref, wrote map[string]string, issues map[string]core.Issue) (n outcome) {
	w.T.Helper()
	var ids [2]string
	ids[ref.Side], ids[ref.Side.Other()] = ref.ID, w.partner(ref.ID)
	if ids[ref.Side.Other()] == "" {
		w.T.Fatalf("%s has no partner: %+v", ref.ID, w.Explain(ref.ID))
	}
	for _, c := range columns {
		names := c.names()
		now := [2]string{w.accountValue(ids[core.Salesforce], names[core.Salesforce]), w.companyValue(ids[core.HubSpot], names[core.HubSpot])}
		if from := wrote[names[ref.Side]]; now[ref.Side] != from && c.kind != "number" {
			w.T.Errorf("%s of %s was %q and is %q", names[ref.Side], ref.Side, from, now[ref.Side])
		}
		issue, told := issues[ref.ID+" "+names[ref.Side.Other()]]
		blank := map[string]string{"Checkbox": "false"}[c.spec.Type]
		switch same := c.same(now[core.Salesforce], now[core.HubSpot]); {
		case same && !told:
			n.equal++
		case !same && told && (now[ref.Side.Other()] == blank || issue.Code == "adapted" && rounded(now[core.Salesforce], now[core.HubSpot])):
			n.kept++
		default:
			w.T.Errorf("%s is %q in Salesforce and %q in HubSpot, from %s; issue %v %+v", names[core.Salesforce], now[core.Salesforce], now[core.HubSpot], ref.Side, told, issue)
		}
	}
	return n
}

// TestCONV1_MAP2_RandomRecordsPassOrKeepTheOriginal: records of both sides with values of
// every kind, some of which the other side cannot hold.
func TestCONV1_MAP2_RandomRecordsPassOrKeepTheOriginal(t *testing.T) {
	var made map[core.Ref]map[string]string
	w := New(t, Org(func(o *salesforcesim.Options) { o.TimeZone = randomZone }), Before(func(w *World) {
		w.addColumns()
		made = w.random(40)
	}), Mappings(columnMappings()...), Settings(func(c *config.Connection) { c.Companies.CreateAccount = "always" }))
	_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: core.Sides[:]})
	w.must(err)
	w.Sync()
	issues := map[string]core.Issue{}
	for _, i := range w.openIssues() {
		issues[i.Ref.ID+" "+i.Field] = i
	}
	var all outcome
	for ref, wrote := range made {
		n := w.wantSameOrTold(ref, wrote, issues)
		all.equal, all.kept = all.equal+n.equal, all.kept+n.kept
	}
	if all.equal < 900 || all.kept < 50 || all.equal+all.kept != len(made)*len(columns) {
		t.Errorf("%+v: the records are not what they are meant to be", all)
	}
	at := w.Now()
	w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
	w.Advance(3 * time.Second)
	w.Sync()
	if n := w.ours(at); n != [2]int{} {
		t.Errorf("what came back is written again: %v", n)
	}
}

package simtest

import (
	"cmp"
	"fmt"
	"html"
	"maps"
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
	standard      [2]string // the names of a pair that both sides have by themselves
	kind, display string    // of the property
	options       []string
	values        map[string]string
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

// corners are the moments about which clocks and calendars are wrong: leap days and years that
// have none, both ends of a daylight saving time on either half of the earth, the day that Samoa
// left out, and the first and last that Salesforce takes.
var corners = []string{"1700-01-01T00:00:00Z", "1900-03-01T00:00:00Z", "2000-02-29T23:59:59Z", "2024-02-29T11:00:00Z", "2026-03-08T10:00:00Z", "2026-11-01T06:30:00Z",
	"2026-09-26T14:00:00Z", "2026-04-04T14:30:00Z", "2011-12-30T12:00:00Z", "2011-12-31T09:59:59Z", "4000-12-31T00:00:00Z"}

// momentText is any moment between two years, and one in three times a corner of them.
func momentText(from, to int, layout string) func(r *rand.Rand) string {
	return func(r *rand.Rand) string {
		at := randomMoment(r, from, to)
		if corner, err := time.Parse(time.RFC3339, corners[r.IntN(len(corners))]); err == nil && r.IntN(3) == 0 && from <= corner.Year() && corner.Year() <= to {
			at = corner
		}
		return at.Format(layout)
	}
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

// homeland is the country of all addresses, whose state is one of the columns.
const homeland = "United States"

// nations are the countries that both sides have.
var nations = map[string]string{"AU": "Australia", "CA": "Canada"}

// columnsIn are the columns of an org in a time zone.
func columnsIn(zone string) []column {
	return []column{
		{spec: salesforcesim.FieldSpec{Name: "Day", Type: "Date"}, kind: "date", display: "date", same: sameText,
			make: [2]func(*rand.Rand) string{momentText(1700, 4000, time.DateOnly), momentText(1600, 4100, time.DateOnly)}},
		{spec: salesforcesim.FieldSpec{Name: "Moment", Type: "DateTime"}, kind: "datetime", display: "date", same: sameText,
			make: [2]func(*rand.Rand) string{momentText(1700, 3999, time.RFC3339), momentText(1650, 4050, time.RFC3339)}},
		{spec: salesforcesim.FieldSpec{Name: "Start", Type: "DateTime"}, kind: "date", display: "date", same: func(sf, hs string) bool { return dayIn(zone, sf) == hs },
			make: [2]func(*rand.Rand) string{momentText(1900, 2100, time.RFC3339), momentText(1900, 2100, time.DateOnly)}},
		{spec: salesforcesim.FieldSpec{Name: "Until", Type: "Date"}, kind: "datetime", display: "date", same: func(sf, hs string) bool { return sf == dayIn(zone, hs) },
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
		{standard: [2]string{"Phone", "phone"}, same: sameText, make: [2]func(*rand.Rand) string{phoneText, phoneText}},
		{standard: [2]string{"BillingState", "state"}, same: sameText, make: [2]func(*rand.Rand) string{oneOf("California", "Texas", "Washington"), oneOf("California", "Texas", "Nowhere")}},
		{standard: [2]string{"ShippingCountryCode", "nation"}, kind: "enumeration", display: "select", options: []string{"Australia", "Canada", "Atlantis"}, values: nations,
			same: func(sf, hs string) bool { return nations[sf] == hs && (sf == "") == (hs == "") },
			make: [2]func(*rand.Rand) string{oneOf("AU", "CA", "DE"), oneOf("Australia", "Canada", "Atlantis")}},
	}
}

// seenWords are the words of the HTML that this test writes or reads.
func seenWords(markup string) string {
	for _, tag := range []string{"<p>", "</p>", "<br>"} {
		markup = strings.ReplaceAll(markup, tag, " ")
	}
	markup = strings.NewReplacer("<b>", "", "</b>", "").Replace(markup)
	return strings.Join(strings.Fields(html.UnescapeString(markup)), " ")
}

// phoneText is a number as people type it.
func phoneText(r *rand.Rand) string {
	n := fmt.Sprintf("%07d", r.IntN(1e7))
	return oneOf("+1 (415) "+n[:3]+"-"+n[3:], "415."+n[:3]+"."+n[3:], "00 49 "+n+" ext. 7", n)(r)
}

func (c *column) names() [2]string {
	if c.standard[0] != "" {
		return c.standard
	}
	return [2]string{c.spec.Name + "__c", strings.ToLower(c.spec.Name)}
}

// randomWorld is a world with a field and a property of every column.
type randomWorld struct {
	*World
	columns []column
}

// addColumns makes the fields and properties.
func (w *randomWorld) addColumns() {
	w.Org.EnablePlacePicklists()
	for _, c := range w.columns {
		if c.standard[0] == "" {
			c.spec.Object, c.spec.Label = "Account", c.spec.Name
			w.must(w.Org.AddField(c.spec))
		}
		if c.kind == "" {
			continue
		}
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

func (w *randomWorld) mappings() []config.Mapping {
	out := []config.Mapping{{HubSpot: "name", Salesforce: "Name"}, {HubSpot: "country", Salesforce: "BillingCountry", Rule: "two_way"}}
	for _, c := range w.columns {
		out = append(out, config.Mapping{Salesforce: c.names()[core.Salesforce], HubSpot: c.names()[core.HubSpot], Rule: "two_way", Values: c.values})
	}
	return out
}

// number reports that the column's values may be written in several ways.
func (c *column) number() bool { return c.kind == "number" }

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

// fill writes every column of one side: what is written, and as the org's door wants it.
func (w *randomWorld) fill(r *rand.Rand, side core.Side) (wrote map[string]string, account map[string]any) {
	wrote, account = map[string]string{}, map[string]any{"BillingCountry": homeland}
	for _, c := range w.columns {
		name := c.names()[side]
		wrote[name] = c.make[side](r)
		account[name] = c.inField(wrote[name])
	}
	return wrote, account
}

// random makes records on both sides and gives what was written, by id and field.
func (w *randomWorld) random(n int) (made map[core.Ref]map[string]string) {
	r := rand.New(rand.NewPCG(5, 15))
	made = map[core.Ref]map[string]string{}
	for i := range n {
		wrote, account := w.fill(r, core.Salesforce)
		account["Name"] = fmt.Sprint("Account ", i)
		id, err := w.Org.As(admin).Create("Account", account)
		w.must(err)
		made[core.Ref{Side: core.Salesforce, Object: core.Account, ID: id}] = wrote
		wrote, _ = w.fill(r, core.HubSpot)
		company := maps.Clone(wrote)
		company["name"], company["country"] = fmt.Sprint("Company ", i), homeland
		id, err = w.Portal.As(admin).Create("companies", company)
		w.must(err)
		made[core.Ref{Side: core.HubSpot, Object: core.Companies, ID: id}] = wrote
	}
	return made
}

// scramble has a person edit every column of a record, and gives what was written.
func (w *randomWorld) scramble(r *rand.Rand, ref core.Ref) map[string]string {
	w.T.Helper()
	wrote, account := w.fill(r, ref.Side)
	if ref.Side == core.Salesforce {
		w.must(w.Org.As(admin).Update("Account", ref.ID, account))
	} else {
		w.must(w.Portal.As(admin).Update("companies", ref.ID, wrote))
	}
	return wrote
}

// outcome counts the values that are the same on both sides, and those that an issue
// keeps apart.
type outcome struct{ equal, kept int }

// mateRef is the ref of the record that one is linked with.
func (w *randomWorld) mateRef(ref core.Ref) core.Ref {
	w.T.Helper()
	other := core.Ref{Side: ref.Side.Other(), Object: [2]core.Object{core.Account, core.Companies}[ref.Side.Other()], ID: w.partner(ref.ID)}
	if other.ID == "" {
		w.T.Fatalf("%s has no partner: %+v", ref.ID, w.Explain(ref.ID))
	}
	return other
}

// shown is what a record shows in a column; a box that nobody ticked is false.
func (w *randomWorld) shown(ref core.Ref, c *column) string {
	w.T.Helper()
	if ref.Side == core.HubSpot {
		return w.companyValue(ref.ID, c.names()[core.HubSpot])
	}
	return cmp.Or(w.accountValue(ref.ID, c.names()[core.Salesforce]), map[string]string{"Checkbox": "false"}[c.spec.Type])
}

// columnsOf are the values of the columns that a record shows.
func (w *randomWorld) columnsOf(ref core.Ref) map[string]string {
	w.T.Helper()
	out := map[string]string{}
	for i := range w.columns {
		out[w.columns[i].names()[ref.Side]] = w.shown(ref, &w.columns[i])
	}
	return out
}

// wantSameOrTold compares the two sides of a record that was written: each value is the same, or
// an issue of the field that did not get it says why not, the record holds what was written and
// the other side what it held.
func (w *randomWorld) wantSameOrTold(ref core.Ref, wrote, held map[string]string, issues map[string]core.Issue) (n outcome) {
	w.T.Helper()
	mate := w.mateRef(ref)
	for i := range w.columns {
		c := &w.columns[i]
		from, to := c.names()[ref.Side], c.names()[ref.Side.Other()]
		var now [2]string
		now[ref.Side], now[mate.Side] = w.shown(ref, c), w.shown(mate, c)
		if now[ref.Side] != wrote[from] && !c.number() {
			w.T.Errorf("%s of %s was %q and is %q", from, ref.Side, wrote[from], now[ref.Side])
		}
		issue, told := w.issueOf(issues, ref, mate, to)
		was := held[to]
		if held == nil && mate.Side == core.Salesforce && c.spec.Type == "Checkbox" {
			was = "false"
		}
		switch same := c.same(now[core.Salesforce], now[core.HubSpot]); {
		case same && !told:
			n.equal++
		case !same && told && (now[mate.Side] == was || issue.Code == "adapted" && rounded(now[core.Salesforce], now[core.HubSpot])):
			n.kept++
		default:
			w.T.Errorf("%s is %q in Salesforce and %q in HubSpot, from %s, was %q; issue %v %+v", c.names()[core.Salesforce], now[core.Salesforce], now[core.HubSpot], ref.Side, was, told, issue)
		}
	}
	return n
}

// issueOf is the issue of a field of either record of a pair.
func (w *randomWorld) issueOf(issues map[string]core.Issue, ref, mate core.Ref, field string) (core.Issue, bool) {
	for _, id := range []string{ref.ID, mate.ID} {
		if i, told := issues[id+" "+field]; told {
			return i, true
		}
	}
	return core.Issue{}, false
}

// wantAllSameOrTold judges all records that were written; held is what their partners held before.
func (w *randomWorld) wantAllSameOrTold(wrote, held map[core.Ref]map[string]string) {
	w.T.Helper()
	issues := map[string]core.Issue{}
	for _, i := range w.openIssues() {
		issues[i.Ref.ID+" "+i.Field] = i
	}
	var all outcome
	for _, ref := range slices.SortedFunc(maps.Keys(wrote), core.Ref.Compare) {
		n := w.wantSameOrTold(ref, wrote[ref], held[w.mateRef(ref)], issues)
		all.equal, all.kept = all.equal+n.equal, all.kept+n.kept
	}
	if all.equal < 10*len(wrote) || all.kept < len(wrote)/2 || all.equal+all.kept != len(wrote)*len(w.columns) {
		w.T.Errorf("%+v: the records are not what they are meant to be", all)
	}
}

// TestCONV1_MAP2_RandomRecordsPassOrKeepTheOriginal: records of both sides with values of
// every kind, some of which the other side cannot hold; and then every value is edited where it
// came to. On both sides of the date line, and where the clocks are changed.
func TestCONV1_MAP2_RandomRecordsPassOrKeepTheOriginal(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, zone := range someInClassic(t, 2, []string{"Pacific/Apia", "America/New_York", "Pacific/Auckland", "Pacific/Pago_Pago"}) {
			t.Run(zone, func(t *testing.T) { randomRecords(t, zone, profile) })
		}
	})
}

func randomRecords(t *testing.T, zone string, profile Option) {
	var made map[core.Ref]map[string]string
	w := &randomWorld{columns: columnsIn(zone)}
	w.World = New(t, profile, Org(func(o *salesforcesim.Options) { o.TimeZone = zone }), Before(func(world *World) {
		w.World = world
		w.addColumns()
		made = w.random(30)
	}), Mappings(w.mappings()...), Settings(func(c *config.Connection) {
		c.Companies.CreateAccount, c.Brakes.Changed.AtLeast = "always", 1000
	}))
	_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: core.Sides[:]})
	w.must(err)
	w.Sync()
	w.wantAllSameOrTold(made, nil)

	r := rand.New(rand.NewPCG(8, 16))
	edited, held := map[core.Ref]map[string]string{}, map[core.Ref]map[string]string{}
	w.Advance(time.Hour)
	for _, ref := range slices.SortedFunc(maps.Keys(made), core.Ref.Compare) {
		there := w.mateRef(ref)
		held[ref], edited[there] = w.columnsOf(ref), w.scramble(r, there)
	}
	w.Advance(3 * time.Second)
	w.Sync()
	w.wantAllSameOrTold(edited, held)

	at := w.Now()
	w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
	w.Advance(3 * time.Second)
	w.Sync()
	if n := w.ours(at); n != [2]int{} {
		t.Errorf("what came back is written again: %v", n)
	}
	w.wantAllSameOrTold(edited, held)
}

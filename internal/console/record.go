package console

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// longQuery is how many bytes a search may have.
const longQuery = 300

// findPage looks for records. One that is found alone, or with its partner alone, is
// shown at once.
func (c *Console) findPage(v *visit) error {
	q := strings.TrimSpace(v.r.URL.Query().Get("q"))
	if q == "" {
		return v.show(findView(v, "", nil))
	}
	if len(q) > longQuery {
		return misused("What you look for is longer than any name, address or id.")
	}
	o := v.order()
	o.IDs = []string{q}
	var found []engine.Found
	if err := c.Do(v.r.Context(), "find", o, &found); err != nil {
		return err
	}
	if one, ok := single(found); ok {
		return v.to(v.at("records", string(one.Pair), one.Record.ID))
	}
	return v.show(findView(v, q, found))
}

// single is the record that all found ones are, or are linked with.
func single(found []engine.Found) (one engine.Found, ok bool) {
	if len(found) == 0 {
		return one, false
	}
	one = found[0]
	for _, f := range found[1:] {
		if f.Link == nil || one.Link == nil || f.Link.State != core.LinkActive || *f.Link != *one.Link {
			return one, false
		}
	}
	return one, true
}

// card is what the page of a record shows.
type card struct {
	*engine.Explanation
	pair core.Pair
	id   string // as the address has it
	crm  [2]string
	said string // what was just done, blank for nothing
	// pulse is that of the record when the card was made.
	pulse string
}

func (c *Console) recordPage(v *visit) error {
	x, err := c.card(v.r.Context(), v)
	if err != nil {
		return err
	}
	x.said = doneWords[v.r.URL.Query().Get("done")]
	if x.Verdict == engine.NotFound {
		v.w.WriteHeader(http.StatusNotFound)
	}
	return v.show(recordView(v, x))
}

// doneWords say what an action did.
var doneWords = map[string]string{
	"resync": "The record is looked at now. This page shows what comes of it.",
	"unlink": "The link is closed. Both records stay, and nothing but a person links them again.",
	"link":   "The two records are linked, and are compared now.",
}

func (c *Console) card(ctx context.Context, v *visit) (*card, error) {
	e, conn, o, err := c.asked(ctx, v)
	if err != nil {
		return nil, err
	}
	x := &card{Explanation: &engine.Explanation{}, pair: o.Pair, id: o.IDs[0]}
	if x.pulse, err = c.pulse(ctx, e, conn, o); err != nil { // before the look: what happens meanwhile is news
		return nil, err
	}
	if err := c.Do(ctx, "explain", o, x.Explanation); err != nil {
		return nil, err
	}
	x.crm = crmLinks(conn, x)
	return x, nil
}

// asked is the order about the record of a page, with its connection.
func (c *Console) asked(ctx context.Context, v *visit) (e *engine.Engine, conn *engine.Conn, o Order, err error) {
	o = v.order()
	o.Pair, o.IDs = core.Pair(v.r.PathValue("pair")), []string{v.r.PathValue("id")}
	if e, conn, err = c.Stored(ctx, v.connection); err != nil {
		return e, conn, o, err
	}
	if !slices.Contains(conn.Pairs.Names(), o.Pair) {
		return e, conn, o, notFound("There is no object " + string(o.Pair) + ".")
	}
	return e, conn, o, engine.CheckID(conn.Pairs, o.Pair, o.IDs[0])
}

// crmLinks are the addresses of both records in their CRMs, blank where there is none or
// its place is not known: Salesforce's at its My Domain, HubSpot's in its app
// (knowledge.hubspot.com, "Find a record's URL").
func crmLinks(conn *engine.Conn, x *card) [2]string { return recordAddresses(conn, x.pair, idsOf(x)) }

// recordAddresses are crmLinks of two ids.
func recordAddresses(conn *engine.Conn, p core.Pair, ids [2]string) (out [2]string) {
	if id := ids[core.Salesforce]; id != "" {
		if u, err := url.Parse(conn.Settings.Salesforce.LoginURL); err == nil && u.Host != "" {
			out[core.Salesforce] = u.Scheme + "://" + u.Host + "/" + id
		}
	}
	number := map[core.Pair]string{core.ContactPair: "0-1", core.CompanyPair: "0-2", core.DealPair: "0-3", core.TicketPair: "0-5", core.ProductPair: "0-7"}[p]
	if id := ids[core.HubSpot]; id != "" && number != "" && conn.Accounts[core.HubSpot].ID != "" {
		out[core.HubSpot] = "https://app.hubspot.com/contacts/" + url.PathEscape(conn.Accounts[core.HubSpot].ID) + "/record/" + number + "/" + url.PathEscape(id)
	}
	return out
}

// idsOf are the ids of the record and its partner by side, blank where there is none.
func idsOf(x *card) (out [2]string) {
	if l := x.Link; l != nil && l.State != core.LinkClosed {
		return [2]string{l.Salesforce, l.HubSpot}
	}
	out[sideNamed(x.Record.Side)] = x.Record.ID
	return out
}

func sideNamed(name string) core.Side {
	if name == core.HubSpot.String() {
		return core.HubSpot
	}
	return core.Salesforce
}

// recordEvery is how often it is looked whether something happened to a record.
const recordEvery = 500 * time.Millisecond

// recordLive sends the card of a record whenever something became of it since the page saw
// it. It asks the store, and both sides only when that tells of news.
func (c *Console) recordLive(v *visit) error {
	e, conn, o, err := c.asked(v.r.Context(), v)
	if err != nil {
		return err
	}
	seen := v.r.URL.Query().Get("seen")
	c.live(v, recordEvery, func(ctx context.Context) (templ.Component, error) {
		now, err := c.pulse(ctx, e, conn, o)
		if err != nil || now == seen {
			return nil, err
		}
		x, err := c.card(ctx, v)
		if err != nil {
			return nil, err
		}
		seen = x.pulse
		return recordCard(v, x), nil
	})
	return nil
}

// pulse is a text that differs once something happened to a record.
func (c *Console) pulse(ctx context.Context, e *engine.Engine, conn *engine.Conn, o Order) (string, error) {
	x, err := e.ExplainStored(ctx, conn, o.Pair, o.IDs[0])
	if err != nil || x == nil {
		return "", err
	}
	text := fmt.Sprint(x.Verdict, x.Pending, len(x.Issues), x.Halt != nil, x.Link != nil)
	if x.Link != nil {
		text += fmt.Sprint(*x.Link)
	}
	if len(x.History) > 0 {
		text += x.History[0].At.String()
	}
	return keyOf(text)[:16], nil
}

func (v *visit) back(o Order, done string) error {
	return v.to(v.at("records", string(o.Pair), o.IDs[0]) + "?done=" + done)
}

// resync looks at the record again on a person's word (CARD-1, CARD-2).
func (c *Console) resync(v *visit) error {
	_, _, o, err := c.asked(v.r.Context(), v)
	if err != nil {
		return err
	}
	if err := c.Do(v.r.Context(), "resync", o, nil); err != nil {
		return err
	}
	if err := c.note(v, v.who.Name, "resync", map[string]string{"connection": v.connection, "object": string(o.Pair), "id": o.IDs[0]}); err != nil {
		return err
	}
	return v.back(o, "resync")
}

func (c *Console) unlink(v *visit) error {
	_, _, o, err := c.asked(v.r.Context(), v)
	if err != nil {
		return err
	}
	if err := c.Do(v.r.Context(), "unlink", o, nil); err != nil {
		return err
	}
	return v.back(o, "unlink")
}

// link joins the record with one of the other side.
func (c *Console) link(v *visit) error {
	_, conn, o, err := c.asked(v.r.Context(), v)
	if err != nil {
		return err
	}
	both := o
	if both.IDs, err = bothIDs(conn, o.Pair, o.IDs[0], strings.TrimSpace(v.r.PostFormValue("with"))); err != nil {
		return err
	}
	if err := c.Do(v.r.Context(), "link", both, nil); err != nil {
		return err
	}
	return v.back(o, "link")
}

// bothIDs are the ids of two records of a pair, Salesforce's first.
func bothIDs(conn *engine.Conn, p core.Pair, id, with string) ([]string, error) {
	if err := engine.CheckID(conn.Pairs, p, with); err != nil {
		return nil, err
	}
	side := func(id string) core.Side { return engine.RefsFor(conn.Pairs, p, id)[0].Side }
	switch {
	case side(id) == side(with):
		return nil, misused("Both ids are of the same side. A link joins a record of Salesforce with one of HubSpot.")
	case side(id) == core.Salesforce:
		return []string{id, with}, nil
	}
	return []string{with, id}, nil
}

// verdictLine says a verdict in a sentence.
func verdictLine(x *card) string {
	switch {
	case x.Halt != nil && x.Verdict == engine.Pending:
		return x.Halt.Message
	case x.FieldsLeft() == 1:
		return "In step but for one field"
	case x.FieldsLeft() > 1:
		return fmt.Sprintf("In step but for %d fields", x.FieldsLeft())
	}
	words := x.Verdict.Words()
	return strings.ToUpper(words[:1]) + words[1:]
}

// because is the reason of a verdict, blank where the verdict says it all.
func because(x *card) string {
	switch {
	case x.Halt != nil && x.Verdict == engine.Pending:
		return x.Halt.Mend
	case x.Verdict == engine.Blocked && len(x.Issues) > 0:
		return x.Issues[0].Message
	case len(x.Rules) > 0:
		return x.Rules[len(x.Rules)-1].Facts["because"]
	}
	return ""
}

func verdictTone(v engine.Verdict) string {
	switch v {
	case engine.InSync:
		return "good"
	case engine.Pending:
		return "busy"
	case engine.Blocked:
		return "bad"
	}
	return "idle"
}

// fact is one thing that a rule saw.
type fact struct{ name, value string }

func facts(of map[string]string) (out []fact) {
	for _, k := range slices.Sorted(maps.Keys(of)) {
		out = append(out, fact{k, recordWords(of[k])})
	}
	return out
}

// recordWords is a record in words where a text names one as programs do.
func recordWords(text string) string {
	if r, ok := core.ParseRef(text); ok {
		return r.Label()
	}
	return text
}

// change is one value that a write changed.
type change struct{ field, before, after string }

func changes(w engine.Write) (out []change) {
	for _, k := range slices.Sorted(maps.Keys(w.After)) {
		out = append(out, change{k, w.Before[k], w.After[k]})
	}
	return out
}

// undoable reports that an entry of the history tells of values that were changed, in a record
// that is there.
func undoable(h engine.HistoryView) bool {
	return h.Run != 0 && !h.Redacted && h.Became == "" && slices.ContainsFunc(h.Writes, func(w engine.Write) bool { return w.Kind == core.OpUpdate && w.Status == core.Applied })
}

func objectWords(r engine.RecordView) string {
	return sideNamed(r.Side).Label() + " " + string(r.Object)
}

func nameOrID(r engine.RecordView) string { return cmp.Or(r.Name, r.ID) }

// comparedText is how two values are compared, where that is not as they are stored.
func comparedText(f engine.FieldView) string {
	c := f.Compared
	switch {
	case c.Salesforce == f.SalesforceValue && c.HubSpot == f.HubSpotValue:
		return ""
	case c.Salesforce == c.HubSpot:
		return "compared as " + c.Salesforce
	}
	return "compared as " + c.Salesforce + " and " + c.HubSpot
}

// acts reports that the visitor may act on records.
func (v *visit) acts() bool { return v.may(store.Operator) }

// linkWords say how the link stands; since when follows.
func linkWords(l *engine.LinkView) string {
	ids := "Salesforce " + l.Salesforce + " and HubSpot " + l.HubSpot
	switch {
	case l.Unlinked:
		return ids + " were linked, until a person closed the link; it was made "
	case l.State == core.LinkActive:
		return ids + " are linked, since "
	case l.State == core.LinkParked:
		return ids + " were linked; the link is parked, because a partner was merged or erased; it was made "
	}
	return ids + " were linked; the link is closed; it was made "
}

// ruleNames are the rules of mappings as HubSpot's settings name them.
var ruleNames = map[string]string{"prefer_salesforce": "Prefer Salesforce unless blank", "always_salesforce": "Always use Salesforce", "two_way": "Two-way", "none": "Don't sync"}

func ruleWords(rule string) string { return cmp.Or(ruleNames[rule], rule) }

func meaningOf(id string) string { return policy.Meaning(id) }

func outcomeWords(outcome string) string { return strings.ReplaceAll(outcome, "_", " ") }

// otherwiseWords say what another cause to look at the record would lead to.
func otherwiseWords(o engine.Otherwise) string {
	would := "would make or link a partner"
	if o.Outcome != policy.Create && o.Outcome != policy.Link {
		would = "would leave it as it is"
	}
	what := map[string]string{"resync": "Sync now", "import": "An import"}[o.By]
	text := cmp.Or(what, o.By) + " " + would + " (" + o.Rule
	if why := o.Facts["because"]; why != "" {
		text += ": " + why
	}
	return text + ")."
}

// consentWords say whether an address is opted out, and who knows it.
func consentWords(a engine.ConsentView) string {
	say := func(out bool) string {
		if out {
			return "opted out"
		}
		return "not opted out"
	}
	text := say(a.Salesforce) + " in Salesforce, " + say(a.HubSpot) + " in HubSpot"
	if a.Origin != "" {
		text += "; told by " + recordWords(a.Origin)
	}
	return text
}

func writeWords(w engine.Write) string {
	if w.Message != "" {
		return string(w.Status) + ", " + w.Message
	}
	return cmp.Or(w.Code, string(w.Status))
}

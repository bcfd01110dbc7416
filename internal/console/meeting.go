package console

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// meeting is the page that compares a record with one that may be the same.
type meeting struct {
	pair       core.Pair
	id, with   string
	issue      *core.Issue // that asks, nil where nobody did
	candidates []candidate
	names      map[core.Ref]string
	*engine.Meeting
	trouble *Trouble // why the two cannot be linked
	crm     [2]string
}

func (c *Console) meetingPage(v *visit) error {
	e, conn, o, err := c.asked(v.r.Context(), v)
	if err != nil {
		return err
	}
	m := &meeting{pair: o.Pair, id: o.IDs[0], with: strings.TrimSpace(v.r.URL.Query().Get("with"))}
	err = e.View(v.r.Context(), func(tx *store.Tx) error { return m.load(tx, conn) })
	if err != nil {
		return err
	}
	if m.with == "" {
		return notFound("Nothing is asked about this record any more: it was decided, or the reason is gone.")
	}
	if o.IDs, err = bothIDs(conn, o.Pair, m.id, m.with); err != nil {
		return err
	}
	if err := c.meet(v.r.Context(), m, o); err != nil {
		return err
	}
	m.crm = recordAddresses(conn, o.Pair, [2]string(o.IDs))
	if m.issue != nil {
		m.names = c.namesOf(v, refsIn([]core.Issue{*m.issue}))
	}
	return v.show(meetingView(v, m))
}

// load reads what is asked about the record. Without a word it is compared with the first
// candidate.
func (m *meeting) load(tx *store.Tx, conn *engine.Conn) error {
	refs := engine.RefsFor(conn.Pairs, m.pair, m.id)
	issues, err := tx.IssuesOf(conn.ID, refs)
	if err != nil {
		return err
	}
	for _, r := range refs {
		for _, i := range issues[r] {
			if engine.InReview(i) {
				m.issue = &i
			}
		}
	}
	if m.issue == nil {
		return nil
	}
	m.candidates = slices.DeleteFunc(candidatesOf(*m.issue), func(c candidate) bool { return c.Side == m.issue.Ref.Side })
	if m.with == "" && len(m.candidates) > 0 {
		m.with = m.candidates[0].ID
	}
	return nil
}

// meet finds out what linking the two would mean, or why that cannot be.
func (c *Console) meet(ctx context.Context, m *meeting, o Order) error {
	m.Meeting = &engine.Meeting{}
	err := c.Do(ctx, "meet", o, m.Meeting)
	if err == nil {
		return nil
	}
	t := c.Tell(err)
	if t.Code == "failed" {
		return err
	}
	m.trouble = &t
	return nil
}

// proposed reports that the question names the record that this one is compared with.
func (m *meeting) proposed() bool {
	return slices.ContainsFunc(m.candidates, func(c candidate) bool { return c.ID == m.with })
}

// becomes is what a field of a side is after a link, and whether that is another value.
func (m *meeting) becomes(side core.Side, field string) (after string, changes bool) {
	for _, w := range m.Writes {
		if w.Side == side.String() && w.Field == field {
			return w.After, true
		}
	}
	return "", false
}

// beside are the values that a link would change and that no mapping shows.
func (m *meeting) beside() []engine.MeetingWrite {
	return slices.DeleteFunc(slices.Clone(m.Writes), func(w engine.MeetingWrite) bool {
		return slices.ContainsFunc(m.Fields, func(f engine.FieldView) bool {
			return w.Field == [2]string{f.Salesforce, f.HubSpot}[sideNamed(w.Side)]
		})
	})
}

// aparting is the page that says what telling records apart means, before it is done.
type aparting struct {
	issues  []core.Issue
	names   map[core.Ref]string
	couples int
}

// apart says that records are none of their candidates: those that are ticked, once the
// person has seen how many that are, or the one whose page was looked at.
func (c *Console) apart(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return misused("The form cannot be read.")
	}
	e, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	ticks, err := tickedRecords(conn, v.r.PostForm["record"])
	if err != nil {
		return err
	}
	if len(ticks) == 0 {
		return misused("No record is ticked. Tick those that are none of the records proposed for them.")
	}
	if v.r.PostForm.Get("sure") == "" {
		return c.askApart(v, e, conn, ticks)
	}
	n := 0
	for i, t := range ticks {
		couples, err := c.apartOne(v, conn, t)
		if err != nil && (i == 0 || c.Tell(err).Code != engine.CodeNotFound) { // a question that stood at both of its records ends with one word
			return err
		}
		n += couples
	}
	return v.to(v.at("review") + "?apart=" + strconv.Itoa(n))
}

// askApart shows what telling ticked records apart means.
func (c *Console) askApart(v *visit, e *engine.Engine, conn *engine.Conn, ticks []tick) error {
	a, couples := aparting{}, map[store.Couple]bool{}
	err := e.View(v.r.Context(), func(tx *store.Tx) error {
		for _, t := range ticks {
			m := meeting{pair: t.pair, id: t.id}
			if err := m.load(tx, conn); err != nil {
				return err
			}
			if m.issue != nil {
				a.issues = append(a.issues, *m.issue)
				m.addCouples(couples)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(a.issues) == 0 {
		return misused("Nothing is asked about these records any more: it was decided, or the reason is gone.")
	}
	a.couples, a.names = len(couples), c.namesOf(v, refsIn(a.issues))
	return v.show(apartingView(v, a))
}

// addCouples notes the record with each of its candidates.
func (m *meeting) addCouples(into map[store.Couple]bool) {
	for _, one := range m.candidates {
		var couple store.Couple
		couple[m.issue.Ref.Side], couple[one.Side] = m.issue.Ref, one.Ref
		into[couple] = true
	}
}

// apartOne tells one record apart from the candidate that the form names, or from all, and
// has a partner made for it alone where that is asked for. It gives the number of couples.
func (c *Console) apartOne(v *visit, conn *engine.Conn, t tick) (int, error) {
	o := v.order()
	o.Pair, o.IDs = t.pair, []string{t.id}
	if with := v.r.PostForm.Get("with"); with != "" {
		both, err := bothIDs(conn, t.pair, t.id, with)
		if err != nil {
			return 0, err
		}
		o.IDs = both
	}
	var couples []store.Couple
	if err := c.Do(v.r.Context(), "apart", o, &couples); err != nil {
		return 0, err
	}
	if v.r.PostForm.Get("own") == "" {
		return len(couples), nil
	}
	o.IDs = []string{t.id}
	if err := c.Do(v.r.Context(), "resync", o, nil); err != nil {
		return 0, err
	}
	return len(couples), c.note(v, v.who.Name, "resync", map[string]string{"connection": v.connection, "object": string(t.pair), "id": t.id})
}

// apartList is the page of records that were told apart.
type apartList struct {
	couples []store.Couple
	names   map[core.Ref]string
	pairs   core.PairSet
	first   bool
	next    string
	said    string
}

func (c *Console) apartPage(v *visit) error {
	e, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	a := apartList{pairs: conn.Pairs, first: v.r.URL.Query().Get("after") == ""}
	var after store.Couple
	if text := v.r.URL.Query().Get("after"); text != "" {
		if after, err = readCouple(text); err != nil {
			return err
		}
	}
	if v.r.URL.Query().Get("again") != "" {
		a.said = "The two are looked at again, and are proposed where they still resemble each other and have no partner."
	}
	err = e.View(v.r.Context(), func(tx *store.Tx) (err error) {
		a.couples, err = tx.ApartList(conn.ID, after, reviewShown+1)
		return err
	})
	if err != nil {
		return err
	}
	if len(a.couples) > reviewShown {
		a.couples = a.couples[:reviewShown]
		a.next = coupleText(a.couples[reviewShown-1])
	}
	var refs []core.Ref
	for _, couple := range a.couples {
		refs = append(refs, couple[:]...)
	}
	a.names = c.namesOf(v, refs)
	return v.show(apartListView(v, a))
}

// coupleText names a couple in an address; readCouple reads it.
func coupleText(c store.Couple) string { return c[0].String() + " " + c[1].String() }

func readCouple(text string) (c store.Couple, err error) {
	for side, part := range strings.SplitN(text, " ", 2) {
		r, ok := core.ParseRef(part)
		if !ok || r.Side != core.Side(side) {
			return c, misused("The two records cannot be read.")
		}
		c[side] = r
	}
	if c[core.HubSpot].IsZero() {
		return c, misused("The two records cannot be read.")
	}
	return c, nil
}

// takeBackApart has two records proposed for each other again.
func (c *Console) takeBackApart(v *visit) error {
	couple, err := readCouple(v.r.PostFormValue("couple"))
	if err != nil {
		return err
	}
	_, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	p, known := conn.Pairs.Of(core.HubSpot, couple[core.HubSpot].Object)
	if !known {
		return misused("The two records cannot be read.")
	}
	o := v.order()
	o.Pair, o.IDs = p, []string{couple[core.Salesforce].ID, couple[core.HubSpot].ID}
	if err := c.Do(v.r.Context(), "take back apart", o, nil); err != nil {
		return err
	}
	return v.to(v.at("review", "apart") + "?again=1")
}

// otherID is the id of the record of the other side than the one that is asked about.
func otherID(m *meeting) string {
	if m.issue.Ref.ID == m.with {
		return m.id
	}
	return m.with
}

func queryText(text string) string { return url.QueryEscape(text) }

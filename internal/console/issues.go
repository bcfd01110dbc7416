package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// issuesShown is how many issues a page lists.
const issuesShown = 50

// categoryText is what a category is called and what it holds.
type categoryText struct{ title, about string }

// categories are the texts of the categories (ERR-2).
var categories = map[core.Category]categoryText{
	core.CategoryAssociation: {"Associations", "A record waits for another one, or can be associated with no more."},
	core.CategoryCustomCode:  {"Custom code", "A validation rule, flow or trigger of Salesforce refused a write."},
	core.CategoryDuplicate:   {"Duplicates", "Another record has the same address or key, or several may be the same."},
	core.CategoryPermissions: {"Permissions", "The integration user lacks access to a field or a record."},
	core.CategoryPicklist:    {"Picklists", "A value has no option on the other side."},
	core.CategoryMapping:     {"Field mappings", "A mapped field was deleted, renamed, or cannot be written."},
	core.CategoryValue:       {"Field values", "A value is missing, too long or of another form."},
	core.CategoryOther:       {"Other", "Everything else, also what passes by itself."},
}

// health is the page of issues.
type health struct {
	status   engine.Status
	pairs    core.PairSet
	by       map[core.Category]int
	total    int
	category core.Category // chosen; blank for all
	pair     core.Pair
	issues   []core.Issue
	names    map[core.Ref]string
	first    bool  // the list begins with the oldest issue
	next     int64 // the issue to go on behind; 0 at the end
	said     string
}

// overview is how the connection stands, as the overview shows it.
func (h *health) overview() overview { return overview{name: h.status.Connection, Status: h.status} }

// chosen is how many issues are of the category and the object that are chosen.
func (h *health) chosen() (n int) {
	for _, i := range h.status.Issues {
		if (h.category == "" || i.Category == h.category) && (h.pair == "" || i.Pair == h.pair) {
			n += i.Count
		}
	}
	return n
}

// title is what the list of issues is called.
func (h *health) title() string {
	title := "All issues"
	if h.category != "" {
		title = categories[h.category].title
	}
	if h.pair != "" {
		title += " of " + strings.ToLower(pairWords(h.pair))
	}
	return title + ", the oldest first"
}

func (c *Console) issuesPage(v *visit) error {
	h := health{}
	e, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	f, err := chosenIssues(v.r.URL.Query(), conn)
	if err != nil {
		return err
	}
	h.pairs = conn.Pairs
	h.category, h.pair, h.first = f.Category, f.Pair, f.After == 0
	if n, err := strconv.Atoi(v.r.URL.Query().Get("retried")); err == nil {
		h.said = fmt.Sprintf("%s tried again. Whatever syncs leaves this list by itself.", count(n, "record is", "records are"))
	}
	if h.status, err = c.Status(v.r.Context(), v.connection); err != nil {
		return err
	}
	h.by, h.total = issueCounts(h.status.Issues)
	f.Limit = issuesShown + 1
	err = e.View(v.r.Context(), func(tx *store.Tx) (err error) { h.issues, err = tx.Issues(conn.ID, f); return err })
	if len(h.issues) > issuesShown {
		h.issues = h.issues[:issuesShown]
		h.next = h.issues[issuesShown-1].ID
	}
	if err != nil {
		return err
	}
	h.names = c.namesIn(v, h)
	return v.show(healthView(v, h))
}

// namesIn are what the records of the issues are called.
func (c *Console) namesIn(v *visit, h health) map[core.Ref]string {
	refs := make([]core.Ref, len(h.issues))
	for i := range h.issues {
		refs[i] = h.issues[i].Ref
	}
	if s := &h.status; s.Suspended != "" || s.Ended || s.Unserved {
		return c.namesKnown(v, refs)
	}
	return c.namesOf(v, refs)
}

// chosenIssues reads which issues a request is about.
func chosenIssues(q url.Values, conn *engine.Conn) (f store.IssueFilter, err error) {
	f.Category, f.Pair = core.Category(q.Get("category")), core.Pair(q.Get("object"))
	if f.Category != "" && !slices.Contains(core.Categories, f.Category) {
		return f, misused("There is no such category of issues.")
	}
	if f.Pair != "" && !slices.Contains(conn.Pairs.Names(), f.Pair) {
		return f, misused("There is no such object.")
	}
	if after := q.Get("after"); after != "" {
		if f.After, err = strconv.ParseInt(after, 10, 64); err != nil {
			return f, misused("The list cannot go on from there.")
		}
	}
	return f, nil
}

// issuesAt is the address of a list of issues.
func (v *visit) issuesAt(page string, category core.Category, pair core.Pair, after int64) string {
	q := url.Values{}
	if category != "" {
		q.Set("category", string(category))
	}
	if pair != "" {
		q.Set("object", string(pair))
	}
	if after > 0 {
		q.Set("after", strconv.FormatInt(after, 10))
	}
	if len(q) == 0 {
		return v.at(page)
	}
	return v.at(page) + "?" + q.Encode()
}

// issuesSheet gives all issues chosen as CSV, in which no cell is a formula.
func (c *Console) issuesSheet(v *visit) error {
	e, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	f, err := chosenIssues(v.r.URL.Query(), conn)
	if err != nil {
		return err
	}
	if err := c.note(v, v.who.Name, "export issues", map[string]string{"connection": v.connection, "category": string(f.Category)}); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="issues-`+v.now.UTC().Format("20060102-1504")+`.csv"`)
	_, err = e.ExportIssues(v.r.Context(), conn, f, func(core.Issue) bool { return true }, v.w)
	if err != nil {
		c.Log.Error("export issues", "connection", v.connection, "cause", err)
		panic(http.ErrAbortHandler) // a part of the list must not pass for all of it
	}
	return nil
}

// retryIssues tries the chosen issues again: those that are ticked, or all of a category.
func (c *Console) retryIssues(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return misused("The form cannot be read.")
	}
	_, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	f, err := chosenIssues(v.r.PostForm, conn)
	if err != nil {
		return err
	}
	var n int
	if v.r.PostForm.Get("what") == "all" {
		o, done := v.order(), struct{ Retried int }{}
		o.Category, o.Pair = f.Category, f.Pair
		err = c.Do(v.r.Context(), "retry", o, &done)
		n = done.Retried
	} else {
		n, err = c.retryTicked(v, conn, v.r.PostForm["record"])
	}
	if err != nil {
		return err
	}
	details := map[string]string{"connection": v.connection, "category": string(f.Category), "records": strconv.Itoa(n)}
	if err := c.note(v, v.who.Name, "retry issues", details); err != nil {
		return err
	}
	to := v.issuesAt("issues", f.Category, f.Pair, 0)
	return v.to(to + map[bool]string{true: "&", false: "?"}[strings.Contains(to, "?")] + "retried=" + strconv.Itoa(n))
}

// tick is a record that was ticked in a list.
type tick struct {
	pair core.Pair
	id   string
}

// tickedRecords reads the records that were ticked, each named as "company/9087654321".
func tickedRecords(conn *engine.Conn, ticked []string) (out []tick, err error) {
	for _, text := range ticked {
		pair, id, ok := strings.Cut(text, "/")
		t := tick{core.Pair(pair), id}
		if !ok || !slices.Contains(conn.Pairs.Names(), t.pair) || engine.CheckID(conn.Pairs, t.pair, id) != nil {
			return nil, misused("A ticked record cannot be read.")
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out, nil
}

// retryTicked resyncs the records that were ticked.
func (c *Console) retryTicked(v *visit, conn *engine.Conn, ticked []string) (int, error) {
	if len(ticked) == 0 {
		return 0, misused("No record is ticked. Tick those that you want to try again, or try all.")
	}
	all, err := tickedRecords(conn, ticked)
	if err != nil {
		return 0, err
	}
	by := map[core.Pair][]string{}
	for _, t := range all {
		by[t.pair] = append(by[t.pair], t.id)
	}
	n := 0
	for _, p := range conn.Pairs.Names() {
		if len(by[p]) == 0 {
			continue
		}
		o := v.order()
		o.Pair, o.IDs = p, by[p]
		if err := c.Do(v.r.Context(), "resync", o, nil); err != nil {
			return n, err
		}
		n += len(by[p])
	}
	return n, nil
}

package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core"
)

const issueColumns = `s.issue, s.pair, s.kind, s.id, s.field, s.category, s.code, s.message, s.mend, s.rule, s.value, s.first, s.last, s.count, s.candidates`

var issueOpen = newBulk("conn int, pair int, kind int, id text, field text, category int, code text, message text, mend text, rule text, value text, first int, last int, count int, candidates blob",
	`INSERT INTO issues (conn, pair, kind, id, field, category, code, message, mend, rule, value, first, last, count, candidates)
	SELECT r.conn, r.pair, r.kind, r.id, r.field, r.category, r.code, r.message, r.mend, r.rule, r.value, r.first, r.last, r.count, r.candidates
	FROM {rows} WHERE true
	ON CONFLICT (conn, kind, id, field) DO UPDATE SET pair = excluded.pair, category = excluded.category, code = excluded.code,
		message = excluded.message, mend = excluded.mend, rule = excluded.rule, value = excluded.value, last = excluded.last,
		count = issues.count + excluded.count, candidates = excluded.candidates`)

// IssueOpen opens issues, or renews those that are open for the same ref and
// field: they keep their id and first time and count one more. A zero Last
// becomes the transaction's time, a zero First becomes Last; ID and Count are not
// looked at.
func (t *Tx) IssueOpen(conn int64, issues ...core.Issue) error {
	if err := t.own(conn); err != nil {
		return err
	}
	type key struct {
		ref   core.Ref
		field string
	}
	keyOf := func(i core.Issue) key { return key{i.Ref, i.Field} }
	count := map[key]int64{}
	for _, i := range issues {
		count[keyOf(i)]++
	}
	var rows [][]any
	for _, i := range lastOf(issues, keyOf) {
		row, err := t.issueRow(conn, i, count[keyOf(i)])
		if err != nil {
			return fmt.Errorf("open issue of %s: %w", i.Ref, err)
		}
		rows = append(rows, row)
	}
	if _, err := t.execRows(issueOpen, rows); err != nil {
		return fmt.Errorf("open %d issues: %w", len(rows), err)
	}
	return nil
}

func (t *Tx) issueRow(conn int64, i core.Issue, count int64) ([]any, error) {
	if i.Last.IsZero() {
		i.Last = t.now
	}
	if i.First.IsZero() {
		i.First = i.Last
	}
	var numbers [3]int64
	for n, text := range []string{string(i.Pair), kindName(i.Ref), string(i.Category)} {
		id, err := t.nameID(text)
		if err != nil {
			return nil, err
		}
		numbers[n] = id
	}
	candidates, err := json.Marshal(storedCandidates(i))
	return []any{conn, numbers[0], numbers[1], i.Ref.ID, i.Field, numbers[2], i.Code, i.Message, i.Mend, i.Rule, i.Value,
		ms(i.First), ms(i.Last), count, candidates}, err
}

// storedCandidate is a candidate as it is stored, with what speaks for it.
type storedCandidate struct {
	core.Ref
	Evidence string `json:"evidence,omitempty"`
}

func storedCandidates(i core.Issue) []storedCandidate {
	var out []storedCandidate
	for n, r := range i.Candidates {
		c := storedCandidate{Ref: r}
		if n < len(i.Evidence) {
			c.Evidence = i.Evidence[n]
		}
		out = append(out, c)
	}
	return out
}

func readCandidates(text []byte, i *core.Issue) error {
	var stored []storedCandidate
	err := json.Unmarshal(text, &stored)
	for _, c := range stored {
		i.Candidates = append(i.Candidates, c.Ref)
		i.Evidence = append(i.Evidence, c.Evidence)
	}
	if !slices.ContainsFunc(i.Evidence, func(e string) bool { return e != "" }) {
		i.Evidence = nil
	}
	return err
}

func (t *Tx) scanIssue(r *sql.Rows) (core.Issue, error) {
	var i core.Issue
	var pair, kind, category, first, last int64
	var candidates []byte
	err := r.Scan(&i.ID, &pair, &kind, &i.Ref.ID, &i.Field, &category, &i.Code, &i.Message, &i.Mend, &i.Rule, &i.Value,
		&first, &last, &i.Count, &candidates)
	if err != nil {
		return i, err
	}
	i.First, i.Last = instant(first), instant(last)
	if err := readCandidates(candidates, &i); err != nil {
		return i, &Error{Code: Corrupt, Message: "an issue cannot be read", Err: err}
	}
	text, err := t.nameText(category)
	if err != nil {
		return i, err
	}
	i.Category = core.Category(text)
	return i, t.nameAll(&i.Ref, kind, &i.Pair, pair)
}

// IssueClose closes the issues of a ref's fields ("" is the record's own issue);
// without fields all of the ref's.
func (t *Tx) IssueClose(conn int64, ref core.Ref, fields ...string) error {
	if err := t.own(conn); err != nil {
		return err
	}
	kind, err := t.kindID(ref)
	if err != nil {
		return fmt.Errorf("close issues of %s: %w", ref, err)
	}
	const all = `DELETE FROM issues WHERE conn = $1 AND kind = $2 AND id = $3`
	if len(fields) == 0 {
		_, err = t.exec(all, conn, kind, ref.ID)
	}
	for _, field := range fields {
		if err == nil {
			_, err = t.exec(all+` AND field = $4`, conn, kind, ref.ID, field)
		}
	}
	if err != nil {
		return fmt.Errorf("close issues of %s: %w", ref, err)
	}
	return nil
}

var issuesOf = newBulk("conn int, kind int, id text", `SELECT `+issueColumns+` FROM {rows}
	JOIN issues s ON s.conn = r.conn AND s.kind = r.kind AND s.id = r.id ORDER BY s.issue`)

// IssuesOf gives the open issues of the refs, each ref's in the order of opening.
func (t *Tx) IssuesOf(conn int64, refs []core.Ref) (map[core.Ref][]core.Issue, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	rows, err := t.refRows(conn, refs)
	if err != nil {
		return nil, fmt.Errorf("look up issues: %w", err)
	}
	out := map[core.Ref][]core.Issue{}
	err = t.eachRow(issuesOf, rows, func(r *sql.Rows) error {
		i, err := t.scanIssue(r)
		out[i.Ref] = append(out[i.Ref], i)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up issues: %w", err)
	}
	return out, nil
}

// IssueFilter chooses issues; what is blank does not choose.
type IssueFilter struct {
	Pair     core.Pair
	Category core.Category
	Field    string
	After    int64 // the id to go on behind
	Limit    int   // 0 for all
}

// Issues lists the open issues that the filter chooses, by id; with codes only those of
// one of them.
func (t *Tx) Issues(conn int64, f IssueFilter, codes ...string) ([]core.Issue, error) {
	pair, err := t.nameID(string(f.Pair))
	if err != nil {
		return nil, fmt.Errorf("list issues: %w", err)
	}
	category, err := t.nameID(string(f.Category))
	if err != nil {
		return nil, fmt.Errorf("list issues: %w", err)
	}
	if f.Limit <= 0 {
		f.Limit = 1<<31 - 1
	}
	where := []string{"s.conn = $1", "s.issue > $2"}
	args := []any{conn, f.After, int64(f.Limit)}
	choose := func(column string, value any, given bool) {
		if given {
			args = append(args, value)
			where = append(where, fmt.Sprintf("%s = $%d", column, len(args)))
		}
	}
	choose("s.pair", pair, f.Pair != "")
	choose("s.category", category, f.Category != "")
	choose("s.field", f.Field, f.Field != "")
	if len(codes) > 0 {
		where, args = oneOf(where, args, "s.code", codes)
	}
	out, err := list(t, t.scanIssue, `SELECT `+issueColumns+` FROM issues s WHERE `+strings.Join(where, " AND ")+` ORDER BY s.issue LIMIT CAST($3 AS BIGINT)`, args...)
	if err != nil {
		return nil, fmt.Errorf("list issues: %w", err)
	}
	return out, nil
}

// oneOf adds to the conditions of a query that a column holds one of some texts.
func oneOf(where []string, args []any, column string, texts []string) ([]string, []any) {
	var places []string
	for _, text := range texts {
		args = append(args, text)
		places = append(places, fmt.Sprintf("$%d", len(args)))
	}
	return append(where, column+" IN ("+strings.Join(places, ", ")+")"), args
}

// CodeCount counts the open issues of one pair and code.
type CodeCount struct {
	Pair  core.Pair
	Code  string
	Count int
}

// IssueCodes counts the open issues of some codes; what has none is left out. The order is
// fixed for a store.
func (t *Tx) IssueCodes(conn int64, codes ...string) ([]CodeCount, error) {
	where, args := oneOf([]string{"conn = $1"}, []any{conn}, "code", codes)
	out, err := list(t, t.scanCodeCount, `SELECT pair, code, count(*) FROM issues WHERE `+strings.Join(where, " AND ")+`
		GROUP BY pair, code ORDER BY pair, code`, args...)
	if err != nil {
		return nil, fmt.Errorf("count issues by code: %w", err)
	}
	return out, nil
}

func (t *Tx) scanCodeCount(r *sql.Rows) (c CodeCount, err error) {
	var pair int64
	if err = r.Scan(&pair, &c.Code, &c.Count); err != nil {
		return c, err
	}
	text, err := t.nameText(pair)
	c.Pair = core.Pair(text)
	return c, err
}

// IssueCount counts the open issues of one pair and category.
type IssueCount struct {
	Pair     core.Pair
	Category core.Category
	Count    int
}

// IssueCounts counts the open issues; what has none is left out. The order is
// fixed for a store.
func (t *Tx) IssueCounts(conn int64) ([]IssueCount, error) {
	out, err := list(t, t.scanIssueCount, `SELECT pair, category, count(*) FROM issues WHERE conn = $1
		GROUP BY pair, category ORDER BY pair, category`, conn)
	if err != nil {
		return nil, fmt.Errorf("count issues: %w", err)
	}
	return out, nil
}

// LinksBlocked counts the active links of which a record has an open issue that is
// not about single fields: it could not be read or written as a whole.
func (t *Tx) LinksBlocked(conn int64) (int, error) {
	var n int64
	err := t.one(`SELECT count(*) FROM (
		SELECT l.id FROM issues i JOIN links l ON l.conn = i.conn AND l.kind0 = i.kind AND l.id0 = i.id WHERE i.conn = $1 AND i.field = '' AND l.state = 1
		UNION
		SELECT l.id FROM issues i JOIN links l ON l.conn = i.conn AND l.kind1 = i.kind AND l.id1 = i.id WHERE i.conn = $1 AND i.field = '' AND l.state = 1) blocked`,
		[]any{conn}, &n)
	if err != nil {
		return 0, fmt.Errorf("count blocked links: %w", err)
	}
	return int(n), nil
}

func (t *Tx) scanIssueCount(r *sql.Rows) (IssueCount, error) {
	var c IssueCount
	var pair, category int64
	if err := r.Scan(&pair, &category, &c.Count); err != nil {
		return c, err
	}
	text, err := t.nameText(category)
	if err != nil {
		return c, err
	}
	c.Category = core.Category(text)
	text, err = t.nameText(pair)
	c.Pair = core.Pair(text)
	return c, err
}

package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// reviewRoutes are those of what a person decides, and of who is in scope.
func (c *Console) reviewRoutes(mux *routes) {
	for pattern, page := range map[string]func(*visit) error{
		"GET /c/{connection}/review":             c.reviewPage,
		"GET /c/{connection}/review/apart":       c.apartPage,
		"GET /c/{connection}/review/conflicts":   c.conflictsPage,
		"GET /c/{connection}/review/{pair}/{id}": c.meetingPage,
		"GET /c/{connection}/inclusion":          c.inclusionPage,
	} {
		mux.Handle(pattern, c.as(store.Viewer, page))
	}
	mux.Handle("POST /c/{connection}/review/apart", c.as(store.Operator, c.apart))
	mux.Handle("POST /c/{connection}/review/again", c.as(store.Operator, c.takeBackApart))
	mux.Handle("GET /c/{connection}/inclusion/{pair}", c.as(store.Viewer, c.inScopePage))
	mux.Handle("GET /c/{connection}/inclusion/{pair}/live", c.as(store.Viewer, c.inScopeLive))
	mux.Handle("POST /c/{connection}/inclusion/{pair}", c.as(store.Operator, c.countScope))
}

// reviewShown is how many questions a page lists.
const reviewShown = 50

// questionText is what a kind of question is called and what it asks.
type questionText struct{ code, title, about string }

// questions are the kinds of what waits for a person, by the code of its issue.
var questions = []questionText{
	{engine.CodeSeveral, "Several candidates", "More than one record of the other side could be the partner."},
	{engine.CodeSimilar, "Similar records", "Nothing ties two records for certain, and much is alike."},
	{engine.CodeMerged, "Merges to follow", "A record's partner was merged into another one; the same merge waits on this side."},
}

// QuestionCodes are the codes of the issues that wait for a person's word: of one kind, or of
// all where none is named.
func QuestionCodes(kind string) ([]string, error) {
	all := questionCodes()
	switch {
	case kind == "":
		return all, nil
	case slices.Contains(all, kind):
		return []string{kind}, nil
	}
	return nil, misused("There is no such kind of question; write one of " + strings.Join(all, ", ") + ".")
}

func questionCodes() (out []string) {
	for _, q := range questions {
		out = append(out, q.code)
	}
	return out
}

func questionTitle(code string) string {
	for _, q := range questions {
		if q.code == code {
			return q.title
		}
	}
	return code
}

// review is the page of what waits for a person.
type review struct {
	by     map[string]int // questions by code
	total  int
	kind   string // chosen; blank for all
	pair   core.Pair
	pairs  []core.Pair // that have questions
	issues []core.Issue
	names  map[core.Ref]string
	first  bool
	next   int64 // the question to go on behind; 0 at the end
	said   string
}

func (c *Console) reviewPage(v *visit) error {
	e, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return err
	}
	r, f, err := chosenQuestions(v.r.URL.Query(), conn)
	if err != nil {
		return err
	}
	err = e.View(v.r.Context(), func(tx *store.Tx) error { return r.load(tx, conn.ID, f) })
	if err != nil {
		return err
	}
	r.said = apartWords(v.r.URL.Query().Get("apart"))
	r.names = c.namesOf(v, refsIn(r.issues))
	return v.show(reviewView(v, r))
}

// chosenQuestions reads which questions a request is about.
func chosenQuestions(q url.Values, conn *engine.Conn) (r review, f store.IssueFilter, err error) {
	of := url.Values{"object": q["object"], "after": q["after"]}
	if f, err = chosenIssues(of, conn); err != nil {
		return r, f, err
	}
	f.Category, f.Limit = core.CategoryDuplicate, reviewShown+1
	r.pair, r.kind, r.first = f.Pair, q.Get("kind"), f.After == 0
	_, err = QuestionCodes(r.kind)
	return r, f, err
}

// load reads the questions that a filter chooses, and how many there are of each kind.
func (r *review) load(tx *store.Tx, connection int64, f store.IssueFilter) (err error) {
	codes, err := QuestionCodes(r.kind)
	if err != nil {
		return err
	}
	if r.issues, err = tx.Issues(connection, f, codes...); err != nil {
		return err
	}
	if len(r.issues) > reviewShown {
		r.issues = r.issues[:reviewShown]
		r.next = r.issues[reviewShown-1].ID
	}
	counts, err := tx.IssueCodes(connection, questionCodes()...)
	r.by = map[string]int{}
	for _, n := range counts {
		r.by[n.Code] += n.Count
		r.total += n.Count
		if !slices.Contains(r.pairs, n.Pair) {
			r.pairs = append(r.pairs, n.Pair)
		}
	}
	return err
}

// refsIn are the records that issues are about, each once.
func refsIn(issues []core.Issue) (out []core.Ref) {
	for _, i := range issues {
		out = append(append(out, i.Ref), i.Candidates...)
	}
	slices.SortFunc(out, core.Ref.Compare)
	return slices.Compact(out)
}

// reviewAt is the address of a list of questions.
func (v *visit) reviewAt(kind string, pair core.Pair, after int64) string {
	q := url.Values{}
	for name, text := range map[string]string{"kind": kind, "object": string(pair)} {
		if text != "" {
			q.Set(name, text)
		}
	}
	if after > 0 {
		q.Set("after", strconv.FormatInt(after, 10))
	}
	if len(q) == 0 {
		return v.at("review")
	}
	return v.at("review") + "?" + q.Encode()
}

// meetingAt is the address where a record is compared with a candidate; blank for the first.
func (v *visit) meetingAt(p core.Pair, id, with string) string {
	to := v.at("review", string(p), id)
	if with != "" {
		to += "?with=" + url.QueryEscape(with)
	}
	return to
}

// candidate is one record that a question proposes, with what speaks for it.
type candidate struct {
	core.Ref
	evidence string
}

func candidatesOf(i core.Issue) (out []candidate) {
	for n, r := range i.Candidates {
		c := candidate{Ref: r, evidence: "the same by a key (" + i.Rule + ")"}
		if n < len(i.Evidence) && i.Evidence[n] != "" {
			c.evidence = i.Evidence[n]
		}
		out = append(out, c)
	}
	return out
}

// apartWords say how many couples were kept apart.
func apartWords(n string) string {
	couples, err := strconv.Atoi(n)
	if err != nil {
		return ""
	}
	return count(couples, "pair of records is", "pairs of records are") + " kept apart: neither is proposed for the other again. The list Kept apart takes that back."
}

// against splits what tells two records apart from what speaks for them.
func against(evidence []string) (speaksFor, speaksAgainst []string) {
	for _, e := range evidence {
		if strings.HasPrefix(e, "another ") {
			speaksAgainst = append(speaksAgainst, e)
		} else {
			speaksFor = append(speaksFor, e)
		}
	}
	return speaksFor, speaksAgainst
}

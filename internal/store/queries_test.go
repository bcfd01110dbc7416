package store

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every statement of the data path finds its rows by an index: on SQLite none
// reads a table from end to end.
func TestNoTableScans(t *testing.T) {
	s := open(t, "sqlite::memory:", Options{})
	statements := map[string]string{
		"dirtyMark": dirtyMark.single, "dirtyDue": dirtyDue, "dirtyOf": dirtyOf.single, "dirtySettle": dirtySettle.single,
		"linkFind 0": linkFind[0].single, "linkFind 1": linkFind[1].single, "linkAliases": linkAliases.single,
		"linkInsert": linkInsert.single, "linkSave": linkSave.single, "seenOf": seenOf.single, "seenPut": seenPut.single,
		"journalAppend": journalAppend.single, "intentsPut": intentsPut.single,
		"intentsSettle": intentsSettle.single, "issueOpen": issueOpen.single, "issuesOf": issuesOf.single,
		"brakeLinkPut": brakeLinkPut.single, "dirtyLinked 0": dirtyLinked("0"), "dirtyLinked 1": dirtyLinked("1"),
		"journalLast": journalLast.single, "tombstonePut": tombstonePut.single, "tombstonesOf": tombstonesOf.single,
		"membersOf": membersOf.single, "membersPut": membersPut.single, "membersDrop": membersDrop.single,
		"apartPut": apartPut.single, "apartOf": apartOf.single, "mergedInto": mergedInto, "fieldPut": fieldPut.single,
		"unsyncedOf": unsyncedOf.single, "unsyncedPut": unsyncedPut.single, "unsyncedDrop": unsyncedDrop.single,
	}
	for name, query := range statements {
		for _, step := range explain(t, s, query) {
			scans := strings.HasPrefix(step, "SCAN") && step != "SCAN r" && step != "SCAN CONSTANT ROW"
			if scans || strings.Contains(step, "AUTOMATIC") {
				t.Errorf("%s: %s", name, step)
			}
		}
	}
	if steps := explain(t, s, `SELECT * FROM dirty`); !strings.HasPrefix(steps[0], "SCAN") {
		t.Errorf("the test does not see scans: %v", steps)
	}
}

var parameter = regexp.MustCompile(`\$(\d+)`)

func explain(t *testing.T, s *Store, query string) (steps []string) {
	t.Helper()
	var args []any
	for _, match := range parameter.FindAllStringSubmatch(query, -1) {
		n, _ := strconv.Atoi(match[1])
		for len(args) < n {
			args = append(args, int64(1))
		}
	}
	rows, err := s.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("%v in %s", err, query)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

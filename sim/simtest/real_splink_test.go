package simtest

import (
	"encoding/csv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// realRows reads a file of the data folder, by the names of its columns; the test is
// skipped where the folder has none.
func realRows(t testing.TB, path ...string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(append([]string{realFolder()}, path...)...))
	if os.IsNotExist(err) {
		t.Skipf("the data folder has no %s; set TANDEM_DATA", filepath.Join(path...))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		named := map[string]string{}
		for i, name := range rows[0] {
			named[name] = row[i]
		}
		out = append(out, named)
	}
	return out
}

func realFolder() string {
	if folder := os.Getenv("TANDEM_DATA"); folder != "" {
		return folder
	}
	return filepath.Join("..", "..", "..", "shared", "data")
}

// splinkWorld is the thousand records of which the file says who is who, each on one of
// the two sides. HubSpot takes an address once: the second of its kind does not get in.
type splinkWorld struct {
	cluster  map[string]string // by record id
	sides    [2]map[string]int // records of each cluster
	findable int               // links that are possible, one to one
}

// mailbox is an address as both sides take it.
var mailbox = regexp.MustCompile(`^[^@.\s]+(\.[^@.\s]+)*@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$`)

func (s *splinkWorld) fill(w *World, rows []map[string]string, seed uint64) {
	s.cluster, s.sides = map[string]string{}, [2]map[string]int{{}, {}}
	r := rand.New(rand.NewPCG(seed, 0))
	met := map[string]bool{}
	for _, row := range rows {
		side := core.Side(r.IntN(2))
		email := row["email"]
		if !mailbox.MatchString(email) {
			email = "" // neither side takes it
		}
		var id string
		switch {
		case side == core.HubSpot && email != "" && met[email]:
			continue
		case side == core.HubSpot:
			met[email] = true
			id = w.made(core.Contacts, "firstname", row["first_name"], "lastname", row["surname"], "date_of_birth", row["dob"], "city", row["city"], "email", email, "company", "Co")
		default:
			last := row["surname"]
			if last == "" {
				last = "-" // Salesforce wants one
			}
			id = w.made(core.Contact, pairsOf("FirstName", row["first_name"], "LastName", last, "Birthdate", row["dob"], "MailingCity", row["city"], "Email", email)...)
		}
		s.cluster[id] = row["cluster"]
		s.sides[side][row["cluster"]]++
	}
	for c, n := range s.sides[core.Salesforce] {
		s.findable += min(n, s.sides[core.HubSpot][c])
	}
}

// pairsOf leaves pairs without a value out.
func pairsOf(pairs ...string) (out []string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, pairs[i], pairs[i+1])
		}
	}
	return out
}

// matched are the figures of a matching: links that join the same and different people,
// people found in review, and records in the queue.
type matched struct{ right, wrong, asked, queue int }

func (s *splinkWorld) figures(w *World) (m matched) {
	left := [2]map[string]int{{}, {}}
	for side := range left {
		for c, n := range s.sides[side] {
			left[side][c] = n
		}
	}
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		links, err := tx.Links(w.Conn.ID, core.ContactPair, core.LinkActive, 0, 5000)
		for _, l := range links {
			a, b := s.cluster[l.Refs[0].ID], s.cluster[l.Refs[1].ID]
			switch {
			case a == "" || b == "": // made by us
			case a == b:
				m.right++
				left[0][a]--
				left[1][a]--
			default:
				m.wrong++
			}
		}
		return err
	}))
	open := [2]map[string]map[string]bool{{}, {}}
	for _, i := range w.openIssues() {
		if !engine.InReview(i) {
			continue
		}
		m.queue++
		for _, c := range i.Candidates {
			if of := s.cluster[i.Ref.ID]; of == s.cluster[c.ID] {
				for _, r := range []core.Ref{i.Ref, c} {
					if open[r.Side][of] == nil {
						open[r.Side][of] = map[string]bool{}
					}
					open[r.Side][of][r.ID] = true
				}
			}
		}
	}
	for c, ids := range open[0] {
		m.asked += min(len(ids), len(open[1][c]), left[0][c], left[1][c])
	}
	return m
}

// TestLIM4_RealPeopleAreFoundWithoutAMistake splits a thousand records with errors over
// both sides. With similar people linked where it is certain, hardly anybody is left to
// ask about, and nobody is taken for somebody else.
func TestLIM4_RealPeopleAreFoundWithoutAMistake(t *testing.T) {
	rows := realRows(t, "dedup-splink-fake1000", "fake_1000.csv")
	for how, want := range map[string]struct{ recall, queue float64 }{"off": {0.4, 0}, "review": {0.85, 1}, "link": {0.85, 0.10}} {
		t.Run(how, func(t *testing.T) {
			var s splinkWorld
			w := New(t, similar(how), Before(func(w *World) {
				s.fill(w, rows, 1)
				w.Advance(time.Hour)
			}))
			w.importing(core.ContactPair, core.Sides[:]...)
			m := s.figures(w)
			precision := float64(m.right) / float64(m.right+m.wrong)
			recall := float64(m.right+m.asked) / float64(s.findable)
			queue := float64(m.queue) / float64(len(s.cluster))
			t.Logf("%s: %d records, %d to be found: %d linked rightly, %d wrongly, %d found in review; %d records in review (precision %.4f, recall %.3f, queue %.3f)",
				how, len(s.cluster), s.findable, m.right, m.wrong, m.asked, m.queue, precision, recall, queue)
			if precision < 0.999 || recall < want.recall || queue > want.queue {
				t.Error("short of the aim")
			}
		})
	}
}

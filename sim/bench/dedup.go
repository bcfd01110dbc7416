package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// seeds are the splits of the records over both sides that are measured.
const seeds = 5

// dedup splits a thousand people with errors, of whom a file says who is who, over both
// sides and imports them: by the default keys, with similar people in review as well, and
// with those linked where it is certain.
func dedup(ctx context.Context, o options) ([]figure, error) {
	rows, err := table(o, "dedup-splink-fake1000", "fake_1000.csv")
	if err != nil {
		return nil, err
	}
	var out []figure
	for _, c := range [][2]string{{"off", "precision ≥ 0.999; the aim of recall is for similar: link"}, {"review", "precision ≥ 0.999; asks for all that link would link"}} {
		m, err := dedupRun(ctx, o, rows, 1, c[0])
		if err != nil {
			return out, err
		}
		out = append(out, figure{fmt.Sprintf("dedup: split 1, default keys, similar: %s", c[0]), m.text(), c[1]})
	}
	for seed := range uint64(seeds) {
		m, err := dedupRun(ctx, o, rows, seed+1, "link")
		if err != nil {
			return out, err
		}
		out = append(out, figure{fmt.Sprintf("dedup: split %d, default keys, similar: link", seed+1), m.text(), "precision ≥ 0.999, recall ≥ 0.85, queue ≤ 0.10"})
	}
	return out, nil
}

// notConverged is how a verb ends where records wait for a person.
const notConverged = 1

// split is who of the file stands where.
type split struct {
	cluster  map[string]string // by record id, of Salesforce the first 15 characters
	sides    [2]map[string]int // records of each cluster
	findable int               // links that are possible, one to one
}

// found are links that join the same and different people, people found in review, and
// records that wait in it.
type found struct {
	split
	right, wrong, asked, queue int
}

func (f *found) text() string {
	return fmt.Sprintf("precision %.4f, recall %.3f, queue %.3f (%d records, %d to be found, %d linked, %d wrongly, %d more in review)",
		float64(f.right)/float64(max(1, f.right+f.wrong)), float64(f.right+f.asked)/float64(f.findable), float64(f.queue)/float64(len(f.cluster)),
		len(f.cluster), f.findable, f.right+f.wrong, f.wrong, f.asked)
}

func dedupRun(ctx context.Context, o options, rows []map[string]string, seed uint64, similar string) (*found, error) {
	name := fmt.Sprintf("dedup-%d-%s", seed, similar)
	dir := filepath.Join(o.work, name+"-load")
	people, err := writeSplit(dir, rows, seed)
	if err != nil {
		return nil, err
	}
	s, err := start(ctx, o, name, "--people", "--load", dir, "--limits", "off")
	if err != nil {
		return nil, err
	}
	defer s.stop()
	if err := s.similarPeople(similar); err != nil {
		return nil, err
	}
	waits := (*exec.ExitError)(nil)
	if _, err := s.verb(ctx, o, "import", "contact"); err != nil && !(errors.As(err, &waits) && waits.ExitCode() == notConverged) {
		return nil, err
	}
	f := &found{split: people}
	left := [2]map[string]int{}
	for i := range left {
		left[i] = map[string]int{}
		for c, n := range people.sides[i] {
			left[i][c] = n
		}
	}
	return f, errors.Join(s.countLinks(ctx, o, f, left), s.countReview(ctx, o, f, left))
}

// similarPeople sets contacts.similar, which stands behind that of the companies.
func (s *simulators) similarPeople(how string) error {
	text, err := os.ReadFile(s.config)
	if err != nil {
		return err
	}
	before, contacts, there := strings.Cut(string(text), "\n  contacts:\n")
	if !there || !strings.Contains(contacts, `similar: "off"`) {
		return errors.New("the written settings have no contacts.similar")
	}
	contacts = strings.Replace(contacts, `similar: "off"`, fmt.Sprintf("similar: %q", how), 1)
	return os.WriteFile(s.config, []byte(before+"\n  contacts:\n"+contacts), 0o600)
}

// mailbox is an address as both sides take it.
var mailbox = regexp.MustCompile(`^[^@.\s]+(\.[^@.\s]+)*@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$`)

// writeSplit writes the export files of a split. HubSpot takes an address once: the
// second of its kind does not get in.
func writeSplit(dir string, rows []map[string]string, seed uint64) (split, error) {
	p := split{cluster: map[string]string{}, sides: [2]map[string]int{{}, {}}}
	contacts := [][]string{{"Id", "FirstName", "LastName", "Birthdate", "MailingCity", "Email"}}
	persons := [][]string{{"Record ID", "firstname", "lastname", "date_of_birth", "city", "email", "company"}}
	r, met := rand.New(rand.NewPCG(seed, 0)), map[string]bool{}
	for i, row := range rows {
		side, email := r.IntN(2), row["email"]
		if !mailbox.MatchString(email) {
			email = "" // neither side takes it
		}
		id := salesforceID("003", i+1)
		if side == 1 {
			if email != "" && met[email] {
				continue
			}
			met[email], id = true, fmt.Sprint(8000000000+i)
			persons = append(persons, []string{id, row["first_name"], row["surname"], row["dob"], row["city"], email, "Co"})
		} else {
			last := row["surname"]
			if last == "" {
				last = "-" // Salesforce wants one
			}
			contacts = append(contacts, []string{id, row["first_name"], last, row["dob"], row["city"], email})
		}
		p.cluster[id] = row["cluster"]
		p.sides[side][row["cluster"]]++
	}
	for c, n := range p.sides[0] {
		p.findable += min(n, p.sides[1][c])
	}
	return p, errors.Join(writeCSV(filepath.Join(dir, "salesforce/Contact.csv"), contacts), writeCSV(filepath.Join(dir, "hubspot/contacts.csv"), persons))
}

// of is the cluster of a record; blank for one that we made.
func (p *split) of(id string) string {
	if strings.HasPrefix(id, "003") {
		id = id[:min(len(id), 15)]
	}
	return p.cluster[id]
}

// countLinks tells right links from wrong ones, and takes those who are linked out of left.
func (s *simulators) countLinks(ctx context.Context, o options, f *found, left [2]map[string]int) error {
	return s.lines(ctx, o, []string{"links", "list", "contact", "--limit", "0"}, func(line []byte) error {
		var l struct{ Salesforce, HubSpot string }
		if err := json.Unmarshal(line, &l); err != nil {
			return err
		}
		a, b := f.of(l.Salesforce), f.of(l.HubSpot)
		switch {
		case a == "" || b == "":
		case a != b:
			f.wrong++
		default:
			f.right++
			left[0][a]--
			left[1][a]--
		}
		return nil
	})
}

// ref is a record as JSON names it.
type ref struct {
	Side, ID string
}

// countReview counts the records that wait for a person, and those of left who are found
// there.
func (s *simulators) countReview(ctx context.Context, o options, f *found, left [2]map[string]int) error {
	open := [2]map[string]map[string]bool{{}, {}}
	note := func(r ref, cluster string) {
		side := open[0]
		if r.Side == "hubspot" {
			side = open[1]
		}
		if side[cluster] == nil {
			side[cluster] = map[string]bool{}
		}
		side[cluster][r.ID] = true
	}
	err := s.lines(ctx, o, []string{"links", "review"}, func(line []byte) error {
		var i struct {
			Ref        ref
			Candidates []ref
		}
		if err := json.Unmarshal(line, &i); err != nil || i.Ref.ID == "" {
			return err
		}
		f.queue++
		for _, c := range i.Candidates {
			if of := f.of(i.Ref.ID); of != "" && of == f.of(c.ID) {
				note(i.Ref, of)
				note(c, of)
			}
		}
		return nil
	})
	for c, ids := range open[0] {
		f.asked += max(0, min(len(ids), len(open[1][c]), left[0][c], left[1][c]))
	}
	return err
}

// lines hands out the JSON lines that a verb prints.
func (s *simulators) lines(ctx context.Context, o options, args []string, take func([]byte) error) error {
	m, err := s.verb(ctx, o, args...)
	if err != nil {
		return err
	}
	for line := range bytes.Lines(m.out) {
		if err := take(line); err != nil {
			return fmt.Errorf("read %v: %w: %s", args, err, tail(line))
		}
	}
	return nil
}

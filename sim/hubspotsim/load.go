package hubspotsim

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// LoadReport says what Load read.
type LoadReport struct {
	Files        []string `json:"files"`
	Companies    int      `json:"companies"`
	Contacts     int      `json:"contacts"`
	Deals        int      `json:"deals"`
	Associations int      `json:"associations"`
	Notes        []string `json:"notes"` // columns and files that were left out or invented, and why
}

// cellError names the place in a file that refuses a load.
type cellError struct {
	file   string
	row    int // line in the file, from 1
	column string
	err    error
}

func (e *cellError) Error() string {
	return fmt.Sprintf("load %s: row %d, column %q: %v", e.file, e.row, e.column, e.err)
}

func (e *cellError) Unwrap() error { return e.err }

// stagedRow is a checked record that is not in the portal yet, and where it stood.
type stagedRow struct {
	t     *table
	r     *record
	links []stagedLink
	file  int32 // in the loader's report
	row   int32
}

type stagedLink struct {
	to     *table
	id     uint64
	column string
}

// draftRow is a row while its cells are read.
type draftRow struct {
	t                 *table
	id                uint64
	sets              []setting
	created, modified int64
	links             []stagedLink
	out               bool   // unsubscribed from all e-mail
	line, at          string // pipeline and stage, by label or id
}

// loader stages the files of a folder, then applies all of them or none.
type loader struct {
	p      *Portal
	rows   []stagedRow
	ids    map[*table]map[uint64]bool
	keys   map[string]bool // unique keys in the files
	owners []owner
	out    []string              // addresses that are unsubscribed from all e-mail
	lines  map[string][]pipeline // by object type, with those that the files bring
	report LoadReport
}

// Load reads HubSpot export files (companies, contacts and deals, one file or
// more of each) from a folder. Columns are named by label or by internal name; "Record
// ID", "Associated Company IDs", "Associated Contact IDs" and "Associated Deal IDs"
// tie the files together. A column that is no known property becomes a text property of its
// own, and pipelines and stages that the portal does not know are added to its own.
// Either everything is loaded or nothing; the error names file, row and column.
func (p *Portal) Load(dir string) (LoadReport, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return LoadReport{}, fmt.Errorf("load exports: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l := &loader{p: p, ids: map[*table]map[uint64]bool{}, keys: map[string]bool{}, lines: map[string][]pipeline{}}
	undo := p.rememberSchemas()
	for _, e := range entries {
		if err := l.file(dir, e.Name()); err != nil {
			undo()
			return LoadReport{}, err
		}
	}
	if err := l.checkLinks(); err != nil {
		undo()
		return LoadReport{}, err
	}
	l.apply()
	return l.report, nil
}

// rememberSchemas lets a failed load take back the properties it made.
func (p *Portal) rememberSchemas() (undo func()) {
	sizes := make([]int, len(p.tables))
	for i, t := range p.tables {
		sizes[i] = len(t.schema.list)
	}
	return func() {
		for i, t := range p.tables {
			for _, d := range t.schema.list[sizes[i]:] {
				delete(t.schema.byName, d.name)
			}
			t.schema.list, t.schema.inUse = t.schema.list[:sizes[i]], nil
		}
	}
}

func (l *loader) file(dir, name string) error {
	if !strings.EqualFold(filepath.Ext(name), ".csv") {
		return nil
	}
	t := l.tableOf(name)
	if t == nil {
		l.note("%s: left out, its name says neither companies nor contacts nor deals", name)
		return nil
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return fmt.Errorf("load exports: %w", err)
	}
	defer f.Close()
	l.report.Files = append(l.report.Files, name)
	return l.read(t, name, f)
}

func (l *loader) tableOf(name string) *table {
	lower := strings.ToLower(name)
	switch {
	case strings.Contains(lower, "compan"):
		return l.p.names[typeCompany]
	case strings.Contains(lower, "contact"):
		return l.p.names[typeContact]
	case strings.Contains(lower, "deal"):
		return l.p.names[typeDeal]
	}
	return nil
}

func (l *loader) note(format string, args ...any) {
	l.report.Notes = append(l.report.Notes, fmt.Sprintf(format, args...))
}

func (l *loader) read(t *table, name string, f io.Reader) error {
	r := csv.NewReader(bufio.NewReaderSize(f, 1<<16))
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return &cellError{name, 1, "", errors.New("the file is empty; export it again with a header line")}
	}
	if err != nil {
		return csvError(name, err)
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	if len(head) == 1 && strings.ContainsAny(head[0], ";\t") {
		return &cellError{name, 1, "", errors.New("the columns are separated by semicolons or tabs; export the file with commas")}
	}
	columns, err := l.columns(t, name, head)
	if err != nil {
		return err
	}
	r.ReuseRecord = true
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return csvError(name, err)
		}
		line, _ := r.FieldPos(0)
		if err := l.row(t, name, line, columns, cells); err != nil {
			return err
		}
	}
}

func csvError(name string, err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return &cellError{name, p.Line, fmt.Sprintf("character %d", p.Column), p.Err}
	}
	return fmt.Errorf("load %s: %w", name, err)
}

func (l *loader) row(t *table, file string, line int, columns []column, cells []string) error {
	s := &draftRow{t: t}
	for i, c := range columns {
		if err := l.cell(s, c, cells[i]); err != nil {
			return &cellError{file, line, c.header, err}
		}
	}
	if s.id != 0 {
		if l.ids[t][s.id] || t.records[s.id] != nil {
			return &cellError{file, line, "Record ID", fmt.Errorf("record %d is there twice", s.id)}
		}
		if l.ids[t] == nil {
			l.ids[t] = map[uint64]bool{}
		}
		l.ids[t][s.id] = true
	}
	if s.out && s.address() != "" {
		l.out = append(l.out, s.address())
	}
	l.stand(s)
	sort.Slice(s.sets, func(i, j int) bool { return s.sets[i].d.id < s.sets[j].d.id })
	l.rows = append(l.rows, stagedRow{t: t, r: s.record(l.p.stamp()), links: s.links, file: int32(len(l.report.Files) - 1), row: int32(line)})
	return nil
}

// record makes the record of a row, under its own id and stamps. What names no change since
// it was created had none.
func (s *draftRow) record(at int64) *record {
	d := &draft{t: s.t, by: imported, sets: s.sets}
	if s.t.schema.find("lifecyclestage") != nil && d.set("lifecyclestage") == nil {
		d.put("lifecyclestage", "lead")
	}
	created := min(cmp.Or(s.created, s.modified, at), at)
	updated := min(max(s.modified, created), at)
	r := &record{id: s.id, created: created, by: imported, cur: d.version(updated)}
	r.cur.updated, r.cur.by = updated, imported
	return r
}

func (l *loader) cell(s *draftRow, c column, cell string) error {
	cell = strings.TrimSpace(cell)
	if cell == "" || c.use == useNothing {
		return nil
	}
	switch c.use {
	case useID:
		id, ok := parseID(cell)
		if !ok {
			return fmt.Errorf("%q is not a record id", cell)
		}
		s.id = id
		return nil
	case useModified:
		return exportTime(cell, l.p.zone, &s.modified)
	case useLinks:
		return s.addLinks(c, cell)
	case useOptOut:
		return s.optOut(cell)
	}
	return l.value(s, c, cell)
}

// optOut reads what an export says of an address, in the words of HubSpot or of a
// spreadsheet.
func (s *draftRow) optOut(cell string) error {
	switch strings.ToLower(cell) {
	case "yes", "true", "1":
		s.out = true
	case "no", "false", "0":
	default:
		return fmt.Errorf("%q is neither yes nor no", cell)
	}
	return nil
}

// address is the e-mail address of a row, blank where it has none.
func (s *draftRow) address() string {
	for _, set := range s.sets {
		if s.t.id == typeContact && set.d.name == "email" {
			return set.text
		}
	}
	return ""
}

func (s *draftRow) addLinks(c column, cell string) error {
	for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == ',' }) {
		id, ok := parseID(strings.TrimSpace(part))
		if !ok {
			return fmt.Errorf("%q is not a record id", part)
		}
		s.links = append(s.links, stagedLink{c.to, id, c.header})
	}
	return nil
}

// exportTime reads a stamp as exports write it, in the portal's zone when it names none.
func exportTime(cell string, zone *time.Location, to *int64) error {
	if ms, ok := parseMS(cell); ok {
		*to = ms
		return nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, cell, zone); err == nil {
			*to = t.UnixMilli()
			return nil
		}
	}
	return fmt.Errorf("%q is not a date", cell)
}

func (l *loader) value(s *draftRow, c column, cell string) error {
	switch {
	case c.d.name == s.t.pipeline:
		s.line = cell
		return nil
	case c.d.name == s.t.stage:
		s.at = cell
		return nil
	case c.d.refers == "OWNER":
		s.sets = append(s.sets, setting{c.d, l.ownerID(cell)})
		return nil
	case c.d.kind == typeDatetime:
		var ms int64
		if err := exportTime(cell, l.p.zone, &ms); err != nil {
			return err
		}
		if c.d.name == "createdate" {
			s.created = ms
		}
		cell = formatMS(ms)
	case c.d.kind == typeEnumeration:
		cell = c.d.toValues(cell)
	}
	text, e := l.p.normalise(c.d, cell, "")
	if e != nil {
		return errors.New(e.Message)
	}
	set := setting{c.d, text}
	for _, key := range uniqueKeys(s.t, set) {
		full := s.t.id + "/" + c.d.name + "/" + key
		if _, taken := s.t.holder(c.d, key); taken || l.keys[full] {
			return fmt.Errorf("%q is there twice; the value must be unique", key)
		}
		l.keys[full] = true
	}
	s.sets = append(s.sets, set)
	return nil
}

// toValues turns the labels of an export into the values that records hold.
func (d *property) toValues(cell string) string {
	items := []string{cell}
	if d.multiple() {
		items = strings.Split(cell, ";")
	}
	for i, item := range items {
		item = strings.TrimSpace(item)
		items[i] = item
		for _, o := range d.options {
			if strings.EqualFold(o.Label, item) && !d.option(item) {
				items[i] = o.Value
			}
		}
	}
	return strings.Join(items, ";")
}

// ownerID finds an owner by id, e-mail or full name. An unknown address becomes an owner
// who has it; of whom only the name is known is one who has left.
func (l *loader) ownerID(cell string) string {
	for _, list := range [][]owner{l.p.owners, l.owners} {
		for _, o := range list {
			if o.ID == cell || strings.EqualFold(o.Email, cell) || strings.EqualFold(o.FirstName+" "+o.LastName, cell) {
				return o.ID
			}
		}
	}
	n := len(l.owners) + 1
	first, last, _ := strings.Cut(cell, " ")
	o := owner{ID: fmt.Sprint(51_000_000 + n), UserID: 1_400_000 + n, Email: fmt.Sprintf("owner%d@%s", n, hubDomain), FirstName: first, LastName: last, Inactive: true}
	if name, _, address := strings.Cut(cell, "@"); address {
		o.Email, o.Inactive = strings.ToLower(cell), false
		o.FirstName, o.LastName = nameInAddress(name)
		l.owners = append(l.owners, o)
		l.note("owner %q is unknown and was added", cell)
		return o.ID
	}
	l.owners = append(l.owners, o)
	l.note("owner %q is unknown and was added as one who has left", cell)
	return o.ID
}

// nameInAddress guesses a name from the part of an address before the @.
func nameInAddress(text string) (first, last string) {
	first, last, _ = strings.Cut(text, ".")
	return capital(first), capital(last)
}

func capital(s string) string { return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):] }

func (l *loader) checkLinks() error {
	for _, s := range l.rows {
		for _, k := range s.links {
			if !l.ids[k.to][k.id] && k.to.resolve(k.id) == nil {
				return &cellError{l.report.Files[s.file], int(s.row), k.column, fmt.Errorf("%s %d is in no file", k.to.singular, k.id)}
			}
		}
	}
	return nil
}

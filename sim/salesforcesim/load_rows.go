package salesforcesim

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"time"

	"tandem/sim/salesforcesim/soql"
)

// table reads one file.
func (l *loader) table(name string, ob *object, text string) error {
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return place{file: name}.errorf("it is empty; a header line with field names is needed")
	}
	if err != nil {
		return place{file: name, row: 1, line: 1}.errorf("%v", err)
	}
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t") {
		return place{file: name, row: 1, line: 1}.errorf("its columns are separated by semicolons or tabs; export it with commas")
	}
	columns, err := l.columns(name, ob, header)
	if err != nil {
		return err
	}
	for n := 2; ; n++ {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		line, _ := 0, 0
		if len(cells) > 0 {
			line, _ = reader.FieldPos(0)
		}
		at := place{file: name, row: n, line: line}
		if err != nil {
			return csvError(at, err)
		}
		if len(cells) != len(header) {
			return at.errorf("it has %d cells, the header has %d", len(cells), len(header))
		}
		if err := l.row(at, ob, columns, header, cells); err != nil {
			return err
		}
	}
}

func csvError(at place, err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		at.line = parse.StartLine
		return at.errorf("%v at character %d", parse.Err, parse.Column)
	}
	return at.errorf("%v", err)
}

func (l *loader) columns(name string, ob *object, header []string) ([]*field, error) {
	at := place{file: name, row: 1, line: 1}
	columns := make([]*field, len(header))
	seen := map[string]bool{}
	for i, cell := range header {
		cell = strings.TrimSpace(cell)
		key := strings.ToLower(cell)
		if seen[key] {
			at.column = cell
			return nil, at.errorf("the column appears twice")
		}
		seen[key] = true
		f, err := l.column(at, ob, cell)
		if err != nil {
			return nil, err
		}
		columns[i] = f
	}
	return columns, nil
}

// row turns cells into values and checks what stands in one row alone.
func (l *loader) row(at place, ob *object, columns []*field, header, cells []string) error {
	row := &loadedRow{place: at, ob: ob, audit: map[string]value{}}
	for i, f := range columns {
		at.column = header[i]
		if f == nil || strings.TrimSpace(cells[i]) == "" {
			continue
		}
		v, errs := f.coerce(foreignDate(f, cells[i]))
		if len(errs) > 0 {
			return at.errorf("%s%s", errs[0].message, miscopied(f, cells[i]))
		}
		row.take(f, v)
	}
	at.column = "Id"
	switch {
	case row.id != "" && row.id[:3] != ob.prefix:
		return at.errorf("%s is not an id of %s", row.id, ob.name)
	case row.id != "" && (l.rows[row.id] != nil || ob.records.find(row.id) != nil):
		return at.errorf("the id %s is there already", row.id)
	}
	if err := l.required(at, row); err != nil {
		return err
	}
	l.order = append(l.order, row)
	if row.id != "" {
		l.rows[row.id] = row
	}
	return nil
}

// miscopied says what is wrong with an id whose last three characters, which tell
// the case of the others, do not fit them.
func miscopied(f *field, cell string) string {
	cell = strings.TrimSpace(cell)
	if len(cell) != 18 || f.sys != sysID && f.typ != "reference" {
		return ""
	}
	if full, ok := canonicalID(cell[:15]); ok && full != cell {
		return " (its last three characters do not fit the others, as when upper and lower case were changed)"
	}
	return ""
}

// take files a value under what it is: the id, an audit column or a field.
func (row *loadedRow) take(f *field, v value) {
	switch f.sys {
	case sysID:
		row.id = v.Str()
	case sysDeleted:
		row.deleted = v.Bool()
	case sysNone:
		row.sets = append(row.sets, assignment{f, v})
	default:
		row.audit[f.name] = v
	}
}

// required checks the columns an object cannot be without. Users may be
// exported with few columns; what they lack is filled in.
func (l *loader) required(at place, row *loadedRow) error {
	given := map[*field]bool{}
	for _, a := range row.sets {
		given[a.f] = !a.v.IsNull()
	}
	if row.ob.name == "User" {
		l.completeUser(row, given)
	}
	for _, f := range row.ob.fields {
		if f.required && f.compute == nil && !given[f] {
			at.column = f.name
			return at.errorf("the cell is empty, but %s needs a value for %s", row.ob.name, f.label)
		}
	}
	return nil
}

func (l *loader) completeUser(row *loadedRow, given map[*field]bool) {
	profile := l.o.permissionSet("Standard User").named("ProfileId").Str()
	fill := map[string]string{"Alias": "user", "TimeZoneSidKey": "America/Los_Angeles", "LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US", "ProfileId": profile}
	for i, a := range row.sets {
		if a.f.name == "ProfileId" && l.o.find(a.v.Str()) == nil {
			row.sets[i].v = soql.Text(profile)
		}
	}
	for _, name := range sortedKeys(fill) {
		if f := row.ob.field(name); !given[f] {
			given[f] = true
			row.sets = append(row.sets, assignment{f, soql.Text(fill[name])})
		}
	}
}

// usDates are the forms in which report exports of a US locale write dates.
var usDates = []string{"1/2/06", "1/2/2006", "1/2/06 3:04 PM", "1/2/2006 3:04 PM", "2006-01-02 15:04:05"}

// foreignDate turns the dates of report exports into the API's form; what it
// does not know it leaves to the ordinary checks.
func foreignDate(f *field, cell string) string {
	cell = strings.TrimSpace(cell)
	if f.typ != "date" && f.typ != "datetime" {
		return cell
	}
	for _, layout := range usDates {
		t, err := time.Parse(layout, cell)
		if err != nil {
			continue
		}
		if f.typ == "date" {
			return t.Format(time.DateOnly)
		}
		return t.Format("2006-01-02T15:04:05Z")
	}
	if t, err := time.Parse(time.DateOnly, cell); err == nil && f.typ == "datetime" {
		return t.Format("2006-01-02T15:04:05Z")
	}
	return cell
}

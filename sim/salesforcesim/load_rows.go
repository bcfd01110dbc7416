package salesforcesim

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/sim/salesforcesim/soql"
)

// table reads one file.
func (l *loader) table(name string, ob *object, text io.Reader) error {
	reader := csv.NewReader(text)
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return place{file: name}.errorf("it is empty; a header line with field names is needed")
	}
	if err != nil {
		return place{file: name, row: 1, line: 1}.errorf("%v", err)
	}
	if !isUTF8(header) {
		return notUTF8(name)
	}
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t") {
		return place{file: name, row: 1, line: 1}.errorf("its columns are separated by semicolons or tabs; export it with commas")
	}
	columns, err := l.columns(name, ob, header)
	if err != nil {
		return err
	}
	reader.ReuseRecord = true
	for n := 2; ; n++ {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if !isUTF8(cells) {
			return notUTF8(name)
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

func isUTF8(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return !utf8.ValidString(c) })
}

func notUTF8(name string) error {
	return place{file: name}.errorf("it is not UTF-8; export it again with that encoding")
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

// row turns cells into a record and checks what stands in one row alone.
func (l *loader) row(at place, ob *object, columns []*field, header, cells []string) error {
	row := loadedRow{record: &record{object: ob}, file: int32(len(l.files) - 1), row: int32(at.row), line: int32(at.line)}
	sets := make([]assignment, 0, len(columns))
	for i, f := range columns {
		at.column = header[i]
		if f == nil || strings.TrimSpace(cells[i]) == "" {
			continue
		}
		v, errs := f.coerce(foreignDate(f, cells[i]))
		if len(errs) > 0 {
			return at.errorf("%s%s", errs[0].message, miscopied(f, cells[i]))
		}
		if f.sys == sysNone {
			sets = append(sets, assignment{f, v})
			continue
		}
		l.take(row.record, f.sys, v)
	}
	at.column = "Id"
	switch {
	case row.id != "" && row.id[:3] != ob.prefix:
		return at.errorf("%s is not an id of %s", row.id, ob.name)
	case row.id != "" && (l.ids[row.id] || ob.records.find(row.id) != nil):
		return at.errorf("the id %s is there already", row.id)
	}
	if ob.name == "User" {
		sets = l.completeUser(ob, sets)
	}
	row.puts(sets)
	if err := row.required(at, columns); err != nil {
		return err
	}
	l.measure(row.record)
	l.order = append(l.order, row)
	if row.id != "" {
		l.ids[row.id] = true
	}
	return nil
}

// measure keeps the length of the longest value of each field to come.
func (l *loader) measure(r *record) {
	for _, n := range l.fields {
		if n.ob == r.object {
			n.longest = max(n.longest, utf8.RuneCountInString(r.at(n.field).Str()))
		}
	}
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

// take puts the value of a system column where the record has it.
func (l *loader) take(r *record, what system, v value) {
	switch what {
	case sysID:
		r.id = v.Str()
	case sysDeleted:
		r.deleted = v.Bool()
	case sysCreated:
		r.created = v.Time().Unix()
	case sysModified:
		r.modified = v.Time().Unix()
	case sysStamp:
		r.stamp = v.Time().Unix()
	case sysCreatedBy:
		r.createdBy = l.once(v.Str())
	case sysModifiedBy:
		r.modifiedBy = l.once(v.Str())
	}
}

// once gives a text that many rows have the same memory in all of them.
func (l *loader) once(id string) string {
	if _, ok := l.names[id]; !ok {
		l.names[id] = id
	}
	return l.names[id]
}

// required checks the columns an object cannot be without.
func (row loadedRow) required(at place, columns []*field) error {
	for _, f := range row.object.fields {
		if !f.required || f.compute != nil || !row.cells.at(f.idx).IsNull() {
			continue
		}
		at.column = f.name
		if !slices.Contains(columns, f) {
			return place{file: at.file, column: f.name}.errorf("the column is missing, but each %s needs a value for %s; export it as well, or add the column%s", row.object.name, f.label, standIn(f))
		}
		return at.errorf("the cell is empty, but %s needs a value for %s%s", row.object.name, f.label, standIn(f))
	}
	return nil
}

// standIn is what may be written where an export left out a needed value.
func standIn(f *field) string {
	if f.name == "Username" {
		return ", for example with the e-mail address: it is written like one, and each user has another"
	}
	return ""
}

// completeUser fills in what a user lacks: they may be exported with few columns.
// Roles that the org does not have are left out, as they give no rights here.
func (l *loader) completeUser(ob *object, sets []assignment) []assignment {
	profile := l.o.permissionSet("Standard User").named("ProfileId").Str()
	fill := map[string]string{"Alias": "user", "TimeZoneSidKey": l.o.options().TimeZone, "LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US", "ProfileId": profile}
	for i, a := range sets {
		if a.f.name == "ProfileId" && l.o.find(a.v.Str()) == nil {
			sets[i].v = soql.Text(profile)
		}
		delete(fill, a.f.name)
	}
	sets = slices.DeleteFunc(sets, func(a assignment) bool { return a.f.name == "UserRoleId" && l.o.find(a.v.Str()) == nil })
	if !slices.ContainsFunc(sets, func(a assignment) bool { return a.f.name == "IsActive" }) {
		sets = append(sets, assignment{ob.field("IsActive"), soql.Bool(true)})
	}
	for _, name := range sortedKeys(fill) {
		sets = append(sets, assignment{ob.field(name), soql.Text(fill[name])})
	}
	return sets
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

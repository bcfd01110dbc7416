package salesforcesim

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"tandem/sim/salesforcesim/soql"
)

// Load takes Salesforce CSV exports, one file an object, from a folder:
// Account.csv, Contact.csv, User.csv and so on. Ids may have 15 or 18
// characters, references may cross files, columns ending in __c become text
// fields. Files of objects that the org does not simulate and columns that
// are report labels rather than field names are left out and noted. A
// reference must lead to a row of some file or of the org; users may be
// missing and are made up, inactive.
//
// It is all or nothing: the first mistake is returned with file, row and
// column, and the org stays as it was. Loading shows neither in the ledger nor
// as change events.
func (o *Org) Load(dir string) (LoadReport, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	if err != nil || len(paths) == 0 {
		return LoadReport{}, fmt.Errorf("load %s: there is no .csv file in it", dir)
	}
	sort.Strings(paths)
	o.mu.Lock()
	defer o.mu.Unlock()
	l := &loader{o: o, rows: map[string]*loadedRow{}, users: map[string]bool{}, report: LoadReport{Records: map[string]int{}}}
	for _, path := range paths {
		if err := l.file(path); err != nil {
			return LoadReport{}, err
		}
	}
	if err := l.check(); err != nil {
		return LoadReport{}, err
	}
	l.apply()
	sort.Strings(l.report.Notes)
	return l.report, nil
}

// loader collects the rows of all files before any of them reaches the org.
type loader struct {
	o      *Org
	fields []newField
	order  []*loadedRow
	rows   map[string]*loadedRow // by id
	users  map[string]bool       // ids of users that no file has
	report LoadReport
}

// newField is a custom field that a file brings.
type newField struct {
	ob *object
	f  *field
}

// loadedRow is one row before it is a record.
type loadedRow struct {
	place   place
	ob      *object
	id      string
	sets    []assignment
	audit   map[string]value
	deleted bool
}

// place is where in a file something stands.
type place struct {
	file      string
	row, line int
	column    string
}

func (p place) errorf(format string, args ...any) error {
	where := p.file
	if p.row > 0 {
		where += fmt.Sprintf(", row %d (line %d)", p.row, p.line)
	}
	if p.column != "" {
		where += ", column " + p.column
	}
	return fmt.Errorf("load %s: %s", where, fmt.Sprintf(format, args...))
}

func (l *loader) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(l.report.Notes, text) {
		l.report.Notes = append(l.report.Notes, text)
	}
}

// loadable reports whether files of an object are taken.
func loadable(ob *object) bool {
	return ob != nil && (!ob.setup || ob.name == "User" || ob.name == "Group" || ob.name == "RecordType")
}

func (l *loader) file(path string) error {
	name := filepath.Base(path)
	ob := l.o.objects[strings.ToLower(strings.TrimSuffix(name, ".csv"))]
	if !loadable(ob) {
		l.note("%s left out: the org does not simulate such an object", name)
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("load %s: %w", name, err)
	}
	if !utf8.Valid(text) {
		return place{file: name}.errorf("it is not UTF-8; export it again with that encoding")
	}
	return l.table(name, ob, strings.TrimPrefix(string(text), "\ufeff"))
}

// ignored are columns of real exports that only some org features fill.
var ignored = []string{"IsCustomerPortal", "IsPartner", "CanAllowPortalSelfReg", "IsPersonAccount", "IsPriorityRecord", "ActivityMetricId", "ActivityMetricRollupId",
	"CampaignMemberRecordTypeId", "ProductId", "EntitlementId", "SourceId", "BusinessHoursId", "IsVisibleInSelfService", "HasCommentsUnreadByOwner", "HasSelfServiceComments",
	"IsClosedOnCreate", "IsSelfServiceClosed", "SlaStartDate", "SlaExitDate", "IsStopped", "StopStartDate", "MilestoneStatus",
	"Street", "City", "State", "PostalCode", "Country", "LeadOrContactOwnerId"}

var apiName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// column decides what a header cell means: a field, or nil to leave it out.
func (l *loader) column(at place, ob *object, name string) (*field, error) {
	f := ob.field(name)
	switch {
	case f != nil && f.compute != nil:
		return nil, nil
	case f != nil:
		return f, nil
	case slices.Contains(ignored, name):
		return nil, nil
	case name == "RecordTypeId":
		l.note("%s: column RecordTypeId left out: the org has no record types for %s", at.file, ob.name)
		return nil, nil
	case strings.HasSuffix(name, "__c"):
		return l.planField(ob, name), nil
	case !apiName.MatchString(name):
		l.note("%s: column %q left out: it is not the API name of a field", at.file, name)
		return nil, nil
	}
	at.column = name
	return nil, at.errorf("%s has no field of that name; remove the column, or end the name in __c to make it a text field", ob.name)
}

// planField notes a custom text field; its length is settled by its values.
func (l *loader) planField(ob *object, name string) *field {
	f := &field{name: name, typ: "string", custom: true, createable: true, updateable: true, permissionable: true}
	l.fields = append(l.fields, newField{ob, f})
	return f
}

// check looks at ids and references over all files.
func (l *loader) check() error {
	for _, row := range l.order {
		for _, a := range row.sets {
			if a.f.typ != "reference" || a.v.IsNull() {
				continue
			}
			if err := l.reference(row, a.f, a.v.Str()); err != nil {
				return err
			}
		}
		for _, column := range []string{"CreatedById", "LastModifiedById"} {
			if v := row.audit[column]; !v.IsNull() {
				if err := l.reference(row, row.ob.field(column), v.Str()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (l *loader) reference(row *loadedRow, f *field, id string) error {
	at := row.place
	at.column = f.name
	target := l.o.byPrefix[id[:3]]
	if target == nil || !f.pointsAt(target.name) {
		if l.o.knowsPrefix(f, id) {
			return nil
		}
		return at.errorf("%s is not an id of %s", id, strings.Join(f.refTo, " or "))
	}
	if l.rows[id] != nil || target.records.find(id) != nil {
		return nil
	}
	if target.name == "User" {
		l.users[id] = true
		return nil
	}
	return at.errorf("%s leads to no row: add it to %s.csv or clear the cell", id, target.name)
}

// apply makes everything known; nothing can fail any more.
func (l *loader) apply() {
	o := l.o
	for _, n := range l.fields {
		l.makeField(n)
	}
	for _, id := range sortedKeys(l.users) {
		l.makeUser(id)
	}
	for _, row := range l.order {
		l.makeRecord(row)
		l.report.Records[row.ob.name]++
	}
	sort.SliceStable(o.bins, func(i, j int) bool { return o.bins[i].at < o.bins[j].at })
	for _, ob := range o.objects {
		ob.records.tidy()
	}
	o.rules++
	o.snapshotEvents()
}

// makeField creates a column that everyone may see, as wide as its values
// need.
func (l *loader) makeField(n newField) {
	o, longest := l.o, 0
	for _, row := range l.order {
		for _, a := range row.sets {
			if a.f == n.f {
				longest = max(longest, utf8.RuneCountInString(a.v.Str()))
			}
		}
	}
	meta := map[string]any{"type": "Text", "length": 255, "label": strings.ReplaceAll(strings.TrimSuffix(n.f.name, "__c"), "_", " ")}
	if longest > 255 {
		meta["type"], meta["length"] = "LongTextArea", 131072
	}
	id := o.seed("CustomField", "FullName", n.ob.name+"."+n.f.name, "Metadata", meta)
	o.applyCustomField(change{after: o.find(id)})
	for _, set := range o.dataSets() {
		o.grantField(set, n.ob.field(n.f.name), true)
	}
}

func (l *loader) makeUser(id string) {
	l.note("user %s made up, inactive: records name it and no file has it", id)
	o, users := l.o, l.o.objects["user"]
	made := o.seedUser("placeholder."+strings.ToLower(id), "", "Unknown "+id[12:15], o.find(o.adminID).named("ProfileId").Str())
	r := users.records.find(made)
	next := r.with([]assignment{{users.field("IsActive"), soql.Bool(false)}})
	users.records.set(r, nil)
	next.id = id
	users.records.set(nil, next)
}

func (l *loader) makeRecord(row *loadedRow) {
	o := l.o
	r := &record{object: row.ob, id: row.id, createdBy: o.adminID, modifiedBy: o.adminID, deleted: row.deleted}
	if r.id == "" {
		r.id = o.newID(row.ob)
	}
	for _, a := range row.sets {
		r.put(row.ob.field(a.f.name), a.v)
	}
	(&tx{o: o, by: actor{userID: o.adminID}}).fillDefaults(r, row.sets)
	now := o.now().Unix()
	r.created = row.unix("CreatedDate", now)
	r.modified = row.unix("LastModifiedDate", r.created)
	r.stamp = row.unix("SystemModstamp", r.modified)
	if v := row.audit["CreatedById"]; !v.IsNull() {
		r.createdBy, r.modifiedBy = v.Str(), v.Str()
	}
	if v := row.audit["LastModifiedById"]; !v.IsNull() {
		r.modifiedBy = v.Str()
	}
	row.ob.records.set(nil, r)
	if r.deleted {
		o.bins = append(o.bins, binned{object: row.ob, id: r.id, root: r.id, at: r.stamp})
	}
	o.applySetup(change{after: r})
}

func (row *loadedRow) unix(column string, otherwise int64) int64 {
	if v := row.audit[column]; !v.IsNull() {
		return v.Time().Unix()
	}
	return otherwise
}

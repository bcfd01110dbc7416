package salesforcesim

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// Load takes Salesforce CSV exports, one file an object, from a folder:
// Account.csv, Contact.csv, User.csv and so on. Ids may have 15 or 18
// characters, references may cross files, columns ending in __c become text
// fields. Files of objects that the org does not simulate and columns that
// are report labels rather than field names are left out and noted. A
// reference must lead to a row of some file or of the org; users may be
// missing and are made up.
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
	l := &loader{o: o, ids: map[string]bool{}, users: map[string]bool{}, names: map[string]string{}, report: LoadReport{Records: map[string]int{}}}
	for _, path := range paths {
		if err := l.file(path); err != nil {
			return LoadReport{}, err
		}
	}
	if err := l.check(); err != nil {
		return LoadReport{}, err
	}
	l.ownStages()
	l.ownStatuses("lead", "LeadStatus", "IsConverted")
	l.ownStatuses("case", "CaseStatus", "IsClosed")
	l.apply()
	sort.Strings(l.report.Notes)
	return l.report, nil
}

// loader collects the rows of all files before any of them reaches the org.
type loader struct {
	o      *Org
	fields []*newField
	files  []string
	order  []loadedRow
	ids    map[string]bool   // of the rows
	users  map[string]bool   // ids of users that no file has
	names  map[string]string // ids of those who wrote the rows, each kept once
	report LoadReport
}

// newField is a custom field that a file brings. Its place among the cells is
// settled before it is made, so that rows can be packed as they are read.
type newField struct {
	*field
	ob      *object
	longest int // characters of its longest value
}

// loadedRow is a record before its table has it, and where it stood. Columns
// that it lacks are zero.
type loadedRow struct {
	*record
	file, row, line int32
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
	return ob != nil && (!ob.setup || ob.name == "User" || ob.name == "Group" || ob.name == "RecordType" || ob.name == "BusinessProcess")
}

func (l *loader) file(path string) error {
	name := filepath.Base(path)
	ob := l.o.objects[strings.ToLower(strings.TrimSuffix(name, ".csv"))]
	if !loadable(ob) {
		l.note("%s left out: the org does not simulate such an object", name)
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("load %s: %w", name, err)
	}
	defer f.Close()
	l.files = append(l.files, name)
	return l.table(name, ob, withoutMark(f))
}

// withoutMark reads past the byte order mark of a file that has one.
func withoutMark(f io.Reader) io.Reader {
	r := bufio.NewReaderSize(f, 1<<16)
	if mark, err := r.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = r.Discard(len(mark)) // they are there: Peek has seen them
	}
	return r
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
	n := &newField{ob: ob, field: &field{name: name, typ: "string", custom: true, createable: true, updateable: true, permissionable: true}}
	n.idx = len(ob.slots)
	for _, have := range l.fields {
		if have.ob == ob {
			n.idx++
		}
	}
	l.fields = append(l.fields, n)
	return n.field
}

// check looks at ids and references over all files.
func (l *loader) check() error {
	for _, row := range l.order {
		for idx, v := range row.cells.all() {
			if slots := row.object.slots; idx < len(slots) && slots[idx].typ == "reference" {
				if err := l.reference(row, slots[idx], v.Str()); err != nil {
					return err
				}
			}
		}
		for i, id := range []string{row.createdBy, row.modifiedBy} {
			if id == "" {
				continue
			}
			if err := l.reference(row, row.object.field([]string{"CreatedById", "LastModifiedById"}[i]), id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *loader) reference(row loadedRow, f *field, id string) error {
	at := place{file: l.files[row.file], row: int(row.row), line: int(row.line), column: f.name}
	target := l.o.byPrefix[id[:3]]
	if target == nil || !f.pointsAt(target.name) {
		if l.o.knowsPrefix(f, id) {
			return nil
		}
		return at.errorf("%s is not an id of %s", id, strings.Join(f.refTo, " or "))
	}
	if l.ids[id] || target.records.find(id) != nil {
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
		l.makeRecord(row.record)
		l.report.Records[row.object.name]++
	}
	l.assignProfiles()
	sort.SliceStable(o.bins, func(i, j int) bool { return o.bins[i].at < o.bins[j].at })
	for _, ob := range o.objects {
		ob.records.tidy()
	}
	o.rules++
	o.snapshotEvents()
}

// assignProfiles gives the users of the files what their profiles allow, so that they may
// own records and change hands.
func (l *loader) assignProfiles() {
	for _, row := range l.order {
		if row.object.name == "User" {
			l.o.allowByProfile(row.record)
		}
	}
}

// allowByProfile gives a user the permission set behind the user's profile.
func (o *Org) allowByProfile(user *record) {
	for _, set := range o.objects["permissionset"].records.rows {
		if set != nil && set.named("ProfileId").Str() == user.named("ProfileId").Str() && !set.named("ProfileId").IsNull() {
			o.seed("PermissionSetAssignment", "PermissionSetId", set.id, "AssigneeId", user.id)
		}
	}
}

// makeField creates a column that everyone may see, as wide as its values
// need.
func (l *loader) makeField(n *newField) {
	o := l.o
	meta := map[string]any{"type": "Text", "length": 255, "label": strings.ReplaceAll(strings.TrimSuffix(n.name, "__c"), "_", " ")}
	if n.longest > 255 {
		meta["type"], meta["length"] = "LongTextArea", 131072
	}
	r := o.customField(definedOn(n.ob.name), n.name)
	if r == nil {
		r = o.find(o.seed("CustomField", "FullName", definedOn(n.ob.name)+"."+n.name, "Metadata", meta))
	}
	o.applyFieldTo(n.ob, n.name, r, r)
	if made := n.ob.field(n.name); made.idx != n.idx {
		panic("load: the values of " + n.name + " were packed for another field")
	}
	for _, set := range o.dataSets() {
		o.grantField(set, n.ob.field(n.name), true)
	}
}

func (l *loader) makeUser(id string) {
	l.note("user %s made up: records name it and no file has it", id)
	o, users := l.o, l.o.objects["user"]
	r := users.records.find(o.seedUser("placeholder."+strings.ToLower(id), "", "Unknown "+id[12:15], o.find(o.adminID).named("ProfileId").Str()))
	next := r.with(nil)
	users.records.set(r, nil)
	next.id = id
	users.records.set(nil, next)
	o.allowByProfile(next)
}

func (l *loader) makeRecord(r *record) {
	o := l.o
	if r.id == "" {
		r.id = o.newID(r.object)
	}
	(&tx{o: o, by: actor{userID: o.adminID}}).fillDefaults(r)
	r.created = cmp.Or(r.created, o.now().Unix())
	r.modified = cmp.Or(r.modified, r.created)
	r.stamp = cmp.Or(r.stamp, r.modified)
	r.createdBy = cmp.Or(r.createdBy, o.adminID)
	r.modifiedBy = cmp.Or(r.modifiedBy, r.createdBy)
	r.object.records.set(nil, r)
	if r.deleted {
		o.bins = append(o.bins, binned{object: r.object, id: r.id, root: r.id, at: r.stamp})
	}
	o.applySetup(change{after: r})
}

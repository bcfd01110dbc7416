package segment

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// card is a record of a test world.
type card struct {
	id      string
	values  map[string]string
	history map[string][]string
}

func (c card) ID() string { return c.id }

func (c card) Property(name string) (string, bool) {
	v, ok := c.values[name]
	return v, ok
}

func (c card) History(name string) []string { return append(c.history[name], c.values[name]) }

// plain is a record without history.
type plain struct{ Record }

// tree wraps filters and branches into the structure that every list has.
func tree(filters, branches string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"filterBranchType":"OR","filterBranches":[{"filterBranchType":"AND",
		"filters":[%s],"filterBranches":[%s]}],"filters":[]}`, filters, branches))
}

func propertyFilter(property, operation string) string {
	return fmt.Sprintf(`{"filterType":"PROPERTY","property":%q,"operation":{%s}}`, property, operation)
}

func mustParse(t *testing.T, raw json.RawMessage) *Filter {
	t.Helper()
	f, err := Parse("0-1", raw)
	if err != nil {
		t.Fatalf("Parse(%s): %v", raw, err)
	}
	return f
}

var ada = card{id: "7", values: map[string]string{
	"email": "Ada@X.com", "age": "36", "active": "true", "tags": "a;b", "score": "ten", "empty": "",
	"born": "1815-12-10", "seen": "2026-05-10T12:00:00.000Z", "seen_ms": "1778414400000", "limit": "2026-05-11T00:00:00Z",
}, history: map[string][]string{
	"email": {"ada@old.org"}, "tags": {"c", "a;b;c"}, "age": {"35"}, "active": {"false"},
}}

// noon is the moment at which the tests evaluate: a Wednesday.
var noon = time.Date(2026, 5, 13, 12, 0, 0, 0, time.UTC)

var propertyCases = []struct {
	property, operation string
	want                bool
}{
	{"email", `"operationType":"STRING","operator":"IS_EQUAL_TO","value":"ada@x.com"`, true},
	{"email", `"operationType":"STRING","operator":"IS_NOT_EQUAL_TO","value":"ada@x.com"`, false},
	{"email", `"operationType":"STRING","operator":"CONTAINS","value":"A@"`, true},
	{"email", `"operationType":"STRING","operator":"DOES_NOT_CONTAIN","value":"old"`, true},
	{"email", `"operationType":"STRING","operator":"STARTS_WITH","value":"x"`, false},
	{"email", `"operationType":"STRING","operator":"ENDS_WITH","value":".COM"`, true},
	{"email", `"operationType":"STRING","operator":"HAS_EVER_BEEN_EQUAL_TO","value":"ada@old.org"`, true},
	{"email", `"operationType":"STRING","operator":"HAS_NEVER_BEEN_EQUAL_TO","value":"ada@old.org"`, false},
	{"email", `"operationType":"STRING","operator":"HAS_EVER_CONTAINED","value":"nobody"`, false},
	{"email", `"operationType":"STRING","operator":"HAS_NEVER_CONTAINED","value":"nobody"`, true},
	{"email", `"operationType":"MULTISTRING","operator":"IS_EQUAL_TO","values":["b","ada@x.com"]`, true},
	{"email", `"operationType":"MULTISTRING","operator":"IS_NOT_EQUAL_TO","values":["b","ada@x.com"]`, false},
	{"email", `"operationType":"MULTISTRING","operator":"CONTAINS","values":["@y","@x"]`, true},
	{"email", `"operationType":"MULTISTRING","operator":"DOES_NOT_CONTAIN","values":["@y","@z"]`, true},

	{"age", `"operationType":"NUMBER","operator":"IS_EQUAL_TO","value":36.0`, true},
	{"age", `"operationType":"NUMBER","operator":"IS_NOT_EQUAL_TO","value":36`, false},
	{"age", `"operationType":"NUMBER","operator":"IS_GREATER_THAN","value":36`, false},
	{"age", `"operationType":"NUMBER","operator":"IS_GREATER_THAN_OR_EQUAL_TO","value":36`, true},
	{"age", `"operationType":"NUMBER","operator":"IS_LESS_THAN","value":100`, true},
	{"age", `"operationType":"NUMBER","operator":"IS_LESS_THAN_OR_EQUAL_TO","value":35.9`, false},
	{"age", `"operationType":"NUMBER","operator":"HAS_EVER_BEEN_EQUAL_TO","value":35`, true},
	{"age", `"operationType":"NUMBER_RANGED","operator":"IS_BETWEEN","lowerBound":36,"upperBound":40`, true},
	{"age", `"operationType":"NUMBER_RANGED","operator":"IS_NOT_BETWEEN","lowerBound":36,"upperBound":40`, false},
	{"score", `"operationType":"NUMBER","operator":"IS_NOT_EQUAL_TO","value":1`, false},
	{"score", `"operationType":"NUMBER_RANGED","operator":"IS_NOT_BETWEEN","lowerBound":1,"upperBound":2`, false},

	{"active", `"operationType":"BOOL","operator":"IS_EQUAL_TO","value":true`, true},
	{"active", `"operationType":"BOOL","operator":"IS_NOT_EQUAL_TO","value":true`, false},
	{"active", `"operationType":"BOOL","operator":"HAS_EVER_BEEN_EQUAL_TO","value":false`, true},
	{"active", `"operationType":"BOOL","operator":"HAS_NEVER_BEEN_EQUAL_TO","value":false`, false},

	{"tags", `"operationType":"ENUMERATION","operator":"IS_ANY_OF","values":["b","z"]`, true},
	{"tags", `"operationType":"ENUMERATION","operator":"IS_NONE_OF","values":["z"]`, true},
	{"tags", `"operationType":"ENUMERATION","operator":"IS_NONE_OF","values":["a"]`, false},
	{"tags", `"operationType":"ENUMERATION","operator":"IS_EXACTLY","values":["b","a"]`, true},
	{"tags", `"operationType":"ENUMERATION","operator":"IS_EXACTLY","values":["a"]`, false},
	{"tags", `"operationType":"ENUMERATION","operator":"IS_NOT_EXACTLY","values":["a"]`, true},
	{"tags", `"operationType":"ENUMERATION","operator":"CONTAINS_ALL","values":["a"]`, true},
	{"tags", `"operationType":"ENUMERATION","operator":"DOES_NOT_CONTAIN_ALL","values":["a","z"]`, true},
	{"tags", `"operationType":"ENUMERATION","operator":"HAS_EVER_BEEN_ANY_OF","values":["c"]`, true},
	{"tags", `"operationType":"ENUMERATION","operator":"HAS_NEVER_BEEN_ANY_OF","values":["c"]`, false},
	{"tags", `"operationType":"ENUMERATION","operator":"HAS_EVER_BEEN_EXACTLY","values":["c"]`, true},
	{"tags", `"operationType":"ENUMERATION","operator":"HAS_EVER_CONTAINED_ALL","values":["a","c"]`, true},

	{"email", `"operationType":"ALL_PROPERTY","operator":"IS_KNOWN"`, true},
	{"empty", `"operationType":"ALL_PROPERTY","operator":"IS_KNOWN","includeObjectsWithNoValueSet":true`, false},
	{"empty", `"operationType":"ALL_PROPERTY","operator":"IS_UNKNOWN"`, true},
	{"email", `"operationType":"ALL_PROPERTY","operator":"IS_UNKNOWN"`, false},

	{"missing", `"operationType":"STRING","operator":"IS_NOT_EQUAL_TO","value":"x"`, false},
	{"missing", `"operationType":"STRING","operator":"IS_NOT_EQUAL_TO","value":"x","includeObjectsWithNoValueSet":true`, true},
	{"empty", `"operationType":"NUMBER","operator":"IS_EQUAL_TO","value":0,"includeObjectsWithNoValueSet":true`, true},
}

func TestPropertyFilters(t *testing.T) {
	for _, c := range propertyCases {
		f := mustParse(t, tree(propertyFilter(c.property, c.operation), ""))
		if got := f.Evaluate(ada, Env{Now: noon}); got != c.want {
			t.Errorf("%s {%s} = %v, want %v", c.property, c.operation, got, c.want)
		}
	}
}

func TestHistoryIsOptional(t *testing.T) {
	f := mustParse(t, tree(propertyFilter("email", `"operationType":"STRING","operator":"HAS_EVER_BEEN_EQUAL_TO","value":"ada@old.org"`), ""))
	if f.Evaluate(plain{ada}, Env{}) {
		t.Error("a record without history matched an earlier value")
	}
}

var timeCases = []struct {
	property, operation string
	want                bool
}{
	{"seen", `"operationType":"DATETIME","operator":"IS_EQUAL_TO","timestamp":1778414400000`, true},
	{"seen_ms", `"operationType":"DATETIME","operator":"IS_EQUAL_TO","timestamp":1778414400000`, true},
	{"seen", `"operationType":"DATETIME","operator":"IS_BEFORE_DATE","timestamp":1778414400000`, false},
	{"seen", `"operationType":"DATETIME","operator":"IS_AFTER","timestamp":1778414399999`, true},
	{"email", `"operationType":"DATETIME","operator":"IS_AFTER","timestamp":0`, false},

	{"seen", before(`{"timeType":"DATE","zoneId":"UTC","year":2026,"month":5,"day":10,"hour":12}`), false},
	{"seen", before(`{"timeType":"DATE","zoneId":"UTC","year":2026,"month":5,"day":10,"hour":12}`) + `,"endpointBehavior":"INCLUSIVE"`, true},
	{"seen", before(`{"timeType":"DATE","zoneId":"UTC","year":2026,"month":5,"day":10,"hour":12,"millisecond":1}`), true},
	// Noon UTC is eight in the morning in New York.
	{"seen", before(`{"timeType":"DATE","zoneId":"America/New_York","year":2026,"month":5,"day":10,"hour":8,"minute":1}`), true},
	{"seen", after(`{"timeType":"DATE","zoneId":"America/New_York","year":2026,"month":5,"day":10,"hour":8,"minute":1}`), false},
	// A date means midnight where the filter is.
	{"born", after(`{"timeType":"DATE","zoneId":"Asia/Tokyo","year":1815,"month":12,"day":10}`) + `,"endpointBehavior":"INCLUSIVE"`, true},
	{"born", after(`{"timeType":"DATE","zoneId":"UTC","year":1815,"month":12,"day":10}`), false},

	{"seen", after(indexedAt("NOW", "", `"days":-3`)), false},
	{"seen", after(indexedAt("NOW", "", `"days":-3,"milliseconds":-1`)), true},
	{"seen", after(indexedAt("TODAY", "", `"days":-3`)), false},
	{"seen", after(indexedAt("TODAY", `,"hour":0`, `"days":-3`)), true},
	{"seen", before(indexedAt("WEEK", `,"dayOfWeek":"MONDAY"`, "")), true},
	{"seen", before(indexedAt("WEEK", `,"dayOfWeek":"SUNDAY"`, `"weeks":-1`)), false},
	{"seen", after(indexedAt("MONTH", `,"day":1`, "")), true},
	{"seen", before(indexedAt("QUARTER", `,"month":2,"day":10`, `"hours":13`)), true},
	{"seen", after(indexedAt("QUARTER", `,"month":2,"day":9`, "")), true},
	{"seen", before(indexedAt("QUARTER", `,"month":1,"day":10`, "")), false},
	{"seen", after(indexedAt("YEAR", `,"month":1,"day":1`, `"years":1`)), false},
	{"seen", after(indexedAt("YEAR", `,"month":1,"day":1`, `"quarters":1,"months":1`)), true},

	{"seen", before(`{"timeType":"PROPERTY_REFERENCED","zoneId":"UTC","property":"limit","referenceType":"VALUE"}`), true},
	{"seen", after(`{"timeType":"PROPERTY_REFERENCED","zoneId":"UTC","property":"limit"}`), false},
	{"seen", after(`{"timeType":"PROPERTY_REFERENCED","zoneId":"UTC","property":"missing"}`), false},

	{"seen", between("IS_BETWEEN", 10, 12, 11, 0), true},
	{"seen", between("IS_BETWEEN", 10, 12, 11, 0) + `,"lowerBoundEndpointBehavior":"EXCLUSIVE"`, false},
	{"seen", between("IS_BETWEEN", 9, 0, 10, 12), true},
	{"seen", between("IS_BETWEEN", 9, 0, 10, 12) + `,"upperBoundEndpointBehavior":"EXCLUSIVE"`, false},
	{"seen", between("IS_NOT_BETWEEN", 11, 0, 12, 0), true},
	{"email", between("IS_NOT_BETWEEN", 11, 0, 12, 0), false},
}

func before(point string) string {
	return `"operationType":"TIME_POINT","operator":"IS_BEFORE","timePoint":` + point
}

func after(point string) string {
	return `"operationType":"TIME_POINT","operator":"IS_AFTER","timePoint":` + point
}

func indexedAt(reference, more, offset string) string {
	if reference == "TODAY" && more == "" {
		more = `,"hour":12`
	}
	return fmt.Sprintf(`{"timeType":"INDEXED","zoneId":"UTC","indexReference":{"referenceType":%q%s},"offset":{%s}}`, reference, more, offset)
}

func between(operator string, day1, hour1, day2, hour2 int) string {
	point := func(day, hour int) string {
		return fmt.Sprintf(`{"timeType":"DATE","zoneId":"UTC","year":2026,"month":5,"day":%d,"hour":%d}`, day, hour)
	}
	return fmt.Sprintf(`"operationType":"TIME_RANGED","operator":%q,"lowerBoundTimePoint":%s,"upperBoundTimePoint":%s`,
		operator, point(day1, hour1), point(day2, hour2))
}

func TestTimeFilters(t *testing.T) {
	for _, c := range timeCases {
		f := mustParse(t, tree(propertyFilter(c.property, c.operation), ""))
		if got := f.Evaluate(ada, Env{Now: noon}); got != c.want {
			t.Errorf("%s {%s} = %v, want %v", c.property, c.operation, got, c.want)
		}
	}
}

func TestPortalZoneIsTheDefaultZone(t *testing.T) {
	f := mustParse(t, tree(propertyFilter("seen", before(`{"timeType":"DATE","timezoneSource":"PORTAL","zoneId":"UTC","year":2026,"month":5,"day":10,"hour":10}`)), ""))
	west := time.FixedZone("west", -4*60*60)
	if !f.Evaluate(ada, Env{Zone: west}) || f.Evaluate(ada, Env{}) {
		t.Error("the calendar fields were not read in the portal's zone")
	}
}

func TestBranches(t *testing.T) {
	yes, no := `{"filterType":"CONSTANT","shouldAccept":true}`, `{"filterType":"CONSTANT","shouldAccept":false}`
	branch := func(kind, filters string) string {
		return fmt.Sprintf(`{"filterBranchType":%q,"filters":[%s]}`, kind, filters)
	}
	for _, c := range []struct {
		raw  json.RawMessage
		want bool
	}{
		{tree("", ""), true},
		{tree(yes+","+no, ""), false},
		{tree(yes, branch("OR", no+","+yes)), true},
		{tree(yes, branch("OR", no)), false},
		{tree("", branch("NOT_ALL", yes+","+no)), true},
		{tree("", branch("NOT_ALL", yes+","+yes)), false},
		{tree("", branch("NOT_ANY", yes+","+no)), false},
		{tree("", branch("NOT_ANY", no)), true},
		{json.RawMessage(`{"filterBranchType":"OR","filterBranches":[` + branch("AND", no) + `,` + branch("AND", yes) + `]}`), true},
	} {
		if got := mustParse(t, c.raw).Evaluate(ada, Env{}); got != c.want {
			t.Errorf("%s = %v, want %v", c.raw, got, c.want)
		}
	}
}

func TestAssociationsAndLists(t *testing.T) {
	company := card{id: "9", values: map[string]string{"industry": "MUSIC"}}
	env := Env{
		Associated: func(from string, r Record, to string, via AssociationType) []Record {
			if from == "0-1" && r.ID() == "7" && to == "0-2" && via == (AssociationType{"HUBSPOT_DEFINED", 279}) {
				return []Record{card{id: "8"}, company}
			}
			return nil
		},
		InList: func(listID, recordID string) bool {
			return listID+"/"+recordID == "4/7" || listID+"/"+recordID == "5/9"
		},
	}
	branch := `{"filterBranchType":"ASSOCIATION","objectTypeId":"0-2","operator":"IN_LIST","associationTypeId":%d,` +
		`"associationCategory":"HUBSPOT_DEFINED","filters":[` +
		propertyFilter("industry", `"operationType":"ENUMERATION","operator":"IS_ANY_OF","values":["%s"]`) + `]}`
	member := `{"filterType":"ASSOCIATION","toObjectTypeId":"0-2","associationTypeId":279,"associationCategory":"HUBSPOT_DEFINED","operator":"IN_LIST","listId":"%s"}`
	for _, c := range []struct {
		raw  json.RawMessage
		want bool
	}{
		{tree("", fmt.Sprintf(branch, 279, "MUSIC")), true},
		{tree("", fmt.Sprintf(branch, 279, "SPORTS")), false},
		{tree("", fmt.Sprintf(branch, 280, "MUSIC")), false},
		{tree(`{"filterType":"IN_LIST","operator":"IN_LIST","listId":"4"}`, ""), true},
		{tree(`{"filterType":"IN_LIST","operator":"NOT_IN_LIST","listId":"4"}`, ""), false},
		{tree(`{"filterType":"IN_LIST","operator":"IN_LIST","listId":"5"}`, ""), false},
		{tree(fmt.Sprintf(member, "5"), ""), true},
		{tree(fmt.Sprintf(member, "4"), ""), false},
	} {
		f := mustParse(t, c.raw)
		if got := f.Evaluate(ada, env); got != c.want {
			t.Errorf("%s = %v, want %v", c.raw, got, c.want)
		}
		if f.Evaluate(card{id: "1"}, Env{}) != strings.Contains(string(c.raw), "NOT_IN_LIST") {
			t.Errorf("%s: an Env without functions must answer none and no", c.raw)
		}
	}
}

func TestRefusedTrees(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat(`{"filterType":"CONSTANT"},`, maxFilters+1), ",")
	for _, c := range []struct{ raw, path, message string }{
		{``, "", "an object is required"},
		{`[]`, "", "an object is required"},
		{`{"filterBranchType":"OR"`, "", "Unexpected end"},
		{`{"filterBranchType":"AND"}`, "filterBranchType", "must be of type OR"},
		{`{"filterBranchType":"OR"}`, "filterBranches", "at least one AND"},
		{`{"filterBranchType":"OR","filters":[{}]}`, "filters", "cannot hold filters"},
		{`{"filterBranchType":"OR","filterBranches":[{"filterBranchType":"OR"}]}`, "filterBranches[0].filterBranchType", "must be of type AND"},
		{`{"filterBranchType":"OR","filterBranches":[null]}`, "filterBranches[0]", "an object is required"},
		{`{"filterBranchType":"OR","filterBranches":7}`, "filterBranches", "JSON number"},
		{string(tree("", strings.Repeat(`{"filterBranchType":"AND","filterBranches":[`, maxDepth)+strings.Repeat(`]}`, maxDepth))), "", "nested deeper"},
		{string(tree(many, "")), "", "at most 1000 filters"},
		{string(tree(`{"filterType":"PAGE_VIEW"}`, "")), "filterBranches[0].filters[0].filterType", `"PAGE_VIEW" is not supported`},
		{string(tree("", `{"filterBranchType":"UNIFIED_EVENTS"}`)), "filterBranches[0].filterBranches[0].filterBranchType", "not supported"},
		{string(tree("", `{"filterBranchType":"ASSOCIATION","operator":"IN_LIST"}`)), "", "needs objectTypeId"},
		{string(tree("", `{"filterBranchType":"ASSOCIATION","objectTypeId":"0-2","operator":"NEAR"}`)), "", `"NEAR" is not valid`},
		{string(tree(`{"filterType":"IN_LIST","operator":"IN_LIST"}`, "")), "", "needs listId"},
		{string(tree(`{"filterType":"IN_LIST","operator":"NEAR","listId":"1"}`, "")), "", `"NEAR" is not valid`},
		{string(tree(`{"filterType":"ASSOCIATION","operator":"IN_LIST","listId":"1"}`, "")), "", "needs toObjectTypeId"},
		{string(tree(propertyFilter("", `"operationType":"BOOL"`), "")), "", "needs a property"},
		{string(tree(`{"filterType":"PROPERTY","property":"a"}`, "")), "filterBranches[0].filters[0].operation", "an object is required"},
		{refusedOperation(`"operationType":"ROLLING_DATE_RANGE"`), "", `"ROLLING_DATE_RANGE" is not supported`},
		{refusedOperation(`"operationType":"STRING","operator":"IS_ANY_OF","value":"x"`), "filterBranches[0].filters[0].operation.operator", "is not valid for operation type STRING"},
		{refusedOperation(`"operationType":"STRING","operator":"CONTAINS","values":["x"]`), "", "needs a string value"},
		{refusedOperation(`"operationType":"MULTISTRING","operator":"CONTAINS","value":"x"`), "", "needs values"},
		{refusedOperation(`"operationType":"ENUMERATION","operator":"IS_ANY_OF"`), "", "needs values"},
		{refusedOperation(`"operationType":"BOOL","operator":"IS_EQUAL_TO","value":"yes"`), "", "true or false"},
		{refusedOperation(`"operationType":"BOOL","operator":"IS_EQUAL_TO"`), "", "true or false"},
		{refusedOperation(`"operationType":"NUMBER","operator":"IS_EQUAL_TO","value":"x"`), "", "needs a number"},
		{refusedOperation(`"operationType":"NUMBER_RANGED","operator":"IS_BETWEEN","lowerBound":1`), "", "lowerBound and upperBound"},
		{refusedOperation(`"operationType":"DATETIME","operator":"IS_AFTER"`), "", "needs a timestamp"},
		{refusedOperation(before(`{"timeType":"DATE","zoneId":"UTC","year":2026,"month":2,"day":30}`)), "", "is not valid"},
		{refusedOperation(before(`{"timeType":"DATE","zoneId":"Mars/Olympus","year":2026,"month":2,"day":3}`)), "", "time zone"},
		{refusedOperation(before(`{"timeType":"DATE","zoneId":"Local","year":2026,"month":2,"day":3}`)), "", "time zone"},
		{refusedOperation(before(indexedAt("FISCAL_YEAR", `,"month":1,"day":1`, ""))), "", "not supported"},
		{refusedOperation(before(indexedAt("WEEK", `,"dayOfWeek":"CATURDAY"`, ""))), "", "not valid"},
		{refusedOperation(before(`{"timeType":"PROPERTY_REFERENCED","property":"x","referenceType":"UPDATED_AT"}`)), "", "not supported"},
		{refusedOperation(before(`{"timeType":"DATE","zoneId":"UTC","year":2026,"month":2,"day":3}`) + `,"propertyParser":"UPDATED_AT"`), "", "property parser"},
	} {
		_, err := Parse("0-1", json.RawMessage(c.raw))
		var refused *FilterError
		if !errors.As(err, &refused) || !strings.Contains(refused.Message, c.message) || c.path != "" && refused.Path != c.path {
			t.Errorf("Parse(%.200s) = %v, want %s: …%s…", c.raw, err, c.path, c.message)
		}
	}
}

func refusedOperation(operation string) string {
	return string(tree(propertyFilter("a", operation), ""))
}

func TestNormalisedTreeHasTheDefaults(t *testing.T) {
	f := mustParse(t, json.RawMessage(`{"filterBranchType":"OR","filterBranches":[{"filterBranchType":"AND","filters":[
		{"filterType":"PROPERTY","property":"n","operation":{"operationType":"NUMBER","operator":"IS_EQUAL_TO","value":12345678901234567890}}]}]}`))
	want := `{"filterBranchOperator":"OR","filterBranchType":"OR","filterBranches":[{"filterBranchOperator":"AND","filterBranchType":"AND",` +
		`"filterBranches":[],"filters":[{"filterType":"PROPERTY","operation":{"includeObjectsWithNoValueSet":false,"operationType":"NUMBER",` +
		`"operator":"IS_EQUAL_TO","value":12345678901234567890},"property":"n"}]}],"filters":[]}`
	if string(f.JSON()) != want {
		t.Errorf("JSON() = %s\nwant     %s", f.JSON(), want)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range propertyCases {
		f.Add([]byte(tree(propertyFilter(c.property, c.operation), "")))
	}
	for _, c := range timeCases {
		f.Add([]byte(tree(propertyFilter(c.property, c.operation), "")))
	}
	f.Add([]byte(`{"filterBranchType":"OR","filterBranches":[{"filterBranchType":"AND","filters":[1],"Filters":[]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		filter, err := Parse("0-1", raw)
		var refused *FilterError
		if err != nil {
			if !errors.As(err, &refused) {
				t.Fatalf("error is not a *FilterError: %v", err)
			}
			return
		}
		matched := filter.Evaluate(ada, Env{Now: noon})
		again, err := Parse("0-1", filter.JSON())
		if err != nil {
			t.Fatalf("the normalised tree %s is refused: %v", filter.JSON(), err)
		}
		if again.Evaluate(ada, Env{Now: noon}) != matched {
			t.Fatalf("the normalised tree %s answers otherwise than %s", filter.JSON(), raw)
		}
	})
}

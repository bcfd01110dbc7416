package hubspot

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// fakeRecords answers reads from a table: live and archived records by id, and
// survivors by absorbed id for single reads.
type fakeRecords struct {
	t        *testing.T
	live     map[string]string // id → properties as JSON
	archived map[string]string
	merged   map[string]string // absorbed id → survivor
	missing  int
}

func (f *fakeRecords) answer(c seen) *http.Response {
	if c.method == "GET" {
		id := c.path[strings.LastIndex(c.path, "/")+1:]
		if to, ok := f.merged[id]; ok {
			return respond(200, recordJSON(to, f.live[to], false))
		}
		f.missing++
		return respond(404, `{"status":"error","message":"resource not found"}`)
	}
	var in wireInputs
	c.decode(f.t, &in)
	from, archived := f.live, false
	if strings.Contains(c.query, "archived=true") {
		from, archived = f.archived, true
	}
	var results []string
	for _, i := range slices.Backward(in.Inputs) { // the order of results is not that of inputs
		if p, ok := from[i.ID]; ok {
			results = append(results, recordJSON(i.ID, p, archived))
		}
	}
	return respond(207, `{"status":"COMPLETE","results":[`+strings.Join(results, ",")+`],"numErrors":1,"errors":[{"category":"OBJECT_NOT_FOUND","message":"Could not get some","context":{"ids":["9"]}}]}`)
}

func recordJSON(id, properties string, archived bool) string {
	return fmt.Sprintf(`{"id":%q,"properties":%s,"createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-03T00:00:00Z","archived":%t}`, id, properties, archived)
}

func TestReadByIDGivesOneRecordForEachIDInOrder(t *testing.T) {
	f := &fakeRecords{t: t,
		live: map[string]string{
			"1":  `{"name":"One","city":null,"employees":12,"public":true,"hs_lastmodifieddate":"2026-05-21T22:45:00.229Z"}`,
			"30": `{"name":"Survivor","hs_merged_object_ids":"10;20","hs_lastmodifieddate":"2026-05-21T22:45:00Z"}`,
			"50": `{"name":"Fifty"}`},
		archived: map[string]string{"7": `{"name":"Seven"}`},
		merged:   map[string]string{"40": "50"}}
	c, _ := scripted(t, f.answer)
	got, err := c.Read(t.Context(), connector.Query{Object: core.Companies, Values: []string{"7", "1", "10", "30", "9", "1", "40"}, Deleted: true})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"7", "1", "30", "30", "9", "1", "50"}; !slices.Equal(ids(got), want) {
		t.Fatalf("ids %v, want %v", ids(got), want)
	}
	presence := []core.Presence{core.Deleted, core.Live, core.Live, core.Live, core.Absent, core.Live, core.Live}
	for i, r := range got {
		if r.Presence != presence[i] {
			t.Errorf("%s: presence %d, want %d", r.Ref.ID, r.Presence, presence[i])
		}
	}
	if !slices.Equal(got[2].Aliases, []string{"10", "20"}) || !slices.Contains(got[6].Aliases, "40") {
		t.Errorf("aliases %v and %v", got[2].Aliases, got[6].Aliases)
	}
	one := got[1]
	if one.Values["name"] != "One" || one.Values["employees"] != "12" || one.Values["public"] != "true" {
		t.Errorf("values %v", one.Values)
	}
	if city, told := one.Get("city"); city != "" || !told {
		t.Error("a null property must be blank, not untold")
	}
	if _, told := one.Get("dropped"); told {
		t.Error("a property that the portal did not answer must be untold")
	}
	if !one.Stamp.Equal(time.Date(2026, 5, 21, 22, 45, 0, 229e6, time.UTC)) || !one.Created.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) {
		t.Errorf("stamp %v, created %v", one.Stamp, one.Created)
	}
}

func TestReadAsksSinglyOnlyWhenFewAreMissing(t *testing.T) {
	f := &fakeRecords{t: t}
	c, s := scripted(t, f.answer)
	var values []string
	for i := range 150 {
		values = append(values, fmt.Sprint(1000+i))
	}
	got, err := c.Read(t.Context(), connector.Query{Object: core.Contacts, Values: values})
	if err != nil || len(got) != 150 {
		t.Fatal(len(got), err)
	}
	if f.missing != 2*maxSingles || len(s.calls) != 2+2*maxSingles {
		t.Errorf("%d single reads in %d calls", f.missing, len(s.calls))
	}
}

func TestReadAsksForWhatItNeeds(t *testing.T) {
	f := &fakeRecords{t: t, live: map[string]string{"5": `{"lastmodifieddate":"2026-05-21T22:45:00Z"}`}}
	c, s := scripted(t, f.answer)
	got, err := c.Read(t.Context(), connector.Query{Object: core.Contacts, Values: []string{"5", "5"}, Fields: []string{"email", "createdate"}})
	if err != nil || !got[0].Stamp.Equal(time.Date(2026, 5, 21, 22, 45, 0, 0, time.UTC)) {
		t.Errorf("stamp of a contact: %+v, %v", got, err)
	}
	var in wireInputs
	s.calls[0].decode(t, &in)
	if want := []string{"createdate", "email", "hs_merged_object_ids", "lastmodifieddate"}; !slices.Equal(in.Properties, want) || len(in.Inputs) != 1 || in.IDProperty != "" {
		t.Errorf("body %s", s.calls[0].body)
	}
	if got := s.calls[0].header.Get("Authorization"); got != "Bearer pat-secret" {
		t.Errorf("authorization %q", got)
	}
}

func TestReadByAFieldGivesMatchesInIDOrder(t *testing.T) {
	c, s := scripted(t, func(c seen) *http.Response {
		if c.query == "archived=true" {
			return respond(200, `{"results":[`+recordJSON("100", `{"email":"c@x.example"}`, true)+`]}`)
		}
		return respond(200, `{"results":[`+recordJSON("20", `{"email":"b@x.example"}`, false)+`,`+recordJSON("9", `{"email":"a@x.example"}`, false)+`]}`)
	})
	got, err := c.Read(t.Context(), connector.Query{Object: core.Contacts, By: "email", Values: []string{"A@x.example", "b@x.example", "c@x.example"}, Deleted: true})
	if err != nil || !slices.Equal(ids(got), []string{"9", "20", "100"}) || got[2].Presence != core.Deleted {
		t.Errorf("%v, %v", got, err)
	}
	var in wireInputs
	s.calls[1].decode(t, &in)
	if len(in.Inputs) != 1 || in.Inputs[0].ID != "c@x.example" || in.IDProperty != "email" || !slices.Contains(in.Properties, "email") {
		t.Errorf("the archived read asks %s", s.calls[1].body)
	}
}

func TestReadOfARecordedAnswer(t *testing.T) {
	body := recorded(t, "read_objects-api_contacts-batch.json")
	c, _ := scripted(t, func(seen) *http.Response { return respond(200, body) })
	got, err := c.Read(t.Context(), connector.Query{Object: core.Contacts, By: "email", Values: []string{"x"}})
	if err != nil || !slices.Equal(ids(got), []string{"110323586992", "110338039632"}) || got[1].Values["email"] != "bh@hubspot.com" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAssociations(t *testing.T) {
	body := recorded(t, "search_contacts_contacts-to-companies.json")
	c, _ := scripted(t, func(c seen) *http.Response {
		if strings.HasSuffix(c.path, "/associations/contacts/companies/batch/read") {
			return respond(207, body)
		}
		return respond(200, `{"results":[`+recordJSON("501", `{}`, false)+`,`+recordJSON("103107104018", `{}`, false)+`]}`)
	})
	got, err := c.Read(t.Context(), connector.Query{Object: core.Contacts, Values: []string{"103107104018", "501"}, Related: []core.Object{core.Companies}})
	if err != nil {
		t.Fatal(err)
	}
	if r, asked := got[0].Related[core.Companies]; len(r) != 0 || !asked {
		t.Errorf("a contact without a company: %v, %v", r, asked)
	}
	if want := []core.Relation{{ID: "29022297485", Primary: true}}; !reflect.DeepEqual(got[1].Related[core.Companies], want) {
		t.Errorf("contact 501: %v", got[1].Related)
	}
}

// A record that comes once for each of its labels, or on two pages, is one relation.
func TestR21_AnAssociationThatComesTwiceIsOne(t *testing.T) {
	c, _ := scripted(t, func(c seen) *http.Response {
		if strings.HasSuffix(c.path, "/objects/companies/batch/read") {
			return respond(200, `{"results":[`+recordJSON("1", `{}`, false)+`]}`)
		}
		return respond(200, `{"results":[{"from":{"id":"1"},"to":[{"toObjectId":7,"associationTypes":[{"category":"USER_DEFINED","typeId":3,"label":"x"}]},
			{"toObjectId":8,"associationTypes":[]},{"toObjectId":7,"associationTypes":[{"category":"HUBSPOT_DEFINED","typeId":2},{"category":"USER_DEFINED","typeId":3,"label":"x"}]}]}]}`)
	})
	got, err := c.Read(t.Context(), connector.Query{Object: core.Companies, Values: []string{"1"}, Related: []core.Object{core.Contacts}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []core.Relation{{ID: "7", Primary: true, Labels: []string{"x"}}, {ID: "8"}}; !reflect.DeepEqual(got[0].Related[core.Contacts], want) {
		t.Errorf("related with %+v, want %+v", got[0].Related[core.Contacts], want)
	}
}

func TestAssociationsArePagedForEachRecord(t *testing.T) {
	c, s := scripted(t, func(c seen) *http.Response {
		if strings.HasSuffix(c.path, "/objects/companies/batch/read") {
			return respond(200, `{"results":[`+recordJSON("1", `{}`, false)+`,`+recordJSON("2", `{}`, false)+`]}`)
		}
		if strings.Contains(c.body, `"after":"500"`) {
			return respond(200, `{"results":[{"from":{"id":"2"},"to":[{"toObjectId":"7","associationTypes":[{"category":"USER_DEFINED","typeId":2,"label":"x"}]}],"paging":{"next":{"after":"500"}}}]}`)
		}
		return respond(200, `{"results":[{"from":{"id":"2"},"to":[{"toObjectId":10,"associationTypes":[{"category":"HUBSPOT_DEFINED","typeId":2}]}],"paging":{"next":{"after":"500"}}},{"from":{"id":1},"to":[{"toObjectId":12345678901234567,"associationTypes":[]}]}]}`)
	})
	got, err := c.Read(t.Context(), connector.Query{Object: core.Companies, Values: []string{"1", "2"}, Related: []core.Object{core.Contacts}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []core.Relation{{ID: "7", Labels: []string{"x"}}, {ID: "10", Primary: true}}; !reflect.DeepEqual(got[1].Related[core.Contacts], want) {
		t.Errorf("company 2: %v", got[1].Related)
	}
	if got[0].Related[core.Contacts][0].ID != "12345678901234567" {
		t.Errorf("company 1: %v", got[0].Related)
	}
	if len(s.calls) != 3 {
		t.Errorf("%d calls: a cursor that does not move must end the paging", len(s.calls))
	}
}

func TestHistory(t *testing.T) {
	c, s := scripted(t, func(c seen) *http.Response {
		return respond(200, `{"results":[{"id":"30","properties":{"hs_merged_object_ids":"1"},"propertiesWithHistory":{"city":[
			{"value":"A","timestamp":"2026-01-01T00:00:00Z","sourceType":"CRM_UI","sourceId":"userId:1"},
			{"value":null,"timestamp":"2026-01-02T00:00:00.5Z","sourceType":"INTEGRATION","sourceId":9}]}}]}`)
	})
	c.appInfo.id = "9"
	var asked []string
	for i := range 120 {
		asked = append(asked, fmt.Sprint(i+1))
	}
	got, err := c.History(t.Context(), core.Companies, asked, []string{"city"})
	if err != nil || len(s.calls) != 3 {
		t.Fatalf("%d calls for 120 ids (50 at once): %v", len(s.calls), err)
	}
	versions := got["1"]["city"]
	if len(versions) != 2 || versions[0].Value != "" || !versions[0].Own || versions[1].Value != "A" || versions[1].Own || versions[1].SourceID != "userId:1" {
		t.Errorf("versions by an absorbed id: %+v", versions)
	}
}

// TestReadByAnyOfSeveralFields: there is no such question, so each field is asked for.
func TestReadByAnyOfSeveralFields(t *testing.T) {
	c, s := scripted(t, func(c seen) *http.Response {
		return respond(200, `{"results":[`+recordJSON("9", `{}`, false)+`]}`)
	})
	got, err := c.Read(t.Context(), connector.Query{Object: core.Contacts, By: "email", Values: []string{"a@x.example"}, Or: []connector.Match{{By: "key", Values: []string{"k"}}}})
	if err != nil || !slices.Equal(ids(got), []string{"9"}) || len(s.calls) != 2 {
		t.Errorf("%v in %d calls, %v", got, len(s.calls), err)
	}
	var in wireInputs
	s.calls[1].decode(t, &in)
	if in.IDProperty != "key" || len(in.Inputs) != 1 || in.Inputs[0].ID != "k" {
		t.Errorf("asked %s", s.calls[1].body)
	}
}

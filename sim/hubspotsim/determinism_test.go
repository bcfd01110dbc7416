package hubspotsim

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// transcript makes calls of every kind on a portal of its own and writes down
// every byte of the answers.
type transcript struct {
	*rig
	lines []string
}

func (s *transcript) do(method, path string, body any) response {
	s.t.Helper()
	rec := httptest.NewRecorder()
	s.p.ServeHTTP(rec, s.request(method, path, body))
	var head []string
	for k, v := range rec.Header() {
		head = append(head, fmt.Sprint(k, v))
	}
	slices.Sort(head)
	s.lines = append(s.lines, fmt.Sprintf("%s %s: %d %v %s", method, path, rec.Code, head, rec.Body))
	return response{status: rec.Code, raw: rec.Body.String()}
}

func TestSameCallsSameAnswers(t *testing.T) {
	tell := func() []string {
		s := &transcript{rig: newRig(t, Options{Limits: true, AutoCompanies: true})}
		s.all()
		return s.lines
	}
	first := tell()
	if len(first) < 200 {
		t.Fatalf("%d answers only", len(first))
	}
	for range 2 { // what follows the order of a map shows in one of them
		for i, line := range tell() {
			if line != first[i] {
				t.Fatalf("answer %d differs:\n%.2000s\n%.2000s", i, first[i], line)
			}
		}
	}
}

func (s *transcript) all() {
	app := s.token
	s.journalSubscribe("0-2", "name", "city")
	journal := s.token
	s.token = app
	s.p.LoadSample(3)
	company, contact := s.records()
	s.searching()
	s.everyRoute(map[string]string{"{type}": "companies", "{objectType}": "companies", "{id}": company, "{other}": "contacts", "{to}": contact})
	s.do("POST", statusPath("a@a.example")+"/unsubscribe-all?channel=EMAIL&verbose=true", nil)
	s.do("POST", statusPath("a@a.example"), statusWish(subscribed, marketing))
	s.pass(time.Minute)
	for _, path := range []string{"/records/companies", "/records/companies/" + company, "/records/contacts", "/_sim/stats", "/_sim/ledger"} {
		s.do("GET", path, nil)
	}
	s.token = journal
	s.do("GET", "/webhooks-journal/journal/2026-03/earliest", nil)
	s.do("GET", "/webhooks-journal/subscriptions/2026-03", nil)
	for _, e := range s.p.Ledger() {
		s.lines = append(s.lines, fmt.Sprint(e))
	}
}

func (s *transcript) records() (company, contact string) {
	company = s.create("companies", "name", "A", "domain", "a.example", "city", "Bonn")
	contact = s.create("contacts", "email", "a@a.example", "lifecyclestage", "lead")
	s.do("POST", companies+"/batch/create", `{"inputs":[{"properties":{"name":"B"}},{"properties":{"name":"C","nope":"1"}}]}`)
	s.do("POST", companies+"/batch/create", `{"inputs":[{"objectWriteTraceId":"1","properties":{"name":"B","website":"b.example","phone":"1"}},{"objectWriteTraceId":"2","properties":{"name":"C"}}]}`)
	s.do("POST", companies+"/batch/update", `{"inputs":[{"id":"`+company+`","properties":{"name":"D","city":"Ulm"}},{"id":"7","properties":{"name":"E"}}]}`)
	s.do("PATCH", "/crm/v3/objects/contacts/"+contact, props("lifecyclestage", "customer", "firstname", "X"))
	s.do("PATCH", "/crm/v3/objects/contacts/"+contact, props("nope", "1", "email", "no", "createdate", "1"))
	s.tie(contact, company)
	s.do("POST", companies+"/batch/read", `{"properties":["name","city","num_associated_contacts"],"propertiesWithHistory":["name","city"],"inputs":[{"id":"`+company+`"},{"id":"9"}]}`)
	s.do("GET", companies+"/"+company+"?propertiesWithHistory=name,city,phone&associations=contacts", nil)
	s.pass(10 * time.Second)
	second := s.create("contacts", "email", "b@b.example")
	s.do("POST", "/crm/v3/objects/contacts/merge", `{"primaryObjectId":"`+contact+`","objectIdToMerge":"`+second+`"}`)
	s.do("DELETE", companies+"/"+s.create("companies", "name", "gone"), nil)
	s.do("POST", "/crm/v3/objects/contacts/gdpr-delete", `{"objectId":"`+s.create("contacts", "email", "c@c.example")+`"}`)
	s.pass(10 * time.Second)
	return company, contact
}

func (s *transcript) searching() {
	for _, body := range []string{`{"limit":5,"properties":["name"],"sorts":["name"]}`, `{"query":"b"}`,
		`{"filterGroups":[{"filters":[{"propertyName":"name","operator":"CONTAINS_TOKEN","value":"b*"}]},{"filters":[{"propertyName":"city","operator":"IN","values":["ulm","bonn"]}]}]}`} {
		s.do("POST", companies+"/search", body)
		s.do("POST", "/crm/v3/objects/contacts/search", body)
		s.pass(time.Second)
	}
	s.do("POST", "/crm/v3/properties/companies", `{"name":"own","label":"Own","type":"enumeration","fieldType":"select","groupName":"companyinformation","options":[{"label":"One","value":"1"},{"label":"Two","value":"2"}]}`)
	s.do("POST", "/crm/v3/lists", map[string]any{"name": "L", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": knownEmail})
	s.do("POST", "/crm/v4/associations/contacts/companies/labels", `{"name":"boss","label":"Boss","inverseLabel":"Staff"}`)
	s.pass(time.Minute)
}

// everyRoute calls each endpoint of the portal, reading before writing, with an
// empty body and known names in its path.
func (s *transcript) everyRoute(known map[string]string) {
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		for _, area := range sortedKeys(s.p.routes) {
			for _, r := range s.p.routes[area] {
				if r.method != method {
					continue
				}
				path := make([]string, len(r.pattern))
				for i, part := range r.pattern {
					path[i] = part
					if v, ok := known[part]; ok {
						path[i] = v
					} else if part[0] == '{' {
						path[i] = "1"
					}
				}
				s.do(method, spelled(s.t, s.p, r, path), "{}")
				s.pass(200 * time.Millisecond) // within the limits
			}
		}
	}
}

// spelled is a spelling that leads to a route; areas of the CRM have their
// version before or behind them.
func spelled(t *testing.T, p *Portal, r *route, path []string) string {
	t.Helper()
	rest := strings.TrimPrefix(strings.Join(path, "/"), "v3-")
	spellings := []string{"/crm/v3/" + rest, "/crm/v4/" + rest, "/" + rest, "/integrators/timeline/v3/" + strings.Join(path[1:], "/")}
	for _, version := range []string{"v1", "v2", "v3", "v4"} {
		spellings = append(spellings, "/"+path[0]+"/"+version+"/"+strings.Join(path[1:], "/"))
	}
	for _, full := range spellings {
		if found, _, _ := p.routes.find(httptest.NewRequest(r.method, full, nil)); found == r {
			return full
		}
	}
	t.Fatalf("no spelling leads to %s", r.name)
	return ""
}

// pathOf is a path of a route about companies.
func pathOf(t *testing.T, p *Portal, r *route) string {
	t.Helper()
	path := make([]string, len(r.pattern))
	for i, part := range r.pattern {
		switch {
		case part == "{type}" || part == "{objectType}":
			path[i] = "companies"
		case part == "{other}":
			path[i] = "contacts"
		case part[0] == '{':
			path[i] = "1"
		default:
			path[i] = part
		}
	}
	return spelled(t, p, r, path)
}

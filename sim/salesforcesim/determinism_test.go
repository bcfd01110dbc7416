package salesforcesim

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/sim/salesforcesim/pubsub/eventbuspb"
)

// transcript makes calls of every kind on an org of its own and writes down every
// byte of the answers.
type transcript struct {
	*wire
	lines []string
}

func (s *transcript) note(what string, r reply) reply {
	var head []string
	for k, v := range r.header {
		head = append(head, fmt.Sprint(k, v))
	}
	slices.Sort(head)
	s.lines = append(s.lines, fmt.Sprintf("%s: %d %v %s", what, r.status, head, r.body))
	return r
}

func (s *transcript) do(method, path, body string) map[string]any {
	s.t.Helper()
	var out map[string]any
	_ = json.Unmarshal(s.note(method+" "+path, s.api(method, path, body)).body, &out) // lists are read by nobody
	return out
}

func (s *transcript) ask(soql string) map[string]any {
	s.t.Helper()
	return s.do("GET", "/query?q="+url.QueryEscape(soql), "")
}

func TestSameCallsSameAnswers(t *testing.T) {
	tell := func() []string {
		s := &transcript{wire: newWire(t, func(o *Options) { o.PersonAccounts = true })}
		s.all()
		return s.lines
	}
	first := tell()
	if len(first) < 150 {
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
	ok(s.t, s.org.SelectEntities("Account", "Contact", "Lead", "Opportunity"))
	s.org.LoadSample(3)
	s.keyField("Account", true)
	s.setUp()
	id := s.records()
	s.composites(id)
	s.reading(id)
	s.jobs()
	s.merging()
	s.telling()
}

func (s *transcript) setUp() {
	ok(s.t, s.org.AddRecordType(RecordTypeSpec{Object: "Contact", Name: "One"}))
	ok(s.t, s.org.AddBusinessProcess(BusinessProcess{Object: "Lead", Name: "Short", Values: []string{"Working - Contacted"}}))
	ok(s.t, s.org.AddRecordType(RecordTypeSpec{Object: "Lead", Name: "Short", Process: "Short"}))
	s.do("GET", "/sobjects/Lead/describe/layouts", "")
	lowInk(s.wire, "Low_Ink", false)
	s.do("POST", "/sobjects/Low_Ink__e", `{"Printer_Model__c":"A"}`)
	s.do("GET", "/sobjects/Low_Ink__e/describe", "")
	ok(s.t, s.org.AddValidationRule(ValidationRule{Object: "Account", Name: "No_x", Formula: `BEGINS(Name, "x")`, Message: "no"}))
	s.note("token", s.post("/services/oauth2/token", s.tokenForm("grant_type", "client_credentials")))
	refresh := must[string](s.t)(s.org.IssueRefreshToken("integration"))
	s.note("refresh "+refresh, s.post("/services/oauth2/token", s.tokenForm("grant_type", "refresh_token", "refresh_token", refresh)))
	s.note("introspect", s.post("/services/oauth2/introspect", s.tokenForm("token", s.token)))
	for _, path := range []string{"/services/data", "/services/oauth2/userinfo", "/id/" + s.org.id() + "/" + s.org.integrationID, "/.well-known/openid-configuration"} {
		s.note(path, s.raw("GET", path, "", ""))
	}
	for _, path := range []string{"/", "/limits", "/sobjects", "/limits/recordCount", "/tooling/sobjects"} {
		s.do("GET", path, "")
	}
	for _, name := range sortedKeys(s.org.objects) {
		s.do("GET", "/sobjects/"+s.org.objects[name].name+"/describe", "")
	}
}

func (s *transcript) records() string {
	id, _ := s.do("POST", "/sobjects/Account", `{"Name":"A","BillingCity":"Bonn","AnnualRevenue":5.5,"Ext__c":"1"}`)["id"].(string)
	s.do("POST", "/sobjects/Account", `{"FirstName":"P","LastName":"Q"}`)
	s.do("POST", "/sobjects/Account", `{"Name":"x","NumberOfEmployees":"many","Nope":1}`)
	s.do("POST", "/sobjects/Contact", `{"Email":"no"}`)
	s.do("PATCH", "/sobjects/Account/Ext__c/2", `{"Name":"B"}`)
	s.do("PATCH", "/sobjects/Account/Ext__c/2", `{"Name":"C","Ext__c":"3"}`)
	s.do("PATCH", "/sobjects/Account/"+id, `{"Name":"D","Phone":null}`)
	s.clock.move(time.Second)
	s.do("POST", "/composite/sobjects", `{"records":[{"attributes":{"type":"Account"},"Name":"E","Ext__c":"1"},{"attributes":{"type":"Contact"},"LastName":"F","AccountId":"`+id+`"},{"attributes":{"type":"Nope"}}]}`)
	s.do("POST", "/composite/sobjects", `{"allOrNone":true,"records":[{"attributes":{"type":"Account"},"Name":"E"},{"attributes":{"type":"Contact"}}]}`)
	s.do("PATCH", "/composite/sobjects/Account/Ext__c", `{"records":[{"attributes":{"type":"Account"},"Ext__c":"1","Name":"G"},{"attributes":{"type":"Account"},"Ext__c":"9","Name":"H"}]}`)
	s.do("POST", "/composite/sobjects/Account", `{"ids":["`+id+`","001000000000000AAA"],"fields":["Id","Name","BillingAddress"]}`)
	s.do("GET", "/sobjects/Account/"+id, "")
	s.do("GET", "/sobjects/Account/"+id+"/Owner", "")
	gone, _ := s.do("POST", "/sobjects/Account", `{"Name":"gone"}`)["id"].(string)
	s.do("DELETE", "/sobjects/Account/"+gone, "")
	s.do("GET", "/sobjects/Account/"+gone, "")
	s.do("DELETE", "/composite/sobjects?ids="+gone+","+id[:15]+"x", "")
	return id
}

func (s *transcript) composites(id string) {
	s.do("POST", "/composite", `{"compositeRequest":[`+sub("POST", "/sobjects/Account", "a", `{"Name":"I"}`)+`,`+sub("POST", "/sobjects/Contact", "b", `{"LastName":"L","AccountId":"@{a.id}"}`)+`,`+
		sub("GET", "/query?q=SELECT+Id,Name+FROM+Account", "q", "")+`,`+sub("DELETE", "/sobjects/Account/@{nope.id}", "d", "")+`]}`)
	s.do("POST", "/composite/batch", `{"batchRequests":[{"method":"GET","url":"v65.0/limits"},{"method":"PATCH","url":"v65.0/sobjects/Account/`+id+`","richInput":{"Phone":"7"}}]}`)
	s.do("POST", "/composite/tree/Account", `{"records":[{"attributes":{"type":"Account","referenceId":"r1"},"Name":"T","Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"r2"},"LastName":"U"}]}}]}`)
	s.do("POST", "/composite/graph", `{"graphs":[{"graphId":"1","compositeRequest":[`+sub("POST", "/sobjects/Account", "g", `{"Name":"J"}`)+`]},{"graphId":"2","compositeRequest":[`+sub("POST", "/sobjects/Account", "g", `{}`)+`]}]}`)
}

func (s *transcript) reading(id string) {
	for _, q := range []string{"SELECT FIELDS(STANDARD) FROM Account LIMIT 20", "SELECT Id, (SELECT Id, Name FROM Contacts) FROM Account ORDER BY Name DESC NULLS LAST LIMIT 5",
		"SELECT COUNT() FROM Contact", "SELECT Industry, COUNT(Id) n, SUM(AnnualRevenue) FROM Account GROUP BY Industry", "SELECT Id FROM Account WHERE SystemModstamp > 2020-01-01T00:00:00Z",
		"SELECT Id, What.Name, Who.Name FROM Task", "SELECT Id FROM Nope", "SELECT Id FROM Account WHERE", "SELECT Id, Name, Username FROM User", "SELECT Id FROM PermissionSet"} {
		s.ask(q)
	}
	page := s.with("Sforce-Query-Options", "batchSize=200")
	s.note("page", page.api("GET", "/query?q=SELECT+Id+FROM+FieldPermissions", ""))
	s.do("GET", "/queryAll?q=SELECT+Id,IsDeleted+FROM+Account", "")
	s.do("GET", "/query?explain=SELECT+Id+FROM+Account", "")
	s.do("GET", "/search?q="+url.QueryEscape("FIND {A*} RETURNING Account(Id, Name), Contact"), "")
	at := func(d time.Duration) string { return url.QueryEscape(s.clock.now().Add(d).Format(time.RFC3339)) }
	s.clock.move(time.Hour)
	s.do("GET", "/sobjects/Account/updated/?start="+at(-2*time.Hour)+"&end="+at(0), "")
	s.do("GET", "/sobjects/Account/deleted/?start="+at(-2*time.Hour)+"&end="+at(0), "")
	s.do("GET", "/tooling/query?q=SELECT+Id,FullName+FROM+CustomField", "")
	for _, path := range []string{"/", "/Account", "/" + "Account/" + id, "/Lead", "/_sim/stats", "/_sim/ledger"} {
		s.note(path, s.browser().raw("GET", path, "", ""))
	}
}

func (s *transcript) jobs() {
	for _, spec := range []string{`{"object":"Account","operation":"insert"}`, `{"object":"Account","operation":"upsert","externalIdFieldName":"Ext__c"}`} {
		job, _ := s.do("POST", "/jobs/ingest", spec)["id"].(string)
		s.note("put", s.raw("PUT", "/services/data/v65.0/jobs/ingest/"+job+"/batches", "Name,Ext__c,AnnualRevenue\nK,k1,1\nxL,k2,2\nM,k1,3\n", "text/csv"))
		s.do("PATCH", "/jobs/ingest/"+job, `{"state":"UploadComplete"}`)
		s.clock.move(time.Minute)
		s.org.Advance(0)
		for _, what := range []string{"", "/successfulResults", "/failedResults", "/unprocessedrecords"} {
			s.do("GET", "/jobs/ingest/"+job+what, "")
		}
	}
	job, _ := s.do("POST", "/jobs/query", `{"operation":"queryAll","query":"SELECT Id, Name, Owner.Name, IsDeleted FROM Account"}`)["id"].(string)
	s.clock.move(time.Minute)
	s.org.Advance(0)
	s.do("GET", "/jobs/query/"+job, "")
	s.do("GET", "/jobs/query/"+job+"/results?maxRecords=5", "")
	s.do("GET", "/jobs/ingest", "")
	s.do("GET", "/jobs/query", "")
}

func (s *transcript) merging() {
	a, b := s.create("Account", `{"Name":"M1"}`), s.create("Account", `{"Name":"M2"}`)
	lead := s.create("Lead", `{"LastName":"L","Company":"C"}`)
	s.note("merge", s.soap("65.0", `<merge><request><masterRecord><type>Account</type><Id>`+a+`</Id></masterRecord><recordToMergeIds>`+b+`</recordToMergeIds></request></merge>`))
	s.note("convert", s.soap("65.0", `<convertLead><leadConverts><leadId>`+lead+`</leadId><convertedStatus>Closed - Converted</convertedStatus></leadConverts></convertLead>`))
	s.note("user", s.soap("65.0", `<getUserInfo/>`))
	s.note("undelete", s.soap("65.0", `<undelete><ids>`+b+`</ids></undelete>`))
}

// telling writes down the events as they come over the wire, the ledger and the counts.
func (s *transcript) telling() {
	client := eventbuspb.NewPubSubClient(realName{s.org.Events().Conn()})
	stream, err := client.Subscribe(s.eventContext())
	ok(s.t, err)
	ok(s.t, stream.Send(&eventbuspb.FetchRequest{TopicName: "/data/ChangeEvents", ReplayPreset: eventbuspb.ReplayPreset_EARLIEST, NumRequested: 100}))
	for n := 0; n < 20; {
		res, err := stream.Recv()
		ok(s.t, err)
		for _, e := range res.GetEvents() {
			s.lines = append(s.lines, fmt.Sprintf("event %x %s %s %x", e.GetReplayId(), e.GetEvent().GetId(), e.GetEvent().GetSchemaId(), e.GetEvent().GetPayload()))
			n++
		}
	}
	for _, e := range s.org.Ledger() {
		s.lines = append(s.lines, fmt.Sprint(e))
	}
	s.lines = append(s.lines, fmt.Sprint(s.org.Stats()), strings.Join(sortedKeys(s.org.objects), " "))
}

package salesforcesim

import (
	"strings"
	"testing"
)

func (w *wire) soap(version, call string) reply {
	w.t.Helper()
	return w.raw("POST", "/services/Soap/u/"+version, `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Header><SessionHeader><sessionId>`+
		w.token+`</sessionId></SessionHeader></e:Header><e:Body xmlns="urn:partner.soap.sforce.com">`+call+`</e:Body></e:Envelope>`, "text/xml")
}

func (r reply) has(parts ...string) {
	r.t.Helper()
	for _, p := range parts {
		if !strings.Contains(string(r.body), p) {
			r.t.Errorf("no %s in %s", p, r.body)
		}
	}
}

func TestSOAPLoginIsOffUnlessAllowed(t *testing.T) {
	login := func(name, password string) string {
		return "<login><username>" + name + "</username><password>" + password + "</password></login>"
	}
	w := newWire(t)
	ok(t, w.org.SetPassword("admin", "pwTOKEN"))
	w.soap("64.0", login(w.org.Info().AdminUsername, "pwTOKEN")).want(500).has("<faultcode>sf:INVALID_OPERATION</faultcode>")
	w = newWire(t, func(o *Options) { o.PasswordLogins = true })
	ok(t, w.org.SetPassword("admin", "pwTOKEN"))
	name := w.org.Info().AdminUsername
	w.soap("64.0", login(name, "pwTOKEN")).want(200).has("<loginResponse><result>", "<userId>"+w.org.Info().AdminUserID+"</userId>", "<passwordExpired>false</passwordExpired>")
	w.soap("64.0", login(name, "pw")).want(500).has("<faultcode>sf:INVALID_LOGIN</faultcode>")
	w.soap("65.0", login(name, "pwTOKEN")).want(500).has("<faultcode>sf:UNSUPPORTED_API_VERSION</faultcode>")
	w.soap("64.0", "<getUserInfo/>").want(200).has("<organizationId>" + w.org.id() + "</organizationId>")
	w.token = "00D!no"
	w.soap("64.0", "<getUserInfo/>").want(500).has("<faultcode>sf:INVALID_SESSION_ID</faultcode>")
}

func TestSOAPRecords(t *testing.T) {
	w := newWire(t)
	w.soap("65.0", `<create><sObjects><type>Account</type><Name>A &amp; B</Name><NumberOfEmployees>7</NumberOfEmployees></sObjects><sObjects><type>Nope</type></sObjects></create>`).want(200).
		has("<success>true</success>", "<statusCode>INVALID_TYPE</statusCode>")
	row := w.query("SELECT Id, Name, NumberOfEmployees FROM Account")[0]
	id := row["Id"].(string)
	if row["Name"] != "A & B" || row["NumberOfEmployees"] != 7.0 {
		t.Fatal(row)
	}
	w.soap("65.0", `<update><sObjects><type>Account</type><Id>`+id+`</Id><Name>C</Name><fieldsToNull>NumberOfEmployees</fieldsToNull></sObjects></update>`).has("<success>true</success>")
	if got := w.query("SELECT Name, NumberOfEmployees FROM Account")[0]; got["Name"] != "C" || got["NumberOfEmployees"] != nil {
		t.Error(got)
	}
	w.soap("65.0", `<delete><ids>`+id+`</ids></delete>`).has("<success>true</success>")
	w.soap("65.0", `<undelete><ids>`+id+`</ids></undelete>`).has("<success>true</success>")
	w.soap("65.0", `<undelete><ids>`+id+`</ids></undelete>`).has("<statusCode>UNDELETE_FAILED</statusCode>")
	if n := len(w.query("SELECT Id FROM Account")); n != 1 {
		t.Errorf("%d accounts after undelete", n)
	}
	w.soap("65.0", `<delete><ids>`+id+`</ids></delete>`)
	w.soap("65.0", `<emptyRecycleBin><ids>`+id+`</ids></emptyRecycleBin>`).has("<success>true</success>")
	w.soap("65.0", `<undelete><ids>`+id+`</ids></undelete>`).has("<statusCode>UNDELETE_FAILED</statusCode>")
	if !strings.Contains(string(w.api("GET", "/sobjects/Account/deleted/?start=2026-03-02T09:00:00Z&end=2026-03-02T11:00:00Z", "").body), id) {
		t.Error("getDeleted no longer lists what was taken out of the recycle bin")
	}
	w.soap("65.0", `<describeTabs/>`).want(500).has("No operation available for request describeTabs")
}

// Clients call the parameter of a merge by three names.
func TestSOAPMergeByAnyName(t *testing.T) {
	for _, name := range []string{"request", "mergeRequest", "mergeRequests"} {
		w := newWire(t)
		master := w.create("Account", `{"Name":"Kept"}`)
		loser := w.create("Account", `{"Name":"Lost"}`)
		w.soap("65.0", `<merge><`+name+`><masterRecord><type>Account</type><Id>`+master+`</Id></masterRecord><recordToMergeIds>`+loser+`</recordToMergeIds></`+name+`></merge>`).
			has("<success>true</success>", "<mergedRecordIds>"+loser)
	}
}

func TestSearchFindsWords(t *testing.T) {
	w := newWire(t)
	w.create("Account", `{"Name":"Blue Ocean GmbH","Phone":"030 123"}`)
	w.create("Account", `{"Name":"Red Ocean"}`)
	w.create("Contact", `{"LastName":"Oceanic","Email":"blue@sea.test"}`)
	find := func(q string) int {
		found := w.raw("GET", "/services/data/v65.0/search?q="+strings.ReplaceAll(q, " ", "+"), "", "").want(200).object()["searchRecords"].([]any)
		return len(found)
	}
	for q, want := range map[string]int{
		"FIND {ocean} RETURNING Account(Id,Name)": 2, "FIND {ocean*} RETURNING Account, Contact(LastName)": 3, "FIND {blue AND ocean} RETURNING Account": 1,
		"FIND {blue} IN EMAIL FIELDS RETURNING Account, Contact": 1, "FIND {gmbh OR red} RETURNING Account(Name ORDER BY Name)": 2, "FIND {ocean} RETURNING Account(Id WHERE Name LIKE 'Red%25')": 1,
		"FIND {ocean} RETURNING Account(Id LIMIT 1)": 1, "FIND {ocean*} RETURNING Account, Contact LIMIT 2": 2, "FIND {ocea?} IN NAME FIELDS": 2,
	} {
		if got := find(q); got != want {
			t.Errorf("%s finds %d, want %d", q, got, want)
		}
	}
	for _, q := range []string{"FIND+ocean", "FIND+{a}+RETURNING+Account"} {
		if code := w.raw("GET", "/services/data/v65.0/search?q="+q, "", "").want(400).code(); code != "MALFORMED_SEARCH" {
			t.Errorf("%s gives %s", q, code)
		}
	}
}

func TestExplainNamesTheLeadingField(t *testing.T) {
	w := newWire(t)
	w.create("Account", `{"Name":"A","AnnualRevenue":5}`)
	for where, want := range map[string]string{"": "TableScan", "+WHERE+AnnualRevenue>3": "TableScan", "+WHERE+SystemModstamp>2020-01-01T00:00:00Z": "Index"} {
		plan := w.raw("GET", "/services/data/v65.0/query?explain=SELECT+Id+FROM+Account"+where, "", "").want(200).object()["plans"].([]any)[0].(map[string]any)
		if plan["leadingOperationType"] != want || plan["sobjectCardinality"] != 1.0 {
			t.Errorf("%s: %v", where, plan)
		}
	}
}

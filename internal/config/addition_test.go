package config

import (
	"strings"
	"testing"
)

// What the settings file says counts before what was added at the console, and what is added
// has to fit beside it.
func TestTheFileCountsBeforeAnAddition(t *testing.T) {
	f, err := Parse([]byte("store: sqlite://x.db\nsecrets_key: k\nconnections:\n  - {name: acme, salesforce: {login_url: https://acme.my.salesforce.com}, hubspot: {}}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := Connection{Name: "emea", Profile: Classic, Salesforce: Salesforce{LoginURL: "https://emea.my.salesforce.com", OrgID: "00D5f0000000001"}}
	c.Complete()
	text, err := AddedText(c)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadConnection(text)
	if err != nil || back.Profile != Classic || back.Salesforce.OrgID != c.Salesforce.OrgID {
		t.Fatalf("%+v, %v", back, err)
	}
	with := f.With(back)
	if len(f.Connections) != 1 || len(with.Connections) != 2 || !with.Added("emea") || with.Added("acme") {
		t.Errorf("%d connections, then %d; added %v", len(f.Connections), len(with.Connections), with.added)
	}
	back.Name, back.Salesforce.LoginURL = "acme", "https://other.my.salesforce.com"
	if again := with.With(back); len(again.Connections) != 2 || again.Connections[0].Salesforce.LoginURL != "https://acme.my.salesforce.com" {
		t.Errorf("an addition counts before the file: %+v", again.Connections[0].Salesforce)
	}
	for name, part := range map[string]string{"acme": "the same name", "a b": "a name of letters", "us": ""} {
		back.Name = name
		err := with.MayAdd(back)
		if part == "" && err != nil || part != "" && (err == nil || !strings.Contains(err.Error(), part)) {
			t.Errorf("%q: %v", name, err)
		}
	}
	told := Notify{Webhook: &NoticeHook{URL: "https://console.example"}}
	mine := Notify{Webhook: &NoticeHook{URL: "https://file.example"}}
	if got := f.Telling(told); got.Notify.Webhook != told.Webhook || f.Notify.Tells() {
		t.Error("who is told by the console is not told")
	}
	f.Notify = mine
	if got := f.Telling(told); got.Notify.Webhook != mine.Webhook {
		t.Error("who is told by the console counts before the file")
	}
}

package hubspotsim

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tandem/sim/hubspotsim/notify"
)

// journalSubscribe signs the journal app in and subscribes to a type.
func (r *rig) journalSubscribe(typeID string, properties ...string) {
	r.t.Helper()
	i := r.p.Info()
	got := r.form("/oauth/v3/token", "grant_type", "client_credentials", "client_id", i.JournalClientID, "client_secret", i.JournalClientSecret,
		"scope", strings.Join(journalScopes, " "))
	r.token = got.str("access_token")
	if r.token == "" {
		r.t.Fatal(got.raw)
	}
	sub := r.call("POST", "/webhooks-journal/subscriptions/2026-03", map[string]any{"subscriptionType": "OBJECT", "objectTypeId": typeID,
		"portalId": r.p.portalNumber, "actions": []string{"CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE"}, "properties": properties})
	if sub.status/100 != 2 {
		r.t.Fatalf("%d %s", sub.status, sub.raw)
	}
}

func TestJournalTellsWhatHappened(t *testing.T) {
	r := newRig(t, Options{})
	integration := r.token
	r.journalSubscribe("0-2", "name")
	app := r.token
	r.token = integration
	id := r.create("companies", "name", "A")
	r.want(204, "DELETE", companies+"/"+id, nil)
	r.pass(time.Second)
	r.token = app
	var actions []string
	path := "/webhooks-journal/journal/2026-03/earliest"
	for range 5 {
		entry := r.call("GET", path, nil)
		if entry.status == 204 {
			break
		}
		download := strings.TrimPrefix(entry.str("url"), "http://example.com")
		r.token = ""
		body := r.want(200, "GET", download, nil)
		r.token = app
		for _, e := range body.at("journalEvents").([]any) {
			actions = append(actions, e.(map[string]any)["action"].(string))
		}
		path = "/webhooks-journal/journal/2026-03/offset/" + entry.str("currentOffset") + "/next"
	}
	if got := strings.Join(actions, ","); got != "CREATE,DELETE" && got != "CREATE,UPDATE,DELETE" {
		t.Fatalf("actions %s", got)
	}
	r.token = integration
	if got := r.call("GET", "/webhooks-journal/journal/2026-03/earliest", nil); got.status != 403 {
		t.Fatalf("a customer's token reads no journal: %d", got.status)
	}
}

func TestWebhooksAreSignedAndNameTheSource(t *testing.T) {
	type delivery struct {
		events []map[string]any
		signed bool
	}
	got := make(chan delivery, 100)
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		var d delivery
		if err == nil {
			err = json.Unmarshal(body, &d.events)
		}
		if err != nil {
			t.Error(err)
		}
		d.signed = req.Header.Get("X-HubSpot-Signature") == notify.SignatureV1("secret", body)
		got <- d
	}))
	defer target.Close()
	p := New(Options{Seed: 1})
	defer p.Close()
	r := &rig{t: t, p: p, token: p.Info().IntegrationToken}
	p.Subscribe(target.URL, "secret", 0)
	mine := r.create("companies", "name", "A")
	theirs, err := p.As("ada").Create("companies", map[string]string{"name": "B"})
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{}
	for len(sources) < 2 {
		select {
		case d := <-got:
			if !d.signed {
				t.Fatal("the delivery is not signed with the secret")
			}
			for _, e := range d.events {
				if e["subscriptionType"] == "company.creation" {
					sources[jsonID(e["objectId"])] = e["changeSource"].(string) + "/" + e["sourceId"].(string)
				}
			}
		case <-time.After(5 * time.Minute):
			t.Fatal("no delivery")
		}
	}
	if want := "INTEGRATION/" + p.integration().sourceID; sources[mine] != want {
		t.Errorf("own create: %s, want %s", sources[mine], want)
	}
	if !strings.HasPrefix(sources[theirs], "CRM_UI/userId:") {
		t.Errorf("a person's create: %s", sources[theirs])
	}
}

func jsonID(v any) string {
	f, _ := v.(float64)
	return formatID(uint64(f))
}

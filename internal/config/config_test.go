package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sample is a file without mistakes; its secrets come from the environment.
const sample = `store: sqlite:///var/lib/tandem/tandem.db
listen: 127.0.0.1:8480
secrets_key: ${KEY}
connections:
  - name: acme
    salesforce:
      login_url: https://acme.my.salesforce.com
      org_id: 00D000000000001
      auth: {client_credentials: {client_id: app, client_secret: "${SF}"}}
    hubspot:
      portal_id: "123"
      auth: {static_token: "${HS}"}
      events: {journal: {client_id: j, client_secret: "${JOURNAL}"}}
    companies:
      sync: true
      match: [id, contacts]
    mappings:
      company:
        - {hubspot: name, salesforce: Name, rule: two_way}
        - {hubspot: industry, salesforce: Industry, values: {Media: ONLINE_MEDIA}}
`

var secrets = map[string]string{"KEY": "key-4711", "SF": "sf-secret-4712", "HS": "pat-4713", "JOURNAL": "journal-4714"}

func environment(name string) (string, bool) { v, ok := secrets[name]; return v, ok }

func parse(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse([]byte(text), environment)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestLoadReadsSecretsFromEnvironmentAndFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := parse(t, strings.Replace(sample, `"${HS}"`, "file:"+file, 1))
	c := f.Connections[0]
	if got := c.HubSpot.Auth.StaticToken.Reveal(); got != "from-file" {
		t.Errorf("token from file is %q", got)
	}
	if got := c.Salesforce.Auth.ClientCredentials.ClientSecret.Reveal(); got != secrets["SF"] {
		t.Errorf("secret from the environment is %q", got)
	}
}

func TestDefaultsAreTheOriginals(t *testing.T) {
	c := Connection{}
	c.Complete()
	if c.Companies.Sync || c.Contacts.FromHubSpot.Object != "lead" || c.Companies.CreateAccount != "classic" || c.Companies.WhenSalesforceDeleted != "nothing" ||
		c.Companies.WhenHubSpotDeleted != "nothing" || c.Retry.Every.D() != 30*time.Minute || c.Retry.StopAtShare != 0.75 || c.Profile != Tandem {
		t.Errorf("defaults are %+v", c)
	}
}

// Each mistake is refused with its line and a mend, and the text of the line,
// which may be a secret, is not shown.
func TestMistakesAreRefusedWithLineAndMend(t *testing.T) {
	for _, tt := range []struct{ name, from, to, want string }{
		{"unknown key", "sync: true", "snyc: true", "line 15: connections[0].companies.snyc: there is no such key; did you mean sync?"},
		{"unknown key at the top", "listen:", "lissten:", "line 2: lissten: there is no such key; did you mean listen?"},
		{"far-off key", "sync: true", "frobnicate: true", "docs/settings.md lists all keys"},
		{"later key", "companies:\n", "consent: {}\n    companies:\n", "line 14: connections[0].consent: this release does not support the key; an opt-out passes wherever people sync"},
		{"wrong type", "sync: true", "sync: maybe", "line 15: connections[0].companies.sync: this is the wrong type; write true or false"},
		{"bad duration", "companies:\n", "poll_every: soon\n    companies:\n", `"soon" is not a duration`},
		{"poll too often", "companies:\n", "poll_every: 1ms\n    companies:\n", "write 1s or more"},
		{"broken yaml", "connections:", "connections: [", "line "},
		{"unset variable", "${HS}", "${NOPE}", "line 12: connections[0].hubspot.auth.static_token: environment variable NOPE is not set"},
		{"two ways to sign in", "client_secret: \"${SF}\"}}", "client_secret: \"${SF}\"}, access_token: {token: t, instance_url: https://x}}", "2 ways to sign in are given"},
		{"half a way", `client_id: app, client_secret: "${SF}"`, "client_id: app", "client_credentials.client_secret: this is missing"},
		{"client credentials at a login host", "https://acme.my.salesforce.com", "https://login.salesforce.com", "does not answer client credentials"},
		{"plain http", "https://acme.my.salesforce.com", "http://acme.my.salesforce.com", "tokens are sent by https only"},
		{"several kinds of events", "events: {journal:", "events: {poll: true, journal:", "several kinds of events"},
		{"unknown kind of events", `events: {journal: {client_id: j, client_secret: "${JOURNAL}"}}`, "events: sometimes", "sometimes"},
		{"webhooks over http", `events: {journal: {client_id: j, client_secret: "${JOURNAL}"}}`, "events: {webhooks: {public_url: http://x.example, app_id: \"1\", client_secret: s}}", "https only"},
		{"negative calls", "portal_id:", "daily_api_calls: -1\n      portal_id:", "line 11: connections[0].hubspot.daily_api_calls: a number of calls is not negative"},
		{"unknown time zone", "companies:\n", "time_zone: Middle-earth/Shire\n    companies:\n", "line 14: connections[0].time_zone: this is no time zone; write a name like Europe/Paris"},
		{"the machine's time zone", "companies:\n", "time_zone: Local\n    companies:\n", "connections[0].time_zone: this is no time zone"},
		{"burst share", "portal_id:", "burst_share: 0.99\n      portal_id:", "at most 0.98"},
		{"org id", "00D000000000001", "001000000000001", "this is no org id"},
		{"portal id", `"123"`, "acme", "this is no portal id"},
		{"match key", "[id, contacts]", "[id, phone]", `line 16: connections[0].companies.match[1]: "phone" is not known here; write one of id, external_key, contacts, domain, name_address`},
		{"match key of people", "[id, contacts]", "[id, email]", `line 16: connections[0].companies.match[1]: "email" is not known here`},
		{"external key not asked", "match:", "external_key: {salesforce: A, hubspot: a}\n      match:", "external_key is not in match"},
		{"match key twice", "[id, contacts]", "[id, id]", "given twice"},
		{"deletion", "match:", "when_hubspot_deleted: vanish\n      match:", "write one of nothing, flag, archive, delete"},
		{"tab", "companies:\n", "\tcompanies:\n", "indent with spaces"},
		{"create_account", "match:", "create_account: \"country ==\"\n      match:", "the expression does not read"},
		{"filter", "match:", "filter: {from_hubspot: \"(\"}\n      match:", "the expression does not read"},
		{"profile", "companies:\n", "profile: modern\n    companies:\n", "write one of classic, tandem"},
		{"lifecycle without companies", "sync: true", "sync: false\n    lifecycle: {company_follows_contact: true}\n    contacts:\n      inclusion_list: x\n    owners:", ""},
		{"lifecycle without people", "companies:\n", "lifecycle: {company_follows_contact: true}\n    companies:\n", "contact sync is off (ACC-12)"},
		{"contacts follow without people", "companies:\n", "lifecycle: {contacts_follow_company: true}\n    companies:\n", "contact sync is off (ACC-12)"},
		{"transitions without people", "companies:\n", "lifecycle: {automatic_transitions: true}\n    companies:\n", "contact sync is off (LIFE-1)"},
		{"stage map without people", "companies:\n", "lifecycle: {stages: [{lead_status: Open, stage: lead}]}\n    companies:\n", "contact sync is off (LIM-31)"},
		{"stage map of two beginnings", "companies:\n", "contacts: {sync: true}\n    lifecycle: {stages: [{lead_status: Open, opportunity_stage: Won, stage: lead}]}\n    companies:\n", "write exactly one of lead_status and opportunity_stage"},
		{"stage map without a stage", "companies:\n", "contacts: {sync: true}\n    lifecycle: {stages: [{lead_status: Open}]}\n    companies:\n", "connections[0].lifecycle.stages[0].stage"},
		{"stage map that moves sideways", "companies:\n", "contacts: {sync: true}\n    lifecycle: {stages: [{lead_status: Open, stage: lead, move: sideways}]}\n    companies:\n", "write one of forward, any, fill"},
		{"owner map", "companies:\n", "owners: {map: {a: \"\"}}\n    companies:\n", "line 14: connections[0].owners.map: a pair of owners has two ends"},
		{"owner match", "companies:\n", "owners: {match: name}\n    companies:\n", "write one of name_and_email, strict"},
		{"rule", "rule: two_way", "rule: both", `"both" is no rule; write prefer_salesforce, always_salesforce, two_way or none`},
		{"opt-out", "hubspot: name", "hubspot: hs_email_optout", "the opt-out is not a mapped field"},
		{"opt-out in Salesforce", "salesforce: Name", "salesforce: HasOptedOutOfEmail", "the opt-out is not a mapped field"},
		{"owner one-way", "hubspot: name, salesforce: Name, rule: two_way", "hubspot: hubspot_owner_id, salesforce: OwnerId, rule: always_salesforce", "always two-way (MAP-8)"},
		{"field twice", "salesforce: Industry", "salesforce: name", "in another mapping already (MAP-1)"},
		{"half a mapping", "hubspot: industry, ", "", "this one is missing"},
		{"mappings of nothing", "mappings:\n", "mappings:\n      project: [{hubspot: a, salesforce: b}]\n", "write company, contact, deal, ticket, product, line_item, task, call, email, meeting or note, or take the key out"},
		{"mappings of activities", "mappings:\n", "mappings:\n      activity: [{hubspot: a, salesforce: b}]\n", "write company, contact, deal, ticket, product, line_item, task, call"},
		{"notes of Salesforce", "companies:\n", "activities: {notes: {from_salesforce: true}}\n    companies:\n", "becomes a note (ACT-4)"},
		{"a subject with two titles", "companies:\n", "activities: {calls: {subject: \"{title} {title}\"}}\n    companies:\n", "names the title twice"},
		{"a mark on a task of Salesforce", "companies:\n", "activities: {tasks: {when_hubspot_deleted: flag}}\n    companies:\n", "connections[0].activities.tasks.when_hubspot_deleted"},
		{"deletion of deals", "companies:\n", "deals: {when_hubspot_deleted: vanish}\n    companies:\n", "connections[0].deals.when_hubspot_deleted"},
		{"currency of deals", "companies:\n", "deals: {currency: euro}\n    companies:\n", "connections[0].deals.currency: this is no currency"},
		{"pipeline without a name", "companies:\n", "deals: {pipelines: [{record_type: Renewal}]}\n    companies:\n", "connections[0].deals.pipelines[0].pipeline"},
		{"pipelines of one record type", "companies:\n", "deals: {pipelines: [{record_type: Renewal, pipeline: a}, {record_type: renewal, pipeline: b}]}\n    companies:\n", "another row has the same record type"},
		{"one pipeline of two record types", "companies:\n", "deals: {pipelines: [{record_type: Renewal, pipeline: a}, {record_type: New, pipeline: A}]}\n    companies:\n", "another row has the same record type or the same pipeline"},
		{"a pipeline of any record type among others", "companies:\n", "deals: {pipelines: [{record_type: Renewal, pipeline: a}, {pipeline: b}]}\n    companies:\n", "connections[0].deals.pipelines[1].record_type"},
		{"half a pair of stages", "companies:\n", "deals: {pipelines: [{pipeline: a, stages: {Won: \"\"}}]}\n    companies:\n", "a pair of stages has two ends"},
		{"name", "name: acme", "name: acme corp", "a connection needs a name"},
		{"store", "sqlite:///var/lib/tandem/tandem.db", "mysql://x", "unknown kind"},
		{"listen", "127.0.0.1:8480", "8480", "no address to listen on"},
	} {
		t.Run(tt.name, func(t *testing.T) { wantRefused(t, tt.from, tt.to, tt.want) })
	}
}

func TestRefreshTokensNeedAKey(t *testing.T) {
	text := strings.Replace(sample, "secrets_key: ${KEY}\n", "", 1)
	text = strings.Replace(text, `{client_credentials: {client_id: app, client_secret: "${SF}"}}`, "{refresh_token: {client_id: a, token: t}}", 1)
	if _, err := Parse([]byte(text), environment); err == nil || !strings.Contains(err.Error(), "secrets_key") {
		t.Errorf("error is %v", err)
	}
}

// TestSigningInAtTheConsoleNeedsAKey: settings may leave out how a side is signed in to, where
// what somebody gives at the console can be kept.
func TestSigningInAtTheConsoleNeedsAKey(t *testing.T) {
	for _, auth := range []string{"      auth: {client_credentials: {client_id: app, client_secret: \"${SF}\"}}\n", "      auth: {static_token: \"${HS}\"}\n"} {
		text := strings.Replace(sample, auth, "", 1)
		if text == sample {
			t.Fatal("a case leaves nothing out")
		}
		parse(t, text)
		text = strings.Replace(text, "secrets_key: ${KEY}\n", "", 1)
		if _, err := Parse([]byte(text), environment); err == nil || !strings.Contains(err.Error(), "set secrets_key: ${TANDEM_SECRETS_KEY}, or give salesforce.auth and hubspot.auth") {
			t.Errorf("without a key: %v", err)
		}
	}
}

func TestINST12_MistakesOfMailAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, from, to, want string }{
		{"recipients without a server", "connections:", "notify: {to: [a@acme.example]}\nconnections:", "line 4: notify.smtp: there are recipients, but no mail server"},
		{"server without recipients", "connections:", "notify: {smtp: {address: \"mail:25\", from: a@acme.example}}\nconnections:", "line 4: notify.to: there is a mail server, but nobody to write to"},
		{"recipient", "connections:", "notify: {to: [acme], smtp: {address: \"mail:25\", from: a@acme.example}}\nconnections:", "line 4: notify.to[0]: this is no e-mail address"},
		{"mail server", "connections:", "notify: {to: [a@acme.example], smtp: {address: mail, from: a@acme.example}}\nconnections:", "line 4: notify.smtp.address: this is no address of a mail server"},
		{"sender", "connections:", "notify: {to: [a@acme.example], smtp: {address: \"mail:25\"}}\nconnections:", "line 4: notify.smtp.from: this is no e-mail address"},
		{"half a sign-in", "connections:", "notify: {to: [a@acme.example], smtp: {address: \"mail:25\", from: a@acme.example, username: me}}\nconnections:", "user name and password go together"},
		{"TLS", "connections:", "notify: {to: [a@acme.example], smtp: {address: \"mail:25\", from: a@acme.example, tls: never}}\nconnections:", "write one of offered, required, implicit"},
		{"how often", "connections:", "notify: {every: hourly}\nconnections:", "line 4: notify.every: \"hourly\" is not known here"},
		{"late at once", "connections:", "notify: {behind: 1m}\nconnections:", "line 4: notify.behind: this is too short"},
		{"webhook without an address", "connections:", "notify: {webhook: {url: acme, secret: 0123456789abcdef01234567}}\nconnections:", "line 4: notify.webhook.url: this is no address"},
		{"webhook in clear text", "connections:", "notify: {webhook: {url: \"http://hooks.acme.example/in\", secret: 0123456789abcdef01234567}}\nconnections:", "by https only"},
		{"webhook with a user", "connections:", "notify: {webhook: {url: \"https://a:b@hooks.acme.example/in\", secret: 0123456789abcdef01234567}}\nconnections:", "user name"},
		{"webhook secret", "connections:", "notify: {webhook: {url: \"https://hooks.acme.example/in\", secret: short}}\nconnections:", "line 4: notify.webhook.secret: the secret is shorter than 24"},
		{"webhook secret's form", "connections:", "notify: {webhook: {url: \"https://hooks.acme.example/in\", secret: \"whsec_no base64 at all, is it\"}}\nconnections:", "no base64"},
		{"unset mail password", "connections:", "notify: {to: [a@acme.example], smtp: {address: \"mail:25\", from: a@acme.example, username: me, password: \"${NOPE}\"}}\nconnections:", "line 4: notify.smtp.password: environment variable NOPE is not set"},
	} {
		t.Run(tt.name, func(t *testing.T) { wantRefused(t, tt.from, tt.to, tt.want) })
	}
}

// wantRefused changes the sample and wants it refused with a line, without showing
// a secret.
func wantRefused(t *testing.T, from, to, want string) {
	t.Helper()
	text := strings.Replace(sample, from, to, 1)
	if text == sample {
		t.Fatal("the case changes nothing")
	}
	_, err := Parse([]byte(text), environment)
	if err == nil {
		t.Fatal("accepted")
	}
	if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "line ") {
		t.Errorf("error is %q, want %q with a line", err, want)
	}
	for _, s := range secrets {
		if strings.Contains(err.Error(), s) {
			t.Errorf("error shows a secret: %s", err)
		}
	}
}

func TestLifecycleNeedsCompanySync(t *testing.T) {
	text := strings.Replace(sample, "sync: true", "sync: false", 1)
	text = strings.Replace(text, "    mappings:", "    lifecycle: {company_follows_contact: true}\n    mappings:", 1)
	_, err := Parse([]byte(text), environment)
	if err == nil || !strings.Contains(err.Error(), "line 17: connections[0].lifecycle.company_follows_contact") || !strings.Contains(err.Error(), "set companies.sync: true") {
		t.Errorf("error is %v", err)
	}
}

func TestEventsMayBeTheWordPoll(t *testing.T) {
	f := parse(t, strings.Replace(sample, `events: {journal: {client_id: j, client_secret: "${JOURNAL}"}}`, "events: poll", 1))
	if e := f.Connections[0].HubSpot.Events; !e.Poll || e.Journal != nil {
		t.Errorf("events are %+v", e)
	}
}

// A misspelt key inside events is refused although events reads two forms.
func TestEventsStayStrict(t *testing.T) {
	_, err := Parse([]byte(strings.Replace(sample, "events: {journal:", "events: {jornal:", 1)), environment)
	if err == nil || !strings.Contains(err.Error(), "jornal") {
		t.Errorf("error is %v", err)
	}
}

func TestOneShareForOneAccount(t *testing.T) {
	second := strings.Replace(sample[strings.Index(sample, "  - name"):], "name: acme", "name: other", 1)
	second = strings.Replace(second, "00D000000000001", "00D000000000002", 1)
	second = strings.Replace(second, "portal_id:", "daily_api_calls: 5\n      portal_id:", 1)
	_, err := Parse([]byte(sample+second), environment)
	if err == nil || !strings.Contains(err.Error(), "connections[1].hubspot.daily_api_calls") {
		t.Errorf("error is %v", err)
	}
}

// TestINST7_OneConnectionOfAnOrgAndAPortal, also where the one writes the org's id with its
// checksum; two portals on one org are two connections.
func TestINST7_OneConnectionOfAnOrgAndAPortal(t *testing.T) {
	second := strings.Replace(sample[strings.Index(sample, "  - name"):], "name: acme", "name: other", 1)
	for _, tt := range []struct{ org, portal, want string }{
		{"00D000000000001", "123", "connection acme keeps this org and this portal"},
		{"00D000000000001AAA", "123", "connections[1].hubspot.portal_id"},
		{"00D000000000002", "123", ""},
		{"00D000000000001", "124", ""},
	} {
		text := strings.Replace(strings.Replace(second, "00D000000000001", tt.org, 1), `"123"`, `"`+tt.portal+`"`, 1)
		_, err := Parse([]byte(sample+text), environment)
		if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s with %s: %v, want %q", tt.org, tt.portal, err, tt.want)
		}
	}
}

func TestSecretsNeverPrint(t *testing.T) {
	f := parse(t, sample)
	asJSON, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := Export(f.Connections[0])
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "file", f, "secret", f.SecretsKey)
	c := f.Connections[0]
	out := string(asJSON) + string(asYAML) + string(settings) + log.String() +
		fmt.Sprintf("%v %+v %#v %s %q %x %d", f, f, f, f.SecretsKey, f.SecretsKey, f.SecretsKey, f.SecretsKey) +
		fmt.Sprintf("%v %+v %#v", *c.Salesforce.Auth.ClientCredentials, *c.HubSpot.Events.Journal, c.HubSpot.Auth)
	for name, s := range secrets {
		if strings.Contains(out, s) || strings.Contains(out, fmt.Sprintf("%x", s)) {
			t.Errorf("%s is printed", name)
		}
	}
	if !strings.Contains(out, hidden) {
		t.Error("nothing shows that secrets are hidden")
	}
}

// Text is the one exception: a whole file, for its owner.
func TestTextReadsBackWhole(t *testing.T) {
	f := parse(t, sample)
	text, err := Text(f)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f, parse(t, string(text)), cmpopts.IgnoreUnexported(File{})); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestSET7_ExportAppliesToTheSame(t *testing.T) {
	c := parse(t, sample).Connections[0]
	text, err := Export(c)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Apply(c, text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, back); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
	again, err := Export(back)
	if err != nil || string(again) != string(text) {
		t.Errorf("exported twice it differs: %v\n%s\n%s", err, text, again)
	}
}

func TestApplyKeepsCredentialsAndRefusesThem(t *testing.T) {
	c := parse(t, sample).Connections[0]
	next, err := Apply(c, []byte("companies: {sync: false}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if next.Companies.Sync || next.Name != "acme" || next.HubSpot.Auth.StaticToken.Reveal() != secrets["HS"] || len(next.Mappings) != 0 {
		t.Errorf("applied to %+v", next)
	}
	for text, want := range map[string]string{
		"hubspot: {portal_id: \"5\"}\n":                   "line 1: hubspot: hubspot cannot be applied",
		"companies:\n  snyc: true\n":                      "line 2: companies.snyc: there is no such key; did you mean sync?",
		"consent: {}\n":                                   "line 1: consent: this release does not support the key",
		"deals: {sync: true}\n":                           "line 1: deals.sync: deals take their accounts and companies from company sync, which is off (DEAL-1, ACC-16)",
		"companies: {sync: true}\nprofile: x\n":           "line 2: profile:",
		"mappings: {company: [{hubspot: a, rule: none}]}": "mappings.company[0].salesforce",
	} {
		if _, err := Apply(c, []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Apply(%q) = %v, want %q", text, err, want)
		}
	}
}

func TestScalars(t *testing.T) {
	for in, want := range map[string]time.Duration{"60s": time.Minute, "90d": 90 * 24 * time.Hour, "1.5h": 90 * time.Minute, "0s": 0} {
		var d Duration
		if err := d.UnmarshalText([]byte(in)); err != nil || d.D() != want {
			t.Errorf("duration %q is %v, %v", in, d.D(), err)
		}
		text, _ := d.MarshalText()
		var back Duration
		if err := back.UnmarshalText(text); err != nil || back != d {
			t.Errorf("duration %q is written %q", in, text)
		}
	}
	for in, want := range map[string]Size{"10GiB": 10 << 30, "500 MiB": 500 << 20, "12": 12} {
		var s Size
		if err := s.UnmarshalText([]byte(in)); err != nil || s != want {
			t.Errorf("size %q is %d, %v", in, s, err)
		}
	}
	for _, in := range []string{"-1h", "d", "soon"} {
		if err := new(Duration).UnmarshalText([]byte(in)); err == nil {
			t.Errorf("duration %q is accepted", in)
		}
	}
}

// TestCONV3_PriceBooksHaveNoMappings: the price of a product is a field of the product.
func TestCONV3_PriceBooksHaveNoMappings(t *testing.T) {
	for _, object := range []string{"price_book", "quote"} {
		wantRefused(t, "mappings:\n", "mappings:\n      "+object+": [{hubspot: a, salesforce: b}]\n", "mappings."+object)
	}
}

func TestMistakesOfAnIdentityProviderAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, oidc, want string }{
		{"no issuer", "{client_id: a, client_secret: b, public_url: https://t.example}", "oidc.issuer: this is no address"},
		{"in clear", "{issuer: http://idp.example, client_id: a, client_secret: b, public_url: https://t.example}", "oidc.issuer: tokens are sent by https only"},
		{"no address of ours", "{issuer: https://idp.example, client_id: a, client_secret: b}", "oidc.public_url: this is no address"},
		{"no app", "{issuer: https://idp.example, client_secret: b, public_url: https://t.example}", "oidc.client_id"},
		{"no secret", "{issuer: https://idp.example, client_id: a, public_url: https://t.example}", "oidc.client_secret"},
		{"no such role", "{issuer: https://idp.example, client_id: a, client_secret: b, public_url: https://t.example, everybody: owner}", "write one of viewer, operator, admin"},
	} {
		t.Run(tt.name, func(t *testing.T) { wantRefused(t, "connections:", "oidc: "+tt.oidc+"\nconnections:", tt.want) })
	}
}

package hubspotsim

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	consentPath = "/communication-preferences/v4/"
	marketing   = 39644612
	oneToOne    = 39644613
)

func statusPath(email string) string { return consentPath + "statuses/" + url.PathEscape(email) }

func statusWish(state string, subscription any, more ...string) map[string]any {
	body := map[string]any{"subscriptionId": subscription, "statusState": state, "channel": "EMAIL"}
	for i := 0; i < len(more); i += 2 {
		body[more[i]] = more[i+1]
	}
	return body
}

// shows gives what a contact's opt-out properties show: of everything, of marketing, of one-to-one mail.
func (r *rig) shows(id string) string {
	r.t.Helper()
	got := r.want(200, "GET", contacts+"/"+id+"?properties=hs_email_optout,hs_email_optout_39644612,hs_email_optout_39644613", nil)
	out := ""
	for _, name := range []string{"hs_email_optout", "hs_email_optout_39644612", "hs_email_optout_39644613"} {
		out += map[bool]string{true: "x", false: "-"}[got.str("properties", name) == "true"]
	}
	return out
}

func TestConsentBelongsToTheAddress(t *testing.T) {
	r := newRig(t, Options{ConsentLag: -1})
	id := r.create("contacts", "email", "a@x.example")
	r.want(400, "PATCH", contacts+"/"+id, props("hs_email_optout", "true"))
	r.want(204, "POST", statusPath("a@x.example")+"/unsubscribe-all?channel=EMAIL", nil)
	if got := r.shows(id); got != "xxx" {
		t.Fatal("the contact must show the opt-out: " + got)
	}
	r.want(204, "DELETE", contacts+"/"+id, nil)
	again := r.create("contacts", "email", "A@x.example")
	if got := r.shows(again); got != "xxx" {
		t.Fatal("the opt-out must survive the contact: " + got)
	}
	got := r.want(200, "GET", statusPath("a@x.example")+"?channel=EMAIL", nil)
	if got.str("results", "0", "status") != unsubscribed || got.str("results", "0", "source") != sourceAPI {
		t.Fatal(got.raw)
	}
	if _, number := got.at("results", "0", "subscriptionId").(float64); !number {
		t.Fatal(got.raw)
	}
	r.want(200, "PATCH", contacts+"/"+again, props("email", "new@x.example"))
	if got := r.shows(again); got != "---" {
		t.Fatal("a new address has said nothing: " + got)
	}
}

// Taking an address back into one type leaves it out of the others.
func TestResubscribingLiftsOneType(t *testing.T) {
	r := newRig(t, Options{ConsentLag: -1})
	id := r.create("contacts", "email", "a@x.example")
	wide := statusPath("a@x.example") + "/unsubscribe-all?channel=EMAIL"
	if got := r.want(200, "GET", wide, nil); len(got.at("results").([]any)) != 0 {
		t.Fatal("nothing was said yet: " + got.raw)
	}
	told := r.want(200, "POST", wide+"&verbose=true", nil)
	if told.str("results", "2", "setStatusSuccessReason") != reasonOutOfAll || told.str("status") != "COMPLETE" {
		t.Fatal(told.raw)
	}
	if got := r.want(200, "POST", wide+"&verbose=true", nil); got.str("results", "0", "setStatusSuccessReason") != reasonSame {
		t.Fatal(got.raw)
	}
	if got := r.want(200, "GET", wide, nil); got.str("results", "0", "status") != unsubscribed || got.str("results", "0", "wideStatusType") != "PORTAL_WIDE" {
		t.Fatal(got.raw)
	}
	r.clock.add(time.Hour)
	set := r.want(200, "POST", statusPath("a@x.example"), statusWish(subscribed, marketing, "legalBasis", "CONSENT_WITH_NOTICE", "legalBasisExplanation", "asked"))
	if set.str("results", "0", "setStatusSuccessReason") != reasonBack || set.str("results", "0", "timestamp") != "2026-10-01T13:00:00.123Z" {
		t.Fatal(set.raw)
	}
	if got := r.shows(id); got != "--x" {
		t.Fatal(got)
	}
	if got := r.want(200, "GET", wide, nil); len(got.at("results").([]any)) != 0 {
		t.Fatal("who came back is no longer out of everything: " + got.raw)
	}
	left := r.want(200, "GET", statusPath("a@x.example")+"?channel=EMAIL", nil)
	if left.str("results", "0", "legalBasis") != "CONSENT_WITH_NOTICE" || left.str("results", "1", "status") != unsubscribed ||
		left.str("results", "1", "timestamp") != "2026-10-01T12:00:00.123Z" {
		t.Fatal(left.raw)
	}
}

// Nothing said carries the time of the question, not a time in the past.
func TestNothingSaidCarriesTheTimeOfTheCall(t *testing.T) {
	r := newRig(t, Options{})
	got := r.want(200, "GET", statusPath("new@x.example")+"?channel=EMAIL", nil)
	if got.str("results", "0", "status") != notSpecified || got.str("results", "0", "source") != "Not specified" ||
		got.str("results", "0", "timestamp") != "2026-10-01T12:00:00.123Z" || got.at("results", "0", "legalBasis") != nil {
		t.Fatal(got.raw)
	}
}

func TestOptOutPropertiesFollowLater(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("contacts", "email", "a@x.example")
	other := r.create("contacts", "email", "b@x.example")
	r.journalSubscribe("0-1", "hs_email_optout", "hs_email_optout_39644612")
	app := r.token
	r.token = r.p.Info().IntegrationToken
	r.want(204, "POST", statusPath("a@x.example")+"/unsubscribe-all?channel=EMAIL", nil)
	if got := r.shows(id); got != "---" || !r.p.As("ada").Consent("A@x.example").OptedOut {
		t.Fatal("the address has opted out, the contact does not show it yet: " + got)
	}
	before := r.want(200, "GET", contacts+"/"+id, nil).str("updatedAt")
	r.pass(defaultConsentLag)
	if got := r.shows(id); got != "xxx" {
		t.Fatal(got)
	}
	if after := r.want(200, "GET", contacts+"/"+id, nil).str("updatedAt"); after <= before {
		t.Fatal("the stamp must move with the properties: " + after)
	}
	r.want(200, "PATCH", contacts+"/"+id, props("email", "c@x.example"))
	if got := r.shows(id); got != "xxx" {
		t.Fatal("the properties show the former address for a while: " + got)
	}
	r.pass(defaultConsentLag)
	if got := r.shows(id); got != "---" {
		t.Fatal(got)
	}
	r.want(200, "PATCH", contacts+"/"+other, props("email", "a@x.example"))
	r.pass(defaultConsentLag)
	if got := r.shows(other); got != "xxx" {
		t.Fatal("the opt-out stays with its address: " + got)
	}
	r.pass(time.Second)
	var told []string
	for _, e := range r.journalEvents(app) {
		if changes, ok := e["propertyChanges"].(map[string]any); ok {
			for name, value := range changes {
				told = append(told, name+"="+value.(string))
			}
		}
	}
	slices.Sort(told)
	want := "hs_email_optout= hs_email_optout=true hs_email_optout=true hs_email_optout_39644612= hs_email_optout_39644612=true hs_email_optout_39644612=true"
	if got := strings.Join(told, " "); got != want {
		t.Fatalf("told\n%s, want\n%s", got, want)
	}
}

// The properties speak of the primary address; a merge keeps each address's own consent.
func TestMergedContactsShowThePrimaryAddress(t *testing.T) {
	for _, mode := range []string{"new_id", "keep_primary"} {
		r := newRig(t, Options{ConsentLag: -1, MergeMode: mode})
		out, in := r.create("contacts", "email", "out@x.example"), r.create("contacts", "email", "in@x.example")
		r.want(204, "POST", statusPath("out@x.example")+"/unsubscribe-all?channel=EMAIL", nil)
		merged := r.want(200, "POST", contacts+"/merge", map[string]any{"primaryObjectId": in, "objectIdToMerge": out}).str("id")
		if got := r.shows(merged); got != "---" {
			t.Errorf("%s: the additional address has opted out, not the primary: %s", mode, got)
		}
		if !r.p.As("ada").Consent("out@x.example").OptedOut {
			t.Errorf("%s: a merge lifts no opt-out", mode)
		}
		r.want(204, "POST", statusPath("in@x.example")+"/unsubscribe-all?channel=EMAIL", nil)
		if got := r.shows(merged); got != "xxx" {
			t.Errorf("%s: %s", mode, got)
		}
	}
}

func TestPrivacyDeletionKeepsTheOptOutOnly(t *testing.T) {
	r := newRig(t, Options{ConsentLag: -1})
	id := r.create("contacts", "email", "a@x.example")
	r.want(200, "POST", statusPath("a@x.example"), statusWish(unsubscribed, marketing, "legalBasis", "NON_GDPR", "legalBasisExplanation", "told us her name"))
	r.want(204, "POST", contacts+"/gdpr-delete", map[string]any{"objectId": id})
	got := r.want(200, "GET", statusPath("a@x.example")+"?channel=EMAIL", nil)
	if got.str("results", "0", "status") != unsubscribed || got.at("results", "0", "legalBasisExplanation") != nil {
		t.Fatal(got.raw)
	}
	for _, e := range r.p.Ledger() {
		if strings.Contains(e.ID+e.Before+e.After, "a@x") {
			t.Fatalf("the ledger still names the address: %+v", e)
		}
	}
}

func TestConsentIsRefused(t *testing.T) {
	r := newRig(t, Options{})
	v3 := map[string]any{"emailAddress": "a@x.example", "subscriptionId": marketing}
	r.want(200, "POST", consentPath3+"unsubscribe", v3)
	for _, c := range []struct {
		name, path string
		body       any
		message    string
		category   string
	}{
		{"nothing given", statusPath("a@x.example"), map[string]any{}, "Cannot build PartialPublicStatusRequest, some of required attributes are not set [subscriptionId, statusState, channel]", ""},
		{"a state of no kind", statusPath("a@x.example"), statusWish("OPTED_IN", marketing), "not one of the values accepted for Enum class: [NOT_SPECIFIED, SUBSCRIBED, UNSUBSCRIBED]", ""},
		{"a legal basis of no kind", statusPath("a@x.example"), statusWish(subscribed, marketing, "legalBasis", "ASKED"), "`LegalBasis`", ""},
		{"an unknown type", statusPath("a@x.example"), statusWish(subscribed, 7), "Subscription type 7 does not exist", categoryValidation},
		{"no address", statusPath("a at x"), statusWish(subscribed, marketing), "Email address a at x is invalid", categoryValidation},
		{"no channel", statusPath("a@x.example") + "/unsubscribe-all", nil, "channel", categoryValidation},
		{"v3, nothing given", consentPath3 + "subscribe", map[string]any{}, "Cannot build PublicUpdateSubscriptionStatusRequest, some of required attributes are not set [emailAddress, subscriptionId]", ""},
		{"v3, out already", consentPath3 + "unsubscribe", v3, "a@x.example is already unsubscribed from subscription 39644612", categoryValidation},
		{"v3, opted out", consentPath3 + "subscribe", v3, "You cannot subscribe an unsubscribed address.", categoryValidation},
	} {
		got := r.call("POST", c.path, c.body)
		if got.status != 400 || !strings.Contains(got.str("message"), c.message) || got.str("category") != c.category {
			t.Errorf("%s: %d %s", c.name, got.status, got.raw)
		}
	}
}

const consentPath3 = "/communication-preferences/v3/"

func TestThirdVersionKnowsTwoStates(t *testing.T) {
	r := newRig(t, Options{})
	in := map[string]any{"emailAddress": "a@x.example", "subscriptionId": "39644612", "legalBasis": "LEGITIMATE_INTEREST_CLIENT", "legalBasisExplanation": "asked"}
	state := func() string {
		got := r.want(200, "GET", consentPath3+"status/email/a@x.example", nil)
		return got.str("subscriptionStatuses", "0", "status") + " " + got.str("subscriptionStatuses", "0", "sourceOfStatus")
	}
	if got := state(); got != "NOT_SUBSCRIBED SUBSCRIPTION_STATUS" {
		t.Error(got)
	}
	if got := r.want(200, "POST", consentPath3+"subscribe", in); got.str("status") != subscribed || got.str("name") == "" {
		t.Error(got.raw)
	}
	if got := r.want(400, "POST", consentPath3+"subscribe", in); got.str("message") != "a@x.example is already subscribed to subscription 39644612" {
		t.Error(got.raw)
	}
	if got := state(); got != "SUBSCRIBED SUBSCRIPTION_STATUS" {
		t.Error(got)
	}
	r.want(204, "POST", statusPath("a@x.example")+"/unsubscribe-all?channel=EMAIL", nil)
	if got := state(); got != "NOT_SUBSCRIBED PORTAL_WIDE_STATUS" {
		t.Error(got)
	}
}

func TestDataPrivacyWantsALegalBasis(t *testing.T) {
	r := newRig(t, Options{})
	on := true
	r.configure(Settings{DataPrivacy: &on})
	r.want(400, "POST", statusPath("a@x.example"), statusWish(subscribed, marketing))
	r.want(400, "POST", statusPath("a@x.example"), statusWish(subscribed, marketing, "legalBasis", "NON_GDPR"))
	r.want(200, "POST", statusPath("a@x.example"), statusWish(subscribed, marketing, "legalBasis", "NON_GDPR", "legalBasisExplanation", "asked"))
	r.want(204, "POST", statusPath("a@x.example")+"/unsubscribe-all?channel=EMAIL", nil)
}

func TestBatchesOfConsentAreForEnterprise(t *testing.T) {
	body := map[string]any{"inputs": []string{"a@x.example"}}
	for tier, status := range map[string]int{"enterprise": 200, "professional": 403, "starter": 403} {
		r := newRig(t, Options{Tier: tier})
		for _, path := range []string{"read", "unsubscribe-all", "unsubscribe-all/read"} {
			got := r.call("POST", consentPath+"statuses/batch/"+path+"?channel=EMAIL", body)
			if got.status != status || status == 403 && got.str("category") != "MISSING_SCOPES" {
				t.Errorf("%s %s: %d %s", tier, path, got.status, got.raw)
			}
		}
	}
	r := newRig(t, Options{})
	r.drop(batchWriteScope)
	r.want(403, "POST", consentPath+"statuses/batch/unsubscribe-all?channel=EMAIL", body)
	r.want(200, "POST", consentPath+"statuses/batch/read?channel=EMAIL", body)
}

func TestBatchesOfConsent(t *testing.T) {
	r := newRig(t, Options{})
	path := consentPath + "statuses/batch/"
	one := func(email string, subscription int) map[string]any {
		in := statusWish(unsubscribed, subscription)
		in["subscriberIdString"] = email
		return in
	}
	got := r.want(207, "POST", path+"write", map[string]any{"inputs": []any{one("a@x.example", marketing), one("b@x.example", 1)}})
	if len(got.at("results").([]any)) != 1 || got.at("numErrors") != 1.0 || got.str("errors", "0", "context", "subscriberIdString", "0") != "b@x.example" {
		t.Error(got.raw)
	}
	told := r.want(200, "POST", path+"unsubscribe-all?channel=EMAIL&verbose=true", map[string]any{"inputs": []string{"c@x.example", "b@x.example"}})
	if told.str("results", "0", "subscriberIdString") != "c@x.example" || told.str("results", "1", "statuses", "0", "setStatusSuccessReason") != reasonOutOfAll {
		t.Error(told.raw)
	}
	if err := r.p.As("ada").Resubscribe("c@x.example", marketing, "", ""); err != nil {
		t.Fatal(err)
	}
	wide := r.want(200, "POST", path+"unsubscribe-all/read?channel=EMAIL", map[string]any{"inputs": []string{"a@x.example", "b@x.example", "c@x.example"}})
	if len(wide.at("results", "0", "wideStatuses").([]any)) != 0 || wide.str("results", "1", "wideStatuses", "0", "status") != unsubscribed ||
		wide.str("results", "2", "wideStatuses", "0", "status") != subscribed {
		t.Error(wide.raw)
	}
	each := r.want(200, "POST", path+"read?channel=EMAIL", map[string]any{"inputs": []string{"c@x.example"}})
	if each.str("results", "0", "statuses", "0", "source") != sourceSelfBack || each.str("results", "0", "statuses", "1", "status") != unsubscribed {
		t.Error(each.raw)
	}
	r.want(400, "POST", path+"read", map[string]any{"inputs": []string{"c@x.example"}})
	r.want(400, "POST", path+"read?channel=EMAIL", map[string]any{"inputs": slices.Repeat([]string{"c@x.example"}, 101)})
}

// What an address says is in the ledger, whether or not a contact has it.
func TestConsentIsInTheLedger(t *testing.T) {
	r := newRig(t, Options{})
	r.want(204, "POST", statusPath("A@x.example")+"/unsubscribe-all?channel=EMAIL", nil)
	if got := r.post("records", map[string]any{"do": "resubscribe", "email": "a@x.example", "subscription": oneToOne, "legal_basis": "NON_GDPR", "explanation": "asked"}); got.status != 200 {
		t.Fatal(got.raw)
	}
	var rows []string
	for _, e := range r.p.Ledger() {
		rows = append(rows, e.Op+" "+e.Object+" "+e.ID+" "+e.Property+" "+e.Before+">"+e.After+" "+e.Source)
	}
	want := "consent communication_preferences a@x.example unsubscribe-all NOT_SPECIFIED>UNSUBSCRIBED INTEGRATION\n" +
		"consent communication_preferences a@x.example unsubscribe-all UNSUBSCRIBED>SUBSCRIBED CRM_UI\n" +
		"consent communication_preferences a@x.example subscription:39644613 UNSUBSCRIBED>SUBSCRIBED CRM_UI"
	if got := strings.Join(rows, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

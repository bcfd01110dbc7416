package salesforce

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/sim/clients"
	"tandem/sim/salesforcesim"
)

// eventful is a world with four changes of one account in its event log.
func eventful(t *testing.T) (w *world, account string) {
	t.Helper()
	w = serve(t, func(o *salesforcesim.Options) { o.PasswordLogins = true })
	w.env["BUS"] = w.bus()
	check(t, w.org.SelectEntities("Account"))
	admin := w.org.As("admin")
	account = w.make("Account", map[string]any{"Name": "Acme", "BillingCity": "Bern"})
	check(t, admin.Update("Account", account, map[string]any{"BillingStreet": "Main 1", "Phone": "5"}))
	check(t, admin.Update("Account", account, map[string]any{"Phone": nil}))
	check(t, admin.Delete("Account", account))
	return w, account
}

// pubsub runs a scenario of pubsub.mjs.
func (w *world) pubsub(scenario string, answer any) {
	w.t.Helper()
	w.env["SCENARIO"] = scenario
	clients.Node(w.t, "pubsub.mjs", w.env, answer)
}

// event is what pubsub.mjs tells of a change event.
type event struct {
	Type, Origin         string
	IDs, Changed, Nulled []string
	Name, Phone          *string
	Billing              *struct{ Street, City *string }
	ReplayID             int64
}

func TestPubSubClientSignsInInEachWay(t *testing.T) {
	t.Parallel()
	w, _ := eventful(t)
	check(t, w.org.SetPassword("admin", "passTOKEN"))
	w.env["PASSWORD"], w.env["USER_TOKEN"], w.env["PRIVATE_KEY"] = "pass", "TOKEN", w.key
	var got map[string]int
	w.pubsub("signIn", &got)
	if len(got) != 3 || got["oauth-client-credentials"] != 1 || got["oauth-jwt-bearer"] != 1 || got["username-password"] != 1 {
		t.Errorf("events by way of signing in: %v", got)
	}
}

func TestPubSubClientDecodesChanges(t *testing.T) {
	t.Parallel()
	w, account := eventful(t)
	var got []event
	w.pubsub("changes", &got)
	var types []string
	for _, e := range got {
		types = append(types, e.Type)
		if !slices.Equal(e.IDs, []string{account}) {
			t.Errorf("%s of %v", e.Type, e.IDs)
		}
	}
	if !slices.Equal(types, []string{"CREATE", "UPDATE", "UPDATE", "DELETE"}) {
		t.Fatalf("changes %v", types)
	}
	created, changed, nulled, deleted := got[0], got[1], got[2], got[3]
	if *created.Name != "Acme" || *created.Billing.City != "Bern" || len(created.Changed) != 0 {
		t.Errorf("create: %+v", created)
	}
	if !slices.Equal(changed.Changed, []string{"Phone", "LastModifiedDate", "BillingAddress.Street"}) || *changed.Billing.Street != "Main 1" || changed.Billing.City != nil || changed.Name != nil {
		t.Errorf("update: %+v", changed)
	}
	if !slices.Equal(nulled.Nulled, []string{"Phone"}) || nulled.Phone != nil || deleted.Name != nil || !strings.HasPrefix(deleted.Origin, "com/salesforce/api/soap/") {
		t.Errorf("nulled %+v, deleted %+v", nulled, deleted)
	}
}

func TestPubSubClientGoesOnAfterAReplayID(t *testing.T) {
	t.Parallel()
	w, _ := eventful(t)
	var got struct{ All, Rest []int64 }
	w.pubsub("replay", &got)
	if len(got.All) != 4 || !slices.IsSorted(got.All) || !slices.Equal(got.Rest, got.All[2:]) {
		t.Errorf("%+v, want the two events after the second", got)
	}
}

func TestPubSubClientGetsOnlyWhatIsNew(t *testing.T) {
	t.Parallel()
	w, _ := eventful(t)
	var got struct {
		Name  string
		Names []string
	}
	w.pubsub("latest", &got)
	if !slices.Contains(got.Names, got.Name) {
		t.Errorf("the first event is of %q, want one of %v", got.Name, got.Names)
	}
	w.wantCount(len(got.Names), "SELECT Id FROM Account WHERE Name LIKE 'Latest %'")
}

func TestPubSubClientIsRefusedWithCodesAndTrailers(t *testing.T) {
	t.Parallel()
	w, _ := eventful(t)
	var got map[string]struct {
		Code     int
		Details  string
		Trailers map[string]string
	}
	w.pubsub("refused", &got)
	const replay = "subscription.fetch.replayid.validation.failed"
	for name, want := range map[string]struct {
		code int
		name string
	}{"expired": {3, replay}, "foreign": {3, replay}, "unknown": {5, "topic.not.found"}, "token": {16, "service.auth.error"}, "tenant": {16, "service.auth.error"}} {
		g := got[name]
		if g.Code != want.code || g.Trailers["error-code"] != "sfdc.platform.eventbus.grpc."+want.name || !strings.HasSuffix(g.Details, "rpcId: "+g.Trailers["rpc-id"]) || g.Trailers["rpc-id"] == "" {
			t.Errorf("%s: %+v", name, g)
		}
	}
}

func TestPubSubClientPublishes(t *testing.T) {
	t.Parallel()
	w, _ := eventful(t)
	check(t, w.org.AddEvent(salesforcesim.EventSpec{Name: "Order", Fields: []salesforcesim.FieldSpec{
		{Name: "Note__c", Type: "Text"}, {Name: "Amount__c", Type: "Number"}, {Name: "Done__c", Type: "Checkbox"}}}))
	type result struct {
		ReplayID       int64
		CorrelationKey string
	}
	var got struct {
		One   result
		Bad   struct{ Error string }
		Batch struct{ Results []result }
		Notes [][]any
	}
	w.pubsub("publish", &got)
	if got.One.CorrelationKey != "key-1" || got.One.ReplayID == 0 || len(got.Batch.Results) != 2 || got.Bad.Error == "" {
		t.Errorf("%+v", got)
	}
	for i, n := range got.Notes {
		if fmt.Sprint(n[:3]) != "[hello 2.5 <nil>]" {
			t.Errorf("event %d carries %v", i, n)
		}
	}
	if len(got.Notes) != 3 || got.Notes[0][3] != "key-1" {
		t.Errorf("events %v", got.Notes)
	}
}

func TestPubSubClientUsesAManagedSubscription(t *testing.T) {
	t.Parallel()
	w, _ := eventful(t)
	var got struct {
		ID        string
		Two, Rest []event
	}
	w.pubsub("managed", &got)
	if !strings.HasPrefix(got.ID, "18x") || got.Two[0].Type != "CREATE" || got.Rest[0].Type != "UPDATE" || got.Rest[1].Type != "DELETE" || got.Rest[0].ReplayID <= got.Two[1].ReplayID {
		t.Errorf("%+v, want the stream to go on behind what was committed", got)
	}
}

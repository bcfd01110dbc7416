package simtest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/engine"
)

// serveUntilSchemaChanges serves until the engine asks to be opened again, as the
// daemon does, and opens it.
func (w *World) serveUntilSchemaChanges(meanwhile func()) {
	w.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- w.Engine.Serve(ctx, w.Conn) }()
	meanwhile()
	if err := <-done; !engine.SchemaChanged(err) {
		w.T.Fatalf("serving ended with %v, want a changed schema", err)
	}
	w.Restart()
}

var lineMapping = []config.Mapping{{HubSpot: "name", Salesforce: "Name", Rule: "two_way"}, {HubSpot: "line", Salesforce: "Phone", Rule: "two_way"}}

func withLine(w *World) { w.property("line", "string", "text") }

// TestS15_PropertyMadeAnewWhileServingClearsNothing deletes a mapped property and
// makes it anew while the daemon runs; nothing is read in between.
func TestS15_PropertyMadeAnewWhileServingClearsNothing(t *testing.T) {
	inBubble(t, func(t testing.TB) {
		w := newTrial(t, Before(withLine), Mappings(lineMapping...))
		account, company := w.linked("Edge", "Phone", "123")
		w.serveUntilSchemaChanges(func() {
			time.Sleep(2 * time.Minute)
			w.portalCall(http.MethodDelete, "/crm/v3/properties/companies/line", nil)
			time.Sleep(time.Second)
			withLine(w.World)
			w.editAccount(account, "Name", "Edge 2")
		})
		w.wantValues(account, "Phone", "123", company, "line", "")
		w.Sync()
		w.wantValues(account, "Phone", "123", company, "line", "123")
		w.wantValues(account, "Name", "Edge 2", company, "name", "Edge 2")
	})
}

// TestS4_SchemasAreComparedWhileServing: a field that goes is noticed by the hour,
// and at once where it is missing in an answer.
func TestS4_SchemasAreComparedWhileServing(t *testing.T) {
	for _, edited := range []bool{false, true} {
		inBubble(t, func(t testing.TB) {
			w := newTrial(t, Before(withLine), Mappings(lineMapping...))
			account, _ := w.linked("Edge", "Phone", "123")
			began := time.Now()
			w.serveUntilSchemaChanges(func() {
				time.Sleep(2 * time.Minute)
				w.portalCall(http.MethodDelete, "/crm/v3/properties/companies/line", nil)
				if edited {
					w.editAccount(account, "Name", "Edge 2")
				}
			})
			took := time.Since(began)
			if limit := 65 * time.Minute; edited && took > 5*time.Minute || took > limit {
				t.Errorf("it took %s (record read: %v)", took, edited)
			}
			if len(w.Conn.Problems) != 1 {
				t.Errorf("problems of mappings %+v, want the one of the property that is gone", w.Conn.Problems)
			}
		})
	}
}

// TestS2_ServingGoesOnWithTheSameSchema looks at both schemas for hours.
func TestS2_ServingGoesOnWithTheSameSchema(t *testing.T) {
	inBubble(t, func(t testing.TB) {
		w := newTrial(t)
		account, company := w.linked("Edge")
		w.serving()
		time.Sleep(130 * time.Minute)
		w.editAccount(account, "Name", "Edge 2")
		w.editCompany(company, "city", "Bern")
		time.Sleep(3 * time.Minute)
		w.wantValues(account, "BillingCity", "Bern", company, "name", "Edge 2")
		w.editAccount(account, "BillingCity", "")
		time.Sleep(3 * time.Minute)
		w.wantValues(account, "BillingCity", "", company, "city", "")
		w.stop()
	})
}

package simtest

import (
	"net/http"
	"testing"
	"time"

	"tandem/internal/config"
)

// remapped restarts a world with another mapping beside the name's and edits the
// account, so that the pair is looked at.
func (w *World) remapped(account string, m config.Mapping) {
	w.T.Helper()
	w.Restart(func(c *config.Connection) {
		c.Mappings["company"] = []config.Mapping{{HubSpot: "name", Salesforce: "Name", Rule: "two_way"}, m}
	})
	w.Advance(5 * time.Minute)
	w.editAccount(account, "Name", "Edge 2")
	w.Sync()
}

func TestMAP1_FieldJoinedWithAnotherPropertyIsNotTakenForCleared(t *testing.T) {
	for _, rule := range []string{"two_way", "prefer_salesforce", "always_salesforce"} {
		t.Run(rule, func(t *testing.T) {
			w := New(t, Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name", Rule: "two_way"}, config.Mapping{HubSpot: "phone", Salesforce: "Phone", Rule: rule}))
			account, company := w.linked("Edge", "Phone", "123")
			w.remapped(account, config.Mapping{HubSpot: "state", Salesforce: "Phone", Rule: rule})
			w.wantValues(account, "Phone", "123", company, "state", "123")
			w.wantValues(account, "Name", "Edge 2", company, "name", "Edge 2")
		})
	}
}

func TestERR8_PropertyMadeAnewUnderItsNameIsNotTakenForCleared(t *testing.T) {
	m := config.Mapping{HubSpot: "line", Salesforce: "Phone", Rule: "two_way"}
	w := New(t, Before(func(w *World) { w.property("line", "string", "text") }),
		Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name", Rule: "two_way"}, m))
	account, company := w.linked("Edge", "Phone", "123")
	w.portalCall(http.MethodDelete, "/crm/v3/properties/companies/line", nil)
	w.Advance(time.Minute)
	w.property("line", "string", "text")
	w.remapped(account, m)
	w.wantValues(account, "Phone", "123", company, "line", "123")
}

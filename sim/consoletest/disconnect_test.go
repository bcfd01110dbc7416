package consoletest

import (
	"net/http"
	"strings"
	"testing"
)

// TestINST11_INST12_AConnectionIsEndedAndConnectedAgainInTheBrowser: for whom types its name,
// who then sees what is left to reassign, while nothing syncs until it is connected again.
func TestINST11_INST12_AConnectionIsEndedAndConnectedAgainInTheBrowser(t *testing.T) {
	w := newWorld(t, nil)
	id := w.create("Account", map[string]any{"Name": "Before Bay"})
	b := w.visit()
	b.setUp()
	record := "/c/simulated/records/company/" + id
	w.eventually("the account is linked", func() bool { b.open(record); return strings.Contains(b.text(), "In step") })
	v := b.invited("operator")
	v.open("/c/simulated/connect")
	v.lacks("Disconnect")
	if answer := eval[int](v, `fetch("/c/simulated/disconnect", {method: "POST", body: new URLSearchParams({name: "simulated"})}).then(r => r.status)`); answer != http.StatusForbidden {
		t.Errorf("an operator's disconnect is answered %d", answer)
	}
	b.open("/c/simulated/connect")
	b.press("Disconnect simulated…")
	b.sees("Companies and accounts: ")
	b.sees("taken up again")
	b.fill("name", "another")
	b.press("Disconnect")
	b.sees("The name that was typed is not simulated")
	if state := w.run("connections", "--json"); strings.Contains(state, "disconnected") {
		t.Fatalf("a wrong name has disconnected it: %s", state)
	}
	b.fill("name", "simulated")
	b.press("Disconnect")
	b.sees("simulated is disconnected")
	b.sees("These owners are in Salesforce only")
	b.sees("no mail server is set")
	w.account(id, "Name", "After Abyss")
	b.open(record)
	b.sees("Before Bay")
	b.open("/")
	b.sees("Disconnected")
	b.open("/c/simulated/connect")
	b.press("simulated is disconnected: connect again…")
	b.press("Connect again")
	b.sees("Pause…")
	w.eventually("the edit made meanwhile reaches HubSpot", func() bool {
		b.open(record)
		return eval[string](b, `document.querySelector(".fields tbody tr")?.querySelectorAll("td")[1].innerText ?? ""`) == "After Abyss"
	})
	b.open("/audit")
	b.sees("disconnect")
	b.sees("resume")
}

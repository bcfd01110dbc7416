package cli

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestINST11_INST12_AnAdminsProgramEndsAConnection: once it says the name, and reads what is
// left to reassign; nobody else does, and it goes on where it was by a resume.
func TestINST11_INST12_AnAdminsProgramEndsAConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	r.soleOwner()
	address, _ := r.serve()
	const path = "/connections/{connection}/disconnect"
	on := map[string]string{"connection": r.load().Connections[0].Name}
	sure := map[string]string{"confirm": on["connection"]}
	token := func(role string) string {
		return strings.TrimSpace(r.must(0, "token", "create", role, "--role", role))
	}
	operator := newClient(t, address, token("operator"))
	operator.call(http.StatusForbidden, "POST", path, on, "", sure, nil)
	operator.call(http.StatusForbidden, "GET", path, on, "", nil, nil)
	admin := newClient(t, address, token("admin"))
	var got struct {
		Disconnected, Looking, Known bool
		At                           time.Time
		Owners                       []struct{ Name string }
		MailedTo                     []string `json:"mailed_to"`
	}
	admin.call(http.StatusUnprocessableEntity, "POST", path, on, "", map[string]string{"confirm": "another"}, nil)
	admin.call(http.StatusUnprocessableEntity, "POST", path, on, "", map[string]string{}, nil)
	if admin.call(http.StatusOK, "GET", path, on, "", nil, &got); got.Disconnected || got.Known || !got.At.IsZero() {
		t.Fatalf("without the name it was ended: %+v", got)
	}
	if admin.call(http.StatusOK, "POST", path, on, "", sure, &got); !got.Disconnected || got.At.IsZero() {
		t.Fatalf("the connection has not ended: %+v", got)
	}
	eventually(t, "it is told whose records are to be reassigned", func() bool {
		admin.call(http.StatusOK, "GET", path, on, "", nil, &got)
		return got.Known && !got.Looking
	})
	solo := func(o struct{ Name string }) bool { return o.Name == "Solo Seller" }
	if !slices.ContainsFunc(got.Owners, solo) || len(got.MailedTo) != 0 {
		t.Errorf("what is left is %+v", got)
	}
	var log struct {
		Entries []struct{ Who, Action string }
	}
	admin.call(http.StatusOK, "GET", "/audit", nil, "?action=disconnect", nil, &log)
	if len(log.Entries) != 1 || log.Entries[0].Who != "token admin" {
		t.Errorf("the audit log has %+v", log.Entries)
	}
	admin.call(http.StatusNoContent, "POST", "/connections/{connection}/resume", on, "", map[string]any{}, nil)
	if admin.call(http.StatusOK, "GET", path, on, "", nil, &got); got.Disconnected {
		t.Error("a resume has not connected it again")
	}
}

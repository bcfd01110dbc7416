package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"tandem/internal/core"
)

// A list that is looked at again asks the sides only for what it does not know yet, or has
// known for long; what nobody has answered is asked for again.
func TestNamesOfAListAreAskedForOnce(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	var asked []core.Ref
	var down error
	c := New(Desk{Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler), Do: func(_ context.Context, _ string, o Order, result any) error {
		asked = append(asked, o.Refs...)
		if down != nil {
			return down
		}
		type one struct {
			Ref  core.Ref `json:"ref"`
			Name string   `json:"name"`
		}
		var out []one
		for _, r := range o.Refs {
			if r.ID != "3" { // nobody tells what this one is called
				out = append(out, one{r, "Name of " + r.ID})
			}
		}
		text, err := json.Marshal(out)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, result)
	}})
	v := &visit{r: httptest.NewRequestWithContext(t.Context(), "GET", "/", nil), connection: "acme"}
	wants := func(ids string, asks int) {
		t.Helper()
		var refs []core.Ref
		for _, id := range ids {
			refs = append(refs, core.Ref{Side: core.HubSpot, Object: "companies", ID: string(id)})
		}
		asked = nil
		got := c.namesOf(v, refs)
		for _, r := range refs {
			want := "Name of " + r.ID
			if r.ID == "3" || down != nil && asks > 0 {
				want = ""
			}
			if got[r] != want {
				t.Errorf("%s is called %q, want %q", r, got[r], want)
			}
		}
		if len(asked) != asks {
			t.Errorf("for %s it asked for %v", ids, asked)
		}
	}
	wants("12", 2)
	wants("12", 0)
	wants("123", 1)
	wants("321", 0)
	v.connection = "zeta"
	wants("1", 1)
	v.connection = "acme"
	now = now.Add(namesLast)
	wants("1", 1)
	down = errors.New("a side is down")
	wants("9", 1)
	wants("9", 1)
	down = nil
	wants("9", 1)
	for i := range namesMost + 10 {
		c.lately.keep(now, "acme", map[core.Ref]string{{Side: core.HubSpot, Object: "companies", ID: fmt.Sprint("x", i)}: "x"})
	}
	if n := len(c.lately.all); n > namesMost {
		t.Errorf("%d names are kept", n)
	}
}

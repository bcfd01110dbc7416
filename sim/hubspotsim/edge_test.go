package hubspotsim

import (
	"net/http"
	"strings"
	"testing"
)

func TestEdgeRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		method, path, kind, body string
		status                   int
	}{
		"another method":    {"PUT", companies, "application/json", `{}`, 405},
		"no such path":      {"GET", "/crm/v3/nothing", "", "", 404},
		"a form":            {"POST", companies, "application/x-www-form-urlencoded", `{"properties":{}}`, 415},
		"no kind":           {"POST", companies, "", `{"properties":{"name":"A"}}`, 201},
		"JSON for a token":  {"POST", "/oauth/v3/token", "application/json", `{}`, 415},
		"JSON in UTF-8":     {"POST", companies, "application/json; charset=UTF-8", `{"properties":{"name":"A"}}`, 201},
		"nothing to read":   {"POST", statusPath("a@x.example") + "/unsubscribe-all?channel=EMAIL", "", "", 204},
		"a long address":    {"GET", companies + "?properties=" + strings.Repeat("name,", 4000), "", "", 414},
		"not too long":      {"GET", companies + "?properties=" + strings.Repeat("name,", 3000), "", "", 200},
		"JSON for a import": {"POST", "/crm/v3/imports", "application/json", `{}`, 415},
	} {
		r := newRig(t, Options{})
		req := r.request(c.method, c.path, c.body)
		if req.Header.Set("Content-Type", c.kind); c.kind == "" {
			req.Header.Del("Content-Type")
		}
		got := r.send(req)
		if got.status != c.status {
			t.Errorf("%s: status %d, want %d\n%s", name, got.status, c.status, got.raw)
		}
		if page := strings.HasPrefix(got.header.Get("Content-Type"), "text/html"); page != (got.status >= 400) {
			t.Errorf("%s: answered as %s", name, got.header.Get("Content-Type"))
		}
		if allow := got.header.Get("Allow"); got.status == http.StatusMethodNotAllowed && allow != "GET, POST" {
			t.Errorf("%s: allows %q", name, allow)
		}
	}
}

// No answer to a body of the wrong shape has the words of the language that the
// portal is written in.
func TestWrongBodiesAreWordedAsTheVendorDoes(t *testing.T) {
	r := newRig(t, Options{})
	bodies := []string{`{`, `[]`, `"x"`, `{"inputs":{}}`, `{"inputs":"x"}`, `{"inputs":[1]}`, `{"properties":[]}`, `{"properties":{"name":{}}}`,
		`{"limit":"x","filterGroups":7}`, `{"name":7,"label":{},"options":"x","filterBranch":"x","emailAddress":[]}`, "{\"a\":\n\tnope}"}
	seen := 0
	for _, area := range sortedKeys(r.p.routes) {
		for _, route := range r.p.routes[area] {
			if route.method == "GET" || route.method == "DELETE" || route.body != "" {
				continue
			}
			for _, body := range bodies {
				got := r.call(route.method, pathOf(t, r.p, route), body)
				for _, word := range []string{"json:", "Go struct", "Go value", "unmarshal", "invalid character", "unexpected end of JSON", "strconv"} {
					if strings.Contains(got.raw, word) {
						t.Errorf("%s %s says %q: %s", route.name, body, word, got.raw)
					}
				}
				if strings.Contains(got.raw, "Invalid input JSON on line ") {
					seen++
				}
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d bodies were refused as JSON", seen)
	}
	got := r.call("POST", companies+"/batch/read", "{\"inputs\":\n{}}")
	want := "Invalid input JSON on line 2, column 1: Cannot deserialize value of type `java.util.ArrayList` from Object value (token `JsonToken.START_OBJECT`)"
	if got.status != 400 || got.str("message") != want || got.str("category") != "" || got.str("correlationId") == "" {
		t.Errorf("%d %s", got.status, got.raw)
	}
}

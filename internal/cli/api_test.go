package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"tandem/internal/api"
	"tandem/internal/engine"
)

// client is a program that uses the API and holds every answer against its description.
type client struct {
	t       *testing.T
	address string
	token   string
	doc     map[string]any
	schemas *jsonschema.Compiler
}

const docURL = "https://tandem.example/openapi.json"

func newClient(t *testing.T, address, token string) *client {
	c := &client{t: t, address: address + api.Root, token: token, schemas: jsonschema.NewCompiler()}
	res, err := http.Get(c.address + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	doc, err := jsonschema.UnmarshalJSON(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("the description is answered %s: %v", res.Status, err)
	}
	c.doc = doc.(map[string]any)
	if v := c.doc["openapi"].(string); !strings.HasPrefix(v, "3.1") {
		t.Errorf("the description is of version %s", v)
	}
	c.schemas.AssertFormat()
	if err := c.schemas.AddResource(docURL, doc); err != nil {
		t.Fatal(err)
	}
	return c
}

// call does an operation by its path in the description, and decodes the answer of the
// status wanted.
func (c *client) call(want int, method, template string, params map[string]string, query string, body, into any) {
	c.t.Helper()
	path := template
	for k, v := range params {
		path = strings.ReplaceAll(path, "{"+k+"}", v)
	}
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.address+path+query, bytes.NewReader(text))
	if err != nil {
		c.t.Fatal(err)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		c.t.Fatalf("%s %s: %d, want %d: %s %v", method, path, res.StatusCode, want, answer, err)
	}
	c.check(method, template, res, answer)
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			c.t.Fatalf("%s %s: %v: %s", method, path, err, answer)
		}
	}
}

// check holds an answer against what the description says of it.
func (c *client) check(method, template string, res *http.Response, answer []byte) {
	c.t.Helper()
	op := dig(c.doc, "paths", api.Root+template, strings.ToLower(method))
	if op == nil {
		c.t.Fatalf("%s %s is not described", method, template)
	}
	status, media := res.Status[:3], strings.Split(res.Header.Get("Content-Type"), ";")[0]
	described := dig(op, "responses", status)
	if described == nil {
		c.t.Fatalf("%s %s: that it is answered %s is not described", method, template, status)
	}
	if len(answer) == 0 {
		return
	}
	escaped := strings.NewReplacer("~", "~0", "/", "~1").Replace
	at := docURL + "#/paths/" + escaped(api.Root+template) + "/" + strings.ToLower(method) + "/responses/" + status + "/content/" + escaped(media) + "/schema"
	s, err := c.schemas.Compile(strings.NewReplacer("{", "%7B", "}", "%7D").Replace(at))
	if err != nil {
		c.t.Fatalf("%s %s: %s of %s: %v", method, template, media, status, err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(answer))
	if err != nil {
		c.t.Fatalf("%s %s: %v: %s", method, template, err, answer)
	}
	if err := s.Validate(v); err != nil {
		c.t.Errorf("%s %s is not as described: %v\n%s", method, template, err, answer)
	}
}

func dig(v any, path ...string) any {
	for _, k := range path {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

// TestAPI_AProgramReadsAndActs: everything that the description names answers as described,
// by the real daemon, and acts as the verb of the command line does.
func TestAPI_AProgramReadsAndActs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	address, _ := r.serve()
	p := &program{client: newClient(t, address, strings.TrimSpace(r.must(0, "token", "create", "nightly", "--role", "operator"))), r: r, name: r.load().Connections[0].Name}
	run := p.imports()
	p.looks()
	p.actsOnARecord()
	p.triesAgain()
	p.undoes(run)
	p.stops()
}

// program is a client that is about one connection.
type program struct {
	*client
	r    *rig
	name string
}

// connectionState is how the connection stands.
type connectionState struct {
	Name    string
	Objects []struct {
		Object string
		Linked int
	}
	Brakes []struct{ Kind string }
}

// with are the parameters of a path, by pairs of a name and a value.
func (p *program) with(pairs ...string) map[string]string {
	out := map[string]string{"connection": p.name}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

func (p *program) get(template string, params map[string]string, query string, into any) {
	p.t.Helper()
	p.call(http.StatusOK, http.MethodGet, "/connections/{connection}"+template, params, query, nil, into)
}

// post acts; without into no answer is expected.
func (p *program) post(template string, params map[string]string, body, into any) {
	p.t.Helper()
	want := http.StatusOK
	if into == nil {
		want = http.StatusNoContent
	}
	p.call(want, http.MethodPost, "/connections/{connection}"+template, params, "", body, into)
}

// begun is the answer of what begins a run.
type begun struct{ Run int64 }

// ended waits for the end of a run, and gives what it wrote, and by side what got nothing but
// the id of its partner.
func (p *program) ended(b begun) (wrote, keyed map[string]int) {
	p.t.Helper()
	var run struct {
		State        string
		Wrote, Keyed map[string]int
	}
	eventually(p.t, "the run is done", func() bool {
		p.get("/runs/{run}", p.with("run", strconv.FormatInt(b.Run, 10)), "", &run)
		return run.State == "done"
	})
	return run.Wrote, run.Keyed
}

func (p *program) imports() (b begun) {
	p.t.Helper()
	for _, refused := range []map[string]any{{"when": `Name == "x"`}, {"ids": []string{"12 apples"}}, {"list": "Nobody's list", "from": []string{"salesforce"}}, {"object": "lead", "from": []string{"hubspot"}}} {
		body := map[string]any{"object": "company", "from": []string{"salesforce", "hubspot"}}
		maps.Copy(body, refused)
		p.call(http.StatusUnprocessableEntity, http.MethodPost, "/connections/{connection}/imports", p.with(), "", body, nil)
	}
	p.post("/imports", p.with(), map[string]any{"object": "company", "from": []string{"salesforce", "hubspot"}}, &b)
	if wrote, keyed := p.ended(b); wrote["create companies"] == 0 || keyed["salesforce"] == 0 {
		p.t.Errorf("the import wrote %v, and keys by side %v", wrote, keyed)
	}
	return b
}

func (p *program) looks() {
	p.t.Helper()
	var one connectionState
	if p.get("", p.with(), "", &one); len(one.Objects) == 0 || one.Objects[0].Object != "company" || one.Objects[0].Linked == 0 {
		p.t.Errorf("it stands so: %+v", one)
	}
	var all []connectionState
	if p.call(http.StatusOK, "GET", "/connections", nil, "", nil, &all); len(all) != 1 || all[0].Name != p.name {
		p.t.Errorf("the connections are %+v", all)
	}
	var runs []begun
	if p.get("/runs", p.with(), "?limit=1", &runs); len(runs) != 1 {
		p.t.Errorf("the last run is %+v", runs)
	}
}

func (p *program) actsOnARecord() {
	p.t.Helper()
	l := p.r.someLink()
	record := p.with("object", "company", "id", l.Salesforce)
	const path = "/records/{object}/{id}"
	var x engine.Explanation
	if p.get(path, record, "", &x); x.Link == nil || x.Link.HubSpot != l.HubSpot || len(x.History) == 0 {
		p.t.Errorf("the record is explained so: %+v", x)
	}
	var found []engine.Found
	if p.get("/records", p.with(), "?q="+l.HubSpot, &found); len(found) == 0 {
		p.t.Error("the record is not found")
	}
	p.post(path+"/unlink", record, nil, nil)
	if p.get(path, record, "", &x); x.Link == nil || !x.Link.Unlinked {
		p.t.Errorf("after unlink: %+v", x.Link)
	}
	p.post("/links", p.with(), map[string]string{"object": "company", "salesforce": l.Salesforce, "hubspot": l.HubSpot}, nil)
	p.post(path+"/resync", record, nil, nil)
}

func (p *program) triesAgain() {
	p.t.Helper()
	p.r.run("resync", "company", p.r.person("Account", map[string]any{"Name": "Odd Industry", "Industry": "Recreation"}))
	var issues struct{ Issues []struct{ Category string } }
	eventually(p.t, "an issue of the picklist", func() bool {
		p.get("/issues", p.with(), "?category=picklist&limit=1", &issues)
		return len(issues.Issues) == 1
	})
	var again struct{ Retried int }
	if p.post("/issues/retry", p.with(), map[string]string{"category": "picklist"}, &again); again.Retried == 0 {
		p.t.Error("nothing was tried again")
	}
}

func (p *program) undoes(run begun) {
	p.t.Helper()
	var b begun
	p.post("/runs/{run}/undo", p.with("run", strconv.FormatInt(run.Run, 10)), map[string]bool{"delete_created": true}, &b)
	if wrote, _ := p.ended(b); wrote["archive companies"] == 0 {
		p.t.Errorf("the undo wrote %v", wrote)
	}
	var one connectionState
	if p.get("", p.with(), "", &one); len(one.Brakes) != 0 {
		p.t.Errorf("the deletes that the undo was asked for pulled %v", one.Brakes)
	}
}

func (p *program) stops() {
	p.t.Helper()
	p.post("/pause", p.with(), nil, nil)
	p.r.must(exitNot, "status")
	p.call(http.StatusUnprocessableEntity, http.MethodPost, "/connections/{connection}/resume", p.with(), "", map[string]any{"brakes": []string{"deletes"}}, nil)
	p.post("/resume", p.with(), map[string]any{}, nil)
	eventually(p.t, "the connection goes on", func() bool { code, _, _ := p.r.run("status"); return code == 0 })
}

// TestAPI_ATokenMayWhatItsRoleMay: without a token, with an ended one and with one of a lower
// role nothing is told and nothing done, and the secret stands nowhere.
func TestAPI_ATokenMayWhatItsRoleMay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	address, _ := r.serve()
	name := r.load().Connections[0].Name
	on := map[string]string{"connection": name}
	token := strings.TrimSpace(r.must(0, "token", "create", "report"))
	if _, _, errs := r.run("token", "create", "report"); !strings.Contains(errs, "already") {
		t.Errorf("a second token of the name: %s", errs)
	}
	if code, _, _ := r.run("token", "create", "other", "--role", "owner"); code == 0 {
		t.Error("a token was made of a role that there is not")
	}
	c := newClient(t, address, token)
	c.call(http.StatusOK, "GET", "/connections/{connection}", on, "", nil, nil)
	var p struct{ Code string }
	if c.call(http.StatusForbidden, "POST", "/connections/{connection}/pause", on, "", nil, &p); p.Code != "role_needed" {
		t.Errorf("a viewer is refused with %+v", p)
	}
	c.call(http.StatusNotFound, "GET", "/connections/{connection}", map[string]string{"connection": "none"}, "", nil, nil)
	c.call(http.StatusUnprocessableEntity, "GET", "/connections/{connection}/issues", on, "?category=none", nil, nil)
	c.call(http.StatusNotFound, "GET", "/connections/{connection}/runs/{run}", map[string]string{"connection": name, "run": "99"}, "", nil, nil)
	if rows := r.must(0, "token", "list"); strings.Contains(rows, token) || !strings.Contains(rows, "report") || strings.Contains(rows, "never") {
		t.Errorf("the list of tokens: %s", rows)
	}
	for _, file := range []string{"", "-wal"} {
		text, err := os.ReadFile(strings.TrimPrefix(r.load().Store, "sqlite://") + file)
		if err != nil || bytes.Contains(text, []byte(token)) {
			t.Errorf("the store%s holds the token, or cannot be read: %v", file, err)
		}
	}
	r.must(0, "token", "end", "report")
	if c.call(http.StatusUnauthorized, "GET", "/connections", nil, "", nil, &p); p.Code != "token_needed" {
		t.Errorf("an ended token is refused with %+v", p)
	}
	c.token = ""
	c.call(http.StatusUnauthorized, "POST", "/connections/{connection}/pause", on, "", nil, nil)
	if code, _, _ := r.run("token", "end", "report"); code == 0 {
		t.Error("a token ends twice")
	}
}

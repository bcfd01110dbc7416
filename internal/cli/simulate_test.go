package cli

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"tandem/internal/config"
	"tandem/internal/engine"
)

func TestSimulateTellsWhereItIsAndServes(t *testing.T) {
	t.Parallel()
	r := &rig{t: t, dir: t.TempDir()}
	r.file = filepath.Join(r.dir, "unused.yaml")
	file := filepath.Join(r.dir, "written.yaml")
	line, stop := r.start("simulate", "--json", "--write-config", file, "--seed", "9", "--hubspot-latency", "1ms")
	var info simInfo
	if err := json.Unmarshal([]byte(line), &info); err != nil {
		t.Fatalf("first line %q: %v", line, err)
	}
	for name, v := range map[string]string{"salesforce.url": info.Salesforce.URL, "pubsub": info.Salesforce.PubSub, "org_id": info.Salesforce.OrgID,
		"salesforce.admin_token": info.Salesforce.AdminToken, "username": info.Salesforce.Username, "hubspot.url": info.HubSpot.URL,
		"portal_id": info.HubSpot.PortalID, "hubspot.admin_token": info.HubSpot.AdminToken} {
		if v == "" || !strings.Contains(line, `"`+name[strings.LastIndex(name, ".")+1:]+`"`) {
			t.Errorf("%s is missing in %s", name, line)
		}
	}
	for _, url := range []string{info.Salesforce.URL + "/_sim/stats", info.HubSpot.URL + "/_sim/stats"} {
		res, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK || !json.Valid(body) {
			t.Errorf("%s answers %d %s", url, res.StatusCode, body)
		}
	}
	for _, address := range []string{info.Salesforce.URL, info.Salesforce.PubSub} {
		speaksGRPC(t, address)
	}
	f, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if c := f.Connections[0]; !c.Companies.Sync || len(c.Mappings["company"]) == 0 || c.Salesforce.OrgID != info.Salesforce.OrgID {
		t.Errorf("written settings are %+v", c)
	}
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the settings with secrets are readable by others: %v", st.Mode())
	}
	if code := stop(); code != 0 {
		t.Errorf("simulate ended with %d", code)
	}
}

// speaksGRPC calls the event bus at an address without a session: that it is
// refused for that, and not for the protocol, is the answer.
func speaksGRPC(t *testing.T, address string) {
	t.Helper()
	conn, err := grpc.NewClient(strings.TrimPrefix(address, "http://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Invoke(context.Background(), "/eventbus.v1.PubSub/NoSuchCall", &emptypb.Empty{}, &emptypb.Empty{})
	if c := status.Code(err); c != codes.Unauthenticated && c != codes.Unimplemented {
		t.Errorf("%s answers gRPC with %v", address, err)
	}
}

func TestSimulateLoadsExportsOfBothSides(t *testing.T) {
	t.Parallel()
	write := func(dir string, files map[string]string) string {
		for name, text := range files {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	const accounts, companies = "Id,Name\n001000000000001AAA,One\n001000000000002AAA,Two\n", "Record ID,Company name\n101,Three\n"
	for name, dir := range map[string]string{
		"one folder":  write(t.TempDir(), map[string]string{"Account.csv": accounts, "companies.csv": companies}),
		"two folders": write(t.TempDir(), map[string]string{"salesforce/Account.csv": accounts, "hubspot/companies.csv": companies}),
	} {
		s, err := newSimulators(simOptions{seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.closeListeners)
		if _, err := s.load(dir); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if a, c := s.org.Stats().Records["Account"], s.portal.Stats().Records["companies"]; a != 2 || c != 1 {
			t.Errorf("%s: %d accounts and %d companies", name, a, c)
		}
	}
	bad := write(t.TempDir(), map[string]string{"Account.csv": "Id,Name\nnonsense,One\n"})
	code, _, errs := (&rig{t: t, file: "unused"}).run("simulate", "--load", bad)
	if code != exitNot || !strings.Contains(errs, "Account.csv") || !strings.Contains(errs, "row") {
		t.Errorf("a bad file: exit %d, %s", code, errs)
	}
	code, _, errs = (&rig{t: t, file: "unused"}).run("simulate", "--load", t.TempDir())
	if code != exitUsage || !strings.Contains(errs, "no .csv file") {
		t.Errorf("an empty folder: exit %d, %s", code, errs)
	}
}

func TestDemoEndsInStep(t *testing.T) {
	t.Parallel()
	r := &rig{t: t, file: "unused"}
	res := lastJSON[engine.Result](t, r.must(0, "demo", "--once", "--json"))
	if !res.Converged || res.Objects["companies"].Created == 0 {
		t.Errorf("demo ended with %+v", res)
	}
	if out := r.must(0, "demo", "--once"); !strings.Contains(out, "In step") || !strings.Contains(out, "http://127.0.0.1:") {
		t.Errorf("demo says:\n%s", out)
	}
}

// Settings are never written over by accident, and never beside the store of
// another simulation, whose records would pass for those of this one.
func TestSimulateKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, db := filepath.Join(dir, "tandem.yaml"), filepath.Join(dir, "tandem.db")
	room := func(replace bool) error { return simSettings{file: file, replace: replace}.makeRoom() }
	if err := room(false); err != nil {
		t.Fatal(err)
	}
	write := func(login string) {
		t.Helper()
		c := config.Connection{Name: "x", Salesforce: config.Salesforce{LoginURL: login}, HubSpot: config.HubSpot{BaseURL: "http://127.0.0.1:1"}}
		c.Salesforce.Auth.AccessToken, c.HubSpot.Auth.StaticToken = &config.AccessToken{Token: "t", InstanceURL: login}, "t"
		c.Complete()
		if err := writeSettings(&config.File{Store: "sqlite://" + db, Connections: []config.Connection{c}}, file); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(db, []byte("state"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("http://127.0.0.1:2")
	if err := room(false); err == nil || !exists(file) || !exists(db) {
		t.Errorf("an earlier simulation is not kept: %v", err)
	}
	if err := room(true); err != nil || exists(file) || exists(db) {
		t.Errorf("an earlier simulation does not make way: %v", err)
	}
	write("https://acme.my.salesforce.com")
	if err := room(true); err == nil || !exists(file) || !exists(db) {
		t.Errorf("settings of a real org are not kept: %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	for _, replace := range []bool{false, true} {
		if err := room(replace); err == nil || !exists(db) {
			t.Errorf("a store alone is not kept: %v", err)
		}
	}
}

package salesforce

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/sim/clients"
)

// sf is Salesforce's own command line, signed in to a world.
type sf struct {
	*world
	script string
	home   map[string]string
}

// commandLine prepares a home folder of its own for the command line.
func (w *world) commandLine() sf {
	w.t.Helper()
	home := map[string]string{"HOME": w.t.TempDir(), "SF_DISABLE_TELEMETRY": "true", "SF_AUTOUPDATE_DISABLE": "true", "SF_SKIP_NEW_VERSION_CHECK": "true",
		"SF_USE_GENERIC_UNIX_KEYCHAIN": "true", "SF_DISABLE_LOG_FILE": "true", "SF_ACCESS_TOKEN": w.info.AdminToken}
	return sf{world: w, script: filepath.Join(clients.Installed(w.t), "@salesforce", "cli", "bin", "run.js"), home: home}
}

// signedIn is a command line with the administrator's session.
func (w *world) signedIn() sf {
	w.t.Helper()
	c := w.commandLine()
	c.run("org", "login", "access-token", "--instance-url", w.url, "--no-prompt", "--set-default", "--alias", "sim")
	return c
}

// outcome is what a command prints with --json.
type outcome struct {
	Status, ExitCode int
	Name, Message    string
	Result           json.RawMessage
	Data             struct{ JobID string }
}

// try runs a command and gives its outcome, good or bad.
func (c sf) try(args ...string) outcome {
	c.t.Helper()
	out, errs, err := clients.Try(c.t, c.home, append([]string{c.script}, append(args, "--json")...)...)
	var o outcome
	if json.Unmarshal([]byte(out), &o) != nil {
		c.t.Fatalf("sf %s: %v\n%s\n%s", strings.Join(args, " "), err, out, errs)
	}
	return o
}

// run runs a command that succeeds and decodes its result.
func (c sf) run(args ...string) outcome {
	c.t.Helper()
	o := c.try(args...)
	if o.Status != 0 || o.ExitCode != 0 {
		c.t.Fatalf("sf %s: %s: %s", strings.Join(args, " "), o.Name, o.Message)
	}
	return o
}

// text runs a command for what it prints to people.
func (c sf) text(args ...string) string {
	c.t.Helper()
	return clients.Run(c.t, c.home, append([]string{c.script}, args...)...)
}

func (o outcome) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(o.Result, v); err != nil {
		t.Fatalf("%v: %s", err, o.Result)
	}
}

func (o outcome) id(t *testing.T) string {
	t.Helper()
	var r struct{ ID string }
	o.into(t, &r)
	return r.ID
}

func (o outcome) job(t *testing.T) string {
	t.Helper()
	var r struct{ JobID string }
	o.into(t, &r)
	return r.JobID
}

func TestCommandLineSignsIn(t *testing.T) {
	t.Parallel()
	w := serve(t)
	c := w.commandLine()
	var who struct{ Username, OrgID, InstanceAPIVersion, OrgEdition string }
	c.run("org", "login", "access-token", "--instance-url", w.url, "--no-prompt").into(t, &who)
	if who.Username != w.info.AdminUsername || who.OrgID != w.info.OrgID || who.InstanceAPIVersion != "68.0" || who.OrgEdition != "Enterprise Edition" {
		t.Errorf("by token: %+v", who)
	}
	c.run("org", "login", "jwt", "--client-id", w.info.IntegrationClientID, "--jwt-key-file", w.write("app.key", w.key), "--username", w.info.IntegrationUsername,
		"--instance-url", w.url, "--alias", "robot").into(t, &who)
	if who.Username != w.info.IntegrationUsername {
		t.Errorf("by assertion: %+v", who)
	}
	w.want("Account", c.run("data", "create", "record", "-o", "robot", "-s", "Account", "-v", "Name=Robot").id(t), "Name", "Robot")
	wrong := c.try("org", "login", "jwt", "--client-id", "nobody", "--jwt-key-file", w.write("app.key", w.key), "--username", w.info.IntegrationUsername, "--instance-url", w.url)
	if wrong.Name != "JwtAuthError" && !strings.Contains(wrong.Message, "client identifier invalid") {
		t.Errorf("an unknown app gives %s: %s", wrong.Name, wrong.Message)
	}
}

func TestCommandLineWorksOnRecords(t *testing.T) {
	t.Parallel()
	w := serve(t)
	c := w.signedIn()
	id := c.run("data", "create", "record", "-s", "Account", "-v", "Name='Acme Ltd' NumberOfEmployees=5").id(t)
	w.want("Account", id, "Name", "Acme Ltd")
	c.run("data", "update", "record", "-s", "Account", "-w", "Name='Acme Ltd'", "-v", "Phone='7'")
	w.want("Account", id, "Phone", "7")
	var got struct{ Name, Phone string }
	c.run("data", "get", "record", "-s", "Account", "-i", id).into(t, &got)
	if got.Name != "Acme Ltd" || got.Phone != "7" {
		t.Errorf("get: %+v", got)
	}
	w.make("Contact", map[string]any{"LastName": "Child", "AccountId": id})
	if out := c.text("data", "query", "-r", "csv", "-q", "SELECT Id, Name, Owner.Name, (SELECT LastName FROM Contacts) FROM Account"); !strings.Contains(out,
		"Id,Name,Owner.Name,Contacts.totalSize,Contacts.records.0.LastName\n"+id+",Acme Ltd,Ada Admin,1,Child\n") {
		t.Errorf("query: %s", out)
	}
	if out := c.text("data", "query", "-r", "csv", "-q", "SELECT Name, COUNT(Id), MAX(NumberOfEmployees) FROM Account GROUP BY Name"); !strings.Contains(out, "Name,COUNT(Id),MAX(NumberOfEmployees)\nAcme Ltd,1,5\n") {
		t.Errorf("grouped query: %s", out)
	}
	c.run("data", "delete", "record", "-s", "Account", "-i", id)
	w.gone("Account", id)
	var all struct{ TotalSize int }
	c.run("data", "query", "--all-rows", "-q", "SELECT Id FROM Account WHERE IsDeleted = true").into(t, &all)
	if missing := c.try("data", "get", "record", "-s", "Account", "-i", id); all.TotalSize != 1 || !strings.Contains(missing.Message, "entity is deleted") {
		t.Errorf("%d deleted rows; %s: %s", all.TotalSize, missing.Name, missing.Message)
	}
}

func TestCommandLineDescribesAndReadsLimits(t *testing.T) {
	t.Parallel()
	w := serve(t)
	w.make("Account", map[string]any{"Name": "Haystack"})
	c := w.signedIn()
	var described struct {
		KeyPrefix string
		Fields    []struct{ Name string }
	}
	c.run("sobject", "describe", "-s", "Account").into(t, &described)
	if described.KeyPrefix != "001" || len(described.Fields) < 50 {
		t.Errorf("describe: %s, %d fields", described.KeyPrefix, len(described.Fields))
	}
	var limits []struct {
		Name           string
		Max, Remaining int
	}
	c.run("org", "list", "limits").into(t, &limits)
	for _, l := range limits {
		if l.Name == "DailyApiRequests" && (l.Max != 100_000 || l.Remaining >= l.Max) {
			t.Errorf("limits: %+v", l)
		}
	}
	var counts []struct{ Count int }
	c.run("org", "list", "sobject", "record-counts", "-s", "Account").into(t, &counts)
	var found []struct{ Name string }
	var search struct{ SearchRecords []struct{ Name string } }
	c.run("data", "search", "-q", "FIND {Haystack} RETURNING Account(Id, Name)").into(t, &search)
	found = search.SearchRecords
	if counts[0].Count != 1 || len(found) != 1 || found[0].Name != "Haystack" {
		t.Errorf("counts %v, search %v", counts, found)
	}
}

func TestCommandLineImportsTreesAndFiles(t *testing.T) {
	t.Parallel()
	w := serve(t)
	c := w.signedIn()
	tree := `{"records":[{"attributes":{"type":"Account","referenceId":"A1"},"Name":"Tree","Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"C1"},"LastName":"Leaf"}]}}]}`
	c.run("data", "import", "tree", "-f", w.write("Account.json", tree))
	w.wantCount(1, "SELECT Id FROM Contact WHERE LastName = 'Leaf' AND Account.Name = 'Tree'")
	partly := c.try("data", "import", "bulk", "-s", "Account", "-f", w.write("new.csv", "Name,Ext__c\nOne,E1\n\"Two, \"\"2\"\"\",E2\n,E3\n"), "-w", "1", "--line-ending", "LF")
	if partly.Name != "FailedRecordDetailsError" {
		t.Fatalf("an import with a bad row: %s: %s", partly.Name, partly.Message)
	}
	w.wantCount(2, "SELECT Id FROM Account WHERE Ext__c IN ('E1', 'E2', 'E3')")
	w.wantCount(1, `SELECT Id FROM Account WHERE Name = 'Two, "2"'`)
	// The results go to files in the folder that the command runs in.
	out := c.home["HOME"]
	c.home["PWD"] = out
	var results struct{ ProcessedRecords, SuccessfulRecords, FailedRecords int }
	c.run("data", "bulk", "results", "--job-id", partly.Data.JobID).into(t, &results)
	failed, err := os.ReadFile(filepath.Join(out, partly.Data.JobID+"-failed-records.csv"))
	if err != nil || results.FailedRecords != 1 || results.SuccessfulRecords != 2 || !strings.Contains(string(failed), "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --") {
		t.Errorf("results %+v: %v %s", results, err, failed)
	}
}

func TestCommandLineChangesManyRecords(t *testing.T) {
	t.Parallel()
	w := serve(t)
	c := w.signedIn()
	known := w.make("Account", map[string]any{"Name": "Known", "Ext__c": "E1"})
	c.run("data", "upsert", "bulk", "-s", "Account", "-i", "Ext__c", "-f", w.write("up.csv", "Name,Ext__c\nUpserted,E1\nNew,E9\n"), "-w", "1")
	w.want("Account", known, "Name", "Upserted")
	w.wantCount(1, "SELECT Id FROM Account WHERE Ext__c = 'E9' AND Name = 'New'")
	job := c.run("data", "update", "bulk", "-s", "Account", "-f", w.write("change.csv", "Id,Phone\n"+known+",99\n")).job(t)
	c.run("data", "update", "resume", "--job-id", job, "-w", "1")
	w.want("Account", known, "Phone", "99")
	file := filepath.Join(t.TempDir(), "out.csv")
	c.run("data", "export", "bulk", "-q", "SELECT Id, Name, Phone FROM Account ORDER BY Name", "--output-file", file, "-w", "1", "--result-format", "csv")
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), `"`+known+`","Upserted","99"`) {
		t.Errorf("export: %v %s", err, text)
	}
	c.run("data", "delete", "bulk", "-s", "Account", "-f", w.write("gone.csv", "Id\n"+known+"\n"), "-w", "1")
	w.gone("Account", known)
	w.wantCount(1, "SELECT Id FROM Account")
}

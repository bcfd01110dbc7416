package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tandem/internal/certify"
	"tandem/internal/config"
)

func TestCertifyTellsDifferencesAndLeavesNothing(t *testing.T) {
	r := newRig(t) // its portal has no limits, so that it tells none
	file, ledger := filepath.Join(r.dir, "report.json"), len(r.sims.portal.Ledger())
	if code, _, errs := r.run("certify", "--write"); code != exitNotRun || !strings.Contains(errs, "--production") || len(r.sims.portal.Ledger()) != ledger {
		t.Errorf("in an org that is in productive use: exit %d, %s", code, errs)
	}
	got := lastJSON[certify.Report](t, r.must(1, "certify", "--write", "--production", "--json", "--report", file))
	if got.Counts[certify.Different] != 1 || got.Counts[certify.NotRun] != 0 || got.Left != 0 {
		t.Errorf("counts are %v, %d left", got.Counts, got.Left)
	}
	for _, c := range got.Checks {
		if (c.Outcome == certify.Different) != (c.ID == "portal.limits.header") {
			t.Errorf("%s is %s %v", c.ID, c.Outcome, c.Differences)
		}
	}
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var kept certify.Report
	if err := json.Unmarshal(body, &kept); err != nil || len(kept.Checks) != len(got.Checks) {
		t.Errorf("the report in the file has %d checks: %v", len(kept.Checks), err)
	}
	if rows, err := r.sims.org.As("admin").Query("SELECT Id FROM Account WHERE Name LIKE 'tandem-certify-%'"); err != nil || len(rows) > 0 {
		t.Errorf("left behind %v, %v", rows, err)
	}
	if left, _ := filepath.Glob(filepath.Join(r.dir, "tandem-certify-*")); len(left) > 0 {
		t.Errorf("lists are left: %v", left)
	}
}

func TestCertifyReadsOnlyByDefault(t *testing.T) {
	r := newRig(t)
	org, portal := len(r.sims.org.Ledger()), len(r.sims.portal.Ledger())
	out := r.must(1, "certify")
	if len(r.sims.org.Ledger()) != org || len(r.sims.portal.Ledger()) != portal {
		t.Error("it wrote without --write")
	}
	if !strings.Contains(out, "X-HubSpot-RateLimit-Max: expected a number, seen absent") {
		t.Errorf("the text does not tell the difference:\n%s", out)
	}
}

func TestCertifyCannotRunWithoutASide(t *testing.T) {
	r := newRig(t)
	r.edit(func(f *config.File) {
		f.Connections[0].HubSpot.BaseURL = "http://127.0.0.1:1"
	})
	got := lastJSON[certify.Report](t, r.must(2, "certify", "--json"))
	if got.Counts[certify.NotRun] == 0 || got.Counts[certify.Different] != 0 {
		t.Errorf("counts are %v", got.Counts)
	}
	if code, _, _ := r.run("certify", "--connection", "nobody"); code != 2 {
		t.Errorf("an unknown connection ends with %d", code)
	}
}

func TestCertifyReadsWebhooksWithTheDevelopersKey(t *testing.T) {
	r := newRig(t)
	info := r.sims.portal.Info()
	r.sims.portal.Subscribe("http://127.0.0.1:1/hook", "", 0)
	r.edit(func(f *config.File) {
		f.Connections[0].HubSpot.Events = config.HubSpotEvents{Webhooks: &config.Webhooks{PublicURL: "https://tandem.example", AppID: strconv.Itoa(info.AppID), ClientSecret: config.Secret(info.ClientSecret)}}
	})
	key := filepath.Join(r.dir, "key")
	if err := os.WriteFile(key, []byte(info.ClientSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]certify.Outcome{"": certify.Skipped, key: certify.Same} {
		call := []string{"certify", "--json"}
		if args != "" {
			call = append(call, "--developer-key", args)
		}
		got := lastJSON[certify.Report](t, r.must(1, call...))
		for _, c := range got.Checks {
			if c.ID == "portal.webhooks" && c.Outcome != want {
				t.Errorf("%v: %s %s %v", call, c.Outcome, c.Reason, c.Differences)
			}
		}
	}
	if code, _, errs := r.run("certify", "--developer-key", key+".none"); code != exitNotRun || !strings.Contains(errs, "developer API key") {
		t.Errorf("without the file: exit %d, %s", code, errs)
	}
}

package cli

import (
	"strings"
	"testing"

	"tandem/internal/config"
)

// Deals that are switched on before their fields exist hold up nobody else, say what they
// lack wherever somebody looks, and sync once the fields that the settings in force ask
// for are made.
func TestSET8_I15_AnObjectWithoutItsFieldsHoldsUpNobody(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	_, stop := r.start("serve", "--json")
	res, _ := r.apply(0, strings.Replace(r.must(0, "settings", "export"), "deals:\n  sync: false", "deals:\n  sync: true", 1))
	if m := strings.Join(res.Meaning, "\n"); !strings.Contains(m, "deals sync from now on") || !strings.Contains(m, "deals do not sync: Salesforce has no field") || !strings.Contains(m, "init --fields") {
		t.Errorf("applying says:\n%s", m)
	}
	r.renameOne(l, "Renamed meanwhile")
	eventually(t, "an account passes on", r.companyIs(l, "Renamed meanwhile"))
	if code, out, _ := r.run("status"); code != exitNot || !strings.Contains(out, "Deals do not sync: Salesforce has no field Tandem_Key") {
		t.Errorf("status ends with %d:\n%s", code, out)
	}
	if code, _, errs := r.run("import", "deal"); code != exitNot || !strings.Contains(errs, "Tandem_Key") {
		t.Errorf("import ends with %d: %s", code, errs)
	}
	stop()
	if code, out, _ := r.run("sync", "--once"); code != exitNot || !strings.Contains(out, "Deals do not sync") {
		t.Errorf("sync ends with %d:\n%s", code, out)
	}
	r.must(0, "init", "--fields", "--yes")
	id := r.person("Opportunity", map[string]any{"Name": "Big one", "StageName": "Prospecting", "CloseDate": "2031-05-01"})
	r.must(0, "sync", "--once")
	if out := r.must(0, "explain", "deal", id); !strings.Contains(out, "in step") {
		t.Errorf("the deal is not in step:\n%s", out)
	}
	r.must(0, "status")
}

// What a person applied is not dropped unseen by an edit of the settings file.
func TestSET11_AnEditedFileSaysWhatItReplaces(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	applied, _ := r.apply(0, strings.Replace(r.must(0, "settings", "export"), "rule: prefer_salesforce", "rule: two_way", 1))
	r.edit(func(f *config.File) { f.Connections[0].Companies.WhenHubSpotDeleted = "flag" })
	_, _, errs := r.run("sync", "--once")
	if !strings.Contains(errs, "instead of what was applied") || !strings.Contains(errs, "tandem settings show "+string(rune('0'+applied.Version))) {
		t.Errorf("the log says:\n%s", errs)
	}
	if _, _, errs := r.run("sync", "--once"); strings.Contains(errs, "instead of what was applied") {
		t.Errorf("it is said again:\n%s", errs)
	}
}

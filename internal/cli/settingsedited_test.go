package cli

import (
	"strings"
	"testing"

	"tandem/internal/config"
)

// TestADryRunOfAnEditedSettingsFileChangesNothing, also where no service runs and the next verb
// would take the edit up; applying it says what it means.
func TestADryRunOfAnEditedSettingsFileChangesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	r.edit(func(f *config.File) { f.Connections[0].Companies.Filter.FromHubSpot = `city == "Oslo"` })
	for range 2 {
		out := r.must(0, "settings", "apply", "--dry-run")
		if !strings.Contains(out, "Nothing was applied; version 1 counts") || !strings.Contains(out, "companies from hubspot") {
			t.Errorf("a dry run of the edit says:\n%s", out)
		}
	}
	if out := r.must(0, "settings", "list"); strings.Count(out, byFile) != 1 {
		t.Errorf("versions after a dry run:\n%s", out)
	}
	if out := r.must(0, "settings", "apply"); !strings.Contains(out, "Version 2 counts now") || !strings.Contains(out, "filters or inclusion lists changed") {
		t.Errorf("applying the edit says:\n%s", out)
	}
	if out := r.must(0, "settings", "apply"); !strings.Contains(out, "Nothing changes: version 2 counts already") {
		t.Errorf("applying it again says:\n%s", out)
	}
}

// TestTheFirstSettingsSayWhatTheyAdmit, of deals as of people: nothing counted before, so all
// that they switch on is new. Applied again they say what still waits.
func TestTheFirstSettingsSayWhatTheyAdmit(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) {
		f.Connections[0].Contacts.Sync, f.Connections[0].Deals.Sync = true, true
	})
	for range 2 { // a dry run leaves everything as it was
		dry := r.must(0, "settings", "apply", "--dry-run")
		contains(t, dry, "no settings count yet", "company sync is on", "contact sync is on", "deals sync from now on", "Opportunity from salesforce", "Looking took")
		if strings.Contains(dry, "mappings changed") {
			t.Errorf("mappings that nobody had are told as changed:\n%s", dry)
		}
	}
	contains(t, r.must(0, "settings", "apply"), "Version 1 counts now", "deals sync from now on", "deals do not sync: ")
	contains(t, r.must(0, "settings", "apply"), "Nothing changes: version 1 counts already", "deals do not sync: ")
	r.must(0, "init", "--fields", "--yes")
	r.must(0, "sync", "--once")
	for _, more := range [][]string{nil, {"--dry-run"}} {
		said := r.must(0, append([]string{"settings", "apply"}, more...)...)
		contains(t, said, "Nothing changes: version 1 counts already", "opportunities and", "`tandem import deal` brings them in")
		if strings.Contains(said, "deals do not sync") {
			t.Errorf("deals lack nothing any more:\n%s", said)
		}
	}
}

// TestAnEditedSettingsFileIsCheckedBesideTheService before it is applied: the check, and the
// fields that init makes, are those of the edit and not of what the service works by.
func TestAnEditedSettingsFileIsCheckedBesideTheService(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	r.serve()
	eventually(t, "the daemon is at work", func() bool {
		return len(lastJSON[statusView](t, r.must(0, "status", "--json")).Runs) > 0
	})
	if out := r.must(0, "check"); strings.Contains(out, "does not count yet") {
		t.Errorf("nothing was edited, and the check says:\n%s", out)
	}
	r.edit(func(f *config.File) { f.Connections[0].Contacts.Sync = true })
	if code, _, said := r.run("init", "--fields", "--yes"); code != 0 || !strings.Contains(said, "tandem_lead_key") {
		t.Errorf("the fields of the edited settings are not made:\n%s", said)
	}
	if out := r.must(0, "check"); !strings.Contains(out, "was edited and does not count yet") || !strings.Contains(out, "Lead fields") {
		t.Errorf("the check does not judge the edit:\n%s", out)
	}
	r.edit(func(f *config.File) { f.Connections[0].Contacts.InclusionList = "No such list" })
	if out := r.must(exitNot, "check"); !strings.Contains(out, "No such list") {
		t.Errorf("the check does not judge the list:\n%s", out)
	}
}

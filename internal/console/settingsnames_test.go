package console

import (
	"slices"
	"strings"
	"testing"

	"tandem/internal/config"
)

// TestSET1_NamesOfSettingsNameSettings that there are: who renames a key renames it here.
func TestSET1_NamesOfSettingsNameSettings(t *testing.T) {
	var paths, lists, maps []string
	for _, k := range config.Keys() {
		path, ok := strings.CutPrefix(k.Path, "connections[].")
		if !ok || strings.HasPrefix(path, "mappings.") || strings.HasPrefix(path, "salesforce") || strings.HasPrefix(path, "hubspot") {
			continue
		}
		paths = append(paths, path)
		if list, ok := strings.CutSuffix(path, "[]"); ok {
			paths, lists = append(paths, list), append(lists, list)
		}
		if k.Type == "map" {
			maps = append(maps, path)
		}
	}
	ends := func(name string) bool {
		return slices.ContainsFunc(paths, func(path string) bool { return path == name || strings.HasSuffix(path, "."+name) })
	}
	for name := range settingNames {
		if !ends(name) {
			t.Errorf("%q is called %q, and there is no such setting", name, settingNames[name])
		}
	}
	for _, list := range lists {
		if entryNames[list] == "" {
			t.Errorf("entries of %s have no name", list)
		}
	}
	for path := range pairHeads {
		if !slices.Contains(maps, path) {
			t.Errorf("%s is no map", path)
		}
	}
}

// TestSectionsHoldWhatStandsInThem however deep.
func TestSectionsHoldWhatStandsInThem(t *testing.T) {
	c := config.Connection{CustomObjects: []config.CustomObject{{Name: "site", Associations: []config.Association{{Field: "Account__c", To: "company"}}}}}
	all := sections(c.Controls("custom_objects"))
	if len(all) != 1 || len(all[0].inner) != 2 {
		t.Fatalf("%d sections, %+v", len(all), all)
	}
	site, next := all[0].inner[0], all[0].inner[1]
	if site.title() != "site" || next.title() != "Add a custom object" || site.opens("") || !site.opens("custom_objects[0].associations[0].to") || next.opens("custom_objects[0].name") {
		t.Errorf("%q opens: %v, %q", site.title(), site.opens(""), next.title())
	}
	i := slices.IndexFunc(site.inner, func(s *section) bool { return s.title() == "Associations" })
	if i < 0 || len(site.inner[i].inner) != 2 || site.inner[i].inner[0].title() != "Account__c" || !site.inner[i].opens("") {
		t.Errorf("in the object are %+v", site.inner)
	}
}

func TestChangesOfSettingsAreCalledAsInTheForm(t *testing.T) {
	for _, want := range [][4]string{
		{"companies.sync", "true", "Companies: Sync companies", "Yes"},
		{"deals.when_hubspot_deleted", "archive", "Deals: When a HubSpot deal is deleted", "Archive it (it can be restored)"},
		{"custom_objects[site].sync", "false", "Custom objects: Sync this object", "No"},
		{"retry.every", "45m", "General: Retry records with errors every", "45m"},
		{"mappings.company[phone ⇄ Phone].rule", "none", "", "none"},
	} {
		if got := [4]string{want[0], want[1], settingCalled(want[0]), valueCalled(want[0], want[1])}; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

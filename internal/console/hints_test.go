package console

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"tandem/internal/config"
)

// everyControl are the controls of all forms, with one entry in each list.
func everyControl() (out []config.Control) {
	c := &config.Connection{CustomObjects: []config.CustomObject{{Name: "site", Associations: []config.Association{{Field: "Account__c", To: "company"}}}}}
	for _, t := range tabs {
		for _, block := range t.shows() {
			out = append(out, c.Controls(block)...)
		}
	}
	return out
}

// TestSET1_HintsSayWhatTheFormSays: no command, no value or key that the form calls by a name,
// no page of the manual, and each link leads to a setting that its page has.
func TestSET1_HintsSayWhatTheFormSays(t *testing.T) {
	v := &visit{connection: "acme"}
	all := everyControl()
	ids := map[string]bool{}
	for _, one := range all {
		ids[one.Path] = true
	}
	kinds := map[saidKind]int{}
	file := regexp.MustCompile(`docs/|\.md\b|Left out|` + "`" + `|tandem (?:[a-z-]+ )?[a-z-]+ --|\btandem (?:init|settings|check|import|resync)`)
	for _, one := range all {
		text := ""
		for _, p := range v.hint(one) {
			kinds[p.kind]++
			text += p.words
			if _, at, ok := strings.Cut(p.to, "#"); p.kind == saidLink && ok && !ids[at] {
				t.Errorf("%s: a link leads to %s, and no form has that", one.Path, p.to)
			}
			if p.kind == saidTyped && (one.Kind == config.Choice && slices.Contains(one.Choices, p.words) || strings.Contains(p.words, ".") && inForms()[p.words]) {
				t.Errorf("%s: %q is called as in the settings file", one.Path, p.words)
			}
		}
		if found := file.FindString(text); found != "" {
			t.Errorf("%s says %q: %s", one.Path, found, text)
		}
	}
	for kind, least := range map[saidKind]int{saidPlain: len(all), saidTyped: 40, saidNamed: 60, saidRule: 10, saidLink: 20} {
		if kinds[kind] < least {
			t.Errorf("%d parts of kind %d, want %d at least: this looks at the wrong texts", kinds[kind], kind, least)
		}
	}
}

func TestHintsNameChoicesAndSettings(t *testing.T) {
	v := &visit{connection: "acme"}
	for path, want := range map[string]string{
		"companies.when_hubspot_deleted": `<q>Mark it, and keep it</q> ticks a checkbox of Tandem&#39;s own, which <a href="/c/acme/connect">Create fields, under Connect,</a> makes`,
		"companies.external_key":         `Without it <code>external_key</code> in <a href="/c/acme/settings/companies#companies.match">Match records by</a> has no effect`,
		"companies.sync":                 `until they are imported or edited (<a class="rule" href="/rules#ACC-4"`,
		"owners.match":                   `in the profile <q>Classic</q>, as in the original, and <q>E-mail address</q> in <q>Tandem</q>`,
		"companies.create_account":       `: <code>classic</code>, <code>always</code>, <code>never</code>, or an expression`,
		"companies.match":                `<code>external_key</code>, <code>contacts</code>`,
		"contacts.from_hubspot":          `The page before it is saved tells how many contacts`,
	} {
		all := everyControl()
		i := slices.IndexFunc(all, func(one config.Control) bool { return one.Path == path })
		got := ""
		for _, p := range v.hint(all[i]) {
			got += p.show()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s says\n %s\nand not\n %s", path, got, want)
		}
	}
}

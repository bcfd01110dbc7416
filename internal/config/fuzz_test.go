package config

import (
	"errors"
	"testing"

	"tandem/internal/fuzzseed"
)

// FuzzParse demands that no text can stop the reader of settings, that each refusal is
// one of ours, and that what was read can be written and read again.
func FuzzParse(f *testing.F) {
	fuzzseed.Add(f,
		plainHead+"connections:\n- name: a\n  salesforce: {login_url: https://x.my.salesforce.com, auth: {access_token: {token: t, instance_url: https://x.my.salesforce.com}}}\n  hubspot: {auth: {static_token: t}}\n",
		plainHead+"x: &x [1, 2]\ny: *x\nz: {<<: *x}\n",
		"journal: {keep: 90d, max_size: 10GiB}\nnotify: {to: [a@b.example]}\n? a\n: b\n",
		"a: !!binary |\n  aGVs\nb: >-\n  x\n--- # c\n...\n",
		"connections:\n- companies: {sync: true, filter: {from_salesforce: \"Name == 'x'\"}}\n  mappings: {company: [{hubspot: name, salesforce: Name, rule: two_way, values: {a: b}}]}\n  contacts: {from_hubspot: {rules: [{when: 'x', create: lead}]}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse([]byte(text), func(string) (string, bool) { return "secret", true })
		var refused *Error
		if err != nil && (!errors.As(err, &refused) || refused.Message == "") {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil {
			return
		}
		for i := range file.Connections {
			out, err := Export(file.Connections[i])
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if _, err := Apply(file.Connections[i], out); err != nil {
				t.Fatalf("%q: %s: %v", text, out, err)
			}
		}
	})
}

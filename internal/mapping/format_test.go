package mapping

import (
	"slices"
	"testing"
)

func TestAMB11_FormatsPutValuesInPlaceOfNames(t *testing.T) {
	value := func(name string) string { return "<" + name + ">" }
	for text, want := range map[string]string{"": "", "Call": "Call", "Opened: {subject}": "Opened: <subject>", "{a}{b}, {a}": "<a><b>, <a>", "ä {x_1} 漢": "ä <x_1> 漢"} {
		f, err := ParseFormat(text)
		if err != nil || f.Text(value) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	if f, _ := ParseFormat("{b} {a} {b}"); !slices.Equal(f.Names(), []string{"a", "b"}) {
		t.Errorf("the names are %v", f.Names())
	}
	for _, bad := range []string{"{", "}", "{}", "{a", "a}", "{a b}", "{{a}}", "{1}"} {
		if _, err := ParseFormat(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

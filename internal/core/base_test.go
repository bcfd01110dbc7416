package core

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDigestKeepsShortAndHashesLong(t *testing.T) {
	rows := []struct {
		name, value string
		raw         bool
	}{
		{"blank", "", true},
		{"64 bytes", strings.Repeat("x", 64), true},
		{"65 bytes", strings.Repeat("x", 65), false},
		{"64 bytes of two-byte letters", strings.Repeat("é", 32), true},
		{"starts like a digest", digestMark + "3:abc", false},
		{"NUL", "a\x00b", false},
		{"broken UTF-8", "a\xffb", false},
	}
	for _, row := range rows {
		got := Digest(row.value)
		if (got == row.value) != row.raw {
			t.Errorf("%s: Digest(%q) = %q", row.name, row.value, got)
		}
		if len(got) > digestLimit {
			t.Errorf("%s: the digest has %d bytes", row.name, len(got))
		}
	}
	long := strings.Repeat("x", 70)
	if Digest(long) == Digest(long[:69]+"y") || Digest(long) == Digest(long[:69]) {
		t.Error("different long values have one digest")
	}
	if Digest("e\u0301") != Digest("\u00e9") || !Same(long+"e\u0301", long+"\u00e9") {
		t.Error("normal forms of one text have two digests")
	}
	if Same("a", "b") || !Same("", "") {
		t.Error("Same is wrong")
	}
}

func TestDigestIsNeverAmbiguous(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.String().Draw(t, "v")
		long := v + strings.Repeat("z", 65)
		if Digest(Digest(long)) == Digest(long) {
			t.Fatalf("the digest of %q passes for a value", long)
		}
	})
}

func TestAdvanceIsAValueVerb(t *testing.T) {
	old := Base{"A": {"1", "1"}, "B": {"2", "2"}}
	before := maps.Clone(old)
	next := Advance(old, []Observed{{"B", [2]string{"https://x.org", "x.org"}}, {"C", [2]string{"", ""}}})
	next = AdvanceField(next, "D", "d", "d")
	next = Forget(next, "A", "unknown")
	want := Base{"B": {"https://x.org", "x.org"}, "C": {"", ""}, "D": {"d", "d"}}
	if !maps.Equal(next, want) {
		t.Errorf("got %v, want %v", next, want)
	}
	if !maps.Equal(old, before) {
		t.Error("the old base changed")
	}
	if Advance(nil, nil) != nil {
		t.Error("nothing observed made a base")
	}
	if !next.Holds(HubSpot, "B", "x.org") || next.Holds(Salesforce, "B", "x.org") || next.Holds(HubSpot, "A", "") {
		t.Error("Holds is wrong")
	}
}

func TestBaseAsJSON(t *testing.T) {
	b := Base{"Name": {"Acme", "Acme"}, "Website": {"https://x.org", "x.org"}, "Phone": {"", ""}}
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"Name":"Acme","Phone":"","Website":["https://x.org","x.org"]}`; string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	var back Base
	if err := json.Unmarshal(text, &back); err != nil || !maps.Equal(back, b) {
		t.Errorf("came back as %v, %v", back, err)
	}
	for _, bad := range []string{`{"A":3}`, `{"A":["x"]}`, `{"A":["x","y","z"]}`, `{"A":{}}`} {
		if json.Unmarshal([]byte(bad), &back) == nil {
			t.Errorf("%s was taken for a base", bad)
		}
	}
}

func TestBaseStaysSmall(t *testing.T) {
	b := Base{}
	for i, name := range []string{"Name", "Website", "Phone", "BillingStreet", "BillingCity", "BillingCountry", "Industry", "Description"} {
		b = AdvanceField(b, name, strings.Repeat("v", 60*i), strings.Repeat("v", 60*i))
	}
	if text, _ := json.Marshal(b); len(text) > 700 {
		t.Errorf("a base of eight fields takes %d bytes", len(text))
	}
}

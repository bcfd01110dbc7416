package mapping

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/fuzzseed"
)

// FuzzExpression demands that no filter and no transform stops the process, and that
// each ends soon, whatever it is applied to (X16).
func FuzzExpression(f *testing.F) {
	fuzzseed.Add(f, `value + " " + upper(Name)`, `Name matches "^(a+)+$" and Size > 3`, `map(split(value, ","), trim(#)) | join(";")`, `Tags any {# startsWith "a"}`,
		`filter(1..1000, # % 2 == 0) | len()`, `Size > 1 ? replace(value, "a", "bb") : nil`, `{"a": [value, value]}.a[0] ?? ""`, `date(value).Year()`)
	defs := []FieldDef{sfDef("Name", "string"), sfDef("Size", "double"), sfDef("Tags", "multipicklist"), sfDef("Open", "boolean")}
	values := map[string]string{"Name": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "Size": "12.5", "Tags": "a;b;c", "Open": "true"}
	f.Fuzz(func(t *testing.T, text string) {
		start := time.Now()
		if p, err := CompilePredicate(text, defs); err == nil {
			_, _ = p.Match(values)
			_, _ = p.Match(map[string]string{"Name": "", "Size": "", "Tags": "", "Open": ""})
		}
		if p, err := compileTransform(text, defs, Text); err == nil {
			if out, err := p.run(values["Name"], values); err == nil && len(out) > 4*maxText {
				t.Fatalf("%q makes %d bytes", text, len(out))
			}
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Fatalf("%q takes %s", text, took)
		}
	})
}

// FuzzValues demands that any value passes unchanged, is adapted once, or is refused
// by a field issue, whatever the types of both fields (I18).
func FuzzValues(f *testing.F) {
	money := sfDef("Revenue", "currency")
	money.Precision, money.Scale = 18, 2
	pairs := []*Field{textPair(f, 20), pair(f, money, hsDef("r", "number", "number")), pair(f, sfDef("B", "boolean"), hsDef("b", "bool", "booleancheckbox")),
		pair(f, sfDef("D", "date"), hsDef("d", "date", "date")), pair(f, sfDef("T", "datetime"), hsDef("t", "datetime", "date")),
		pair(f, sfDef("W", "url"), hsDef("domain", "string", "text")), pair(f, sfDef("E", "email"), hsDef("email", "string", "text")), pair(f, sfDef("P", "phone"), hsDef("phone", "string", "phonenumber"))}
	fuzzseed.Add(f, "Ada Lovelace", "1.5e3", "-0", "999999999999999999", "0.1", "2024-02-29", "1700-01-01", "1699-12-31", "4000-12-31", "4001-01-01", "0001-01-01", "1582-10-10",
		"1969-12-31T23:59:59.999Z", "2016-12-31T23:59:60Z", "-1", "253402300799999", "true", "", "ADA@EDGE.com", "https://www.Bücher.example:8080/x?y#z", "xn--bcher-kva.example.", "+49 (0)30 / 123-45 ext. 6", "e\u0301", "a\r\nb")
	f.Fuzz(func(t *testing.T, raw string) {
		for _, p := range pairs {
			for _, from := range core.Sides {
				checkRoundTrip(t, p, from, raw)
			}
		}
	})
}

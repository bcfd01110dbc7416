package salesforcesim

import (
	"strings"
	"testing"
)

func TestFormulas(t *testing.T) {
	w := newWire(t)
	a := w.create("Account", `{"Name":"Acme","AnnualRevenue":7}`)
	id := w.create("Contact", `{"FirstName":"Jo","LastName":"Ba","AccountId":"`+a+`","DoNotCall":true}`)
	r := w.org.find(id)
	for text, want := range map[string]string{
		`FirstName & " of " & Account.Name`:                  "Jo of Acme",
		`"x" + LastName`:                                     "xBa",
		`Account.AnnualRevenue * 2 + 1`:                      "15",
		`1 + 2 * 3 - (4 - 2) / 2`:                            "6",
		`IF(AND(DoNotCall, NOT(ISBLANK(Email))), "a", "b")`:  "b",
		`IF(OR(DoNotCall, FALSE), 'a', 'b')`:                 "a",
		`BLANKVALUE(Email, "none")`:                          "none",
		`LEN(LEFT("grüßen", 3)) & RIGHT("grüßen", 2)`:        "3en",
		`UPPER(TRIM(" a ")) & LOWER("B")`:                    "Ab",
		`CONTAINS(Account.Name, "cm") && BEGINS(Name, "Jo")`: "true",
		`REGEX(LastName, "[A-Z][a-z]") || 1 > 2`:             "true",
		`VALUE("12") >= 12`:                                  "true",
		`SUBSTITUTE("a-b", "-", "")`:                         "ab",
		`-3 < 2`:                                             "true",
		`Email = NULL`:                                       "true",
		`Account.Name <> "acme"`:                             "true",
		`1 / 0`:                                              "null",
		`Nothing.At.All`:                                     "null",
		`"say \"x\""`:                                        `say "x"`,
	} {
		f, err := parseFormula(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := f.eval(w.org, nil, r).String(); got != want {
			t.Errorf("%s = %s, want %s", text, got, want)
		}
	}
	for _, bad := range []string{"", "1 +", "FOO(1)", "(1", "LEFT(1)", "1 2", "#", `LEN("a" "b")`} {
		if _, err := parseFormula(bad); err == nil || !strings.HasPrefix(err.Error(), "parse formula: ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// A formula's value follows its parts without a stamp or an event.
func TestFormulaFieldFollowsItsParts(t *testing.T) {
	w := newEventWire(t)
	ok(t, w.org.AddField(FieldSpec{Object: "Contact", Name: "Label", Type: "Text", Formula: `LastName & " / " & Account.Name`}))
	a := w.create("Account", `{"Name":"A"}`)
	c := w.create("Contact", `{"LastName":"L","AccountId":"`+a+`"}`)
	before := w.query("SELECT Label__c, SystemModstamp FROM Contact")[0]
	w.clock.move(60e9)
	w.api("PATCH", "/sobjects/Account/"+a, `{"Name":"B"}`).want(204)
	after := w.query("SELECT Label__c, SystemModstamp FROM Contact WHERE Label__c = 'L / B'")[0]
	if before["Label__c"] != "L / A" || after["Label__c"] != "L / B" || before["SystemModstamp"] != after["SystemModstamp"] {
		t.Fatal(before, after)
	}
	if code := w.api("PATCH", "/sobjects/Contact/"+c, `{"Label__c":"x"}`).want(400).code(); code != "INVALID_FIELD_FOR_INSERT_UPDATE" {
		t.Error(code)
	}
	l := w.listen(w.org.Events().Conn())
	for range 3 {
		if h, b := l.next(); h["entityName"] == "Contact" && (h["changeType"] != "CREATE" || b["Label__c"] != nil) {
			t.Error(h, b)
		}
	}
}

func TestAutomationStopsTurningInCircles(t *testing.T) {
	w := newWire(t)
	ok(t, w.org.AddAutomation(Automation{Object: "Account", Name: "a", Field: "Site", Value: `Site & "x"`}))
	id := w.create("Account", `{"Name":"A"}`)
	if got := w.org.As("admin").Get("Account", id)["Site"]; got != strings.Repeat("x", maxPasses) {
		t.Fatal(got)
	}
}

package soql

import (
	"errors"
	"testing"
)

// FuzzParse demands that no statement can panic the parser, the binder or a run, and that every refusal has a code.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"SELECT Id, Owner.Name, (SELECT Id FROM Contacts) FROM Account WHERE Name LIKE 'a%' AND (SystemModstamp > LAST_N_DAYS:3 OR Id IN (SELECT AccountId FROM Contact)) ORDER BY Name DESC NULLS LAST LIMIT 5 OFFSET 1",
		"SELECT Industry, COUNT(Id) c FROM Account GROUP BY ROLLUP(Industry, Owner.Name) HAVING COUNT(Id) > 1",
		"SELECT TYPEOF What WHEN Account THEN Name ELSE Id END, FIELDS(ALL) FROM Task LIMIT 1",
		`SELECT Id FROM Account WHERE Name = 'O\'Neil \u00e9 \\ \_' AND Tags__c INCLUDES ('a;b') AND Since__c = 2026-01-02`,
		"SELECT COUNT() FROM Account a, a.Owner o WHERE o.Name = null FOR VIEW",
		"SELECT a.a.a.a FROM a a, a.a a, a.a a",
	} {
		f.Add(s)
	}
	o := sample()
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		var p *Plan
		if err == nil {
			p, err = q.Plan(o, Env{Now: testNow, Zone: testZone})
		}
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Code == "" || e.Message == "") {
			t.Fatalf("%q: %v", text, err)
		}
		if err == nil {
			p.Count(o)
			for r := range p.Records(o) {
				p.Flat(nil, r)
			}
		}
	})
}

func TestLikeMatchesInLinearTime(t *testing.T) {
	long := make([]byte, 4000)
	for i := range long {
		long[i] = 'a'
	}
	p := compileLike("%a%a%a%a%a%a%a%a%a%ab")
	if p.match(string(long)) {
		t.Error("matches")
	}
	if !p.match(string(long) + "b") {
		t.Error("does not match")
	}
}

package soql

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func showProbes(probes []Probe) string {
	var all []string
	for _, p := range probes {
		if p.In != nil {
			all = append(all, fmt.Sprintf("%s in %v", p.Field.Name, p.In))
			continue
		}
		all = append(all, fmt.Sprintf("%s in %v to %v", p.Field.Name, p.Low, p.High))
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

func TestProbesTellWhichIndexServes(t *testing.T) {
	a, b := id("001", 1), id("001", 2)
	tests := []struct{ where, want string }{
		{"Id = '001000000000001'", "Id in [" + a + "]"},
		{"Id IN ('" + a + "','001000000000001','" + b + "')", "Id in [" + a + " " + b + "]"},
		{"Name = 'x'", "Name in [x]"},
		{"Name IN ('x','X','y')", "Name in [x y]"},
		{"Name = 'x' AND OwnerId = '005000000000001'", "Name in [x]; OwnerId in [" + id("005", 1) + "]"},
		{"Name = 'x' OR Name IN ('X', 'y')", "Name in [x y]"},
		{"Name = 'x' OR Industry = 'y'", ""},
		{"Name = 'x' OR (Name = 'y' AND Industry = 'z')", "Name in [x y]"},
		{"Name IN ('x', null)", ""},
		{"NOT Name = 'x'", ""},
		{"Name != 'x'", ""},
		{"Name > 'x'", ""},
		{"Owner.Name = 'x'", ""},
		{"SystemModstamp >= 2026-01-01T00:00:00Z AND SystemModstamp < 2026-02-01T00:00:00Z",
			"SystemModstamp in 2026-01-01T00:00:00.000+0000 to null; SystemModstamp in null to 2026-02-01T00:00:00.000+0000"},
		{"SystemModstamp > 2026-01-02T00:00:00Z OR (SystemModstamp = 2026-01-01T00:00:00Z AND Id > '" + a + "')",
			"SystemModstamp in 2026-01-01T00:00:00.000+0000 to null"},
		{"SystemModstamp < 2026-01-02T00:00:00Z OR SystemModstamp > 2026-03-02T00:00:00Z", "SystemModstamp in null to null"},
		{"SystemModstamp = TODAY", "SystemModstamp in 2026-11-18T05:00:00.000+0000 to 2026-11-19T05:00:00.000+0000"},
		{"SystemModstamp != TODAY", ""},
		{"Id IN (SELECT AccountId FROM Contact WHERE LastName IN ('Abe','O\\'Neil'))", "Id in [" + a + "]; LastName in [Abe O'Neil]"},
		{"Id IN (SELECT AccountId FROM Contact WHERE LastName = 'nobody')", "Id in []; LastName in [nobody]"},
	}
	for _, tt := range tests {
		o := sample()
		run(t, o, "SELECT Id FROM Account WHERE "+tt.where)
		if got := showProbes(o.probes); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.where, got, tt.want)
		}
	}
}

func TestChildrenAreProbedByParent(t *testing.T) {
	o := sample()
	run(t, o, "SELECT Id, (SELECT Id FROM Contacts) FROM Account LIMIT 1")
	if got, want := showProbes(o.probes), "AccountId in ["+id("001", 1)+"]"; got != want {
		t.Errorf("probes %s, want %s", got, want)
	}
}

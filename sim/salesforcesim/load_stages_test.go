package salesforcesim

import (
	"strings"
	"testing"
)

// An export without its users can be worked with: leads of owners whom no file has convert,
// and the statuses of leads and cases that the org does not know become its own.
func TestLoadBringsStatusesAndOwnersThatCanWork(t *testing.T) {
	o := New(Options{Seed: 1})
	report := must[LoadReport](t)(o.Load(folder(t, map[string]string{
		"Lead.csv": "Id,LastName,Company,Status,OwnerId\n00QEc000004oBPNMA2,Boxer,Farmers,Nurturing,005Ec000004oBPNIA2\n",
		"Case.csv": "Id,Subject,Status\n500Ec000004oBPNIA2,Broken,Parked\n",
	})))
	door := o.As("admin")
	for _, list := range [][2]string{{"LeadStatus", "Nurturing"}, {"CaseStatus", "Parked"}} {
		if rows := must[[]map[string]any](t)(door.Query("SELECT MasterLabel FROM " + list[0] + " WHERE MasterLabel = '" + list[1] + "'")); len(rows) != 1 {
			t.Errorf("%s knows %d of %s", list[0], len(rows), list[1])
		}
		if notes := strings.Join(report.Notes, "\n"); !strings.Contains(notes, list[1]) {
			t.Errorf("nothing says that %s was added: %s", list[1], notes)
		}
	}
	if err := door.Update("Lead", "00QEc000004oBPNMA2", map[string]any{"Status": "Nurturing", "LastName": "Boxter"}); err != nil {
		t.Errorf("the status is not taken: %v", err)
	}
	if _, err := door.ConvertLead("00QEc000004oBPNMA2", Convert{}); err != nil {
		t.Errorf("the lead does not convert: %v", err)
	}
}

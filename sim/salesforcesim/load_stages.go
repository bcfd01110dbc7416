package salesforcesim

import (
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// ownStages are the stages of loaded opportunities that the org does not know: the org
// that exported them has them. How far along one is, its first opportunity tells.
func (l *loader) ownStages() {
	ob := l.o.objects["opportunity"]
	name, chance := ob.field("StageName"), ob.field("Probability")
	for _, row := range l.order {
		label := row.at(name).Str()
		if row.object != ob || label == "" {
			continue
		}
		if _, known := l.o.stages[strings.ToLower(label)]; known {
			continue
		}
		s := stage{category: "Pipeline", categoryName: "Pipeline"}
		if p := row.at(chance); p.Kind() == soql.KindNumber {
			s.probability = p.Num()
			if s.probability == 100 {
				s = stage{closed: true, won: true, category: "Closed", categoryName: "Closed", probability: 100}
			}
		}
		name.picks = append(name.picks, pick{value: label})
		l.o.touchSchema(ob)
		l.o.seedStage(label, s)
		l.note("Opportunity.StageName: the stage %q was added to the org's own", label)
	}
}

// ownStatuses are the statuses of loaded leads or cases that the org does not know: the
// org that exported them has them. None of them ends anything, as ends tells: Closed alone
// closes a case.
func (l *loader) ownStatuses(object, list, ends string) {
	ob := l.o.objects[object]
	status := ob.field("Status")
	for _, row := range l.order {
		label := row.at(status).Str()
		if row.object != ob || label == "" || status.pickNamed(label) != "" {
			continue
		}
		status.picks = append(status.picks, pick{value: label})
		l.o.touchSchema(ob)
		l.o.seed(list, "MasterLabel", label, "ApiName", label, "SortOrder", len(status.picks), "IsDefault", false, ends, false)
		l.note("%s.Status: the status %q was added to the org's own", ob.name, label)
	}
}

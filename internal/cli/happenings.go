package cli

import (
	"time"

	"tandem/internal/engine"
)

// activityView is how far one kind of activity is that is no record.
type activityView struct {
	Kind      string     `json:"kind"`
	Covered   *time.Time `json:"covered_up_to,omitempty"`
	Made      int        `json:"tasks"`
	Waiting   int        `json:"waiting"`
	Left      int        `json:"left_out"`
	Refused   int        `json:"refused"`
	Unsettled int        `json:"unsettled,omitempty"`
}

func activitiesView(s engine.Status) (out []activityView) {
	for _, x := range s.Activities {
		out = append(out, activityView{Kind: x.Kind, Covered: moment(x.Covered), Made: x.Made, Waiting: x.Waiting, Left: x.Left, Refused: x.Refused, Unsettled: x.Unsettled})
	}
	return out
}

// describeActivities prints how far the activities are that are no records.
func (a *app) describeActivities(all []activityView) {
	for _, x := range all {
		a.printf("%s: %d tasks made, %d waiting, %d left out, %d refused", x.Kind, x.Made, x.Waiting, x.Left, x.Refused)
		if x.Unsettled > 0 {
			a.printf(", %d not settled", x.Unsettled)
		}
		if x.Covered != nil {
			a.printf("; read up to %s", when(*x.Covered))
		}
		a.printf(".\n")
	}
}

// describeDone prints what a person did last that is no record, with the task that was made
// of it or the reason why there is none.
func (a *app) describeDone(x *engine.Explanation) {
	if len(x.Activities) == 0 {
		return
	}
	a.printf("\nActivities:\n")
	for _, t := range x.Activities {
		a.printf("  %s  %s: ", when(t.At), printable(t.Kind))
		if t.Task != "" {
			a.printf("task %s\n", t.Task)
			continue
		}
		a.printf("%s%s\n", t.State, orPrefix(", ", printable(t.Reason)))
	}
}

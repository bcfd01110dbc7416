package salesforcesim

import (
	"fmt"
	"strings"
	"testing"
)

// A series of Salesforce Classic is a record that stands for the pattern, and an occurrence
// each that names it; it goes with all of them.
func TestSeriesHaveARecordForThePatternAndItsOccurrences(t *testing.T) {
	for name, row := range map[string]struct{ object, pattern, want string }{
		"daily":   {"Task", `"RecurrenceType":"RecursDaily","RecurrenceInterval":2,"RecurrenceStartDateOnly":"2026-03-02"`, "2026-03-02 2026-03-04 2026-03-06 2026-03-08 2026-03-10"},
		"weekday": {"Task", `"RecurrenceType":"RecursEveryWeekday","RecurrenceDayOfWeekMask":62,"RecurrenceStartDateOnly":"2026-03-05"`, "2026-03-05 2026-03-06 2026-03-09 2026-03-10"},
		"weekly":  {"Event", `"RecurrenceType":"RecursWeekly","RecurrenceInterval":1,"RecurrenceDayOfWeekMask":10,"RecurrenceStartDateTime":"2026-03-02T20:00:00Z"`, "2026-03-02 2026-03-04 2026-03-09"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t)
			timed := ""
			if row.object == "Event" {
				timed = `"StartDateTime":"2026-03-02T20:00:00Z","DurationInMinutes":30,`
			}
			series := w.create(row.object, `{"Subject":"Again",`+timed+`"IsRecurrence":true,"RecurrenceEndDateOnly":"2026-03-10",`+row.pattern+`}`)
			rows := w.query("SELECT Subject,ActivityDate,IsRecurrence FROM " + row.object + " WHERE RecurrenceActivityId='" + series + "' ORDER BY ActivityDate")
			var days []string
			for _, r := range rows {
				if r["IsRecurrence"] != false || r["Subject"] != "Again" {
					t.Errorf("an occurrence is %v", r)
				}
				days = append(days, fmt.Sprint(r["ActivityDate"]))
			}
			if got := strings.Join(days, " "); got != row.want {
				t.Errorf("it falls on %s, want %s", got, row.want)
			}
			w.api("PATCH", "/sobjects/"+row.object+"/"+series, `{"IsRecurrence":false}`).want(400)
			w.api("DELETE", "/sobjects/"+row.object+"/"+series, "").want(204)
			if rows := w.query("SELECT Id FROM " + row.object); len(rows) != 0 {
				t.Errorf("left are %v", rows)
			}
		})
	}
}

func TestSeriesSayHowTheyRepeat(t *testing.T) {
	w := newWire(t)
	for _, body := range []string{
		`{"Subject":"A","IsRecurrence":true}`,
		`{"Subject":"A","IsRecurrence":true,"RecurrenceType":"RecursDaily","RecurrenceStartDateOnly":"2026-03-02","RecurrenceEndDateOnly":"2026-03-10"}`,
		`{"Subject":"A","IsRecurrence":true,"RecurrenceType":"RecursDaily","RecurrenceInterval":1,"RecurrenceStartDateOnly":"2026-03-02","RecurrenceEndDateOnly":"2026-03-10","ActivityDate":"2026-03-02"}`,
	} {
		if c := w.api("POST", "/sobjects/Task", body).want(400).code(); c != "FIELD_INTEGRITY_EXCEPTION" {
			t.Error(c)
		}
	}
}

// A series of Lightning Experience has no record for its pattern that a call reaches; a
// change event tells of one.
func TestSeriesOfLightningHideTheirPattern(t *testing.T) {
	w := newWire(t)
	first := w.create("Event", `{"Subject":"Plan","StartDateTime":"2026-03-02T20:00:00Z","DurationInMinutes":30,"Recurrence2PatternText":"RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3"}`)
	rows := w.query("SELECT Id,IsRecurrence2,GroupEventType,ActivityDate FROM Event ORDER BY ActivityDate")
	if len(rows) != 3 || rows[0]["Id"] != first {
		t.Fatalf("the events are %v", rows)
	}
	for i, day := range []string{"2026-03-02", "2026-03-09", "2026-03-16"} {
		if r := rows[i]; r["ActivityDate"] != day || r["IsRecurrence2"] != true || r["GroupEventType"] != "0" {
			t.Errorf("occurrence %d is %v", i, r)
		}
	}
	hidden := 0
	for _, r := range w.org.objects["event"].records.rows {
		if r != nil && r.named("GroupEventType").Str() == "3" {
			hidden++
			w.api("GET", "/sobjects/Event/"+r.id, "").want(404)
		}
	}
	if hidden != 1 {
		t.Errorf("%d records stand for the pattern", hidden)
	}
}

// A user who is invited to an event has one of their own, which follows the first and goes
// with the invitation; a contact has none.
func TestInviteesHaveEventsOfTheirOwn(t *testing.T) {
	w := newWire(t)
	contact := w.create("Contact", `{"LastName":"Guest"}`)
	event := w.create("Event", `{"Subject":"Meet","StartDateTime":"2026-03-02T20:00:00Z","DurationInMinutes":30}`)
	w.create("EventRelation", `{"EventId":"`+event+`","RelationId":"`+contact+`"}`)
	invitation := w.create("EventRelation", `{"EventId":"`+event+`","RelationId":"`+w.org.adminID+`"}`)
	child := w.query("SELECT Id,Subject,OwnerId,IsGroupEvent FROM Event WHERE IsChild=true")
	if len(child) != 1 || child[0]["OwnerId"] != w.org.adminID || child[0]["Subject"] != "Meet" || child[0]["IsGroupEvent"] != true {
		t.Fatalf("the copies are %v", child)
	}
	id := child[0]["Id"].(string)
	w.api("PATCH", "/sobjects/Event/"+event, `{"Subject":"Meet later"}`).want(204)
	if got := w.query("SELECT Subject FROM Event WHERE Id='" + id + "'")[0]["Subject"]; got != "Meet later" {
		t.Errorf("the copy is called %v", got)
	}
	if c := w.api("PATCH", "/sobjects/Event/"+id, `{"Subject":"Mine"}`).want(400).code(); c != "FIELD_INTEGRITY_EXCEPTION" {
		t.Error(c)
	}
	if c := w.api("POST", "/sobjects/EventRelation", `{"EventId":"`+id+`","RelationId":"`+contact+`"}`).want(400).code(); c != "FIELD_INTEGRITY_EXCEPTION" {
		t.Error(c)
	}
	w.api("DELETE", "/sobjects/EventRelation/"+invitation, "").want(204)
	if rows := w.query("SELECT Id FROM Event"); len(rows) != 1 {
		t.Errorf("left are %v", rows)
	}
	w.create("EventRelation", `{"EventId":"`+event+`","RelationId":"`+w.org.adminID+`"}`)
	w.api("DELETE", "/sobjects/Event/"+event, "").want(204)
	if rows := w.query("SELECT Id FROM Event"); len(rows) != 0 {
		t.Errorf("left are %v", rows)
	}
}

// Where activities are shared, a task is about several contacts, of whom one is the first.
func TestSharedTasksAreAboutSeveralContacts(t *testing.T) {
	w := newWire(t)
	w.api("GET", "/sobjects/TaskRelation/describe", "").want(404)
	w = newWire(t, func(o *Options) { o.SharedActivities = true })
	one, two := w.create("Contact", `{"LastName":"One"}`), w.create("Contact", `{"LastName":"Two"}`)
	lead := w.create("Lead", `{"LastName":"Three","Company":"X"}`)
	task := w.create("Task", `{"Subject":"Both","WhoId":"`+one+`"}`)
	w.create("TaskRelation", `{"TaskId":"`+task+`","RelationId":"`+two+`"}`)
	look := func() string {
		r := w.query("SELECT WhoId,WhoCount FROM Task WHERE Id='" + task + "'")[0]
		return fmt.Sprint(r["WhoId"], " ", r["WhoCount"])
	}
	if got := look(); got != one+" 2" {
		t.Errorf("the task is about %s, want %s and another", got, one)
	}
	for _, again := range []string{two, lead} {
		w.api("POST", "/sobjects/TaskRelation", `{"TaskId":"`+task+`","RelationId":"`+again+`"}`).want(400)
	}
	first := w.query("SELECT Id FROM TaskRelation WHERE RelationId='" + one + "'")[0]["Id"].(string)
	w.api("DELETE", "/sobjects/TaskRelation/"+first, "").want(204)
	if got := look(); got != two+" 1" {
		t.Errorf("the task is about %s, want %s alone", got, two)
	}
	w.api("PATCH", "/sobjects/Task/"+task, `{"WhoId":"`+one+`"}`).want(204)
	if got := look(); got != one+" 1" {
		t.Errorf("the task is about %s, want %s alone", got, one)
	}
}

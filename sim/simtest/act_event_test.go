package simtest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// TestACT1_ACT2_WhatPeopleDidBecomesTasks of the contact they are linked with: e-mail, forms
// and events, with subject and status as the settings have them by default (AMB-11, ACT-11).
func TestACT1_ACT2_WhatPeopleDidBecomesTasks(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, happening())
		id, partner := w.reader("rea@x.example")
		ada := w.Portal.As(admin)
		ada.MailCampaign(7, "Spring letter", "News of spring")
		form := ada.CreateForm("Contact us", "email", "city")
		for _, kind := range []string{"SENT", "DELIVERED", "OPEN", "CLICK"} {
			w.Advance(time.Second)
			w.mail("rea@x.example", kind, func(m *hubspotsim.Mail) { m.URL = "https://x.example/offer" })
		}
		_, err := ada.SubmitForm(form, "https://x.example/contact", map[string]string{"email": "Rea@x.example", "city": "Ghent"})
		w.must(err)
		w.must(ada.Occur("e_visited_page", id, time.Time{}, map[string]string{"hs_url": "https://x.example/prices"}))
		w.again()
		w.wantTasks("E-mail clicked: News of spring", "E-mail opened: News of spring", "E-mail sent: News of spring", "Form submitted: Contact us", "HubSpot event: e_visited_page")
		texts := ""
		for _, r := range w.taskRows() {
			if r["WhoId"] != partner || r["Status"] != "Completed" || r[w.taskKey()] == nil || r["ActivityDate"] == nil {
				t.Errorf("the task is %+v", r)
			}
			texts += fmt.Sprint(r["Description"], "\n")
		}
		for _, want := range []string{"E-mail: Spring letter", "Link: https://x.example/offer", "Page: https://x.example/contact", "city: Ghent", "hs_url: https://x.example/prices"} {
			if !strings.Contains(texts, want) {
				t.Errorf("no task says %q: %s", want, texts)
			}
		}
		if !regexp.MustCompile(`When: \S+ \d\d:\d\d [A-Z]{2,5}\n`).MatchString(texts) {
			t.Errorf("no task names the zone of its time: %s", texts)
		}
		w.wantStill(t)
		w.wantNoIssues()
	})
}

// TestACT3_LIM8_RepeatsAndForwards make one task of each kind in tandem, for ever, and one
// each in the original, which takes machines for readers too.
func TestACT3_LIM8_RepeatsAndForwards(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, happening())
		w.reader("rea@x.example")
		w.mail("rea@x.example", "SENT")
		for range 3 { // the second one by somebody to whom it was forwarded: told the same
			w.Advance(time.Second)
			w.mail("rea@x.example", "OPEN")
		}
		w.mail("rea@x.example", "OPEN", func(m *hubspotsim.Mail) { m.Bot = true })
		w.mail("rea@x.example", "CLICK")
		w.mail("rea@x.example", "CLICK")
		w.mail("rea@x.example", "OPEN", func(m *hubspotsim.Mail) { m.Campaign = 8 })
		w.again()
		w.Advance(10 * 24 * time.Hour)
		w.mail("rea@x.example", "OPEN")
		w.again()
		opened, clicked, other, sent := "E-mail opened: E-mail 7", "E-mail clicked: E-mail 7", "E-mail opened: E-mail 8", "E-mail sent: E-mail 7"
		if w.settings.Profile == config.Tandem {
			w.wantTasks(clicked, opened, other, sent)
		} else {
			w.wantTasks(clicked, clicked, opened, opened, opened, opened, opened, other, sent)
		}
		w.wantStill(t)
	})
}

// TestSET9_ACT2_TRIG2_NothingOfBeforeTheSwitchAndNothingThatIsOff is brought over, also after a
// kind was off for a while.
func TestSET9_ACT2_TRIG2_NothingOfBeforeTheSwitchAndNothingThatIsOff(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, happening(func(l *config.Timeline) { l.EmailSends.Sync, l.Events = false, nil }), Before(func(w *World) {
			w.made(core.Contacts, "email", "rea@x.example")
			w.mail("rea@x.example", "OPEN")
			w.Advance(time.Minute)
		}))
		w.reader("other@x.example")
		w.mail("other@x.example", "SENT")
		w.mail("other@x.example", "OPEN", func(m *hubspotsim.Mail) { m.At = w.Now().Add(-time.Hour) }) // told late, and of before
		w.again()
		w.wantTasks()
		set := func(on bool) func(*config.Connection) {
			return func(c *config.Connection) { c.Activities.Timeline.EmailOpens.Sync = on }
		}
		w.Restart(set(false))
		w.Advance(time.Minute)
		w.mail("other@x.example", "OPEN")
		w.again()
		w.Restart(set(true))
		w.again()
		w.wantTasks()
		w.mail("other@x.example", "OPEN")
		w.again()
		w.wantTasks("E-mail opened: E-mail 7")
	})
}

// TestTRIG2_AFormBringsItsContactToSalesforce and its task is made once they are linked, in
// the same sync; so does an opened e-mail, of somebody who existed before the switch.
func TestTRIG2_AFormBringsItsContactToSalesforce(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var old string
		w := New(t, profile, happening(), Before(func(w *World) {
			old = w.made(core.Contacts, "email", "old@x.example", "lastname", "Old")
			w.Advance(time.Minute)
		}))
		w.again()
		w.wantLonely(old, "CON-1")
		ada := w.Portal.As(admin)
		form := ada.CreateForm("Contact us", "email")
		fresh, err := ada.SubmitForm(form, "https://x.example", map[string]string{"email": "fresh@x.example", "lastname": "Fresh"})
		w.must(err)
		w.mail("old@x.example", "OPEN")
		w.again()
		w.wantTasks("E-mail opened: E-mail 7", "Form submitted: Contact us")
		for _, r := range w.taskRows() {
			if who := map[string]string{"E-mail opened: E-mail 7": old, "Form submitted: Contact us": fresh}[fmt.Sprint(r["Subject"])]; r["WhoId"] != w.wantMate(who) {
				t.Errorf("%+v is not of %s", r, who)
			}
		}
		w.wantStill(t)
	})
}

// TestLIM8_ACT8_AMB11_FiltersFieldsAndFormats of each kind decide which tasks are made and how
// they read.
func TestLIM8_ACT8_ACT11_AMB11_FiltersFieldsAndFormats(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, happening(func(l *config.Timeline) {
			l.EmailOpens = config.TaskOf{Sync: true, Filter: `subject contains "spring"`, Subject: "{email} read {subject} ({mailing}, {mailing_id})", Status: "In Progress", Fields: map[string]string{"Priority": "High", "Description": "by {email}"}}
			l.FormSubmissions = config.TaskOf{Sync: true, Filter: `city == "Ghent" && form == "Contact us"`, Subject: "{firstname} of {city} on {page}", Status: "Completed"}
			l.Events = []config.EventOf{{Event: "e_visited_page", Properties: []string{"hs_url", "hs_title"}, Same: []string{"hs_url"}, Filter: `!(hs_url contains "careers")`, Subject: "Saw {hs_title}", Status: "Completed"}}
		}))
		id, _ := w.reader("rea@x.example")
		ada := w.Portal.As(admin)
		ada.MailCampaign(7, "Letter", "News of spring")
		ada.MailCampaign(8, "Letter", "News of autumn")
		w.mail("rea@x.example", "OPEN")
		w.mail("rea@x.example", "OPEN", func(m *hubspotsim.Mail) { m.Campaign = 8 })
		form := ada.CreateForm("Contact us", "email")
		for _, city := range []string{"Ghent", "Bruges"} {
			_, err := ada.SubmitForm(form, "https://x.example", map[string]string{"email": "rea@x.example", "city": city, "firstname": "Rea"})
			w.must(err)
		}
		for _, url := range []string{"/prices", "/careers", "/prices", "/docs"} {
			w.Advance(time.Second)
			w.must(ada.Occur("e_visited_page", id, time.Time{}, map[string]string{"hs_url": url, "hs_title": "the page " + url}))
		}
		w.again()
		w.wantTasks("Rea of Ghent on https://x.example", "rea@x.example read News of spring (Letter, 7)", "Saw the page /docs", "Saw the page /prices")
		last := w.taskRows()[1]
		if last["Status"] != "In Progress" || last["Description"] != "by rea@x.example" || w.shown(core.Task, fmt.Sprint(last["Id"]), "Priority") != "High" {
			t.Errorf("the task is %+v", last)
		}
		w.wantNoIssues()
	})
}

// TestACT1_ADeletedTaskIsNotMadeAgain however often the same is told.
func TestACT1_ADeletedTaskIsNotMadeAgain(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, happening())
		w.reader("rea@x.example")
		w.mail("rea@x.example", "OPEN")
		w.again()
		w.wantTasks("E-mail opened: E-mail 7")
		w.must(w.Org.As(admin).Delete("Task", fmt.Sprint(w.taskRows()[0]["Id"])))
		for range 3 {
			w.Advance(10 * time.Minute) // within the overlap: told again each time
			w.again()
		}
		w.wantTasks()
		if w.settings.Profile == config.Tandem {
			w.mail("rea@x.example", "OPEN")
			w.again()
			w.wantTasks()
		}
	})
}

// TestACT1_ExplainAndStatusTellWhatBecameOfActivities also where there is no task, and why.
func TestACT1_ExplainAndStatusTellWhatBecameOfActivities(t *testing.T) {
	w := New(t, happening(func(l *config.Timeline) { l.EmailClicks.Filter = `url contains "offer"` }))
	id, partner := w.reader("rea@x.example")
	for i, kind := range []string{"OPEN", "CLICK"} {
		w.mail("rea@x.example", kind, func(m *hubspotsim.Mail) { m.At = w.Now().Add(time.Duration(i) * time.Millisecond) })
	}
	w.mail("nobody@x.example", "OPEN")
	w.Advance(time.Second)
	w.again()
	for _, of := range []string{id, partner} {
		x := w.explainPerson(of)
		if len(x.Activities) != 2 || x.Activities[1].Task != w.taskRows()[0]["Id"] || x.Activities[0].State != "left out" || !strings.Contains(x.Activities[0].Reason, "LIM-8") {
			t.Errorf("explain says %+v", x.Activities)
		}
		made := false
		for _, h := range x.History {
			for _, e := range h.Writes {
				made = made || e.Object == core.Task && e.ID == w.taskRows()[0]["Id"] && e.Status == core.Applied
			}
		}
		if !made {
			t.Errorf("the history does not tell of the task: %+v", x.History)
		}
	}
	s, err := w.Engine.Status(t.Context(), w.Conn)
	w.must(err)
	told := fmt.Sprintf("%+v", s.Activities)
	for _, want := range []string{"Kind:email_opens", "Made:1 Waiting:1", "Left:1"} {
		if !strings.Contains(told, want) {
			t.Errorf("status says %s, want %s", told, want)
		}
	}
	w.Advance(25 * time.Hour) // nobody came
	w.again()
	w.wantTasks("E-mail opened: E-mail 7")
	if s, err = w.Engine.Status(t.Context(), w.Conn); err != nil || !strings.Contains(fmt.Sprintf("%+v", s.Activities), "Made:1 Waiting:0 Left:1") {
		t.Errorf("status says %+v, %v", s.Activities, err)
	}
}

// TestACT1_WhatHubSpotOrSalesforceRefusesIsAnIssue of its kind, and stops nothing else; it goes
// once the cause is mended.
func TestACT1_WhatHubSpotOrSalesforceRefusesIsAnIssue(t *testing.T) {
	w := New(t, happening(func(l *config.Timeline) { l.Events, l.EmailSends.Sync, l.EmailClicks.Sync = nil, false, false }))
	id, _ := w.reader("rea@x.example")
	form := w.Portal.As(admin).CreateForm("Contact us", "email")
	w.must(w.Portal.Configure(hubspotsim.Settings{RemoveScopes: []string{"content"}}))
	_, err := w.Portal.As(admin).SubmitForm(form, "https://x.example", map[string]string{"email": "rea@x.example", "firstname": "Renamed"})
	w.must(err)
	w.mail("rea@x.example", "OPEN")
	w.again()
	w.wantTasks("Form submitted: Contact us")
	w.want(core.Contact, w.wantMate(id), "FirstName", "Renamed")
	w.wantIssue(core.CategoryPermissions, "timeline_unreadable", "")
	w.must(w.Portal.Configure(hubspotsim.Settings{AddScopes: []string{"content"}}))
	rule := salesforcesim.ValidationRule{Object: "Task", Name: "NoMail", Message: "no mail here", Formula: `Subject = "E-mail opened: E-mail 7"`}
	w.must(w.Org.AddValidationRule(rule))
	w.again()
	w.wantTasks("Form submitted: Contact us")
	if i := w.openIssues(); len(i) != 1 || !strings.Contains(i[0].Message, "no mail here") || !strings.Contains(i[0].Message, "1 wait") {
		t.Fatalf("the issues are %+v", i)
	}
	rule.Formula = `Subject = "another"`
	w.must(w.Org.AddValidationRule(rule))
	_, err = w.Engine.Retry(t.Context(), w.Conn, store.IssueFilter{})
	w.must(err)
	w.again()
	w.wantTasks("E-mail opened: E-mail 7", "Form submitted: Contact us")
	w.wantNoIssues()
}

// TestACT1_ATaskOfAnActivityDoesNotComeBackToHubSpot where tasks of Salesforce sync.
func TestACT1_ATaskOfAnActivityDoesNotComeBackToHubSpot(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, happening(), Settings(func(c *config.Connection) {
			c.Activities.Tasks.FromSalesforce, c.Activities.Tasks.FromHubSpot = true, true
			c.Complete()
		}))
		_, partner := w.reader("rea@x.example")
		w.mail("rea@x.example", "OPEN")
		w.again()
		w.made(core.Task, "Subject", "Call back", "WhoId", partner)
		w.again()
		w.again()
		w.wantTasks("Call back", "E-mail opened: E-mail 7")
		if n := w.Portal.Stats().Records["tasks"]; n != 1 {
			t.Errorf("the portal has %d tasks, want the one that a person made", n)
		}
		w.wantUnsynced("with a task of what is no record in HubSpot")
	})
}

package simtest

import (
	"fmt"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestINC5_LIM11_AChoiceForetellsTheBrake that its filter or list pulls once it counts, in
// the words of the brake, and says nothing of one that drops few.
func TestINC5_LIM11_AChoiceForetellsTheBrake(t *testing.T) {
	narrow := map[string]func(city string) func(c *config.Connection){
		"filter of HubSpot": func(city string) func(c *config.Connection) {
			return func(c *config.Connection) { c.Contacts.Filter.FromHubSpot = fmt.Sprintf("city == %q", city) }
		},
		"filter of Salesforce": func(city string) func(c *config.Connection) {
			return func(c *config.Connection) {
				c.Contacts.Filter.FromSalesforce = fmt.Sprintf("City == %q || MailingCity == %[1]q", city)
			}
		},
		"list": func(city string) func(c *config.Connection) {
			return func(c *config.Connection) { c.Contacts.InclusionList = city }
		},
	}
	for name, to := range narrow {
		t.Run(name, func(t *testing.T) {
			w := New(t, people(), Before(func(w *World) {
				w.list("Oslo", touchedSince(), inCities("Oslo"))
				w.list("Rome", touchedSince(), inCities("Rome"))
			}))
			for i := range 11 {
				w.resident(fmt.Sprintf("P%d", i), "Rome")
			}
			w.resident("Stays", "Oslo")
			w.Sync()
			w.settleLists()
			foretold := func(city string) (all string) {
				out, _ := w.admissions(to(city))
				for _, a := range out {
					all += a.Halts
				}
				return all
			}
			if said := foretold("Rome"); said != "" {
				t.Errorf("of one that leaves it says %q", said)
			}
			said := foretold("Oslo")
			w.Restart(to("Oslo"))
			_, err := w.TrySync()
			wantCode(t, err, engine.CodeBrake)
			if said == "" || !strings.Contains(err.Error(), said) {
				t.Errorf("it foretells %q, and what comes is: %v", said, err)
			}
			w.must(w.Engine.Resume(t.Context(), w.Conn, string(core.BrakeScope)))
		})
	}
}

// TestINC5_LIM16_TheBrakeSaysTheNumbersThatWereForetold: of a filter that drops most of those
// whom a list leaves in, with some whom the list leaves out already, and of a list beside a
// filter. What a forecast and a brake say of the linked ones is the same to the last number.
func TestINC5_LIM16_TheBrakeSaysTheNumbersThatWereForetold(t *testing.T) {
	oslo := func(c *config.Connection) { c.Contacts.Filter.FromHubSpot = `city == "Oslo"` }
	for name, change := range map[string][2]func(c *config.Connection){
		"a filter beside a list": {func(c *config.Connection) { c.Contacts.InclusionList = "Rome" }, oslo},
		"a list beside a filter": {func(c *config.Connection) { c.Contacts.Filter.FromHubSpot = `city == "Rome" || city == "Oslo"` }, func(c *config.Connection) { c.Contacts.InclusionList = "Paris" }},
	} {
		t.Run(name, func(t *testing.T) {
			w := New(t, people(), Before(func(w *World) {
				w.list("Rome", touchedSince(), inCities("Rome"))
				w.list("Paris", touchedSince(), inCities("Paris"))
			}))
			for i := range 14 {
				w.resident(fmt.Sprintf("P%d", i), "Rome")
			}
			for i := range 3 {
				w.resident(fmt.Sprintf("Q%d", i), "Paris")
			}
			w.Sync()
			w.settleLists()
			w.Restart(change[0])
			w.Sync()
			w.settleLists()
			w.Sync()
			out, _ := w.admissions(change[1])
			said := ""
			for _, a := range out {
				said += a.Halts
			}
			w.Restart(change[1])
			_, err := w.TrySync()
			wantCode(t, err, engine.CodeBrake)
			if said == "" || !strings.Contains(err.Error(), said) {
				t.Errorf("it foretells %q, and what comes is: %v", said, err)
			}
		})
	}
}

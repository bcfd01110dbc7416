package simtest

import (
	"fmt"
	"regexp"
	"testing"

	"tandem/internal/core"
)

// phoneForms are the ways in which the developer org writes telephone numbers. A number of
// North America that begins with nought is none.
var phoneForms = map[string]*regexp.Regexp{
	"national":             regexp.MustCompile(`^\([2-9]\d\d\) \d{3}-\d{4}$`),
	"national and invalid": regexp.MustCompile(`^\(0\d\d\) \d{3}-\d{4}$`),
	"with a plus":          regexp.MustCompile(`^\+\d\d \d{3} \d{7}$`),
	"with dashes":          regexp.MustCompile(`^\d{3}-\d-\d{8}$`),
	"digits alone":         regexp.MustCompile(`^\d{11}$`),
}

// phoneForm names the form of a number.
func phoneForm(t *testing.T, number string) (name string) {
	t.Helper()
	for form, is := range phoneForms {
		if is.MatchString(number) {
			return form
		}
	}
	t.Errorf("%q is in none of the forms", number)
	return ""
}

// wantPhones fails unless the numbers of all who are linked arrived as they were typed,
// invalid or not, and all forms were among those of the org.
func (w *World) wantPhones(t *testing.T) {
	t.Helper()
	there, arrived := map[string]int{}, map[string]int{}
	for _, object := range []core.Object{core.Contact, core.Lead} {
		for id, row := range w.rows("SELECT Id, Phone, MobilePhone FROM "+string(object), "Id") {
			hs := w.mate(id)
			for field, property := range map[string]string{"Phone": "phone", "MobilePhone": "mobilephone"} {
				number, _ := row[field].(string)
				if hs != "" {
					w.want(core.Contacts, hs, property, number)
				}
				if number == "" {
					continue
				}
				form := phoneForm(t, number)
				if there[form]++; hs != "" {
					arrived[form]++
				}
			}
		}
	}
	for form := range phoneForms {
		if there[form] == 0 || arrived[form] == 0 && form != "digits alone" { // of a lead who is a contact as well
			t.Errorf("%d numbers are %s, %d of linked people", there[form], form, arrived[form])
		}
	}
}

// wantPhoneTraps looks at telephone numbers by which somebody could be lost, or be taken
// for somebody else.
func (w *World) wantPhoneTraps(t *testing.T, stranger string) {
	t.Run("numbers arrive as typed", w.wantPhones)
	t.Run("numbers that are none in their country", func(t *testing.T) {
		for name, number := range map[string]string{"Contact WHERE LastName = 'Stumuller'": "(014) 427-4427", "Lead WHERE LastName = 'Monaco'": "(033) 452-1299"} {
			id := w.whose("SELECT Id FROM " + name)
			w.want(core.Contacts, w.wantMate(id), "phone", number)
			if x := w.explainPerson(id); len(x.Issues) != 0 {
				t.Errorf("%s: issues %+v", name, x.Issues)
			}
		}
	})
	t.Run("a number of the lead whose contact has another", func(t *testing.T) {
		lead := w.whose("SELECT Id FROM Lead WHERE LastName = 'Stumuller'")
		w.want(core.Lead, lead, "Phone", "33562156600")
	})
	t.Run("a switchboard is many people's", func(t *testing.T) {
		w.wantApart(t, "(212) 842-5500", "Pavlova", "Boyle", "Song", "Green")
		if got := w.mate(stranger); got != "" {
			t.Errorf("a stranger at the same number is linked with %s", got)
		}
		if x := w.explainPerson(stranger); len(x.Issues) != 0 {
			t.Errorf("a stranger at the same number is asked about: %+v", x.Issues)
		}
	})
}

// wantApart fails unless exactly the contacts named have a number, and each a partner of
// their own with it.
func (w *World) wantApart(t *testing.T, number string, names ...string) {
	t.Helper()
	rows, mates := w.rows("SELECT Id, LastName, Email FROM Contact WHERE Phone = '"+number+"'", "LastName"), map[string]string{}
	if len(rows) != len(names) {
		t.Errorf("%d contacts have the number %s: %v", len(rows), number, rows)
	}
	for _, name := range names {
		hs := w.wantMate(fmt.Sprint(rows[name]["Id"]))
		if other := mates[hs]; other != "" {
			t.Errorf("%s and %s are one person", name, other)
		}
		mates[hs] = name
		w.want(core.Contacts, hs, "lastname", name)
		w.want(core.Contacts, hs, "email", fmt.Sprint(rows[name]["Email"]))
		w.want(core.Contacts, hs, "phone", number)
	}
}

// wantConvertedTargets fails unless the contact, the account and the opportunity that each
// converted lead became are in step, and belong together in HubSpot as they do in Salesforce.
func (w *World) wantConvertedTargets(t *testing.T) {
	t.Helper()
	rows := w.rows("SELECT Id, Email, ConvertedAccountId, ConvertedContactId, ConvertedOpportunityId FROM Lead WHERE IsConverted = true", "Id")
	if len(rows) != 5 {
		t.Errorf("%d leads are converted", len(rows))
	}
	for id, row := range rows {
		if got := w.mate(id); got != "" {
			t.Errorf("a converted lead is linked with %s", got)
		}
		hs, company := w.wantMate(fmt.Sprint(row["ConvertedContactId"])), w.partner(fmt.Sprint(row["ConvertedAccountId"]))
		deal := w.wantDealMate(fmt.Sprint(row["ConvertedOpportunityId"]))
		if company == "" {
			t.Errorf("the account of %s has no partner", row["Email"])
			continue
		}
		w.want(core.Contacts, hs, "email", fmt.Sprint(row["Email"]))
		w.want(core.Contacts, hs, "salesforcecontactid", fmt.Sprint(row["ConvertedContactId"]))
		w.wantAssociated(core.Contacts, hs, core.Companies, company+"=Primary")
		w.wantAssociated(core.Deals, deal, core.Companies, company+"=Primary")
	}
}

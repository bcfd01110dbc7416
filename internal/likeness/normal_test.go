package likeness

import "testing"

func TestNormalForms(t *testing.T) {
	for _, row := range []struct {
		what     string
		form     func(string) string
		in, want string
	}{
		{"company", CompanyName, "  The ACME Widgets, Inc. ", "acme widgets"},
		{"company", CompanyName, "Müller & Söhne GmbH & Co. KG", "muller sohne"},
		{"company", CompanyName, "Müller and Söhne", "muller sohne"},
		{"company of a legal form alone", CompanyName, "Co.", "co"},
		{"company called The", CompanyName, "The", "the"},
		{"company in another script", CompanyName, "株式会社 東京", "株式会社 東京"},
		{"nothing", CompanyName, " - ", ""},
		{"street", Street, "1301 Hoch Drive, Suite 4", "1301 hoch dr ste 4"},
		{"street", Street, "Hauptstraße 7", "hauptstrasse 7"},
		{"postcode", Postcode, "sw1a 1aa", "SW1A1AA"},
		{"longer postcode", Postcode, "78701-1234", "78701"},
		{"postcode", Postcode, "1050-083", "1050083"},
		{"phone", Phone, "(212) 842-5500", "128425500"},
		{"phone", Phone, "+1 212.842.5500 ext. 7", "128425500"},
		{"phone", Phone, "0049 30 1234567", "301234567"},
		{"phone with a word before it", Phone, "Fax: +49 (30) 1234567", "301234567"},
		{"phone with a short extension", Phone, "+49 30 1234567 #12", "301234567"},
		{"phone of RFC 3966", Phone, "tel:+49-30-1234567;ext=12", "301234567"},
		{"extension alone", Phone, "x1234", ""},
		{"too short", Phone, "12345", ""},
	} {
		if got := row.form(row.in); got != row.want {
			t.Errorf("%s %q is %q, want %q", row.what, row.in, got, row.want)
		}
		if again := row.form(row.want); row.what != "phone" && again != row.want {
			t.Errorf("%s %q is %q the second time", row.what, row.in, again)
		}
	}
}

func TestLIM4_NameAddressTakesAllThree(t *testing.T) {
	full := Traits{Name: "Edge, Inc.", Street: "1 Main Street", Postcode: "78701", City: "Austin"}
	same := Traits{Name: "EDGE", Street: "1 main st.", Postcode: "78701-0001", City: "Elsewhere"}
	if full.NameAddress() == "" || full.NameAddress() != same.NameAddress() {
		t.Errorf("%q, %q", full.NameAddress(), same.NameAddress())
	}
	person := Traits{Given: "José", Family: "D'Cruz", Street: "1 Main Street", City: "Kraków"}
	if again := (&Traits{Given: "JOSE", Family: "DCruz", Street: "1 Main St", City: "krakow"}); person.NameAddress() == "" || person.NameAddress() != again.NameAddress() {
		t.Errorf("%q, %q", person.NameAddress(), again.NameAddress())
	}
	for _, without := range []func(*Traits){
		func(t *Traits) { t.Name = "" }, func(t *Traits) { t.Street = "," }, func(t *Traits) { t.Postcode, t.City = "", " " },
	} {
		some := full
		if without(&some); some.NameAddress() != "" {
			t.Errorf("%+v has %q", some, some.NameAddress())
		}
	}
	for _, without := range []func(*Traits){func(t *Traits) { t.Given = "" }, func(t *Traits) { t.Family = "" }} {
		some := person
		if without(&some); some.NameAddress() != "" {
			t.Errorf("%+v has %q", some, some.NameAddress())
		}
	}
}

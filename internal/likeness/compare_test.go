package likeness

import (
	"math/rand/v2"
	"testing"
)

func normals(a, b Traits) (*Normal, *Normal) {
	x, y := a.Normal(), b.Normal()
	return &x, &y
}

func TestLIM4_DegreesOfLikeness(t *testing.T) {
	evelyn := Traits{Given: "Evelyn", Family: "Dean", Born: "1990-03-03", Postcode: "PO1 1AA", City: "Portsmouth", Email: "evelyn.dean@jones.com", Phones: []string{"023 9282 0000"}}
	with := func(change func(*Traits)) Traits { other := evelyn; change(&other); return other }
	edge := Traits{Name: "Edge Communications, Inc.", Street: "312 Constitution Place", Postcode: "78767", City: "Austin", Domain: "edge.com", Phones: []string{"(512) 757-6000"}}
	branch := func(change func(*Traits)) Traits { other := edge; change(&other); return other }
	for _, row := range []struct {
		name string
		a, b Traits
		want Degree
	}{
		{"herself", evelyn, evelyn, Certain},
		{"slips", evelyn, Traits{Given: "Evelin", Family: "Deann", Born: "1990-03-03", Email: "evelyn.dean@jonse.com"}, Certain},
		{"names the wrong way round", evelyn, Traits{Given: "Dean", Family: "Evelyn", Born: "1990-03-03", Postcode: "PO11AA"}, Certain},
		{"a slip in the birthday", Traits{Given: "Ann", Family: "Gray", Born: "1990-03-03", City: "Oslo"}, Traits{Given: "Ann", Family: "Gray", Born: "1990-03-08", City: "oslo"}, Certain},
		{"a slip in the birthday elsewhere", Traits{Given: "Ann", Family: "Gray", Born: "1990-03-03", City: "Oslo"}, Traits{Given: "Ann", Family: "Gray", Born: "1990-03-08"}, Likely},
		{"an initial", evelyn, Traits{Given: "E.", Family: "Dean", Born: "1990-03-03", Postcode: "PO11AA"}, Certain},
		{"a name alone", evelyn, Traits{Given: "Evelyn", Family: "Dean"}, Different},
		{"a name in one town", evelyn, Traits{Given: "Evelyn", Family: "Dean", City: "Portsmouth"}, Different},
		{"a name at one postal code", evelyn, Traits{Given: "Evelyn", Family: "Dean", Postcode: "PO1 1AA"}, Likely},
		{"a name with one number", evelyn, Traits{Given: "Evelyn", Family: "Dean", Phones: []string{"+44 23 92820000"}}, Likely},
		{"a twin", evelyn, with(func(t *Traits) { t.Given, t.Email = "Adam", "adam@jones.com" }), Likely},
		{"a spouse", evelyn, with(func(t *Traits) { t.Given, t.Email, t.Born = "Robert", "robert@jones.com", "1988-12-24" }), Different},
		{"a father", with(func(t *Traits) { t.Street = "1 High Street" }), with(func(t *Traits) { t.Street, t.Born = "1 High Street", "1960-12-24" }), Likely},
		{"a day alone", evelyn, Traits{Given: "Robert", Family: "Smith", Born: "1990-03-03"}, Different},
		{"a number alone", evelyn, Traits{Given: "Robert", Family: "Smith", Phones: evelyn.Phones}, Different},
		{"nothing known", Traits{Given: "Ann"}, Traits{Given: "Ann"}, Different},
		{"two blanks", Traits{}, Traits{}, Different},
		{"itself", edge, edge, Certain},
		{"another legal form and spelling", edge, branch(func(t *Traits) { t.Name, t.Street = "EDGE Communications", "312 Constitution Pl." }), Certain},
		{"one domain elsewhere", edge, branch(func(t *Traits) { t.Street, t.Postcode, t.City, t.Phones = "1 High Street", "SW1A 1AA", "London", nil }), Different},
		{"a branch of its domain", edge, branch(func(t *Traits) {
			t.Name, t.Street, t.Postcode, t.City, t.Phones = "Edge Communications UK", "", "", "", nil
		}), Likely},
		{"a domain and a name", edge, branch(func(t *Traits) { t.Street, t.Postcode, t.City, t.Phones = "", "", "", nil }), Likely},
		{"a name alone of a company", edge, Traits{Name: "Edge Communications"}, Different},
		{"neighbours", edge, branch(func(t *Traits) { t.Name, t.Domain = "Burlington Textiles", "burlington.com" }), Different},
		{"hospitals of one name", Traits{Name: "Memorial Hospital", City: "Austin", Postcode: "78701"}, Traits{Name: "Memorial Hospital", City: "Tampa", Postcode: "33601"}, Different},
	} {
		a, b := normals(row.a, row.b)
		got := Compare(a, b)
		if got.Degree != row.want {
			t.Errorf("%s: %d with %.2f by %v, want %d", row.name, got.Degree, got.Score, got.Evidence, row.want)
		}
		if back := Compare(b, a); back.Degree != got.Degree {
			t.Errorf("%s: %d one way, %d the other", row.name, got.Degree, back.Degree)
		}
	}
}

// TestLIM4_LikenessOfAnything: whatever is known, likeness is the same both ways, an
// unknown trait never speaks for anybody, and those who meet in nothing are not compared.
func TestLIM4_LikenessOfAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	random := func() Traits {
		t := Traits{Given: pick("", "Ann", "Anna", "Bo"), Family: pick("", "Gray", "Grey", "Ng"), Street: pick("", "1 High Street", "1 High St"), Postcode: pick("", "1000", "1001"),
			City: pick("", "Oslo"), Email: pick("", "ann.gray@x.com", "info@x.com"), Born: pick("", "1990-01-01", "1990-01-02"), Phones: []string{pick("", "555 0100", "2125550100")}}
		if r.IntN(2) == 0 {
			t.Name, t.Domain = pick("Edge", "Edge Ltd", "Other"), pick("", "edge.com")
		}
		return t
	}
	for range 20000 {
		x, y := random(), random()
		a, b := normals(x, y)
		one, two := Compare(a, b), Compare(b, a)
		if d := one.Score - two.Score; one.Degree != two.Degree || d > 1e-9 || d < -1e-9 {
			t.Fatalf("%+v and %+v: %+v one way, %+v the other", x, y, one, two)
		}
		if a.Meets(b) != b.Meets(a) {
			t.Fatalf("%+v and %+v meet one way", x, y)
		}
		blank := Traits{Name: x.Name}
		if n, none := normals(x, blank); Compare(n, none).Degree != Different {
			t.Fatalf("%+v is like somebody of whom nothing is known", x)
		}
	}
}

package salesforce

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// namesakes asks for leads by address or by what they were converted into.
func namesakes(addresses, contacts []string) connector.Query {
	return connector.Query{Object: core.Lead, By: "Email", Values: addresses, Fields: []string{"Email"}, Or: []connector.Match{{By: "ConvertedContactId", Values: contacts}}}
}

func leadID(n int) string { return ID18(fmt.Sprintf("00Q%012d", n)) }

// TestAnyOfSeveralConditionsIsOneQuestion, and a record that meets two is answered once.
func TestAnyOfSeveralConditionsIsOneQuestion(t *testing.T) {
	w := newWire(t)
	w.body("GET /query", 200, fmt.Sprintf(`{"done":true,"records":[{"Id":%q},{"Id":%q}]}`, leadID(2), leadID(1)))
	recs, err := client(t, w).Read(t.Context(), namesakes([]string{"a@x.com"}, []string{"003000000000001AAA"}))
	if err != nil || len(recs) != 2 || recs[0].Ref.ID != leadID(1) || w.count("GET /query") != 1 {
		t.Fatalf("%d records in %d calls, %v", len(recs), w.count("GET /query"), err)
	}
	if want := `Email+IN+('a%40x.com')+OR+ConvertedContactId+IN+('003000000000001AAA')`; !strings.HasSuffix(w.asked[0], want) {
		t.Errorf("asked %s, want it to end in %s", w.asked[0], want)
	}
	for _, one := range []connector.Query{namesakes(nil, []string{"003000000000001AAA"}), namesakes([]string{"a@x.com"}, nil)} {
		w.asked = nil
		if _, err := client(t, w).Read(t.Context(), one); err != nil || len(w.asked) != 1 || strings.Contains(w.asked[0], "OR") {
			t.Errorf("one condition without values: asked %v, %v", w.asked, err)
		}
	}
}

// TestConditionsAreAskedApart where one statement would be too long, or holds an id that
// the org takes for none.
func TestConditionsAreAskedApart(t *testing.T) {
	var many []string
	for i := range 600 {
		many = append(many, fmt.Sprintf("somebody.with.a.name.%d@example.com", i))
	}
	for name, q := range map[string]connector.Query{"long": namesakes(many, []string{"003000000000001AAA"}), "bad id": namesakes([]string{"a@x.com"}, []string{"003000000000001AAA"})} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t)
			w.on("GET /query", func(rw http.ResponseWriter, r *http.Request) {
				soql := r.URL.Query().Get("q")
				if strings.Contains(soql, " OR ") {
					answerJSON(rw, 400, `[{"message":"invalid ID field: 003","errorCode":"INVALID_ID_FIELD"}]`)
					return
				}
				n := 1
				if strings.Contains(soql, "ConvertedContactId IN") {
					n = 2
				}
				answerJSON(rw, 200, fmt.Sprintf(`{"done":true,"records":[{"Id":%q}]}`, leadID(n)))
			})
			recs, err := client(t, w).Read(t.Context(), q)
			if err != nil || len(recs) != 2 {
				t.Errorf("%d records, %v", len(recs), err)
			}
			for _, asked := range w.asked {
				if len(asked) > maxURI {
					t.Errorf("a request line of %d bytes", len(asked))
				}
			}
		})
	}
}

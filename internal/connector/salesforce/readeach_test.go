package salesforce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// byAddress asks for contacts and leads by address.
func byAddress(addresses []string) []connector.Query {
	return []connector.Query{
		{Object: core.Contact, By: "Email", Values: addresses, Fields: []string{"Email"}},
		namesakes(addresses, []string{"003000000000001AAA"}),
	}
}

// together answers composite calls: for each query the status and body that answer gives.
func (w *wire) together(t *testing.T, answer func(query string) (int, string)) *wire {
	return w.on("POST /composite", func(rw http.ResponseWriter, r *http.Request) {
		var req compositeRequest
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil || len(req.Requests) > maxQueries {
			t.Errorf("%d queries in a call, %v", len(req.Requests), err)
		}
		var parts []string
		for _, one := range req.Requests {
			if len(one.URL) > maxURI || one.Method != http.MethodGet || one.Body != nil {
				t.Errorf("%s of %d bytes with the body %s", one.Method, len(one.URL), one.Body)
			}
			status, body := answer(one.URL)
			parts = append(parts, fmt.Sprintf(`{"httpStatusCode":%d,"referenceId":%q,"body":%s}`, status, one.Ref, body))
		}
		answerJSON(rw, 200, `{"compositeResponse":[`+strings.Join(parts, ",")+`]}`)
	})
}

func idsOf(recs []core.Record) (out []string) {
	for _, r := range recs {
		out = append(out, r.Ref.ID)
	}
	return out
}

// TestSeveralQuestionsAreOneCall, whose answers are those of Read: in id order, each record
// once.
func TestSeveralQuestionsAreOneCall(t *testing.T) {
	w := newWire(t).together(t, func(query string) (int, string) {
		if strings.Contains(query, "FROM+Contact") {
			return 200, `{"done":true,"records":[]}`
		}
		return 200, fmt.Sprintf(`{"done":true,"records":[{"Id":%q},{"Id":%q}]}`, leadID(2), leadID(1))
	})
	got, err := client(t, w).ReadEach(t.Context(), byAddress([]string{"a@x.com", "b@x.com"}))
	if err != nil || len(got) != 2 || len(got[0]) != 0 || !slices.Equal(idsOf(got[1]), []string{leadID(1), leadID(2)}) {
		t.Errorf("answers %v, %v", got, err)
	}
	if len(w.asked) != 1 {
		t.Errorf("asked %v", w.asked)
	}
}

// TestQuestionsWithManyValuesTakeAsFewCallsAsTheLimitsAllow.
func TestQuestionsWithManyValuesTakeAsFewCallsAsTheLimitsAllow(t *testing.T) {
	asked := 0
	w := newWire(t).together(t, func(query string) (int, string) {
		asked += strings.Count(query, "%40example.com")
		return 200, `{"done":true,"records":[]}`
	})
	var many []string
	for i := range 600 {
		many = append(many, fmt.Sprintf("somebody.with.a.name.%d@example.com", i))
	}
	if _, err := client(t, w).ReadEach(t.Context(), byAddress(many)); err != nil || asked != 1200 || len(w.asked) != 1 {
		t.Errorf("%d addresses asked for in %d calls, %v", asked, len(w.asked), err)
	}
}

// TestAQuestionRefusedAmongOthersIsAskedAlone: Read knows what a refusal means.
func TestAQuestionRefusedAmongOthersIsAskedAlone(t *testing.T) {
	for name, refusal := range map[string]func(string) (int, string){
		"refused": func(string) (int, string) {
			return 400, `[{"errorCode":"INVALID_ID_FIELD","message":"invalid ID field: 003"}]`
		},
		"more pages": func(string) (int, string) {
			return 200, `{"done":false,"nextRecordsUrl":"/services/data/v65.0/query/01g-1","records":[]}`
		},
		"no answer": func(string) (int, string) { return 200, `{}` },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t).together(t, func(query string) (int, string) {
				if strings.Contains(query, "FROM+Contact") {
					return 200, `{"done":true,"records":[{"Id":"003000000000001AAA"}]}`
				}
				return refusal(query)
			})
			w.body("GET /query", 200, fmt.Sprintf(`{"done":true,"records":[{"Id":%q}]}`, leadID(3)))
			got, err := client(t, w).ReadEach(t.Context(), byAddress([]string{"a@x.com"}))
			if err != nil || len(got[0]) != 1 || !slices.Equal(idsOf(got[1]), []string{leadID(3)}) || w.count("GET /query") != 1 {
				t.Errorf("answers %v, %v, asked %v", got, err, w.asked)
			}
		})
	}
}

// TestWhereCompositesAreRefusedEachQuestionIsAsked; what refuses the caller is told.
func TestWhereCompositesAreRefusedEachQuestionIsAsked(t *testing.T) {
	w := newWire(t).body("POST /composite", 400, `[{"errorCode":"INVALID_INPUT","message":"Limit exceeded"}]`)
	w.body("GET /query", 200, fmt.Sprintf(`{"done":true,"records":[{"Id":%q}]}`, leadID(3)))
	got, err := client(t, w).ReadEach(t.Context(), byAddress([]string{"a@x.com"}))
	if err != nil || len(got[0]) != 1 || len(got[1]) != 1 || w.count("GET /query") != 2 {
		t.Errorf("answers %v, %v, asked %v", got, err, w.asked)
	}
	w.body("POST /composite", 503, `[{"errorCode":"SERVER_UNAVAILABLE","message":"down"}]`)
	if _, err := client(t, w).ReadEach(t.Context(), byAddress([]string{"a@x.com"})); connector.ClassOf(err) != core.ClassTransient || w.count("GET /query") != 2 {
		t.Errorf("an org that is down gave %v, asked %v", err, w.asked)
	}
}

package hubspot

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tandem/internal/connector"
	"tandem/internal/core"
)

func create(key string, fields map[string]string) core.Op {
	return core.Op{Key: key, Kind: core.OpCreate, Target: ref(core.Companies, ""), Fields: fields, UniqueField: "sf_id", UniqueValue: "001" + key}
}

func update(key, id string, fields map[string]string) core.Op {
	return core.Op{Key: key, Kind: core.OpUpdate, Target: ref(core.Companies, id), Fields: fields}
}

func write(t *testing.T, c *Client, ops []core.Op) []core.Outcome {
	t.Helper()
	got, err := c.Write(t.Context(), ops)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(ops) {
		t.Fatalf("%d outcomes for %d ops", len(got), len(ops))
	}
	for i := range ops {
		if got[i].Key != ops[i].Key || got[i].Status == "" {
			t.Errorf("outcome %d is %+v for op %s", i, got[i], ops[i].Key)
		}
	}
	return got
}

func statuses(outcomes []core.Outcome) string {
	var out []string
	for _, o := range outcomes {
		s := string(o.Status)
		if o.Class != "" {
			s += "/" + string(o.Class)
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestCreateIsMatchedByTraceKeyOrValuesNeverByPlace(t *testing.T) {
	c, s := scripted(t, func(seen) *http.Response {
		return respond(207, `{"results":[
			{"id":"30","properties":{"name":"C"}},
			{"id":"20","properties":{"name":"B","sf_id":"001b"}},
			{"id":"10","objectWriteTraceId":"a","properties":{"name":"A","hs_lastmodifieddate":"2026-11-03T10:00:00.123Z"}}],
			"numErrors":7,"errors":[{"category":"CONFLICT","message":"Company already exists. Existing ID: 99","context":{"objectWriteTraceId":["d"],"existingId":["99"]}}]}`)
	})
	noKey := create("c", map[string]string{"name": "C"})
	noKey.UniqueField = ""
	ops := []core.Op{create("a", map[string]string{"name": "A"}), create("b", map[string]string{"name": "B"}), noKey, create("d", nil), create("e", nil)}
	got := write(t, c, ops)
	if want := "applied applied applied rejected/duplicate unknown/transient"; statuses(got) != want {
		t.Errorf("statuses %s", statuses(got))
	}
	if got[0].ID != "10" || got[1].ID != "20" || got[2].ID != "30" || got[3].Existing != "99" {
		t.Errorf("outcomes %+v", got)
	}
	if got[0].Values["name"] != "A" || got[0].Stamp.Nanosecond() != 123e6 {
		t.Errorf("values and stamp: %+v", got[0])
	}
	var in wireInputs
	s.calls[0].decode(t, &in)
	if in.Inputs[0].TraceID != "a" || in.Inputs[0].Properties["sf_id"] != "001a" || in.Inputs[0].ID != "" {
		t.Errorf("first input %+v", in.Inputs[0])
	}
	if _, changed := ops[0].Fields["sf_id"]; changed {
		t.Error("the caller's op was changed")
	}
}

func TestCreateOfRecordedAnswers(t *testing.T) {
	body := recorded(t, "batch_create_contacts_err-partial-success.json")
	c, _ := scripted(t, func(seen) *http.Response { return respond(207, body) })
	ops := []core.Op{
		{Key: "0", Kind: core.OpCreate, Target: ref(core.Contacts, ""), Fields: map[string]string{"email": "taken@hubspot.com"}},
		{Key: "1", Kind: core.OpCreate, Target: ref(core.Contacts, ""), Fields: map[string]string{"email": "siena.dyer@hubspot.com"}},
	}
	got := write(t, c, ops)
	if statuses(got) != "rejected/duplicate applied" || got[0].Existing != "171591000198" || got[1].ID != "171596044870" {
		t.Errorf("%+v", got)
	}
	body = recorded(t, "batch_update_contacts_err-partial-success.json")
	got = write(t, c, []core.Op{
		{Key: "a", Kind: core.OpUpdate, Target: ref(core.Contacts, "unknownIdentifier888"), Fields: map[string]string{"firstname": "x"}},
		{Key: "b", Kind: core.OpUpdate, Target: ref(core.Contacts, "171591000199"), Fields: map[string]string{"firstname": "x"}}})
	if statuses(got) != "stale/gone applied" || got[1].Values["firstname"] != "Siena (updated)" {
		t.Errorf("%+v", got)
	}
}

func TestADuplicateWithoutANameIsLookedUpByItsKey(t *testing.T) {
	c, s := scripted(t, func(c seen) *http.Response {
		if strings.HasSuffix(c.path, "batch/read") {
			return respond(200, `{"results":[{"id":"55","properties":{"sf_id":"001b"}}]}`)
		}
		return respond(207, `{"results":[],"errors":[
			{"category":"CONFLICT","message":"Company already exists","context":{"objectWriteTraceId":["a"]}},
			{"category":"CONFLICT","message":"Company already exists","context":{"objectWriteTraceId":["b"]}}]}`)
	})
	got := write(t, c, []core.Op{create("a", nil), create("b", nil)})
	if got[0].Existing != "" || got[1].Existing != "55" || len(s.calls) != 2 {
		t.Errorf("%+v in %v", got, s.paths())
	}
}

// strict is a portal that refuses a batch as a whole when one record in it is
// bad, and names the property or nothing.
func strict(t *testing.T, bad func(wireInput) string, errorBody string) func(seen) *http.Response {
	return func(c seen) *http.Response {
		var in wireInputs
		c.decode(t, &in)
		var results []string
		for _, i := range in.Inputs {
			if bad(i) != "" {
				return respond(400, errorBody)
			}
			results = append(results, fmt.Sprintf(`{"id":%q,"objectWriteTraceId":%q,"properties":{}}`, "1"+i.TraceID, i.TraceID))
		}
		return respond(200, `{"results":[`+strings.Join(results, ",")+`]}`)
	}
}

func badIndustry(i wireInput) string {
	if i.Properties["industry"] == "wrong" {
		return "industry"
	}
	return ""
}

const optionError = `{"message":"m","errors":[{"message":"\"wrong\" was not one of the allowed options","code":"INVALID_OPTION","context":{"propertyName":["industry"]}}],"category":"VALIDATION_ERROR"}`

func TestARefusedBatchFailsOnlyItsBadRecords(t *testing.T) {
	for name, tc := range map[string]struct {
		body  string
		class core.Class
		most  int // calls
	}{
		"property named": {optionError, core.ClassRejected, 14},
		"nothing named":  {`{"message":"Something is wrong"}`, core.ClassRejected, 15},
	} {
		t.Run(name, func(t *testing.T) {
			c, s := scripted(t, strict(t, badIndustry, tc.body))
			var ops []core.Op
			for i := range 100 {
				fields := map[string]string{"name": "n"}
				if i%3 == 0 {
					fields["industry"] = "right"
				}
				if i == 66 {
					fields["industry"] = "wrong"
				}
				ops = append(ops, update(fmt.Sprint(i), fmt.Sprint(1000+i), fields))
			}
			for i, o := range write(t, c, ops) {
				if (i == 66) != (o.Status == core.Rejected) || (i == 66 && o.Class != tc.class) {
					t.Errorf("op %d: %+v", i, o)
				}
			}
			if len(s.calls) > tc.most {
				t.Errorf("%d calls, want at most %d", len(s.calls), tc.most)
			}
		})
	}
}

func TestAMissingPropertyCostsOneMoreCallNotABisection(t *testing.T) {
	body := `{"message":"m","errors":[{"message":"Property \"gone\" does not exist","code":"PROPERTY_DOESNT_EXIST","context":{"propertyName":["gone"]}}],"category":"VALIDATION_ERROR"}`
	c, s := scripted(t, strict(t, func(i wireInput) string { return i.Properties["gone"] }, body))
	var ops []core.Op
	for i := range 100 {
		fields := map[string]string{"name": "n"}
		if i%2 == 0 {
			fields["gone"] = "x"
		}
		ops = append(ops, create(fmt.Sprint(i), fields))
	}
	for i, o := range write(t, c, ops) {
		if (i%2 == 0) != (o.Status == core.Rejected && o.Class == core.ClassSchema && slices.Equal(o.Fields, []string{"gone"})) {
			t.Errorf("op %d: %+v", i, o)
		}
	}
	if len(s.calls) != 2 {
		t.Errorf("%d calls", len(s.calls))
	}
}

func TestBisectingIsBounded(t *testing.T) {
	c, s := scripted(t, strict(t, badIndustry, optionError))
	var ops []core.Op
	for i := range 100 {
		ops = append(ops, update(fmt.Sprint(i), fmt.Sprint(1000+i), map[string]string{"industry": "wrong"}))
	}
	refused, later := 0, 0
	for _, o := range write(t, c, ops) {
		switch {
		case o.Status == core.Rejected && o.Class == core.ClassRejected:
			refused++
		case o.Status == core.Rejected && o.Class == core.ClassTransient && !o.RetryAt.IsZero():
			later++
		}
	}
	if len(s.calls) != maxBatchCalls || refused == 0 || refused+later != 100 {
		t.Errorf("%d calls, %d refused, %d later", len(s.calls), refused, later)
	}
}

func TestOpsOnOneRecordGoInSuccessiveCallsInOrder(t *testing.T) {
	c, s := scripted(t, func(c seen) *http.Response {
		var in wireInputs
		c.decode(t, &in)
		var results []string
		seenID := map[string]bool{}
		for _, i := range in.Inputs {
			if seenID[i.ID] {
				return respond(400, recorded(t, "batch_update_contacts_err-duplicate-ids.json"))
			}
			seenID[i.ID] = true
			results = append(results, fmt.Sprintf(`{"id":%q,"properties":{"name":%q}}`, i.ID, i.Properties["name"]))
		}
		return respond(200, `{"results":[`+strings.Join(results, ",")+`]}`)
	})
	got := write(t, c, []core.Op{update("a", "1", map[string]string{"name": "first"}), update("b", "2", map[string]string{"name": "other"}), update("c", "1", map[string]string{"name": "second"})})
	if statuses(got) != "applied applied applied" || got[0].Values["name"] != "first" || got[2].Values["name"] != "second" || len(s.calls) != 2 {
		t.Errorf("%+v in %d calls", got, len(s.calls))
	}
}

func TestWhatMayHaveHappenedIsUnknown(t *testing.T) {
	for name, answer := range map[string]func() *http.Response{
		"524":         func() *http.Response { return respond(524, "") },
		"500":         func() *http.Response { return respond(500, `{"message":"x"}`) },
		"page":        func() *http.Response { return respond(200, "<html>") },
		"truncated":   func() *http.Response { return respond(201, `{"results":[{"id":"1","prop`) },
		"no outcomes": func() *http.Response { return respond(201, `{"results":[]}`) },
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := scripted(t, func(seen) *http.Response { return answer() })
			got := write(t, c, []core.Op{create("a", nil), create("b", nil)})
			if statuses(got) != "unknown/transient unknown/transient" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestWhatWasRefusedForLoadIsSurelyNotApplied(t *testing.T) {
	calls := 0
	c, _ := scripted(t, func(c seen) *http.Response {
		if calls++; calls == 2 {
			return respond(429, `{"policyName":"TEN_SECONDLY_ROLLING"}`)
		}
		return respond(204, "")
	})
	var ops []core.Op
	for i := range 250 {
		ops = append(ops, core.Op{Key: fmt.Sprint(i), Kind: core.OpArchive, Target: ref(core.Companies, fmt.Sprint(i+1))})
	}
	got := write(t, c, ops)
	for i, o := range got {
		if applied := i < 100; applied != (o.Status == core.Applied) || (!applied && (o.Status != core.Rejected || o.Class != core.ClassTransient || o.RetryAt.IsZero())) {
			t.Fatalf("op %d: %+v", i, o)
		}
	}
	if calls != 2 {
		t.Errorf("%d calls after the refusal", calls-2)
	}
	calls = 1
	if _, err := c.Write(t.Context(), ops[:1]); wantError(t, err).Class != core.ClassTransient {
		t.Errorf("nothing was sent, so the call fails as a whole: %v", err)
	}
}

func TestArchivePageInsteadOf204IsNoSuccess(t *testing.T) {
	c, _ := scripted(t, func(seen) *http.Response { return respond(200, "<html>") })
	got := write(t, c, []core.Op{{Key: "a", Kind: core.OpArchive, Target: ref(core.Companies, "1")}})
	if statuses(got) != "unknown/transient" {
		t.Errorf("%+v", got)
	}
}

func TestCreateWithItsAssociation(t *testing.T) {
	c, s := scripted(t, func(seen) *http.Response {
		return respond(201, `{"results":[{"id":"1","objectWriteTraceId":"a","properties":{}},{"id":"2","objectWriteTraceId":"b","properties":{}}]}`)
	})
	op := core.Op{Key: "a", Kind: core.OpCreate, Target: ref(core.Contacts, ""), Associate: ref(core.Companies, "7")}
	primary := op
	primary.Key, primary.Primary = "b", true
	write(t, c, []core.Op{op, primary})
	var in wireInputs
	s.calls[0].decode(t, &in)
	if got := compact(t, in.Inputs[0].Associations); got != `[{"to":{"id":"7"},"types":[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":279}]}]` {
		t.Errorf("plain: %s", got)
	}
	if got := in.Inputs[1].Associations[0].Types[0].TypeID; got != 1 {
		t.Errorf("primary: type %d", got)
	}
	op.Associate.Object = "2-99"
	if _, err := c.Write(t.Context(), []core.Op{op}); wantError(t, err).Code != connector.CodeUnsupported {
		t.Errorf("unknown pair: %v", err)
	}
}

func TestAssociate(t *testing.T) {
	c, s := scripted(t, func(c seen) *http.Response {
		if strings.HasSuffix(c.path, "/default") {
			return respond(207, `{"results":[{"from":{"id":"7"},"to":{"id":"1"},"associationSpec":{}}],"errors":[
				{"category":"OBJECT_NOT_FOUND","message":"gone","context":{"fromObjectId":["2"],"toObjectId":["7"]}}]}`)
		}
		if strings.HasSuffix(c.path, "/batch/read") {
			return respond(200, `{"results":[{"from":{"id":"3"},"to":[{"toObjectId":7,"associationTypes":[{"category":"USER_DEFINED","typeId":5},{"category":"HUBSPOT_DEFINED","typeId":279}]},{"toObjectId":8,"associationTypes":[{"category":"USER_DEFINED","typeId":6}]}]}]}`)
		}
		return respond(201, `{"results":[{"fromObjectTypeId":"0-1","fromObjectId":3,"toObjectTypeId":"0-2","toObjectId":7,"labels":["Primary"]}]}`)
	})
	link := func(key, id string, primary bool) core.Op {
		return core.Op{Key: key, Kind: core.OpAssociate, Target: ref(core.Contacts, id), Associate: ref(core.Companies, "7"), Primary: primary}
	}
	got := write(t, c, []core.Op{link("a", "1", false), link("b", "2", false), link("c", "3", true), link("d", "4", false)})
	if statuses(got) != "applied stale/gone applied unknown/transient" {
		t.Errorf("%s", statuses(got))
	}
	last := s.calls[len(s.calls)-1]
	if want := `{"inputs":[{"from":{"id":"3"},"to":{"id":"7"},"types":[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":279},{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":1},{"associationCategory":"USER_DEFINED","associationTypeId":5}]}]}`; last.body != want {
		t.Errorf("labels written: %s", last.body)
	}
}

func TestOpsThatDoNotBelongTogetherAreRefusedBeforeAnyCall(t *testing.T) {
	c, s := scripted(t, func(seen) *http.Response { return respond(500, "") })
	one := update("a", "1", nil)
	other := one
	other.Target.Object = core.Contacts
	linked := one
	linked.Associate = ref(core.Contacts, "3")
	for name, ops := range map[string][]core.Op{"kinds": {one, create("b", nil)}, "objects": {one, other}, "associating update": {linked}} {
		if _, err := c.Write(t.Context(), ops); err == nil || wantError(t, err).Code != connector.CodeUnsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := c.Write(t.Context(), nil); err != nil || got != nil || len(s.calls) != 0 {
		t.Errorf("no ops: %v, %v, %d calls", got, err, len(s.calls))
	}
}

func TestBatchSizes(t *testing.T) {
	for _, n := range []int{1, 99, 100, 101, 201} {
		c, s := scripted(t, strict(t, func(wireInput) string { return "" }, ""))
		var ops []core.Op
		for i := range n {
			ops = append(ops, create(fmt.Sprint(i), map[string]string{"name": "n"}))
		}
		for i, o := range write(t, c, ops) {
			if o.Status != core.Applied || o.ID != fmt.Sprint("1", i) {
				t.Fatalf("%d ops: op %d is %+v", n, i, o)
			}
		}
		if want := (n + 99) / 100; len(s.calls) != want {
			t.Errorf("%d ops in %d calls, want %d", n, len(s.calls), want)
		}
	}
}

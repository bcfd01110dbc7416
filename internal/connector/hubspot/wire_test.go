package hubspot

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
)

func TestTextTakesAnyScalar(t *testing.T) {
	var got struct {
		Values map[string]text `json:"v"`
		Lists  map[string]texts
	}
	in := `{"v":{"plain":"a","empty":"","null":null,"number":12345678901234567890,"float":1.50,"bool":true,"escaped":"a\"\\\n\u00e9\ud83d\ude00"},
		"Lists":{"many":["1",2,null],"one":"x","number":7,"object":{"a":1}}}`
	if err := json.Unmarshal([]byte(in), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]text{"plain": "a", "empty": "", "null": "", "number": "12345678901234567890", "float": "1.50", "bool": "true", "escaped": "a\"\\\né😀"}
	for name, v := range want {
		if got.Values[name] != v {
			t.Errorf("%s is %q, want %q", name, got.Values[name], v)
		}
	}
	for name, v := range map[string]string{"many": "1,2,", "one": "x", "number": "7", "object": `{"a":1}`} {
		if s := strings.Join(got.Lists[name], ","); s != v {
			t.Errorf("list %s is %q, want %q", name, s, v)
		}
	}
	var broken text
	if err := json.Unmarshal([]byte("\"a\xffb\""), &broken); err != nil || broken != "a\ufffdb" {
		t.Errorf("broken UTF-8: %q, %v", broken, err)
	}
}

func TestPropertiesAreReadAlikeByHandAndByTheDecoder(t *testing.T) {
	for _, in := range []string{
		`{}`, ` { } `, `{"a":"b"}`, ` { "a" : "b" , "c" : null , "d" : 12 , "e":true } `, `{"a":"","b":"x,y}z{"}`,
		`{"a":"q\"uo\\te","b":"c"}`, `{"a":"ü😀 \u00e9"}`, "{\"a\":\"\xff\"}", `{"n":1.5e3}`, "{\"a\":1,\n\t\"b\":2\n}", `{"":"empty name"}`,
	} {
		var fast values
		var slow map[string]text
		if err := json.Unmarshal([]byte(in), &fast); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(in), &slow); err != nil {
			t.Fatal(err)
		}
		if len(fast) != len(slow) {
			t.Errorf("%s: %v, want %v", in, fast, slow)
		}
		for name, v := range slow {
			if got, ok := fast[name]; !ok || got != string(v) {
				t.Errorf("%s: %q is %q, want %q", in, name, got, v)
			}
		}
	}
	var record wireRecord
	if err := json.Unmarshal([]byte(`{"properties":{"a":{"b":[1]},"c":"d"}}`), &record); err != nil || record.Properties["a"] != `{"b":[1]}` || record.Properties["c"] != "d" {
		t.Errorf("a nested value: %v, %v", record.Properties, err)
	}
	if err := json.Unmarshal([]byte(`{"properties":null}`), &record); err != nil {
		t.Error(err)
	}
}

func FuzzProperties(f *testing.F) {
	f.Add(`{"a":"b","c":null,"d":1}`)
	f.Add(`{"a":"\u0041","b":[1]}`)
	f.Fuzz(func(t *testing.T, in string) {
		var fast values
		var slow map[string]text
		errFast, errSlow := json.Unmarshal([]byte(in), &fast), json.Unmarshal([]byte(in), &slow)
		if (errFast == nil) != (errSlow == nil) || len(fast) != len(slow) {
			t.Fatalf("%q: %v (%v), want %v (%v)", in, fast, errFast, slow, errSlow)
		}
		for name, v := range slow {
			if fast[name] != string(v) {
				t.Fatalf("%q: %q is %q, want %q", in, name, fast[name], v)
			}
		}
	})
}

func TestTimesOfThePortal(t *testing.T) {
	for in, want := range map[string]time.Time{
		"2026-05-21T22:45:00.229Z":  time.Date(2026, 5, 21, 22, 45, 0, 229e6, time.UTC),
		"2026-05-21T22:45:00Z":      time.Date(2026, 5, 21, 22, 45, 0, 0, time.UTC),
		"2026-05-21T22:45:00+02:00": time.Date(2026, 5, 21, 20, 45, 0, 0, time.UTC),
		"1762212973632":             time.UnixMilli(1762212973632).UTC(),
		"":                          {}, "yesterday": {}, "2026-05-21": {},
	} {
		if got := parseTime(in); !got.Equal(want) {
			t.Errorf("%q is %v, want %v", in, got, want)
		}
	}
}

// BenchmarkDecodePage is what a page of 100 records costs to read.
func BenchmarkDecodePage(b *testing.B) {
	var rows []string
	for range 100 {
		rows = append(rows, `{"id":"171596044869","properties":{"createdate":"2025-11-03T23:36:13.632Z","name":"Some Company Limited","domain":"some.example","city":"Bonn",
		"country":null,"phone":"+49 228 1234","industry":"COMPUTER_SOFTWARE","hs_object_id":"171596044869","hs_object_source":"INTEGRATION","hs_object_source_id":"19083857",
		"hs_object_source_label":"INTEGRATION","hs_lastmodifieddate":"2025-11-03T23:36:13.632Z","lifecyclestage":"lead","hs_merged_object_ids":null},
		"createdAt":"2025-11-03T23:36:13.632Z","updatedAt":"2025-11-03T23:36:13.632Z","archived":false,"url":"https://app.hubspot.com/contacts/44237313/record/0-2/171596044869"}`)
	}
	page := []byte(`{"results":[` + strings.Join(rows, ",") + `]}`)
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		var w wireRecords
		if err := json.Unmarshal(page, &w); err != nil {
			b.Fatal(err)
		}
		for i := range w.Results {
			_ = w.Results[i].record(core.Companies)
		}
	}
}

package config

import (
	"strings"
	"testing"

	"tandem/internal/core"
)

// TestWhatIsAppliedIsCheckedAsTheFileIs in what stands beside the objects, too.
func TestWhatIsAppliedIsCheckedAsTheFileIs(t *testing.T) {
	c := parse(t, sample).Connections[0]
	text, err := Export(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"time_zone: Middle-earth/Shire", "allocated_calls: {hubspot: -1}"} {
		key, _, _ := strings.Cut(wrong, ":")
		if _, err := Apply(c, []byte(string(text)+wrong+"\n")); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s gives %v", wrong, err)
		}
	}
}

// TestAPI1_WhatIsAllocatedInTheSettingsGoesBeforeTheFile and leaves it to the file where it says nothing.
func TestAPI1_WhatIsAllocatedInTheSettingsGoesBeforeTheFile(t *testing.T) {
	c := parse(t, sample).Connections[0]
	c.Salesforce.DailyAPICalls, c.HubSpot.DailyAPICalls = 1000, 2000
	next, err := Edited(c, map[string]string{"allocated_calls.salesforce": "300"})
	if err != nil {
		t.Fatal(err)
	}
	if got := [2]int{next.AllocatedCalls(core.Salesforce), next.AllocatedCalls(core.HubSpot)}; got != [2]int{300, 2000} {
		t.Errorf("allocated are %v", got)
	}
}

func TestSET10_MappingsAreEditedOnlyWhileSyncIsOn(t *testing.T) {
	off := strings.Replace(sample, "sync: true", "sync: false", 1)
	for _, tt := range []struct{ name, from, to, want string }{
		{"untouched", "listen: 127.0.0.1:8480", "listen: 127.0.0.1:8481", ""},
		{"rule", "rule: two_way", "rule: none", "line 19: connections[0].mappings.company[0]"},
		{"value", "ONLINE_MEDIA", "MEDIA", "line 20: connections[0].mappings.company[1]"},
		{"taken out", "        - {hubspot: industry, salesforce: Industry, values: {Media: ONLINE_MEDIA}}\n", "", "connections[0].mappings.company"},
		{"added", "{Media: ONLINE_MEDIA}}\n", "{Media: ONLINE_MEDIA}}\n        - {hubspot: city, salesforce: BillingCity}\n", "line 21: connections[0].mappings.company[2]"},
		{"the first ones", "", "", ""},
		{"switched on in the same edit", "sync: false", "sync: true", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(off, tt.from, tt.to, 1)
			off := off
			if tt.name == "the first ones" {
				text, off = off, off[:strings.Index(off, "    mappings:")]
			}
			if text == off {
				t.Fatal("the case changes nothing")
			}
			if tt.name == "switched on in the same edit" {
				text = strings.Replace(text, "rule: two_way", "rule: none", 1)
			}
			err := parse(t, text).MayEdit(parse(t, off).Connections[0])
			if tt.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "SET-10") || !strings.Contains(err.Error(), "companies.sync: true") {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

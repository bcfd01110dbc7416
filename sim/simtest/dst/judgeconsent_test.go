package dst

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/sim/salesforcesim"
)

// A box may be cleared on an answer of the portal that somebody outdates while the write is on
// its way, and on nothing older, nothing that was said before the answer, and nobody else's.
func TestOnlyAnOptOutBehindTheAnswerExcusesALift(t *testing.T) {
	lifted := time.Date(2000, 1, 1, 0, 8, 38, 0, time.UTC)
	before := func(d time.Duration) time.Time { return lifted.Add(-d) }
	for name, c := range map[string]struct {
		back, asked, out time.Duration // before the lift
		of               string
		want             bool
	}{
		"behind the answer":  {12 * time.Second, time.Second, 500 * time.Millisecond, "p", true},
		"before the answer":  {12 * time.Second, time.Second, 1500 * time.Millisecond, "p", false},
		"an old answer":      {12 * time.Second, 3 * time.Second, 500 * time.Millisecond, "p", false},
		"another's answer":   {12 * time.Second, time.Second, 500 * time.Millisecond, "q", false},
		"back after the ask": {800 * time.Millisecond, time.Second, 500 * time.Millisecond, "p", false},
	} {
		r := &run{consent: []said{{before(time.Minute), "p", true, ""}, {before(c.back), "p", false, ""}, {before(c.out), "p", true, ""}},
			answered: []said{{at: before(c.asked), address: c.of}}}
		if got := r.cameBackWhenAsked("p", lifted); got != c.want {
			t.Errorf("%s: excused %v", name, got)
		}
	}
}

// A box that was cleared while its person opted out anew is excused where it is ticked again,
// and not where it stays as it is.
func TestALiftThatStaysIsNoExcuse(t *testing.T) {
	back := small()
	back.Steps = []Step{{Op: "new contact", Value: "c1", Other: 1}, {Op: "opt out"}, {Op: "opt in by the person"}}
	for i := range back.Steps {
		back.Steps[i].rest(time.Hour)
	}
	for name, stays := range map[string]bool{"ticked again": false, "left": true} {
		lifted := 0
		res := sung(t, back, canary{call: func(r *run, c *call) (reply, bool) {
			switch {
			case c.side != sf:
			case bytes.Contains(c.body, []byte(`"HasOptedOutOfEmail":false`)):
				if lifted++; lifted == 1 && optOut(r, Step{}) == "" {
					t.Error("nobody opts out anew")
				}
				r.travel(time.Second) // the org stamps in whole ones
			case stays && lifted > 0 && bytes.Contains(c.body, []byte(`"HasOptedOutOfEmail":true`)):
				return reply{nil, errReset}, true
			}
			return reply{}, false
		}})
		told := slices.ContainsFunc(res.Broken, func(b string) bool {
			return strings.HasPrefix(b, "I6") && strings.Contains(b, "was lifted")
		})
		if lifted == 0 || told != stays {
			t.Errorf("%s: of %d lifts it is said %t that one is wrong: %v", name, lifted, told, res.Broken)
		}
	}
}

// The tick of another record's box excuses a lift that was under way, and neither an older
// tick, nor that of the very record, nor what the portal said.
func TestOnlyATickBesideExcusesALift(t *testing.T) {
	lifted := time.Date(2000, 1, 1, 0, 8, 38, 0, time.UTC)
	before := func(d time.Duration) time.Time { return lifted.Add(-d) }
	for name, c := range map[string]struct {
		back, out time.Duration // before the lift
		box       string
		want      bool
	}{
		"just before":      {12 * time.Second, time.Second, "other", true},
		"long before":      {12 * time.Second, 3 * time.Second, "other", false},
		"of the record":    {12 * time.Second, time.Second, "own", false},
		"in the portal":    {12 * time.Second, time.Second, "", false},
		"never came back":  {2 * time.Minute, time.Second, "other", false},
		"back only behind": {500 * time.Millisecond, time.Second, "other", false},
	} {
		r := &run{consent: []said{{before(time.Minute), "p", true, ""}, {before(c.out), "p", true, c.box}}}
		r.consent = append(r.consent, said{before(c.back), "p", false, ""})
		slices.SortFunc(r.consent, func(a, b said) int { return a.at.Compare(b.at) })
		if got := r.tickedBeside(salesforcesim.Entry{ID: "own"}, "p", lifted); got != c.want {
			t.Errorf("%s: excused %v", name, got)
		}
	}
}

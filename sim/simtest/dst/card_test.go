package dst

import (
	"slices"
	"strings"
	"testing"
)

// A run says how far it comes towards what is demanded of it: what fell short is told as such,
// and what did not reaches its measure.
func TestTheCardTellsHowFarARunComes(t *testing.T) {
	var c Card
	c.Add(History{Steps: make([]Step, 300)}, Result{Virtual: 5 * year, Hit: map[string]int{faults[0].id: often, faults[1].id: often - 1},
		Pairs: map[[2]string]int{{faults[0].id, "edit"}: 1}})
	c.Twice = 2000
	c.relate("MR1")
	var out strings.Builder
	c.Print(&out)
	for _, want := range []string{
		"sim: histories that were played twice: 2000.00 of 2000, which is 100.0 %",
		"sim: acts in them: 300.00 of 600000, which is 0.1 %",
		"sim: virtual years: 5.00 of 10, which is 50.0 %",
		"sim: histories held against relations: 1.00 of 1800, which is 0.1 %",
	} {
		if !slices.Contains(strings.Split(out.String(), "\n"), want) {
			t.Errorf("the card lacks %q:\n%s", want, out.String())
		}
	}
	if !strings.Contains(out.String(), "kinds of faults that struck 50 times: 1.00 of") {
		t.Errorf("49 hits count as 50, or 50 do not:\n%s", out.String())
	}
}

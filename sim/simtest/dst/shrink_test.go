package dst

import (
	"slices"
	"strings"
	"testing"
)

// A long history in which the engine loses one value shrinks to the acts that it takes.
func TestShrinkFindsWhatMatters(t *testing.T) {
	loses := func(h History) bool {
		res := sung(t, h, canaryOf("I4"))
		return slices.ContainsFunc(res.Broken, func(b string) bool { return strings.HasPrefix(b, "I4:") })
	}
	long := Draw(4, 24)
	long.Shape.Cycle, long.Shape.Workers = small().Shape.Cycle, 6
	if !loses(long) {
		t.Fatal("nothing is lost in the long history")
	}
	short := Shrink(long, loses)
	if len(short.Steps) > 12 || len(short.Strikes) > 0 || short.Shape.Workers > 1 {
		t.Errorf("it takes %d acts, %d faults, %d workers: %+v", len(short.Steps), len(short.Strikes), short.Shape.Workers, short.Steps)
	}
	if !loses(short) {
		t.Error("the short history loses nothing")
	}
}

// What is left cannot be shorter, whatever the rule.
func TestFewestLeavesOutAllThatItCan(t *testing.T) {
	var all []int
	for n := range 100 {
		all = append(all, n)
	}
	asked := 0
	got := fewest(all, func(some []int) bool {
		asked++
		return slices.Contains(some, 17) && slices.Contains(some, 63) && slices.Contains(some, 64)
	})
	if !slices.Equal(got, []int{17, 63, 64}) || asked > 200 {
		t.Errorf("%v after %d questions", got, asked)
	}
	if plain("👩‍👩‍👧 v12") != "v12" || plain("v3") != "v3" || plain("12") != "12" {
		t.Error("a value is shortened to what tells it apart")
	}
}

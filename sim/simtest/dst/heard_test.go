package dst

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"tandem/internal/core"
)

// archived takes away the company that was made, as a user does.
func archived(r *run) bool {
	r.learn()
	t := r.which(0, core.Companies)
	return t != nil && r.remove(t) == nil
}

// A second record excuses nobody but a user who archived the first one before any answer told
// the engine of it.
func TestOnlyWhatNoAnswerToldOfMayBeMadeTwice(t *testing.T) {
	h := small()
	h.Steps = []Step{{Op: "new account", Value: "a1"}, {Op: "new company", Value: "c1"}}
	for i := range h.Steps {
		h.Steps[i].rest(time.Hour)
	}
	made := 0
	unanswered := canary{call: func(r *run, c *call) (reply, bool) {
		if !makesCompany(c) {
			return reply{}, false
		}
		if made++; made > 1 {
			return reply{}, false
		}
		c.serve()
		if !archived(r) {
			t.Error("the company that was made is not archived")
		}
		return answer(c, http.StatusBadGateway, "text/html", "<html></html>"), true
	}}
	if res := sung(t, h, unanswered); len(res.Broken) > 0 || made < 2 {
		t.Errorf("of %d that were made nobody was told of the first: %v", made, res.Broken)
	}
	var again *call
	answered := canary{call: func(_ *run, c *call) (reply, bool) {
		if makesCompany(c) {
			again = c
		}
		return reply{}, false
	}, end: func(r *run) {
		if archived(r) {
			again.serve()
		}
	}}
	if res := sung(t, h, answered); !slices.Contains(rules(res), "I2") {
		t.Errorf("an engine that makes anew what it was told of goes unseen; seen: %v", res.Broken)
	}
}

func makesCompany(c *call) bool { return c.side == hs && c.creates() && hasPath(c, "/companies/") }

package dst

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tandem/internal/core"
)

// small is a history in which each kind of write happens once.
func small() History {
	h := History{Seed: 1, Shape: Shape{Profile: "classic", Person: "contact", Feed: "poll", Deleted: "nothing", Conflict: "conflict", Workers: 1, Cycle: Duration(20 * time.Minute)}}
	for _, s := range []Step{{Op: "new account", Value: "a1"}, {Op: "new contact", Value: "c1", Other: 1}, {Op: "new person", Value: "p1", Other: 2},
		{Op: "edit", Field: "city", Value: "v1", Thing: 1}, {Op: "tick opt-out"}, {Op: "opt in by the person", Thing: 1}, {Op: "edit", Field: "city", Value: "v2"}, {Op: "plan"}} {
		s.Calls, s.Wait = math.MaxInt32, Duration(time.Hour)
		h.Steps = append(h.Steps, s)
	}
	return h
}

// as sends a request of its own with the integration's credentials.
func (c *call) as(method, path, body string) {
	r := c.again()
	r.Method, r.URL.Path, r.URL.RawQuery, r.Body = method, path, "", io.NopCloser(strings.NewReader(body))
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Type", "application/json")
	_, _ = c.next.RoundTrip(r)
}

const sobjects = "/services/data/v65.0/sobjects/"

// atOnce does an act at the first request to Salesforce at which there is a reason.
func atOnce(reason func(*run) bool, act func(r *run, c *call)) func(*run, *call) (reply, bool) {
	done := false
	return func(r *run, c *call) (reply, bool) {
		if !done && c.side == sf && hasPath(c, "/services/data/v65.0/") && reason(r) {
			done = true
			act(r, c)
		}
		return reply{}, false
	}
}

func (r *run) contact() *thing { return r.which(0, core.Contact) }

var canaries = []struct {
	id, does string
	canary
}{
	{"I1", "leaves a difference", canary{end: func(r *run) { _ = r.change(r.contact(), "MailingCity", "v1") }}},
	{"I2", "makes a record again without its key", canary{call: func(_ *run, c *call) (reply, bool) {
		if body := keys.ReplaceAll(c.body, nil); c.side == hs && c.creates() && !bytes.Equal(body, c.body) {
			was := c.body
			c.body = body
			c.serve()
			c.body = was
		}
		return reply{}, false
	}}},
	{"I3", "links a record twice", canary{links: func(all []*core.Link) []*core.Link { return append(all, all[0]) }}},
	{"I4", "loses an update that it says it made", canary{call: func(_ *run, c *call) (reply, bool) {
		if c.side == hs && hasPath(c, "/batch/update") {
			return answer(c, http.StatusOK, "application/json", `{"status":"COMPLETE","results":[]}`), true
		}
		return reply{}, false
	}}},
	{"I5", "writes what nobody wrote", canary{call: func(_ *run, c *call) (reply, bool) {
		if c.writes() {
			c.body = bytes.ReplaceAll(c.body, []byte(`"v2"`), []byte(`"w2"`))
		}
		return reply{}, false
	}}},
	{"I6", "lifts an opt-out", canary{call: atOnce(func(r *run) bool { return len(r.consent) > 0 && r.idling }, func(r *run, c *call) {
		c.as(http.MethodPatch, sobjects+"Contact/"+r.contact().ID, `{"HasOptedOutOfEmail":false}`)
	})}},
	{"I7", "writes while nobody does anything", canary{call: atOnce(func(r *run) bool { return r.idling }, func(r *run, c *call) {
		c.as(http.MethodPatch, sobjects+"Contact/"+r.contact().ID, `{"Fax":"1"}`)
	})}},
	{"I12", "writes beside its journal", unjournalled()},
	{"I13", "writes while it plans", canary{call: atOnce(func(r *run) bool { return r.planning }, func(r *run, c *call) {
		c.as(http.MethodPatch, sobjects+"Contact/"+r.contact().ID, `{"Phone":"1"}`)
	})}},
	{"I16", "writes a field that nothing maps", canary{call: atOnce(func(r *run) bool { return r.idling }, func(r *run, c *call) {
		c.as(http.MethodPatch, sobjects+"Contact/"+r.contact().ID, `{"Department":"1"}`)
	})}},
	{"I20", "follows an answer to a foreign host", canary{call: atOnce(func(r *run) bool { return r.idling }, func(r *run, c *call) {
		astray := *c
		astray.req = c.again()
		astray.req.URL.Host = foreign
		r.astray(&astray)
	})}},
	{"I22", "says converged where it is not", canary{end: func(r *run) { _ = r.change(r.contact(), "MailingCity", "v1") }}},
	{"I10", "deletes where no setting says so", canary{call: atOnce(func(r *run) bool { return r.idling }, func(r *run, c *call) {
		c.as(http.MethodDelete, sobjects+"Contact/"+r.contact().ID, "")
	})}},
}

// unjournalled makes an account when the engine works no longer.
func unjournalled() canary {
	var late *call
	return canary{call: func(_ *run, c *call) (reply, bool) {
		if inOrg(c) {
			late = c
		}
		return reply{}, false
	}, end: func(*run) { late.as(http.MethodPost, sobjects+"Account", `{"Name":"x"}`) }}
}

// keys are our own key fields in a body of HubSpot's.
var keys = regexp.MustCompile(`"tandem_[a-z_]*key_[^"]*":"[^"]*",`)

// Each rule broken on purpose is reported, by its own checker, and the history in which
// nothing is broken breaks none.
func TestCanaries(t *testing.T) {
	if res := sung(t, small(), canary{}); len(res.Broken) > 0 {
		t.Fatalf("nothing was broken on purpose: %v", res.Broken)
	}
	for _, c := range canaries {
		t.Run(c.id, func(t *testing.T) {
			res := sung(t, small(), c.canary)
			for _, b := range res.Broken {
				if strings.HasPrefix(b, c.id+":") {
					return
				}
			}
			t.Errorf("an engine that %s goes unseen; seen: %v", c.does, res.Broken)
		})
	}
}

// An erasure excuses what was lost of the erased person's, and nothing of anybody else's.
func TestAnErasureExcusesNobodyElse(t *testing.T) {
	h := small()
	erase := Step{Op: "erase", Thing: 1}
	erase.rest(time.Hour)
	h.Steps = append(h.Steps, erase)
	if res := sung(t, h, canary{}); len(res.Broken) > 0 || res.Acts["erase"] != 1 {
		t.Fatalf("nothing was broken on purpose: %v; acts: %v", res.Broken, res.Acts)
	}
	if res := sung(t, h, canaryOf("I4")); !slices.Contains(rules(res), "I4") {
		t.Errorf("a lost update goes unseen beside an erasure; seen: %v", res.Broken)
	}
}

// Each portal of an org is judged: a difference that is left in the second one is reported.
func TestEachPortalIsJudged(t *testing.T) {
	h := small()
	h.Shape.Portals = 2
	if res := sung(t, h, canary{}); len(res.Broken) > 0 || len(res.Met) == 0 {
		t.Fatalf("nothing was broken on purpose: %v; met: %v", res.Broken, res.Met)
	}
	aside := func(r *run) {
		second := r.among(0, func(o *thing) bool { return o.Object == core.Contacts && r.homes[o.ID] == 1 })
		_ = r.change(second, "city", "v1")
	}
	if res := sung(t, h, canary{end: aside}); !slices.Contains(rules(res), "I1") {
		t.Errorf("a difference in the second portal goes unseen; seen: %v", res.Broken)
	}
}

// An engine that brings an older value back to both sides is reported, though both agree and
// the later one was on both for a while.
func TestAnOldValueThatComesBackIsReported(t *testing.T) {
	h := small()
	again := Step{Op: "edit", Field: "city", Value: "v3"}
	again.rest(time.Hour)
	h.Steps = append(h.Steps, again)
	back := func(r *run) {
		_ = r.change(r.which(0, core.Account), "BillingCity", "v2")
		_ = r.change(r.which(0, core.Companies), "city", "v2")
	}
	if res := sung(t, h, canary{end: back}); !slices.Equal(rules(res), []string{"I4"}) {
		t.Errorf("an old value comes back unseen; seen: %v", res.Broken)
	}
}

// A user who enters what stands there in another form of its letters changes nothing, and is
// heard all the same where the value is lost.
func TestAValueInAnotherFormIsTheSame(t *testing.T) {
	h := small()
	h.Steps = append(h.Steps, Step{Op: "edit", Field: "city", Value: "Ünïcödé v3"}, Step{Op: "same in another form", Field: "city"})
	for i := range h.Steps[len(h.Steps)-2:] {
		h.Steps[len(h.Steps)-1-i].rest(time.Hour)
	}
	if res := sung(t, h, canary{}); len(res.Broken) > 0 || res.Acts["same in another form"] != 1 {
		t.Fatalf("nothing was broken on purpose: %v; acts: %v", res.Broken, res.Acts)
	}
	lost := func(value string) canary {
		return canary{end: func(r *run) {
			_ = r.change(r.which(0, core.Account), "BillingCity", value)
			_ = r.change(r.which(0, core.Companies), "city", value)
		}}
	}
	for _, value := range []string{"v2", "Unicode v3", ""} {
		if res := sung(t, h, lost(value)); !slices.Contains(rules(res), "I4") {
			t.Errorf("%q in the place of a value in another form goes unseen; seen: %v", value, res.Broken)
		}
	}
}

func sung(t *testing.T, h History, sings canary) (res Result) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { res = play(t, h, sings) })
	return res
}

func canaryOf(id string) canary {
	for _, c := range canaries {
		if c.id == id {
			return c.canary
		}
	}
	return canary{}
}

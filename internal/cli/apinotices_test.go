package cli

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/notify"
)

// TestAPI_ERR2_AProgramReadsWhatPeopleWereTold and sends a test, which is an admin's.
func TestAPI_ERR2_AProgramReadsWhatPeopleWereTold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	hook, told := hookbox(t)
	r.edit(func(f *config.File) {
		f.Notify.Webhook = &config.NoticeHook{URL: hook, Secret: noticeSecret, OwnNetwork: true}
	})
	r.must(0, "import", "company")
	r.brake(core.BrakeDeletes)
	address, _ := r.serve()
	nextOf(t, "the brake", told)
	desk := newClient(t, address, strings.TrimSpace(r.must(0, "token", "create", "desk", "--role", "admin")))
	var tried []console.Tried
	desk.call(http.StatusOK, "POST", "/notifications/test", nil, "", nil, &tried)
	if len(tried) != 1 || tried[0].Way != "webhook" || tried[0].Trouble != nil || strings.Contains(tried[0].To, noticeSecret) {
		t.Errorf("tried %+v", tried)
	}
	if m := nextOf(t, "the test", told); m.News[0].Kind != notify.KindTest {
		t.Errorf("the webhook tells %+v", m.News)
	}
	eventually(t, "the notice of the brake is listed as taken", func() bool {
		var all []console.Notice
		desk.call(http.StatusOK, "GET", "/notifications", nil, "?limit=10", nil, &all)
		return len(all) > 0 && !all[len(all)-1].Sent.IsZero() && strings.Contains(all[len(all)-1].Says, "Stopped for safety")
	})
	operator := newClient(t, address, strings.TrimSpace(r.must(0, "token", "create", "other", "--role", "operator")))
	operator.call(http.StatusForbidden, "GET", "/notifications", nil, "", nil, nil)
	operator.call(http.StatusForbidden, "POST", "/notifications/test", nil, "", nil, nil)
}

// TestAPI_LIM16_AProgramUndoesOneWrite of a run that wrote to two records.
func TestAPI_LIM16_AProgramUndoesOneWrite(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	links := r.links(2)
	before := map[string]string{}
	for _, l := range links {
		rec, _ := r.sims.portal.As("").Get("companies", l.HubSpot)
		before[l.HubSpot] = rec["phone"]
		if err := r.sims.org.As("admin").Update("Account", l.Salesforce, map[string]any{"Phone": "+1 555 0100"}); err != nil {
			t.Fatal(err)
		}
	}
	r.must(0, "sync", "--once")
	address, _ := r.serve()
	desk := newClient(t, address, strings.TrimSpace(r.must(0, "token", "create", "desk", "--role", "operator")))
	p := &program{client: desk, r: r, name: r.load().Connections[0].Name}
	var x engine.Explanation
	p.get("/records/{object}/{id}", p.with("object", "company", "id", links[0].HubSpot), "", &x)
	var run, seq int64
	for _, h := range x.History {
		if len(h.Writes) > 0 && h.Seq > seq {
			run, seq = h.Run, h.Seq
		}
	}
	var b begun
	p.post("/runs/{run}/undo", p.with("run", strconv.FormatInt(run, 10)), map[string]any{"entry": seq, "field": "phone"}, &b)
	p.ended(b)
	for i, want := range []string{before[links[0].HubSpot], "+1 555 0100"} {
		if rec, _ := r.sims.portal.As("").Get("companies", links[i].HubSpot); rec["phone"] != want {
			t.Errorf("the phone of company %d is %q, want %q", i, rec["phone"], want)
		}
	}
}

package dst

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// foreign is a host that no setting names.
const foreign = "169.254.169.254"

var errRefused = errors.New("dial tcp: connection refused")

func refused() reply { return reply{nil, errRefused} }

func inOrg(c *call) bool         { return c.side == sf && hasPath(c, "/services/data/v65.0/") }
func orgWrite(c *call) bool      { return inOrg(c) && c.writes() }
func inPortalWrite(c *call) bool { return c.side == hs && c.writes() && hasPath(c, "/batch/") }
func batchRead(c *call) bool     { return c.side == hs && hasPath(c, "/batch/read") }
func journal(c *call) bool       { return c.side == hs && hasPath(c, "/webhooks-journal/") }

// many keeps to requests about several records.
func many(may func(*call) bool) func(*call) bool {
	return func(c *call) bool { return may(c) && len(c.inputs()) > 1 }
}

// inputs are the records that a batch is about.
func (c *call) inputs() []json.RawMessage {
	var body struct{ Inputs, Records []json.RawMessage }
	_ = json.Unmarshal(c.body, &body)
	return append(body.Inputs, body.Records...)
}

// firstHalf keeps to the first half of a batch.
func (c *call) firstHalf() {
	all := c.inputs()
	if body, err := json.Marshal(map[string]any{"inputs": all[:len(all)/2]}); err == nil {
		c.body = body
	}
}

// with sets a header of an answer.
func (got reply) with(name, value string) reply {
	got.resp.Header.Set(name, value)
	return got
}

// changed changes the body of an answer.
func (got reply) changed(change func([]byte) []byte) reply {
	if got.err != nil {
		return got
	}
	body, err := io.ReadAll(got.resp.Body)
	if err != nil {
		return reply{nil, err}
	}
	body = change(body)
	got.resp.Body, got.resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	got.resp.Header.Del("Content-Length")
	return got
}

// results changes the list of results of an answer, where it has one.
func (got reply) results(change func([]json.RawMessage)) reply {
	return got.changed(func(body []byte) []byte {
		return members(body, func(all map[string]json.RawMessage) {
			var list []json.RawMessage
			if json.Unmarshal(all["results"], &list) == nil && len(list) > 0 {
				change(list)
				all["results"], _ = json.Marshal(list)
			}
		})
	})
}

// shorter leaves out the last result, as an answer cut short does.
func (got reply) shorter() reply {
	return got.changed(func(body []byte) []byte {
		return members(body, func(all map[string]json.RawMessage) {
			var list []json.RawMessage
			if json.Unmarshal(all["results"], &list) == nil && len(list) > 0 {
				all["results"], _ = json.Marshal(list[:len(list)-1])
			}
		})
	})
}

// members changes the members of an object; what is none stays.
func members(body []byte, change func(map[string]json.RawMessage)) []byte {
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil || all == nil {
		return body
	}
	change(all)
	out, err := json.Marshal(all)
	if err != nil {
		return body
	}
	return out
}

// strange adds members that nobody knows.
func strange(body []byte) []byte {
	return members(body, func(all map[string]json.RawMessage) {
		all["__new"] = json.RawMessage(`{"deep":[[[1e400,null,"\ud83d\ude00"]]],"id":9007199254740993}`)
	})
}

// unnumbered takes from the errors of a batch what says which record they are about.
func unnumbered(body []byte) []byte {
	return members(body, func(all map[string]json.RawMessage) {
		var list []map[string]json.RawMessage
		if json.Unmarshal(all["errors"], &list) != nil || len(list) == 0 {
			return
		}
		for _, e := range list {
			delete(e, "context")
		}
		all["errors"], _ = json.Marshal(list)
	})
}

// cutOff makes a side unreachable for a time.
func (r *run) cutOff(side core.Side, d time.Duration) { r.down[side] = r.now().Add(d) }

// breakEvents has the portal tell of events in a wrong way from now on.
func (r *run) breakEvents(c *call, f hubspotsim.Fault) {
	_ = r.worlds[c.world].Portal.Break(f)
	c.reply <- c.serve()
}

// meanwhile has a user act while a write is on its way.
func (r *run) meanwhile(c *call, act func(*run, Step) string, fields ...string) {
	r.learn()
	r.drawn++
	s := Step{Thing: r.rng.IntN(3), Other: r.rng.IntN(6), Field: pick(r.rng, fields...), Value: "m" + string(rune('a'+r.drawn%26)) + time.Since(r.began).String()}
	if what := act(r, s); what != "" {
		r.say("user", "", "meanwhile: %s", what)
	}
	c.reply <- c.serve()
}

// rewritten has a third integration write to a record of ours as soon as our write has
// arrived.
func (r *run) rewritten(c *call) {
	got := c.serve()
	r.learn()
	r.drawn++
	about := func(t *thing) bool { return !t.gone && bytes.Contains(c.body, []byte(t.ID)) }
	if t := r.among(r.rng.IntN(3), about); t != nil {
		field, value := fieldNames[t.Object][pick(r.rng, "name", "city", "phone")], fmt.Sprint("bot", r.drawn)
		if r.change(t, field, value) == nil {
			r.wrote(t, field, value)
			r.say("user", "", "another integration: %s %s=%q", t, field, value)
		}
	}
	c.reply <- got
}

// astray reports a request to a host that no setting names (I20).
func (r *run) astray(c *call) {
	if c.req.URL.Hostname() == foreign {
		r.broken("I20", "%s %s went to a host that an answer named", c.req.Method, c.req.URL.Redacted())
	}
}

// reachable is false while a side is cut off.
func (r *run) reachable(side core.Side) bool { return r.healing || !r.now().Before(r.down[side]) }

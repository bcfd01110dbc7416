package dst

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// faults are all kinds, by the id of the catalogue.
var faults []fault

func init() { // what befalls a run is declared by functions that look faults up
	faults = slices.Concat(onTheWay(), onTheSides())
}

// onTheWay are the faults of transport, permissions and allocations.
func onTheWay() []fault {
	return []fault{
		{"N1", create, func(r *run, c *call) { c.serve(); r.hang(c) }},
		{"N2", write, func(r *run, c *call) { r.hang(c) }},
		{"N3", many(create), func(r *run, c *call) { c.serve(); r.hang(c) }},
		{"N4", create, func(r *run, c *call) {
			r.late = append(r.late, lateCall{r.now().Add(lateBy), c})
			c.reply <- reply{nil, errReset}
		}},
		{"N5", anyCall, func(r *run, c *call) { c.reply <- c.serve().half() }},
		{"N5 before", anyCall, func(_ *run, c *call) { c.reply <- reply{nil, errReset} }},
		{"N5 after", anyCall, func(_ *run, c *call) { c.serve(); c.reply <- reply{nil, errReset} }},
		{"N6", anyCall, func(_ *run, c *call) {
			c.reply <- answer(c, http.StatusOK, "text/html", "<html>We'll be right back</html>")
		}},
		{"N6 after", write, func(_ *run, c *call) {
			c.serve()
			c.reply <- answer(c, http.StatusOK, "text/html", "<html>gateway</html>")
		}},
		{"N7", anyCall, func(r *run, c *call) {
			c.reply <- answer(c, pick(r.rng, 502, 503, 504), "text/html", "<html><h1>Bad gateway</h1></html>")
		}},
		{"N8", inPortal, func(r *run, c *call) { c.reply <- tooMany(r.rng, c) }},
		{"N9", write, func(_ *run, c *call) {
			c.serve()
			c.reply <- answer(c, http.StatusInternalServerError, "application/json", `{"message":"internal error"}`)
		}},
		{"N10", anyCall, func(r *run, c *call) { r.travel(time.Duration(r.rng.IntN(20)) * time.Second); c.reply <- c.serve() }},
		{"N11", anyCall, func(r *run, c *call) {
			r.cutOff(c.side, time.Duration(1+r.rng.IntN(10))*time.Minute)
			c.reply <- refused()
		}},
		{"N13", anyCall, func(_ *run, c *call) {
			c.reply <- answer(c, http.StatusTemporaryRedirect, "text/plain", "").with("Location", "https://"+foreign+c.req.URL.Path)
		}},
		{"N14", anyCall, func(_ *run, c *call) {
			c.reply <- c.serve().changed(func(b []byte) []byte { return append([]byte("\ufeff"), b...) })
		}},
		{"N15", anyCall, func(r *run, c *call) {
			r.cutOff(c.side, time.Duration(1+r.rng.IntN(6))*time.Hour)
			c.reply <- refused()
		}},
		{"N16", write, func(_ *run, c *call) { c.serve(); c.reply <- c.serve() }},
		{"N18", anyCall, func(_ *run, c *call) { c.reply <- c.serve().changed(strange) }},
		{"A1", anyCall, func(r *run, c *call) { r.world.Org.ExpireSessions(); c.reply <- c.serve() }},
		{"A5", inOrg, func(_ *run, c *call) {
			c.reply <- answer(c, http.StatusForbidden, "application/json", `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`)
		}},
		{"A6", inPortal, func(_ *run, c *call) {
			c.reply <- answer(c, http.StatusTooManyRequests, "application/json", `{"status":"error","message":"You have reached your daily limit.","errorType":"RATE_LIMIT","policyName":"DAILY"}`)
		}},
		{"A12", inOrg, func(_ *run, c *call) {
			c.reply <- answer(c, http.StatusForbidden, "application/json", `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"ConcurrentRequests (Concurrent API Request) Limit exceeded."}]`)
		}},
	}
}

// onTheSides are those of events, batches, users meanwhile and the process.
func onTheSides() []fault {
	return []fault{
		{"E1", journal, func(r *run, c *call) { r.breakEvents(c, hubspotsim.Fault{Do: "dup_event", Times: 5}) }},
		{"E2", journal, func(r *run, c *call) { r.breakEvents(c, hubspotsim.Fault{Do: "shuffle_events", Times: 5}) }},
		{"E3", journal, func(r *run, c *call) { r.missed = true; r.breakEvents(c, hubspotsim.Fault{Do: "drop_event", Times: 2}) }},
		{"E5", journal, func(r *run, c *call) { r.breakEvents(c, hubspotsim.Fault{Do: "gap_event", Times: 1}) }},
		{"E13", journal, func(r *run, c *call) {
			r.breakEvents(c, hubspotsim.Fault{Do: "hold_event", Times: 3, Delay: "80s"})
		}},
		{"E15", inOrg, func(r *run, c *call) {
			_ = r.world.Org.AddFault(salesforcesim.Fault{Do: "late_commit", Times: 1, Delay: "45s"})
			r.meanwhile(c, editOrg, "name", "city", "phone")
		}},
		{"B3", many(inPortalWrite), func(_ *run, c *call) { c.reply <- c.serve().changed(unnumbered) }},
		{"B6 reordered", batchRead, func(_ *run, c *call) { c.reply <- c.serve().results(slices.Reverse[[]json.RawMessage]) }},
		{"B6 shorter", batchRead, func(_ *run, c *call) { c.reply <- c.serve().shorter() }},
		{"B8", many(inPortalWrite), func(_ *run, c *call) {
			c.firstHalf()
			c.serve()
			c.reply <- answer(c, http.StatusInternalServerError, "application/json", `{"message":"internal error"}`)
		}},
		{"B9", orgWrite, func(r *run, c *call) {
			_ = r.world.Org.AddFault(salesforcesim.Fault{Do: "row_error", Code: "UNABLE_TO_LOCK_ROW", Times: 2})
			c.reply <- c.serve()
		}},
		{"C4", write, func(r *run, c *call) { r.meanwhile(c, edit, "name", "city", "phone") }},
		{"C6", write, func(r *run, c *call) { r.meanwhile(c, deleteThing, "") }},
		{"C8", write, func(r *run, c *call) { r.meanwhile(c, merge, "") }},
		{"C11", write, func(r *run, c *call) { r.rewritten(c) }},
		{"C15", write, func(r *run, c *call) { r.meanwhile(c, optOut, "") }},
		{"R7", write, func(r *run, c *call) { r.meanwhile(c, convert, "") }},
		{"P11", anyCall, func(r *run, c *call) { r.travel(3 * time.Hour); c.reply <- c.serve() }},
		{"P4 at commit", nil, nil},
		{"P1 before send", write, func(r *run, _ *call) { r.die("before send") }},
		{"P1 after send", write, func(r *run, c *call) { c.serve(); r.die("after send, before the answer") }},
		{"P1 at a read", read, func(r *run, _ *call) { r.die("at a read") }},
		{"P1 before commit", nil, nil},
		{"P1 after commit", nil, nil},
	}
}

package dst

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"sync"
	"time"

	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// heard are the records of HubSpot that answers told the engine of by their keys, or as what
// it had made, with the first time.
type heard struct {
	mu    sync.Mutex
	first map[core.Ref]time.Time
}

// by is the answer to a request, once it is noted whom it tells of. One that breaks off tells
// nobody anything.
func (h *heard) by(c *call, got reply) reply {
	if got.err != nil || c.side != hs || !hasPath(c, "/crm/v3/objects/") {
		return got
	}
	body, err := io.ReadAll(got.resp.Body)
	if err != nil {
		got.resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{}))
		return got
	}
	got.resp.Body = io.NopCloser(bytes.NewReader(body))
	var all struct {
		shownRecord
		Results []shownRecord
	}
	if json.Unmarshal(body, &all) != nil {
		return got
	}
	for _, r := range append(all.Results, all.shownRecord) {
		for _, object := range []core.Object{core.Companies, core.Contacts} {
			if hasPath(c, "/crm/v3/objects/"+string(object)) && (c.creates() || r.keyed()) {
				h.note(core.Ref{Side: hs, Object: object, ID: r.ID})
			}
		}
	}
	return got
}

// shownRecord is a record as an answer shows it.
type shownRecord struct {
	ID         string
	Properties map[string]*string
}

// keyed reports that it shows for which record it was made.
func (r shownRecord) keyed() bool {
	for name, v := range r.Properties {
		if isKey(name) && v != nil && *v != "" {
			return true
		}
	}
	return false
}

func (h *heard) note(ref core.Ref) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.first == nil {
		h.first = map[core.Ref]time.Time{}
	}
	if _, known := h.first[ref]; !known {
		h.first[ref] = time.Now()
	}
}

func (h *heard) of(ref core.Ref) (at time.Time, told bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at, told = h.first[ref]
	return at, told
}

// unseen reports a record of HubSpot that a user archived before any answer told the engine of
// it: no key finds an archived record.
func (r *run) unseen(ref core.Ref) bool {
	if t := r.find(ref); t == nil || t.Side != hs || !t.gone {
		return false
	}
	at, told := r.bus.told.of(ref)
	return slices.ContainsFunc(r.ledger(), func(e hubspotsim.Entry) bool {
		gone := e.Time.Add(-time.Duration(r.h.Shape.Ahead[hs]))
		return e.Op == "archive" && e.Object == string(ref.Object) && e.ID == ref.ID && e.Source != "INTEGRATION" && (!told || gone.Before(at))
	})
}

package hubspotsim

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func readAll(r *http.Request) []byte {
	b, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil
	}
	return b
}

func bodyOfBytes(b []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) }

// serveControls answers /_sim/….
func (p *Portal) serveControls(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/_sim/")
	switch {
	case r.Method == http.MethodGet && name == "stats":
		writeJSON(w, http.StatusOK, p.statsBody())
	case r.Method == http.MethodGet && name == "ledger":
		p.writeLedger(w, r)
	case r.Method != http.MethodPost:
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "no such control: " + name})
	case !p.isAdmin(r):
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "this control needs the admin token as bearer"})
	default:
		p.control(w, r, name)
	}
}

func (p *Portal) isAdmin(r *http.Request) bool {
	want := "Bearer " + p.info.AdminToken
	return subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(want)) == 1
}

func (p *Portal) control(w http.ResponseWriter, r *http.Request, name string) {
	var err error
	switch name {
	case "faults":
		err = p.postFaults(readAll(r))
	case "clock":
		err = p.postClock(readAll(r))
	case "settings":
		err = p.postSettings(readAll(r))
	case "records":
		p.postRecords(w, readAll(r))
		return
	default:
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "no such control: " + name})
		return
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"now": p.clock().UTC().Format(time.RFC3339Nano)})
}

// strict reads a control's JSON; a key that it does not know is named.
func strict(body []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil && dec.More() {
		return errors.New("send one JSON value")
	}
	if err == nil {
		return nil
	}
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return errors.New("unknown key " + name)
	}
	return jsonProblem(body, err)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client went away
}

func (p *Portal) statsBody() any {
	return struct {
		Stats
		Now      time.Time `json:"now"`
		Webhooks any       `json:"webhooks"`
	}{p.Stats(), p.clock().UTC(), p.webhooks.Stats()}
}

// writeLedger streams entries; ?from=N leaves out the first N writes. Entries
// are copied in portions, so that a slow reader holds up nobody.
func (p *Portal) writeLedger(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	from, err := strconv.Atoi(r.URL.Query().Get("from"))
	if err != nil || from < 0 {
		from = 0
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for {
		rows, next := p.ledgerPortion(from)
		for i := range rows {
			if enc.Encode(&rows[i]) != nil {
				return
			}
		}
		if next == from {
			return
		}
		from = next
	}
}

const ledgerPortion = 1000

func (p *Portal) ledgerPortion(from int) (rows []Entry, next int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	next = p.entries(from, ledgerPortion, func(e Entry) { rows = append(rows, e) })
	return rows, next
}

// postFaults takes one fault, a list of them, or {"clear":true}.
func (p *Portal) postFaults(body []byte) error {
	var list []Fault
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '[' {
		if err := strict(body, &list); err != nil {
			return err
		}
	} else {
		var one struct {
			Fault
			Clear bool `json:"clear"`
		}
		if err := strict(body, &one); err != nil {
			return err
		}
		if one.Clear {
			p.Mend()
			return nil
		}
		list = []Fault{one.Fault}
	}
	for _, f := range list {
		if err := p.Break(f); err != nil {
			return err
		}
	}
	return nil
}

func (p *Portal) postClock(body []byte) error {
	var in struct {
		Advance string `json:"advance"`
	}
	if err := strict(body, &in); err != nil {
		return err
	}
	d, err := time.ParseDuration(in.Advance)
	if err != nil {
		return err
	}
	p.Advance(d)
	return nil
}

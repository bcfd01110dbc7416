package certify_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/internal/certify"
	"tandem/internal/core"
)

// plant is one difference from what the vendors document.
type plant struct {
	name string
	side core.Side
	// on finds the requests whose answers are altered: "METHOD path", with an
	// escaped query; with finds their bodies.
	on, with string
	change   func(*reply)
	want     []string // the checks that must name it, and no others
	hits     int
}

// reply is an answer while it is altered.
type reply struct {
	w      *world
	status int
	header http.Header
	body   []byte
	err    error // how a call of the event bus ended
}

func (p *plant) alter(w *world, side core.Side, req *http.Request, body string, resp *http.Response) {
	line := req.Method + " " + req.URL.RequestURI()
	if side != p.side || !regexp.MustCompile(p.on).MatchString(line) || !regexp.MustCompile(p.with).MatchString(body) {
		return
	}
	p.hits++
	text, _ := io.ReadAll(resp.Body)
	r := &reply{w: w, status: resp.StatusCode, header: resp.Header, body: text}
	p.change(r)
	resp.StatusCode, resp.Header, resp.Body = r.status, r.header, io.NopCloser(bytes.NewReader(r.body))
}

func status(code int) func(*reply) { return func(r *reply) { r.status = code } }

// turned changes one status into another.
func turned(from, to int) func(*reply) {
	return func(r *reply) {
		if r.status == from {
			r.status = to
		}
	}
}

func answered(code int, body string) func(*reply) {
	return func(r *reply) { r.status, r.body = code, []byte(body) }
}

func replaced(from, to string) func(*reply) {
	return func(r *reply) {
		if !bytes.Contains(r.body, []byte(from)) {
			r.w.t.Errorf("the plant finds no %s in %.300s", from, r.body)
		}
		r.body = bytes.ReplaceAll(r.body, []byte(from), []byte(to))
	}
}

// perhaps replaces where there is something to replace: of several answers that
// are altered only some have it.
func perhaps(from, to string) func(*reply) {
	return func(r *reply) { r.body = regexp.MustCompile(from).ReplaceAll(r.body, []byte(to)) }
}

func pattern(from, to string) func(*reply) {
	return func(r *reply) {
		re := regexp.MustCompile(from)
		if !re.Match(r.body) {
			r.w.t.Errorf("the plant finds no %s in %.300s", from, r.body)
		}
		r.body = re.ReplaceAll(r.body, []byte(to))
	}
}

func without(header string) func(*reply) { return func(r *reply) { r.header.Del(header) } }

func with(header, value string) func(*reply) {
	return func(r *reply) { r.header.Set(header, value) }
}

// edit changes the decoded body.
func edit(change func(v any) any) func(*reply) {
	return func(r *reply) {
		d := json.NewDecoder(bytes.NewReader(r.body))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			r.w.t.Errorf("the plant finds no JSON in %.300s", r.body)
			return
		}
		r.body, _ = json.Marshal(change(v))
	}
}

// reversed turns the order of a list round.
func reversed(name string) func(*reply) {
	return edit(func(v any) any {
		if name == "" {
			slices.Reverse(v.([]any))
		} else {
			rows := v.(map[string]any)[name].([]any)
			slices.Reverse(rows)
		}
		return v
	})
}

func slow(r *reply) { r.w.advance(25 * time.Second) }

const (
	org    = core.Salesforce
	portal = core.HubSpot
)

// TestEachPlantedDifferenceIsNamedByItsChecks plants one in each side at a time.
func TestEachPlantedDifferenceIsNamedByItsChecks(t *testing.T) {
	planted := map[string]bool{}
	var bySide [2][]*plant
	for _, p := range plants() {
		bySide[p.side] = append(bySide[p.side], p)
		for _, id := range p.want {
			planted[id] = true
		}
	}
	w := newWorld(t)
	for i := range max(len(bySide[org]), len(bySide[portal])) {
		w.plants = [2]*plant{}
		name := ""
		for side, list := range bySide {
			if i < len(list) {
				w.plants[side] = list[i]
				name += "," + strings.ReplaceAll(list[i].name, " ", "_")
			}
		}
		t.Run(name[1:], func(t *testing.T) { w.namesThePlants(t) })
	}
	for _, c := range certify.Checks() {
		if !planted[c.ID] {
			t.Errorf("no plant for %s", c.ID)
		}
	}
}

// namesThePlants fails unless a run's differences are those of the world's plants.
func (w *world) namesThePlants(t *testing.T) {
	w.t = t
	w.advance(time.Hour) // sessions and limits begin anew
	w.connect()
	r := w.run()
	var want []string
	for _, p := range w.plants {
		if p == nil {
			continue
		}
		want = append(want, p.want...)
		if p.hits == 0 {
			t.Errorf("the plant %s altered nothing", p.name)
		}
	}
	slices.Sort(want)
	if got := different(r); !slices.Equal(got, want) {
		t.Errorf("named by %v, want %v\n%s", got, want, text(t, r))
	}
	tellsNothing(t, w, r)
}

// tellsNothing fails where a report holds a value of either side.
func tellsNothing(t *testing.T, w *world, r certify.Report) {
	t.Helper()
	told := text(t, r)
	info, portal := w.org.Info(), w.portal.Info()
	secrets := append(slices.Clone(values), info.OrgID, info.OrgID[:15], info.IntegrationUsername, info.IntegrationUserID, info.IntegrationClientSecret, info.IntegrationClientID, info.AdminUsername,
		portal.PortalID, portal.ClientSecret, portal.RefreshToken, portal.JournalClientSecret, strconv.Itoa(portal.AppID), "127.0.0.1", "api.hubapi.com", fmt.Sprint("-", "a1b2"), "a1b2@")
	for _, s := range secrets {
		if s != "" && strings.Contains(told, s) {
			t.Errorf("the report tells %q", s)
		}
	}
}

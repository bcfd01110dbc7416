package certify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// answer is what a side said.
type answer struct {
	p        *probe
	endpoint string
	code     int
	header   http.Header
	body     []byte
	ok       bool // false: void
}

func (a answer) differ(k Kind, at, expected, seen string) {
	a.p.differ(Difference{Kind: k, Endpoint: a.endpoint, At: at, Expected: expected, Seen: seen})
}

// status expects one of the statuses. A refusal for lack of a right or by a busy
// server says nothing about the API, so the check counts as not run.
func (a answer) status(want ...int) answer {
	if !a.ok || slices.Contains(want, a.code) {
		return a
	}
	a.ok = false
	switch {
	case a.code == http.StatusUnauthorized, a.code == http.StatusForbidden, a.code == http.StatusTooManyRequests, a.code >= 500:
		a.p.fail(fmt.Sprintf("%s was refused with status %d", a.endpoint, a.code))
	default:
		a.differ(KindStatus, "", statuses(want), strconv.Itoa(a.code))
	}
	return a
}

func statuses(want []int) string {
	var out []string
	for _, s := range want {
		out = append(out, strconv.Itoa(s))
	}
	return strings.Join(out, " or ")
}

// blank expects no body.
func (a answer) blank() {
	if a.ok && len(bytes.TrimSpace(a.body)) > 0 {
		a.differ(KindShape, "", "no body", fmt.Sprintf("%d bytes", len(a.body)))
	}
}

// has expects a header of a form.
func (a answer) has(name, form string, pattern *regexp.Regexp) {
	if !a.ok {
		return
	}
	switch v := a.header.Get(name); {
	case v == "":
		a.differ(KindHeader, name, form, "absent")
	case !pattern.MatchString(v):
		a.differ(KindHeader, name, form, fmt.Sprintf("string(%d)", len(v)))
	}
}

// lacks expects a header to be absent.
func (a answer) lacks(name string) {
	if a.ok && a.header.Get(name) != "" {
		a.differ(KindHeader, name, "absent", "present")
	}
}

// json is the root of the answer's JSON.
func (a answer) json() node {
	if !a.ok {
		return node{}
	}
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		a.differ(KindShape, "", "JSON", fmt.Sprintf("%d bytes of something else", len(a.body)))
		return node{}
	}
	return node{a: a, v: v, ok: true}
}

// node is a place in an answer.
type node struct {
	a    answer
	path string
	v    any
	ok   bool // false: void
}

// at goes down by field names. A missing one is a difference.
func (n node) at(names ...string) node {
	for _, name := range names {
		if n = n.may(name); !n.ok && n.path != "" {
			n.a.differ(KindShape, n.path, "present", "absent")
			return node{}
		}
	}
	return n
}

// may goes down to a field that need not be there. The void node it gives then
// keeps its path.
func (n node) may(name string) node {
	if !n.ok {
		return node{}
	}
	m, _ := n.v.(map[string]any)
	v, has := m[name]
	return node{a: n.a, path: strings.TrimPrefix(n.path+"."+name, "."), v: v, ok: has}
}

// is expects a kind of value; the node is void where it differs.
func (n node) is(k kind) node {
	if n.ok && !k.ok(n.v) {
		n.a.differ(KindShape, n.path, k.name, seenValue(n.v))
		return node{}
	}
	return n
}

// says expects one of the API's words.
func (n node) says(want ...string) node {
	if n.ok && !word(want...).ok(n.v) {
		s, _ := n.v.(string)
		n.a.differ(KindCode, n.path, strings.Join(want, " or "), seenWord(s))
		return node{}
	}
	return n
}

// fields expects several fields of one kind.
func (n node) fields(k kind, names ...string) {
	for _, name := range names {
		n.at(name).is(k)
	}
}

// rows are the elements of a list; anything else is a difference.
func (n node) rows() []node {
	items, _ := n.is(list).v.([]any)
	var out []node
	for _, v := range items {
		out = append(out, node{a: n.a, path: n.path + "[]", v: v, ok: true})
	}
	return out
}

// count expects a list of a length.
func (n node) count(want int) []node {
	rows := n.rows()
	if n.ok && list.ok(n.v) && len(rows) != want {
		n.a.differ(KindShape, n.path, fmt.Sprintf("list(%d)", want), fmt.Sprintf("list(%d)", len(rows)))
		return nil
	}
	return rows
}

// first is the first element; a list without one is a difference.
func (n node) first() node {
	rows := n.rows()
	if len(rows) > 0 {
		return rows[0]
	}
	if n.ok && list.ok(n.v) {
		n.a.differ(KindShape, n.path, "at least one element", "list(0)")
	}
	return node{}
}

// effect expects something about what the service did.
func (n node) effect(ok bool, expected, seen string) {
	if n.ok && !ok {
		n.a.differ(KindEffect, n.path, expected, seen)
	}
}

// text is the string or number here, or "".
func (n node) text() string {
	switch v := n.v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// ordered expects strictly ascending values.
func ordered(rows []node, name string, less func(a, b string) bool) {
	for i := 1; i < len(rows); i++ {
		a, b := rows[i-1].may(name), rows[i].may(name)
		b.effect(less(a.text(), b.text()), "strictly ascending", "out of order or repeated")
	}
}

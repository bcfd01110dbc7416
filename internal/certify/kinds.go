package certify

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"
)

// kind is what a JSON value has to be.
type kind struct {
	name string
	ok   func(any) bool
}

var (
	text    = kind{"string", isText}
	number  = kind{"number", func(v any) bool { _, ok := v.(json.Number); return ok }}
	boolean = kind{"boolean", func(v any) bool { _, ok := v.(bool); return ok }}
	list    = kind{"list", func(v any) bool { _, ok := v.([]any); return ok }}
	object  = kind{"object", func(v any) bool { _, ok := v.(map[string]any); return ok }}
	null    = kind{"null", func(v any) bool { return v == nil }}

	// httpStatus may be quoted in a report: it is one of a few hundred.
	httpStatus = kind{"HTTP status", func(v any) bool { n, ok := v.(json.Number); return ok && statusForm.MatchString(n.String()) }}

	digits   = matching("string of digits", `^\d+$`)
	orgID    = kind{"id of 18 characters with its checksum", func(v any) bool { s, ok := v.(string); return ok && checksummed(s) }}
	orgStamp = matching("datetime with milliseconds and +0000", `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$`)
	orgWhole = matching("datetime of whole seconds with .000+0000", `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$`)
	orgPath  = matching("path below /services/data/", `^/services/data/v\d+\.0/`)
	origin   = matching("origin with http or https", `^https?://[^/]+/?$`)
	identity = matching("URL ending in /id/ORG/USER", `^https?://.+/id/00D\w{12,15}/005\w{12,15}$`)
	flagText = matching(`"true" or "false"`, `^(true|false)$`)
	instant  = kind{"instant in UTC", func(v any) bool {
		s, ok := v.(string)
		_, err := time.Parse(time.RFC3339Nano, s)
		return ok && err == nil && strings.HasSuffix(s, "Z")
	}}
)

var statusForm = regexp.MustCompile(`^[1-5]\d\d$`)

func isText(v any) bool { _, ok := v.(string); return ok }

func matching(name, pattern string) kind {
	re := regexp.MustCompile(pattern)
	return kind{name, func(v any) bool { s, ok := v.(string); return ok && re.MatchString(s) }}
}

// or is a kind that either is enough for.
func (k kind) or(other kind) kind {
	return kind{k.name + " or " + other.name, func(v any) bool { return k.ok(v) || other.ok(v) }}
}

// word is one of the API's own words.
func word(any_ ...string) kind {
	return kind{strings.Join(any_, " or "), func(v any) bool {
		s, ok := v.(string)
		for _, w := range any_ {
			ok = ok && s != w
		}
		return isText(v) && !ok
	}}
}

const checksumLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// checksummed reports an id of 18 characters whose last three tell the case of
// the others (SOAP API developer guide, ID field type).
func checksummed(id string) bool {
	if len(id) != 18 {
		return false
	}
	for group := range 3 {
		bits := 0
		for i := range 5 {
			if c := id[group*5+i]; c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		if id[15+group] != checksumLetters[bits] {
			return false
		}
	}
	return true
}

package salesforcesim

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// etag is the entity tag of a record, which accounts alone have; "" for others
// (REST API Developer Guide, "Conditional Request Headers").
func (r *record) etag() string {
	if r.object.name != "Account" {
		return ""
	}
	sum := sha256.Sum256([]byte(r.id + "\x00" + strconv.FormatInt(r.stamp, 10) + "\x00" + string(r.cells)))
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`
}

// validators are the headers by which a caller may ask again.
func (r *record) validators() map[string]string {
	h := map[string]string{"Last-Modified": time.Unix(r.modified, 0).UTC().Format(http.TimeFormat)}
	if tag := r.etag(); tag != "" {
		h["ETag"] = tag
	}
	return h
}

// unless checks the conditions of a call on one record; nil lets it go on. A
// condition that cannot be read counts as none for reading and is refused for
// writing; deleting has no conditions.
func (c *call) unless(r *record) *answer {
	reading := c.method == http.MethodGet || c.method == http.MethodHead
	if !reading && c.method != http.MethodPatch {
		return nil
	}
	if bad := c.badCondition(r); bad != "" && !reading {
		return refusal(refuse("INVALID_HEADER", "The value of the header "+bad+" is not valid"))
	}
	failed := refusal(refuse("PRECONDITION_FAILED", "The record does not meet the condition of the request's headers"))
	tag := r.etag()
	switch {
	case tag != "" && c.header.Get("If-Match") != "" && !tagged(c.header.Get("If-Match"), tag):
		return failed
	case tag != "" && c.header.Get("If-None-Match") != "" && tagged(c.header.Get("If-None-Match"), tag):
		if !reading {
			return failed
		}
		return &answer{status: http.StatusNotModified, header: r.validators()}
	}
	if since, err := http.ParseTime(c.header.Get("If-Unmodified-Since")); err == nil && time.Unix(r.modified, 0).After(since) {
		return failed
	}
	if since, err := http.ParseTime(c.header.Get("If-Modified-Since")); reading && err == nil && !time.Unix(r.modified, 0).After(since) {
		return &answer{status: http.StatusNotModified, header: r.validators()}
	}
	return nil
}

// badCondition names a header with a condition that makes no sense.
func (c *call) badCondition(r *record) string {
	if since := c.header.Get("If-Unmodified-Since"); since != "" {
		if _, err := http.ParseTime(since); err != nil {
			return "If-Unmodified-Since"
		}
	}
	for _, name := range []string{"If-Match", "If-None-Match"} {
		list := c.header.Get(name)
		if list == "" || r.etag() == "" {
			continue
		}
		if slices.ContainsFunc(tags(list), func(tag string) bool { return tag != "*" && !(len(tag) > 2 && tag[0] == '"' && tag[len(tag)-1] == '"') }) {
			return name
		}
	}
	return ""
}

// tags splits a list of entity tags; a weak one and the copy of a compressed
// answer stand for the tag itself.
func tags(list string) (out []string) {
	for _, t := range strings.Split(list, ",") {
		t = strings.TrimPrefix(strings.TrimSpace(t), "W/")
		out = append(out, strings.ReplaceAll(t, `--gzip"`, `"`))
	}
	return out
}

func tagged(list, tag string) bool {
	return slices.ContainsFunc(tags(list), func(t string) bool { return t == "*" || t == tag })
}

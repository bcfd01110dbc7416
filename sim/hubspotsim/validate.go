package hubspotsim

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// propError is one refused property value.
type propError struct {
	Message string
	Code    string
	Name    string
}

// maxText is the longest text value, in characters (properties guide).
const maxText = 65536

// normalise turns a wire value into what the portal stores, or refuses it.
// An empty text clears the property. Old is the stored value.
func (p *Portal) normalise(d *property, raw, old string) (string, *propError) {
	text := cleanText(raw)
	if text == "" {
		return "", nil
	}
	switch {
	case d.refers == "OWNER":
		return p.normaliseOwner(d, strings.TrimSpace(text))
	case d.name == "email" && d.kind == typeString && d.vendor:
		return normaliseEmail(d, text)
	case d.name == "domain" && d.vendor:
		return normaliseDomain(text), nil
	}
	switch d.kind {
	case typeNumber:
		return normaliseNumber(d, text)
	case typeBool:
		return normaliseBool(d, text)
	case typeEnumeration:
		return normaliseOptions(d, text, old)
	case typeDate:
		return normaliseDate(d, strings.TrimSpace(text))
	case typeDatetime:
		return normaliseDatetime(d, strings.TrimSpace(text))
	}
	if utf8.RuneCountInString(text) > maxText {
		return "", &propError{fmt.Sprintf("Property value is too long; at most %d characters are allowed", maxText), "INVALID_LENGTH", d.name}
	}
	if d.field == "html" {
		return cleanHTML(text), nil
	}
	return text, nil
}

// cleanText brings line ends to LF and drops the other control characters.
func cleanText(s string) string {
	clean := true
	for i := range len(s) {
		if s[i] < 0x20 && s[i] != '\n' && s[i] != '\t' || s[i] == 0x7f || s[i] >= 0x80 {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "�")
	return strings.Map(func(r rune) rune {
		if r == '\r' {
			return '\n'
		}
		if r < 0x20 && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

var emailShape = regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~` + "`" + `-]+@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$`)

func normaliseEmail(d *property, text string) (string, *propError) {
	email := strings.ToLower(strings.TrimSpace(text))
	if !validEmail(email) {
		return "", &propError{"Email address " + text + " is invalid", "INVALID_EMAIL", d.name}
	}
	return email, nil
}

func validEmail(email string) bool {
	local, _, _ := strings.Cut(email, "@")
	return emailShape.MatchString(email) && len(local) <= 64 && len(email) <= 254 &&
		!strings.HasPrefix(local, ".") && !strings.HasSuffix(local, ".") && !strings.Contains(local, "..")
}

// normaliseDomain keeps the bare host in lower case.
func normaliseDomain(text string) string {
	s := strings.ToLower(strings.TrimSpace(text))
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	s = strings.TrimPrefix(s, "www.")
	if i := strings.IndexAny(s, "/?#:"); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSuffix(s, ".")
}

var plainNumber = regexp.MustCompile(`^-?(\d+)(\.\d+)?$`)

// normaliseNumber stores plain decimals without superfluous zeros.
func normaliseNumber(d *property, text string) (string, *propError) {
	s := strings.TrimPrefix(strings.TrimSpace(text), "+")
	if !plainNumber.MatchString(s) {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || strings.ContainsAny(s, "xXpPnN_") {
			return "", &propError{text + " was not a valid number.", "INVALID_INTEGER", d.name}
		}
		s = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	sign, digits := "", s
	if strings.HasPrefix(s, "-") {
		sign, digits = "-", s[1:]
	}
	for len(digits) > 1 && digits[0] == '0' && digits[1] != '.' {
		digits = digits[1:]
	}
	if digits == "0" {
		sign = ""
	}
	return sign + digits, nil
}

func normaliseBool(d *property, text string) (string, *propError) {
	switch s := strings.ToLower(strings.TrimSpace(text)); s {
	case "true", "false":
		return s, nil
	}
	return "", &propError{fmt.Sprintf("%q was not one of the allowed options: [true, false]", text), "INVALID_OPTION", d.name}
}

// normaliseOptions checks enumeration values. A leading semicolon appends to a
// multiple-choice property; a repeated choice counts once.
func normaliseOptions(d *property, text, old string) (string, *propError) {
	if !d.multiple() {
		return text, d.refuseOption(text)
	}
	var kept []string
	if strings.HasPrefix(text, ";") {
		kept = splitList(old)
	}
	for _, item := range strings.Split(text, ";") {
		if item == "" || contains(kept, item) {
			continue
		}
		if err := d.refuseOption(item); err != nil {
			return "", err
		}
		kept = append(kept, item)
	}
	return strings.Join(kept, ";"), nil
}

func (d *property) refuseOption(value string) *propError {
	if d.external || d.option(value) {
		return nil
	}
	allowed := make([]string, len(d.options))
	for i, o := range d.options {
		allowed[i] = o.Value
	}
	return &propError{fmt.Sprintf("%q was not one of the allowed options: [%s]", value, strings.Join(allowed, ", ")), "INVALID_OPTION", d.name}
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

const day = 24 * time.Hour

// normaliseDate takes YYYY-MM-DD, or epoch milliseconds that are midnight UTC.
func normaliseDate(d *property, text string) (string, *propError) {
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		if ms%day.Milliseconds() != 0 {
			at := time.UnixMilli(ms).UTC().Format("15:04:05.0")
			return "", &propError{fmt.Sprintf("%s is at %s UTC, not midnight!", text, at), "INVALID_DATE", d.name}
		}
		return time.UnixMilli(ms).UTC().Format(time.DateOnly), nil
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return "", &propError{text + " was not a valid date.", "INVALID_DATE", d.name}
	}
	return text, nil
}

// normaliseDatetime takes ISO 8601 or epoch milliseconds and stores ISO 8601.
func normaliseDatetime(d *property, text string) (string, *propError) {
	ms, ok := parseMS(text)
	if !ok {
		return "", &propError{text + " was not a valid long.", "INVALID_LONG", d.name}
	}
	return formatMS(ms), nil
}

// normaliseOwner takes the id of an owner, not of a user.
func (p *Portal) normaliseOwner(d *property, text string) (string, *propError) {
	if p.owner(text) == nil {
		return "", &propError{fmt.Sprintf("%q was not one of the allowed options: []", text), "INVALID_OPTION", d.name}
	}
	return text, nil
}

// formatMS writes a stamp as the vendor does: the fraction is left out at a full second.
func formatMS(ms int64) string {
	t := time.UnixMilli(ms).UTC()
	if ms%1000 == 0 {
		return t.Format("2006-01-02T15:04:05Z")
	}
	return t.Format("2006-01-02T15:04:05.000Z")
}

// parseMS reads epoch milliseconds, an ISO 8601 stamp or a plain date.
func parseMS(s string) (int64, bool) {
	if s == "" {
		return 0, false
	}
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		return ms, true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UnixMilli(), true
		}
	}
	return 0, false
}

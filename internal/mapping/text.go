package mapping

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// hubspotText is the longest text a HubSpot property takes, in characters
// (properties guide).
const hubspotText = 65536

var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// canonText has one form of line break and no blanks at the end, which
// Salesforce does not store.
func canonText(raw string) string {
	if strings.IndexByte(raw, '\r') >= 0 {
		raw = lineBreaks.Replace(raw)
	}
	return strings.TrimRight(raw, " \t\n")
}

// storable drops what neither side can keep: broken UTF-8 becomes U+FFFD, and the
// characters that XML 1.0 (section 2.2) forbids, which both vendors' stacks
// refuse or lose, are taken out. ok says that nothing had to change.
func storable(v string) (clean string, ok bool) {
	clean = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(v, "\uFFFD"))
	return clean, clean == v
}

func characters(v string) int { return utf8.RuneCountInString(v) }

// DomainOf is the host name in a URL, an e-mail's domain part or a bare domain:
// lower case, international names in their ASCII form, without scheme, user,
// port, path, "www." and a dot at the end. ok is false where there is none.
func DomainOf(v string) (domain string, ok bool) {
	v = strings.ToLower(strings.TrimSpace(v))
	if _, rest, found := strings.Cut(v, "://"); found {
		v = rest
	}
	v = strings.TrimPrefix(v, "//")
	v, _, _ = strings.Cut(v, "#")
	v, _, _ = strings.Cut(v, "?")
	v, _, _ = strings.Cut(v, "/")
	if i := strings.LastIndexByte(v, '@'); i >= 0 {
		v = v[i+1:]
	}
	v, _, _ = strings.Cut(v, ":")
	v = strings.TrimPrefix(strings.TrimSuffix(v, "."), "www.")
	ascii, err := idna.Lookup.ToASCII(v)
	if err != nil || !hostName(ascii) {
		return "", false
	}
	return ascii, true
}

// hostName wants at least two labels, since a word alone is no domain, and no
// address.
func hostName(v string) bool {
	if _, err := netip.ParseAddr(v); err == nil || len(v) > 253 {
		return false
	}
	labels := strings.Split(v, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.ContainsAny(l, " _,;!\"'()<>") {
			return false
		}
	}
	return len(labels) > 1
}

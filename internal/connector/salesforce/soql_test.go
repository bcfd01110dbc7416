package salesforce

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// unquote reads a SOQL literal by the escapes of the SOQL reference. It fails
// on a quote that ends the literal early and on any escape that is none.
func unquote(lit string) (string, bool) {
	body, ok := strings.CutPrefix(lit, "'")
	if body, ok2 := strings.CutSuffix(body, "'"); ok && ok2 {
		var b strings.Builder
		for i := 0; i < len(body); i++ {
			switch body[i] {
			case '\'', '\n', '\r':
				return "", false
			case '\\':
				n := strings.IndexByte(`nrtbf"'\_%u`, body[min(i+1, len(body)-1)])
				if i++; n < 0 || i == len(body) {
					return "", false
				}
				if body[i] != 'u' {
					b.WriteByte("\n\r\t\b\f\"'\\_%"[n])
					continue
				}
				code, err := strconv.ParseUint(body[i+1:i+5], 16, 32)
				if err != nil {
					return "", false
				}
				b.WriteRune(rune(code))
				i += 4
			default:
				b.WriteByte(body[i])
			}
		}
		return b.String(), true
	}
	return "", false
}

func TestQuoteRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("'\\\"%_ua0\n\r\t\x00\x7f)(OR é'🙂")))).Draw(t, "value")
		got, ok := unquote(quote(s))
		if !ok || got != s {
			t.Fatalf("quote(%q) = %s reads back as %q, %v", s, quote(s), got, ok)
		}
	})
}

func TestSOQLQueryRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "statement")
		got, err := url.ParseQuery(soqlQuery(s))
		if err != nil || got.Get("q") != s {
			t.Fatalf("statement %q arrives as %q, %v", s, got.Get("q"), err)
		}
	})
}

func TestChunksFitTheURI(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.StringN(1, 60, -1), 1, 1500).Draw(t, "values")
		overhead := len(soqlQuery("SELECT Id FROM Account WHERE Name IN ()")) + 200
		var all []string
		for _, chunk := range inChunks(values, overhead) {
			if len(chunk) == 0 {
				t.Fatal("an empty chunk")
			}
			all = append(all, chunk...)
			if n := len(soqlQuery("SELECT Id FROM Account WHERE Name IN (" + quoteAll(chunk) + ")")); n > maxURI {
				t.Fatalf("a chunk of %d values makes a query of %d bytes", len(chunk), n)
			}
		}
		if strings.Join(all, "\x00") != strings.Join(values, "\x00") {
			t.Fatal("chunks lost or moved values")
		}
	})
}

func TestID18(t *testing.T) {
	for _, full := range strings.Fields("0015f00002JUXA8AAP 0035f00002EztxDAAR 0065f00000UloqVAAR 001ZL000001QS6mYAG 003ZL000001EDrPYAW 001D000000K0fXOIAZ a00D0000008pQR5IAM 750R0000000zlh9IAA") {
		if got := ID18(full[:15]); got != full {
			t.Errorf("ID18(%s) = %s, want %s", full[:15], got, full)
		}
		if got := ID18(full); got != full {
			t.Errorf("ID18(%s) = %s", full, got)
		}
		if got := ID18(strings.ToLower(full)); got == full || got != "" && got[:15] != strings.ToLower(full[:15]) {
			t.Errorf("ID18 of the lower-case %s = %q", full, got)
		}
	}
	for _, bad := range []string{"", "001", "0015f00002JUXA8AAB", "0015f00002JUX'8", "0015f00002JUXA8AAPx", "0015f00002JUXA é"} {
		if got := ID18(bad); got != "" {
			t.Errorf("ID18(%q) = %q, want none", bad, got)
		}
	}
}

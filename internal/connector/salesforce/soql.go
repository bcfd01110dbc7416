package salesforce

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/internal/core"
)

// systemFields are read with every record: they make its Ref and its stamps.
var systemFields = []string{"Id", "SystemModstamp", "CreatedDate", "LastModifiedById"}

// deletedFields are read with rows of the recycle bin; MasterRecordId exists
// only on objects that can be merged.
var deletedFields = []string{"IsDeleted", "MasterRecordId"}

// withSystem is the field list of a query: the wanted fields and ours, each
// once, the system fields first.
func withSystem(fields []string, extra ...string) []string {
	var out []string
	seen := map[string]bool{}
	for _, list := range [][]string{systemFields, extra, fields} {
		for _, f := range list {
			if key := strings.ToLower(f); !seen[key] {
				seen[key] = true
				out = append(out, f)
			}
		}
	}
	return out
}

// quote makes a SOQL string literal of any text. Quote, backslash and control
// characters are escaped; nothing else has a meaning inside a literal of = and
// IN. (SOQL and SOSL reference, "Quoted String Escape Sequences".)
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			b.WriteString(`\u` + hex4(r))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

func hex4(r rune) string {
	h := strconv.FormatInt(int64(r), 16)
	return strings.Repeat("0", 4-len(h)) + h
}

func quoteAll(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = quote(v)
	}
	return strings.Join(out, ",")
}

// soqlTime is a datetime literal in UTC, to the second.
func soqlTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// selectFrom is a statement without its order and limit.
func selectFrom(object core.Object, fields []string, where string) string {
	q := "SELECT " + strings.Join(fields, ",") + " FROM " + string(object)
	if where != "" {
		q += " WHERE " + where
	}
	return q
}

// unescaped undoes what url.QueryEscape does to characters that a query may
// hold as they are; it keeps long field and id lists within the URI limit.
var unescaped = strings.NewReplacer("%2C", ",", "%27", "'", "%28", "(", "%29", ")", "%3A", ":")

func soqlQuery(soql string) string { return "q=" + unescaped.Replace(url.QueryEscape(soql)) }

// inChunks splits values so that each statement that holds one chunk fits the
// URI limit and the row limit of a page.
func inChunks(values []string, overhead int) [][]string {
	var out [][]string
	start, size := 0, overhead
	for i, v := range values {
		n := len(soqlQuery(quote(v))) - len("q=") + 1
		if i > start && (size+n > maxURI || i-start == maxRetrieve) {
			out = append(out, values[start:i])
			start, size = i, overhead
		}
		size += n
	}
	if start < len(values) {
		out = append(out, values[start:])
	}
	return out
}

// distinct drops blanks and repetitions, keeping the order.
func distinct(values []string) []string {
	var out []string
	seen := make(map[string]bool, len(values))
	for _, v := range values {
		if v != "" && !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// without is the list less the hidden names, whatever their case.
func without(fields []string, hidden map[string]bool) []string {
	return slices.DeleteFunc(slices.Clone(fields), func(f string) bool { return hidden[strings.ToLower(f)] })
}

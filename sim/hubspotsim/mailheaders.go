package hubspotsim

import (
	"encoding/json"
	"strings"
)

// mailHeader reads a part of the headers of a logged e-mail, a JSON text with
// one sender and a list of recipients. Several recipients are joined by a semicolon.
func mailHeader(end, part string) func(view) string {
	return func(w view) string {
		var headers map[string]json.RawMessage
		if json.Unmarshal([]byte(w.get("hs_email_headers")), &headers) != nil {
			return ""
		}
		var list []map[string]any
		if json.Unmarshal(headers[end], &list) != nil {
			var one map[string]any
			if json.Unmarshal(headers[end], &one) != nil {
				return ""
			}
			list = append(list, one)
		}
		var out []string
		for _, person := range list {
			if text, given := person[part].(string); given && text != "" {
				out = append(out, text)
			}
		}
		return strings.Join(out, ";")
	}
}

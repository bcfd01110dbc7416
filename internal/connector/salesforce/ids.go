package salesforce

import "tandem/internal/core"

// ID18 is the 18-character form of a 15- or 18-character id, or "" when the
// text is no id: wrong length, foreign characters, or a checksum that does not
// fit because the case was changed. (SOAP API guide, "ID Field Type".)
func ID18(id string) string {
	full, ok := core.SalesforceID(id)
	if !ok {
		return ""
	}
	return full
}

package mapping

import (
	"strings"
	"testing"

	"tandem/internal/core"
)

// What a side would read as another value is not written, and what was cleaned is not
// cleaned again.
func TestD9_I18_NumbersThatASideReadsAsOthersAreRefused(t *testing.T) {
	f := pair(t, sfDef("N", "double"), hsDef("n", "number", "number"))
	for in, refused := range map[string]bool{"999999999999999999": false, "-999999999999999999": false, "0.1": false, "4118446744073709551616": true, "184467440737095516160": true} {
		if _, issue := f.ToSide(core.HubSpot, f.Canon(core.Salesforce, in)); (issue != nil && issue.Refused) != refused {
			t.Errorf("%s: %+v", in, issue)
		}
	}
	mail := pair(t, sfDef("E", "email"), hsDef("email", "string", "text"))
	once, _ := mail.ToSide(core.HubSpot, mail.Canon(core.Salesforce, "\x00\tada@edge.com"))
	if once != strings.TrimSpace(once) {
		t.Errorf("a cleaned address is %q", once)
	}
}

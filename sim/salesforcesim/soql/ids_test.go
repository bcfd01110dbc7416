package soql

import (
	"strings"
	"testing"
)

// The ids are printed in Salesforce's documents.
func TestFullID(t *testing.T) {
	for _, want := range strings.Fields("0015f00002JUXA8AAP 0035f00002EztxDAAR 0065f00000UloqVAAR 001ZL000001QS6mYAG 001D000000K0fXOIAZ a00D0000008pQR5IAM 750R0000000zlh9IAA") {
		if got, ok := fullID(want[:15]); !ok || got != want {
			t.Errorf("%s becomes %s, %v", want[:15], got, ok)
		}
		if got, ok := fullID(want); !ok || got != want {
			t.Errorf("%s becomes %s, %v", want, got, ok)
		}
		if _, ok := fullID(strings.ToLower(want)); ok {
			t.Errorf("%s in lower case is accepted", want)
		}
	}
	for _, bad := range []string{"", "001", "0015f00002JUXA8AAPX", "0015f00002JUX-8", "0015f00002JUXA8ZZZ"} {
		if _, ok := fullID(bad); ok {
			t.Errorf("%q is accepted", bad)
		}
	}
}

package engine

import "testing"

func TestCON6_WhichAddressesAreWellFormed(t *testing.T) {
	for address, want := range map[string]bool{
		"a@x.com": true, "Ann.O'Neil+news@sub.acme-europe.example": true, "jürgen@müller.example": true, "a&b@x.com": true,
		"b.levy@expressl&t.net": false, "a@x": false, "a@@x.com": false, "a..b@x.com": false, ".a@x.com": false, "ann": false, "a b@x.com": false, "a@-x.com": false, "": false,
	} {
		if got := wellFormed.MatchString(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}

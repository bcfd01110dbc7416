package notify

import "testing"

const (
	docSecret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
	docURI    = "https://www.example.com/webhook_uri"
)

// The vectors are those of HubSpot's "Validating requests", the ones of version
// 2 and 3 as its official client computes them.
func TestSignatureVectors(t *testing.T) {
	sample := `[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":` +
		`"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]`
	single, double := `{'example_field':'example_value'}`, `{"example_field":"example_value"}`
	v3 := func(body string, timestamp int64) string {
		return SignatureV3(docSecret, "POST", docURI, []byte(body), timestamp)
	}
	for _, c := range []struct{ name, got, want string }{
		{"v1", SignatureV1(docSecret, []byte(sample)), "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"},
		{"v2 GET", SignatureV2(docSecret, "GET", docURI, nil), "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"},
		{"v2 POST", SignatureV2(docSecret, "POST", docURI, []byte(double)), "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900"},
		{"v3", v3(single, 1693657560000), "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="},
		{"v3 later", v3(single, 1700000300000), "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="},
		{"v3 double quotes", v3(double, 1693657560000), "oaA3M5dEtt6kFsseJD/Hv/x+JNl1vsoxFj4oxmwP6Go="},
	} {
		if c.got != c.want {
			t.Errorf("%s signature is %s, want %s", c.name, c.got, c.want)
		}
	}
}

func TestNormalizeURI(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"https://e.org/a?b=c", "https://e.org/a?b=c"},
		{"/%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B", "/:/?@!$'()*,;"},
		{"/%3a%2f%3f%2a%2c%3b?x=%3A", "/:/?*,;?x=:"},
		{"/%20%25%26%2B%3D%23%5B", "/%20%25%26%2B%3D%23%5B"},
		{"/%253A", "/%253A"},
	} {
		if got := NormalizeURI(c.in); got != c.want {
			t.Errorf("NormalizeURI(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if SignatureV3("s", "GET", "https://e.org/a%3Ab", nil, 1) != SignatureV3("s", "GET", "https://e.org/a:b", nil, 1) {
		t.Error("the signature is made of the URI as it was sent, not of the normalised one")
	}
}

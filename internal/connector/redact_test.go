package connector

import "testing"

func TestRedact(t *testing.T) {
	cases := []struct{ text, want string }{
		{"echo: Bearer 00Dxx!secret-token", "echo: Bearer ********"},
		{"twice 00Dxx!secret-token and other-secret", "twice ******** and ********"},
		{"nothing of ours", "nothing of ours"},
		{"ab stays", "ab stays"},
	}
	for _, c := range cases {
		if got := string(Redact([]byte(c.text), "00Dxx!secret-token", "other-secret", "ab", "")); got != c.want {
			t.Errorf("Redact(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

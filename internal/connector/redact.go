package connector

import "bytes"

// shortest is the length below which a text is no secret worth hiding: replacing
// it would garble messages.
const shortest = 8

// Redact is a side's text without the secrets of ours that it echoes. Servers,
// and more so proxies before them, quote requests in error pages; their words go
// into messages, logs and the journal.
func Redact(text []byte, secrets ...string) []byte {
	for _, s := range secrets {
		if len(s) >= shortest && bytes.Contains(text, []byte(s)) {
			text = bytes.ReplaceAll(text, []byte(s), []byte("********"))
		}
	}
	return text
}

package pubsub

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// diffLength is the length in characters from which a changed text is sent as a difference (Change Data Capture guide,
// "Sending Data Differences for Fields of Updated Records").
const diffLength = 1000

// unifiedDiff renders the change of a text as one hunk without context, after the digest of the new text.
func unifiedDiff(before, after string) string {
	old, now := lines(before), lines(after)
	head := 0
	for head < min(len(old), len(now)) && old[head] == now[head] {
		head++
	}
	tail := 0
	for tail < min(len(old), len(now))-head && old[len(old)-1-tail] == now[len(now)-1-tail] {
		tail++
	}
	old, now = old[head:len(old)-tail], now[head:len(now)-tail]
	var b strings.Builder
	fmt.Fprintf(&b, "--- \n+++ %x\n@@ -%s +%s @@\n", sha256.Sum256([]byte(after)), hunkRange(head, len(old)), hunkRange(head, len(now)))
	for _, l := range old {
		b.WriteString("-" + l + "\n")
	}
	for _, l := range now {
		b.WriteString("+" + l + "\n")
	}
	return b.String()
}

func lines(s string) []string { return strings.Split(s, "\n") }

// hunkRange is the first line, from 1, and the number of lines; an empty range names the line before it.
func hunkRange(start, count int) string {
	if count > 0 {
		start++
	}
	return fmt.Sprintf("%d,%d", start, count)
}

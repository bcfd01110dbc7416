package console

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// count is a number with the right noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// countless is the word that goes with a number, without it.
func countless(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// number writes thousands apart.
func number(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return text
}

// numberOr is a number that is known, and words for one that is not.
func numberOr(n int, known bool, words string) string {
	if known {
		return number(n)
	}
	return words
}

// about is a number without the digits that a guess does not know, so that a page that is
// kept fresh stays calm.
func about(n int) string {
	step := 10
	for n/step >= 100 {
		step *= 10
	}
	return number((n + step/2) / step * step)
}

// ago is how long before now a moment was, in one unit.
func ago(now, at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	d := now.Sub(at)
	switch {
	case d < 0:
		return "in " + span(-d)
	case d < 10*time.Second:
		return "just now"
	}
	return span(d) + " ago"
}

// span is a length of time in one unit, rounded down; below a minute in steps of ten
// seconds, so that a page that is kept fresh stays calm.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d/(10*time.Second))*10)
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d/time.Minute))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d/time.Hour))
	}
	return fmt.Sprintf("%d days", int(d/(24*time.Hour)))
}

// lagWords are a length of time that somebody waits, calm below ten seconds.
func lagWords(d time.Duration) string {
	if d < 10*time.Second {
		return "seconds"
	}
	return span(d)
}

// moment is a time as it is written out; its zone is said.
func moment(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }

// pairWords are what the records of a pair are called on both sides.
func pairWords(p core.Pair) string {
	switch p {
	case core.CompanyPair:
		return "Companies and accounts"
	case core.ContactPair:
		return "Contacts and leads"
	case core.DealPair:
		return "Deals and opportunities"
	case core.TicketPair:
		return "Tickets and cases"
	case core.ActivityPair:
		return "Activities"
	case core.ProductPair:
		return "Products"
	case core.LineItemPair:
		return "Line items"
	}
	return string(p)
}

// feedWords say how a side's changes are learnt.
func feedWords(feed string) string {
	switch feed {
	case "cdc":
		return "change events, within seconds"
	case "journal":
		return "webhook journal, within seconds"
	case "webhooks":
		return "webhooks, within seconds"
	}
	return "regular polls"
}

// callsWords say how many calls were made of those that are allowed.
func callsWords(u connector.Usage) string {
	if u.Limit > 0 {
		return number(u.Ours) + " of " + number(u.Limit) + " allotted"
	}
	return number(u.Ours)
}

// browserWords name a browser by what it calls itself.
func browserWords(agent string) string {
	for _, b := range [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if strings.Contains(agent, b[0]) {
			return b[1] + systemWords(agent)
		}
	}
	if agent == "" {
		return "a browser"
	}
	return agent[:min(len(agent), 40)]
}

func systemWords(agent string) string {
	for _, s := range [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, s[0]) {
			return " on " + s[1]
		}
	}
	return ""
}

// capital begins a sentence.
func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

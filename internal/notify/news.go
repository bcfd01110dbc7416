package notify

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tandem/internal/core"
)

// Kind says what a piece of news is about.
type Kind string

// Kinds.
const (
	KindBrake     Kind = "brake"      // a person has to look before work goes on
	KindSuspended Kind = "suspended"  // something has to be mended before work goes on
	KindSignIn    Kind = "sign_in"    // a side refuses the sign-in, or rights that all needs
	KindHeld      Kind = "held_back"  // objects that are switched on and do not sync
	KindBehind    Kind = "behind"     // the sync stands still
	KindRunFailed Kind = "run_failed" // an import, a back-fill or the like has ended early
	KindIssues    Kind = "issues"     // records or fields that could not be synced
	KindTest      Kind = "test"
)

// News is one thing that people are told. What is blank does not belong to its kind.
type News struct {
	Connection string        `json:"connection,omitempty"`
	Kind       Kind          `json:"kind"`
	Over       bool          `json:"over,omitempty"` // it was told before, and has ended
	Brake      string        `json:"brake,omitempty"`
	Object     string        `json:"object,omitempty"`
	Category   core.Category `json:"category,omitempty"`
	New        int           `json:"new,omitempty"`  // issues that were opened since the last time
	Open       int           `json:"open,omitempty"` // all open issues of the category
	Run        int64         `json:"run,omitempty"`
	Message    string        `json:"message"`
	Mend       string        `json:"mend,omitempty"` // what to do
}

// Message is what people get at once, of all connections.
type Message struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Console string    `json:"console,omitempty"` // its address
	News    []News    `json:"news"`
}

// Subject is one line that says the most urgent of it.
func (m *Message) Subject() string {
	first := m.News[0]
	name := orElse(first.Connection, "notifications")
	if len(m.News) == 1 {
		return "Tandem, " + name + ": " + firstSentence(first.Message)
	}
	return fmt.Sprintf("Tandem, %s: %s, and %d more", name, firstSentence(first.Message), len(m.News)-1)
}

// Text is all of it as a person reads it.
func (m *Message) Text() string {
	var b strings.Builder
	last := ""
	for _, n := range m.News {
		if n.Connection != last {
			last = n.Connection
			fmt.Fprintf(&b, "Connection %s\n\n", n.Connection)
		}
		fmt.Fprintf(&b, "- %s\n", n.Message)
		if n.Mend != "" {
			fmt.Fprintf(&b, "  What to do: %s.\n", n.Mend)
		}
	}
	if m.Console != "" {
		fmt.Fprintf(&b, "\nThe console: %s\n", m.Console)
	}
	b.WriteString("\nYou get this because the settings of Tandem name your address under notify.\n")
	return b.String()
}

// Says is what a stored message tells, on one line.
func Says(body []byte) string {
	var m Message
	if json.Unmarshal(body, &m) != nil {
		return ""
	}
	var parts []string
	for _, n := range m.News {
		parts = append(parts, strings.TrimPrefix(n.Connection+": "+n.Message, ": "))
	}
	return strings.Join(parts, "; ")
}

func firstSentence(s string) string {
	before, _, _ := strings.Cut(s, ". ")
	return strings.TrimSuffix(before, ".")
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

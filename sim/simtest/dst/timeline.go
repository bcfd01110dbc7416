package dst

import (
	"fmt"
	"io"
)

// width is that of a column of the time line.
const width = 62

// Print writes a run as a time line: users and the engine on the left, what the engine
// asks of Salesforce and of HubSpot in columns of their own.
func (res Result) Print(out io.Writer) {
	_, _ = fmt.Fprintf(out, "%12s  %-*s  %-*s  %s\n", "time", width, "users and engine", width, "Salesforce", "HubSpot")
	for _, l := range res.Lines {
		l.print(out)
	}
	for _, b := range res.Broken {
		_, _ = fmt.Fprintln(out, "BROKEN", b)
	}
	if res.Open != "" {
		_, _ = fmt.Fprintln(out, "OPEN", res.Open)
	}
}

func (l Line) print(out io.Writer) {
	text := l.Text
	if l.Fault != "" {
		text = "[" + l.Fault + "] " + text
	}
	column := map[string]int{"salesforce": 1, "hubspot": 2}[l.Side]
	_, _ = fmt.Fprintf(out, "%12s  %*s%s\n", l.At, column*(width+2), "", text)
}

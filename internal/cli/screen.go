package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// screen writes for people: tables on out, progress on err. It knows which of
// the two is a terminal.
type screen struct {
	out, err       io.Writer
	outTTY, errTTY bool

	mu   sync.Mutex
	bar  *progressbar.ProgressBar
	last time.Time // of the last plain progress line
}

func newScreen(out, err io.Writer) *screen {
	return &screen{out: out, err: err, outTTY: isTerminal(out), errTTY: isTerminal(err)}
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// table prints rows under headers: ruled on a terminal, plain columns otherwise.
func (s *screen) table(headers []string, rows [][]string) {
	for _, r := range rows {
		for i := range r {
			r[i] = printable(r[i])
		}
	}
	if !s.outTTY {
		s.columns(headers, rows)
		return
	}
	head := lipgloss.NewStyle().Bold(true).Padding(0, 1)
	cell := lipgloss.NewStyle().Padding(0, 1)
	t := table.New().Headers(headers...).Rows(rows...).Border(lipgloss.NormalBorder()).BorderRow(false).Wrap(true).
		StyleFunc(func(row, _ int) lipgloss.Style {
			if row == table.HeaderRow {
				return head
			}
			return cell
		})
	if width, _, err := term.GetSize(int(s.out.(*os.File).Fd())); err == nil && lipgloss.Width(t.Render()) > width {
		t = t.Width(width)
	}
	fmt.Fprintln(s.out, t.Render())
}

// columns prints aligned columns two blanks apart.
func (s *screen) columns(headers []string, rows [][]string) {
	widths := make([]int, len(headers))
	for _, r := range append([][]string{headers}, rows...) {
		for i, c := range r {
			widths[i] = max(widths[i], lipgloss.Width(c))
		}
	}
	for _, r := range append([][]string{headers}, rows...) {
		var b strings.Builder
		for i, c := range r {
			b.WriteString(c + strings.Repeat(" ", widths[i]-lipgloss.Width(c)+2))
		}
		fmt.Fprintln(s.out, strings.TrimRight(b.String(), " "))
	}
}

// printable takes away what would move a terminal's cursor: names of records
// come from strangers. Nor may a name turn the text around it the other way.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, s)
}

// plainEvery is the least time between two progress lines in a log.
const plainEvery = 5 * time.Second

// progress shows how far long work has come: a bar on a terminal, now and then a
// line in a log. total 0 means that it is not known yet.
func (s *screen) progress(now time.Time, done, total int64, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.errTTY {
		s.drawBar(done, total, text)
		return
	}
	if !s.last.IsZero() && now.Sub(s.last) < plainEvery {
		return
	}
	s.last = now
	fmt.Fprintf(s.err, "%s  %d of %d  %s\n", now.Format("15:04:05"), done, total, text)
}

func (s *screen) drawBar(done, total int64, text string) {
	if s.bar == nil {
		s.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(s.err), progressbar.OptionShowIts(), progressbar.OptionShowCount(),
			progressbar.OptionSetItsString("records"), progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(24),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	if total > s.bar.GetMax64() {
		s.bar.ChangeMax64(total)
	}
	s.bar.Describe(text)
	_ = s.bar.Set64(min(done, s.bar.GetMax64()))
}

// clear takes the bar away, so that a result can be printed.
func (s *screen) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bar != nil {
		_ = s.bar.Clear()
		s.bar = nil
	}
}

// logger writes log lines between redraws of the bar.
func (s *screen) logger() io.Writer { return logWriter{s} }

type logWriter struct{ s *screen }

func (w logWriter) Write(p []byte) (int, error) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if w.s.bar != nil {
		_ = w.s.bar.Clear()
	}
	return w.s.err.Write(p)
}

// printf writes text for people.
func (a *app) printf(format string, args ...any) {
	a.printed.clear()
	fmt.Fprintf(a.Out, format, args...)
}

// printJSON writes one line for programs.
func (a *app) printJSON(v any) error {
	a.printed.clear()
	e := json.NewEncoder(a.Out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// note writes a remark for people that is no result.
func (a *app) note(format string, args ...any) {
	a.printed.clear()
	fmt.Fprintf(a.Err, format+"\n", args...)
}

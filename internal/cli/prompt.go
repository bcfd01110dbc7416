package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// prompt asks for a line on the terminal. It gives up when ctx ends: who presses
// Ctrl-C at a question wants to leave.
func (a *app) prompt(ctx context.Context, question string) (string, error) {
	fmt.Fprint(a.Err, question)
	if a.lines == nil {
		a.lines = bufio.NewReader(a.In)
	}
	type answer struct {
		line string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		line, err := a.lines.ReadString('\n')
		got <- answer{strings.TrimSpace(line), err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.Err)
		return "", ctx.Err()
	case g := <-got:
		if errors.Is(g.err, io.EOF) && g.line != "" {
			g.err = nil // the last line of a file need not end
		}
		return g.line, g.err
	}
}

// confirm asks on a terminal; without one the answer is no.
func (a *app) confirm(ctx context.Context, question string) (bool, error) {
	if !a.asks() {
		return false, nil
	}
	answer, err := a.prompt(ctx, question+" [y/N] ")
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", err
}

// asks reports that somebody is there to answer.
func (a *app) asks() bool { return a.interactive || isTerminal(a.In) }

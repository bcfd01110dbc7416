package cli

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func asking(in io.Reader) *app {
	return &app{Streams: Streams{In: in, Out: io.Discard, Err: io.Discard}, interactive: true, printed: newScreen(io.Discard, io.Discard)}
}

func TestConfirmTakesYesAlone(t *testing.T) {
	for in, want := range map[string]bool{"y\n": true, "YES\n": true, "n\n": false, "\n": false, "": false, "yes": true, "perhaps\n": false} {
		if got, err := asking(strings.NewReader(in)).confirm(t.Context(), "Sure?"); got != want || err != nil {
			t.Errorf("%q means %v, %v", in, got, err)
		}
	}
	quiet := asking(strings.NewReader("y\n"))
	quiet.interactive = false
	if got, _ := quiet.confirm(t.Context(), "Sure?"); got {
		t.Error("without a terminal the answer is yes")
	}
}

func TestCtrlCAtAQuestionLeaves(t *testing.T) {
	in, keep := io.Pipe() // nobody ever answers
	defer keep.Close()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := asking(in).confirm(ctx, "Sure?"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestSeveralQuestionsReadOneInput(t *testing.T) {
	a := asking(strings.NewReader("first\nsecond\n"))
	for _, want := range []string{"first", "second"} {
		if got, err := a.prompt(t.Context(), "?"); got != want || err != nil {
			t.Errorf("answer %q, %v, want %q", got, err, want)
		}
	}
}

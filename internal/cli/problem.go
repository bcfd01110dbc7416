package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/mail"
	"tandem/internal/notify"
	"tandem/internal/store"
)

// Exit codes.
const (
	exitDone        = 0
	exitNot         = 1 // not converged, red, refused
	exitUsage       = 2
	exitUnreachable = 3
)

// Codes of errors that begin here; the engine's, the store's and the vendors'
// pass through.
const (
	codeUsage       = "usage"
	codeSettings    = "settings"
	codeInterrupted = "interrupted"
	codeFailed      = "failed"
	codeRefused     = "refused"
	codeStore       = "store"
)

// problem is an error as a person or a program gets to see it. It crosses from
// the engine's process to the one that asked as JSON.
type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Mend    string `json:"mend,omitempty"`
	exit    int
	silent  bool // the output has said it already
}

func (p *problem) Error() string { return p.Message }

func usage(message, mend string) error {
	return &problem{Code: codeUsage, Message: message, Mend: mend, exit: exitUsage}
}

func refused(message, mend string) error {
	return &problem{Code: codeRefused, Message: message, Mend: mend, exit: exitNot}
}

// notDone sets exit code 1 where the output says why.
func notDone() error { return &problem{exit: exitNot, silent: true} }

// problemOf turns any error into one with code, mend and exit code.
func problemOf(err error) *problem {
	var own *problem
	var eng *engine.Error
	var con *connector.Error
	var st *store.Error
	var post *mail.Error
	var hook *notify.Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &con):
		return ofSide(con)
	case errors.As(err, &eng):
		return &problem{Code: eng.Code, Message: eng.Message, Mend: eng.Mend, exit: exitNot}
	case errors.As(err, &post):
		return &problem{Code: post.Code, Message: post.Error(), Mend: post.Mend, exit: exitNot}
	case errors.As(err, &hook):
		return &problem{Code: hook.Code, Message: hook.Message, Mend: hook.Mend, exit: exitNot}
	case errors.As(err, &st):
		return &problem{Code: codeStore + "_" + string(st.Code), Message: err.Error(), exit: exitNot}
	}
	return &problem{Code: codeFailed, Message: err.Error(), exit: exitNot}
}

// ofSide is a side's error: when it is not about single records, the side counts
// as not reached.
func ofSide(e *connector.Error) *problem {
	p := &problem{Code: e.Code, Message: fmt.Sprintf("%s: %s (%s)", e.Side.Label(), e.Message, e.Code), Mend: e.Mend, exit: exitNot}
	switch e.Class {
	case core.ClassAuth:
		p.exit = exitUnreachable
		p.Mend = orElse(p.Mend, "check the credentials of "+e.Side.Label()+" in the settings; tandem check says what they lack")
	case core.ClassTransient, core.ClassQuota:
		p.exit = exitUnreachable
		p.Mend = orElse(p.Mend, "try again later; nothing is lost")
	}
	return p
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// report prints an error and gives its exit code.
func (a *app) report(ctx context.Context, err error) int {
	p := problemOf(err)
	var own *problem
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		p = &problem{Code: codeInterrupted, Message: "stopped before the end", Mend: "the next start goes on from here", exit: exitNot}
	case !a.began && !errors.As(err, &own):
		p = &problem{Code: codeUsage, Message: flagWords(firstLine(err.Error())), Mend: "see tandem --help", exit: exitUsage}
	}
	if p.silent {
		return p.exit
	}
	if a.json {
		line, _ := json.Marshal(map[string]*problem{"error": p})
		fmt.Fprintln(a.Err, string(line))
		return p.exit
	}
	text := "tandem: " + strings.TrimSpace(p.Message)
	if p.Mend != "" {
		text += "\n        " + p.Mend
	}
	fmt.Fprintln(a.Err, printableText(text)) // a side may have worded it
	return p.exit
}

// exclusive is how the flag library says that two of a group of flags were given.
var exclusive = regexp.MustCompile(`^if any flags in the group \[.*\] are set none of the others can be; \[(\S+) (\S+)\] were all set$`)

// flagWords say in words which flags exclude each other.
func flagWords(s string) string {
	return exclusive.ReplaceAllString(s, "--$1 and --$2 cannot be given together")
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// packed is a problem as a stored command carries it back.
type packed struct {
	problem
	Exit int `json:"exit"`
}

func (p *problem) pack() string {
	text, _ := json.Marshal(packed{*p, p.exit})
	return string(text)
}

func unpack(text string) *problem {
	var p packed
	if json.Unmarshal([]byte(text), &p) != nil {
		return &problem{Code: codeFailed, Message: text, exit: exitNot}
	}
	p.problem.exit = p.Exit
	return &p.problem
}
